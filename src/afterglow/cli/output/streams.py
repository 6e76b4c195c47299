"""Standard output and error that no bad luck ends: letters a console does not know, closed pipes, full disks."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["failure", "open_streams"]

_LETTERS = "afterglow"
_IN_ASCII = {
    **dict.fromkeys("−\u2010\u2011–—", "-"),
    **dict.fromkeys("\u2018\u2019", "'"),
    **dict.fromkeys("“”«»", '"'),
    "…": "...",
    "→": "->",
    "×": "x",
    "±": "+/-",
    "µ": "u",
    "μ": "u",
    "≤": "<=",
    "≥": ">=",
}
"""What stands for a letter where a console does not know it; a minus must never be lost."""


class _Patient(io.RawIOBase):
    """A stream that remembers its first error and swallows the rest, so that the work and its files are finished."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream  # which would close what lies under it
        self._raw = _raw(stream)
        self.error: OSError | None = None

    def write(self, data: Any, /) -> int | None:
        """Write bytes, or pass them over once the stream has failed."""
        if self.error is None:
            try:
                written: int | None = self._raw.write(data)
                return written
            except OSError as error:
                self.error = error
        return len(data)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def fileno(self) -> int:
        return int(self._raw.fileno())


def open_streams() -> None:
    """Make a stream of each that was closed, and make those for output patient and able to print any letter."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    codecs.register_error(_LETTERS, _nearest_letters)
    sys.stdout, sys.stderr = _opened(sys.stdout), _opened(sys.stderr)


def failure() -> str:
    """Print what is still held back, and say why some of it could not be; empty if all went well.

    A pipe whose reader has read enough, as that of ``head``, is no failure.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    raw = _raw(sys.stdout)
    error = raw.error if isinstance(raw, _Patient) else None
    if error is None or error.errno in (errno.EPIPE, errno.ESHUTDOWN, errno.EINVAL):  # Windows says EINVAL of a pipe
        return ""
    return f"what was to be printed could not be written: {error.strerror or error}"


def _raw(stream: Any) -> Any:
    """Return what writes the bytes of a stream, with or without a buffer before it."""
    buffer = getattr(stream, "buffer", None)
    return getattr(buffer, "raw", buffer)


def _opened(stream: Any) -> Any:
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    if stream.errors in ("strict", "surrogateescape", "backslashreplace"):
        stream.reconfigure(errors=_LETTERS)
    raw = _raw(stream)
    if type(stream) is not io.TextIOWrapper or not isinstance(raw, io.RawIOBase) or isinstance(raw, _Patient):
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Patient(stream)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _nearest_letters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = ""
    for letter in error.object[error.start : error.end]:
        plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode("ascii")
        found += _IN_ASCII.get(letter) or plain or "?"
    return found, error.end
