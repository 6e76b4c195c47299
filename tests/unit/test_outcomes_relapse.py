"""Relapse among responders and the Kaplan-Meier curve."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf

from afterglow.errors import ParameterError
from afterglow.outcomes.relapse import (
    RelapseDefinition,
    relapse_counts,
    relapse_definition,
    relapse_times,
    share_relapsed,
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


def counted(times: np.ndarray, event: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts of people who all responded on day 0 and were followed for so long, and the days of the visits."""
    visits = np.array([0.0, *np.unique(times)])
    counts = np.zeros((visits.size, visits.size, 2), np.int64)
    np.add.at(counts, (0, np.searchsorted(visits, times), event.astype(int)), 1)
    return counts, visits


def test_kaplan_meier_textbook_example() -> None:
    counts, visits = counted(np.abs(SIX_MP), np.array(SIX_MP) > 0)
    published = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    found = share_relapsed(counts, visits, list(published))
    np.testing.assert_allclose(1 - found, list(published.values()), atol=5e-5)


def test_the_share_relapsed_is_that_of_scipy_whenever_people_responded() -> None:
    rng = np.random.default_rng(8)
    scores = rng.integers(0, 45, (3, 400, 5)).astype(float)
    baseline = rng.integers(20, 45, 400).astype(float)
    given = {"landmark_day": 14.0, "definition": RelapseDefinition(score_at_least=22.0)}
    times = relapse_times(scale("MADRS"), baseline, scores, DAYS, **given)
    counts = relapse_counts(scale("MADRS"), baseline, scores, DAYS, **given)
    shares = share_relapsed(counts, DAYS, DAYS)
    for arm in range(3):
        responder, relapsed = times.responder[arm], times.relapsed[arm]
        assert counts[arm].sum() == responder.sum()
        assert counts[arm, ..., 1].sum() == relapsed.sum()
        days = times.days[arm]
        curve = ecdf(CensoredData(uncensored=days[relapsed], right=days[responder & ~relapsed])).sf
        np.testing.assert_allclose(1 - shares[arm], curve.evaluate(DAYS), atol=1e-12)


def test_where_nobody_responds_no_share_is_known() -> None:
    assert np.isnan(share_relapsed(np.zeros((5, 5, 2), int), DAYS, DAYS)).all()
