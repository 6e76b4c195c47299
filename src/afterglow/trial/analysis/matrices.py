"""Arrays of numbers, and whether a matrix can be inverted."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Numbers", "is_definite"]

Numbers: TypeAlias = NDArray[np.float64]

_SINGULAR = 1e-9
"""Least eigenvalue of a matrix with ones on its diagonal that is not taken for zero."""


def is_definite(matrices: Numbers) -> NDArray[np.bool_]:
    """Say which symmetric matrices are positive definite, whatever their scale, (matrices,)."""
    own = np.diagonal(matrices, axis1=-2, axis2=-1)
    try:
        pivots = np.diagonal(np.linalg.cholesky(matrices), axis1=-2, axis2=-1)
        left = pivots * pivots > _SINGULAR * own
        if left.all():
            return np.asarray(left.all(axis=-1))
    except np.linalg.LinAlgError:
        pass
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = matrices / np.sqrt(own[..., :, None] * own[..., None, :])
    size = matrices.shape[-1]
    fine = np.asarray(np.isfinite(scaled).all(axis=(-2, -1)) & (own > 0).all(axis=-1))
    if not fine.all():
        scaled = np.where(fine[..., None, None], scaled, np.eye(size))
    shifted = scaled - _SINGULAR * np.eye(size)
    try:
        np.linalg.cholesky(shifted)
    except np.linalg.LinAlgError:
        fine &= np.linalg.eigvalsh(shifted)[..., 0] > 0
    return fine
