"""The forecasts on record: one frozen forecast and its protocol a registered trial, as they were made."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from typing import Any

from afterglow.errors import FileError
from afterglow.predictions.frozen import read_forecast

__all__ = ["forecast_on_record", "text_on_record", "trials_on_record"]


@cache
def trials_on_record() -> tuple[str, ...]:
    """Return the registry numbers of the trials that were foretold, in alphabetical order."""
    names = (item.name for item in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


def text_on_record(number: str) -> str:
    """Return a frozen forecast as the file has it, to the letter.

    Raises
    ------
    FileError
        If that trial was not foretold.
    """
    return _item(number).read_text(encoding="utf-8")


def forecast_on_record(number: str) -> dict[str, Any]:
    """Return a frozen forecast, whole or not; `digest_of` says whether it is.

    Raises
    ------
    FileError
        If that trial was not foretold.
    """
    with as_file(_item(number)) as path:
        return read_forecast(path)


def _item(number: str) -> Traversable:
    if number not in trials_on_record():
        raise FileError(f"no forecast of '{number}' is on record; known trials: {', '.join(trials_on_record())}")
    return files(__name__).joinpath(f"{number}.json")
