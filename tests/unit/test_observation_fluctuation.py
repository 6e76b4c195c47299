"""Ups and downs of severity: as wide as asked for, at rest at inclusion."""

from __future__ import annotations

import numpy as np
from scipy.special import logit

from afterglow.observation.fluctuation import fluctuate, fluctuation_spread

DAYS = np.array([-7.0, -6.5, -5.0, 0.0, 30.0])
SEVERITY = np.full((40_000, len(DAYS)), 0.4)
SD, TIME = 0.7, 1.5


def log_odds_moved(severity: np.ndarray) -> np.ndarray:
    return np.asarray(logit(severity) - logit(0.4))


def test_a_process_is_at_rest_at_first_and_as_wide_as_asked_for_later() -> None:
    z = np.random.default_rng(1).standard_normal(SEVERITY.shape)
    moved = log_odds_moved(fluctuate(SEVERITY, DAYS, z, sd=SD, time_constant_days=TIME))
    np.testing.assert_allclose(moved[:, 0], 0, atol=1e-12)
    np.testing.assert_allclose(moved[:, 1].std(), SD * np.sqrt(1 - np.exp(-2 * 0.5 / TIME)), rtol=0.02)
    np.testing.assert_allclose(moved[:, -1].std(), SD, rtol=0.02)
    kept = np.corrcoef(moved[:, 1], moved[:, 2])[0, 1]
    expected = np.exp(-1.5 / TIME) * moved[:, 1].std() / moved[:, 2].std()
    assert abs(kept - expected) < 0.02


def test_its_spread_is_known_beforehand_and_may_differ_between_draws() -> None:
    sds, constants = np.array([SD, 0.2]), np.array([TIME, 20.0])
    z = np.random.default_rng(2).standard_normal((2, *SEVERITY.shape))
    moved = log_odds_moved(fluctuate(np.stack([SEVERITY] * 2), DAYS, z, sd=sds, time_constant_days=constants))
    spread = fluctuation_spread(DAYS, sd=sds, time_constant_days=constants)
    np.testing.assert_allclose(moved.std(axis=1), spread, rtol=0.02, atol=1e-12)
