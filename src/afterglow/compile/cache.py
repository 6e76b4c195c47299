"""Where compiled code is kept: a folder named after the sources of this package, so that it is never out of date.

numba looks only at the file of the compiled function itself, not at what that function calls; and it keeps the work of
every copy of a package apart, so that a second environment with the same sources would wait for all of it again.
"""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import InTreeCacheLocator

__all__ = ["SourcesLocator", "keep_compiled"]

_HERE = Path(__file__).parent
_USUAL = (
    "UserProvidedCacheLocator",
    "InTreeCacheLocator",
    "UserWideCacheLocator",
    "IPythonCacheLocator",
    "ZipCacheLocator",
)
"""Where numba keeps the functions of others, in the order in which it tries."""


@functools.cache
def _folder() -> Path:
    digest = hashlib.blake2b(numba.__version__.encode(), digest_size=8)
    for source in sorted(_HERE.rglob("*.py")):
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


class SourcesLocator(InTreeCacheLocator):
    """Tells numba where it keeps a function of this package: by what the sources are, not by where they lie."""

    def __init__(self, function: Any, file: str) -> None:
        super().__init__(function, file)
        self._cache_path = str(_folder() / Path(file).parent.relative_to(_HERE.parent))

    def get_source_stamp(self) -> str:
        """Return what the sources are; their times say when they were copied."""
        return _folder().name

    @classmethod
    def from_function(cls, function: Any, file: str) -> Any:
        """Return the place of a function; None for one of another package, which is not for us to say."""
        return super().from_function(function, file) if Path(file).is_relative_to(_HERE) else None


def keep_compiled() -> None:
    """Tell numba to keep what it compiles in the folder of the present sources, unless the user chose another."""
    if not (os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("NUMBA_CACHE_LOCATOR_CLASSES")):
        numba.config.CACHE_LOCATOR_CLASSES = ",".join([f"{__name__}.{SourcesLocator.__name__}", *_USUAL])
