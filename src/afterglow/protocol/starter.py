"""Commented protocols to start from, one a medicine."""

from __future__ import annotations

from importlib.resources import files

from afterglow.errors import ProtocolError
from afterglow.medicines import MEDICINES
from afterglow.protocol.vocabulary import known_word

__all__ = ["STARTERS", "starter"]

_RECORDS = files("afterglow.medicines")

STARTERS = tuple(name for name in MEDICINES if _RECORDS.joinpath(name, "starter.yaml").is_file())
"""Medicines that have a starter."""


def starter(medicine: str) -> str:
    """Return the commented starter protocol of a medicine, as YAML.

    Raises
    ------
    ProtocolError
        If there is none for it; the sentence names the nearest.
    """
    try:
        name = known_word(medicine, STARTERS, "medicine with a starter")
    except ValueError as error:
        raise ProtocolError(str(error)) from None
    return _RECORDS.joinpath(name, "starter.yaml").read_text(encoding="utf-8")
