"""The bank: how people on a plan, or in care without any medicine, are expected to go, one course a draw and person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit, ndtri
from scipy.stats import qmc

from afterglow.errors import ParameterError, nearest
from afterglow.protocol import Arm, Protocol
from afterglow.runs.simulate import simulate
from afterglow.scales.instruments import scale
from afterglow.scales.links import LINKS, TYPICAL_BASELINE, family_of
from afterglow.scales.scale import Family

__all__ = ["PEOPLE", "Bank", "arm_of", "bank_of", "care_bank", "people_in_care", "without_medicine"]

PEOPLE = 256
"""Virtual people behind a bank."""

_PARTS = 4
"""Of them; each draw of the parameters has one."""

_MOST_ILL = 1e-4
_LONGEST_DAYS = 3650.0
_BLOCK_DAYS = 91.0
"""Horizons beyond the plan's own are whole blocks, so that a plan has few banks, and none tells a person's days."""
_CONDITIONS: dict[Family, str] = {"depression": "major_depression", "ptsd": "ptsd", "anxiety": "anxiety"}
_TYPICAL_SD = 0.1
"""Spread of baselines in care, as a share of the scale; only the change from the baseline is used."""


@dataclass(frozen=True, eq=False)
class Bank:
    """Expected courses of severity, in log-odds, without ups and downs and without error.

    Parameters
    ----------
    label : str
        What the people are given, in words.
    days : array (days,)
        Rising; before the first nothing has happened yet.
    course : array (draws, people, days)
    rivals : tuple of str
        The explanation that each draw belongs to.
    weight : array (draws,)
        Of each draw; they sum to one.
    excess : array (draws,)
        How much worse than usual people are on the day of inclusion.
    apart : array (draws,)
        How far differences between arms depart from the model from trial to trial, in SDs between people.
    begins : float
        First day of the plan.
    family : {"depression", "ptsd", "anxiety"}
        Whose severity it is.
    with_medicine : bool
        False: the course without any medicine.
    with_plan : bool
        Whether levels are those of the people whom a plan includes; else only changes count.
    """

    label: str
    days: NDArray[np.float64]
    course: NDArray[np.float64]
    rivals: tuple[str, ...]
    weight: NDArray[np.float64]
    excess: NDArray[np.float64]
    apart: NDArray[np.float64]
    begins: float
    family: Family
    with_medicine: bool
    with_plan: bool = True

    def on(self, days: ArrayLike) -> NDArray[np.float64]:
        """Return the courses on days, (draws, people, days), straight between those of the bank."""
        at = np.clip(np.asarray(days, dtype=np.float64), self.days[0], self.days[-1])
        after = np.clip(np.searchsorted(self.days, at, "right"), 1, len(self.days) - 1)
        share = (at - self.days[after - 1]) / (self.days[after] - self.days[after - 1])
        return np.asarray(self.course[..., after - 1] * (1 - share) + self.course[..., after] * share)

    def change_on(self, days: ArrayLike) -> NDArray[np.float64]:
        """Return the change since the first day, (draws, people, days)."""
        return self.on(days) - self.course[..., :1]


def arm_of(protocol: Protocol, name: str | None = None) -> Arm:
    """Return an arm of a protocol by its id; by default the first.

    Raises
    ------
    ParameterError
        If there is none of that id.
    """
    if name is None:
        return protocol.arms[0]
    known = {arm.id: arm for arm in protocol.arms}
    if name not in known:
        raise ParameterError(f"the protocol has no arm '{name[:60]}'; {nearest(name, known)}")
    return known[name]


def bank_of(protocol: Protocol, arm: Arm, *, until_day: float, seed: int = 1, store: bool = True) -> Bank:
    """Simulate an arm for a bank, or read it from the store of runs.

    Parameters
    ----------
    protocol : Protocol
        Whose population and blinding hold.
    arm : Arm
    until_day : float
        Last day that is asked for; the horizon is moved there where it lies before.
    seed : int
    store : bool
        Whether the run is kept: a plan is, what one person was given is not.

    Raises
    ------
    ParameterError
        If the day lies more than ten years on.
    """
    if not until_day <= _LONGEST_DAYS:
        raise ParameterError(f"day {until_day:.12g} lies more than ten years on, where nothing is foretold")
    alone = protocol.model_copy(update={"arms": (arm,), "horizon_days": _horizon(protocol, until_day)})
    return _kept(alone.model_dump_json(), seed) if store else _solved(alone, seed, store=False)


@lru_cache(maxsize=12)
def _kept(plan: str, seed: int) -> Bank:
    """Return the bank of a plan, kept in memory beside its run in the store: its next forecast comes at once."""
    return _solved(Protocol.model_validate_json(plan), seed, store=True)


def _solved(protocol: Protocol, seed: int, *, store: bool) -> Bank:
    run = simulate(protocol, participants=PEOPLE, parts=_PARTS, seed=seed, twins=False, store=store).run
    arm = protocol.arms[0]
    severity = run.severity[:, 0].astype(np.float64).clip(_MOST_ILL, 1 - _MOST_ILL)
    ill = not protocol.population.recovered_by
    return Bank(
        label=arm.label or arm.id,
        days=run.times,
        course=logit(severity),
        rivals=tuple(draw.rival for draw in run.draws),
        weight=np.array([draw.weight for draw in run.draws]),
        excess=np.array([ill * draw.value("baseline_excess") for draw in run.draws]),
        apart=np.array([draw.difference_apart for draw in run.draws]),
        begins=float(run.times[0]),
        family=family_of(protocol.population.condition),
        with_medicine=any(dose.medicine != "placebo" for dose in arm.doses),
    )


def _horizon(protocol: Protocol, until_day: float) -> float:
    if protocol.horizon_days >= max(until_day, 30.0):
        return float(protocol.horizon_days)
    return min(_LONGEST_DAYS, _BLOCK_DAYS * ceil(until_day / _BLOCK_DAYS) if until_day > 0 else _BLOCK_DAYS)


def without_medicine(protocol: Protocol, *, until_day: float, seed: int = 1, store: bool = True) -> Bank:
    """Return the bank of the same people in usual care, without any medicine and without the plan's sessions."""
    arm = Arm.made({"id": "care", "label": "usual care, without any medicine", "background": {"care": "usual"}})
    return bank_of(protocol, arm, until_day=until_day, seed=seed, store=store)


def care_bank(name: str, *, until_day: float, seed: int = 1) -> Bank:
    """Return the course without any medicine where no plan is known: usual care of people with a typical baseline.

    Parameters
    ----------
    name : str
        Scale that is forecast; its family names the condition.
    until_day : float
    seed : int
    """
    reference = scale(LINKS[scale(name).id].reference)
    span = reference.high - reference.low
    population = {
        "condition": _CONDITIONS[reference.family],
        "scale": reference.id,
        "baseline_mean": round(TYPICAL_BASELINE[reference.family].severity * span + reference.low, 1),
        "baseline_sd": round(_TYPICAL_SD * span, 1),
    }
    protocol = Protocol.made(
        {
            "title": "Usual care",
            "population": population,
            "arms": [{"id": "care"}],
            "assessments": [{"scale": reference.id, "days": [0, 28]}],
        }
    )
    return replace(without_medicine(protocol, until_day=until_day, seed=seed), with_plan=False)


def people_in_care(
    bank: Bank, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Lay out people whose lasting level, own response, restlessness and course are independent.

    Returns
    -------
    level, response, restless : array (count,)
        In SDs between people.
    place : array (count,)
        Of their courses in ``bank.change_on(...)`` with draws and people in one axis, ordered by the last change.
    """
    even = qmc.Sobol(4, scramble=True, rng=np.random.default_rng(3)).random(count)
    order = np.argsort((bank.course[..., -1] - bank.course[..., 0]).ravel(), kind="stable")
    level, response, restless = ndtri(even[:, :3]).T
    return level, response, restless, order[(even[:, 3] * len(order)).astype(np.intp)]
