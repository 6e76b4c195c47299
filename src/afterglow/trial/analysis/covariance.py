r"""Covariance of the visits of one person: how a structure turns parameters into a matrix, and its derivatives.

Each structure is a function of parameters :math:`\theta`, batched over trials: :math:`\Sigma(\theta)`, (trials,
visits, visits), its first derivatives, (trials, parameters, visits, visits), and its second ones, None where they are
zero. Those that are not linear in variances and covariances are :math:`\Sigma = S R S`: their parameters are the
variances, then the correlations that make :math:`R`, as in SAS, on which the Kenward-Roger correction depends.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from afterglow.errors import ParameterError, nearest
from afterglow.trial.analysis.matrices import Numbers

__all__ = ["STRUCTURES", "Structure", "structure"]

STRUCTURES = {
    "us": "unstructured",
    "cs": "compound symmetry",
    "csh": "heterogeneous compound symmetry",
    "ar1": "first-order autoregression",
    "ar1h": "heterogeneous first-order autoregression",
    "toep": "Toeplitz",
    "toeph": "heterogeneous Toeplitz",
    "ad": "ante-dependence of first order",
    "adh": "heterogeneous ante-dependence of first order",
}
"""Structures by the name that PROC MIXED and R's users know."""

_SPELLINGS = {
    "un": "us",
    "unstructured": "us",
    "compound-symmetry": "cs",
    "ar(1)": "ar1",
    "arh(1)": "ar1h",
    "arh1": "ar1h",
    "toeplitz": "toep",
    "ante(1)": "adh",
    "ante1": "adh",
}
"""Other names of structures, such as those of PROC MIXED."""

_LARGEST_START = 0.95
"""Of a correlation where the fit begins."""


class Structure(Protocol):
    """What the fit asks of a structure."""

    @property
    def name(self) -> str:
        """One of `STRUCTURES`."""
        ...

    @property
    def count(self) -> int:
        """Parameters."""
        ...

    def start(self, rough: Numbers) -> Numbers:
        """Return parameters, (trials, parameters), near a rough covariance, (trials, visits, visits)."""
        ...

    def matrix(self, theta: Numbers) -> Numbers:
        """Return the covariance, (trials, visits, visits)."""
        ...

    def first(self, theta: Numbers) -> Numbers:
        """Return first derivatives, (trials or 1, parameters, visits, visits)."""
        ...

    def second(self, theta: Numbers) -> Numbers | None:
        """Return second derivatives, (trials, parameters, parameters, visits, visits), or None where all are zero."""
        ...


def structure(name: str, visits: int) -> Structure:
    """Return a structure of so many visits by its name, one of `STRUCTURES` or as PROC MIXED calls it.

    Raises
    ------
    ParameterError
        If there is none of that name.
    """
    name = _SPELLINGS.get(name, name)
    if name not in STRUCTURES:
        raise ParameterError(f"no covariance is called '{name[:40]}'; {nearest(name, STRUCTURES)}")
    lag = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
    if name in ("us", "cs", "toep"):
        return _Linear(name, _linear_basis(name, lag))
    if name in ("csh", "toeph"):
        kinds = np.minimum(lag, 1) if name == "csh" else lag
        return _Scaled(name, _LaggedCorrelation(kinds), visits, one_variance=False)
    chained = _ChainedCorrelation(visits, shared=name.startswith("ar1"))
    return _Scaled(name, chained, visits, one_variance=not name.endswith("h"))


def _linear_basis(name: str, lag: NDArray[np.intp]) -> Numbers:
    visits = len(lag)
    if name == "us":
        rows, columns = np.tril_indices(visits)
        basis = np.zeros((len(rows), visits, visits))
        each = np.arange(len(rows))
        basis[each, rows, columns] = basis[each, columns, rows] = 1.0
        return basis
    kinds = np.minimum(lag, 1) if name == "cs" else lag
    return np.asarray(np.arange(kinds.max() + 1)[:, None, None] == kinds, np.float64)


@dataclass(frozen=True, eq=False)
class _Linear:
    """Variances and covariances are the parameters: Sigma is a sum of parameters times fixed matrices."""

    name: str
    basis: Numbers

    @property
    def count(self) -> int:
        return len(self.basis)

    def start(self, rough: Numbers) -> Numbers:
        sums: Numbers = np.einsum("kab,tab->tk", self.basis, rough)
        return np.asarray(sums / self.basis.sum(axis=(1, 2)))

    def matrix(self, theta: Numbers) -> Numbers:
        return np.asarray(np.tensordot(theta, self.basis, 1))

    def first(self, theta: Numbers) -> Numbers:
        return self.basis[None]

    def second(self, theta: Numbers) -> None:
        return None


class _Correlation(Protocol):
    """Correlation of the visits by its parameters, with derivatives."""

    @property
    def count(self) -> int: ...

    def start(self, rough: Numbers) -> Numbers: ...

    def with_derivatives(self, rho: Numbers) -> tuple[Numbers, Numbers, Numbers]: ...


@dataclass(frozen=True, eq=False)
class _LaggedCorrelation:
    """One correlation for each distance between visits."""

    kinds: NDArray[np.intp]

    @property
    def count(self) -> int:
        return int(self.kinds.max())

    @property
    def _places(self) -> Numbers:
        return np.asarray(np.arange(1, self.count + 1)[:, None, None] == self.kinds, np.float64)

    def start(self, rough: Numbers) -> Numbers:
        places = self._places
        sums: Numbers = np.einsum("kab,tab->tk", places, rough)
        return np.asarray(sums / places.sum(axis=(1, 2)))

    def with_derivatives(self, rho: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        places, visits = self._places, len(self.kinds)
        value = np.eye(visits) + np.tensordot(rho, places, 1)
        first = np.broadcast_to(places, (len(rho), *places.shape))
        return value, first, np.zeros((len(rho), self.count, self.count, visits, visits))


@dataclass(frozen=True, eq=False)
class _ChainedCorrelation:
    """Correlation of two visits is the product of those of the steps between them, one for all or one for each."""

    visits: int
    shared: bool

    @property
    def count(self) -> int:
        return min(1, self.visits - 1) if self.shared else self.visits - 1

    def start(self, rough: Numbers) -> Numbers:
        steps = np.diagonal(rough, 1, axis1=1, axis2=2)
        return np.asarray(steps.mean(axis=1, keepdims=True)[:, : self.count] if self.shared else steps)

    @cached_property
    def _between(self) -> NDArray[np.bool_]:
        """Which steps lie between two visits, (visits, visits, steps)."""
        visit, step = np.arange(self.visits), np.arange(self.visits - 1)
        low, high = np.minimum.outer(visit, visit), np.maximum.outer(visit, visit)
        return np.asarray((low[:, :, None] <= step) & (step < high[:, :, None]))

    @cached_property
    def _with_out(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """Steps that are left when one or two are taken out, and whether those lay between the visits."""
        between, apart = self._between, ~np.eye(self.visits - 1, dtype=bool)
        one = between & apart[:, None, None, :]
        two = one & apart[:, None, None, None, :]
        has = np.moveaxis(between, 2, 0)
        return one, two, has, has[:, None] & has & apart[:, :, None, None]

    def with_derivatives(self, rho: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        each = np.broadcast_to(rho, (len(rho), self.visits - 1))
        without_one, without_two, has_one, has_two = self._with_out

        def product(steps: NDArray[np.bool_]) -> Numbers:
            values = each.reshape(len(each), *[1] * (steps.ndim - 1), -1)
            return np.asarray(np.where(steps, values, 1.0).prod(axis=-1))

        value, first, second = product(self._between), product(without_one) * has_one, product(without_two) * has_two
        if self.shared:
            first, second = first.sum(axis=1, keepdims=True), second.sum(axis=(1, 2))[:, None, None]
        return value, first, second


@dataclass(frozen=True, eq=False)
class _Scaled:
    """Variances, one for all visits or one for each, then correlations."""

    name: str
    correlation: _Correlation
    visits: int
    one_variance: bool

    @property
    def count(self) -> int:
        return self._variances + self.correlation.count

    @property
    def _variances(self) -> int:
        return 1 if self.one_variance else self.visits

    def start(self, rough: Numbers) -> Numbers:
        variance = np.diagonal(rough, axis1=1, axis2=2)
        sd = np.sqrt(variance)
        rho = self.correlation.start(rough / (sd[:, :, None] * sd[:, None, :]))
        held = variance.mean(axis=1, keepdims=True) if self.one_variance else variance
        return np.concatenate([held, np.clip(rho, -_LARGEST_START, _LARGEST_START)], axis=1)

    def matrix(self, theta: Numbers) -> Numbers:
        value, *_ = self.correlation.with_derivatives(theta[:, self._variances :])
        return self._scale(theta) * value

    def first(self, theta: Numbers) -> Numbers:
        variance, scale = theta[:, : self._variances, None, None], self._scale(theta)
        value, first, _ = self.correlation.with_derivatives(theta[:, self._variances :])
        return np.concatenate([self._powers / variance * (scale * value)[:, None], first * scale[:, None]], axis=1)

    def second(self, theta: Numbers) -> Numbers:
        variance, scale = theta[:, : self._variances, None, None], self._scale(theta)
        value, first, second = self.correlation.with_derivatives(theta[:, self._variances :])
        share, own = self._powers / variance, self._variances
        found = np.empty((len(theta), self.count, self.count, self.visits, self.visits))
        found[:, :own, :own] = share[:, :, None] * share[:, None] * (scale * value)[:, None, None]
        each = np.arange(own)
        found[:, each, each] -= share / variance * (scale * value)[:, None]
        mixed = share[:, :, None] * (first * scale[:, None])[:, None]
        found[:, :own, own:] = mixed
        found[:, own:, :own] = np.swapaxes(mixed, 1, 2)
        found[:, own:, own:] = second * scale[:, None, None]
        return found

    @property
    def _powers(self) -> Numbers:
        """To which power each variance enters the scale of each entry, (variances, visits, visits)."""
        if self.one_variance:
            return np.ones((1, self.visits, self.visits))
        eye = np.eye(self.visits) / 2
        return np.asarray(eye[:, :, None] + eye[:, None, :])

    def _scale(self, theta: Numbers) -> Numbers:
        sd = np.sqrt(np.broadcast_to(theta[:, : self._variances], (len(theta), self.visits)))
        return np.asarray(sd[:, :, None] * sd[:, None, :])
