"""The error of one rating: unbiased, of the stated size, inside the range."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from afterglow.errors import ParameterError
from afterglow.observation.noise import error_sd, observe, rate
from afterglow.scales.instruments import SCALES, scale

# Midpoints of 40,000 slices of equal probability: expectations without sampling error.
Z = norm.ppf((np.arange(40_000) + 0.5) / 40_000)


@pytest.mark.parametrize("name", sorted(SCALES))
def test_mean_of_ratings_is_the_true_score_everywhere(name: str) -> None:
    """Rounding adds up to 0.17 points where the error is as narrow as a third of a point near an end."""
    s = scale(name)
    for true in np.linspace(s.low, s.high, 41):
        tolerance = 0.01 if error_sd(s, true) > 0.5 else 0.5
        assert rate(s, true, Z).mean() == pytest.approx(true, abs=tolerance)


@pytest.mark.parametrize("name", sorted(SCALES))
def test_spread_in_the_interior_is_the_error_plus_rounding(name: str) -> None:
    """Rounding to whole scores adds 1/12 to the variance (Sheppard)."""
    s = scale(name)
    middle = 0.5 * (s.low + s.high)
    assert rate(s, middle, Z).std() == pytest.approx(np.sqrt(s.measurement_sd**2 + 1 / 12), rel=0.01)


def test_error_shrinks_only_near_the_ends() -> None:
    s = scale("MADRS")
    np.testing.assert_allclose(error_sd(s, [0, 3.6, 7.2, 30, 52.8, 60]), [0, 1.2, 2.4, 2.4, 2.4, 0])


def test_floor_and_ceiling_are_kept() -> None:
    s = scale("QIDS-SR16")
    np.testing.assert_array_equal(rate(s, [0.0, 27.0, 1.0, 26.0], [-5.0, 5.0, -5.0, 5.0])[:2], [0.0, 27.0])
    assert np.all((rate(s, np.full(Z.size, 0.7), Z) >= 0) & (rate(s, np.full(Z.size, 26.8), Z) <= 27))


def test_observe_reads_through_the_link() -> None:
    assert float(observe(scale("MADRS"), 0.5, 0.0)) == 30
    assert float(observe(scale("HAM-D17"), 26 / 60, 1.0)) == 22
    assert np.isnan(observe(scale("MADRS"), np.nan, 0.0))


def test_rating_an_impossible_score_is_refused() -> None:
    with pytest.raises(ParameterError, match="must lie between 0 and 60"):
        rate(scale("MADRS"), 61.0, 0.0)
