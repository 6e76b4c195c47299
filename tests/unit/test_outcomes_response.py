"""Response, remission and loss of diagnosis."""

from __future__ import annotations

import numpy as np
import pytest

from afterglow.errors import ParameterError
from afterglow.outcomes.response import loses_diagnosis, remits, responds
from afterglow.scales.instruments import scale
from afterglow.scales.links import severity_to_score


def test_response_by_fraction_is_half_or_more() -> None:
    got = responds(scale("MADRS"), [30.0, 31.0, 0.0], [[15.0, 16.0], [15.5, np.nan], [0.0, 0.0]])
    np.testing.assert_array_equal(got, [[True, False], [True, False], [False, False]])


def test_response_by_points_and_by_a_third() -> None:
    np.testing.assert_array_equal(responds(scale("CAPS-5"), [44.0], [[34.0, 35.0]]), [[True, False]])
    np.testing.assert_array_equal(responds(scale("CAPS-IV"), [80.0], [[56.0, 57.0]]), [[True, False]])


def test_half_on_the_madrs_is_about_half_on_the_hamd() -> None:
    """Leucht 2018: a percentage fall is about the same on both. Share of responders within 2 percentage points."""
    rng = np.random.default_rng(3)
    before = rng.normal(0.53, 0.08, 5_000).clip(0.3, 0.8)
    after = before * rng.uniform(0.1, 1.1, 5_000)
    shares, each = [], []
    for name in ("MADRS", "HAM-D17"):
        s = scale(name)
        got = responds(s, severity_to_score(s, before), severity_to_score(s, after)[:, None])[:, 0]
        shares.append(got.mean())
        each.append(got)
    assert shares[0] == pytest.approx(shares[1], abs=0.02)
    assert np.mean(each[0] == each[1]) > 0.97


def test_remission_thresholds_are_included() -> None:
    for name, threshold in [("MADRS", 10), ("HAM-D17", 7), ("QIDS-SR16", 5), ("PHQ-9", 4), ("BDI-II", 13)]:
        np.testing.assert_array_equal(remits(scale(name), [threshold, threshold + 1, np.nan]), [True, False, False])


def test_remission_of_ptsd_implies_loss_of_diagnosis() -> None:
    scores = np.arange(81.0)
    well, lost = remits(scale("CAPS-5"), scores), loses_diagnosis(scale("CAPS-5"), scores)
    assert well.sum() == 12
    assert lost.sum() == 25
    assert np.all(lost[well])


@pytest.mark.parametrize(("mean", "sd", "lost"), [(19.6, 13.61, 28 / 42), (29.9, 12.77, 12 / 37)])
def test_diagnosis_cut_off_gives_the_published_shares(mean: float, sd: float, lost: float) -> None:
    """mitchell2021, both arms at 18 weeks. The cut-off was derived from them; within 5 percentage points."""
    scores = np.random.default_rng(4).normal(mean, sd, 200_000).clip(0, 80)
    assert loses_diagnosis(scale("CAPS-5"), scores).mean() == pytest.approx(lost, abs=0.05)


def test_rules_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ParameterError, match="no published definition of remission"):
        remits(scale("CAPS-IV"), [10.0])
    with pytest.raises(ParameterError, match="no rule for loss of a diagnosis"):
        loses_diagnosis(scale("MADRS"), [10.0])
