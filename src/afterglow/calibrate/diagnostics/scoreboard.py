"""Predictions of trials that were not fitted, beside what was published and beside plain baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from afterglow.calibrate.diagnostics.baselines import plain_baselines
from afterglow.calibrate.diagnostics.comparisons import comparisons_of
from afterglow.calibrate.diagnostics.predictions import foretold, rows_of
from afterglow.calibrate.diagnostics.scores import Row, rows_as_json, summary
from afterglow.calibrate.likelihood import Heterogeneity, TrialNoise, trial_noise
from afterglow.calibrate.predict import excess_of, predict_at_draws
from afterglow.calibrate.targets import Trial, trial_of, values_of
from afterglow.cohort import Draw
from afterglow.errors import AfterglowError
from afterglow.evidence.check import CheckedStudy, check_folder
from afterglow.evidence.findings.finding import Unused
from afterglow.posterior import Posterior, Posteriors
from afterglow.runs.execute import Executor
from afterglow.simulate.spec import explanations_of, mixed_draws

__all__ = ["WEIGHTED", "Answer", "Scoreboard", "foretell", "scoreboard"]

PEOPLE = 96
"""People per arm that a prediction averages over."""

DRAWS = 96
"""Draws of the posteriors that a prediction averages over."""

WEIGHTED = "weighted"
"""Name of the answer of all explanations by their weights, beside those of each alone."""

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Answer:
    """What one explanation, or all by their weights, foretell.

    Parameters
    ----------
    weight : float
        Share of the weighted answer.
    log_density : float
        Log predictive density of all published numbers, each study as a whole.
    rows : tuple of Row
    """

    weight: float
    log_density: float
    rows: tuple[Row, ...]

    def as_json(self) -> dict[str, Any]:
        """Return weight, density and summary as one plain object."""
        return {"weight": self.weight, "log_density": self.log_density, "summary": summary(self.rows)}


@dataclass(frozen=True)
class Scoreboard:
    """Rows of all studies of a folder, and what could not be compared.

    Parameters
    ----------
    rows : tuple of Row
    left_out : tuple of (str, str)
        Study or row, and why.
    mistakes : tuple of str
        What is wrong in the files, a sentence each.
    by_rival : mapping of str to Answer
        Each explanation alone and `WEIGHTED`; empty where that was not asked for.
    """

    rows: tuple[Row, ...]
    left_out: tuple[tuple[str, str], ...]
    mistakes: tuple[str, ...] = ()
    by_rival: Mapping[str, Answer] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return rows and summary as one plain object."""
        told = summary(self.rows)
        found: dict[str, Any] = {"rows": rows_as_json(self.rows, told), "summary": told}
        found["left_out"] = [{"what": what, "reason": why} for what, why in self.left_out]
        found["mistakes"] = list(self.mistakes)
        if self.by_rival:
            found["by_rival"] = {name: answer.as_json() for name, answer in self.by_rival.items()}
        return found


def scoreboard(
    folder: str | Path,
    posteriors: Posteriors,
    *,
    each: bool = False,
    seed: int = 2,
    told: Told | None = None,
    executor: Executor | None = None,
) -> Scoreboard:
    """Foretell every study of a folder; nothing is fitted to it.

    Parameters
    ----------
    folder : str or Path
        Of studies in the evidence format. A row that cannot be used is left out alone, a file that is wrong elsewhere
        as a whole.
    posteriors : Posteriors
        Of one explanation, or of several by their weights.
    each : bool
        Whether each explanation foretells alone as well.
    seed : int
        Of the virtual people.
    told : callable, optional
        Told how many courses (participants times draws) are done, and of how many.
    executor : Executor, optional
        By default threads.

    Raises
    ------
    FileError
        If the folder is missing or holds no study.
    """
    checked = check_folder(folder)
    trials: list[Trial] = []
    left_out: list[tuple[str, str]] = []
    for one in checked:
        trial, unused = _readable(one)
        left_out += unused
        if trial is not None:
            trials.append(trial)
    answers = foretell(trials, posteriors, each=each, seed=seed, told=told, executor=executor) if trials else {}
    rows = answers[WEIGHTED].rows if answers else ()
    mistakes = tuple(said for one in checked for said in one.errors)
    return Scoreboard(rows, tuple(left_out), mistakes, answers if each else {})


def _readable(one: CheckedStudy) -> tuple[Trial | None, list[tuple[str, str]]]:
    """Return what can be compared of a study, if anything, and what cannot, with the reasons."""
    if one.held is None or one.held.mistakes:
        return None, [(one.study, said) for said in one.errors]
    left_out = [(_named(one.study, unused), unused.reason) for unused in one.unused]
    try:
        trial = trial_of(one.held, verified_only=False, to_fit=False)
    except AfterglowError as error:
        return None, [*left_out, (one.study, str(error))]
    left_out += [(f"{one.study}, {f.arm}, {f.scale or f.kind}, day {f.day:g}", why) for f, why in trial.unused]
    if not comparisons_of(trial):
        return None, [*left_out, (one.study, "it has no number that the model can be asked for")]
    return trial, left_out


def _named(study: str, unused: Unused) -> str:
    return ", ".join(part for part in (study, unused.arm, unused.what) if part)


def foretell(
    trials: Sequence[Trial],
    posteriors: Posteriors,
    *,
    each: bool = False,
    seed: int = 2,
    told: Told | None = None,
    executor: Executor | None = None,
) -> dict[str, Answer]:
    """Predict what trials published, with draws of the posteriors and the departures of trials.

    Returns
    -------
    dict of str to Answer
        `WEIGHTED`, and with `each` every explanation alone, from draws of its own.
    """
    answering = {WEIGHTED: posteriors}
    if each:
        answering |= {rival: Posteriors.alone(held) for rival, held in posteriors.by_rival.items()}
    draws = {name: mixed_draws(explanations_of(held), held, DRAWS) for name, held in answering.items()}
    every = [draw for own in draws.values() for draw in own]
    table = predict_at_draws(trials, every, people=PEOPLE, seed=seed, executor=executor, progress=told)
    found, first = {}, 0
    for name, own in draws.items():
        values = table[first : first + len(own)]
        first += len(own)
        found[name] = _answer(trials, own, values, posteriors.by_rival, posteriors.weights.get(name, 1.0))
    return found


def _answer(
    trials: Sequence[Trial],
    draws: Sequence[Draw],
    table: NDArray[np.float64],
    by_rival: Mapping[str, Posterior],
    weight: float,
) -> Answer:
    rows: list[Row] = []
    density = 0.0
    edges = np.cumsum([0, *(len(trial.targets) for trial in trials)])
    for trial, lo, hi in zip(trials, edges[:-1], edges[1:], strict=True):
        values = table[:, lo:hi]
        noise = {name: trial_noise(trial.targets, Heterogeneity(**held.spread)) for name, held in by_rival.items()}
        at_draw = {kind: noise[kind[0]].at(kind[1]) for kind in {(draw.rival, draw.oddness) for draw in draws}}
        around = np.stack([at_draw[draw.rival, draw.oddness] for draw in draws])
        plain = plain_baselines().without(trial.name)
        large = foretold(trial, draws, values + excess_of([trial], draws), around).mean
        rows += rows_of(trial, foretold(trial, draws, values, around), plain, large)
        density += _log_density(trial, draws, values, noise)
    return Answer(weight, density, tuple(rows))


def _log_density(
    trial: Trial, draws: Sequence[Draw], values: NDArray[np.float64], noise: Mapping[str, TrialNoise]
) -> float:
    """Return the log density of a study's published numbers under the mixture of its draws."""
    gaps = (values_of(trial.targets) - values).T
    places: dict[tuple[str, float], list[int]] = {}
    for k, draw in enumerate(draws):
        places.setdefault((draw.rival, draw.oddness), []).append(k)
    logs = np.empty(len(draws))
    for (rival, oddness), own in places.items():
        logs[own] = noise[rival].log_density(gaps[:, own], (oddness,))
    weights = np.array([draw.weight for draw in draws])
    return float(logsumexp(logs, b=weights / weights.sum()))
