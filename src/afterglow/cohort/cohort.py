"""A virtual cohort: who the participants are, and their own values of every parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.cohort.streams import known_seed, normals, uniforms
from afterglow.cohort.variability import individual_values
from afterglow.errors import ParameterError, nearest
from afterglow.observation.baseline import baseline
from afterglow.parameters import PARAMETERS
from afterglow.parameters.conditions import easing
from afterglow.parameters.strengths import group_of
from afterglow.protocol import Population
from afterglow.scales.instruments import scale
from afterglow.scales.links import TYPICAL_BASELINE, family_of, score_to_severity

__all__ = ["CYP2D6_ACTIVITY", "RIVALS", "Cohort", "People", "derived", "known_rival"]

_CANDIDATES = 128
"""Candidates per place in a trial; a threshold that none of them passes is refused."""
_KEPT_PEOPLE = 1024
"""Most people that are kept for the next run with the same cohort: about 1 MB."""

CYP2D6_ACTIVITY = {"poor": 0.0, "intermediate": 0.5, "normal": 1.0, "ultrarapid": 2.0}
"""Activity of CYP2D6 by phenotype, as the usual activity score over the normal one."""

RIVALS: Mapping[str, Mapping[str, float]] = {
    "window": {},
    "additive": {"window_learning": 0.0},
    "drug_only": {"session_switch": 0.0},
    "expectancy_only": {"plasticity_switch": 0.0, "insight_switch": 0.0, "window_learning": 0.0},
}
"""Rival explanations as typical values that differ from the full model."""


def known_rival(name: str) -> Mapping[str, float]:
    """Return what a rival explanation fixes.

    Raises
    ------
    ParameterError
        If there is no such rival.
    """
    if name not in RIVALS:
        raise ParameterError(f"unknown rival '{name}': {nearest(name, RIVALS)}")
    return RIVALS[name]


def derived(
    population: Population, severity: NDArray[np.float64], values: Mapping[str, NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    """Return what the equations read that follows from everybody's parameters and severity at the start.

    Parameters
    ----------
    population : Population
    severity : array (participants,)
        At inclusion, where people who are ill are rated on a bad day.
    values : mapping of str to array (participants,)
        Every parameter.

    Returns
    -------
    dict of str to array (participants,)
        The pull towards the symptom, what an earlier treatment has relieved and how long that lasts, and how much
        medicine, therapy and hope can do.
    """
    now = _log_odds(severity) - (0.0 if population.recovered_by else values["baseline_excess"])
    ill = np.maximum(now, _log_odds(_episode_severity(population))) if population.recovered_by else now
    group = group_of(population.condition)
    strengths = {
        f"{kind}_benefit": values[f"{kind}_strength"] * (values[f"{kind}_strength_{group}"] if group else 1.0)
        for kind in ("medicine", "therapy", "hope")
    }
    return {
        "offset": ill / values["rigidity"] - values["trait_start"],
        "recovered": (ill - now) / values["rigidity"],
        "easing_days": values[easing(population.condition)],
        "recovery_days": values[f"recovery_days_{population.recovered_by or 'therapy'}"],
        **strengths,
    }


def _log_odds(share: ArrayLike) -> NDArray[np.float64]:
    of = np.asarray(share, dtype=np.float64)
    return np.asarray(np.log(of / (1 - of)))


def _episode_severity(population: Population) -> float:
    family = family_of(population.condition)
    if population.episode_mean is None:
        return TYPICAL_BASELINE[family].severity
    return float(score_to_severity(scale(population.scale), population.episode_mean, family=family))


@dataclass(frozen=True)
class People:
    """A range of participants, each array (participants,).

    Parameters
    ----------
    first : int
        Number of the first participant.
    weight_kg, age, female : array
        Covariates.
    values : dict of array
        Every parameter and covariate that the equations read, by name.
    baseline_severity, baseline_score : array
        True severity at the start, and the noisy score at inclusion.
    """

    first: int
    weight_kg: NDArray[np.float64]
    age: NDArray[np.float64]
    female: NDArray[np.bool_]
    values: dict[str, NDArray[np.float64]]
    baseline_severity: NDArray[np.float64]
    baseline_score: NDArray[np.float64]

    def head(self, count: int) -> People:
        """Return the first `count` people."""
        if count == len(self.weight_kg):
            return self
        return People(
            self.first,
            self.weight_kg[:count],
            self.age[:count],
            self.female[:count],
            {name: value[:count] for name, value in self.values.items()},
            self.baseline_severity[:count],
            self.baseline_score[:count],
        )


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Virtual participants, the same in every arm.

    Parameters
    ----------
    population : Population
        Whom the trial includes.
    participants : int
        How many.
    seed : int
        Same seed, same people; a larger cohort begins with the same people.
    rival : str
        Explanation to simulate: window, additive, drug_only or expectancy_only.
    typical : mapping of str to float
        Typical values that replace the published or assumed ones.

    Raises
    ------
    ParameterError
        If there are no participants, or a name or rival is unknown.
    """

    population: Population
    participants: int = 500
    seed: int = 1
    rival: str = "window"
    typical: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.participants < 1:
            raise ParameterError(f"a cohort needs at least 1 participant, not {self.participants}")
        object.__setattr__(self, "seed", known_seed(self.seed))
        known_rival(self.rival)
        for name, value in self.typical.items():
            if name not in PARAMETERS:
                raise ParameterError(f"unknown parameter '{name}': {nearest(name, PARAMETERS)}")
            if not np.isfinite(value):
                raise ParameterError(f"parameter '{name}' must be a finite number, not {value}")

    def __hash__(self) -> int:
        return hash((self.population.model_dump_json(), self.participants, self.seed, self.rival))

    def value(self, name: str) -> float:
        """Return the typical value of a parameter in this cohort."""
        return float({**RIVALS[self.rival], **self.typical}.get(name, PARAMETERS[name].value))

    def people(self, first: int = 0, count: int | None = None) -> People:
        """Draw participants `first` to ``first + count``.

        Returns
        -------
        People
            Not to be written to: the next run with the same people may get the same arrays.
        """
        n = self.participants - first if count is None else count
        return _kept(self, first, n) if n <= _KEPT_PEOPLE else self._drawn(first, n)

    def _drawn(self, first: int, n: int) -> People:
        weight_kg, age, female = self._bodies(first, n)
        typical = {**RIVALS[self.rival], **self.typical}
        varying = [p.name for p in PARAMETERS.values() if p.between_subject_sd > 0]
        deviations = {name: normals(self.seed, name, first, n)[:, 0] for name in varying}
        values = individual_values(PARAMETERS, typical, deviations, weight_kg)
        values["cyp2d6_activity"] = self._cyp2d6(first, n)
        values["ssri"] = (uniforms(self.seed, "ssri", first, n) < self.population.ssri_fraction).astype(float)
        values["years_over_60"] = np.maximum(age - 60.0, 0.0)
        severity, score = self._baseline(first, n)
        values |= derived(self.population, severity, values)
        return People(first, weight_kg, age, female, values, severity, score)

    def _bodies(self, first: int, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        z = normals(self.seed, "body", first, n, each=2)
        spread = self.population.weight_sd_kg / self.population.weight_mean_kg
        sd_log = np.sqrt(np.log1p(spread**2))
        weight_kg = self.population.weight_mean_kg * np.exp(sd_log * z[:, 0] - sd_log**2 / 2)
        age = np.clip(self.population.age_mean + self.population.age_sd * z[:, 1], 18.0, 90.0)
        female = uniforms(self.seed, "sex", first, n) < self.population.female_fraction
        return weight_kg, age, female

    def _cyp2d6(self, first: int, n: int) -> NDArray[np.float64]:
        shares = np.array([self.population.cyp2d6.get(name, 0.0) for name in CYP2D6_ACTIVITY])
        edges = np.cumsum(shares / shares.sum())
        place = np.searchsorted(edges, uniforms(self.seed, "cyp2d6", first, n), side="right")
        return np.array(list(CYP2D6_ACTIVITY.values()))[np.minimum(place, len(edges) - 1)]

    def _baseline(self, first: int, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        draws = normals(self.seed, "baseline", first, n, each=2 * _CANDIDATES).reshape(n, _CANDIDATES, 2)
        p = self.population
        severity, score = baseline(
            scale(p.scale), p.baseline_mean, p.baseline_sd, p.inclusion_min, draws, family=family_of(p.condition)
        )
        return severity, score


@lru_cache(maxsize=16)
def _kept(cohort: Cohort, first: int, n: int) -> People:
    people = cohort._drawn(first, n)
    for values in (*people.values.values(), people.weight_kg, people.age, people.baseline_severity):
        values.flags.writeable = False
    return people
