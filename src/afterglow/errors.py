"""The errors a reader can act on.

AfterglowError                  something the user can put right; the CLI prints it and exits 2
├── ProtocolError               a protocol says something impossible: read `where`, use the word it suggests
│   └── ExtrapolationError      a dose above the largest reported: lower it, or allow extrapolation explicitly
├── FileError                   a file cannot be read or written: fix the path, its rights or its content
├── ParameterError              a parameter has an impossible value: give one inside its range
└── SolverError                 a participant could not be integrated: the message names the participants

Every message is one sentence that says what was wrong, what was got, what was expected, and, for a
misspelt word, the nearest valid ones.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "AfterglowError",
    "ExtrapolationError",
    "FileError",
    "ParameterError",
    "ProtocolError",
    "SolverError",
    "closest",
    "nearest",
]


class AfterglowError(Exception):
    """Something the user can put right; the message is one sentence."""


class ProtocolError(AfterglowError):
    """A protocol says something impossible; `where` is the path to it, such as ``arms[0].doses[1]``."""

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.where = where


class ExtrapolationError(ProtocolError):
    """A dose lies above the largest one that anybody reported and extrapolation was not allowed."""


class FileError(AfterglowError):
    """A file cannot be read or written."""


class ParameterError(AfterglowError):
    """A parameter has an impossible value or an unknown name."""


class SolverError(AfterglowError):
    """One or more participants could not be integrated; none is dropped silently.

    Parameters
    ----------
    message : str
        One sentence for the reader.
    participants : tuple of int
        Indices of the participants that failed.
    """

    def __init__(self, message: str, *, participants: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.participants = participants


def closest(word: str, known: Iterable[str], *, count: int = 3) -> list[str]:
    """Return the known words that are spelt nearly as `word` is, the nearest first; none where nothing is close."""
    by_lower = {option.lower(): option for option in sorted(set(known))}
    return [by_lower[c] for c in difflib.get_close_matches(str(word).lower(), by_lower, n=count, cutoff=0.6)]


def nearest(word: str, known: Iterable[str], *, count: int = 3) -> str:
    """Say which known words are nearest to `word`, as the end of an error sentence.

    Returns
    -------
    str
        ``"did you mean 'oral'?"`` when something is close, else the whole list of known words.
    """
    close = closest(word, known := sorted(set(known)), count=count)
    if close:
        return "did you mean " + " or ".join(f"'{c}'" for c in close) + "?"
    return "known: " + ", ".join(known)
