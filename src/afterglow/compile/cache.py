"""Where compiled code is kept: a folder named after the sources, so that it is never out of date.

numba looks only at the file of the compiled function itself, not at what that function calls.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numba

__all__ = ["kept_compiled"]

_SOURCES = ("arithmetic.py", "equations.py", "rows.py", "solver.py")


def _folder() -> Path:
    here = Path(__file__).parent
    digest = hashlib.blake2b(numba.__version__.encode(), digest_size=8)
    for name in _SOURCES:
        digest.update((here / name).read_bytes())
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    for base in (Path(home) / "afterglow", Path(tempfile.gettempdir()) / f"afterglow-{os.getuid()}"):
        folder = base / digest.hexdigest()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="afterglow-"))


@contextmanager
def kept_compiled() -> Iterator[None]:
    """Functions compiled inside are kept in the folder of the present sources."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(_folder())
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before
