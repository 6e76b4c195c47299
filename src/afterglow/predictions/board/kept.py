"""The board's predictions as they come with the package, so that a page shows them without thirty runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from afterglow.errors import FileError
from afterglow.files import write_text_atomically
from afterglow.posterior import fingerprint
from afterglow.predictions.board.quantities import Predicted
from afterglow.predictions.board.stylised import read_facts
from afterglow.predictions.board.verdict import DRAWS, PEOPLE, Verdict, passes
from afterglow.version import __version__

__all__ = ["BOARD_FILE", "Board", "kept_board", "read_board", "write_board"]

BOARD_FILE = "predicted.json"
"""Name of the file, beside the facts."""

_AGAIN = "run docs/reference/generate_facts_board.py again"


@dataclass(frozen=True)
class Board:
    """Every fact beside what was predicted of it, and what predicted it.

    Parameters
    ----------
    version, model : str
        Of Afterglow, and the fingerprint of equations and constants.
    draws, people : int
        Of the parameters, and in each arm.
    verdicts : tuple of Verdict
        In the order of the facts.
    """

    version: str
    model: str
    draws: int
    people: int
    verdicts: tuple[Verdict, ...]


def write_board(found: Sequence[Verdict], path: str | Path) -> Path:
    """Keep what `verdicts` predicted, with six digits of each number; whole or not at all.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    held = {
        "version": __version__,
        "model": fingerprint(),
        "draws": DRAWS,
        "people": PEOPLE,
        "predicted": {one.fact.id: _told(one) for one in found},
    }
    return write_text_atomically(path, json.dumps(held, indent=1, allow_nan=False, ensure_ascii=False) + "\n")


def _told(one: Verdict) -> dict[str, Any]:
    if one.predicted is None:
        return {"why": one.why}
    return {name: float(f"{value:.6g}") for name, value in asdict(one.predicted).items()}


def read_board(path: str | Path) -> Board:
    """Read what `write_board` kept; each fact is judged again.

    Raises
    ------
    FileError
        If it cannot be read, was made for other equations or constants, or lacks a fact.
    """
    place = Path(path)
    try:
        return _parsed(json.loads(place.read_text(encoding="utf-8")), place.name)
    except (OSError, ValueError, TypeError, KeyError) as error:
        why = getattr(error, "strerror", None) or error
        raise FileError(f"'{place}' could not be read as a board ({why}); {_AGAIN}") from None


def _parsed(held: Mapping[str, Any], name: str) -> Board:
    facts = read_facts()
    if held["model"] != fingerprint():
        raise FileError(f"'{name}' was made for other equations or constants than those of this version; {_AGAIN}")
    missing = [fact.id for fact in facts if fact.id not in held["predicted"]]
    if missing:
        raise FileError(f"'{name}' says nothing of '{missing[0]}'; {_AGAIN}")
    found = []
    for fact in facts:
        told = held["predicted"][fact.id]
        if "why" in told:
            found.append(Verdict(fact, None, passed=False, why=told["why"]))
            continue
        why = passes(fact, Predicted(**told))
        found.append(Verdict(fact, Predicted(**told), passed=not why, why=why))
    return Board(held["version"], held["model"], held["draws"], held["people"], tuple(found))


@cache
def kept_board() -> Board:
    """Return what comes with the package.

    Raises
    ------
    FileError
        If it is missing, or was made for other equations or constants.
    """
    item = files("afterglow.predictions.board").joinpath(BOARD_FILE)
    if not item.is_file():
        raise FileError(f"the package holds no '{BOARD_FILE}'; {_AGAIN}")
    return _parsed(json.loads(item.read_text(encoding="utf-8")), BOARD_FILE)
