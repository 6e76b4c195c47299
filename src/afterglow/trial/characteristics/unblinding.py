"""What guessing does to a trial: how many tell their arm, what that adds, and what would be left without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.trial.bank.bank import Bank
from afterglow.trial.blinding import GuessedOutcomes, bang, correct_guess_curve, correct_share, james
from afterglow.trial.characteristics.average import Figure
from afterglow.trial.characteristics.simulate import SimulatedTrials
from afterglow.trial.simulation.batch import ACTIVE, CONTROL
from afterglow.trial.specification.trial import Trial

__all__ = ["GuessCurve", "Unblinding", "bias_points", "unblinding_of"]

_SHARES = np.linspace(0.0, 1.0, 11)
_GROUPS = 20
"""Groups of trials whose spread tells the Monte-Carlo error of what is pooled over trials."""


@dataclass(frozen=True, kw_only=True)
class GuessCurve:
    """The difference of changes, active minus control, against the share of correct guesses, pooled over trials.

    Parameters
    ----------
    share : tuple of float
    effect : tuple of Figure
        At each share, in points.
    at_half : Figure
        Where half of the guesses are right, so that they say nothing of the arm.
    observed_share, observed : Figure
        As the trials were.
    """

    share: tuple[float, ...]
    effect: tuple[Figure, ...]
    at_half: Figure
    observed_share: Figure
    observed: Figure


@dataclass(frozen=True, kw_only=True)
class Unblinding:
    """What guessing does at one size.

    Parameters
    ----------
    correct : Figure
        Share of right guesses among those who name an arm.
    james : Figure
    bang : mapping of str to Figure
        Of the control and of the active arm.
    bias : Figure
        What it adds to the difference of mean scores; see `bias_points`.
    curve : GuessCurve
    """

    correct: Figure
    james: Figure
    bang: Mapping[str, Figure]
    bias: Figure
    curve: GuessCurve


def bias_points(trial: Trial, bank: Bank) -> NDArray[np.float64]:
    """Return what unblinding adds to the difference between the arms on the primary day, in points, (draws,).

    The difference of mean scores, active minus control, less that of the same people if everybody guessed their arm by
    a toss of a coin.
    """
    shares = np.array([site.share for site in trial.section.expectancy.sites] or [1.0])

    def difference(means: NDArray[np.float64]) -> NDArray[np.float64]:
        active, control = (means[:, bank.rows[arm], -1] @ shares for arm in (ACTIVE, CONTROL))
        return np.asarray(active - control)

    return np.asarray((difference(bank.mean) - difference(bank.coin_toss)) / shares.sum())


def unblinding_of(simulated: SimulatedTrials, size: int) -> Unblinding:
    """Return what guessing does in trials of a size, whatever their design."""
    at, average = simulated.sizes.index(size), simulated.average
    guesses = simulated.held["guesses"][:, at]
    apart = bang(guesses).value
    return Unblinding(
        correct=average.weighted(correct_share(guesses)),
        james=average.weighted(james(guesses).value),
        bang={"control": average.weighted(apart[:, CONTROL]), "active": average.weighted(apart[:, ACTIVE])},
        bias=average.weighted(bias_points(simulated.trial, simulated.bank)[simulated.places]),
        curve=_curve(simulated, at),
    )


def _curve(simulated: SimulatedTrials, at: int) -> GuessCurve:
    """Pool the trials by their weights, all of them and in groups."""
    weights = simulated.average.weights
    cells = [simulated.held[name][:, at] for name in ("seen", "sum", "square")]
    group = np.arange(simulated.count) % _GROUPS
    kept = [np.ones(simulated.count, np.bool_), *(group == k for k in range(_GROUPS))]
    pooled = [np.stack([np.tensordot(weights * own, cell, 1) for own in kept]) for cell in cells]
    found = correct_guess_curve(GuessedOutcomes(count=pooled[0], total=pooled[1], square=pooled[2]), _SHARES)

    def figure(values: NDArray[np.float64]) -> Figure:
        whole, parts = float(values[0]), values[1:][np.isfinite(values[1:])]
        error = float(parts.std(ddof=1) / np.sqrt(len(parts))) if len(parts) == _GROUPS else None
        return Figure(whole if np.isfinite(whole) else None, error)

    return GuessCurve(
        share=tuple(float(share) for share in _SHARES),
        effect=tuple(figure(found.effect[:, k]) for k in range(len(_SHARES))),
        at_half=figure(found.at_half),
        observed_share=figure(found.observed_share),
        observed=figure(found.observed_effect),
    )
