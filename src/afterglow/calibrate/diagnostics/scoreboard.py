"""Predictions of trials that were not fitted, beside what was published and beside plain baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from afterglow.calibrate.likelihood import Heterogeneity, covariance
from afterglow.calibrate.predict import predict_at_draws
from afterglow.calibrate.targets import MEANS, Target, Trial, calibration_trials, trial_of
from afterglow.cohort import Draw
from afterglow.errors import AfterglowError, ParameterError
from afterglow.evidence.check import check_folder
from afterglow.posterior import Posteriors
from afterglow.results.mixture import Z90, Mixture
from afterglow.runs.execute import Executor
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import family_of
from afterglow.simulate.spec import explanations_of, mixed_draws

__all__ = ["Predictions", "Row", "Scoreboard", "foretell", "left_out_rows", "scoreboard", "summary"]

DRAWS = 48
"""Draws of the posteriors that a prediction averages over."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One published mean and what was foretold of it.

    Parameters
    ----------
    study, arm, scale, kind : str
        `kind` is "score" or "change_from_baseline", as it was published.
    day : float
    n : int or None
    published, predicted, low, high : float
        In points; the 90 % interval of the published number.
    inside : bool
    sd : float
        Between people, published or typical of the scale.
    medicine, condition : tuple of (mean, sd)
        The same number by the two plain baselines.
    spread : float
        SD of the prediction.
    """

    study: str
    arm: str
    scale: str
    kind: str
    day: float
    n: int | None
    published: float
    predicted: float
    low: float
    high: float
    inside: bool
    sd: float
    spread: float
    medicine: tuple[float, float]
    condition: tuple[float, float]


@dataclass(frozen=True)
class Scoreboard:
    """Rows of all studies of a folder, and what could not be compared.

    Parameters
    ----------
    rows : tuple of Row
    left_out : tuple of (str, str)
        Study, arm or row, and why.
    mistakes : tuple of str
        What is wrong in a file, which is then left out as a whole: a sentence each.
    """

    rows: tuple[Row, ...]
    left_out: tuple[tuple[str, str], ...]
    mistakes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return rows and summary as one plain object."""
        rows = [{k: v for k, v in asdict(r).items() if k not in ("medicine", "condition")} for r in self.rows]
        for row, r in zip(rows, self.rows, strict=True):
            row["baseline_medicine"], row["baseline_condition"] = r.medicine[0], r.condition[0]
        left = [{"what": what, "reason": why} for what, why in self.left_out]
        return {"rows": rows, "summary": summary(self.rows), "left_out": left}


def scoreboard(
    folder: str | Path,
    posteriors: Posteriors,
    *,
    seed: int = 2,
    told: Callable[[int, int], None] | None = None,
    executor: Executor | None = None,
) -> Scoreboard:
    """Foretell every study of a folder; nothing is fitted to it.

    Parameters
    ----------
    folder : str or Path
        Of studies in the evidence format.
    posteriors : Posteriors
        Of one explanation, or of several by their weights.
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
    trials, left_out = [], []
    for one in checked:
        if one.errors or one.held is None:
            left_out += [(one.study, said) for said in one.errors]
            continue
        try:
            trial = trial_of(one.held, verified_only=False, to_fit=False)
        except AfterglowError as error:
            left_out.append((one.study, str(error)))
            continue
        left_out += [(f"{one.study}, {f.arm}, {f.scale or f.kind}, day {f.day:g}", why) for f, why in trial.unused]
        means = [t for t in trial.targets if t.kind in MEANS]
        if means:
            trials.append(trial.only(means))
        else:
            left_out.append((one.study, "no mean score or change of an arm that can be simulated"))
    rows = foretell(trials, posteriors, seed=seed, told=told, executor=executor) if trials else []
    return Scoreboard(tuple(rows), tuple(left_out), tuple(said for one in checked for said in one.errors))


def foretell(
    trials: Sequence[Trial],
    posteriors: Posteriors,
    *,
    seed: int = 2,
    told: Callable[[int, int], None] | None = None,
    executor: Executor | None = None,
) -> list[Row]:
    """Predict the published means of trials with draws of the posteriors and the departures of trials."""
    draws = mixed_draws(explanations_of(posteriors), posteriors, DRAWS)
    table = predict_at_draws(trials, draws, seed=seed, executor=executor, progress=told)
    noise = {
        rival: np.sqrt(np.concatenate([np.diag(covariance(t.targets, Heterogeneity(**held.spread))) for t in trials]))
        for rival, held in posteriors.by_rival.items()
    }
    return rows_of(trials, Predictions.of(draws, table, np.stack([noise[d.rival] for d in draws])), plain_baselines())


def left_out_rows(posteriors: Posteriors) -> list[Row]:
    """Foretell each study of the calibration from all others, as its fits left it; baselines leave it out as well.

    Raises
    ------
    ParameterError
        If a posterior was fitted to other rows than those of the package.
    """
    draws = [Draw(rival=rival, weight=posteriors.weights[rival]) for rival in posteriors.by_rival]
    held = [posterior.diagnostics for posterior in posteriors.by_rival.values()]
    every = [trial for trial in calibration_trials() if trial.name in held[0]["left_out_mean"]]
    trials, plain = [], {}
    means: list[list[float]] = [[] for _ in held]
    sds: list[list[float]] = [[] for _ in held]
    for trial in every:
        if any(len(facts["left_out_mean"].get(trial.name, ())) != len(trial.targets) for facts in held):
            raise ParameterError(
                f"the posterior was fitted to other rows of {trial.name}; run afterglow calibrate again"
            )
        at = [k for k, t in enumerate(trial.targets) if t.kind in MEANS]
        if at:
            trials.append(trial.only([trial.targets[k] for k in at]))
            plain[trial.name] = baselines_of([other for other in every if other.name != trial.name])
            for own_means, own_sds, facts in zip(means, sds, held, strict=True):
                own_means += [facts["left_out_mean"][trial.name][k] for k in at]
                own_sds += [facts["left_out_sd"][trial.name][k] for k in at]
    return rows_of(trials, Predictions.of(draws, np.array(means), np.array(sds)), plain)


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions of published numbers, (targets,) each.

    Parameters
    ----------
    mean, sd : array
    low, high : array
        The 90 % interval.
    """

    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def of(cls, draws: Sequence[Draw], values: NDArray[np.float64], sd: NDArray[np.float64]) -> Predictions:
        """Mix the predictions of draws, (draws, targets), each with the SD of the published number around it."""
        mixture = Mixture(tuple(draws))
        mean = mixture.mean(values)
        low, high = mixture.interval(values, sd)
        return cls(mean, np.sqrt(mixture.mean(sd**2 + (values - mean) ** 2)), low, high)


def rows_of(
    trials: Sequence[Trial], predicted: Predictions, baselines: Baselines | Mapping[str, Baselines]
) -> list[Row]:
    """Set predictions beside what was published; `baselines` may differ by study."""
    found, at = [], 0
    for trial in trials:
        plain = baselines[trial.name] if isinstance(baselines, Mapping) else baselines
        for t in trial.targets:
            found.append(_row(trial, t, predicted, at, plain))
            at += 1
    return found


def _row(trial: Trial, t: Target, found: Predictions, at: int, plain: Baselines) -> Row:
    start = t.baseline.value if t.finding.kind == "mean" and t.baseline is not None else 0.0
    scale, published = t.scale, t.finding.value
    floor, ceiling = scale.low, scale.high
    if t.finding.kind == "change":
        floor, ceiling = scale.low - scale.high, scale.high - scale.low
    predicted = start + float(found.mean[at])
    low, high = max(floor, start + float(found.low[at])), min(ceiling, start + float(found.high[at]))
    condition, medicine = trial.protocol.population.condition, trial.medicines[t.arm]
    origin = start
    if t.finding.kind == "mean" and t.baseline is None:
        origin = _typical_start(trial, scale.id)
    span = scale.high - scale.low
    by = [
        (origin + m * span, float(np.hypot(s * span, t.se)))
        for m, s in (plain.medicine(condition, medicine), plain.condition(condition))
    ]
    return Row(
        study=trial.name,
        arm=t.finding.arm,
        scale=scale.id,
        kind="score" if t.finding.kind == "mean" else "change_from_baseline",
        day=t.finding.day,
        n=t.finding.n,
        published=published,
        predicted=predicted,
        low=low,
        high=high,
        inside=bool(low <= published <= high),
        sd=t.unit,
        spread=float(found.sd[at]),
        medicine=by[0],
        condition=by[1],
    )


def _typical_start(trial: Trial, name: str) -> float:
    """Return the baseline of the study on a scale, from its population when it is that of inclusion."""
    p = trial.protocol.population
    mine = find_scale(p.scale)
    share = (p.baseline_mean - mine.low) / (mine.high - mine.low)
    other = find_scale(name)
    return p.baseline_mean if name == p.scale else other.low + share * (other.high - other.low)


@dataclass(frozen=True)
class Baselines:
    """Mean changes of the arms of a set of trials, as shares of a scale's range.

    Parameters
    ----------
    arms : tuple of (condition, medicine, changes)
        One entry per arm, with the change of each of its rows.
    """

    arms: tuple[tuple[str, str, tuple[float, ...]], ...]

    def medicine(self, condition: str, medicine: str) -> tuple[float, float]:
        """Return mean and SD of the changes of a medicine's arms in a condition, else in its family, else overall."""
        own = [a for a in self.arms if a[1] == medicine]
        return self._of(own, condition) or self.condition(condition)

    def condition(self, condition: str) -> tuple[float, float]:
        """Return mean and SD of the changes of all arms in a condition, else in its family, else overall."""
        return self._of(self.arms, condition) or (-0.15, 0.15)

    def _of(self, arms: Sequence[tuple[str, str, tuple[float, ...]]], condition: str) -> tuple[float, float] | None:
        same = [a[2] for a in arms if a[0] == condition]
        kin = [a[2] for a in arms if family_of(a[0]) == family_of(condition)]
        chosen = same or kin or [a[2] for a in arms]
        if not chosen:
            return None
        means = np.array([np.mean(rows) for rows in chosen])
        every = np.concatenate([np.array(rows) for rows in chosen])
        spread = float(every.std()) if len(every) > 2 else 0.15
        return float(means.mean()), max(spread, 0.05)


def baselines_of(trials: Sequence[Trial]) -> Baselines:
    """Compute the plain baselines of some trials."""
    arms = []
    for trial in trials:
        for k in range(len(trial.protocol.arms)):
            rows = [t for t in trial.targets if t.arm == k and t.kind == "change"]
            shares = tuple(t.value / (t.scale.high - t.scale.low) for t in rows)
            if shares:
                arms.append((trial.protocol.population.condition, trial.medicines[k], shares))
    return Baselines(tuple(arms))


@cache
def plain_baselines() -> Baselines:
    """Return the baselines of the calibration evidence."""
    return baselines_of(calibration_trials())


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Return rows, coverage90, mae_sd and crps, of the model and of both baselines.

    Notes
    -----
    `mae_sd` is the mean absolute error in SDs between people; `crps` the continuous ranked probability score of a
    normal with the prediction's mean and SD, in the same unit (gneiting2007).
    """
    if not rows:
        empty = {"rows": 0, "coverage90": None, "mae_sd": None, "crps": None}
        return {**empty, "baseline_medicine": dict(empty), "baseline_condition": dict(empty)}
    published = np.array([r.published for r in rows])
    unit = np.array([r.sd for r in rows])
    found = _scores(published, np.array([r.predicted for r in rows]), np.array([r.spread for r in rows]), unit)
    found["coverage90"] = float(np.mean([r.inside for r in rows]))
    for name in ("medicine", "condition"):
        pairs = np.array([getattr(r, name) for r in rows])
        found[f"baseline_{name}"] = _scores(published, pairs[:, 0], pairs[:, 1], unit)
    return found


def _scores(
    y: NDArray[np.float64], mean: NDArray[np.float64], sd: NDArray[np.float64], unit: NDArray[np.float64]
) -> dict[str, Any]:
    z = (y - mean) / sd
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    crps = sd * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))
    return {
        "rows": len(y),
        "coverage90": float(np.mean(np.abs(z) <= Z90)),
        "mae_sd": float(np.mean(np.abs(y - mean) / unit)),
        "crps": float(np.mean(crps / unit)),
    }
