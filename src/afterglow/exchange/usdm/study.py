"""Parts of a USDM file, of which anything may be missing or of another kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from afterglow.errors import FileError
from afterglow.exchange.words import clean

__all__ = ["Row", "code_of", "decode_of", "design_of", "keys_of", "rows_of", "version_of"]

Row = Mapping[str, Any]


def rows_of(held: Any) -> list[Row]:
    """Return the instances of a list; empty where there is no list."""
    return [row for row in held if isinstance(row, Mapping)] if isinstance(held, list) else []


def keys_of(held: Any) -> list[str]:
    """Return the ids of a list; empty where there is no list."""
    return [key for key in held if isinstance(key, str)] if isinstance(held, list) else []


def version_of(data: Row) -> Row:
    """Return the first version of the study.

    Raises
    ------
    FileError
        If the file is of another version of USDM, or holds no version of a study.
    """
    said = clean(data.get("usdmVersion"))
    if said and not said.startswith("4"):
        raise FileError(f"the file is USDM {said[:20]}, and version 4 is read; convert it first")
    versions = rows_of(data["study"].get("versions"))
    if not versions and "studyDesigns" in data["study"]:
        raise FileError("the file is an older form of USDM, without versions of a study; convert it to version 4 first")
    if not versions:
        raise FileError("the USDM file has no study version, so there is nothing to read")
    return versions[0]


def design_of(data: Row) -> Row:
    """Return the first design of the study.

    Raises
    ------
    FileError
        As `version_of`, or if there is no design.
    """
    designs = rows_of(version_of(data).get("studyDesigns"))
    if not designs:
        raise FileError("the USDM file has no study design, so there are no arms to read")
    return designs[0]


def _standard(row: Any) -> Row:
    inner = row.get("standardCode", row) if isinstance(row, Mapping) else {}
    return inner if isinstance(inner, Mapping) else {}


def code_of(row: Any) -> str:
    """Return the code of a code or an alias code; empty where there is none."""
    return clean(_standard(row).get("code"))


def decode_of(row: Any) -> str:
    """Return the words of a code or an alias code; empty where there are none."""
    return clean(_standard(row).get("decode"))
