"""Cohen's d and its interval."""

from __future__ import annotations

import numpy as np
import pytest

from afterglow.errors import ParameterError
from afterglow.outcomes.effect_size import cohen_d


def group(mean: float, sd: float, n: int) -> np.ndarray:
    """Scores with exactly this mean and sample standard deviation."""
    scores = np.random.default_rng(n).standard_normal(n)
    return mean + sd * (scores - scores.mean()) / scores.std(ddof=1)


def test_textbook_d() -> None:
    """Borenstein 2009, chapter 4: means 103 and 100, sd 5.5 and 4.5, 50 each; d = 0.5970 with variance 0.0418."""
    d = cohen_d(group(103.0, 5.5, 50), group(100.0, 4.5, 50))
    assert float(d.value) == pytest.approx(0.5970, abs=5e-5)
    assert ((float(d.high) - float(d.low)) / (2 * 1.959964)) ** 2 == pytest.approx(0.0418, abs=5e-5)
    assert float(d.high + d.low) == pytest.approx(2 * float(d.value))


def test_groups_of_unequal_size_weigh_by_it() -> None:
    """Pooled variance (9 * 16 + 29 * 4) / 38 = 6.842; 5 / sqrt(6.842) = 1.9115."""
    assert float(cohen_d(group(25, 4, 10), group(20, 2, 30)).value) == pytest.approx(1.9115, abs=5e-5)


def test_the_missing_are_left_out_and_arms_stay_apart() -> None:
    rng = np.random.default_rng(6)
    a, b = rng.normal(20, 8, (3, 40)), rng.normal(25, 9, (3, 35))
    together = cohen_d(np.concatenate([a, np.full((3, 2), np.nan)], axis=1), b)
    np.testing.assert_array_equal(together.value, [cohen_d(x, y).value for x, y in zip(a, b, strict=True)])
    np.testing.assert_array_equal(cohen_d(a.T, b.T, axis=0).value, together.value)
    np.testing.assert_array_equal(cohen_d(b, a).value, -together.value)


def test_effect_sizes_need_people_who_differ() -> None:
    with pytest.raises(ParameterError, match="the spread is 0"):
        cohen_d([3.0, 3.0, 3.0], [3.0, 3.0, 3.0])
    with pytest.raises(ParameterError, match="two or more scores in each group but one has 1"):
        cohen_d([3.0, np.nan], [3.0, 4.0])
