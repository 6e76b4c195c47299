"""Plans that no other beats in everything: sorting by dominance, and the volume that a front covers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["first_front", "hypervolume", "ranks"]


def first_front(points: ArrayLike) -> NDArray[np.intp]:
    """Return the places of points that no other dominates; all coordinates are to be small.

    Parameters
    ----------
    points : array_like (points, objectives)

    Notes
    -----
    Points are looked at in rising order, so that one can only be dominated by one before it. Equal points all stay.
    """
    x = np.asarray(points, dtype=np.float64)
    order = np.lexsort(x.T[::-1])
    kept: list[int] = []
    for place in order:
        if kept:
            own = x[kept]
            if ((own <= x[place]).all(axis=1) & (own < x[place]).any(axis=1)).any():
                continue
        kept.append(int(place))
    return np.sort(np.array(kept, dtype=np.intp))


def ranks(points: ArrayLike) -> NDArray[np.intp]:
    """Return the front of each point, (points,): 0 where nothing dominates it, then 1 and so on."""
    x = np.asarray(points, dtype=np.float64)
    found = np.full(len(x), -1, dtype=np.intp)
    left = np.arange(len(x))
    rank = 0
    while len(left):
        first = left[first_front(x[left])]
        found[first] = rank
        left = np.setdiff1d(left, first)
        rank += 1
    return found


def hypervolume(points: ArrayLike, reference: ArrayLike) -> float:
    """Return the volume between points and a reference that is worse than all of them; coordinates are to be small.

    Parameters
    ----------
    points : array_like (points, objectives)
        One to three objectives.
    reference : array_like (objectives,)

    Notes
    -----
    Slices along the last objective: between two of its values the points below cover an area of the others.
    """
    x, worst = np.asarray(points, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    x = x[(x < worst).all(axis=1)]
    if not len(x):
        return 0.0
    if x.shape[1] == 1:
        return float(worst[0] - x.min())
    levels = np.append(np.unique(x[:, -1]), worst[-1])
    return float(
        sum((above - below) * hypervolume(x[x[:, -1] <= below, :-1], worst[:-1]) for below, above in pairwise(levels))
    )
