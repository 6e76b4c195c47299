"""Writes files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from afterglow.errors import FileError

__all__ = ["existing_folder", "write_bytes_atomically"]


def existing_folder(folder: str | Path) -> Path:
    """Give a folder that is there and can be written to.

    Raises
    ------
    FileError
        If it is missing, not a folder, or read-only.
    """
    path = Path(folder)
    if not path.exists():
        raise FileError(f"the folder '{path}' does not exist; make it first or name another")
    if not path.is_dir():
        raise FileError(f"'{path}' is a file but the report needs a folder")
    if not os.access(path, os.W_OK | os.X_OK):
        raise FileError(f"the folder '{path}' cannot be written to; change its rights or name another")
    return path


def write_bytes_atomically(path: Path, data: bytes) -> Path:
    """Write bytes beside their place and move them there, so that nobody ever finds half a file.

    Raises
    ------
    FileError
        If the system refuses, for instance because the disk is full; the old file then stays as it was.
    """
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True) if temporary else None
        raise FileError(f"'{path}' could not be written: {error.strerror or error}") from error
    except BaseException:
        Path(temporary).unlink(missing_ok=True) if temporary else None
        raise
    return path
