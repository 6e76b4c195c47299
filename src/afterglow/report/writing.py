"""The folder that a report is written to."""

from __future__ import annotations

import os
from pathlib import Path

from afterglow.errors import FileError

__all__ = ["existing_folder", "made_folder"]


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


def made_folder(folder: Path) -> Path:
    """Make the folder of a command's output before any work is done.

    Raises
    ------
    FileError
        If it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileError(f"{folder} is a file, not a folder; choose another place for --out") from None
    except OSError as error:
        raise FileError(f"cannot make the folder {folder}: {error.strerror}") from None
    return existing_folder(folder)
