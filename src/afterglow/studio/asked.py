"""What requests have in common: no field that is not known, and no endless list of what is wrong with one."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import PydanticCustomError

__all__ = ["RISING", "Asked"]


def _rising(values: tuple[float, ...]) -> tuple[float, ...]:
    if any(later <= earlier for earlier, later in pairwise(values)):
        raise ValueError("they rise, and none stands twice")
    return values


RISING = AfterValidator(_rising)
"""Of numbers that are laid along an axis."""
_MOST_MISTAKES = 50
"""Mistakes that are listed; writing out a hundred thousand takes a second, in which nobody else is answered."""


class Asked(BaseModel):
    """A request, or a part of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="wrap")
    @classmethod
    def _listed(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(given)
        except ValidationError as error:
            if error.error_count() <= _MOST_MISTAKES:
                raise
        raise PydanticCustomError("too_many_mistakes", f"more than {_MOST_MISTAKES} things are wrong")
