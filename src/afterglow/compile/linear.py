"""Linear pharmacokinetics in closed form: each person's compartments as a sum of exponentials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from afterglow.compile.exposure import LINEAR

__all__ = ["Entering", "Levels", "Modes", "levels", "modes"]

_HALVINGS = 16
"""Of the time between two points around a peak: a second is left of half a day."""
_INSTANT = 1e-9
"""Days within which drug begins and ceases to enter at once: rounding sets no two doses apart."""


class Entering(NamedTuple):
    """Drug that enters a compartment: `amount_mg` (N,) from `day` on, over so many `days`; at once when they are 0."""

    state: str
    amount_mg: NDArray[np.float64]
    day: float
    days: float


@dataclass(frozen=True)
class Modes:
    """The exponentials of one medicine; N people, M modes, D different systems.

    Parameters
    ----------
    medicine : str
    states, outputs : tuple of str
        Compartments, in mg, and the concentrations read from them, in ng/mL.
    rate : array (M, N)
        Exponents, per day, all below 0, the slowest first.
    out : array (outputs, M, N)
        Concentration per amplitude.
    into : array (M, compartments, D)
        Amplitude of each mode per mg put into a compartment.
    system : array (N,)
        Which of the systems is a person's.
    """

    medicine: str
    states: tuple[str, ...]
    outputs: tuple[str, ...]
    rate: NDArray[np.float64]
    out: NDArray[np.float64]
    into: NDArray[np.float64]
    system: NDArray[np.intp]

    def amplitudes(self, state: str, amount_mg: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what `amount_mg` (N,), put into a compartment, adds to each mode, (M, N)."""
        into = self.into[:, self.states.index(state)].take(self.system, axis=1)
        return np.asarray(into * amount_mg)

    def area(self, entering: Sequence[Entering]) -> NDArray[np.float64]:
        """Return the area under each concentration that drug adds until it is gone, (outputs, N), in ng day/mL."""
        amplitude = np.sum([self.amplitudes(e.state, e.amount_mg) for e in entering], axis=0)
        return np.asarray(np.einsum("jmn,mn->jn", self.out, -amplitude / self.rate))


@dataclass(frozen=True)
class Levels:
    """Concentrations over time: exponentials that are counted anew at each turn, when drug begins or ceases to enter.

    Parameters
    ----------
    modes : Modes
    turn : array (turns,)
        Days, rising.
    amplitude, offset : array (turns, M, N)
        From a turn on, a mode is ``amplitude * exp(rate * (day - turn)) + offset``.
    """

    modes: Modes
    turn: NDArray[np.float64]
    amplitude: NDArray[np.float64]
    offset: NDArray[np.float64]

    def at(self, day: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the concentrations on some days, rising, (outputs, N, days): at a dose's instant those after it."""
        found = np.zeros((len(self.modes.outputs), len(self.modes.system), len(day)))
        ends = np.append(np.searchsorted(day, self.turn), len(day))
        for k in range(len(self.turn)):
            part = slice(ends[k], ends[k + 1])
            found[..., part] = self._sampled(k, day[part])
        return np.maximum(found, 0.0)  # rounding may leave less than none

    def peak(self, begin: float, after: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the highest of each concentration from a day on, and its day, each (outputs, N).

        Parameters
        ----------
        begin : float
        after : array (points,)
            Days after `begin`, and after each turn, between which a peak is sought, rising from 0. It lies next to the
            highest of these points, where the slope is zero, or at a turn.
        """
        start = np.union1d(self.turn[self.turn > begin], max(begin, self.turn[0]))
        day = start[:, None] + np.minimum(after, np.diff(start, append=np.inf)[:, None])
        turn = np.searchsorted(self.turn, start, "right") - 1
        best = np.stack([self._sampled(k, own).argmax(axis=2) for k, own in zip(turn, day, strict=True)])
        turn, piece = turn[:, None, None], np.arange(len(start))[:, None, None]
        _, slope = self._after(turn, day[piece, best])
        low = day[piece, np.where(slope > 0, best, np.maximum(best - 1, 0))]
        high = day[piece, np.where(slope > 0, np.minimum(best + 1, len(after) - 1), best)]
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            _, slope = self._after(turn, middle)
            low, high = np.where(slope > 0, middle, low), np.where(slope > 0, high, middle)
        level, _ = self._after(turn, low)
        highest = level.argmax(axis=0)[None]
        return np.take_along_axis(level, highest, axis=0)[0], np.take_along_axis(low, highest, axis=0)[0]

    def _sampled(self, turn: int, day: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return each concentration on some days after one turn, (outputs, N, days)."""
        grown = np.exp(self.modes.rate[..., None] * (day - self.turn[turn]))
        value = self.amplitude[turn, ..., None] * grown + self.offset[turn, ..., None]
        return np.asarray(np.einsum("jmn,mnt->jnt", self.modes.out, value))

    def _after(
        self, turn: NDArray[np.intp], day: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return each concentration and its slope on days after some turns, all (turns, outputs, N)."""
        m, people = self.modes, np.arange(len(self.modes.system))
        out, rate = m.out.transpose(0, 2, 1), m.rate.T
        grown = self.amplitude[turn, :, people] * np.exp(rate * (day - self.turn[turn])[..., None])
        level = (out * (grown + self.offset[turn, :, people])).sum(axis=-1)
        return level, (out * grown * rate).sum(axis=-1)


def levels(system: Modes, entering: Sequence[Entering]) -> Levels:
    """Return the concentrations of a linear medicine when all that is given of it is known: they add up.

    Parameters
    ----------
    system : Modes
    entering : sequence of Entering
        Not empty; in any order.
    """
    ends = [(e.day + e.days, e, -1.0) for e in entering if e.days > 0]
    steps = sorted([*((e.day, e, 1.0) for e in entering), *ends], key=lambda step: step[0])
    days = np.array([day for day, _, _ in steps])
    turn = days[np.diff(days, prepend=-np.inf) > _INSTANT]
    shape = (len(turn), *system.rate.shape)
    jump, input_ = np.zeros(shape), np.zeros(shape)
    for day, e, sign in steps:
        amount, at = system.amplitudes(e.state, e.amount_mg), np.searchsorted(turn, day, "right") - 1
        if e.days > 0:
            input_[at] += sign * amount / e.days
        else:
            jump[at] += amount
    offset = -np.cumsum(input_, axis=0) / system.rate
    amplitude = np.empty(shape)
    value = np.zeros(shape[1:])
    for k, gap in enumerate(np.diff(turn, append=np.inf)):
        amplitude[k] = value + jump[k] - offset[k]
        value = amplitude[k] * np.exp(system.rate * gap) + offset[k]
    return Levels(system, turn, amplitude, offset)


def modes(medicine: str, p: Mapping[str, NDArray[np.float64]]) -> Modes:
    """Diagonalise the linear system of `medicine` for every person, once for people who share it.

    Parameters
    ----------
    medicine : str
    p : mapping of str to array (N,)
        Parameters and covariates.

    Raises
    ------
    ValueError
        If a system has no real exponentials, which a tree of compartments always has.
    """
    states, outputs, matrix_of, outputs_of = LINEAR[medicine]
    n = len(next(iter(p.values())))
    entries = np.stack([np.broadcast_to(entry, n) for entry in matrix_of(p).values()], axis=1)
    different, system = np.unique(entries.view(np.dtype((np.void, entries[0].nbytes))), return_inverse=True)
    system = system.reshape(n)
    rate, basis, into = _diagonal(medicine, tuple(matrix_of(p)), different.tobytes(), len(states))
    out = np.zeros((len(outputs), len(states), n))
    for (name, j), entry in outputs_of(p).items():
        out[outputs.index(name)] += entry * basis[j].take(system, axis=1)
    return Modes(medicine, states, outputs, rate.take(system, axis=1), out, into, system)


@lru_cache(maxsize=64)
def _diagonal(
    medicine: str, places: tuple[tuple[int, int], ...], entries: bytes, size: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return exponents, the slowest first, eigenvectors and their inverse, with the systems as last axis.

    Kept, so that the same people in another arm need not wait for them.
    """
    given = np.frombuffer(entries).reshape(-1, len(places))
    matrix = np.zeros((len(given), size, size))
    for (i, j), entry in zip(places, given.T, strict=True):
        matrix[:, i, j] = entry
    values, vectors = np.linalg.eig(matrix)
    if np.iscomplexobj(values) and np.abs(values.imag).max() > 1e-9 * np.abs(values.real).max():
        raise ValueError(f"the compartments of {medicine} are not a tree: their exponents are not real")
    order = np.argsort(-values.real, axis=1)
    vectors = np.take_along_axis(vectors.real, order[:, None, :], axis=2)
    rate = np.take_along_axis(values.real, order, axis=1)
    return rate.T, vectors.transpose(1, 2, 0), np.linalg.inv(vectors).transpose(1, 2, 0)
