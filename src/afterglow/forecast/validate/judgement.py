"""Walks through each person's scores, foretells the next ones from those before, and says how well that went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.errors import ParameterError
from afterglow.forecast.bank import Bank, care_bank
from afterglow.forecast.change import reliable_change
from afterglow.forecast.cohort import MOST_VISITS, Cohort, Foretold, belief_from, foretold
from afterglow.forecast.unknowns import Belief, prior
from afterglow.forecast.validate.baselines import (
    Baseline,
    Known,
    autoregression,
    cohort_mean,
    known_of,
    last_value,
    last_value_with_spread,
)
from afterglow.forecast.validate.measures import COVERED, crps_of_chances, inside, pit_histogram
from afterglow.forecast.validate.people import People, read_people

__all__ = ["NO_MEDICINE", "Validation", "belief_of_table", "validate"]

NO_MEDICINE = (
    "Forecasts of a course without any medicine: they say nothing of what happens after a psychedelic, which nobody "
    "in these tables is taken to have had."
)

_EDGES = (0.0, 17.0, 45.0, 75.0, 105.0, 165.0, 200.0, 300.0, 450.0, np.inf)
"""Days ahead at which one horizon ends and the next begins: 2 weeks, then 1, 2, 3, 4.5, 6, 8, 12 months."""
_FEWEST = 200
"""Forecasts below which a horizon joins its neighbour: with as many, chance moves a coverage by 4 points or less."""
_SOUGHT = 0.8
"""Sensitivity for getting worse at which the other half sets the alarm; above 0.72, so that some may be lost."""
_DRAWS_ALONE, _PEOPLE_ALONE = 16, 64
_FEWEST_PEOPLE = 4
_STEPS = 5
"""Of judging a scale: each half is learned from and foretold, then everybody from the prior alone."""


@dataclass(frozen=True, eq=False)
class Validation:
    """How well forecasts of one scale did.

    Parameters
    ----------
    scale : str
    people : int
        With at least one forecast.
    forecasts : int
    horizons : tuple of mapping
        From two scores or more on.
    from_first_score : tuple of mapping
        The same, from a single score.
    alone : tuple of mapping
        As `horizons`, with nothing learned from anybody else in the table.
    pit : array (10,)
    deterioration : mapping
    notes : tuple of str
    """

    scale: str
    people: int
    forecasts: int
    horizons: tuple[Mapping[str, Any], ...]
    from_first_score: tuple[Mapping[str, Any], ...]
    alone: tuple[Mapping[str, Any], ...]
    pit: NDArray[np.float64]
    deterioration: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "scale": self.scale,
            "people": self.people,
            "forecasts": self.forecasts,
            "horizons": list(self.horizons),
            "deterioration": dict(self.deterioration),
            "pit": [round(float(share), 4) for share in self.pit],
            "from_first_score": list(self.from_first_score),
            "nothing_learned_from_others": list(self.alone),
            "notes": list(self.notes),
        }


def validate(
    path: str | Path,
    *,
    scale: str | None = None,
    begin: Callable[[tuple[str, ...]], None] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Validation, ...]:
    """Judge forecasts on a table of people.

    People are parted in two halves; what is unknown of the cohort is learned from one and used for the other. Every
    score is foretold from all scores of earlier days.

    Parameters
    ----------
    path : str or Path
        Columns person, scale, day (or date) and score; arm where there is one.
    scale : str, optional
        By default every scale of the table.
    begin : callable, optional
        Told the scales that are judged, in order, before anything is calculated; what it raises ends it.
    progress : callable, optional
        Told the scale that is judged, how many steps of it are done, and of how many.

    Returns
    -------
    tuple of Validation
        One a scale, that with most scores first.

    Raises
    ------
    FileError, ParameterError
        As `read_people` does, or if nobody has two scores on different days.
    """
    held, notes = read_people(path, scale=scale)
    judged = {name: people for name, people in held.items() if _enough(people)}
    if not judged:
        raise ParameterError(
            f"'{path}' has fewer than {_FEWEST_PEOPLE} people with two scores on different days, so there is nothing "
            "to judge"
        )
    if begin is not None:
        begin(tuple(judged))
    return tuple(_judged(name, people, notes, progress or _untold) for name, people in judged.items())


def belief_of_table(path: str | Path, scale: str) -> Belief:
    """Return what the people of a table, all of them, say of the unknowns.

    Raises
    ------
    FileError, ParameterError
        As `validate` does.
    """
    (people,) = read_people(path, scale=scale)[0].values()
    if not _enough(people):
        raise ParameterError(f"'{path}' has fewer than {_FEWEST_PEOPLE} people with two scores, too few to learn from")
    return belief_from(people.cohort, _bank(people.cohort))


def _bank(cohort: Cohort) -> Bank:
    return care_bank(cohort.scale, until_day=float(max(cohort.day.max(), 30.0)))


def _enough(people: People) -> bool:
    later = (people.cohort.score >= 0) & (people.cohort.day > people.cohort.day[:, :1])
    return int(later.any(axis=1).sum()) >= _FEWEST_PEOPLE


def _untold(scale: str, done: int, of: int) -> None:
    """Tell nobody."""


def _judged(name: str, people: People, notes: tuple[str, ...], progress: Callable[[str, int, int], None]) -> Validation:
    cohort = people.cohort
    most = cohort.day.shape[1]
    if most > MOST_VISITS:
        notes = (*notes, f"some have {most} scores on the {name}: {MOST_VISITS} spread evenly are foretold, and from")
    bank = _bank(cohort)
    halves = people.halves()
    half = np.zeros(len(people.names), dtype=np.intp)
    half[halves[1]] = 1
    parts = []
    for done, (own, other) in enumerate((halves, halves[::-1])):
        progress(name, 2 * done, _STEPS)
        belief = belief_from(cohort.of(other), bank)
        progress(name, 2 * done + 1, _STEPS)
        parts.append(_moved(foretold(cohort.of(own), bank, belief), own))
    progress(name, 4, _STEPS)
    told = _together(parts)
    alone = foretold(cohort, bank, prior(), draws=_DRAWS_ALONE, people=_PEOPLE_ALONE)
    alone = _where(alone, alone.known > 0)
    progress(name, _STEPS, _STEPS)
    first, later = _where(told, told.known == 0), _where(told, told.known > 0)
    judged = later if len(later.person) else first
    if not len(later.person):
        notes = (*notes, "nobody has three scores, so that forecasts are made from the first alone")
    return Validation(
        scale=name,
        people=len(np.unique(judged.person)),
        forecasts=len(judged.person),
        horizons=_horizons(judged, cohort, half),
        from_first_score=_horizons(first, cohort, half),
        alone=_horizons(alone, cohort, half),
        pit=pit_histogram(judged.chance, cohort.score[judged.person, judged.target]),
        deterioration=_deterioration(judged, cohort, half, name),
        notes=notes,
    )


def _moved(told: Foretold, people: NDArray[np.intp]) -> Foretold:
    return Foretold(people[told.person], told.known, told.target, told.chance)


def _together(parts: Sequence[Foretold]) -> Foretold:
    return Foretold(*(np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])))


def _where(told: Foretold, asked: NDArray[np.bool_]) -> Foretold:
    return Foretold(*(value[asked] for value in vars(told).values()))


def _horizons(told: Foretold, cohort: Cohort, half: NDArray[np.intp]) -> tuple[Mapping[str, Any], ...]:
    if not len(told.person):
        return ()
    known = known_of(cohort, told, half)
    mean = cohort_mean(known, cohort, half)
    return tuple(_horizon(_where(told, on), _known_where(known, on), _line_where(mean, on)) for on in _parted(known))


def _parted(known: Known) -> list[NDArray[np.bool_]]:
    """Part forecasts by days ahead; a part with few is joined with the one after it, the last with the one before."""
    parts: list[NDArray[np.bool_]] = []
    for low, high in pairwise(_EDGES):
        on = (known.ahead > low) & (known.ahead <= high)
        if parts and parts[-1].sum() < _FEWEST:
            parts[-1] = parts[-1] | on
        else:
            parts.append(on)
    if len(parts) > 1 and parts[-1].sum() < _FEWEST:
        parts[-2:] = [parts[-2] | parts[-1]]
    return [on for on in parts if on.any()]


def _known_where(known: Known, on: NDArray[np.bool_]) -> Known:
    return Known(**{name: value[on] for name, value in vars(known).items()})


def _line_where(line: Baseline, on: NDArray[np.bool_]) -> Baseline:
    return Baseline(line.mean[on], line.crps[on])


def _horizon(told: Foretold, known: Known, mean: Baseline) -> Mapping[str, Any]:
    points = np.arange(told.chance.shape[1])
    covered = {f"coverage{share:.0%}"[:-1]: _round(inside(told.chance, known.came, share).mean()) for share in COVERED}
    dressed = last_value_with_spread(known)
    return {
        "from_day": float(known.ahead.min()),
        "to_day": float(known.ahead.max()),
        "n": len(known.came),
        **covered,
        "crps": _round(crps_of_chances(told.chance, known.came).mean()),
        "rmse": _rmse(told.chance @ points, known),
        "pit": [_round(share) for share in pit_histogram(told.chance, known.came)],
        "baselines": {
            "last_value": {**_line(last_value(known), known), "crps_with_spread": _round(dressed.crps.mean())},
            "cohort_mean": _line(mean, known),
            "autoregression": _line(autoregression(known), known),
        },
    }


def _line(line: Baseline, known: Known) -> dict[str, float]:
    return {"crps": _round(line.crps.mean()), "rmse": _rmse(line.mean, known)}


def _rmse(mean: NDArray[np.float64], known: Known) -> float:
    return _round(np.sqrt(((mean - known.came) ** 2).mean()))


def _round(value: Any) -> float:
    return round(float(value), 4)


def _deterioration(told: Foretold, cohort: Cohort, half: NDArray[np.intp], name: str) -> Mapping[str, Any]:
    """Whether a score that is worse than the first by a reliable change was foretold.

    The alarm is set where it would have found four of five in the other half.
    """
    change = reliable_change(name).points
    first = cohort.score[told.person, 0]
    worse = cohort.score[told.person, told.target] >= first + change
    points = np.arange(told.chance.shape[1])
    chance = (told.chance * (points >= (first + change)[:, None])).sum(axis=1)
    side = half[told.person]
    alarm = np.zeros(len(worse), dtype=np.bool_)
    at = {}
    for own in (0, 1):
        found = np.sort(chance[(side != own) & worse])
        at[own] = float(found[int(np.floor((1 - _SOUGHT) * len(found)))]) if len(found) else 0.1
        alarm[side == own] = chance[side == own] >= at[own]
    return {
        "sensitivity": _share(alarm[worse]),
        "specificity": _share(~alarm[~worse]),
        "area_under_curve": _area(chance, worse),
        "worse": int(worse.sum()),
        "people_worse": len(np.unique(told.person[worse])),
        "not_worse": int((~worse).sum()),
        "reliable_change": change,
        "alarm_above": [_round(at[0]), _round(at[1])],
    }


def _share(values: NDArray[np.bool_]) -> float | None:
    return _round(values.mean()) if len(values) else None


def _area(chance: NDArray[np.float64], worse: NDArray[np.bool_]) -> float | None:
    """Chance that somebody who got worse was given a higher chance of it than somebody who did not."""
    if not worse.any() or worse.all():
        return None
    _, where, count = np.unique(chance, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[where]
    positive = int(worse.sum())
    return _round((rank[worse].sum() - positive * (positive + 1) / 2) / (positive * (len(worse) - positive)))
