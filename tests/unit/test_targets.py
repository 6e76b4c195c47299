"""What is asked of the model: lasting responses, relapse by time, and who is still seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from afterglow.calibrate.predict import predict
from afterglow.calibrate.targets import Target, Trial, calibration_trials
from afterglow.observation.dropout import DROPOUT_RATES, share_seen
from afterglow.posterior import shipped


def trial(name: str) -> Trial:
    return next(t for t in calibration_trials() if t.name == name)


def of_kind(name: str, kind: str) -> list[Target]:
    return [t for t in trial(name).targets if t.kind == kind]


def asked(name: str, *targets: Target) -> np.ndarray:
    return predict([trial(name).only(targets)], shipped().centre, people=64)


def test_lasting_responses_and_relapse_are_compared() -> None:
    kinds = [t.kind for found in calibration_trials() for t in found.targets]
    assert kinds.count("sustained") >= 4
    assert kinds.count("relapse") >= 2


def test_a_sustained_response_is_looked_at_on_the_trials_own_visits() -> None:
    for target in of_kind("goodwin2022-comp001", "sustained"):
        assert target.visits == (21.0, 42.0, 63.0, 84.0)


def test_fewer_respond_at_every_visit_than_at_the_last() -> None:
    sustained = of_kind("goodwin2022-comp001", "sustained")[0]
    shares = [t for t in of_kind("goodwin2022-comp001", "share") if t.arm == sustained.arm and t.finding.day == 84]
    at_last = next(t for t in shares if t.finding.kind == "response")
    every, last = asked("goodwin2022-comp001", sustained, at_last)
    assert 0 < every < last


def test_relapse_grows_with_time_and_lies_between_none_and_all() -> None:
    [target] = of_kind("wilkinson2017-cbt", "relapse")
    sooner = replace(target, visits=target.visits[:-1])
    early, late = asked("wilkinson2017-cbt", sooner, target)
    assert 0 < early < late < 1


def test_a_higher_score_raises_relapse_and_lowers_response() -> None:
    assert of_kind("wilkinson2017-cbt", "relapse")[0].unit > 0 > of_kind("wilkinson2017-cbt", "share")[0].unit


def test_those_no_longer_seen_count_as_not_having_responded() -> None:
    target = of_kind("goodwin2022-comp001", "sustained")[0]
    assert 0.85 < target.seen < 0.95
    everybody, seen = asked("goodwin2022-comp001", replace(target, seen=1.0), target)
    assert seen == pytest.approx(target.seen * everybody)


@pytest.mark.parametrize(("medicine", "row"), [("psilocybin", "psilocybin_active"), ("mdma", "mdma_active")])
def test_the_share_seen_meets_the_published_one(medicine: str, row: str) -> None:
    rate = DROPOUT_RATES[row]
    assert rate.by_day is not None
    assert share_seen(medicine, active=True, day=rate.by_day) == pytest.approx(1 - rate.fraction)
    assert share_seen(medicine, active=True, day=0) == share_seen("none", active=False, day=90) == 1.0
