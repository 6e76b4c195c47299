r"""Residual maximum likelihood of a linear model with correlated visits, for one trial or many at once.

Every person has the model :math:`y = X \beta + e`, :math:`e \sim N(0, \Sigma(\theta))` at the visits that were rated.
An entry of :math:`X` is a number of the person times a constant of visit and column, so that sums over people are taken
once, by pattern of missing visits; after that the work does not depend on how many people there are. Fisher scoring
finds the maximum, Newton's method ends it (jennrich1986).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from afterglow.trial.analysis.covariance import Structure
from afterglow.trial.analysis.matrices import Numbers, is_definite

__all__ = ["Reml", "Sums", "fit_reml", "sums_of"]

_MOST_STEPS = 60
_DONE = 1e-8
"""Newton decrement, in units of -2 log-likelihood, under which a fit has ended."""
_NEAR = 2.0
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
    needed : int
        First columns, without which a trial cannot be fitted.
    """

    rated: NDArray[np.bool_]
    count: Numbers
    products: Numbers
    loads: Numbers
    places: NDArray[np.intp]
    needed: int

    @property
    def visits(self) -> int:
        """Visits of the design."""
        return int(self.rated.shape[1])

    @property
    def columns(self) -> int:
        """Columns of X."""
        return int(self.loads.shape[1]) - 1

    @cached_property
    def eye(self) -> Numbers:
        """One of each visit, (visits, visits)."""
        return np.eye(self.visits)

    @cached_property
    def both(self) -> NDArray[np.bool_]:
        """Which two visits were rated, (patterns, visits, visits)."""
        return np.asarray(self.rated[:, :, None] & self.rated[:, None, :])

    @cached_property
    def unweighted(self) -> Numbers:
        """Sums of squares of X and y, (trials, columns + 1, columns + 1)."""
        own = self.rated[:, :, None] * self.eye
        return self.weighted(np.broadcast_to(own, (len(self.count), 1, *own.shape)))[:, 0]

    @cached_property
    def absent(self) -> NDArray[np.bool_]:
        """Columns past the needed ones that nobody of a trial has, such as a site without people, (trials, columns)."""
        found = np.asarray(np.diagonal(self.unweighted, axis1=1, axis2=2)[:, :-1] == 0.0)
        found[:, : self.needed] = False
        return found

    @cached_property
    def used(self) -> NDArray[np.intp]:
        """How many columns of each trial are not absent, (trials,)."""
        return np.asarray(self.columns - self.absent.sum(axis=1))

    @cached_property
    def together(self) -> Numbers:
        """People rated at both of two visits, (trials, visits, visits)."""
        return (self.count @ self.both.reshape(len(self.rated), -1)).reshape(-1, self.visits, self.visits)

    @cached_property
    def ratings(self) -> Numbers:
        """Ratings of each trial, (trials,)."""
        return np.asarray(self.count @ self.rated.sum(axis=1))

    def at(self, trials: NDArray[np.bool_]) -> Sums:
        """Return the sums of some of the trials."""
        if trials.all():
            return self
        return Sums(self.rated, self.count[trials], self.products[trials], self.loads, self.places, self.needed)

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
        What Kenward and Roger (kenward1997) add to `spread` for not knowing theta.
    steps : int array (trials,)
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
    steps: NDArray[np.intp]
    converged: NDArray[np.bool_]

    def of(self, trials: NDArray[np.bool_]) -> Reml:
        """Return the fits of some of the trials."""
        return Reml(*(getattr(self, name)[trials] for name in self.__dataclass_fields__))


def sums_of(
    numbers: Numbers, outcomes: Numbers, design: Numbers, weights: Numbers | None = None, *, needed: int | None = None
) -> Sums:
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
    needed : int, optional
        First columns, without which a trial cannot be fitted; a later one that nobody has, it can be without. Default:
        all.
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
    return Sums(shown, count, products, full[visit, number], places, design.shape[2] if needed is None else needed)


def fit_reml(sums: Sums, structure: Structure, *, excess: bool = False) -> Reml:
    """Return the fit of each trial.

    Parameters
    ----------
    sums : Sums
    structure : Structure
    excess : bool
        Whether the addition of Kenward and Roger is worked out; else it is NaN.
    """
    fit = _blank(len(sums.count), structure.count, sums)
    cross = _without_absent(sums.unweighted, sums)
    usable = is_definite(cross[:, :-1, :-1]) & (sums.ratings > sums.used)
    if usable.any():
        held = sums.at(usable)
        start = structure.start(_rough(held, cross[usable]))
        told = is_definite(_pairs(held, structure, start))
        _climb(fit, np.flatnonzero(usable)[told], held.at(told), structure, start[told], excess)
    return fit


def _climb(fit: Reml, places: NDArray[np.intp], sums: Sums, structure: Structure, theta: Numbers, excess: bool) -> None:
    """Write the maximum of each trial into its place, where it is found."""
    if not len(places):
        return
    point = _Point.at(sums, structure, theta)
    for number in range(_MOST_STEPS):
        slopes = _slopes(point, structure)
        step, decrement = _step(slopes)
        done = decrement < _DONE
        if done.any():
            _write(fit, places[done], point.of(done), slopes.of(done), number, excess)
        going = ~done & np.isfinite(decrement) & np.isfinite(point.minus2)
        if not going.any():
            return
        places, step, point = places[going], step[going], point.of(going)
        point = _moved(structure, point, step)


def _moved(structure: Structure, point: _Point, step: Numbers) -> _Point:
    """Return the points after a step, which is halved where it leads downhill or out of bounds."""
    factor = np.ones(len(step))
    for _ in range(_MOST_HALVINGS):
        new = _Point.at(point.sums, structure, point.theta + factor[:, None] * step)
        worse = ~(new.minus2 <= point.minus2 + 1e-9 * np.abs(point.minus2))
        if not worse.any():
            return new
        factor = np.where(worse, factor / 2, factor)
    theta = np.where(worse[:, None], point.theta, new.theta)
    return replace(new, theta=theta, minus2=np.where(worse, np.nan, new.minus2))


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
        if not fine.all():
            covariance = np.where(fine[:, None, None], covariance, sums.eye)
        seen = np.where(sums.both, covariance[:, None], sums.eye)
        inverse = np.linalg.inv(seen) * sums.both
        cross = _without_absent(sums.weighted(inverse[:, None])[:, 0], sums)
        spread = np.asarray(np.linalg.inv(cross[:, :-1, :-1]), np.float64)
        coefficients = (spread @ cross[:, :-1, -1:])[:, :, 0]
        squares = cross[:, -1, -1] - (coefficients * cross[:, :-1, -1]).sum(axis=1)
        minus2 = (
            (sums.ratings - sums.used) * np.log(2 * np.pi)
            + (sums.count * np.linalg.slogdet(seen)[1]).sum(axis=1)
            - np.linalg.slogdet(spread)[1]
            + squares
        )
        if sums.absent.any():
            spread = spread * ~sums.absent[:, :, None]
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

    def of(self, trials: NDArray[np.bool_]) -> _Slopes:
        if trials.all():
            return self
        first = self.first[trials] if len(self.first) == len(trials) else self.first
        second = None if self.second is None else self.second[trials]
        held = (self.gradient, self.expected, self.observed, self.moved, self.turned)
        gradient, expected, observed, moved, turned = (each[trials] for each in held)
        return _Slopes(gradient, expected, observed, first, second, moved, turned)


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


def _step(slopes: _Slopes) -> tuple[Numbers, Numbers]:
    """Return the step of each trial and its Newton decrement, NaN where the information is singular.

    The step is Newton's for those who are near and whose observed information is definite, else Fisher's.
    """
    step, decrement = _solved(slopes.expected, slopes.gradient)
    near = decrement < _NEAR
    if near.any():
        near[near] = is_definite(slopes.observed[near])
        if near.any():
            step[near], decrement[near] = _solved(slopes.observed[near], slopes.gradient[near])
    return step, decrement


def _solved(information: Numbers, gradient: Numbers) -> tuple[Numbers, Numbers]:
    """Return the step against the gradient and its decrement, which is NaN where the information is not definite."""
    try:
        solved = np.linalg.solve(information, gradient[:, :, None])
    except np.linalg.LinAlgError:
        fine = is_definite(information)[:, None, None]
        solved = np.linalg.solve(np.where(fine, information, np.eye(information.shape[1])), gradient[:, :, None])
        solved = np.where(fine, solved, np.nan)
    step = -np.asarray(solved[:, :, 0], np.float64)
    decrement = -(gradient * step).sum(axis=1)
    return step, np.where(decrement < -_DONE, np.nan, decrement)


def _blank(trials: int, kinds: int, sums: Sums) -> Reml:
    columns, visits = sums.columns, sums.visits

    def nan(*shape: int) -> Numbers:
        return np.full((trials, *shape), np.nan)

    return Reml(
        minus2=nan(),
        theta=nan(kinds),
        covariance=nan(visits, visits),
        coefficients=nan(columns),
        spread=nan(columns, columns),
        slopes=nan(kinds, columns, columns),
        theta_spread=nan(kinds, kinds),
        excess=nan(columns, columns),
        steps=np.zeros(trials, dtype=np.intp),
        converged=np.zeros(trials, dtype=bool),
    )


def _write(fit: Reml, places: NDArray[np.intp], point: _Point, slopes: _Slopes, steps: int, excess: bool) -> None:
    """Write fits into their places; a point that is no maximum is not one."""
    fine = is_definite(slopes.observed)
    if not fine.all():
        places, point, slopes = places[fine], point.of(fine), slopes.of(fine)
        if not len(places):
            return
    of_theta = 2 * np.asarray(np.linalg.inv(slopes.observed), np.float64)
    fit.converged[places], fit.steps[places] = True, steps
    fit.minus2[places], fit.theta[places], fit.covariance[places] = point.minus2, point.theta, point.covariance
    fit.coefficients[places], fit.spread[places], fit.theta_spread[places] = point.coefficients, point.spread, of_theta
    fit.slopes[places] = point.spread[:, None] @ slopes.moved @ point.spread[:, None]
    if excess:
        fit.excess[places] = _excess(point, slopes, of_theta)


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


def _without_absent(cross: Numbers, sums: Sums) -> Numbers:
    """Give columns that nobody has a coefficient of zero, which changes nothing else."""
    if not sums.absent.any():
        return cross
    cross = cross.copy()
    trial, column = np.nonzero(sums.absent)
    cross[trial, column, column] = 1.0
    return cross


def _pairs(sums: Sums, structure: Structure, theta: Numbers) -> Numbers:
    """Return which parameters the visits that were rated together can tell apart, as a matrix."""
    first = structure.first(theta)
    weighted = first * sums.together[:, None]
    flat = weighted.reshape(*weighted.shape[:2], -1)
    return np.asarray(flat @ first.reshape(*first.shape[:2], -1).swapaxes(1, 2))


def _rough(sums: Sums, cross: Numbers) -> Numbers:
    """Return the covariance of residuals of least squares, (trials, visits, visits), drawn in until it is one."""
    coefficients = np.linalg.solve(cross[:, :-1, :-1], cross[:, :-1, -1:])[:, :, 0]
    residual = np.concatenate([-coefficients, np.ones((len(cross), 1))], axis=1)
    squares = sums.traced((residual[:, :, None] * residual[:, None, :])[:, None])[:, 0].sum(axis=1)
    rough = squares / np.maximum(sums.together, 1.0)
    own = np.diagonal(rough, axis1=1, axis2=2)
    own = np.maximum(own, np.maximum(1e-6 * own.max(axis=1, keepdims=True), np.finfo(float).tiny))
    diagonal = own[:, :, None] * sums.eye
    apart = rough * (1 - sums.eye)
    for _ in range(_MOST_STEPS):
        fine = is_definite(diagonal + apart)
        if fine.all():
            break
        apart = np.where(fine[:, None, None], apart, 0.8 * apart)
    return np.asarray(diagonal + apart)
