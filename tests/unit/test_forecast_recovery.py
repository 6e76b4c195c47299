"""Known truth recovered: people drawn from a bank, followed with it, and with a wrong one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from tests import protocols as plan

from afterglow.forecast.bank import Bank, bank_of, without_medicine
from afterglow.forecast.following import Following, expected, follow, slow_sd
from afterglow.forecast.likelihood import place_of, score_chances
from afterglow.forecast.record.score import Record, Score
from afterglow.forecast.unknowns import prior
from afterglow.forecast.validate.measures import inside, pit_histogram
from afterglow.protocol import Protocol

PEOPLE = 80
DAYS = (0.0, 7.0, 21.0, 42.0)
TARGET = 70.0
SCALE = "MADRS"


def small(bank: Bank) -> Bank:
    """A quarter of a bank, which is its own truth."""
    weight = bank.weight[:32] / bank.weight[:32].sum()
    held = {"rivals": bank.rivals[:32], "weight": weight, "excess": bank.excess[:32], "apart": bank.apart[:32]}
    return replace(bank, course=bank.course[:32, :32], **held)


@cache
def banks() -> tuple[Bank, Bank]:
    """A plan that works, and the same people without any medicine."""
    arm = {"doses": [plan.psilocybin()], "sessions": [plan.sit(0), plan.session(1)]}
    protocol = Protocol.made({**plan.protocol(plan.DEPRESSION, [0, 28], dosed=arm), "horizon_days": 90})
    treated = bank_of(protocol, protocol.arms[0], until_day=TARGET, store=False)
    return small(treated), small(without_medicine(protocol, until_day=TARGET, store=False))


def lives(bank: Bank, seed: int) -> NDArray[np.float64]:
    """Scores of people drawn from what is believed before any score, (people, days and target)."""
    rng = np.random.default_rng(seed)
    everybody = follow(bank, Record(scores=(Score(day=0, scale=SCALE, value=30),))).people
    unknown = prior().draws(len(bank.weight))
    days = [*DAYS, TARGET]
    row = rng.choice(len(bank.weight), PEOPLE, p=bank.weight)
    column = rng.integers(bank.course.shape[1], size=PEOPLE)
    course = expected(bank, unknown, everybody, days)[:, row, column]
    slow = slow_sd(unknown, everybody)[row, column]
    chances = score_chances(SCALE, unknown["fast_sd"])
    away, before, found = np.zeros(PEOPLE), 0.0, np.empty((PEOPLE, len(days)))
    for k, day in enumerate(days):
        kept = np.exp(-(day - before) / unknown["slow_days"][row])
        away = kept * away + slow * np.sqrt(1 - kept**2) * rng.standard_normal(PEOPLE)
        usual = course[k] + away + (bank.excess[row] if day == 0 else 0.0)
        below = chances[row, :, place_of(usual)].cumsum(axis=1)
        found[:, k] = (below < rng.random(PEOPLE)[:, None]).sum(axis=1)
        before = day
    return found


def record(scores: NDArray[np.float64]) -> Record:
    return Record(scores=tuple(Score(day=d, scale=SCALE, value=v) for d, v in zip(DAYS, scores[:-1], strict=True)))


@dataclass(frozen=True)
class Recovered:
    """Chances of the target for everybody, and the score that came."""

    chance: NDArray[np.float64]
    came: NDArray[np.int64]
    followed: tuple[Following, ...]
    wrongly: tuple[Following, ...]


@pytest.fixture(scope="module")
def recovered() -> Recovered:
    right, wrong = banks()
    people = lives(right, seed=3)
    followed = tuple(follow(right, record(own)) for own in people)
    chance = np.array([held.chances(SCALE, TARGET) for held in followed])
    wrongly = tuple(follow(wrong, record(own)) for own in people[:30])
    return Recovered(chance, people[:, -1].astype(np.int64), followed, wrongly)


def test_bands_hold_as_many_as_they_say(recovered: Recovered) -> None:
    for share, within in ((0.5, 0.13), (0.8, 0.1), (0.9, 0.08)):
        assert inside(recovered.chance, recovered.came, share).mean() == pytest.approx(share, abs=within)


def test_ranks_are_even(recovered: Recovered) -> None:
    np.testing.assert_allclose(pit_histogram(recovered.chance, recovered.came, bins=5), 0.2, atol=0.09)


def test_a_right_plan_is_seldom_doubted(recovered: Recovered) -> None:
    assert np.mean([held.surprise < 0.01 for held in recovered.followed]) < 0.06


def test_a_wrong_plan_is_noticed(recovered: Recovered) -> None:
    pairs = list(zip(recovered.followed, recovered.wrongly, strict=False))
    times = np.array([right.log_evidence - wrong.log_evidence for right, wrong in pairs])
    assert times.mean() > 0.3
    assert np.mean(times > 0) > 0.6
