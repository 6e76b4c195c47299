"""Where compiled code is kept: a folder named after the sources of this package, so that it is never out of date.

numba looks only at the file of the compiled function itself, not at what that function calls.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import numba

__all__ = ["keep_compiled"]


def _folder() -> Path:
    here = Path(__file__).parent
    digest = hashlib.blake2b(numba.__version__.encode(), digest_size=8)
    for source in sorted(here.rglob("*.py")):
        digest.update(source.read_bytes())
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    user = os.getuid() if hasattr(os, "getuid") else 0
    for base in (Path(home) / "afterglow", Path(tempfile.gettempdir()) / f"afterglow-{user}"):
        folder = base / digest.hexdigest()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="afterglow-"))


def keep_compiled() -> None:
    """Tell numba to keep what it compiles in the folder of the present sources, unless the user chose another."""
    if not os.environ.get("NUMBA_CACHE_DIR"):
        numba.config.CACHE_DIR = str(_folder())
