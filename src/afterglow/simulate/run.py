"""A run is data: arrays over draws, arms and participants, and the specification that names them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import Draw
from afterglow.medicines import WINDOW_MEDICINES, medicine
from afterglow.protocol import Arm
from afterglow.simulate.kinetics import Doses
from afterglow.simulate.part import PEOPLE_AT_ONCE, Counts, ExposurePart, Part, Piece, WindowDays
from afterglow.simulate.schedule import WITHOUT_INTEGRATION
from afterglow.simulate.scoring import Scores
from afterglow.simulate.spec import RunSpec

__all__ = ["CURVES", "CURVE_DRAWS", "Run", "Shown", "assembled", "parts_of"]

CURVES = (
    "felt",
    "window",
    "signal",
    "labile_spines",
    "stable_spines",
    "insight",
    "plan",
    "practice",
    "alliance",
    "expectancy",
    "group_support",
    "new_pattern",
    "old_pattern",
)
"""States and quantities kept over time, beside the severity and each medicine's level, window and action."""

CURVE_DRAWS = 8
"""Draws at which they are kept."""

_Key = tuple[str, float]
"""Medicine and dosing day."""

Shown = Collection[str] | None
"""States and quantities kept over time where not all are."""

_EXPOSED = 64
"""Participants whose exposure is read."""
_COURSES_PER_PART = 1024
"""Participants times draws of a part, about: enough to fill vectors, few enough to share among workers."""
_LOTS_PER_PART = 4
"""Lots of people in a part where there are many: most of a second's work, against which handing it out is nothing."""
_FEWEST_PARTS = 32
"""Parts below which they are not made larger, so that all workers have some."""
_MOST_PARTS = 8192
"""Parts of a very large cohort, about: their counts, and what hands them out, take no more memory in a larger one."""


@dataclass(frozen=True, eq=False)
class Run:
    """Arrays of one run, and nothing else.

    Parameters
    ----------
    spec : RunSpec
    draws : tuple of Draw
    times : array (times,)
        Days on which courses are kept.
    visits : mapping of str to array (arms, days)
        Days of rating by scale. The first is before any dose, and may differ between arms.
    counts : mapping of str to tuple of Counts
        By scale, one for each arm: all people.
    scores : mapping of str to Scores
        By scale, (draws, arms, participants, days), of the people kept.
    severity : array (draws, arms, participants, times)
        Of the people kept.
    curve_names : tuple of str
    curve_draws : tuple of int
        Places of the draws at which curves are kept.
    curves : array (curve draws, arms, participants, names, times)
    windows : tuple of tuple of WindowDays
        For each arm.
    exposure : tuple of tuple of Doses
        For each arm; none for twins, whose doses are the same.
    """

    spec: RunSpec
    draws: tuple[Draw, ...]
    times: NDArray[np.float64]
    visits: Mapping[str, NDArray[np.float64]]
    counts: Mapping[str, tuple[Counts, ...]]
    scores: Mapping[str, Scores]
    severity: NDArray[np.float32]
    curve_names: tuple[str, ...]
    curve_draws: tuple[int, ...]
    curves: NDArray[np.float32]
    windows: tuple[tuple[WindowDays, ...], ...]
    exposure: tuple[tuple[Doses, ...], ...]

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms of the protocol, then their twins without integration."""
        return self.spec.arms

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Place of each arm by its id."""
        return {arm.id: k for k, arm in enumerate(self.arms)}

    def twin_of(self, arm: int) -> int | None:
        """Return the place of an arm's twin without integration, None where it has none."""
        return self.places.get(f"{self.arms[arm].id}{WITHOUT_INTEGRATION}")

    def apart(self, what: str) -> NDArray[np.float64]:
        """Return how far each draw's trial departs in its "mean", "share" or "difference", (draws,); see `Draw`."""
        return np.array([getattr(draw, f"{what}_apart") for draw in self.draws])


def parts_of(spec: RunSpec, draws: Sequence[Draw], shown: Shown = None) -> list[Part | ExposurePart]:
    """Cut a run by arm, draws and people.

    Parameters
    ----------
    spec : RunSpec
    draws : sequence of Draw
    shown : collection of str, optional
        The only states and quantities that are kept over time, and no exposure; by default all.
    """
    found: list[Part | ExposurePart] = []
    kept = min(spec.kept, spec.people_per_draw)
    lots = -(-spec.people_per_draw // PEOPLE_AT_ONCE) * len(draws) * len(spec.arms)
    names = curve_names(spec, shown)
    per_part = PEOPLE_AT_ONCE * max(1, min(lots // _FEWEST_PARTS, _LOTS_PER_PART), -(-lots // _MOST_PARTS))
    for place, arm in enumerate(spec.arms):
        followed = spec.followed[arm.id.removesuffix(WITHOUT_INTEGRATION)]  # a twin has the same doses
        windows = tuple(m for m in WINDOW_MEDICINES if any(dose.medicine == m for dose in arm.doses))

        def part(
            chosen: Sequence[int],
            begin: int,
            end: int,
            *,
            curved: int = 0,
            on: NDArray[np.float64] | None = None,
            place: int = place,
            arm: Arm = arm,
            visits: Mapping[str, NDArray[np.float64]] = spec.visits[place],
            windows: tuple[str, ...] = windows,
            followed: NDArray[np.float64] = followed,
        ) -> Part:
            own = tuple(draws[k] for k in chosen)
            first = tuple(spec.first_participant(draw.replicate) + begin for draw in own)
            return Part(
                place, arm, spec.protocol, spec.seed, spec.accuracy, tuple(chosen), own, first, end - begin,
                visits, on, windows if on is not None else (), names if curved else (), curved, followed,
            )  # fmt: skip

        found += [part(some, 0, kept, curved=curved, on=spec.times) for some, curved in _kept_parts(len(draws), kept)]
        for begin in range(kept, spec.people_per_draw, per_part):
            end = min(begin + per_part, spec.people_per_draw)
            found += [part(some, begin, end) for some in _cut(range(len(draws)), end - begin)]
        given = tuple(m for m in dict.fromkeys(dose.medicine for dose in arm.doses) if medicine(m).analytes)
        if given and place < len(spec.protocol.arms) and shown is None:
            count = min(spec.participants, _EXPOSED)
            found.append(ExposurePart(place, arm, spec.protocol, spec.seed, spec.accuracy, draws[0], count, given))
    return found


def curve_names(spec: RunSpec, shown: Shown = None) -> tuple[str, ...]:
    """Return the states and quantities that a run keeps over time, all or those shown."""
    given = dict.fromkeys(d.medicine for arm in spec.protocol.arms for d in arm.doses if medicine(d.medicine).analytes)
    targets = [medicine(m).words.target for m in given]
    every = (
        *CURVES,
        *(f"concentration_{m}" for m in given),
        *(f"window_{m}" for m in given if m in WINDOW_MEDICINES),
        *(target.quantity for target in targets if target is not None),
    )
    return tuple(name for name in every if shown is None or name in shown)


def assembled(spec: RunSpec, draws: Sequence[Draw], pieces: Iterable[Piece], shown: Shown = None) -> Run:
    """Put the pieces of a run together; they may come in any order."""
    return _Assembly(spec, tuple(draws), shown).of(pieces)


class _Assembly:
    """Collects pieces of a run in arrays of its whole size."""

    def __init__(self, spec: RunSpec, draws: tuple[Draw, ...], shown: Shown) -> None:
        self.spec, self.draws = spec, draws
        self.times = spec.times
        arms, kept = len(spec.arms), min(spec.kept, spec.people_per_draw)
        self.visits = {name: np.stack([visits[name] for visits in spec.visits]) for name in spec.visits[0]}
        self.names = curve_names(spec, shown)
        self.curve_draws = tuple(_curve_draws(draws))
        self.severity = np.empty((len(draws), arms, kept, len(self.times)), np.float32)
        self.curves = np.empty((len(self.curve_draws), arms, kept, len(self.names), len(self.times)), np.float32)
        shape = (len(draws), arms, kept)
        self.scores = {
            name: Scores(*(np.empty((*shape, days.shape[1]), np.float32) for _ in range(3)))
            for name, days in self.visits.items()
        }
        self.counts: list[dict[str, dict[int, Counts]]] = [{name: {} for name in self.visits} for _ in spec.arms]
        self.windows: list[dict[tuple[str, float], WindowDays]] = [{} for _ in spec.arms]
        self.exposure: list[tuple[Doses, ...]] = [() for _ in spec.arms]

    def of(self, pieces: Iterable[Piece]) -> Run:
        """Add every piece, and return the run."""
        for piece in pieces:
            self._add(piece)
        counts = {
            name: tuple(
                Counts(
                    **{field: np.concatenate([getattr(own[name][k], field) for k in range(len(self.draws))])
                       for field in own[name][0].arrays()}
                )
                for own in self.counts
            )
            for name in self.visits
        }  # fmt: skip
        windows = tuple(tuple(own[key] for key in sorted(own, key=_by_medicine(own))) for own in self.windows)
        return Run(
            self.spec,
            self.draws,
            self.times,
            self.visits,
            counts,
            self.scores,
            self.severity,
            self.names,
            self.curve_draws,
            self.curves,
            windows,
            tuple(self.exposure),
        )

    def _add(self, piece: Piece) -> None:
        if piece.exposure:
            self.exposure[piece.arm] = piece.exposure
        for name, counts in piece.counts.items():
            held = self.counts[piece.arm][name]
            for row, k in enumerate(piece.draws):
                own = Counts(**{field: value[row : row + 1] for field, value in counts.arrays().items()})
                held[k] = held[k] + own if k in held else own
        if piece.severity is None:
            return
        at = list(piece.draws)
        self.severity[at, piece.arm] = piece.severity
        for name, scores in piece.scores.items():
            for what, values in vars(scores).items():
                getattr(self.scores[name], what)[at, piece.arm] = values
        if piece.curves is not None:
            self.curves[[self.curve_draws.index(k) for k in at[: len(piece.curves)]], piece.arm] = piece.curves
        for window in piece.windows:
            key = (window.medicine, window.dose_day)
            if key not in self.windows[piece.arm]:
                shape = (len(self.draws), window.opens.shape[1])
                empty = WindowDays(*key, np.empty(shape), np.empty(shape))
                self.windows[piece.arm][key] = empty
            self.windows[piece.arm][key].opens[at] = window.opens
            self.windows[piece.arm][key].closes[at] = window.closes


def _by_medicine(
    held: Mapping[tuple[str, float], WindowDays],
) -> Callable[[tuple[str, float]], tuple[float, str, float]]:
    """Order windows by the first dosing day of their medicine, then by day."""
    first = {medicine: min(day for name, day in held if name == medicine) for medicine, _ in held}
    return lambda key: (first[key[0]], *key)


def _curve_draws(draws: Sequence[Draw]) -> list[int]:
    """Return the places of the draws at which curves are kept: the first ones, in which explanations are mixed."""
    return list(range(min(CURVE_DRAWS, len(draws))))


def _kept_parts(draws: int, people: int) -> list[tuple[Sequence[int], int]]:
    """Cut the draws of kept people; returns each part's, and at how many of these, the first ones, it keeps curves.

    A small run is one part: to hand out a second one takes longer than curves that nobody keeps.
    """
    if draws * people <= _COURSES_PER_PART:
        return [(range(draws), min(CURVE_DRAWS, draws))]
    with_curves, others = range(min(CURVE_DRAWS, draws)), range(CURVE_DRAWS, draws)
    return [*((own, len(own)) for own in _cut(with_curves, people)), *((own, 0) for own in _cut(others, people))]


def _cut(places: Sequence[int], people: int) -> list[Sequence[int]]:
    """Cut draws into parts of about so many courses."""
    size = max(1, _COURSES_PER_PART // people)
    return [places[k : k + size] for k in range(0, len(places), size)]
