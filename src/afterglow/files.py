"""Writes files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from afterglow.errors import FileError

__all__ = ["write_bytes_atomically", "write_text_atomically"]


def write_text_atomically(path: str | Path, text: str, *, replace: bool = True) -> Path:
    """Write text in UTF-8 beside its place and move it there, so that nobody ever finds half a file.

    Parameters
    ----------
    path : str or Path
    text : str
    replace : bool
        Whether a file that is there already is replaced; else it is left alone and an error says so.

    Raises
    ------
    FileError
        If the folder is missing or read-only, the path names a folder, or the system refuses, for instance because
        the disk is full; a file that was there then stays as it was.
    """
    return write_bytes_atomically(path, text.encode("utf-8"), replace=replace)


def write_bytes_atomically(path: str | Path, data: bytes, *, replace: bool = True, wait_for_disk: bool = True) -> Path:
    """Write bytes beside their place and move them there, so that nobody ever finds half a file.

    Parameters
    ----------
    path : str or Path
    data : bytes
    replace : bool
        As for `write_text_atomically`.
    wait_for_disk : bool
        Whether the file also survives a power cut right afterwards; else it may be found damaged.

    Raises
    ------
    FileError
        As for `write_text_atomically`.
    """
    target = Path(path)
    try:
        _refuse_bad_place(target, replace=replace)
        _write_and_move(target, data, wait_for_disk=wait_for_disk)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(f"'{target}' could not be written: {reason}") from error
    return target


def _refuse_bad_place(target: Path, *, replace: bool) -> None:
    folder = target.parent
    if not replace and (target.exists() or target.is_symlink()):
        raise FileError(f"'{target}' exists already and is left as it is; name another")
    if target.is_dir():
        raise FileError(f"'{target}' is a folder; name a file inside it")
    if target.exists() and not target.is_file():
        raise FileError(f"'{target}' is not an ordinary file, so it is left alone; name another")
    if not folder.exists():
        raise FileError(f"the folder '{folder}' does not exist; make it first or name another")
    if not folder.is_dir():
        raise FileError(f"'{folder}' is a file, so nothing can be written inside it; name a folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FileError(f"the folder '{folder}' cannot be written to; change its rights or name another")


def _write_and_move(target: Path, data: bytes, *, wait_for_disk: bool) -> None:
    target = target.resolve()  # a link keeps pointing at the file that it names
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:80]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            if wait_for_disk:
                stream.flush()
                os.fsync(stream.fileno())
        Path(temporary).chmod(_mode(target))
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _mode(target: Path) -> int:
    """Rights of the file that is replaced, or those of a new file that anybody may read."""
    return target.stat().st_mode & 0o777 if target.exists() else 0o644
