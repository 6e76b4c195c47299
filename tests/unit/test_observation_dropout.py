"""Dropout: a constant hazard that loses the published share by the published day."""

from __future__ import annotations

import numpy as np
import pytest

from afterglow.errors import ParameterError
from afterglow.observation.dropout import DROPOUT_RATES, hazard_per_week, share_seen


def test_hazard_loses_the_published_share() -> None:
    assert 1 - np.exp(-hazard_per_week(0.16, 84.0) * 12) == pytest.approx(0.16)
    assert hazard_per_week(0.0, 10.0) == 0.0


@pytest.mark.parametrize(
    ("medicine", "active", "row"),
    [
        ("psilocybin", True, "psilocybin_active"),
        ("psilocybin", False, "psilocybin_control"),
        ("ketamine", True, "esketamine_active"),
        ("mdma", False, "mdma_placebo"),
    ],
)
def test_the_published_share_is_lost_by_the_published_day(medicine: str, active: bool, row: str) -> None:
    published = DROPOUT_RATES[row]
    assert published.by_day is not None
    seen = [share_seen(medicine, active=active, day=times * published.by_day) for times in (1, 2)]
    assert seen == pytest.approx([1 - published.fraction, (1 - published.fraction) ** 2])


def test_nobody_is_lost_before_the_first_dose_or_without_a_published_rate() -> None:
    assert share_seen("psilocybin", active=True, day=-7.0) == 1.0
    assert share_seen("psilocybin", active=True, day=0.0) == 1.0
    assert share_seen("placebo", active=False, day=84.0) == 1.0


def test_impossible_rates_are_refused() -> None:
    for fraction, by_day in ((1.0, 7.0), (-0.1, 7.0), (0.1, 0.0), (float("nan"), 7.0)):
        with pytest.raises(ParameterError):
            hazard_per_week(fraction, by_day)
