"""The report of a trial that is planned: what its power hangs on, and the page that says so."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import yaml
from tests import trial_plans as trials
from typer.testing import CliRunner

from afterglow.cli.main import app
from afterglow.report.trial.decision import decision_sentences, summary_sentences
from afterglow.report.trial.methods import methods_sentences
from afterglow.report.trial.page import trial_page, write_trial_report
from afterglow.report.trial.wording import difference, percent, share
from afterglow.trial import operating_characteristics
from afterglow.trial.characteristics.average import Figure
from afterglow.trial.sensitivity.changes import turning_weight, without
from afterglow.trial.sensitivity.curve import PowerAtSize, size_reaching
from afterglow.trial.sensitivity.sensitivity import Sensitivity, sensitivity_of

FEW = {"trials": 32, "keep": False, **trials.BANK}
EVENTFUL = {
    "dropout": {"share": 0.2, "by_day": 21, "source": "a pilot of our own"},
    "intercurrent_events": [{"kind": "stopping", "share": 0.1, "by_day": 21, "source": "Nobody 2021"}],
    "estimand": ["treatment policy for stopping"],
    "analyses": ["mmrm", "responders"],
}


@pytest.fixture(scope="module")
def told() -> Sensitivity:
    return sensitivity_of(operating_characteristics(trials.trial(**EVENTFUL), **FEW))


@pytest.fixture(scope="module")
def written(told: Sensitivity, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of its report, in a folder that was not there."""
    return write_trial_report(told, tmp_path_factory.mktemp("report") / "new" / "folder")


@pytest.fixture(scope="module")
def page(written: list[Path]) -> str:
    return written[0].read_text(encoding="utf-8")


def words(html: str) -> str:
    """What a reader sees of a page, without the texts of its figures."""
    bare = re.sub(r"<(svg|style)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def test_the_curve_holds_the_sizes_of_the_plan_as_they_are_and_others_as_they_would_be(told: Sensitivity) -> None:
    planned = {at.n: at.power for at in told.curve if at.planned}
    assert planned == {row.n: row.power for row in told.plan.rows("fixed")}
    other = next(at for at in told.curve if not at.planned and at.n > 20)
    section = {**EVENTFUL, "analyses": ["mmrm"], "designs": ["fixed"], "sizes": [other.n]}
    alone = operating_characteristics(trials.trial(**section), **FEW)
    for name, power in alone.rows[0].power.items():
        assert other.power[name].value == pytest.approx(power.value)


def test_every_design_has_its_curve_and_its_scenarios(told: Sensitivity, page: str) -> None:
    looks = "obrien-fleming-2-looks"
    assert list(told.curves) == ["fixed", looks]
    assert {at.n: at.power for at in told.curves[looks] if at.planned} == {
        row.n: row.power for row in told.plan.rows(looks)
    }
    other = next(at for at in told.curves[looks] if not at.planned and at.n > 20)
    section = {**EVENTFUL, "analyses": ["mmrm"], "designs": ["O'Brien-Fleming at 50 %"], "sizes": [other.n]}
    alone = operating_characteristics(trials.trial(**section), **FEW).rows[0]
    assert other.power["weighted"].value == pytest.approx(alone.power["weighted"].value)
    for each in told.scenarios:
        assert each.designs["fixed"] == each.power["weighted"]
    said = words(page)
    assert f"designs fixed and {looks}, analysis mmrm" in said
    assert f"Power of {looks}, %" in said


def test_scenarios_are_the_same_trials_with_other_dropout_and_events(told: Sensitivity) -> None:
    by_name = {each.name: each for each in told.scenarios}
    stays, often = by_name["nobody drops out"], by_name["people drop out four times as fast"]
    assert [lost.value for lost in stays.lost] == [0.0, 0.0]
    assert often.lost[0].value == pytest.approx(1 - 0.8**4, abs=0.05)
    for each in told.scenarios:
        moved = (each.power["weighted"].value or 0) - (told.plan.row.power["weighted"].value or 0)
        assert each.moves.value == pytest.approx(moved)


def test_a_trial_without_dropout_and_events_has_no_such_scenario() -> None:
    found = operating_characteristics(trials.trial(analyses=["ancova"], designs=["fixed"], sizes=[8]), **FEW)
    told = sensitivity_of(found)
    assert told.scenarios == ()
    assert "No scenario of dropout" not in " ".join(decision_sentences(told))
    assert "nobody drops out" in " ".join(methods_sentences(told))
    assert "<h2" in trial_page(told)


def curve_of(powers: dict[int, float]) -> list[PowerAtSize]:
    return [
        PowerAtSize(n=n, people=2 * n, planned=False, power={"weighted": Figure(p, 0.0)}) for n, p in powers.items()
    ]


@pytest.mark.parametrize(
    ("powers", "level", "expected"),
    [
        ({16: 0.5, 64: 0.97724987}, 0.84134475, 36),  # quantiles 0, 1, 2 lie at roots 4, 6, 8
        ({16: 0.85, 64: 0.95}, 0.8, 16),
        ({16: 0.3, 64: 0.7}, 0.8, None),
        ({16: 0.81, 36: 0.79, 64: 0.97724987}, 0.8, 37),  # from there on it stays above
    ],
)
def test_the_size_that_reaches_a_level(powers: dict[int, float], level: float, expected: int | None) -> None:
    assert size_reaching(curve_of(powers), level) == expected


def test_the_turning_weight_is_where_the_weighted_power_is_at_the_level() -> None:
    power, weights = {"a": 0.9, "b": 0.8, "c": 0.1}, {"a": 0.5, "b": 0.25, "c": 0.25}
    turning = turning_weight("c", 0.8, power, weights)
    assert turning is not None
    rest = without("c", power, weights)
    assert rest == pytest.approx((0.5 * 0.9 + 0.25 * 0.8) / 0.75)
    assert turning * 0.1 + (1 - turning) * rest == pytest.approx(0.8)
    assert turning_weight("b", 0.95, power, weights) is None, "no weight of it reaches that"
    assert without("a", {"a": 0.9}, {"a": 1.0}) is None


def test_what_is_expected_over_time_ends_where_it_was_asked_for(told: Sensitivity) -> None:
    control = told.arms[0]
    assert control.id == "low"
    assert control.lost[-1].value == pytest.approx(0.2, abs=0.02)
    assert control.events["stopping"][-1].value == pytest.approx(0.1, abs=0.02)
    assert (np.diff([held.value or 0.0 for held in control.lost]) > 0).all()
    weighted, *alone = told.effects
    assert weighted.low < (weighted.mean.value or 0.0) < weighted.high
    assert sum(effect.weight * (effect.mean.value or 0.0) for effect in alone) == pytest.approx(weighted.mean.value)


def test_the_page_says_what_was_computed(told: Sensitivity, page: str) -> None:
    said = words(page)
    for row in told.found.rows:
        for power in row.power.values():
            assert share(power) in said
        assert share(row.type1, digits=2) in said
        assert difference(row.bias_points) in said
    assert share(told.scenarios[1].power["weighted"]) in said
    assert "a pilot of our own" in said
    assert "Nobody 2021" in said
    assert "treatment policy – scores count whatever happened" in said
    for name in ("James' index", "Bang's index", "Effect at one half", "Coverage"):
        assert name in said
    assert all(sentence in said for sentence in decision_sentences(told))
    assert "not in the list of references" not in said


def test_the_page_needs_nothing_else(page: str) -> None:
    assert page.count("<svg") == 4
    assert not re.search(r"<(script|link|img|iframe)\b|url\(['\"]?http|@import", page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "@media print" in page


def test_the_methods_paragraph_has_the_numbers_of_the_run(told: Sensitivity) -> None:
    said = " ".join(methods_sentences(told))
    row = told.plan.row
    assert f"(assurance) is {percent(row.power['weighted'])}" in said
    assert "40 people of the control arm, 80 in all" in said
    assert "stopping (" in said
    assert told.found.simulated.spec.key in said
    assert "unstructured covariance (REML, degrees of freedom by Satterthwaite)" in said


def test_the_decision_names_what_would_move_the_power_across_a_level(told: Sensitivity) -> None:
    said = " ".join(decision_sentences(told))
    for crossing in told.crossings:
        assert f"{100 * crossing.level:.0f} %: the plan is {'at or above' if crossing.reached else 'below'} it" in said
        for each in crossing.scenarios:
            assert f"if {each.name}" in said
        for name in crossing.without:
            assert f"Without {name.replace('_', ' ')}" in said


def test_too_few_trials_to_weigh_the_explanations_are_said(told: Sensitivity) -> None:
    unknown = {**told.plan.row.power, "weighted": Figure(None, None)}
    few = replace(
        told, plan=replace(told.plan, row=replace(told.plan.row, power=unknown, assurance=unknown["weighted"]))
    )
    for sentences in (summary_sentences(few), decision_sentences(few)):
        assert sentences == [
            "Too few trials were simulated for every explanation to have some; ask for more with --trials."
        ]


def test_files_lie_beside_the_page(told: Sensitivity, written: list[Path]) -> None:
    page, *others = written
    assert page.name == "report.html"
    assert {path.name for path in others} >= {"characteristics.json", "designs.csv", "power.csv", "sensitivity.json"}
    held = json.loads((page.parent / "sensitivity.json").read_text(encoding="utf-8"))
    assert held["power_by_size"][0]["n"] == told.curve[0].n
    assert len(list((page.parent / "figures").glob("*.svg"))) == 4


def test_the_command_writes_the_report_and_says_before_it_simulates_that_it_cannot(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    data = trials.data(analyses=["ancova"], designs=["fixed"], sizes=[8])
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    few = ["--trials", "16", "-n", "16", "--draws", "8"]
    done = CliRunner().invoke(app, ["trial", str(file), "--out", str(tmp_path / "out"), *few])
    assert done.exit_code == 0, done.output
    assert "Report: " in done.output
    assert (tmp_path / "out" / "report.html").stat().st_size > 20_000
    refused = CliRunner().invoke(app, ["trial", str(file), "--out", str(file), *few])
    assert refused.exit_code != 0
    assert "is a file, not a folder" in str(refused.exception or refused.output)
