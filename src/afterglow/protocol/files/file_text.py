"""Read the text of a file that somebody names, whatever it turns out to be."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from afterglow.errors import FileError

__all__ = ["MOST_BYTES", "MOST_TABLE_BYTES", "TABLES", "file_text", "is_ordinary"]

MOST_BYTES = 1_000_000
"""Largest protocol file that is read."""

MOST_TABLE_BYTES = 100_000_000
"""Largest event table that is read: most of its rows may be observations, of which nothing is kept."""

TABLES = (".csv", ".tsv", ".tab", ".dat")
"""Endings of event tables."""


def is_ordinary(path: Path) -> bool:
    """Say whether a path names an ordinary file; False for whatever the system refuses to look at."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def file_text(path: str | Path, *, most_bytes: int | None = None, what: str = "") -> str:
    """Read the text of an ordinary file in UTF-8.

    Parameters
    ----------
    path : str or Path
    most_bytes : int, optional
        Largest file that is read; 1 MB, or 100 MB for an event table, when left out.
    what : str, optional
        What the file should be, if not a protocol: it names what is larger than that.

    Raises
    ------
    FileError
        If it is missing, not an ordinary file, unreadable, too large, empty, or not UTF-8 text.
    """
    name = Path(path)
    table = name.suffix.lower() in TABLES
    most = most_bytes or (MOST_TABLE_BYTES if table else MOST_BYTES)
    try:
        text = _decoded(name, _bytes(name, most, what or ("an event table" if table else "a protocol")))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(f"'{name}' could not be read: {reason}") from None
    if not text.strip():
        start = "" if table or what else "; `afterglow new` writes a protocol to start from"
        raise FileError(f"'{name}' is empty{start}")
    return text


def _bytes(name: Path, most: int, what: str) -> bytes:
    if not name.exists():
        raise FileError(f"there is no file '{name}'; check the path")
    _refuse_odd(name, name.stat(), most, what)
    # A pipe put in place after the check must not block: open without waiting, and look again.
    handle = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as stream:
        _refuse_odd(name, os.fstat(stream.fileno()), most, what)
        data = stream.read(most + 1)
    if len(data) > most:
        raise FileError(_too_large(name, len(data), most, what))
    return data


def _refuse_odd(name: Path, status: os.stat_result, most: int, what: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise FileError(f"'{name}' is a folder; name a file inside it")
    if not stat.S_ISREG(status.st_mode):
        raise FileError(f"'{name}' is not an ordinary file but a pipe, a device or a socket; name a protocol file")
    if status.st_size > most:
        raise FileError(_too_large(name, status.st_size, most, what))


def _too_large(name: Path, size: int, most: int, what: str) -> str:
    return f"'{name}' has {max(size / 1e6, most / 1e6 + 0.01):.2f} MB but {what} has at most {most / 1e6:g} MB"


def _decoded(name: Path, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FileError(f"'{name}' is not UTF-8 text (line {line}); save it as UTF-8") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise FileError(f"'{name}' holds a NUL byte in line {line}, so it is not a text file")
    return text
