"""Linear pharmacokinetics in closed form: each participant's compartments as a sum of exponentials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from afterglow.compile.exposure import LINEAR

__all__ = ["Dosed", "Modes", "amounts", "modes"]


@dataclass(frozen=True)
class Modes:
    """The exponentials of one medicine; N participants, M modes.

    Parameters
    ----------
    medicine : str
    states, outputs : tuple of str
        Compartments, in mg, and the concentrations read from them, in ng/mL.
    rate : array (M, N)
        Exponents, per day, all below 0, the slowest first.
    into : array (M, compartments, N)
        Amplitude of each mode per mg put into a compartment.
    out : array (outputs, M, N)
        Concentration per amplitude.
    compartments : array (compartments, M, N)
        Amount in each compartment per amplitude.
    """

    medicine: str
    states: tuple[str, ...]
    outputs: tuple[str, ...]
    rate: NDArray[np.float64]
    into: NDArray[np.float64]
    out: NDArray[np.float64]
    compartments: NDArray[np.float64]


def modes(medicine: str, p: Mapping[str, NDArray[np.float64]]) -> Modes:
    """Diagonalise the linear system of `medicine` for every participant.

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
    size = len(states)
    matrix = np.zeros((n, size, size))
    for (i, j), entry in matrix_of(p).items():
        matrix[:, i, j] = entry
    rate, basis, into = _diagonal(medicine, matrix.tobytes(), size)
    weights = np.zeros((len(outputs), n, size))
    for (name, j), entry in outputs_of(p).items():
        weights[outputs.index(name)] += np.asarray(entry)[:, None] * basis[:, j, :]
    return Modes(
        medicine=medicine,
        states=states,
        outputs=outputs,
        rate=np.ascontiguousarray(rate.T),
        into=np.ascontiguousarray(into.transpose(1, 2, 0)),
        out=np.ascontiguousarray(weights.transpose(0, 2, 1)),
        compartments=np.ascontiguousarray(basis.transpose(1, 2, 0)),
    )


@lru_cache(maxsize=8)
def _diagonal(
    medicine: str, matrix: bytes, size: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return exponents, the slowest first, eigenvectors and their inverse.

    Kept, so that the same people in another arm need not wait for them.
    """
    values, vectors = np.linalg.eig(np.frombuffer(matrix).reshape(-1, size, size))
    if np.iscomplexobj(values) and np.abs(values.imag).max() > 1e-9 * np.abs(values.real).max():
        raise ValueError(f"the compartments of {medicine} are not a tree: their exponents are not real")
    order = np.argsort(-values.real, axis=1)
    vectors = np.take_along_axis(vectors.real, order[:, None, :], axis=2)
    return np.take_along_axis(values.real, order, axis=1), vectors, np.linalg.inv(vectors)


@dataclass(frozen=True)
class Dosed:
    """Drug put into one compartment.

    Parameters
    ----------
    state : str
        Compartment.
    amount_mg : array (N,)
    day, duration : float
        Start and length of a zero-order input, in days; 0 is at once.
    """

    state: str
    amount_mg: NDArray[np.float64]
    day: float
    duration: float


def amounts(
    medicine: str, p: Mapping[str, NDArray[np.float64]], dosed: Sequence[Dosed], days: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the amount in every compartment by superposition of exponentials.

    Returns
    -------
    array (N, compartments, days)
        In mg.
    """
    system = modes(medicine, p)
    total = np.zeros((len(system.rate), system.rate.shape[1], len(days)))
    rate = system.rate[:, :, None]
    for one in dosed:
        into = (system.into[:, system.states.index(one.state), :] * one.amount_mg)[:, :, None]
        since = np.maximum(days - one.day, 0.0)
        if one.duration <= 0:
            total += np.where(days > one.day, into * np.exp(rate * since), 0.0)
        else:
            after = np.maximum(since - one.duration, 0.0)
            total += into / one.duration * (np.exp(rate * since) - np.exp(rate * after)) / rate
    return np.asarray(np.einsum("cmn,mnt->nct", system.compartments, total))
