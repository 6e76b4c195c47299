"""The trial section: what it may say, in fields and in sentences, and the one sentence that refuses the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests import protocols as plan
from tests import trial_plans as trials
from typer.testing import CliRunner

from afterglow.cli.main import app
from afterglow.errors import ProtocolError
from afterglow.protocol import STARTERS, Protocol, starter
from afterglow.protocol.files.yaml_text import plain_yaml
from afterglow.trial import Trial
from afterglow.trial.specification.design import DesignPlan
from afterglow.trial.specification.starter import trial_starter

EVENTS = ["rescue medicine in 8 % by day 21", {"kind": "stopping", "share": 0.05, "by_day": 21}]


@pytest.mark.parametrize("medicine", STARTERS)
def test_every_starter_is_a_trial_and_a_protocol_that_the_schema_accepts(medicine: str) -> None:
    text = trial_starter(medicine)
    trial = Trial.from_yaml(text)
    assert trial.protocol == Protocol.from_yaml(text)
    assert trial.section.day in trial.visits
    assert jsonschema.Draft202012Validator(Trial.json_schema()).is_valid(plain_yaml(text).data)


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    schema = jsonschema.Draft202012Validator(Trial.json_schema())
    assert schema.is_valid(trials.data())
    for wrong in ({"sizes": None}, {"sizes": ["many"]}, {"alfa": 0.05}, {"day": {}}):
        assert not schema.is_valid(trials.data(**wrong))


def test_sentences_say_what_fields_say() -> None:
    by_words = trials.trial(
        intercurrent_events=EVENTS,
        estimand=["treatment policy for rescue medicine", "While on treatment for stopping"],
        dropout="10 % by day 21",
        designs=["fixed", "O'Brien-Fleming at 50 % and 100 %", "pocock at 25, 50 and 75 %"],
        analyses=[{"method": "mixed model", "covariance": "unstructured", "df": "kr"}],
        sizes=30,
    ).section
    by_fields = trials.trial(
        intercurrent_events=[
            {"kind": "rescue_medicine", "share": 0.08, "by_day": 21},
            {"id": "stopping", "kind": "stopping", "share": "5 %", "by_day": "3 weeks"},
        ],
        estimand={"strategies": {"rescue_medicine": "treatment_policy", "stopping": "while_on_treatment"}},
        dropout={"share": "10%", "by_day": 21},
        designs=[
            {"kind": "fixed"},
            {"kind": "obrien-fleming", "looks": [0.5, 1]},
            {"kind": "group-sequential", "boundary": "pocock", "information": [0.25, 0.5, 0.75, 1]},
        ],
        analyses=[{"method": "mmrm", "covariance": "us", "df": "kenward-roger"}],
        sizes=[30],
    ).section
    assert by_words == by_fields
    assert [design.id for design in by_words.designs] == ["fixed", "obrien-fleming-2-looks", "pocock-4-looks"]


def test_a_design_that_looks_once_takes_its_share_from_the_sentence() -> None:
    plan = DesignPlan.model_validate("drop-the-loser at 40 %")
    assert plan.design == DesignPlan.model_validate({"kind": "drop-the-loser", "fraction": 0.4}).design
    assert plan.design != DesignPlan.model_validate("drop-the-loser").design


def test_a_baseline_that_one_arm_has_already_moved_is_refused() -> None:
    sit, early = [plan.sit(0, 7)], [plan.session(-7, "preparation"), plan.sit(0, 7)]
    arms = {
        "high": {"doses": [plan.psilocybin()], "sessions": early},
        "low": {"doses": [plan.psilocybin(0, 1)], "sessions": sit},
    }
    with pytest.raises(ProtocolError, match="first rated on day -1, but high and low differ from day -7"):
        trials.arms_of({}, [-1, 7, 21], **arms)
    trials.arms_of({}, [-8, 7, 21], **arms)
    trials.arms_of({}, [7, 21], **arms)  # then people are rated at inclusion, before anything


def test_arms_that_differ_before_responders_are_randomised_are_refused() -> None:
    with pytest.raises(ProtocolError, match="randomised on day 21, but on and off differ from day 14; until then"):
        trials.withdrawal(designs=[{"kind": "randomised-withdrawal", "day": 21, "end_day": 42}])


def test_published_dropout_is_that_of_the_medicine() -> None:
    dropout = trials.trial(dropout="published").dropout
    assert dropout is not None
    assert 0.0 < dropout.arms["high"] < dropout.share < 0.2
    assert trials.trial().dropout is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"active": "hihg"}, "no arm is called 'hihg': did you mean 'high'?"),
        ({"control": "high"}, "the active and the control arm are both 'high'"),
        ({"sizes": [0]}, "a size is 4 to 20000 people of the control arm, got 0"),
        ({"sizes": [-5]}, "got -5"),
        ({"sizes": [40.5]}, "must be a whole number, got 40.5"),
        ({"sizes": []}, "must have at least 1 entry"),
        ({"sizes": [10**9]}, "got 1000000000"),
        ({"sizes": None}, "'sizes' is missing"),
        ({"day": 20}, "MADRS is not assessed on day 20; assessed on days -1, 7, 21"),
        ({"day": -1}, "must be above 0"),
        ({"scale": "CAPS-5"}, "CAPS-5 is not assessed in the protocol; assessed: MADRS"),
        ({"scale": "MADRAS"}, "MADRS"),
        ({"day": 7}, "an MMRM needs two visits or more after the first dose, but MADRS is rated on one up to day 7"),
        ({"designs": ["pocock at 75 % and 50 %"]}, "looks must rise, but 50% follows 75%"),
        ({"designs": ["pocock at 150 %"]}, "above 0 % and at most 100 %, got 150%"),
        ({"designs": ["pocock at 50,5 % and 100 %"]}, "'50,5' has a decimal comma; write 50.5"),
        ({"designs": ["pokock at 50 %"]}, "did you mean 'pocock'?"),
        ({"designs": ["response-adaptive"]}, "out of scope"),
        ({"designs": ["fixed", "fixed"]}, "two of the same name, the design 'fixed'"),
        ({"estimand": ["composite for rescue"]}, "has a strategy for 'rescue', which is no intercurrent event"),
        ({"intercurrent_events": EVENTS[:1]}, "the estimand says nothing of the event 'rescue_medicine'"),
        ({"intercurrent_events": ["rescue medicine sometimes"]}, "like 'rescue medicine in 8 % by day 42'"),
        ({"intercurrent_events": ["stopping in 5,5 % by day 7"]}, "'5,5' has a decimal comma; write 5.5"),
        ({"intercurrent_events": ["resuce medicine in 8 % by day 7"]}, "did you mean 'rescue_medicine'?"),
        (
            {"intercurrent_events": EVENTS[1:], "estimand": ["treatmnt policy for stopping"]},
            "did you mean 'treatment_policy'?",
        ),
        ({"dropout": 10}, "dropout is written like '10 % by day 42', got '10'"),
        ({"dropout": "a few"}, "dropout is written like '10 % by day 42'"),
        ({"dropout": "100 % by day 21"}, "a trial that loses everybody"),
        ({"dropout": "10,5 %"}, "written like '10 % by day 42', '10,5' has a decimal comma; write 10.5"),
        ({"dropout": "10,5 % by day 21"}, "'10,5' has a decimal comma; write 10.5"),
        ({"dropout": {"share": 1.2, "by_day": 21}}, "a share lies from 0 to 1"),
        ({"analyses": ["mmmr"]}, "did you mean 'mmrm'?"),
        ({"analyses": [{"method": "mmrm", "covariance": "unstrctured"}]}, "unknown covariance"),
        ({"analyses": [{"method": "ancova", "covariates": ["site"]}]}, "site is a covariate, but the trial names no"),
        ({"analyses": ["factorial"]}, "a factorial analysis needs two factors"),
        ({"alpha": 0.9}, "must be below 0.5"),
        ({"allocation": {"low": 2}}, "the control arm is what others are counted by"),
        ({"allocation": {"hgih": 2}}, "did you mean 'high'?"),
        ({"expectancy": {"sites": [{"id": "a", "share": 0.4}, {"id": "b", "share": 0.4}]}}, "must sum to 1, got 0.8"),
        ({"expectancy": {"arms": {"hihg": 0.4}}}, "did you mean 'high'?"),
        ({"estimnd": []}, "did you mean 'estimand'?"),
    ],
)
def test_a_mistake_gets_one_sentence_with_its_place(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        trials.trial(**changes)
    assert said in str(caught.value)
    assert str(caught.value).startswith("trial")
    assert "\n" not in str(caught.value)


def test_remission_needs_a_definition() -> None:
    spec = trials.data(analyses=[{"method": "responders", "endpoint": "remission"}])
    spec["population"] = {**spec["population"], "condition": "ptsd", "scale": "PSS-I", "inclusion_min": None}
    spec["population"] |= {"baseline_mean": 30.0, "baseline_sd": 6.0}
    spec["assessments"][0]["scale"] = "PSS-I"
    with pytest.raises(ProtocolError, match="PSS-I has no definition of remission"):
        Trial.from_yaml(json.dumps(spec))


def test_a_file_without_a_section_says_how_to_get_one() -> None:
    with pytest.raises(ProtocolError, match="afterglow new --trial writes one to start from"):
        Trial.from_yaml(starter("psilocybin"))
    with pytest.raises(ProtocolError, match="did you mean 'trial'"):
        Trial.from_yaml(trial_starter("psilocybin").replace("trial: #", "trials: #"))


def test_check_tells_every_mistake_of_the_section(tmp_path: Path) -> None:
    file = tmp_path / "trial.yaml"
    text = trial_starter("psilocybin")
    file.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["check", str(file)])
    assert done.exit_code == 0
    assert "trial: psilocybin against low_dose, MADRS on day 42; fixed, obrien-fleming-2-looks" in done.output
    file.write_text(text.replace("[60, 120]", "[0]").replace("- mmrm", "- mmmr"), encoding="utf-8")
    done = CliRunner().invoke(app, ["check", str(file)])
    assert done.exit_code == 2
    assert "people of the control arm, got 0" in done.output
    assert "did you mean 'mmrm'?" in done.output


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("trial:\n", "trial: is empty; it needs active, control, day, sizes"),
        ("trial: {active: high, control: low, day: 7, sizes: }\n", "trial.sizes: must be a list, got nothing"),
        ("trial: {active: high, control: low, day: , sizes: 9}\n", "trial.day: a day must be a number"),
        ("trial: {active: high, control: low, day: 7, sizes: 9, estimand: }\n", "words to values, got nothing"),
    ],
)
def test_what_is_empty_is_told_in_words(section: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text(starter("psilocybin") + section, encoding="utf-8")
    done = CliRunner().invoke(app, ["check", str(file)])
    assert done.exit_code == 2
    assert said in done.output
    assert "None" not in done.output


def test_a_mistake_in_a_file_has_its_line() -> None:
    text = trial_starter("psilocybin").replace("active: psilocybin", "active: psylocibin")
    line = next(k for k, row in enumerate(text.splitlines(), 1) if "active: psylocibin" in row)
    with pytest.raises(ProtocolError, match=rf"did you mean 'psilocybin'\? \(line {line}\)"):
        Trial.from_yaml(text)
