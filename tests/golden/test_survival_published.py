"""Time to an event against printed numbers."""

from __future__ import annotations

import numpy as np
import pytest

from afterglow.trial.analysis.survival import TimeToEvent, cox, kaplan_meier, log_rank

# Freireich et al. 1963, weeks of remission of 42 children with leukaemia; a plus marks those still in remission.
MERCAPTOPURINE = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def weeks(text: str) -> tuple[np.ndarray, np.ndarray]:
    words = text.split()
    return np.array([float(word.rstrip("+")) for word in words]), np.array([not word.endswith("+") for word in words])


def leukaemia() -> TimeToEvent:
    (first, had), (second, too) = weeks(PLACEBO), weeks(MERCAPTOPURINE)
    arm = np.repeat([0, 1], 21)
    return TimeToEvent(np.concatenate([first, second]), np.concatenate([had, too]), arm, ["placebo", "6-MP"])


def test_the_curve_is_that_of_the_textbooks() -> None:
    curve = kaplan_meier(*weeks(MERCAPTOPURINE))
    assert curve.time.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    # Cox and Oakes 1984, table 4.1; standard errors by Greenwood.
    assert curve.survival == pytest.approx([0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5)
    assert curve.se == pytest.approx([0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=5e-5)
    assert curve.median == 23
    assert kaplan_meier(*weeks(PLACEBO)).median == 8


def test_the_log_rank_test_is_that_of_the_textbooks() -> None:
    found = log_rank(leukaemia())
    assert found.statistic[0] ** 2 == pytest.approx(16.79, abs=5e-3)  # Kalbfleisch and Prentice 1980
    assert found.value[0] < 0


def test_cox_with_efrons_ties_is_that_of_r() -> None:
    # Venables and Ripley 2002, section 13.3: coxph(Surv(time, cens) ~ treat, gehan), coefficient 1.5721 (0.4124).
    found = cox(leukaemia())
    assert (found.value[0], found.se[0]) == pytest.approx((-1.5721, 0.4124), abs=5e-5)
