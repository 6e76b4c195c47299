"""Which sources the numbers of a run come from: a kept run, or a worker, that has others is not trusted."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import numba
import numpy as np
import scipy

__all__ = ["source_digest"]

_FACES = ("calibrate", "cli", "evidence", "figures", "report", "results", "safety", "studio")
"""Parts of the package that no number of a run comes from."""


@cache
def source_digest() -> str:
    """Return a digest of the sources that make the numbers of a run, and of the packages that calculate."""
    root = Path(__file__).parents[1]
    found = hashlib.blake2b(f"{np.__version__} {scipy.__version__} {numba.__version__}".encode(), digest_size=8)
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root)
        if name.parts[0] not in _FACES:
            found.update(name.as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
