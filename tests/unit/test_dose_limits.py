"""How far doses are known: what runs, what is marked, what is refused, and the routes that clinics use."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.golden import product
from typer.testing import CliRunner

from afterglow.cli.main import app
from afterglow.errors import ExtrapolationError, ParameterError
from afterglow.evidence import reading_of
from afterglow.medicines import MEDICINES
from afterglow.medicines.medicine import DoseLimit, LargestDose
from afterglow.outcomes.exposure import noncompartmental
from afterglow.protocol import Arm, Dose, Protocol, event_table, parse_step, read_event_table
from afterglow.protocol.timeline import extrapolations

PLAN: dict[str, Any] = {
    "population": {"condition": "major_depression", "scale": "MADRS", "baseline_mean": 30, "baseline_sd": 5},
    "assessments": [{"scale": "MADRS", "days": [0, 28]}],
    "horizon_days": 60,
}
LIMITS = [(m.id, route, limit) for m in MEDICINES.values() for route, limit in m.dose_limits.items()]
STUDY = """\
id: tablets-at-home
citation: Somebody. Tablets under the tongue, at home. 2022.
condition: major_depression
population: {n: 90, age_mean: 40}
arms:
- id: home
  label: Four sublingual doses
  n: 90
  doses:
  - {day: 0, drug: ketamine, dose_mg: 400, route: sublingual}
  - {day: 7, drug: ketamine, dose_mg: 400, route: sublingual}
  sessions:
  - {day: 1, kind: integration, hours: 0.5, format: digital}
  observations:
  - {scale: MADRS, day: 0, mean: 30, sd: 5, n: 90, verified: true}
  - {scale: MADRS, day: 28, mean: 15, sd: 8, n: 90, verified: true}
sources: ['https://example.org']
"""


def plan(*doses: dict[str, Any] | str, allow: bool = False) -> Protocol:
    return Protocol.made({**PLAN, "allow_extrapolation": allow, "arms": [{"id": "a", "steps": list(doses)}]})


SENTENCES = [
    ("ketamine 300 mg sublingual", "sublingual", 300, None),
    ("ketamine 300 mg troche", "sublingual", 300, None),
    ("ketamine 300 mg sublingual lozenge on day 0, weekly x 4", "sublingual", 300, None),
    ("ketamine 0.5 mg/kg subcutaneous", "subcutaneous", None, 0.5),
    ("ketamine 0.5 mg/kg sc", "subcutaneous", None, 0.5),
    ("ketamine 0.5 mg/kg s.c. on day 0", "subcutaneous", None, 0.5),
    ("ketamine 0.5 mg/kg s.c.", "subcutaneous", None, 0.5),
    ("ketamine 0.5 mg/kg SubQ", "subcutaneous", None, 0.5),
    ("esketamine 1 mg/kg SC", "subcutaneous", None, 1.0),
    ("midazolam 0.025 mg/kg sc", "subcutaneous", None, 0.025),
    ("ketamine 120 mg oral extended release", "oral_extended_release", 120, None),
    ("ketamine 120 mg extended-release on day 0", "oral_extended_release", 120, None),
    ("ketamine 120 mg oral ER, twice a day x 5", "oral_extended_release", 120, None),
    ("ketamine 120 mg XR", "oral_extended_release", 120, None),
    ("ketamine 120 mg oral", "oral", 120, None),
    ("ketamine 35 mg i.v. over 40 min", "iv", 35, None),
    ("placebo sc", "subcutaneous", None, None),
]


@pytest.mark.parametrize(("sentence", "route", "mg", "mg_per_kg"), SENTENCES)
def test_what_a_clinic_writes_is_understood(
    sentence: str, route: str, mg: float | None, mg_per_kg: float | None
) -> None:
    first = parse_step(sentence)[0]
    assert isinstance(first, Dose)
    assert (first.route, first.dose_mg, first.dose_mg_per_kg) == (route, mg, mg_per_kg)
    assert parse_step(first.to_sentence()) == (first,)


@pytest.mark.parametrize("word", ["s.c.", "SubQ", "Lozenge", "prolonged release", "oral extended release", "I.M."])
def test_spellings_of_a_route_are_understood_in_a_field(word: str) -> None:
    assert Dose(day=0, medicine="ketamine", dose_mg=10, route=word).route in MEDICINES["ketamine"].routes


@pytest.mark.parametrize(("medicine", "route", "limit"), LIMITS)
@given(part=st.floats(0, 1, exclude_min=True), by_weight=st.booleans())
def test_a_dose_runs_is_marked_or_is_refused_as_far_as_it_is_known(
    medicine: str, route: str, limit: DoseLimit, part: float, by_weight: bool
) -> None:
    key = "mg_per_kg" if by_weight else "mg"
    studied, reported = (getattr(dose, key) for dose in (limit.studied, limit.reported))

    def row(amount: float) -> dict[str, Any]:
        return {"day": 0, "medicine": medicine, "route": route, f"dose_{key}": amount}

    if studied * part > 0:
        assert not plan(row(studied * part)).arms[0].doses[0].extrapolated
    between = studied + (reported - studied) * part
    if between > studied * (1 + 1e-6):
        (words,) = extrapolations(plan(row(between)).arms[0])
        assert f"({limit.studied.source})" in words
    above = reported * (1 + 5 * part) * (1 + 1e-6)
    with pytest.raises(ExtrapolationError, match=re.escape(f"({limit.reported.source})")):
        plan(row(above))
    (words,) = extrapolations(plan(row(above), allow=True).arms[0])
    assert "above the largest dose reported" in words


def test_the_mark_says_above_what_and_by_whom() -> None:
    (words,) = extrapolations(plan("ketamine 375 mg sublingual on day 0, weekly x 4").arms[0])
    assert words == "ketamine 375 mg sublingual, 4 doses: kinetics extrapolated above 50 mg (yanagihara2003)"
    (words,) = extrapolations(plan("ketamine 0.5 mg/kg sc").arms[0])
    assert words == "ketamine 0.5 mg/kg subcutaneous: kinetics by this route not studied in people (lenedelec2018)"
    assert extrapolations(plan("ketamine 0.5 mg/kg iv over 40 min").arms[0]) == []


@pytest.mark.parametrize(
    ("sentence", "most"),
    [
        ("ketamine 451 mg sublingual", "450 mg (hull2022-at-home)"),
        ("ketamine 0.91 mg/kg sc", "0.9 mg/kg (loo2023-kads)"),
        ("ketamine 241 mg XR", "240 mg (glue2020)"),
        ("ketamine 8 mg/kg oral", "7 mg/kg (andrade2019)"),
    ],
)
def test_a_refusal_names_the_dose_the_source_and_what_to_do(sentence: str, most: str) -> None:
    with pytest.raises(ExtrapolationError, match=re.escape(f"above the largest dose reported, {most}")) as caught:
        plan(sentence)
    assert "allow_extrapolation: true" in caught.value.message


@pytest.mark.parametrize(
    ("step", "refused", "marked"),
    [
        ("ketamine 240 mg XR on day 0, every 12 h x 5", False, 0),
        ("ketamine 240 mg XR on day 0, every 8 h x 3", True, 0),
        ("ketamine 450 mg sublingual on day 0, every 7 days x 4", False, 4),
        ("ketamine 450 mg sublingual on day 0, every 12 h x 2", True, 0),
        ("ketamine 30 mg oral on day 0, every 12 h x 2", False, 1),
        ("ketamine 30 mg oral on day 0, every 24 h x 2", False, 0),
    ],
)
def test_what_was_given_in_the_24_hours_before_counts(step: str, refused: bool, marked: int) -> None:
    if refused:
        with pytest.raises(ExtrapolationError, match="24 hours before"):
            plan(step)
        return
    assert sum(dose.extrapolated for dose in plan(step).arms[0].doses) == marked


def test_no_less_can_be_reported_than_was_studied() -> None:
    studied, less = (LargestDose(mg=mg, mg_per_kg=mg / 70, source="mas1999") for mg in (150.0, 100.0))
    with pytest.raises(ParameterError, match="below the largest one studied"):
        DoseLimit(studied=studied, beyond=less)
    assert DoseLimit(studied=studied).reported is studied


def test_a_study_above_what_was_studied_is_read_and_marked(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(STUDY, encoding="utf-8")
    read = CliRunner().invoke(app, ["check", str(file)])
    assert read.exit_code == 0
    told = "arm 'home', ketamine 400 mg sublingual, 2 doses: kinetics extrapolated above 50 mg (yanagihara2003)"
    assert told in read.stderr
    file.write_text(STUDY.replace("dose_mg: 400", "dose_mg: 500"), encoding="utf-8")
    larger = CliRunner().invoke(app, ["check", str(file)])  # people were given it, so it is not refused
    assert larger.exit_code == 0
    told = "arm 'home', ketamine 500 mg sublingual, 2 doses: above the largest dose reported, 450 mg (hull2022-at-home)"
    assert told in larger.stderr


def test_a_score_without_its_kind_is_named_where_a_baseline_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    said = "the MADRS of day 0 says no kind, such as kind: score, so it is no baseline; the baseline is assumed"
    assert any(note.startswith(said) for note in reading_of(path).notes)
    path.write_text(STUDY.replace("sd: 5,", "sd: 5, kind: score,"), encoding="utf-8")
    read = reading_of(path)
    assert read.protocol is not None
    assert read.protocol.population.baseline_mean == 30
    assert not any("baseline" in note for note in read.notes)


def test_the_new_routes_come_back_from_an_event_table() -> None:
    steps = ["ketamine 35 mg sc on day 0", "ketamine 120 mg XR on day 3, every 12 h x 4", "ketamine 300 mg sl on day 9"]
    arm = Arm(id="ketamine", steps=[*steps, "midazolam 2 mg sc on day 20", "esketamine 35 mg sc on day 25"])
    table = event_table([arm])
    for compartment in ("ketamine_subcutaneous", "ketamine_oral_extended_release", "midazolam_subcutaneous"):
        assert compartment in table
    assert [read.doses for read in read_event_table(table)] == [arm.doses]


def test_a_table_of_an_allowed_dose_is_read_again(tmp_path: Path) -> None:
    arm = plan("psilocybin 60 mg oral on day 0", "psilocybin 25 mg oral on day 28", allow=True).arms[0]
    file = tmp_path / "table.csv"
    file.write_text(event_table([arm]), encoding="utf-8")
    read = CliRunner().invoke(app, ["check", str(file)])
    assert read.exit_code == 0
    assert "psilocybin 60 mg oral: above the largest dose reported, 42 mg (brown2017)" in read.stderr
    file.write_text(event_table([arm]).replace(",extrapolated,", ",.,"), encoding="utf-8")
    refused = CliRunner().invoke(app, ["check", str(file)])
    assert refused.exit_code == 2
    assert "in an event table, KIND extrapolated" in refused.stderr


def _curve(route: str, mg: float, medicine: str = "ketamine") -> tuple[np.ndarray, np.ndarray]:
    dose = {"dose_mg": mg, "route": route}
    time, seen = product.levels(medicine, (dose,), 48.0, 70.0, 64, (), (), step_h=1 / 60)
    return time, np.median(seen[medicine], axis=0)


def test_levels_of_the_new_routes_are_ordered_as_pharmacology_has_them() -> None:
    found = {}
    for route in ("iv", "im", "subcutaneous", "oral", "oral_extended_release"):
        time, level = _curve(route, 40.0)
        told = noncompartmental(time, level[None, :], extrapolate=False)
        found[route] = (float(time[level.argmax()]), float(level.max()), float(told.auc_ng_h_per_ml[0]))
    assert found["subcutaneous"][2] == pytest.approx(found["im"][2], rel=0.1)
    assert found["subcutaneous"][2] < found["iv"][2]
    peak, top, area = zip(*(found[route] for route in ("oral", "oral_extended_release")), strict=True)
    assert peak[0] < 2 < 4 < peak[1]
    assert top[1] < 0.5 * top[0]
    assert area[1] == pytest.approx(area[0], rel=0.35)


def test_levels_grow_in_proportion_where_they_are_extrapolated() -> None:
    _, low = _curve("sublingual", 50.0)
    _, high = _curve("sublingual", 450.0)
    np.testing.assert_allclose(high, 9 * low, rtol=1e-3, atol=1e-3)
