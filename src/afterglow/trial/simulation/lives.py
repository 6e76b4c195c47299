"""What befalls the people of one arm in many trials: scores, intercurrent events, dropout and guesses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.observation.fluctuation import fluctuate
from afterglow.observation.noise import rate
from afterglow.simulate.scoring import expected_score
from afterglow.trial.bank.bank import Bank
from afterglow.trial.bank.rates import log_hazard_ratio
from afterglow.trial.simulation.chances import Chances
from afterglow.trial.specification.events import HazardRatio
from afterglow.trial.specification.trial import Trial

__all__ = ["UNSURE", "Lives", "live", "lived_scores"]

UNSURE = -1


@dataclass(frozen=True, eq=False)
class Lives:
    """The people of one arm in many trials.

    Parameters
    ----------
    scores : array (trials, people, days)
        As a rater would write them down on every day, whatever happened; the first is that of inclusion.
    events : int array (events, trials, people)
        Place of the first day on which each event has happened; as many as there are days where it never does.
    dropped : int array (trials, people)
        Place of the first day that is missed, likewise.
    guess : int array (trials, people)
        1 the active arm, 0 the control arm, `UNSURE` where people say that they do not know.
    site : int array (trials, people)
    """

    scores: NDArray[np.float64]
    events: NDArray[np.intp]
    dropped: NDArray[np.intp]
    guess: NDArray[np.int8]
    site: NDArray[np.intp]


def live(
    trial: Trial,
    bank: Bank,
    places: NDArray[np.intp],
    arm: int,
    lives_as: int,
    luck: Chances,
    shift: NDArray[np.float64],
    *,
    chosen: NDArray[np.intp] | None = None,
    lived: NDArray[np.float64] | None = None,
    without: frozenset[int] = frozenset(),
) -> Lives:
    """Follow the people of an arm.

    Parameters
    ----------
    trial : Trial
    bank : Bank
    places : int array (trials,)
        Draw of the bank that each trial is.
    arm : int
        Whose published shares of events and dropout hold.
    lives_as : int
        Arm whose life they live; another than their own where nothing is to differ.
    luck : Chances
    shift : array (trials, days)
        How far the scores of the arm depart from the model, in points.
    chosen : int array (trials, people), optional
        People of the bank; by default those that luck draws.
    lived : array (trials, people, days), optional
        What `lived_scores` says of the same people, where it has been asked.
    without : frozenset of int
        Events that do not happen.
    """
    draw = places[:, None]
    person, site, row = _drawn(trial, bank, lives_as, luck, chosen)
    felt, belief = bank.felt[draw, row, person], bank.belief[draw, row, person]
    if lived is None:
        lived = lived_scores(trial, bank, places, lives_as, luck, chosen=chosen)
    scores = lived + shift[:, None]
    baseline = bank.baseline[draw, row, person].astype(np.float64)
    events, dropped, scores = _followed(trial, bank, lives_as, luck, baseline, scores, felt, belief, without)
    rated = rate(trial.scale, scores, luck.rating)
    rated[..., 0] = baseline
    return Lives(rated, events, dropped, _guesses(trial, luck.guess, belief), site)


def _drawn(
    trial: Trial, bank: Bank, lives_as: int, luck: Chances, chosen: NDArray[np.intp] | None
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return the person of the bank, the site and the row of the bank, each (trials, people)."""
    person = (luck.person * bank.people).astype(np.intp) if chosen is None else chosen
    site = _sites(trial, luck.site)
    return person, site, bank.rows[lives_as][site]


def _sites(trial: Trial, chance: NDArray[np.float64]) -> NDArray[np.intp]:
    sites = trial.section.expectancy.sites
    if not sites:
        return np.zeros(chance.shape, np.intp)
    edges = np.cumsum([site.share for site in sites])
    return np.minimum(np.searchsorted(edges / edges[-1], chance, side="right"), len(sites) - 1)


def lived_scores(
    trial: Trial,
    bank: Bank,
    places: NDArray[np.intp],
    lives_as: int,
    luck: Chances,
    *,
    chosen: NDArray[np.intp] | None = None,
) -> NDArray[np.float64]:
    """Return scores without rating error, with fresh ups and downs of life, (trials, people, days); see `live`."""
    person, _, row = _drawn(trial, bank, lives_as, luck, chosen)
    own = [bank.draws[k] for k in places]
    lived = fluctuate(
        bank.severity[places[:, None], row, person],
        bank.days,
        luck.fluctuation,
        sd=np.array([draw.value("fluctuation_sd") for draw in own]),
        time_constant_days=np.array([draw.value("fluctuation_days") for draw in own]),
    )
    return expected_score(trial.scale, lived, trial.protocol.population)


def _followed(
    trial: Trial,
    bank: Bank,
    arm: int,
    luck: Chances,
    baseline: NDArray[np.float64],
    scores: NDArray[np.float64],
    felt: NDArray[np.float32],
    belief: NDArray[np.float32],
    without: frozenset[int],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Let events and dropout happen from visit to visit, and change the scores after them."""
    low, high = trial.scale.low, trial.scale.high
    scores = np.clip(scores, low, high)
    days, own = bank.days, trial.section.intercurrent_events
    never = len(days)
    events = np.full((len(own), *baseline.shape), never)
    dropped = np.full(baseline.shape, never)
    if not own and trial.dropout is None:
        return events, dropped, scores
    extra = np.zeros(baseline.shape)
    before = baseline

    def happens(ratio: HazardRatio, rate_per_day: float, gap: float, chance: NDArray[np.float64]) -> NDArray[np.bool_]:
        log_ratio = log_hazard_ratio(ratio, before, baseline, felt, belief, trial.baseline_mean, trial.baseline_sd)
        return np.asarray(chance < -np.expm1(-rate_per_day * gap * np.exp(log_ratio)))

    for k in range(1, never):
        gap = float(days[k] - max(days[k - 1], 0.0))
        for j, event in enumerate(own):
            if j in without:
                continue
            now = happens(event.hazard_ratio, bank.rates.events[j, arm], gap, luck.events[j, ..., k - 1])
            now &= events[j] == never
            events[j][now] = k
            extra += event.points * now
        if trial.dropout is not None:
            now = happens(trial.dropout.hazard_ratio, bank.rates.dropout[arm], gap, luck.dropout[..., k - 1])
            dropped[now & (dropped == never)] = k
        if extra.any():
            scores[..., k] = np.clip(scores[..., k] + extra, low, high)
        before = scores[..., k]
    return events, dropped, scores


def _guesses(trial: Trial, chance: NDArray[np.float64], belief: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return what people say: unsure with a chance that is largest where both arms are as likely."""
    unsure = trial.section.guesses.unsure * 4 * belief * (1 - belief)
    said = np.where(chance < unsure + (1 - unsure) * belief, 1, 0)
    return np.where(chance < unsure, UNSURE, said).astype(np.int8)
