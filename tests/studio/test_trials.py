"""Design: the trial that two arms of a design make, as a file, as a job, and as what the command line says of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from afterglow.errors import ProtocolError
from afterglow.protocol import Protocol
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.design import Design, protocol_of
from afterglow.studio.trials.power import DRAWS, WANTED, TrialPower, power_of
from afterglow.studio.trials.question import LOOKS, TrialQuestion, trial_file, trial_of
from afterglow.trial.characteristics.operating import operating_characteristics
from afterglow.trial.specification.trial import Trial


def two_arms() -> Design:
    design = choices().starters["psilocybin"].model_copy(update={"blinded": True, "horizon_days": 84.0})
    low = design.arms[0].model_copy(update={"dose": 1.0, "label": "low"})
    return design.model_copy(update={"arms": (design.arms[0], low)})


def asked(**update: object) -> TrialQuestion:
    given = {"design": two_arms(), "sizes": (10, 40), "looks": "half", "trials": 50, "people": 32}
    return TrialQuestion.model_validate({**given, **update})


def test_the_numbers_are_those_of_the_command_line() -> None:
    told: list[float] = []
    found = TrialPower.model_validate(power_of(asked(), told.append))
    same = operating_characteristics(
        Trial.from_yaml(trial_file(asked())), trials=50, people=32, draws=DRAWS, seed=1, keep=False
    )
    assert [(s.n, s.people) for s in found.sizes] == [(10, 20), (40, 80)]
    for own, row in zip(found.sizes, same.rows, strict=True):
        assert (own.assurance.value, own.assurance.se) == (row.assurance.value, row.assurance.se)
        assert {p.rival: p.value for p in own.power} == {k: v.value for k, v in row.power.items() if k != "weighted"}
        assert (own.type1.value, own.bias.value) == (row.type1.value, row.bias_points.value)
        assert own.at_half.value == row.blinding["curve"].at_half.value
        assert own.expected_n.value is not None
        assert own.expected_n.value < own.n + 1
    enough = [s.n for s in found.sizes if (s.assurance.value or 0) >= WANTED]
    assert found.reached == (enough[0] if enough else None)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert f"--trials 50 --participants 32 --draws {DRAWS} --seed 1" in found.command


def test_the_file_holds_the_protocol_unchanged() -> None:
    text = trial_file(asked(dropout=0.25, alpha=0.05))
    assert Protocol.from_yaml(text.split("\ntrial:")[0]) == protocol_of(two_arms())
    trial = Trial.from_yaml(text)
    assert (trial.section.active, trial.section.control, trial.section.day) == (("arm1",), "arm2", 42)
    assert (trial.section.alpha, trial.section.sizes) == (0.05, (10, 40))
    assert trial.dropout is not None
    assert (trial.dropout.share, trial.dropout.by_day) == (0.25, 42)
    assert trial.section.designs[0].looks == (0.5, 1.0)


@pytest.mark.parametrize("looks", sorted(LOOKS))
def test_every_choice_of_looks_is_a_design(looks: str) -> None:
    counts = {"none": 1, "half": 2, "thirds": 3, "pocock": 2}
    assert len(trial_of(asked(looks=looks)).section.designs[0].looks) == counts[looks]


def test_what_makes_no_trial_is_refused_in_a_sentence(sqlite_url: str, start: Callable[..., TestClient]) -> None:
    with pytest.raises(ProtocolError, match="not assessed on day 41"):
        trial_of(asked(day=41))
    with pytest.raises(ProtocolError, match="two visits or more"):
        trial_of(asked(day=1))
    with pytest.raises(ValueError, match="two different arms"):
        asked(control=0)
    page = start(sqlite_url)
    given = asked().model_dump(mode="json")
    job = page.post("/api/jobs", json={"kind": "trial", "asked": {**given, "day": 41}})
    assert (job.status_code, "not assessed on day 41" in job.json()["error"]) == (422, True)
    wrong = page.post("/api/jobs", json={"kind": "trial", "asked": {**given, "sizes": [40, 10]}})
    assert (wrong.status_code, "they rise, and none stands twice" in wrong.json()["error"]) == (422, True)
    file = page.post("/api/export/trial", json=given)
    assert file.headers["content-disposition"] == 'attachment; filename="trial.yaml"'
    assert Trial.from_yaml(file.text).section.sizes == (10, 40)
