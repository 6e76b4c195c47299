"""Shares of responders against published intervals and tests."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from afterglow.trial.analysis.responders import (
    cmh,
    farrington_manning,
    mantel_haenszel_odds_ratio,
    newcombe_interval,
    score_interval,
)

# Newcombe 1998, Statistics in Medicine 17:873, table II: 56/70 against 48/80, methods 10 and 5 (Mee), four decimals.


def test_newcombes_interval_is_the_one_he_printed() -> None:
    assert newcombe_interval([48, 56], [80, 70]) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert newcombe_interval([3, 9], [10, 10]) == pytest.approx((0.1705, 0.8090), abs=5e-5)


def test_the_score_interval_is_that_of_mee_and_its_ends_are_margins_just_rejected() -> None:
    low, high = score_interval([48, 56], [80, 70])
    assert (low, high) == pytest.approx((0.0533, 0.3377), abs=5e-5)
    assert farrington_manning([48, 56], [80, 70], margin=[low, high]) == pytest.approx([1.959964, -1.959964], abs=1e-5)


# Admissions to Berkeley in 1973 by department, the example of R's mantelhaen.test: men and women, admitted and not.
MEN = np.array([[512, 313], [353, 207], [120, 205], [138, 279], [53, 138], [22, 351]])
WOMEN = np.array([[89, 19], [17, 8], [202, 391], [131, 244], [94, 299], [24, 317]])


def test_the_test_of_mantel_and_haenszel_is_that_of_r() -> None:
    admitted = np.stack([WOMEN[:, 0], MEN[:, 0]], axis=1)
    people = np.stack([WOMEN.sum(axis=1), MEN.sum(axis=1)], axis=1)
    assert norm.isf(cmh(admitted, people).p / 2) ** 2 == pytest.approx(1.5246, abs=5e-5)  # correct = FALSE
    odds = mantel_haenszel_odds_ratio(admitted, people)
    assert np.exp([odds.value, odds.low, odds.high]) == pytest.approx([0.9046968, 0.7719074, 1.0603298], abs=1e-6)
