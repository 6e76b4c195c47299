"""Effect sizes and simulated against published."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind

from afterglow.errors import ParameterError
from afterglow.outcomes.compare import Published, compare, comparison_table
from afterglow.outcomes.effect_size import (
    Moments,
    cohen_d,
    cohen_d_from_summary,
    hedges_g,
    hedges_g_from_summary,
    mean_difference,
    standardised_mean_change,
)

TREATED, CONTROL = Moments(103.0, 5.5, 50), Moments(100.0, 4.5, 50)


def test_textbook_d_and_g() -> None:
    """Borenstein 2009, chapter 4: means 103 and 100, sd 5.5 and 4.5, 50 in each group.

    d = 0.5970 with variance 0.0418; g = 0.5924 with variance 0.0411.
    """
    d, g = cohen_d_from_summary(TREATED, CONTROL), hedges_g_from_summary(TREATED, CONTROL)
    assert float(d.value) == pytest.approx(0.5970, abs=5e-5)
    assert float(g.value) == pytest.approx(0.5924, abs=5e-5)
    assert ((float(d.high) - float(d.low)) / (2 * 1.959964)) ** 2 == pytest.approx(0.0418, abs=5e-5)
    assert ((float(g.high) - float(g.low)) / (2 * 1.959964)) ** 2 == pytest.approx(0.0411, abs=6e-5)


def test_scores_give_what_their_summary_gives() -> None:
    rng = np.random.default_rng(6)
    a, b = rng.normal(20, 8, (3, 40)), rng.normal(25, 9, (3, 35))
    for from_scores, from_summary in ((cohen_d, cohen_d_from_summary), (hedges_g, hedges_g_from_summary)):
        summary = from_summary(
            Moments(a.mean(-1), a.std(-1, ddof=1), np.full(3, 40)),
            Moments(b.mean(-1), b.std(-1, ddof=1), np.full(3, 35)),
        )
        np.testing.assert_allclose(from_scores(a, b).value, summary.value)
        np.testing.assert_allclose(from_scores(b, a).value, -summary.value)


def test_difference_is_welchs() -> None:
    rng = np.random.default_rng(7)
    a, b = rng.normal(20, 8, 40), rng.normal(25, 3, 25)
    ours = mean_difference(np.append(a, np.nan), b)
    theirs = ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    np.testing.assert_allclose([ours.low, ours.high], [theirs.low, theirs.high])


def test_change_in_units_of_the_baseline_spread() -> None:
    rng = np.random.default_rng(8)
    before = rng.normal(44, 6, 2_000)
    change = standardised_mean_change(before, before - 12 + rng.normal(0, 5, 2_000))
    assert float(change.value) == pytest.approx(2.0, abs=0.1)
    assert change.low < change.value < change.high


def test_effect_sizes_need_people_who_differ() -> None:
    for function in (cohen_d, hedges_g, mean_difference, standardised_mean_change):
        with pytest.raises(ParameterError):
            function([3.0, 3.0, 3.0], [3.0, 3.0, 3.0])
        with pytest.raises(ParameterError, match="two or more"):
            function([3.0, np.nan], [3.0, 4.0])


ROW = {"study": "mitchell2021-mapp1", "arm": "mdma", "scale": "CAPS-5", "day": 112.0, "verified": True}


def test_published_interval_from_spread_and_size() -> None:
    """mitchell2021: change -24.4, sd 11.6, 42 people; t(41) = 2.0195, so 3.615 on each side."""
    row = Published.mean(**ROW, kind="change_from_baseline", mean=-24.4, sd=11.6, n=42)
    assert (row.low, row.high) == (pytest.approx(-28.015, abs=2e-3), pytest.approx(-20.785, abs=2e-3))
    assert compare(row, -21.0).inside is True
    outside = compare(row, -18.0)
    assert outside.inside is False
    assert outside.distance == pytest.approx(6.4 / (3.615 / 1.96), rel=1e-3)


def test_published_interval_from_error_or_interval_or_nothing() -> None:
    by_error = Published.mean(**ROW, kind="score", mean=20.0, se=2.0)
    assert by_error.low == pytest.approx(20 - 3.92, abs=1e-3)
    given = Published.mean(**ROW, kind="score", mean=-20.0, ci95=(-15.0, -25.0))
    assert (given.low, given.high) == (-25.0, -15.0)
    bare = compare(Published.mean(**ROW, kind="score", mean=20.0, sd=4.0), 20.0)
    assert bare.inside is None
    assert bare.distance is None


def test_published_share() -> None:
    row = Published.share(**ROW, kind="response", events=37, n=42)
    assert row.value == pytest.approx(37 / 42)
    assert row.low < row.value < row.high
    with pytest.raises(ParameterError):
        Published.share(**ROW, kind="response", events=43, n=42)


def test_comparison_table_has_a_row_each() -> None:
    row = Published.share(**ROW, kind="response", events=37, n=42)
    table = comparison_table([compare(row, 0.9), compare(row, 0.3)])
    assert list(table["inside"]) == [True, False]
    assert list(table["simulated"]) == [0.9, 0.3]
    with pytest.raises(ParameterError, match="must be finite"):
        compare(row, float("nan"))
