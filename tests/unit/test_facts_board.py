"""The board of stylised facts: its schema, its numbers, its rule, and a board with invented facts."""

from __future__ import annotations

import copy
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from tests import protocols as plan

from afterglow import Protocol, Result, simulate
from afterglow.errors import FileError, ParameterError, ProtocolError
from afterglow.evidence import study, study_names
from afterglow.predictions.board import StylisedFact, passes, read_facts, verdicts
from afterglow.predictions.board.kept import kept_board, read_board, write_board
from afterglow.predictions.board.quantities import Predicted, _half_gone, predicted
from afterglow.predictions.board.stylised import Quantity, shipped_protocol
from afterglow.results.mixture import Z90

GENERATOR = Path(__file__).parents[2] / "docs" / "reference" / "generate_facts_board.py"
FACTS = read_facts()
facts = pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.id)


def row(**changes: Any) -> dict[str, Any]:
    """An invented fact of an invented protocol."""
    data = {
        "id": "invented",
        "topic": "Invented",
        "words": "Psilocybin does better than a placebo",
        "protocol": "small",
        "quantity": {"kind": "difference", "arm": "dosed", "versus": "placebo", "scale": "MADRS", "day": 21},
        "published": {"study": "nobody2026", "value": -8.0, "se": 2.0, "where": "nowhere"},
        "below": 0,
    }
    for key, value in changes.items():
        data[key] = {**data[key], **value} if isinstance(data.get(key), dict) else value
    return data


def small(name: str = "small") -> Protocol:
    if name != "small":
        return shipped_protocol(name)
    arms = {
        "dosed": {"doses": [plan.psilocybin()], "sessions": [plan.sit(0)]},
        "placebo": {"doses": [{"day": 0, "medicine": "placebo", "route": "oral"}], "sessions": [plan.sit(0)]},
    }
    data = plan.protocol(plan.DEPRESSION, [-1, 1, 7, 21, 42, 84], **arms) | {"horizon_days": 84}
    return Protocol.made(data)


@pytest.fixture(scope="module")
def run() -> Result:
    return simulate(small(), participants=16, draws=8, twins=False)


# ---- the facts -----------------------------------------------------------------------------------


def test_there_are_thirty_of_many_kinds() -> None:
    assert len(FACTS) == 30
    assert len({fact.id for fact in FACTS}) == 30
    assert len({fact.quantity.kind for fact in FACTS}) == 9


@facts
def test_the_run_of_a_fact_has_its_number(fact: StylisedFact) -> None:
    protocol, q = shipped_protocol(fact.protocol), fact.quantity
    arms = {arm.id for arm in protocol.arms}
    days = {a.scale: a.days for a in protocol.assessments}[q.scale]
    assert {q.arm, q.versus or q.arm} <= arms
    if q.kind not in ("relapse", "hazard_ratio"):
        assert q.day in days
        assert q.of_day is None or q.of_day in days
    else:
        assert protocol.population.recovered_by
        assert protocol.population.episode_mean
        assert days[0] == 0
        assert max(days) > q.day + 13  # a relapse is seen at two visits


@facts
def test_its_published_number_is_in_the_study_it_names(fact: StylisedFact) -> None:
    if fact.published.study not in study_names():
        pytest.skip("the study is not in the package yet")
    held = {round(abs(number), 6) for number in numbers_in(study(fact.published.study).as_data())}
    for number in fact.published.numbers or (fact.published.value, *(fact.published.ci95 or ())):
        assert round(abs(number), 6) in held, number


def numbers_in(data: Any) -> Iterator[float]:
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        for item in data:
            yield from numbers_in(item)
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield float(data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"quantity": {"kind": "vibes"}}, "kind"),
        ({"quantity": {"versus": ""}}, "needs versus"),
        ({"quantity": {"kind": "change"}}, "has no versus"),
        ({"quantity": {"of_day": 7}}, "has no of_day"),
        ({"published": {"se": None}}, "its ci95 or its se"),
        ({"published": {"ci95": [-10, -6]}}, "its ci95 or its se"),
        ({"published": {"se": None, "ci95": [-7, -6]}}, "outside its own interval"),
        ({"published": {"se": -1}}, "se"),
        ({"published": {"value": 3.0}}, "order"),
        ({"above": -20}, "not both"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_impossible_fact_is_refused(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(yaml.safe_dump({"facts": [row(id="good"), row(**change)]}), encoding="utf-8")
    with pytest.raises(ProtocolError, match=said) as raised:
        read_facts(path)
    assert raised.value.where.startswith("facts[1]")


def test_two_facts_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(yaml.safe_dump({"facts": [row(), row()]}), encoding="utf-8")
    with pytest.raises(ProtocolError, match="two facts are called 'invented'"):
        read_facts(path)


# ---- the rule ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (Predicted(-7.0, -9.0, -5.0), ""),
        (Predicted(-16.0, -30.0, -2.0), ""),
        (Predicted(-3.0, -4.0, -2.0), "outside the interval"),
        (Predicted(1.0, -20.0, 20.0), "wrong order"),
        (Predicted(float("nan"), float("nan"), float("nan")), "wrong order"),
    ],
)
def test_pass_or_miss(found: Predicted, why: str) -> None:
    assert passes(StylisedFact.made(row()), found) == why


def test_the_interval_is_widened_by_the_published_error_and_no_further() -> None:
    fact = StylisedFact.made(row())
    reach = float(np.hypot(3.0, Z90 * 2.0))  # half an interval of 3 points, an error of 2
    assert passes(fact, Predicted(-8.0 + reach - 0.01, -11.0 + reach, -5.0 + reach)) == ""
    assert passes(fact, Predicted(-8.0 + reach + 0.01, -11.0 + reach + 0.01, -5.0 + reach)) == "outside the interval"


# ---- what a run says -----------------------------------------------------------------------------


def asked(**q: Any) -> Quantity:
    return Quantity.made({"scale": "MADRS", "arm": "dosed", "day": 21, **q})


def test_the_numbers_are_those_of_the_tables(run: Result) -> None:
    score = next(r for r in run.rows["scores"] if r["arm"] == "dosed" and r["day"] == 21)
    contrast = next(r for r in run.rows["contrasts"] if r["day"] == 21)
    for kind, told, names in (
        ("change", score, ("change_mean", "change_mean_low", "change_mean_high")),
        ("response", score, ("response", "response_low", "response_high")),
        ("difference", contrast, ("mean_difference", "credible_low", "credible_high")),
    ):
        versus = "placebo" if kind == "difference" else ""
        found = predicted(run, asked(kind=kind, versus=versus))
        assert (found.value, found.low, found.high) == pytest.approx([told[name] for name in names]), kind


def test_relapse_is_that_of_the_table(run: Result) -> None:
    told = {r["day"]: r for r in run.rows["relapse"] if r["arm"] == "dosed"}[84.0]
    found = predicted(run, asked(kind="relapse", day=84))
    assert (found.value, found.low, found.high) == pytest.approx(
        (told["share"], told["credible_low"], told["credible_high"])
    )


def test_a_share_of_a_change_is_one_mean_over_the_other(run: Result) -> None:
    changes = {r["day"]: r["change_mean"] for r in run.rows["scores"] if r["arm"] == "dosed"}
    found = predicted(run, asked(kind="share_of_change", day=1, of_day=21))
    assert found.value == pytest.approx(changes[1.0] / changes[21.0])
    assert predicted(run, asked(kind="share_of_change", of_day=21)).value == pytest.approx(1.0)
    whole = predicted(run, asked(kind="share_of_difference", versus="placebo", of_day=21))
    assert (whole.value, whole.low, whole.high) == pytest.approx((1.0, 1.0, 1.0))


def test_many_trials_depart_less_than_one(run: Result) -> None:
    one, many = (predicted(run, asked(kind="change"), trials=n) for n in (1, 100))
    assert one.value == many.value
    assert many.high - many.low < one.high - one.low


def test_half_of_an_effect_is_gone_between_two_visits() -> None:
    days = np.array([1.0, 7.0, 14.0])
    assert _half_gone(days, np.array([10.0, 8.0, 2.0])) == pytest.approx(6 + 7 * 3 / 6)
    assert _half_gone(days, np.array([2.0, 10.0, 6.0])) == 7.0  # half is left at the end
    assert np.isnan(_half_gone(days, np.array([-1.0, -2.0, 0.0])))


def test_a_hazard_of_the_same_arm_is_no_other(run: Result) -> None:
    found = predicted(run, asked(kind="hazard_ratio", versus="dosed", day=84))
    assert found.value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("q", "said"),
    [
        ({"kind": "change", "arm": "nobody"}, "no arm 'nobody'"),
        ({"kind": "change", "day": 22}, "on day 22"),
        ({"kind": "change", "scale": "PHQ-9"}, "does not rate PHQ-9"),
    ],
)
def test_what_a_run_does_not_hold_is_told(run: Result, q: dict[str, Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        predicted(run, asked(**q))


# ---- a board -------------------------------------------------------------------------------------


def test_a_board_of_invented_facts() -> None:
    today = predicted(simulate(small(), participants=8, draws=8, twins=False, store=False), asked_difference())
    near, far = today.value, 40.0 + abs(today.value)
    invented = [
        row(id="held", published={"value": near}),
        row(id="missed", published={"value": -far, "se": 0.1}),
        row(id="turned", published={"value": far}, below=None, above=0),
        row(id="no_arm", quantity={"arm": "nobody"}),
        row(id="no_protocol", protocol="unheard-of"),
    ]
    found = verdicts([StylisedFact.made(one) for one in invented], protocol_of=small, participants=8, draws=8)
    assert [one.passed for one in found] == [True, False, False, False, False]
    assert [one.why.split(":")[0] for one in found] == [
        "",
        "outside the interval",
        "wrong order",
        "cannot be told",
        "cannot be simulated",
    ]
    assert found[0].predicted == today


def asked_difference() -> Quantity:
    return Quantity.made(copy.deepcopy(row()["quantity"]))


def test_the_page_is_written_from_the_predictions_kept_with_the_package() -> None:
    spec = importlib.util.spec_from_file_location(GENERATOR.stem, GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    text = GENERATOR.with_name("facts-board.md").read_text(encoding="utf-8")
    assert made.page(kept_board()) == text, "run docs/reference/generate_facts_board.py"


def test_what_is_kept_is_what_was_predicted(tmp_path: Path) -> None:
    path = write_board(kept_board().verdicts, tmp_path / "again.json")
    assert read_board(path) == kept_board()
    assert [one.fact for one in kept_board().verdicts] == list(FACTS)


def test_predictions_of_another_model_or_without_a_fact_are_refused(tmp_path: Path) -> None:
    path = write_board(kept_board().verdicts, tmp_path / "board.json")
    held = json.loads(path.read_text(encoding="utf-8"))
    for changed, said in (
        ({**held, "model": "0" * 16}, "other equations or constants"),
        ({**held, "predicted": {}}, f"says nothing of '{FACTS[0].id}'"),
        ([], "could not be read"),
    ):
        path.write_text(json.dumps(changed), encoding="utf-8")
        with pytest.raises(FileError, match=said):
            read_board(path)
    with pytest.raises(FileError, match="could not be read"):
        read_board(tmp_path / "missing.json")
