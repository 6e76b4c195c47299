"""What a protocol refuses, and the one sentence with which it does so."""

from __future__ import annotations

import copy
import math
import re
from pathlib import Path
from typing import Any

import pytest

from afterglow.errors import ExtrapolationError, ProtocolError
from afterglow.medicines import MEDICINES
from afterglow.protocol import Arm, Assessment, Blinding, Dose, Group, Population, Practice, Protocol, Session
from afterglow.protocol.vocabulary import (
    ANTIDEPRESSANT,
    APPROACHES,
    CARE,
    FORMATS,
    RECOVERED_BY,
    SESSION_KINDS,
    SETTINGS,
    TASKS,
    known_word,
)

WORD_LISTS = (ANTIDEPRESSANT, APPROACHES, CARE, FORMATS, RECOVERED_BY, SESSION_KINDS, SETTINGS, TASKS)
BASE: dict[str, Any] = {
    "population": {"condition": "ptsd", "scale": "CAPS-5", "baseline_mean": 44, "baseline_sd": 6},
    "assessments": [{"scale": "CAPS-5", "days": [-1, 30, 60]}],
    "arms": [
        {
            "id": "mdma",
            "doses": [
                {"day": 0, "medicine": "mdma", "dose_mg": 80, "route": "oral"},
                {"day": 28, "medicine": "mdma", "dose_mg": 120, "route": "oral"},
            ],
            "sessions": [
                {"day": -7, "kind": "preparation", "hours": 1.5},
                {"day": 0, "kind": "dosing", "hours": 8},
                {"day": 1, "kind": "integration", "hours": 1.5},
            ],
        }
    ],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """BASE with one value put in place; `path` such as ``arms.0.doses.1.route``."""
    data = copy.deepcopy(BASE)
    *above, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place: Any = data
    for step in above:
        place = place[step]
    place[last] = value
    return data


def test_the_base_is_fine() -> None:
    protocol = Protocol.made(BASE)
    assert protocol.horizon_days == 365
    assert protocol.arms[0].sessions[2].tasks == ("insights", "steps", "practice")
    assert not any(dose.extrapolated for dose in protocol.arms[0].doses)


REFUSED = [
    ("arms.0.doses.1.route", "orall", "arms[0].doses[1].route: unknown route 'orall': did you mean 'oral'?"),
    ("arms.0.doses.1.route", "iv", "arms[0].doses[1]: mdma is not given iv; known routes: oral"),
    ("arms.0.doses.1.medicine", "mdna", "arms[0].doses[1].medicine: unknown medicine 'mdna': did you mean 'mdma'?"),
    ("arms.0.doses.1.drug", "mdma", "arms[0].doses[1].drug: unknown word 'drug': did you mean 'medicine'?"),
    ("arms.0.doses.1.dose_mg", -5, "arms[0].doses[1].dose_mg: must be at least 0, got -5"),
    ("arms.0.doses.1.dose_mg", 0, "must be above 0; for an inactive arm use placebo"),
    ("arms.0.doses.1.dose_mg", math.nan, "a dose must be a finite number, got nan"),
    ("arms.0.doses.1.dose_mg", math.inf, "a dose must be a finite number, got inf"),
    ("arms.0.doses.1.dose_mg", 10**400, "a dose must be a finite number"),
    ("arms.0.doses.1.dose_mg", True, "a dose must be a number such as '25 or 25 mg', got True"),
    ("arms.0.doses.1.dose_mg", "120 ml", "'ml' is not a unit of a dose"),
    ("arms.0.doses.1.dose_mg", "120 min", "'min' is not a unit of a dose"),
    ("arms.0.doses.1.dose_mg", 120_000, "more than 100 times the largest dose reported; check the unit"),
    ("arms.0.doses.1.dose_mg_per_kg", 1, "needs either dose_mg or dose_mg_per_kg, got both"),
    ("arms.0.doses.1.dose_mg", None, "needs either dose_mg or dose_mg_per_kg, got neither"),
    ("arms.0.doses.1.duration_h", 1, "only an iv dose runs over time"),
    ("arms.0.doses.1.hour", 24, "arms[0].doses[1].hour: must be below 24, got 24"),
    ("arms.0.doses.1.day", "2024-01-01", "a day"),
    ("arms.0.doses.1.day", "soon", "a day must be a number such as '7 or day 7', got 'soon'"),
    ("arms.0.doses.1.day", "2 months", "a day cannot be in months, which differ in length; write days or weeks"),
    ("arms.0.doses.1.day", 0, "arms[0].doses[1]: mdma is given at the same time as in doses[0]; join the two"),
    ("arms.0.doses.1.day", -1, "arms[0].doses[1]: day -1 comes before day 0 of doses[0]; write doses in order of time"),
    ("arms.0.doses.1.day", 365, "arms[0].doses[1]: day 365 lies beyond the horizon of 365 days"),
    ("arms.0.sessions.1.kind", "dozing", "unknown kind of session 'dozing': did you mean 'dosing'?"),
    ("arms.0.sessions.1.format", "grup", "unknown format 'grup': did you mean 'group'?"),
    ("arms.0.sessions.1.hours", 0, "arms[0].sessions[1].hours: must be above 0, got 0"),
    ("arms.0.sessions.1.hours", "8 mg", "'mg' is not a unit of a length of time"),
    ("arms.0.sessions.1.hour", 24.5, "must be below 24, got 24.5"),
    ("arms.0.sessions.1.tasks", ["steps"], "only integration has tasks, not dosing"),
    ("arms.0.sessions.2.tasks", ["stepz"], "unknown task of integration 'stepz': did you mean 'steps'?"),
    ("arms.0.sessions.2.tasks", [], "integration needs at least one task"),
    ("arms.0.sessions.2.day", 0, "integration on day 0 overlaps dosing on day 0 of sessions[1]"),
    ("arms.0.sessions.2.day", -1, "comes before day 0 of sessions[1]"),
    ("arms.0.sessions.0.kind", "integration", "comes before the first dosing on day 0; before it stands preparation"),
    ("arms.0.practice", [{"from_day": 5, "to_day": 5, "hours_per_week": 1}], "practice must end after it begins"),
    ("arms.0.practice", [{"from_day": 5, "to_day": 400, "hours_per_week": 1}], "beyond the horizon of 365 days"),
    ("arms.0.group", {"size": 0}, "arms[0].group.size: must be at least 1, got 0"),
    ("arms.0.group", {"size": 2.5}, "this must be a whole number, got 2.5"),
    ("arms.0.group", {"community": "yes"}, "arms[0].group.community: must be true or false"),
    ("arms.0.group", [], "arms[0].group: must be a mapping of words to values, got []"),
    ("arms.0.adherence", 1.5, "must be at most 1, got 1.5"),
    ("arms.0.id", "a|b", "an arm's id must not contain '|'"),
    ("arms.0.id", True, "arms[0].id: must be text (put it in quotes), got True"),
    ("arms.0.label", "a\x00b", "must be ordinary text, but holds the character U+0000"),
    ("arms.0.doses", "none", "arms[0].doses: must be a list, got 'none'"),
    ("arms", [], "arms: must have at least 1 entry, got []"),
    ("arms", {"id": "x"}, "arms: must be a list"),
    ("assessments.0.scale", "CAPS5x", "assessments[0].scale: unknown scale"),
    ("assessments.0.days", [3, 1], "days of assessment must rise, but 1 follows 3"),
    ("assessments.0.days", [400], "assessments[0].days: day 400 lies beyond the horizon of 365 days"),
    ("assesments", [], "unknown word 'assesments': did you mean 'assessments'?"),
    ("population.condition", "ptsdd", "unknown condition 'ptsdd'; did you mean 'ptsd'?"),
    ("population.baseline_mean", 90, "a baseline mean of 90 lies outside the CAPS-5 range of 0 to 80"),
    ("population.baseline_sd", 0, "must be above 0, got 0"),
    ("population.inclusion_min", 50, "inclusion_min 50 must lie from 0 to below the baseline mean of 44"),
    ("population.cyp2d6", {"poor": 0.2}, "the CYP2D6 shares must be 0 or more and sum to 1, got 0.2"),
    ("population.cyp2d6", {"por": 1.0}, "unknown CYP2D6 phenotype 'por': did you mean 'poor'?"),
    ("population.weight_mean_kg", "75 h", "'h' is not a unit of a weight"),
    ("blinding", {"design": "blind"}, "unknown design of blinding 'blind': did you mean 'blinded'?"),
    ("horizon_days", 0, "horizon_days: must be above 0, got 0"),
    ("allow_extrapolation", "no", "allow_extrapolation: must be true or false"),
]


@pytest.mark.parametrize(("path", "value", "expected"), REFUSED, ids=[f"{p}={v!r}"[:60] for p, v, _ in REFUSED])
def test_what_is_impossible_is_refused_in_one_sentence(path: str, value: Any, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        Protocol.made(changed(path, value))
    sentence = str(caught.value)
    assert expected in sentence
    assert "\n" not in sentence
    assert len(sentence) < 400


def test_the_place_and_the_sentence_are_apart() -> None:
    with pytest.raises(ProtocolError) as caught:
        Protocol.made(changed("arms.0.doses.1.route", "orall"))
    assert caught.value.where == "arms[0].doses[1].route"
    assert caught.value.message == "unknown route 'orall': did you mean 'oral'?"


def test_all_mistakes_are_found_together() -> None:
    data = changed("arms.0.doses.1.route", "orall")
    data["arms"][0]["adherence"] = 3
    data["population"]["scale"] = "CAPS-6"
    data["arms"][0]["steps"] = ["integration 90 min on day 5", "integraton 90 min on day 6"]
    _, wrong = Protocol.parse(data)
    assert {error.where for error in wrong} == {
        "arms[0].doses[1].route",
        "arms[0].adherence",
        "population.scale",
        "arms[0].steps[1]",
    }


def test_all_clashes_in_time_are_found_together() -> None:
    data = changed("arms.0.doses.1.day", 500)
    data["arms"][0]["sessions"][2]["day"] = 0
    data["arms"].append({"id": "mdma"})
    _, wrong = Protocol.parse(data)
    assert [error.where for error in wrong] == ["arms[0].doses[1]", "arms[0].sessions[2]", "arms[1].id"]


def test_a_clash_is_shown_at_the_step_that_made_it() -> None:
    data = changed(
        "arms.0.steps", ["integration 90 min on day 7, every 7 days x 4", "training 20 min digital on day 21"]
    )
    with pytest.raises(ProtocolError) as caught:
        Protocol.made(data)
    assert caught.value.where == "arms[0].steps[1]"
    assert "of steps[0]" in caught.value.message


def test_an_infusion_that_still_runs_is_refused() -> None:
    row = {"medicine": "ketamine", "route": "iv", "dose_mg_per_kg": 0.2, "duration_h": 1}
    data = changed("arms.0.doses", [{**row, "day": 0}, {**row, "day": 0, "hour": 0.5}])
    with pytest.raises(ProtocolError, match="begins while the infusion of doses\\[0\\] still runs"):
        Protocol.made(data)


def test_the_same_moment_written_in_two_ways_is_one_moment() -> None:
    rows = [
        {"day": 0.5, "medicine": "mdma", "dose_mg": 50, "route": "oral"},
        {"day": 0, "hour": 12, "medicine": "mdma", "dose_mg": 50, "route": "oral"},
    ]
    with pytest.raises(ProtocolError, match="at the same time"):
        Protocol.made(changed("arms.0.doses", rows))


ABOVE = [
    ("ketamine", "iv", {"dose_mg_per_kg": 1.01}),
    ("esketamine", "intranasal", {"dose_mg": 112}),
    ("psilocybin", "oral", {"dose_mg_per_kg": 0.7}),
    ("psilocybin", "oral", {"dose_mg": 50}),
    ("mdma", "oral", {"dose_mg": 200}),
]


@pytest.mark.parametrize(("medicine", "route", "amount"), ABOVE)
def test_a_dose_above_the_largest_reported_is_refused_unless_allowed(medicine: str, route: str, amount: Any) -> None:
    data = changed("arms.0.doses", [{"day": 0, "medicine": medicine, "route": route, **amount}])
    with pytest.raises(ExtrapolationError, match="above the largest dose reported") as caught:
        Protocol.made(data)
    assert caught.value.where == "arms[0].doses[0]"
    assert MEDICINES[medicine].dose_limits[route].reported.source in caught.value.message
    allowed = Protocol.made({**data, "allow_extrapolation": True})
    assert allowed.arms[0].doses[0].extrapolated
    assert allowed.arms[0].doses[0].to_sentence().endswith(", extrapolated")
    assert Protocol.from_yaml(allowed.to_yaml()) == allowed
    assert Protocol.from_yaml(allowed.to_yaml(sentences=True)) == allowed


def test_the_mark_is_the_protocols_and_not_the_writers() -> None:
    assert not Protocol.made(changed("arms.0.doses.1.extrapolated", True)).arms[0].doses[1].extrapolated


@pytest.mark.parametrize(
    ("second", "refused"), [({"dose_mg": 62.5, "hour": 2}, False), ({"dose_mg": 125, "hour": 2}, True)]
)
def test_the_doses_of_one_day_count_together(second: Any, refused: bool) -> None:
    row = {"day": 0, "medicine": "mdma", "route": "oral"}
    _, wrong = Protocol.parse(changed("arms.0.doses", [{**row, "dose_mg": 125}, {**row, **second}]))
    assert bool(wrong) is refused
    if refused:
        assert isinstance(wrong[0], ExtrapolationError)
        assert wrong[0].where == "arms[0].doses[1]"


def test_every_modelled_route_has_limits_with_a_known_source() -> None:
    bibliography = (Path(__file__).parents[2] / "src/afterglow/references.bib").read_text(encoding="utf-8")
    keys = set(re.findall(r"^@\w+\{([^,]+),", bibliography, flags=re.MULTILINE))
    for medicine in ("ketamine", "esketamine", "psilocybin", "mdma", "midazolam", "niacin"):
        for route in MEDICINES[medicine].routes:
            limit = MEDICINES[medicine].dose_limits[route]
            assert {limit.studied.source, limit.reported.source} <= keys


WITH_UNITS = [
    ("25 mg", 25.0),
    ("0.025 g", 25.0),
    ("25000 µg", 25.0),
    ("25000mcg", 25.0),
    ("  25 MG ", 25.0),
    (25, 25.0),
]


@pytest.mark.parametrize(("written", "mg"), WITH_UNITS)
def test_doses_are_read_with_their_unit(written: Any, mg: float) -> None:
    assert Dose(day=0, medicine="psilocybin", dose_mg=written, route="oral").dose_mg == pytest.approx(mg, rel=1e-12)


def test_short_words_for_dose_and_duration() -> None:
    dose = Dose(day="2 weeks", medicine="ketamine", dose="500 µg/kg", route="iv", duration="40 min")
    assert (dose.day, dose.dose_mg_per_kg, dose.dose_mg) == (14.0, 0.5, None)
    assert dose.duration_h == pytest.approx(2 / 3)
    with pytest.raises(ProtocolError, match="a dose needs a unit: write '25 mg'"):
        Dose(day=0, medicine="psilocybin", dose=25, route="oral")
    with pytest.raises(ProtocolError, match="a dose needs a number and a unit"):
        Dose(day=0, medicine="psilocybin", dose="25", route="oral")
    with pytest.raises(ProtocolError, match="duration needs a unit, such as '40 min', got '40'"):
        Dose(day=0, medicine="ketamine", dose="0.5 mg/kg", route="iv", duration=40)
    with pytest.raises(ProtocolError, match="the dose is written twice"):
        Dose(day=0, medicine="psilocybin", dose="25 mg", dose_mg=25, route="oral")


LENGTHS = [("90 min", 1.5), ("3 h", 3.0), ("0.5 hours", 0.5), ("1800 s", 0.5), (2, 2.0)]


@pytest.mark.parametrize(("written", "hours"), LENGTHS)
def test_lengths_are_read_with_their_unit(written: Any, hours: float) -> None:
    assert Session(day="day 7", kind="psychotherapy", hours=written) == Session(
        day=7, kind="psychotherapy", hours=hours
    )


@pytest.mark.parametrize(
    ("written", "hours"), [("3 h per week", 3), ("20 min a day", 7 / 3), ("180 min/week", 3), (3, 3)]
)
def test_practice_is_read_as_a_rate(written: Any, hours: float) -> None:
    assert Practice(from_day=1, to_day=60, hours_per_week=written).hours_per_week == pytest.approx(hours)


@pytest.mark.parametrize("written", ["3", "3 h", "3 per week", "3 mg per week", "h per week", None, True])
def test_practice_that_is_no_rate_is_refused(written: Any) -> None:
    with pytest.raises(ProtocolError):
        Practice(from_day=1, to_day=60, hours_per_week=written)


@pytest.mark.parametrize("medicine", MEDICINES)
def test_every_medicine_names_its_routes_when_given_another(medicine: str) -> None:
    other = next((route for route in ("sublingual", "im", "iv") if route not in MEDICINES[medicine].routes), None)
    if other is None:
        return
    with pytest.raises(ProtocolError, match=re.escape(f"known routes: {', '.join(MEDICINES[medicine].routes)}")):
        Dose(day=0, medicine=medicine, dose_mg=1, route=other)


def test_spellings() -> None:
    assert Dose(day=0, medicine="placebo_saline", dose_mg=0, route="IV").medicine == "placebo"
    assert Dose(day=0, medicine="S-Ketamine", dose_mg=56, route="nasal").medicine == "esketamine"
    assert Dose(day=0, medicine="MDMA", dose_mg=80, route="by mouth").route == "oral"
    assert Assessment(scale="caps5", days=3).scale == "CAPS-5"


def test_placebo_holds_nothing() -> None:
    assert Dose(day=0, medicine="placebo", route="oral").amount == ""
    with pytest.raises(ProtocolError, match="placebo holds no medicine, got 5 mg"):
        Dose(day=0, medicine="placebo", dose_mg=5, route="oral")


def test_parts_are_frozen_and_made_directly_they_speak_plainly() -> None:
    group = Group(size=4)
    with pytest.raises(Exception, match="frozen"):
        group.size = 5
    with pytest.raises(ProtocolError, match=r"unknown word 'sise': did you mean 'size'\?"):
        Group(sise=3)
    with pytest.raises(ProtocolError, match="'id' is missing"):
        Arm()
    with pytest.raises(ProtocolError):
        Blinding(design=None)
    with pytest.raises(ProtocolError, match="'scale' is missing"):
        Population(condition="ptsd", baseline_mean=40, baseline_sd=5)


def test_an_arm_without_doses_may_have_dosing_sessions_and_integration() -> None:
    arm = Arm(id="x", steps=["dosing 8 h on day 0", "integration 90 min on day 1"])
    assert len(arm.sessions) == 2
    assert Arm(id="waiting list").doses == ()


@pytest.mark.parametrize("words", WORD_LISTS)
def test_every_word_is_read_as_itself(words: tuple[str, ...]) -> None:
    """Also where it spells another word elsewhere, as therapy does."""
    assert [known_word(word.upper(), words, "word") for word in words] == list(words)
