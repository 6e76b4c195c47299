"""The rule every part of a protocol obeys: fixed once made, no unknown words, finite numbers, plain errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from afterglow.errors import ProtocolError
from afterglow.protocol.files.mistakes import mistakes

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)

__all__ = ["Part"]


class _Plainly(ModelMetaclass):
    """Says in one sentence why a part could not be made, where pydantic would print a table."""

    def __call__(self, *args: Any, **fields: Any) -> Any:
        try:
            return super().__call__(*args, **fields)
        except ValidationError as error:
            raise mistakes(error, self)[0] from None  # type: ignore[arg-type]


class Part(BaseModel, metaclass=_Plainly):
    """A part of a protocol: frozen, with no unknown keys and only finite numbers.

    Raises
    ------
    ProtocolError
        With the first mistake and its place; `parse` gives them all.
    """

    words_beside: ClassVar[tuple[str, ...]] = ()
    """Words that may stand beside its fields in a file and are read by others; a misspelt one is named by them."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)

    @classmethod
    def parse(cls, data: Any) -> tuple[Self | None, list[ProtocolError]]:
        """Make a part from plain data; return it, or None and everything that is wrong."""
        try:
            return cls.__pydantic_validator__.validate_python(data), []
        except ValidationError as error:
            return None, mistakes(error, cls)

    @classmethod
    def made(cls, data: Any) -> Self:
        """Make a part from plain data.

        Raises
        ------
        ProtocolError
            With the first mistake.
        """
        part, wrong = cls.parse(data)
        if part is None:
            raise wrong[0]
        return part
