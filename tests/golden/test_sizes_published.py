"""Sizes against printed ones, from the tests of rpact and gsDesign.

Tolerances are half of the last printed digit, unless a reason stands beside them.
"""

from __future__ import annotations

import math

import pytest

from afterglow.trial.designs.assurance import NormalPrior, assurance
from afterglow.trial.designs.boundaries import boundaries
from afterglow.trial.designs.characteristics import characteristics
from afterglow.trial.designs.sizes import Size, Wanted, size_for_means, size_for_odds_ratio, size_for_proportions
from afterglow.trial.designs.survival_sizes import Calendar, size_by_events, size_by_hazards


@pytest.mark.parametrize(("test", "n"), [("t", 107.00299), ("normal", 104.93573)])
def test_means_with_looks_are_those_of_rpact(test: str, n: float) -> None:
    """rpact, tests of getSampleSizeMeans: Wang-Tsiatis 0.3 at 0.2, 0.5 and 1, difference 1.3, SD 2, power 0.9."""
    looks = boundaries("wang-tsiatis", information=[0.2, 0.5, 1], delta=0.3, power=0.9)
    assert looks.inflation is not None
    assert looks.drift is not None
    largest = size_for_means(1.3, 2.0, test=test).times(looks.inflation).total  # type: ignore[arg-type]
    assert largest == pytest.approx(n, abs=5e-6)
    if test == "t":
        expected = largest * characteristics(looks, looks.drift).expected_information
        assert expected == pytest.approx(77.928183, abs=5e-6)


def test_proportions_are_those_of_gsdesign() -> None:
    """gsDesign, tests of nBinomial; the first is Farrington and Manning 1990."""
    found = size_for_proportions(0.4, 0.05, Wanted(alpha=0.05, power=0.8), margin=0.2)
    assert found.total == pytest.approx(159.6876, abs=5e-5)
    assert size_for_odds_ratio(0.15, 0.10, Wanted(power=0.8)).total == pytest.approx(1355.84, abs=5e-3)


def test_log_rank_is_that_of_sas() -> None:
    """SAS SEQDESIGN, as in the tests of gsDesign, which allow two people; its integral over recruitment is coarser."""
    calendar = Calendar(recruitment=24, duration=36)
    found = size_by_events(math.log(2) / 20, 0.5, calendar)
    assert found.events == pytest.approx(87.4793, abs=5e-5)
    assert found.total == pytest.approx(197.1152, abs=0.05)


def test_lachin_and_foulkes_are_those_of_gsdesign() -> None:
    """gsDesign, snapshot of nSurvival: hazards 0.2 and 0.1, dropout 0.1, recruitment 0.5 of 2; rounded up there."""
    found = size_by_hazards(0.2, 0.1, Calendar(recruitment=0.5, duration=2, dropout=0.1))
    assert math.ceil(found.total) == 430
    assert math.ceil(found.events or 0) == 91


def test_assurance_is_that_of_gsdesign() -> None:
    """gsDesign, issue 329: 230 people, SD 70, prior of mean 33 and SD 16."""
    found = assurance(NormalPrior(mean=33, sd=16), 2 * 70 / math.sqrt(230))
    assert found == pytest.approx(0.790166, abs=1e-6)


def test_a_size_is_rounded_up_in_each_arm() -> None:
    assert Size(active=10.0, control=9.2).whole == (10, 10)
