"""A plain linear correction of what was foretold, as a rival of the model's structure.

The errors of left-out studies are regressed on what the arms were given and on the size of the trial, with departures
of studies and arms, each study left out in turn. A structure that errs more on differences than its own predictions
with this correction on top is not the right one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from afterglow.calibrate.diagnostics.scores import Row
from afterglow.calibrate.targets import Trial
from afterglow.medicines import WINDOW_MEDICINES

__all__ = ["TERMS", "Correction", "corrected", "design", "evidence_of", "fitted", "terms_of"]

_ONSET_DAYS = 10.0
"""Days in which a new antidepressant reaches all but 1/e of its effect."""

_PRIOR_SD = 0.5
"""SD of the prior of each term, in SDs between people: the ridge."""

TERMS = (
    "all arms",
    "given",
    "waiting list",
    "new antidepressant",
    *(f"medicine: {name}" for name in WINDOW_MEDICINES),
    "log hours of psychotherapy",
    "supportive therapy",
    "psilocybin in resistant depression",
    "psilocybin 10 mg",
    "standard error of the trial",
)


@dataclass(frozen=True)
class Correction:
    """What is added to predictions, in SDs between people.

    Parameters
    ----------
    terms : array (terms,)
        By `TERMS`; published less predicted.
    study, arm, row : float
        SDs of the departures.
    """

    terms: NDArray[np.float64]
    study: float
    arm: float
    row: float


def terms_of(trial: Trial, arm: int, day: float) -> NDArray[np.float64]:
    """Return the terms of an arm on a day, (terms,)."""
    own, control = trial.protocol.arms[arm], trial.controls[arm]
    medicine = trial.medicines[arm]
    therapy = [s for s in own.sessions if s.kind == "psychotherapy" and s.day <= day]
    resistant = trial.protocol.population.condition == "treatment_resistant_depression"
    new = own.background.antidepressant == "new" and day > own.background.from_day
    first = min((d for d in own.doses if d.medicine == medicine), key=lambda d: d.time_h, default=None)
    people = sum(one.n or 0 for one in trial.protocol.arms)
    found = {
        "all arms": 1.0,
        "given": float(bool(own.doses or own.sessions)),
        "waiting list": float(control == "waiting_list"),
        "new antidepressant": float(-np.expm1(-(day - own.background.from_day) / _ONSET_DAYS)) if new else 0.0,
        f"medicine: {medicine}": 1.0,
        "log hours of psychotherapy": float(np.log1p(sum(s.hours for s in therapy))),
        "supportive therapy": float(any(s.approach == "supportive" for s in therapy)),
        "psilocybin in resistant depression": float(resistant and medicine == "psilocybin"),
        "psilocybin 10 mg": float(medicine == "psilocybin" and first is not None and first.dose_mg == 10.0),
        "standard error of the trial": float(np.sqrt(4.0 / people)) if people and not control else 0.0,
    }
    return np.array([found.get(name, 0.0) for name in TERMS])


def design(rows: Sequence[Row], trials: Mapping[str, Trial]) -> NDArray[np.float64]:
    """Return the terms of rows, (rows, terms): those of the arm less those of the other arm of a difference."""
    found = []
    for row in rows:
        trial = trials[row.study]
        places = {arm.id: k for k, arm in enumerate(trial.protocol.arms)}
        terms = terms_of(trial, places[row.arm], row.day)
        found.append(terms - terms_of(trial, places[row.versus], row.day) if row.versus else terms)
    return np.array(found)


def fitted(rows: Sequence[Row], terms: NDArray[np.float64]) -> Correction:
    """Fit the terms by generalised least squares with a ridge; the departures are those that are most probable."""
    y = np.array([(row.published - row.predicted) / row.sd for row in rows])
    sampling = np.array([1.0 / np.sqrt((row.n or 20) / (4 if row.versus else 1)) for row in rows])
    studies, arms = _groups(rows)
    ridge = _PRIOR_SD**2 * terms @ terms.T

    def around(log_sds: NDArray[np.float64]) -> NDArray[np.float64]:
        study, arm, row = np.exp(log_sds)
        return np.asarray(ridge + study**2 * studies + arm**2 * arms + np.diag(row**2 + sampling**2))

    def minus_log(log_sds: NDArray[np.float64]) -> float:
        factor = cho_factor(around(log_sds), lower=True)
        prior = 0.5 * np.sum((log_sds - np.log(0.2)) ** 2)  # near 0.2 SD, a factor e
        return float(0.5 * y @ cho_solve(factor, y) + np.log(np.diag(factor[0])).sum() + prior)

    best = minimize(minus_log, np.log([0.3, 0.2, 0.2]), method="Nelder-Mead", options={"xatol": 0.02, "fatol": 0.02}).x
    found = _PRIOR_SD**2 * terms.T @ cho_solve(cho_factor(around(best), lower=True), y)
    return Correction(found, *(float(sd) for sd in np.exp(best)))


def _groups(rows: Sequence[Row]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how far rows share their study and their arms, (rows, rows); a difference carries nothing of its study."""
    names = sorted({row.study for row in rows})
    arms = sorted({(row.study, arm) for row in rows for arm in (row.arm, row.versus) if arm})
    by_study, by_arm = np.zeros((len(rows), len(names))), np.zeros((len(rows), len(arms)))
    for k, row in enumerate(rows):
        by_arm[k, arms.index((row.study, row.arm))] = 1.0
        if row.versus:
            by_arm[k, arms.index((row.study, row.versus))] = -1.0
        else:
            by_study[k, names.index(row.study)] = 1.0
    return by_study @ by_study.T, by_arm @ by_arm.T


def evidence_of(rows: Sequence[Row]) -> list[Row]:
    """Return the rows to fit to: arms' means, and contrasts of arms whose own values are not both among them."""
    means = {(r.study, r.arm, r.scale, r.day) for r in rows if r.group == "means"}

    def told(row: Row) -> bool:
        return {(row.study, arm, row.scale, row.day) for arm in (row.arm, row.versus)} <= means

    return [r for r in rows if r.group == "means" or (r.group == "differences" and not told(r))]


def corrected(rows: Sequence[Row], trials: Mapping[str, Trial]) -> list[Row]:
    """Correct means and differences, each study by what the others say of the error."""
    evidence = evidence_of(rows)
    terms = design(evidence, trials)
    found: list[Row] = []
    for study in dict.fromkeys(row.study for row in rows):
        others = np.array([row.study != study for row in evidence])
        kept = [row for row in evidence if row.study != study]
        own = [row for row in rows if row.study == study and row.group in ("means", "differences")]
        if own:
            shifts = design(own, trials) @ fitted(kept, terms[others]).terms
            found += [_moved(row, float(shift) * row.sd) for row, shift in zip(own, shifts, strict=True)]
    return found


def _moved(row: Row, by: float) -> Row:
    low, high = row.low + by, row.high + by
    inside = low <= row.published <= high
    return replace(row, predicted=row.predicted + by, low=low, high=high, inside=inside)
