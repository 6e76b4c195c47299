"""Dropout: the published share by the published day, nobody removed."""

from __future__ import annotations

import numpy as np
import pytest

from afterglow.errors import ParameterError
from afterglow.observation.dropout import DROPOUT_RATES, hazard_per_week, last_observed_day, observed_on

UNIFORM = (np.arange(100_000) + 0.5) / 100_000


def test_hazard_loses_the_published_share() -> None:
    assert 1 - np.exp(-hazard_per_week(0.16, 84.0) * 12) == pytest.approx(0.16)
    assert hazard_per_week(0.0, 10.0) == 0.0


@pytest.mark.parametrize("row", sorted(DROPOUT_RATES))
def test_share_missing_by_the_end_is_the_published_one(row: str) -> None:
    rate = DROPOUT_RATES[row]
    by_day = rate.by_day or 84.0
    last = last_observed_day(UNIFORM, fraction=rate.fraction, by_day=by_day, horizon_days=by_day)
    assert last.shape == UNIFORM.shape
    assert np.mean(last < by_day) == pytest.approx(rate.fraction, abs=1e-4)
    assert last.min() > 0
    assert last.max() == by_day


def test_the_hazard_goes_on_after_the_published_day() -> None:
    last = last_observed_day(UNIFORM, fraction=0.1, by_day=42.0, horizon_days=84.0)
    assert np.mean(last < 84.0) == pytest.approx(1 - 0.9**2, abs=1e-4)


def test_nobody_leaves_without_a_hazard() -> None:
    assert np.all(last_observed_day(UNIFORM[:5], fraction=0.0, by_day=42.0, horizon_days=365.0) == 365.0)


def test_visits_that_took_place() -> None:
    np.testing.assert_array_equal(
        observed_on([0, 7, 14], [6.9, 7.0, 30.0]), [[True, False, False], [True, True, False], [True, True, True]]
    )


def test_impossible_rates_are_refused() -> None:
    for fraction, by_day in ((1.0, 7.0), (-0.1, 7.0), (0.1, 0.0), (float("nan"), 7.0)):
        with pytest.raises(ParameterError):
            hazard_per_week(fraction, by_day)
    with pytest.raises(ParameterError, match="draws"):
        last_observed_day([0.0], fraction=0.1, by_day=7.0, horizon_days=7.0)
