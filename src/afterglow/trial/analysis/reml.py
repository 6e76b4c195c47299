r"""Residual maximum likelihood of a linear model with correlated visits, for one trial or many at once.

Every person has the model :math:`y = X \beta + e`, :math:`e \sim N(0, \Sigma(\theta))` at the visits that were rated.
An entry of :math:`X` is a number of the person times a constant of visit and column, so that sums over people are taken
once, by pattern of missing visits; after that the work does not depend on how many people there are. Fisher scoring
finds the maximum, Newton's method ends it (Jennrich and Schluchter 1986, Biometrics 42:805).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.trial.analysis.covariance import Structure
from afterglow.trial.analysis.matrices import Numbers, is_definite

__all__ = ["Reml", "Sums", "fit_reml", "sums_of"]

_MOST_STEPS = 60
_DONE = 1e-9
"""Newton decrement, in units of -2 log-likelihood, under which a fit has ended."""
_NEAR = 0.5
"""Newton decrement from which on Newton's step is tried in place of Fisher's."""
_MOST_HALVINGS = 40


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over people by pattern of missing visits.

    Parameters
    ----------
    rated : bool array (patterns, visits)
    count : array (trials, patterns)
        People.
    products : array (trials, patterns, numbers * numbers)
        Sums over people of the products of their numbers; the last ones are the outcomes, 0 if missing.
    loads : array (entries, columns + 1)
        What an entry, a number of a person at a visit, adds to each column of X; the last column is the outcome.
    places : int array (entries, entries)
        Where the product of two entries stands among (visit, visit, number, number).
    """

    rated: NDArray[np.bool_]
    count: Numbers
    products: Numbers
    loads: Numbers
    places: NDArray[np.intp]

    @property
    def visits(self) -> int:
        """Visits of the design."""
        return int(self.rated.shape[1])

    @property
    def columns(self) -> int:
        """Columns of X."""
        return int(self.loads.shape[1]) - 1

    @property
    def together(self) -> Numbers:
        """People rated at both of two visits, (trials, visits, visits)."""
        both = self.rated[:, :, None] & self.rated[:, None, :]
        return np.tensordot(self.count, both, 1)

    @property
    def ratings(self) -> Numbers:
        """Ratings of each trial, (trials,)."""
        return np.asarray(self.count @ self.rated.sum(axis=1))

    def at(self, trials: NDArray[np.bool_]) -> Sums:
        """Return the sums of some of the trials."""
        if trials.all():
            return self
        return Sums(self.rated, self.count[trials], self.products[trials], self.loads, self.places)

    def weighted(self, weights: Numbers) -> Numbers:
        """Return (X, y)' K (X, y) summed over people, (trials, kinds, columns + 1, columns + 1).

        Parameters
        ----------
        weights : array (trials, kinds, patterns, visits, visits)
            K of each pattern, zero where a visit is missing.
        """
        trials, kinds, patterns = weights.shape[:3]
        flat = weights.reshape(trials, kinds, patterns, -1).swapaxes(2, 3).reshape(trials, -1, patterns)
        products = (flat @ self.products).reshape(trials, kinds, -1)
        entries = np.take(products, self.places, axis=2)
        return np.asarray(self.loads.T @ (entries @ self.loads))

    def traced(self, inner: Numbers) -> Numbers:
        """Return the sums of (X, y) inner (X, y)' by pattern, (trials, kinds, patterns, visits, visits).

        Parameters
        ----------
        inner : array (trials, kinds, columns + 1, columns + 1)
        """
        trials, kinds = inner.shape[:2]
        visits, width = self.visits, self.products.shape[2]
        spread = np.zeros((trials, kinds, visits * visits * width))
        spread[:, :, self.places] = self.loads @ inner @ self.loads.T
        sums = spread.reshape(trials, -1, width) @ self.products.swapaxes(1, 2)
        return np.asarray(sums.reshape(trials, kinds, visits, visits, -1).transpose(0, 1, 4, 2, 3))


@dataclass(frozen=True, eq=False)
class Reml:
    """A fit, each array with trials first; NaN for a trial whose data could not carry the model.

    Parameters
    ----------
    minus2 : array (trials,)
        -2 residual log-likelihood.
    theta : array (trials, parameters)
    covariance : array (trials, visits, visits)
    coefficients : array (trials, columns)
    spread : array (trials, columns, columns)
        Covariance of the coefficients for known theta.
    slopes : array (trials, parameters, columns, columns)
        Derivatives of `spread` by theta.
    theta_spread : array (trials, parameters, parameters)
        Twice the inverse of the observed information of -2 log-likelihood, as in SAS.
    excess : array (trials, columns, columns)
        What Kenward and Roger (1997, Biometrics 53:983) add to `spread` for not knowing theta.
    steps : int
        Of the slowest trial.
    converged : bool array (trials,)
    """

    minus2: Numbers
    theta: Numbers
    covariance: Numbers
    coefficients: Numbers
    spread: Numbers
    slopes: Numbers
    theta_spread: Numbers
    excess: Numbers
    steps: int
    converged: NDArray[np.bool_]


def sums_of(numbers: Numbers, outcomes: Numbers, design: Numbers, weights: Numbers | None = None) -> Sums:
    """Return the sums that a fit needs.

    Parameters
    ----------
    numbers : array (trials, people, numbers)
        What the design draws on, finite.
    outcomes : array (trials, people, visits)
        NaN where missing.
    design : array (visits, numbers, columns)
        What each number adds to each column of X at each visit.
    weights : array (fits, people), optional
        How often each person of one trial counts in each of several fits.
    """
    visits = outcomes.shape[2]
    rated = np.isfinite(outcomes)
    patterns, which = np.unique(rated @ (1 << np.arange(visits)), return_inverse=True)
    which = which.reshape(rated.shape[:2])
    held = np.concatenate([numbers, np.where(rated, outcomes, 0.0)], axis=2)
    there = (which[:, None, :] == np.flatnonzero(patterns)[:, None]).astype(np.float64)
    if weights is not None:
        there = there * weights[:, None, :]
    size = held.shape[2]
    squares = (held[:, :, :, None] * held[:, :, None, :]).reshape(*held.shape[:2], size * size)
    products = there @ squares
    count = there.sum(axis=2)
    full = np.zeros((visits, held.shape[2], design.shape[2] + 1))
    full[:, : design.shape[1], :-1] = design
    each = np.arange(visits)
    full[each, design.shape[1] + each, -1] = 1.0
    visit, number = np.nonzero(full.any(axis=2))
    places = ((visit[:, None] * visits + visit) * size + number[:, None]) * size + number
    shown = ((patterns[patterns > 0, None] >> each) & 1).astype(bool)
    return Sums(shown, count, products, full[visit, number], places)


def fit_reml(sums: Sums, structure: Structure, *, excess: bool = False) -> Reml:
    """Return the fit of each trial.

    Parameters
    ----------
    sums : Sums
    structure : Structure
    excess : bool
        Whether the addition of Kenward and Roger is worked out; else it is NaN.
    """
    usable = _has_rank(sums)
    theta = np.full((len(usable), structure.count), np.nan)
    steps = 0
    if usable.any():
        held = sums.at(usable)
        start = structure.start(_rough(held))
        known = is_definite(_pairs(held, structure, start))
        theta[np.flatnonzero(usable)[known]], steps = _climb(held.at(known), structure, start[known])
    done = np.isfinite(theta).all(axis=1)
    return _found(sums.at(done), structure, theta[done], done, steps, excess)


def _climb(sums: Sums, structure: Structure, theta: Numbers) -> tuple[Numbers, int]:
    """Return theta at the maximum, (trials, parameters), NaN where it was not found, and the steps taken."""
    found = np.full_like(theta, np.nan)
    left = np.arange(len(theta))
    if not len(left):
        return found, 0
    point = _Point.at(sums, structure, theta)
    for number in range(_MOST_STEPS):
        step, decrement = _step(point, structure)
        done = decrement < _DONE
        found[left[done]] = point.theta[done]
        lost = ~np.isfinite(decrement)
        going = ~(done | lost)
        if not going.any():
            return found, number
        left, step, point, sums = left[going], step[going], point.of(going), sums.at(going)
        point = _moved(sums, structure, point, step)
    return found, _MOST_STEPS


def _moved(sums: Sums, structure: Structure, point: _Point, step: Numbers) -> _Point:
    """Return the points after a step, which is halved where it leads downhill or out of bounds."""
    factor = np.ones(len(step))
    for _ in range(_MOST_HALVINGS):
        new = _Point.at(sums, structure, point.theta + factor[:, None] * step)
        worse = ~(new.minus2 <= point.minus2 + 1e-9 * np.abs(point.minus2))
        if not worse.any():
            return new
        factor = np.where(worse, factor / 2, factor)
    return new


@dataclass(frozen=True, eq=False)
class _Point:
    """The likelihood at one theta of each trial."""

    sums: Sums
    theta: Numbers
    minus2: Numbers
    covariance: Numbers
    inverse: Numbers
    """Of the covariance by pattern, (trials, patterns, visits, visits), zero where a visit is missing."""
    coefficients: Numbers
    spread: Numbers

    @classmethod
    def at(cls, sums: Sums, structure: Structure, theta: Numbers) -> _Point:
        with np.errstate(invalid="ignore"):
            covariance = structure.matrix(theta)
        fine = is_definite(covariance)
        eye = np.eye(sums.visits)
        if not fine.all():
            covariance = np.where(fine[:, None, None], covariance, eye)
        both = sums.rated[:, :, None] & sums.rated[:, None, :]
        seen = np.where(both, covariance[:, None], eye)
        inverse = np.linalg.inv(seen) * both
        cross = sums.weighted(inverse[:, None])[:, 0]
        spread = np.asarray(np.linalg.inv(cross[:, :-1, :-1]), np.float64)
        coefficients = (spread @ cross[:, :-1, -1:])[:, :, 0]
        squares = cross[:, -1, -1] - (coefficients * cross[:, :-1, -1]).sum(axis=1)
        minus2 = (
            (sums.ratings - sums.columns) * np.log(2 * np.pi)
            + (sums.count * np.linalg.slogdet(seen)[1]).sum(axis=1)
            - np.linalg.slogdet(spread)[1]
            + squares
        )
        return cls(sums, theta, np.where(fine, minus2, np.inf), covariance, inverse, coefficients, spread)

    def of(self, trials: NDArray[np.bool_]) -> _Point:
        if trials.all():
            return self
        held = (self.theta, self.minus2, self.covariance, self.inverse, self.coefficients, self.spread)
        return _Point(self.sums.at(trials), *(each[trials] for each in held))


@dataclass(frozen=True, eq=False)
class _Slopes:
    """Derivatives of -2 log-likelihood by theta, with what they are made of."""

    gradient: Numbers
    expected: Numbers
    observed: Numbers
    first: Numbers
    """Of the covariance by theta, (trials or 1, parameters, visits, visits)."""
    second: Numbers | None
    moved: Numbers
    """X' V^-1 (dV) V^-1 X, (trials, parameters, columns, columns)."""
    turned: Numbers
    """W (dV) W by pattern, (trials, parameters, patterns, visits, visits)."""


def _slopes(point: _Point, structure: Structure) -> _Slopes:
    sums, W = point.sums, point.inverse
    first, second = structure.first(point.theta), structure.second(point.theta)
    trials, visits = len(W), sums.visits
    residual = np.concatenate([-point.coefficients, np.ones((trials, 1))], axis=1)
    inner = np.zeros((trials, 2, sums.columns + 1, sums.columns + 1))
    inner[:, 0, :-1, :-1] = point.spread
    inner[:, 1] = residual[:, :, None] * residual[:, None, :]
    turned_sums = W[:, None] @ sums.traced(inner) @ W[:, None]  # W H W and W R W
    whole = W * sums.count[:, :, None, None]
    gradient_matrix = (whole - turned_sums.sum(axis=1)).sum(axis=1)
    flat = first.reshape(*first.shape[:2], -1)
    gradient = (flat @ gradient_matrix.reshape(trials, -1, 1))[:, :, 0]

    pair = np.stack([whole - 2 * turned_sums[:, 0], turned_sums[:, 1]], axis=1)
    outer = W.reshape(trials, 1, -1, visits**2).swapaxes(2, 3) @ pair.reshape(trials, 2, -1, visits**2)
    outer = outer.reshape(trials, 2, *[visits] * 4).transpose(0, 1, 5, 2, 3, 4).reshape(trials, 2, visits**2, visits**2)
    of_trace, of_residual = (flat @ outer[:, k] @ flat.swapaxes(1, 2) for k in (0, 1))

    turned = W[:, None] @ first[:, :, None] @ W[:, None]
    crossed = sums.weighted(turned)
    moved = crossed[:, :, :-1, :-1]
    pulled = (crossed[:, :, :-1] @ residual[:, None, :, None])[..., 0]
    shifted = point.spread[:, None] @ moved
    kinds = shifted.shape[1]
    expected = of_trace + shifted.reshape(trials, kinds, -1) @ shifted.swapaxes(2, 3).reshape(
        trials, kinds, -1
    ).swapaxes(1, 2)
    observed = 2 * (of_residual - pulled @ point.spread @ pulled.swapaxes(1, 2)) - expected
    if second is not None:
        observed = (
            observed + (second.reshape(trials, kinds, kinds, -1) @ gradient_matrix.reshape(trials, 1, -1, 1))[..., 0]
        )
    return _Slopes(gradient, expected, observed, first, second, moved, turned)


def _step(point: _Point, structure: Structure) -> tuple[Numbers, Numbers]:
    """Return the step of each trial and its Newton decrement, NaN where the information is singular."""
    slopes = _slopes(point, structure)
    step, decrement = _solved(slopes.expected, slopes.gradient)
    near = decrement < _NEAR
    if near.any():
        near[near] = is_definite(slopes.observed[near])
        step[near], decrement[near] = _solved(slopes.observed[near], slopes.gradient[near])
    return step, decrement


def _solved(information: Numbers, gradient: Numbers) -> tuple[Numbers, Numbers]:
    fine = is_definite(information)
    safe = information if fine.all() else np.where(fine[:, None, None], information, np.eye(information.shape[1]))
    step = -np.asarray(np.linalg.solve(safe, gradient[:, :, None])[:, :, 0], np.float64)
    return step, np.where(fine, -(gradient * step).sum(axis=1), np.nan)


def _found(sums: Sums, structure: Structure, theta: Numbers, done: NDArray[np.bool_], steps: int, excess: bool) -> Reml:
    """Return all of a fit at its maximum."""
    trials, columns, kinds, visits = len(done), sums.columns, structure.count, sums.visits

    def spread_out(values: Numbers | None, *shape: int) -> Numbers:
        whole = np.full((trials, *shape), np.nan)
        if values is not None:
            whole[done] = values
        return whole

    minus2 = covariance = coefficients = spread = derivative = of_theta = added = None
    converged = done.copy()
    if done.any():
        point = _Point.at(sums, structure, theta)
        slopes = _slopes(point, structure)
        fine = is_definite(slopes.observed)
        converged[done] = fine
        known = np.where(fine[:, None, None], slopes.observed, np.eye(kinds))
        of_theta = np.where(fine[:, None, None], 2 * np.linalg.inv(known), np.nan)
        minus2, covariance, coefficients, spread = point.minus2, point.covariance, point.coefficients, point.spread
        derivative = spread[:, None] @ slopes.moved @ spread[:, None]
        added = _excess(point, slopes, of_theta) if excess else None
    return Reml(
        spread_out(minus2),
        spread_out(theta, kinds),
        spread_out(covariance, visits, visits),
        spread_out(coefficients, columns),
        spread_out(spread, columns, columns),
        spread_out(derivative, kinds, columns, columns),
        spread_out(of_theta, kinds, kinds),
        spread_out(added, columns, columns),
        steps,
        converged,
    )


def _excess(point: _Point, slopes: _Slopes, of_theta: Numbers) -> Numbers:
    """Return twice the Lambda of Kenward and Roger, (trials, columns, columns)."""
    W, spread = point.inverse, point.spread
    mixed = np.einsum("tjk,tjgab->tkgab", of_theta, slopes.turned)
    inside = (mixed @ slopes.first[:, :, None] @ W[:, None]).sum(axis=1)
    if slopes.second is not None:
        bent = np.einsum("tjk,tjkab->tab", of_theta, slopes.second)
        inside = inside - W @ bent[:, None] @ W / 4
    quadratic = point.sums.weighted(inside[:, None])[:, 0, :-1, :-1]
    crossed = np.einsum("tjk,tjab->tkab", of_theta, slopes.moved) @ spread[:, None] @ slopes.moved
    return np.asarray(2 * spread @ (quadratic - crossed.sum(axis=1)) @ spread)


def _has_rank(sums: Sums) -> NDArray[np.bool_]:
    """Say of each trial whether its columns can be told apart, (trials,)."""
    eye = sums.rated[:, :, None] * np.eye(sums.visits)
    cross = sums.weighted(np.broadcast_to(eye, (len(sums.count), 1, *eye.shape)))[:, 0, :-1, :-1]
    return is_definite(cross) & (sums.ratings > sums.columns)


def _pairs(sums: Sums, structure: Structure, theta: Numbers) -> Numbers:
    """Return which parameters the visits that were rated together can tell apart, as a matrix."""
    first = structure.first(theta)
    return np.asarray(
        np.einsum(
            "tjab,tab,tkab->tjk",
            np.broadcast_to(first, (len(theta), *first.shape[1:])),
            sums.together,
            first * np.ones((len(theta), 1, 1, 1)),
        )
    )


def _rough(sums: Sums) -> Numbers:
    """Return the covariance of residuals of least squares, (trials, visits, visits), drawn in until it is one."""
    eye = sums.rated[:, :, None] * np.eye(sums.visits)
    cross = sums.weighted(np.broadcast_to(eye, (len(sums.count), 1, *eye.shape)))[:, 0]
    coefficients = np.linalg.solve(cross[:, :-1, :-1], cross[:, :-1, -1:])[:, :, 0]
    residual = np.concatenate([-coefficients, np.ones((len(cross), 1))], axis=1)
    squares = sums.traced((residual[:, :, None] * residual[:, None, :])[:, None])[:, 0].sum(axis=1)
    rough = squares / np.maximum(sums.together, 1.0)
    own = np.diagonal(rough, axis1=1, axis2=2)
    floor = 1e-6 * own.max(axis=1, keepdims=True)
    own = np.maximum(own, np.maximum(floor, np.finfo(float).tiny))
    diagonal = own[:, :, None] * np.eye(sums.visits)
    apart = rough * (1 - np.eye(sums.visits))
    for _ in range(_MOST_STEPS):
        fine = is_definite(diagonal + apart)
        if fine.all():
            break
        apart = np.where(fine[:, None, None], apart, 0.8 * apart)
    return np.asarray(diagonal + apart)
