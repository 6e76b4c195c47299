"""Time to an event: against a slow likelihood, strata, many trials at once, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import CensoredData, ecdf, logrank
from tests.trials import fev

from afterglow.errors import ParameterError
from afterglow.trial.analysis import TimeToEvent, analyse, cox, kaplan_meier, log_rank

# Acute myelogenous leukaemia, maintained on chemotherapy or not: the example of the R package survival.
TIMES = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
EVENTS = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]


def aml(**changes: object) -> TimeToEvent:
    return replace(TimeToEvent(TIMES, EVENTS, np.repeat([0, 1], [11, 12]), ["maintained", "not"]), **changes)


def drawn(trials: int, ratio: float = 1.0, seed: int = 6) -> TimeToEvent:
    rng = np.random.default_rng(seed)
    arm = np.tile([0, 1], 50)
    time = rng.exponential(1 / np.where(arm == 1, ratio, 1.0), (trials, 100))
    visit = np.ceil(time * 6) / 6  # seen at visits only, so that many are tied
    return TimeToEvent(np.minimum(visit, 2.0), visit <= 2.0, arm, ["a", "b"], {"site": np.repeat(["x", "y"], 50)})


def test_cox_is_that_of_r() -> None:
    found = cox(aml())
    assert (found.value[0], found.se[0]) == pytest.approx((0.9155, 0.5119), abs=5e-5)


def test_the_log_rank_test_is_scipys() -> None:
    for data in (aml(), TimeToEvent(*(each[0] for each in (drawn(1).time, drawn(1).event)), drawn(1).arm, ["a", "b"])):
        both = [CensoredData.right_censored(data.time[data.arm == k], ~data.event[data.arm == k]) for k in (1, 0)]
        assert log_rank(data).p[0] == pytest.approx(logrank(*both).pvalue, rel=1e-6)


def test_the_curve_is_scipys() -> None:
    curve = kaplan_meier(TIMES, EVENTS)
    other = ecdf(CensoredData.right_censored(TIMES, ~np.array(EVENTS, dtype=bool))).sf
    assert curve.at([0, 5, 20, 45]) == pytest.approx(other.evaluate([0, 5, 20, 45]))
    assert ((curve.low < curve.survival) & (curve.survival < curve.high))[:-1].all()


def slow_efron(beta: np.ndarray, time: np.ndarray, event: np.ndarray, X: np.ndarray) -> float:
    total = 0.0
    for t in np.unique(time[event]):
        tied, risk = event & (time == t), np.exp(X @ beta)
        for k in range(tied.sum()):
            total += np.log(risk[time >= t].sum() - k / tied.sum() * risk[tied].sum())
        total -= (X[tied] @ beta).sum()
    return total


def test_cox_with_a_covariate_and_strata_is_the_maximum_of_a_slow_likelihood() -> None:
    data = drawn(1, ratio=0.6)
    time, event = data.time[0], data.event[0]
    age = np.random.default_rng(1).normal(40, 10, 100)
    stratum = data.covariates["site"]
    one = TimeToEvent(time, event, data.arm, ["a", "b"], {"site": stratum, "age": age})
    X = np.column_stack([data.arm, (age - 40) / 10])

    def worse(beta: np.ndarray) -> float:
        return sum(slow_efron(beta, time[stratum == s], event[stratum == s], X[stratum == s]) for s in ("x", "y"))

    best = minimize(worse, [0.0, 0.0])
    found = cox(one, covariates=["age"], strata=["site"])
    assert found.value[0] == pytest.approx(best.x[0], abs=1e-4)
    assert found.se[0] == pytest.approx(np.sqrt(best.hess_inv[0, 0]), rel=0.05)


def test_many_trials_are_each_alone_and_one_in_twenty_rejects() -> None:
    many = drawn(300)
    for name in ("log-rank", "cox"):
        found = analyse(name, many)
        alone = analyse(name, TimeToEvent(many.time[4], many.event[4], many.arm, many.arms))
        assert found.value[4] == pytest.approx(alone.value)
        assert np.mean(found.p < 0.05) == pytest.approx(0.05, abs=0.04)


def test_people_without_a_time_change_nothing() -> None:
    time = np.concatenate([TIMES, [np.nan]])
    data = TimeToEvent(time, [*EVENTS, 0], [*aml().arm, 0], aml().arms)
    assert log_rank(data).p == pytest.approx(log_rank(aml()).p)
    assert cox(data).value == pytest.approx(cox(aml()).value)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: aml(time=-np.array(TIMES)), "must be a number and not below zero"),
        (lambda: aml(arms=["one"]), "a comparison needs two arms"),
        (lambda: aml(event=EVENTS[:3]), "must have one shape"),
        (lambda: cox(aml(event=np.array(EVENTS) * (aml().arm == 1))), "nobody of arm 'maintained' had the event"),
        (lambda: log_rank(aml(event=np.zeros(23))), "no event tells arm 'not' from 'maintained'"),
        (lambda: cox(aml(), covariates=["age"]), "no covariate is called 'age'"),
        (lambda: analyse("cox", fev()), "cox needs times to an event"),
        (lambda: analyse("mmrm", aml()), "mmrm needs ratings at visits"),
        (lambda: analyse("logrank", aml()), "did you mean 'log-rank'"),
        (lambda: kaplan_meier([np.nan], [1]), "nobody has a time"),
    ],
)
def test_what_cannot_be_compared_is_refused(make: object, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        make()
