"""Search among plans: all of them where they are few, else differential evolution, climbing and walking the front.

The search knows nothing of plans: it asks whether a point keeps the limits, whether two points make the same plan, and
what points are worth. Every plan is asked for once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import NonlinearConstraint, differential_evolution

from afterglow.plan.front import first_front
from afterglow.plan.space.space import LISTED, Point

__all__ = ["Found", "Problem", "search"]

_TRIED = 4_000
"""Points that are drawn at random for the first generation."""
_EVOLVED = 0.4
"""Share of the evaluations that differential evolution may use; climbing and the front share the rest."""
_GENERATION = 32
_EPSILON = 1e-12

Value = tuple[float, ...]


@dataclass(frozen=True)
class Problem:
    """What is searched.

    Parameters
    ----------
    sizes : tuple of int
        How many options each choice has.
    excess : callable
        From a point to by how much it breaks limits; 0 where it keeps them all.
    key : callable
        From a point to what its plan is: two points with the same key are the same plan.
    values : callable
        From points to what each is worth: first what is to be large, then what the front sets against one another, all
        of which is to be small.
    """

    sizes: tuple[int, ...]
    excess: Callable[[Point], float]
    key: Callable[[Point], Hashable]
    values: Callable[[Sequence[Point]], Sequence[Value]]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search gave.

    Parameters
    ----------
    points : tuple of Point
        Plans that were evaluated, the best first.
    values : tuple of tuple of float
    is_exhaustive : bool
        Whether all plans were.
    feasible : int or None
        How many different plans keep the limits; None where they were not listed.
    least_excess : float
        Of the points seen; above 0 where no plan keeps the limits.
    closest : Point
        The one with it.
    """

    points: tuple[Point, ...]
    values: tuple[Value, ...]
    is_exhaustive: bool
    feasible: int | None
    least_excess: float
    closest: Point

    @property
    def front(self) -> tuple[Point, ...]:
        """The plans that none of the others beats in everything."""
        if not self.points:
            return ()
        places = first_front([value[1:] for value in self.values])
        return tuple(self.points[k] for k in places)


def search(problem: Problem, *, evaluations: int, seed: int) -> Found:
    """Search for the best plan and for the front.

    Parameters
    ----------
    problem : Problem
    evaluations : int
        Most plans that are evaluated.
    seed : int
    """
    seen = _Seen(problem, evaluations)
    listed = _listed(seen) if math.prod(problem.sizes) <= LISTED else None
    if listed is not None and len(listed) <= evaluations:
        seen.evaluate(listed)
        return seen.found(is_exhaustive=True, feasible=len(listed))
    rng = np.random.default_rng(seed)
    _evolve(seen, rng, listed, int(evaluations * _EVOLVED))
    if seen.values:
        _climb(seen)
        _walk_front(seen)
        _climb(seen)
    return seen.found(is_exhaustive=False, feasible=None if listed is None else len(listed))


@dataclass
class _Seen:
    """What is known of the points looked at so far."""

    problem: Problem
    most: int
    excess: dict[Point, float] = field(default_factory=dict)
    keys: dict[Point, Hashable] = field(default_factory=dict)
    values: dict[Hashable, tuple[Point, Value]] = field(default_factory=dict)

    @property
    def left(self) -> int:
        return self.most - len(self.values)

    def excess_of(self, point: Point) -> float:
        if point not in self.excess:
            self.excess[point] = self.problem.excess(point)
        return self.excess[point]

    def key_of(self, point: Point) -> Hashable:
        if point not in self.keys:
            self.keys[point] = self.problem.key(point)
        return self.keys[point]

    def evaluate(self, points: Iterable[Point]) -> None:
        """Evaluate those that keep the limits and are not known yet, as long as there are evaluations left."""
        new: dict[Hashable, Point] = {}
        for point in points:
            if self.excess_of(point) <= 0 and self.key_of(point) not in self.values:
                new.setdefault(self.key_of(point), point)
        asked = list(new.items())[: max(self.left, 0)]
        if asked:
            worth = self.problem.values([point for _, point in asked])
            for (key, point), value in zip(asked, worth, strict=True):
                self.values[key] = (point, value)

    def merit(self, point: Point) -> float:
        """Return what is to be large; minus infinity where it is not known."""
        known = self.values.get(self.key_of(point)) if self.excess_of(point) <= 0 else None
        return known[1][0] if known else -math.inf

    @property
    def best(self) -> Point:
        return max(self.values.values(), key=lambda pair: pair[1][0])[0]

    def found(self, *, is_exhaustive: bool, feasible: int | None) -> Found:
        ordered = sorted(self.values.values(), key=lambda pair: -pair[1][0])
        closest = min(self.excess, key=lambda point: self.excess[point])
        return Found(
            points=tuple(point for point, _ in ordered),
            values=tuple(value for _, value in ordered),
            is_exhaustive=is_exhaustive,
            feasible=feasible,
            least_excess=self.excess[closest],
            closest=closest,
        )


def _listed(seen: _Seen) -> list[Point]:
    """Return one point for each different plan that keeps the limits."""
    found: dict[Hashable, Point] = {}
    for point in product(*(range(size) for size in seen.problem.sizes)):
        if seen.excess_of(point) <= 0:
            found.setdefault(seen.key_of(point), point)
    return list(found.values())


def _evolve(seen: _Seen, rng: np.random.Generator, listed: list[Point] | None, most: int) -> None:
    """Let a population of plans evolve; what it evaluates is kept."""
    sizes = seen.problem.sizes
    started = len(seen.values)

    def points(x: NDArray[np.float64]) -> list[Point]:
        return [tuple(int(v) for v in column) for column in np.rint(x.reshape(len(sizes), -1)).T]

    def cost(x: NDArray[np.float64]) -> Any:
        asked = points(x)
        seen.evaluate(asked)
        merits = np.array([seen.merit(point) for point in asked])
        worst = min(value[0] for _, value in seen.values.values()) if seen.values else 0.0
        merits = np.where(np.isfinite(merits), merits, worst - 1.0)
        return -merits if x.ndim > 1 else float(-merits[0])

    def excess(x: NDArray[np.float64]) -> Any:
        found = np.array([seen.excess_of(point) for point in points(x)])
        return found[None] if x.ndim > 1 else found

    def enough(*_: Any, **__: Any) -> bool:
        return len(seen.values) - started >= most or seen.left <= 0

    differential_evolution(
        cost,
        [(0, size - 1) for size in sizes],
        integrality=np.ones(len(sizes), dtype=np.bool_),
        constraints=NonlinearConstraint(excess, -np.inf, 0.0),
        init=_first_generation(seen, rng, listed),
        maxiter=200,
        tol=1e-8,
        mutation=(0.4, 0.9),
        recombination=0.8,
        polish=False,
        vectorized=True,
        updating="deferred",
        callback=enough,
        seed=rng,
    )


def _first_generation(seen: _Seen, rng: np.random.Generator, listed: list[Point] | None) -> NDArray[np.float64]:
    """Return points that keep the limits, as far as they are found, (people, choices)."""
    sizes = seen.problem.sizes
    if listed:
        chosen = rng.choice(len(listed), size=_GENERATION, replace=len(listed) < _GENERATION)
        return np.array([listed[k] for k in chosen], dtype=np.float64)
    drawn = [tuple(int(v) for v in rng.integers(0, sizes)) for _ in range(_TRIED)]
    kept = list(dict.fromkeys(point for point in drawn if seen.excess_of(point) <= 0))[:_GENERATION]
    if len(kept) < _GENERATION:
        kept += sorted(drawn, key=seen.excess_of)[: _GENERATION - len(kept)]
    return np.array(kept, dtype=np.float64)


def _climb(seen: _Seen) -> None:
    """Change one choice of the best plan, then two at once, until nothing is better."""
    while seen.left > 0:
        start = seen.best
        merit = seen.merit(start)
        seen.evaluate(_changed(start, seen.problem.sizes, 1))
        if seen.merit(seen.best) <= merit + _EPSILON:
            seen.evaluate(_changed(start, seen.problem.sizes, 2))
        if seen.merit(seen.best) <= merit + _EPSILON:
            return


def _walk_front(seen: _Seen) -> None:
    """Change one choice of each plan on the front, those that fill the widest gaps first, until it does not move."""
    explored: set[Point] = set()
    front: list[tuple[Point, Value]] = []
    known = 0
    while seen.left > 0:
        held = list(seen.values.values())
        front += held[known:]  # what was beaten once stays beaten
        known = len(held)
        front = [front[k] for k in first_front([value[1:] for _, value in front])]
        left = [(point, value) for point, value in front if point not in explored]
        if not left:
            return
        point = left[int(np.argmax(_apart([value[1:] for _, value in left], [v[1:] for _, v in front])))][0]
        explored.add(point)
        seen.evaluate(_changed(point, seen.problem.sizes, 1))


def _apart(points: Sequence[Value], others: Sequence[Value]) -> NDArray[np.float64]:
    """Return how far each point lies from its nearest neighbour on the front, each axis by its range."""
    own, all_points = np.array(points), np.array(others)
    span = np.maximum(np.ptp(all_points, axis=0), _EPSILON)
    gaps = np.linalg.norm((own[:, None] - all_points) / span, axis=2)
    gaps[gaps < _EPSILON] = np.inf
    nearest = gaps.min(axis=1)
    return np.where(np.isfinite(nearest), nearest, 0.0)


def _changed(point: Point, sizes: Sequence[int], count: int) -> Iterator[Point]:
    """Yield the points that differ from one in so many choices; two at once move a step each."""
    for places in combinations(range(len(sizes)), count):
        options = (
            (k for k in range(sizes[p]) if k != point[p] and (count == 1 or abs(k - point[p]) == 1)) for p in places
        )
        for values in product(*options):
            new = list(point)
            for place, value in zip(places, values, strict=True):
                new[place] = value
            yield tuple(new)
