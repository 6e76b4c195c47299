"""Ups and downs of severity: as wide as asked for, at rest at inclusion, and alike on any day when drawn smoothly."""

from __future__ import annotations

import numpy as np
from scipy.special import logit, ndtri

from afterglow.observation.fluctuation import fluctuate, fluctuated_evenly

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


def test_one_draw_a_person_spreads_people_alike_on_every_day() -> None:
    rng = np.random.default_rng(2)
    process = fluctuate(SEVERITY, DAYS, rng.standard_normal(SEVERITY.shape), sd=SD, time_constant_days=TIME)
    even = ndtri((rng.permutation(len(SEVERITY)) + 0.5) / len(SEVERITY))
    smooth = fluctuated_evenly(SEVERITY, DAYS, even, sd=SD, time_constant_days=TIME)
    for share in (0.05, 0.5, 0.95):
        np.testing.assert_allclose(np.quantile(smooth, share, axis=0), np.quantile(process, share, axis=0), atol=0.01)
    order = np.argsort(smooth[:, 1])
    assert np.array_equal(order, np.argsort(smooth[:, -1]))
