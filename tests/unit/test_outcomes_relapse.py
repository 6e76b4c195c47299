"""Relapse among responders and the Kaplan-Meier curve."""

from __future__ import annotations

import numpy as np
import pytest

from afterglow.errors import ParameterError
from afterglow.outcomes.relapse import (
    RelapseDefinition,
    kaplan_meier,
    relapse_definition,
    relapse_times,
)
from afterglow.scales.instruments import SCALES, scale

DAYS = [7.0, 14.0, 28.0, 56.0, 84.0]
NAN = np.nan


def madrs(*scores: float, baseline: float = 30.0, **options):
    """Relapse of one person on the MADRS: (responder, response day, days, relapsed)."""
    got = relapse_times(scale("MADRS"), [baseline], [list(scores)], DAYS, **options)
    return bool(got.responder[0]), got.response_day[0], got.days[0], bool(got.relapsed[0])


def test_a_responder_who_falls_back_relapses() -> None:
    assert madrs(12, 12, 14, 24, 10) == (True, 7.0, 49.0, True)


def test_a_responder_who_stays_is_censored_at_the_last_visit() -> None:
    assert madrs(30, 12, 14, 14, 13) == (True, 14.0, 70.0, False)


def test_losing_response_alone_is_no_relapse() -> None:
    """16 of 30 is no response any more, but below 22 and with most of the gain kept."""
    assert madrs(10, 16, 16, 16, 16) == (True, 7.0, 77.0, False)


def test_losing_half_of_the_gain_is_a_relapse() -> None:
    """Gain of 20 points; 20 is below 22 but half of the gain is lost."""
    assert madrs(10, 19, 20, 10, 10) == (True, 7.0, 21.0, True)


def test_half_the_gain_lost_while_still_responding_is_no_relapse() -> None:
    assert madrs(2, 24, 2, 2, 2, baseline=50.0) == (True, 7.0, 77.0, False)


def test_nonresponders_have_no_time() -> None:
    responder, day, days, relapsed = madrs(30, 29, 28, 27, 26)
    assert not responder
    assert np.isnan(day)
    assert np.isnan(days)
    assert not relapsed


def test_response_before_the_landmark_does_not_count() -> None:
    assert madrs(10, 28, 28, 10, 28, landmark_day=28.0) == (True, 56.0, 28.0, True)


def test_dropout_censors_at_the_last_observed_visit() -> None:
    assert madrs(10, 10, 10, NAN, NAN) == (True, 7.0, 21.0, False)
    assert madrs(10, NAN, NAN, NAN, NAN) == (True, 7.0, 0.0, False)


def test_two_visits_in_a_row_as_in_the_withdrawal_trial() -> None:
    rule = RelapseDefinition(score_at_least=22.0, gain_lost=None, visits=2)
    assert madrs(10, 25, 10, 25, 26, definition=rule) == (True, 7.0, 49.0, True)
    assert madrs(10, 25, 10, 25, 10, definition=rule)[3] is False
    assert madrs(10, 25, NAN, 25, 10, definition=rule) == (True, 7.0, 7.0, True)


def test_many_people_in_arms_at_once_equal_one_at_a_time() -> None:
    rng = np.random.default_rng(5)
    scores = rng.integers(0, 45, (2, 60, 5)).astype(float)
    scores[rng.random(scores.shape) < 0.1] = NAN
    baseline = rng.integers(20, 45, 60).astype(float)
    together = relapse_times(scale("MADRS"), baseline, scores, DAYS)
    for arm in range(2):
        for i in range(60):
            one = relapse_times(scale("MADRS"), baseline[i : i + 1], scores[arm, i : i + 1], DAYS)
            assert one.relapsed[0] == together.relapsed[arm, i]
            np.testing.assert_array_equal(one.days[0], together.days[arm, i])
    assert together.relapsed.sum() > 20
    assert np.all(together.responder[together.relapsed])


def test_definitions() -> None:
    assert relapse_definition(scale("MADRS")).score_at_least == 22
    assert relapse_definition(scale("HAM-D17")).score_at_least == 14
    assert relapse_definition(scale("GRID-HAMD")).score_at_least == 14
    assert relapse_definition(scale("CAPS-5")).score_at_least is None
    assert relapse_definition(scale("QIDS-SR16")).score_at_least == 14
    assert all(relapse_definition(s).source for s in SCALES.values())


def test_losing_response_is_relapse_in_ptsd() -> None:
    got = relapse_times(scale("CAPS-5"), [44.0], [[30, 33, 35, 30, 30]], DAYS)
    assert got.relapsed[0]
    assert got.days[0] == 21.0


def test_days_must_match() -> None:
    with pytest.raises(ParameterError, match="increasing days"):
        relapse_times(scale("MADRS"), [30.0], [[10.0, 10.0]], [7.0])
    with pytest.raises(ParameterError):
        RelapseDefinition(score_at_least=22.0, visits=0)


# Weeks in remission of 21 children on 6-mercaptopurine; negative = censored.
# Freireich EJ et al. Blood 1963;21:699-716, as tabulated in Kaplan-Meier chapters of textbooks
# (Kleinbaum DG, Klein M. Survival Analysis, 3rd ed., Springer 2012, table 2.2).
SIX_MP = [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35]


def test_kaplan_meier_textbook_example() -> None:
    times, event = np.abs(SIX_MP), np.array(SIX_MP) > 0
    curve = kaplan_meier(times, event)
    published = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    for week, survival in published.items():
        assert curve.survival[np.searchsorted(curve.days, week)] == pytest.approx(survival, abs=5e-5)
    at_risk = dict(zip(curve.days, curve.at_risk, strict=True))
    assert [at_risk[t] for t in (6, 7, 10, 13, 16, 22, 23)] == [21, 17, 15, 12, 11, 7, 6]


def test_kaplan_meier_band_by_hand() -> None:
    """Greenwood's variance on the log-log scale, worked out at week 10 (21, 17, 15 at risk; 3, 1, 1 events)."""
    curve = kaplan_meier(np.abs(SIX_MP), np.array(SIX_MP) > 0)
    at = int(np.searchsorted(curve.days, 10))
    s = curve.survival[at]
    variance = 3 / (21 * 18) + 1 / (17 * 16) + 1 / (15 * 14)
    half = 1.959964 * np.sqrt(variance) / abs(np.log(s))
    assert curve.low[at] == pytest.approx(s ** np.exp(half), rel=1e-6)
    assert curve.high[at] == pytest.approx(s ** np.exp(-half), rel=1e-6)


def test_kaplan_meier_edges() -> None:
    everyone = kaplan_meier([5.0, 9.0, NAN], [True, True, False])
    np.testing.assert_allclose(everyone.survival, [1.0, 0.5, 0.0])
    nobody = kaplan_meier([5.0, 9.0], [False, False])
    assert np.all(nobody.survival == 1)
    for curve in (everyone, nobody):
        assert np.all(np.isfinite(curve.low) & np.isfinite(curve.high))
        assert np.all((curve.low <= curve.survival) & (curve.survival <= curve.high))
        assert curve.days[0] == 0
    for days, event in (([NAN], [False]), ([], []), ([-1.0], [True])):
        with pytest.raises(ParameterError):
            kaplan_meier(days, event)
    np.testing.assert_array_equal(kaplan_meier([0.0, 4.0], [False, True]).survival, [1.0, 0.0])
