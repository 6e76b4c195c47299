r"""Standard errors of imputation by the reference without fitting again, for many trials at once.

A difference between arms is a function of completed data, which are a function of the mixed model: of its coefficients
:math:`\beta` and of its covariance :math:`\Sigma(\theta)`. What one person adds to it follows by the chain rule: by the
own residual in the analysis of covariance, and by the share in the scores of :math:`\beta` and :math:`\theta`.
Residuals are those of fits without the person, so that the variance is the jackknife's but for terms of second order;
degrees of freedom are those of the analysis of covariance.
Rubin's rules for endlessly many imputations follow from the same derivatives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.trial.analysis.ancova import design_of
from afterglow.trial.analysis.design import Plan, Predictors
from afterglow.trial.analysis.estimate import Estimate, estimate
from afterglow.trial.analysis.imputation.filling import Patterns
from afterglow.trial.analysis.matrices import Numbers
from afterglow.trial.analysis.reml import Reml

__all__ = ["linear_estimates"]


def linear_estimates(
    outcomes: Numbers,
    kept: Numbers,
    plan: Plan,
    known: Predictors,
    fit: Reml,
    first: Numbers,
    arms: int,
    *,
    rubin: bool,
    level: float,
) -> Estimate:
    """Return each arm minus the reference at each visit, (trials, arms - 1, visits).

    Parameters
    ----------
    outcomes : array (trials, people, visits)
        NaN where missing.
    kept : array (trials, people, visits, visits)
        See `kept_difference`.
    plan : Plan
        Of the mixed model.
    known : Predictors
    fit : Reml
        Of every trial, converged.
    first : array (trials or 1, parameters, visits, visits)
        Derivatives of the covariance.
    arms : int
    rubin : bool
        Whether variances are those of Rubin's rules; else those of the jackknife.
    level : float
        Of the confidence intervals.
    """
    rated = np.isfinite(outcomes)
    inverse = Patterns(rated).inverses(fit.covariance)
    model = _Model.of(outcomes, rated, inverse, plan, fit, first)
    filling = _Filling.of(outcomes, rated, inverse, plan, fit, first, kept, arms)
    squares = _Squares.of(np.broadcast_to(design_of(known), (*rated.shape[:2], design_of(known).shape[2])))
    shape = (len(outcomes), arms - 1, outcomes.shape[2])
    value, variance, df = (np.empty(shape) for _ in range(3))
    for visit in range(shape[2]):
        complete = filling.complete[..., visit]
        left = squares.residual(complete)
        for k in range(arms - 1):
            weight = squares.weights[..., 1 + k]
            slopes = filling.slopes(weight, visit)
            value[:, k, visit] = (weight * complete).sum(axis=1)
            if rubin:
                unknown = filling.unknown(visit)
                within = squares.variance(left, unknown) * squares.gram[:, 1 + k, 1 + k]
                between = (weight**2 * unknown).sum(axis=1) + model.variance(*slopes)
                variance[:, k, visit] = within + between
                df[:, k, visit] = _freedom(squares.freedom, between / (within + between))
            else:
                each = weight * left / (1 - squares.leverage) + model.influence(*slopes)
                variance[:, k, visit] = (each.shape[1] - 1) * each.var(axis=1)
                df[:, k, visit] = squares.freedom
    return estimate(value, np.sqrt(variance), df, level=level)


def _freedom(whole: Numbers, share: Numbers) -> Numbers:
    """Return the degrees of freedom of Barnard and Rubin (barnard1999) for endlessly many imputations."""
    return np.asarray((whole + 1) / (whole + 3) * whole * (1 - share))


@dataclass(frozen=True, eq=False)
class _Squares:
    """The analysis of covariance of completed data."""

    Z: Numbers
    gram: Numbers
    """Inverse of Z'Z, (trials, columns, columns)."""
    weights: Numbers
    """Of each person in each coefficient, (trials, people, columns)."""
    leverage: Numbers
    freedom: Numbers

    @classmethod
    def of(cls, Z: Numbers) -> _Squares:
        gram = np.asarray(np.linalg.pinv(Z.swapaxes(1, 2) @ Z, hermitian=True), np.float64)
        weights = Z @ gram
        leverage = np.minimum((weights * Z).sum(axis=2), 1 - 1e-9)
        return cls(Z, gram, weights, leverage, Z.shape[1] - np.rint(leverage.sum(axis=1)))

    def residual(self, y: Numbers) -> Numbers:
        coefficients = self.weights.swapaxes(1, 2) @ y[..., None]
        return np.asarray(y - (self.Z @ coefficients)[..., 0])

    def variance(self, left: Numbers, unknown: Numbers) -> Numbers:
        """Return the residual variance, (trials,), of outcomes of which a variance is not known."""
        return np.asarray((left**2 + (1 - self.leverage) * unknown).sum(axis=1) / self.freedom)


@dataclass(frozen=True, eq=False)
class _Filling:
    """Completed outcomes, and how they follow the mixed model."""

    complete: Numbers
    missing: NDArray[np.bool_]
    inverse: Numbers
    covariance: Numbers
    first: Numbers
    pulled: Numbers
    """Inverse covariance times the residual around what is expected of the person, (trials, people, visits)."""
    kept: Numbers
    reference: Numbers
    apart: Numbers
    """Numbers of people as if all were of the reference, and what their own arm adds, (trials, people, numbers)."""
    design: Numbers

    @classmethod
    def of(
        cls,
        outcomes: Numbers,
        rated: NDArray[np.bool_],
        inverse: Numbers,
        plan: Plan,
        fit: Reml,
        first: Numbers,
        kept: Numbers,
        arms: int,
    ) -> _Filling:
        loads = np.einsum("vqp,tp->tqv", plan.design, fit.coefficients)
        reference = plan.numbers.copy()
        reference[:, :, 1:arms] = 0.0
        apart = plan.numbers - reference
        mean = reference @ loads + (kept @ (apart @ loads)[..., None])[..., 0]
        pulled = (inverse @ np.where(rated, outcomes - mean, 0.0)[..., None])[..., 0]
        complete = np.where(rated, outcomes, mean + pulled @ fit.covariance)
        return cls(complete, ~rated, inverse, fit.covariance, first, pulled, kept, reference, apart, plan.design)

    def unknown(self, visit: int) -> Numbers:
        """Return the variance of what is filled in, (trials, people)."""
        return np.asarray((self._turned(visit) * self.covariance[:, None, visit]).sum(axis=2))

    def slopes(self, weight: Numbers, visit: int) -> tuple[Numbers, Numbers]:
        """Return the derivatives of a weighted sum of people's completed outcomes at a visit.

        Parameters
        ----------
        weight : array (trials, people)
        visit : int

        Returns
        -------
        tuple of array (trials, columns), (trials, parameters)
            By the coefficients and by the parameters of the covariance.
        """
        turned = weight[..., None] * self._turned(visit)
        kept = (turned[..., None, :] @ self.kept)[..., 0, :]
        by_number = self.reference.swapaxes(1, 2) @ turned + self.apart.swapaxes(1, 2) @ kept
        pairs = turned.swapaxes(1, 2) @ self.pulled
        return np.einsum("tqv,vqp->tp", by_number, self.design), _contracted(self.first, pairs)

    def _turned(self, visit: int) -> Numbers:
        """Return how what is filled in at a visit follows means of all visits, (trials, people, visits)."""
        follows = (self.inverse @ self.covariance[:, None, :, visit, None])[..., 0]
        return np.asarray((np.eye(follows.shape[2])[visit] - follows) * self.missing[..., visit, None])


@dataclass(frozen=True, eq=False)
class _Model:
    """What each person adds to the estimates of the mixed model."""

    inverse: Numbers
    scored: Numbers
    """Inverse covariance times the residual, (trials, people, visits)."""
    alone: Numbers
    """The same of the residual around a fit without the person."""
    information: Numbers
    """Of the covariance, after the coefficients are estimated, (trials, people, visits, visits)."""
    numbers: Numbers
    design: Numbers
    spread: Numbers
    theta_spread: Numbers
    first: Numbers

    @classmethod
    def of(
        cls, outcomes: Numbers, rated: NDArray[np.bool_], inverse: Numbers, plan: Plan, fit: Reml, first: Numbers
    ) -> _Model:
        numbers, design = plan.numbers, plan.design
        loads = np.einsum("vqp,tp->tqv", design, fit.coefficients)
        residual = np.where(rated, outcomes - numbers @ loads, 0.0)
        fitted = _fitted(numbers, design, fit.spread)
        without = np.eye(rated.shape[2]) - fitted @ inverse
        alone = np.abs(np.linalg.det(without)) < 1e-9  # a visit at which nobody else of the arm was rated
        without = np.where(alone[..., None, None], np.eye(rated.shape[2]), without)
        return cls(
            inverse,
            (inverse @ residual[..., None])[..., 0],
            (inverse @ np.linalg.solve(without, residual[..., None]))[..., 0],
            inverse - inverse @ fitted @ inverse,
            numbers,
            design,
            fit.spread,
            fit.theta_spread,
            first,
        )

    def influence(self, by_coefficient: Numbers, by_parameter: Numbers) -> Numbers:
        """Return what each person adds to a function of the model, (trials, people), by its derivatives."""
        of_theta = self._freed(by_coefficient, by_parameter)
        of_theta = (self.theta_spread @ of_theta[..., None])[..., 0]
        bent = np.einsum("tk,tkvw->tvw", of_theta, np.broadcast_to(self.first, (len(of_theta), *self.first.shape[1:])))
        shifted = (self.inverse @ (self.scored @ bent)[..., None])[..., 0]
        crossed = np.einsum("tqv,vqp->tp", self.numbers.swapaxes(1, 2) @ shifted, self.design)
        of_beta = (self.spread @ (by_coefficient - crossed)[..., None])[..., 0]
        mean = (self.alone * self._expected(of_beta)).sum(axis=2)
        squares = (self.scored * (self.scored @ bent)).sum(axis=2)
        return np.asarray(mean + (squares - (self.information * bent[:, None]).sum(axis=(2, 3))) / 2)

    def variance(self, by_coefficient: Numbers, by_parameter: Numbers) -> Numbers:
        """Return the variance of a function of the model, (trials,), by its derivatives."""
        freed = self._freed(by_coefficient, by_parameter)
        of_beta = np.einsum("tp,tpq,tq->t", by_coefficient, self.spread, by_coefficient)
        return np.asarray(of_beta + np.einsum("tk,tkl,tl->t", freed, self.theta_spread, freed))

    def _freed(self, by_coefficient: Numbers, by_parameter: Numbers) -> Numbers:
        """Return derivatives by the covariance's parameters when the coefficients follow them, (trials, parameters)."""
        moved = self._expected((self.spread @ by_coefficient[..., None])[..., 0])
        pairs = (self.inverse @ moved[..., None])[..., 0].swapaxes(1, 2) @ self.scored
        return np.asarray(by_parameter - _contracted(self.first, pairs))

    def _expected(self, coefficients: Numbers) -> Numbers:
        return np.asarray(self.numbers @ np.einsum("vqp,tp->tqv", self.design, coefficients))


def _fitted(numbers: Numbers, design: Numbers, spread: Numbers) -> Numbers:
    """Return the covariance of what is fitted to each person, (trials, people, visits, visits)."""
    trials, people, count = numbers.shape
    visits = len(design)
    of_numbers = np.einsum("vqp,tpo,wro->tqvwr", design, spread, design, optimize=True)
    half = (numbers @ of_numbers.reshape(trials, count, -1)).reshape(trials, people, visits * visits, count)
    return np.asarray((half @ numbers[..., None]).reshape(trials, people, visits, visits))


def _contracted(first: Numbers, pairs: Numbers) -> Numbers:
    """Return the sum of derivatives of the covariance times a matrix, (trials, parameters)."""
    return np.asarray(np.einsum("tkvw,tvw->tk", np.broadcast_to(first, (len(pairs), *first.shape[1:])), pairs))
