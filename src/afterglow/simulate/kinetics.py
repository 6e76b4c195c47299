"""Exposure of an arm's people to each analyte of a medicine, dosing day by dosing day, from the doses themselves.

A dosing day's exposure is that which there would be if nothing were given later: the peak from its first dose on, with
what earlier days left; the area that its own doses add, so that the areas of all days make the whole; the half-life
after its last dose. Linear medicines are read from their exponentials, the others from the solver. Hours count from a
dose, none from midnight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import Draw, People, people_at_draws
from afterglow.compile.exposure import LINEAR
from afterglow.compile.linear import Entering, levels, modes
from afterglow.medicines import medicine
from afterglow.outcomes.exposure import Exposure, noncompartmental
from afterglow.protocol import Arm, Dose, Protocol
from afterglow.simulate.ensemble import Latent, ensemble
from afterglow.simulate.problem import entering
from afterglow.simulate.schedule import Happening, Schedule
from afterglow.simulate.solve import Accuracy
from afterglow.units import DAY_H

__all__ = ["Doses", "exposure"]

_SAMPLED_H = np.concatenate([np.arange(0, 4, 1 / 12), np.arange(4, 12, 0.25), np.arange(12, 49, 1.0)])
"""Hours after a dose at which it is sampled: every 5 minutes at first."""
_FOLLOWED_H = np.concatenate([_SAMPLED_H, [60.0, 72.0, 96.0, 120.0, 168.0, 240.0]])
"""Hours after a dose at which the solver's curve is read."""
_SEARCHED_H = np.concatenate([[0.0], np.geomspace(1 / 120, 96, 32)])
"""Hours after each turn of a curve between which its peak is sought."""
_GONE_DAYS = 60.0
"""Days after which nothing is left of a dose, nor of what it does to the enzymes that remove it."""


@dataclass(frozen=True, eq=False)
class Doses:
    """Exposure to one analyte after one dosing day.

    Parameters
    ----------
    medicine, analyte : str
    dose_day : float
    exposure : Exposure
        Its time of the peak counts from the day's first dose.
    """

    medicine: str
    analyte: str
    dose_day: float
    exposure: Exposure


@dataclass(frozen=True, eq=False)
class _Day:
    """The doses of one day, in order of time, with those of earlier days of which something may be left."""

    doses: tuple[Dose, ...]
    earlier: tuple[Dose, ...]

    def after(self, dose: Dose) -> float:
        """Return the days from the day's first dose to another one."""
        return dose.start_day - self.doses[0].start_day

    def entering(self, doses: tuple[Dose, ...], people: People) -> list[Entering]:
        """Return what enters which compartment when some doses are given."""
        values, weight_kg = people.values, people.weight_kg
        return [entry for dose in doses for entry in entering(self.after(dose), dose, values, weight_kg)]


def exposure(
    arm: Arm, name: str, protocol: Protocol, draw: Draw, *, seed: int, count: int, accuracy: Accuracy
) -> list[Doses]:
    """Return the exposure of an arm's first people to each analyte of a medicine, dosing day by dosing day.

    Parameters
    ----------
    arm : Arm
    name : str
        A medicine with analytes.
    protocol : Protocol
        Whose population holds.
    draw : Draw
        Of the parameters.
    seed : int
        Of the people.
    count : int
        Participants.
    accuracy : Accuracy
        Of the solver, where kinetics are not linear.

    Raises
    ------
    SolverError
        If somebody could not be integrated.
    """
    dosings = arm.dosings(name)
    if name in LINEAR:
        read = _linear(name, _days(dosings), people_at_draws(protocol.population, seed, [draw], [0], count))
    else:
        solve = partial(ensemble, arm, protocol, [draw], seed=seed, first=[0], count=count, accuracy=accuracy)
        read = _solved(name, _days(dosings), solve)
    return [
        Doses(name, analyte.name, day, seen[f"concentration_{analyte.id}"])
        for day, seen in zip(dosings, read, strict=True)
        for analyte in medicine(name).analytes
    ]


def _days(dosings: Mapping[float, tuple[Dose, ...]]) -> Iterator[_Day]:
    given: tuple[Dose, ...] = ()
    for doses in dosings.values():
        given = tuple(dose for dose in given if doses[0].start_day - dose.end_day < _GONE_DAYS)
        yield _Day(doses, given)
        given += doses


def _linear(name: str, days: Iterator[_Day], people: People) -> Iterator[dict[str, Exposure]]:
    """Read exposure from the exponentials; the half-life is that of the last dose alone."""
    system = modes(name, people.values)
    low, high = medicine(name).terminal_h
    # from the sample before: the fall is read after the highest sample, which is this one where the peak is over
    late_h = _SAMPLED_H[np.searchsorted(_SAMPLED_H, low) - 1 : np.searchsorted(_SAMPLED_H, high, "right")]
    for day in days:
        own, last = day.entering(day.doses, people), day.doses[-1]
        curve = levels(system, day.entering(day.earlier, people) + own)
        cmax, peak_day = curve.peak(0.0, _SEARCHED_H / DAY_H)
        area = system.area(own)
        alone = levels(system, day.entering((last,), people))
        late = alone.at(day.after(last) + (_delay_h(last) + late_h) / DAY_H)
        yield {
            output: Exposure(
                cmax_ng_per_ml=cmax[j],
                tmax_h=np.where(cmax[j] > 0, peak_day[j] * DAY_H, np.nan),
                auc_ng_h_per_ml=area[j] * DAY_H,
                half_life_h=noncompartmental(late_h, late[j], window_h=(low, high), extrapolate=False).half_life_h,
            )
            for j, output in enumerate(system.outputs)
        }


def _delay_h(dose: Dose) -> float:
    """Return by how many hours a long infusion delays the hours of the half-life.

    They begin no sooner after its end than half as long as they do after a dose.
    """
    return max(0.0, (dose.duration_h or 0.0) - medicine(dose.medicine).terminal_h[0] / 2)


def _solved(name: str, days: Iterator[_Day], solve: Callable[..., Latent]) -> Iterator[dict[str, Exposure]]:
    """Read exposure off the solver's curves with and without a day's doses."""
    names = tuple(f"concentration_{analyte.id}" for analyte in medicine(name).analytes)

    def followed(day: _Day, doses: tuple[Dose, ...], hours: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return levels (people, names, hours) after some doses."""
        plan = Schedule(
            begin=min(day.after(dose) for dose in doses),
            end=hours[-1] / DAY_H,
            happenings=tuple(Happening(day=day.after(dose), kind="dose", dose=dose) for dose in doses),
            dosing_days=(),
            group_size=1,
            adherence=0.0,
        )
        seen = solve(days=hours / DAY_H, names=names, plan=plan).values[0]
        return np.asarray(np.maximum(seen, 0.0))  # the solver's error may leave less than none

    for day in days:
        given_h = np.round([day.after(dose) * DAY_H for dose in day.doses], 9)
        hours = np.unique(np.round(given_h[:, None] + _FOLLOWED_H, 9))
        level = followed(day, day.earlier + day.doses, hours)
        left = followed(day, day.earlier, hours) if day.earlier else np.zeros_like(level)
        low, high = np.round(given_h[-1] + medicine(name).terminal_h, 9).tolist()
        yield {output: _read(hours, level[:, j], left[:, j], (low, high)) for j, output in enumerate(names)}


def _read(
    time_h: NDArray[np.float64],
    level: NDArray[np.float64],
    left: NDArray[np.float64],
    window_h: tuple[float, float],
) -> Exposure:
    """Describe a curve (people, times), its peak on the parabola through the highest three of its points.

    The area is that by which it exceeds what would be `left` (people, times) of earlier days.
    """
    found = noncompartmental(time_h, level, window_h=window_h)
    best, last = level.argmax(axis=1), len(time_h) - 1
    people = np.arange(len(level))
    at = np.clip(best, 1, last - 1)
    (t0, c0), (t1, c1), (t2, c2) = ((time_h[at + k], level[people, at + k]) for k in (-1, 0, 1))
    rise, fall = (c1 - c0) / (t1 - t0), (c2 - c1) / (t2 - t1)
    bend = (fall - rise) / (t2 - t0)
    inside = (at == best) & (bend < 0)
    off = np.where(inside, (rise + bend * (t1 - t0)) / np.where(inside, -2 * bend, 1.0), 0.0)
    return replace(
        found,
        cmax_ng_per_ml=found.cmax_ng_per_ml + np.where(inside, -bend * off**2, 0.0),
        tmax_h=found.tmax_h + off,
        auc_ng_h_per_ml=noncompartmental(time_h, level).auc_ng_h_per_ml
        - noncompartmental(time_h, left).auc_ng_h_per_ml,
    )
