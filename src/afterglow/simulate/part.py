"""A piece of a run: some draws and some people of one arm, solved, rated and counted.

Counts are whole numbers, so that pieces add up to the same run in any order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import Draw
from afterglow.compile.order import fill_crossings
from afterglow.outcomes.relapse import relapse_counts, relapse_definition
from afterglow.outcomes.response import remits, responds
from afterglow.protocol import Arm, Protocol
from afterglow.scales.instruments import scale
from afterglow.simulate.ensemble import Latent, ensemble
from afterglow.simulate.kinetics import Doses, exposure
from afterglow.simulate.schedule import dosing_days
from afterglow.simulate.scoring import Scores, lived_severity, rated_scores, ups_and_downs
from afterglow.simulate.solve import Accuracy

__all__ = [
    "PEOPLE_AT_ONCE",
    "STEPS_PER_POINT",
    "Counts",
    "ExposurePart",
    "Part",
    "Piece",
    "WindowDays",
    "landmark_day",
    "lasting_from",
]

PEOPLE_AT_ONCE = 4096
"""Most people of a draw that are solved together where only counts are kept."""

STEPS_PER_POINT = 2**20
"""Steps to a point of a score in sums over people: whole numbers add up to the same in any order."""

_CONFIRMED_WITHIN_DAYS = 28.0
"""Median gap between visits up to which a relapse has to be seen twice; assumed."""
_LASTING_FROM_DAYS = 14.0
"""Days from the last dosing day to the first visit at which a response has to last; assumed."""


@dataclass(frozen=True, eq=False)
class Counts:
    """How many people of an arm did what on one scale, whole numbers; the first axis is the draw.

    Parameters
    ----------
    people : array (draws,)
    expected : array (draws, days)
        Sum over people of the expected score, in steps of which there are `STEPS_PER_POINT` to a point.
    scores : array (draws, days, points)
        People with each whole score, from the lowest of the scale up.
    responders, remitters : array (draws, days)
    lasting : array (draws,)
        People who respond at every visit from `lasting_from` on.
    relapse : array (draws, days, days, 2)
        By first visit of response and last visit followed, people who had not and who had relapsed then.
    """

    people: NDArray[np.int64]
    expected: NDArray[np.int64]
    scores: NDArray[np.int64]
    responders: NDArray[np.int64]
    remitters: NDArray[np.int64]
    lasting: NDArray[np.int64]
    relapse: NDArray[np.int64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean score of endlessly many ratings of the people, (draws, days)."""
        return np.asarray(self.expected / STEPS_PER_POINT / self.people[:, None])

    @cached_property
    def sd(self) -> NDArray[np.float64]:
        """SD of the scores between people, (draws, days); NaN where it is one person."""
        points = np.arange(self.scores.shape[-1])
        people = self.scores.sum(axis=-1)
        mean = self.scores @ points / people
        square = self.scores @ points**2 / people
        found = np.sqrt(np.maximum(square - mean**2, 0.0) * people / np.maximum(people - 1, 1))
        return np.where(people > 1, found, np.nan)

    def arrays(self) -> dict[str, NDArray[np.int64]]:
        """Return the arrays by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def __add__(self, other: Counts) -> Counts:
        return Counts(**{name: value + getattr(other, name) for name, value in self.arrays().items()})


@dataclass(frozen=True, eq=False)
class WindowDays:
    """When the window of one dosing day is half open and half closed in each person, NaN where it is never.

    Parameters
    ----------
    medicine : str
    dose_day : float
    opens, closes : array (draws, participants)
        A window that is open already opens with the day's first dose. It closes when it has been widest after that.
    """

    medicine: str
    dose_day: float
    opens: NDArray[np.float64]
    closes: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Piece:
    """What a part gave; `places` are those of its arm and draws in the run.

    Parameters
    ----------
    arm : int
    draws : tuple of int
    counts : mapping of str to Counts
        By scale.
    severity : array (draws, participants, times) or None
        Of kept people.
    scores : mapping of str to Scores
        Of kept people, by scale, (draws, participants, days).
    windows : tuple of WindowDays
    curves : array (draws, participants, names, times) or None
    exposure : tuple of Doses
    """

    arm: int
    draws: tuple[int, ...]
    counts: Mapping[str, Counts] = field(default_factory=dict)
    severity: NDArray[np.float32] | None = None
    scores: Mapping[str, Scores] = field(default_factory=dict)
    windows: tuple[WindowDays, ...] = ()
    curves: NDArray[np.float32] | None = None
    exposure: tuple[Doses, ...] = ()

    @property
    def nbytes(self) -> int:
        """Memory that its arrays take."""
        held: list[Any] = [self.severity, self.curves]
        for what in (*self.counts.values(), *self.scores.values(), *self.windows, *(d.exposure for d in self.exposure)):
            held += vars(what).values()
        return sum(values.nbytes for values in held if isinstance(values, np.ndarray))


@dataclass(frozen=True, eq=False)
class Part:
    """What to calculate of one arm.

    Parameters
    ----------
    place : int
        Of the arm in the run.
    arm : Arm
    protocol : Protocol
    seed : int
    accuracy : Accuracy
    places : tuple of int
        Of the draws in the run.
    draws : tuple of Draw
    first : tuple of int
        By draw, the number of the first participant.
    count : int
        Participants at each draw.
    visits : mapping of str to array (days,)
        Days of rating by scale.
    times : array (times,) or None
        Days on which courses are kept; None keeps the counts alone.
    windows : tuple of str
        Medicines of the arm that open a window.
    curves : tuple of str
        States and quantities kept on `times` beside the severity.
    curved : int
        At how many of the draws, the first ones, they are kept.
    followed : array (days,) or None
        Those of `times` that follow the arm's own doses, on which windows are read: other arms and visits move none.
    """

    place: int
    arm: Arm
    protocol: Protocol
    seed: int
    accuracy: Accuracy
    places: tuple[int, ...]
    draws: tuple[Draw, ...]
    first: tuple[int, ...]
    count: int
    visits: Mapping[str, NDArray[np.float64]]
    times: NDArray[np.float64] | None = None
    windows: tuple[str, ...] = ()
    curves: tuple[str, ...] = ()
    curved: int = 0
    followed: NDArray[np.float64] | None = None

    @property
    def courses(self) -> int:
        """Participants times draws."""
        return self.count * len(self.draws)

    @property
    def is_twin(self) -> bool:
        """Whether its arm is one of the protocol's without integration."""
        return self.place >= len(self.protocol.arms)

    @property
    def address(self) -> bytes:
        """Digest of all that its numbers depend on, whatever run it belongs to."""
        arm = self.arm.model_dump_json(exclude={"id", "label"})
        around = self.protocol.model_dump_json(exclude={"arms", "title"})
        # blinding asks whether all arms get the same beside their course
        beside = [other.background.model_dump_json() for other in self.protocol.arms]
        days = {name: values.tolist() for name, values in self.visits.items()}
        times = None if self.times is None else self.times.tobytes()
        kept = (times, self.windows, self.curves, self.curved)
        rest = (self.seed, self.accuracy, self.places, self.first, self.count, days, *kept)
        return _digest(self.draws, arm, around, *beside, repr(rest))

    def calculate(self) -> Piece:
        """Solve, rate and count; more than `PEOPLE_AT_ONCE` one lot after another, whose counts are added."""
        if self.times is None and self.count > PEOPLE_AT_ONCE:
            return self._in_lots()
        rated = np.unique(np.concatenate(list(self.visits.values())))
        days = rated if self.times is None else np.union1d(self.times, rated)
        opening = tuple(f"opening_{name}" for name in self.windows) if self.times is not None else ()
        latent = ensemble(
            self.arm,
            self.protocol,
            self.draws,
            seed=self.seed,
            first=self.first,
            count=self.count,
            days=days,
            names=tuple(dict.fromkeys(("symptom", *opening, *self.curves))),
            accuracy=self.accuracy,
        )
        severity = latent.severity
        on_visits = severity[..., np.searchsorted(days, rated)]
        scores = self._scores(latent, on_visits, rated)
        counts = {name: self._counts(name, found) for name, found in scores.items()}
        if self.times is None:
            return Piece(self.place, self.places, counts)
        kept = slice(None) if len(days) == len(self.times) else np.searchsorted(days, self.times)
        curves = None
        if self.curves:
            curves = np.empty((self.curved, severity.shape[1], len(self.curves), len(self.times)), np.float32)
            for k, name in enumerate(self.curves):
                curves[:, :, k] = latent.of(name)[: self.curved, :, kept]
        return Piece(
            self.place,
            self.places,
            counts,
            severity[..., kept].astype(np.float32),
            scores,
            tuple(self._windows(latent)),
            curves,
        )

    def _in_lots(self) -> Piece:
        counts: dict[str, Counts] = {}
        for begin in range(0, self.count, PEOPLE_AT_ONCE):
            first = tuple(number + begin for number in self.first)
            lot = replace(self, first=first, count=min(PEOPLE_AT_ONCE, self.count - begin)).calculate()
            counts = {name: counts[name] + own if counts else own for name, own in lot.counts.items()}
        return Piece(self.place, self.places, counts)

    def _scores(self, latent: Latent, severity: NDArray[np.float64], rated: NDArray[np.float64]) -> dict[str, Scores]:
        lived = lived_severity(severity, rated, self.draws, self.seed, self.first)
        spread = ups_and_downs(rated, self.draws)
        found = {}
        for name, own in self.visits.items():
            on = np.searchsorted(rated, own)
            found[name] = rated_scores(
                name,
                latent,
                severity[..., on],
                lived[..., on],
                spread[:, on],
                self.protocol.population,
                self.draws,
                self.seed,
                self.first,
            )
        return found

    def _counts(self, name: str, scores: Scores) -> Counts:
        instrument, days, observed = scale(name), self.visits[name], scores.observed
        points = int(instrument.high - instrument.low) + 1
        whole = (instrument.whole(observed) - instrument.low).astype(np.int64)
        draws, _, visits = observed.shape
        place = (np.arange(draws)[:, None, None] * visits + np.arange(visits)) * points + whole
        before = observed[..., 0]
        responding = responds(instrument, before, observed)
        responding[..., 0] = False
        remitting = remits(instrument, observed) if instrument.remission else np.zeros(observed.shape, np.bool_)
        landmark = landmark_day(self.arm)
        since = days >= lasting_from(days, landmark)
        gaps = np.diff(days[days >= landmark])
        close = len(gaps) > 1 and float(np.median(gaps)) <= _CONFIRMED_WITHIN_DAYS
        rule = replace(relapse_definition(instrument), visits=2 if close else 1)
        return Counts(
            np.full(draws, self.count, np.int64),
            np.rint(scores.expected * STEPS_PER_POINT).astype(np.int64).sum(axis=1),
            np.bincount(place.ravel(), minlength=draws * visits * points).reshape(draws, visits, points),
            responding.sum(axis=1),
            remitting.sum(axis=1),
            responds(instrument, before, observed[..., since]).all(axis=2).sum(axis=1),
            relapse_counts(instrument, before, observed, days, landmark_day=landmark, definition=rule),
        )

    def _windows(self, latent: Latent) -> list[WindowDays]:
        found = []
        own_days = np.isin(latent.days, latent.days if self.followed is None else self.followed)
        days = latent.days[own_days]
        for name in self.windows:
            opening = latent.of(f"opening_{name}")[..., own_days]
            dosings = self.arm.dosings(name)
            begins = [doses[0].start_day for doses in dosings.values()]
            for day, begin, until in zip(dosings, begins, [*begins[1:], np.inf], strict=True):
                first, last = np.searchsorted(days, begin), np.searchsorted(days, until, "right")
                if last - first < 2:
                    continue
                opens, closes = _crossings(days, opening, int(first), int(last))
                opens = np.where(opening[..., first] >= 0.5, begin, opens)
                found.append(WindowDays(name, day, opens, np.where(np.isnan(opens), np.nan, closes)))
        return found


@dataclass(frozen=True, eq=False)
class ExposurePart:
    """The exposure of one arm after each dosing day, at one draw: kinetics do not differ between draws.

    Parameters
    ----------
    place : int
        Of the arm in the run.
    arm : Arm
    protocol : Protocol
    seed : int
    accuracy : Accuracy
    draw : Draw
    count : int
    medicines : tuple of str
        Those of the arm that have analytes.
    """

    place: int
    arm: Arm
    protocol: Protocol
    seed: int
    accuracy: Accuracy
    draw: Draw
    count: int
    medicines: tuple[str, ...]

    @property
    def courses(self) -> int:
        """Participants times draws."""
        return self.count

    @property
    def address(self) -> bytes:
        """Digest of all that its numbers depend on, whatever run it belongs to."""
        arm = self.arm.model_dump_json(include={"doses"})
        population = self.protocol.population.model_dump_json()
        return _digest((self.draw,), arm, population, repr((self.seed, self.accuracy, self.count, self.medicines)))

    def calculate(self) -> Piece:
        """Return the exposure to every analyte, dosing day by dosing day."""
        found = [
            doses
            for name in self.medicines
            for doses in exposure(
                self.arm,
                name,
                self.protocol,
                self.draw,
                seed=self.seed,
                count=self.count,
                accuracy=self.accuracy,
            )
        ]
        return Piece(self.place, (), exposure=tuple(sorted(found, key=lambda doses: doses.dose_day)))


def _digest(draws: tuple[Draw, ...], *said: str) -> bytes:
    """Return a digest of draws and of texts."""
    found = hashlib.blake2b(digest_size=16)
    for text in said:
        found.update(f"{len(text)}|{text}".encode())
    for draw in draws:
        found.update(draw.address)
    return found.digest()


def landmark_day(arm: Arm) -> float:
    """Return the last dosing day of an arm: responses from it on count as kept or lost; 0 where nothing is given."""
    return max(dosing_days(arm), default=0.0)


def lasting_from(days: NDArray[np.float64], last_dose: float) -> float:
    """Return the first visit two weeks or more after the last dose, at latest the last but one."""
    later = days[:-1][days[:-1] >= last_dose + _LASTING_FROM_DAYS]
    return float(later[0]) if len(later) else float(days[max(len(days) - 2, min(1, len(days) - 1))])


def _crossings(
    days: NDArray[np.float64], opening: NDArray[np.float64], first: int, last: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return when each window of `opening` (..., days) is half open and half closed, (...); NaN where it never is.

    It opens between two days whose places lie from `first` up to `last`, and closes after it has been widest among
    these. Between two days a fall is exponential, as that of a window that nothing holds open, and a rise straight.
    """
    rows = opening.reshape(-1, len(days))
    places, around = np.empty((2, len(rows)), np.intp), np.empty((2, 2, len(rows)))
    fill_crossings(rows, first, last, places, around)
    (rising, falling), (risen, fallen) = around
    shares = np.stack([
        (0.5 - rising) / (risen - rising),
        np.log(0.5 / falling) / np.log(np.maximum(fallen, 1e-9) / falling),
    ])  # fmt: skip
    opens, closes = (days[places] + shares * (days[places + 1] - days[places])).reshape(2, *opening.shape[:-1])
    return opens, closes
