"""Linear pharmacokinetics in closed form: each person's compartments as a sum of exponentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from afterglow.compile.exposure import LINEAR

__all__ = ["Modes", "modes"]


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
