"""Compiled readings of a run against plain numpy: the same to the last bit, also where values are equal or unknown."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from afterglow.compile.order import count_open, fill_crossings, fill_ends, fill_quantiles
from afterglow.errors import ParameterError
from afterglow.protocol import Population
from afterglow.scales.instruments import scale
from afterglow.simulate.scoring import NODE_WEIGHTS, NODES, expected_rating, expected_score

RANDOM = np.random.default_rng(1)


@pytest.mark.parametrize(("name", "condition"), [("MADRS", "major_depression"), ("CAPS-5", "ptsd"), ("MADRS", "ptsd")])
def test_an_expected_rating_is_the_weighted_sum_of_expected_scores(name: str, condition: str) -> None:
    home: Literal["MADRS", "CAPS-5"] = "CAPS-5" if condition == "ptsd" else "MADRS"
    people = Population(condition=condition, scale=home, baseline_mean=32.0, baseline_sd=5.0)
    severity = RANDOM.uniform(0, 1, (3, 5, 40))
    severity[0, 0, :4] = 0.0, 1.0, 1e-12, 1 - 1e-12
    spread = RANDOM.uniform(0, 0.6, (3, 40))
    moves = spread[:, None] * NODES.reshape(-1, 1, 1, 1)
    scores = (expected_score(scale(name), severity, people, move) for move in moves)
    plain = sum(weight * score for weight, score in zip(NODE_WEIGHTS, scores, strict=True))
    assert np.array_equal(expected_rating(scale(name), severity, spread, people), plain)
    severity[1, 1, 1] = np.nan
    assert np.isnan(expected_rating(scale(name), severity, spread, people)).sum() == 1
    severity[1, 1, 1] = 1.5
    with pytest.raises(ParameterError, match="between 0 and 1"):
        expected_rating(scale(name), severity, spread, people)


@pytest.mark.parametrize("kind", ["spread", "whole", "equal", "one far away", "many sizes", "unknown"])
def test_a_quantile_is_that_of_sorted_values(kind: str) -> None:
    values = RANDOM.normal(size=(30, 200)).astype(np.float32)
    if kind == "whole":
        values = np.round(3 * values)
    if kind == "equal":
        values[:] = 2.0
    if kind == "one far away":
        values[:, 0] = 1e9
    if kind == "many sizes":
        values = np.exp(9 * values)
    if kind == "unknown":
        values[::2, :60] = np.nan
    weights = np.repeat(RANDOM.dirichlet(np.ones(20)) / 10, 10)
    shares, found = np.array([0.05, 0.5, 0.95]), np.empty((3, 30))
    fill_quantiles(values, weights, shares, found)
    order = np.argsort(values, axis=1)
    reached = np.cumsum(weights[order], axis=1)
    at = [np.argmax(reached >= share * (1 - 1e-12), axis=1) for share in shares]
    plain = [values[np.arange(30), order[np.arange(30), k]] for k in at]
    np.testing.assert_array_equal(found, plain)


def test_a_quantile_of_equal_weights_is_reached_exactly() -> None:
    found = np.empty((3, 1))
    fill_quantiles(np.arange(20.0)[None], np.full(20, 1 / 20), np.array([0.05, 0.5, 0.95]), found)
    assert found[:, 0].tolist() == [0.0, 9.0, 18.0]


@pytest.mark.parametrize("kind", ["apart", "one draw", "no departures", "equal", "unknown"])
def test_the_ends_of_a_mixture_are_those_of_all_its_points_in_order(kind: str) -> None:
    draws, rows, nodes = 1 if kind == "one draw" else 24, 40, np.sort(RANDOM.normal(size=31))
    values, spreads = RANDOM.normal(size=(draws, rows)), RANDOM.uniform(0, 2, (draws, rows))
    weights = RANDOM.dirichlet(np.ones(draws))
    if kind == "no departures":
        spreads[:] = 0.0
    if kind == "equal":
        values[:], weights[:] = values[:1], 1 / draws
    if kind == "unknown":
        values[RANDOM.uniform(size=values.shape) < 0.6] = np.nan
        values[:, 0] = np.nan
    ends, part = np.empty((2, 2, rows)), np.empty((2, rows))
    fill_ends(values, spreads, weights, nodes, 0.05, ends, part)
    found = ends[:, 0] + part * (ends[:, 1] - ends[:, 0])
    for row in range(rows):
        points = (values[:, row, None] + spreads[:, row, None] * nodes).ravel()
        order = np.argsort(points, kind="stable")[: np.isfinite(points).sum()]
        if not len(order):
            assert np.isnan(found[:, row]).all()
            continue
        own = np.repeat(weights / 31, 31)[order]
        plain = np.interp((0.05, 0.95), (np.cumsum(own) - own / 2) / own.sum(), points[order])
        np.testing.assert_allclose(found[:, row], plain, rtol=1e-11, atol=1e-11)


def test_windows_open_and_close_where_plain_loops_find_it() -> None:
    values = np.round(RANDOM.uniform(0, 1, (300, 12)), 1)  # a half is met exactly
    places, around = np.empty((2, 300), np.int64), np.empty((2, 2, 300))
    for begin, end in ((0, 12), (3, 7), (5, 7), (10, 12)):
        fill_crossings(values, begin, end, places, around)
        for row in range(300):
            own = values[row]
            is_open, widest = own >= 0.5, begin + int(own[begin:end].argmax())
            rises = [k for k in range(begin, end - 1) if is_open[k + 1] and not is_open[k]]
            falls = [k for k in range(widest, 11) if is_open[widest] and is_open[k] and not is_open[k + 1]]
            for which, found in enumerate((rises, falls)):
                expected = (found[0], own[found[0]], own[found[0] + 1]) if found else (0, np.nan, np.nan)
                np.testing.assert_equal((places[which, row], *around[:, which, row]), expected)


def test_who_has_an_open_window_is_counted_as_plain_comparisons_do() -> None:
    days = np.sort(RANDOM.integers(0, 40, 25).astype(float))
    opens = RANDOM.integers(-5, 45, (3, 2, 50)).astype(float)
    closes = opens + RANDOM.integers(0, 9, opens.shape)
    opens[RANDOM.random(opens.shape) < 0.2] = np.nan
    closes[RANDOM.random(opens.shape) < 0.2] = np.nan
    until = np.where(np.isnan(closes), np.inf, closes)[..., None]
    plain = ((opens[..., None] <= days) & (days < until)).any(axis=0).sum(axis=1)
    found = np.full((2, len(days)), -1)
    count_open(opens, closes, days, found)
    assert np.array_equal(found, plain)
    assert len(np.unique(found)) > 5
