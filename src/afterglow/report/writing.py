"""The folder that a report is written to."""

from __future__ import annotations

import os
from pathlib import Path

from afterglow.errors import FileError

__all__ = ["existing_folder"]


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
