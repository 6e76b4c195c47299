"""The search for a schedule, the front and the choice under uncertainty, on objectives that take no time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from afterglow.plan.decision import chance_best, cvar
from afterglow.plan.front import first_front, hypervolume, ranks
from afterglow.plan.search import Found, Point, Problem, search

SIZES = (5, 10, 5, 5, 4)
"""A grid of 5,000 points."""
EVALUATIONS = 900


def landscape(point: Point) -> tuple[float, float, float, float]:
    """A response with a ridge, an interaction and a second hill, beside two costs that do not agree."""
    x = np.array(point) / (np.array(SIZES) - 1)
    gain = 1.6 * x[0] + np.sin(3.0 * x[1]) * (0.4 + x[0]) - 1.5 * (x[2] - 0.6 * x[1]) ** 2 + 0.35 * math.cos(9 * x[3])
    gain += 0.6 * x[4] * (1 - x[3]) + 0.001 * math.sin(37 * float(x.sum()))
    hours = 4.0 * x[1] + 3.0 * x[3] + 0.5 * x[4]
    cost = 5.0 * x[0] ** 2 + 2.0 * x[1] + x[2]
    return float(gain), -float(gain), float(hours), float(cost)


WORTH = {point: landscape(point) for point in product(*map(range, SIZES))}


def excess(point: Point) -> float:
    return max(WORTH[point][2] - 6.0, 0.0)


def problem(asked: list[Point] | None = None) -> Problem:
    def values(points: Sequence[Point]) -> list[tuple[float, ...]]:
        if asked is not None:
            asked.extend(points)
        return [WORTH[point] for point in points]

    return Problem(SIZES, excess, lambda point: point, values)


@pytest.fixture(scope="module")
def searches() -> list[Found]:
    return [search(problem(), evaluations=EVALUATIONS, seed=seed) for seed in range(20)]


def test_the_grid_has_5000_points() -> None:
    assert len(WORTH) == 5000


def test_the_best_of_brute_force_is_found_with_every_seed(searches: list[Found]) -> None:
    best = max((value[0], point) for point, value in WORTH.items() if excess(point) <= 0)
    assert [found.points[0] for found in searches] == [best[1]] * 20
    assert all(len(found.points) <= EVALUATIONS for found in searches)
    assert not any(found.is_exhaustive for found in searches)


def test_the_front_covers_what_the_whole_grid_covers_to_one_percent(searches: list[Found]) -> None:
    allowed = np.array([value[1:] for point, value in WORTH.items() if excess(point) <= 0])
    worst = allowed.max(axis=0) + 1e-6
    whole = hypervolume(allowed[first_front(allowed)], worst)
    for found in searches:
        own = np.array([WORTH[point][1:] for point in found.front])
        assert hypervolume(own, worst) >= 0.99 * whole


def test_no_plan_is_asked_for_twice_or_beyond_its_limits() -> None:
    asked: list[Point] = []
    search(problem(asked), evaluations=EVALUATIONS, seed=3)
    assert len(asked) == len(set(asked)) <= EVALUATIONS
    assert not any(excess(point) for point in asked)


def test_a_small_space_is_searched_whole() -> None:
    found = search(problem(), evaluations=5000, seed=1)
    allowed = [point for point in WORTH if excess(point) <= 0]
    assert found.is_exhaustive
    assert found.feasible == len(found.points) == len(allowed)


def test_two_points_with_one_key_are_one_plan() -> None:
    same = Problem(SIZES, lambda point: 0.0, lambda point: point[:2], lambda points: [WORTH[p] for p in points])
    assert len(search(same, evaluations=5000, seed=1).points) == SIZES[0] * SIZES[1]


def test_a_space_without_a_plan_says_which_point_comes_nearest() -> None:
    def never(point: Point) -> float:
        return 1.0 + sum(point)

    for sizes in (SIZES, (30,) * 4):
        found = search(Problem(sizes, never, lambda point: point, lambda _: []), evaluations=50, seed=1)
        assert found.points == ()
        assert found.least_excess >= 1.0


def test_a_space_too_large_to_list_is_searched_from_points_that_keep_the_limits() -> None:
    sizes = (30,) * 5
    target = np.array((3, 28, 11, 20, 7))

    def values(points: Sequence[Point]) -> list[tuple[float, ...]]:
        return [(-float(((np.array(p) - target) ** 2).sum()), 0.0, 0.0, 0.0) for p in points]

    found = search(Problem(sizes, lambda p: max(sum(p) - 70.0, 0.0), lambda p: p, values), evaluations=1500, seed=2)
    assert found.points[0] == tuple(target)
    assert found.feasible is None


# ---- fronts ---------------------------------------------------------------------------------------


def plain_front(points: np.ndarray) -> list[int]:
    return [
        k for k, own in enumerate(points) if not any((other <= own).all() and (other < own).any() for other in points)
    ]


@settings(max_examples=60)
@given(arrays(float, st.tuples(st.integers(1, 25), st.integers(1, 4)), elements=st.integers(0, 6).map(float)))
def test_the_front_is_that_of_the_definition(points: np.ndarray) -> None:
    assert list(first_front(points)) == plain_front(points)
    own = ranks(points)
    assert list(np.flatnonzero(own == 0)) == plain_front(points)
    for k, rank in enumerate(own):
        better = [
            own[j] for j in range(len(points)) if (points[j] <= points[k]).all() and (points[j] < points[k]).any()
        ]
        assert rank == (max(better) + 1 if better else 0)


@settings(max_examples=40)
@given(arrays(float, st.tuples(st.integers(1, 8), st.just(3)), elements=st.integers(0, 4).map(float)))
def test_the_hypervolume_is_the_number_of_cells_that_are_dominated(points: np.ndarray) -> None:
    cells = np.array(list(product(range(5), repeat=3)))
    covered = (points[:, None, :] <= cells).all(axis=2).any(axis=0)
    assert hypervolume(points, (5.0, 5.0, 5.0)) == pytest.approx(covered.sum())


def test_points_beyond_the_reference_cover_nothing() -> None:
    assert hypervolume([[3.0, 1.0]], [2.0, 2.0]) == 0.0
    assert hypervolume([[0.0], [1.0]], [2.0]) == 2.0


# ---- uncertainty ----------------------------------------------------------------------------------


def test_the_worst_tenth_counts_the_draw_on_its_edge_in_part() -> None:
    values = np.array([[3.0, 1.0, 2.0, 10.0]])
    weights = np.array([0.4, 0.06, 0.2, 0.34])
    assert cvar(values, weights)[0] == pytest.approx((0.06 * 1.0 + 0.04 * 2.0) / 0.1)


def test_the_worst_tenth_of_even_draws_is_the_mean_of_the_lowest() -> None:
    values = np.random.default_rng(1).normal(size=(2, 50))
    found = cvar(values, np.full(50, 0.02))
    assert found == pytest.approx(np.sort(values, axis=1)[:, :5].mean(axis=1))


def test_chances_to_be_best_share_ties_and_sum_to_one() -> None:
    values = np.array([[1.0, 2.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 5.0]])
    weights = np.array([0.5, 0.3, 0.2])
    assert chance_best(values, weights) == pytest.approx([0.25 + 0.3, 0.25, 0.2])
