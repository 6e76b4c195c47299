"""Blinding: indices against printed ones, and the curve of the difference against the share of correct guesses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from afterglow.errors import ParameterError
from afterglow.trial.blinding import (
    GuessedOutcomes,
    bang,
    correct_guess_curve,
    correct_share,
    count_guesses,
    guessed_outcomes,
    james,
)

PRINTED = [[22, 30, 319], [48, 4, 330]]
"""Guesses active, control and unsure, of control and active."""


def test_indices_are_those_of_the_package_bi() -> None:
    """R package BI 1.2.0, as printed for these counts in the README of BlindingIndex.jl; last printed digit."""
    found = james(PRINTED)
    assert [found.value, found.se, found.low, found.high] == pytest.approx([0.896, 0.011, 0.875, 0.918], abs=5e-4)
    arms = bang(PRINTED)
    assert arms.value == pytest.approx([0.022, 0.115], abs=5e-4)
    assert arms.se == pytest.approx([0.019, 0.018], abs=5e-4)
    assert arms.low == pytest.approx([-0.016, 0.080], abs=5e-4)
    assert arms.high == pytest.approx([0.060, 0.150], abs=5e-4)


@pytest.mark.parametrize(
    ("counts", "of_james", "of_bang"),
    [
        ([[0, 9, 0], [9, 0, 0]], 0.0, [1, 1]),
        ([[9, 9, 0], [9, 9, 0]], 0.5, [0, 0]),
        ([[9, 0, 0], [0, 9, 0]], 1.0, [-1, -1]),
        ([[0, 0, 9], [0, 0, 9]], 1.0, [0, 0]),
    ],
)
def test_indices_at_their_ends(counts: Any, of_james: float, of_bang: list[float]) -> None:
    assert james(counts).value == pytest.approx(of_james)
    assert bang(counts).value == pytest.approx(of_bang)
    assert james(counts).low >= 0


def test_indices_of_many_trials_are_those_of_each() -> None:
    many = np.array([PRINTED, [[5, 20, 3], [22, 4, 1]], [[0, 0, 0], [0, 0, 0]]])
    for index in (james, bang):
        together = index(many)
        for k in range(2):
            assert together.se[k] == pytest.approx(index(many[k]).se)
        assert np.isnan(together.value[2]).all()
    assert correct_share(many)[1] == pytest.approx(42 / 51)


def test_standard_error_of_james_agrees_with_resampled_trials() -> None:
    p = np.array([5, 20, 6, 25, 4, 10]) / 70
    drawn = np.random.default_rng(1).multinomial(700, p, size=4000).reshape(-1, 2, 3)
    assert np.std(james(drawn).value) == pytest.approx(float(james(700 * p.reshape(2, 3)).se), rel=0.05)


def test_an_effect_of_guessing_alone_vanishes_at_one_half() -> None:
    rng = np.random.default_rng(2)
    active = np.arange(4000) % 2 == 0
    said_active = rng.random(4000) < np.where(active, 0.8, 0.3)
    guess = np.where(rng.random(4000) < 0.1, "unsure", np.where(said_active, "Active", "control"))
    outcome = 20 - 6.0 * said_active + rng.standard_normal(4000)
    outcome[::50] = np.nan
    found = correct_guess_curve(guessed_outcomes(outcome, active, guess))
    assert found.observed_share == pytest.approx(0.75, abs=0.02)
    assert found.observed_effect == pytest.approx(-3.0, abs=0.3)
    assert found.at_half == pytest.approx(0, abs=0.2)
    assert found.at_half_low < 0 < found.at_half_high
    assert found.effect[[0, -1]] == pytest.approx([6, -6], abs=0.25)
    assert found.effect[10] == pytest.approx(float(found.at_half))


def test_the_curve_is_a_weighted_mean_within_each_arm() -> None:
    count = np.array([[10.0, 20.0], [30.0, 10.0]])
    mean = np.array([[15.0, 12.0], [8.0, 11.0]])
    cells = GuessedOutcomes(count=count, total=count * mean, square=count * mean**2 + (count - 1) * 4.0)
    found = correct_guess_curve(cells, [0.0, 0.25, 1.0])
    assert found.effect == pytest.approx([-1.0, 10.25 - 12.75, -7.0])
    assert found.se[2] == pytest.approx(2 * np.sqrt(1 / 10 + 1 / 30))
    assert found.observed_share == pytest.approx(40 / 70)
    assert found.observed_effect == pytest.approx(8.75 - 13.0)


def test_without_wrong_guesses_only_the_end_is_known() -> None:
    count = np.array([[[10.0, 0.0], [10.0, 10.0]]])
    found = correct_guess_curve(GuessedOutcomes(count=count, total=5 * count, square=26 * count))
    assert np.isnan(found.at_half).all()
    assert np.isfinite(found.effect[0, -1])
    assert np.isnan(found.effect[0, :-1]).all()


def test_people_are_counted_by_arm_and_guess() -> None:
    counts = count_guesses([True, True, False, False, False], ["active", "Unsure ", "control", "active", ""])
    assert counts.tolist() == [[1, 1, 0], [1, 0, 1]]


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: james([[1, 2], [3, 4]]), "2 x 3"),
        (lambda: bang([[1, -2, 0], [3, 4, 0]]), "cannot be negative"),
        (lambda: count_guesses([True], ["drug"]), "got 'drug'"),
        (lambda: count_guesses([True, False], ["active"]), "one arm and one guess"),
        (lambda: guessed_outcomes([1.0, 2.0], [True], ["active"]), "one outcome and one guess"),
        (lambda: james(PRINTED, level=95), "between 0 and 1"),
        (lambda: correct_guess_curve(guessed_outcomes([1.0], [True], ["active"]), [1.2]), "from 0 to 1"),
    ],
)
def test_a_mistake_gets_a_sentence(ask: Callable[[], object], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        ask()
