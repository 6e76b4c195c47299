"""Evidence studies load as protocols, and what cannot be used says why."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from afterglow.errors import FileError, ProtocolError
from afterglow.evidence import load_report, protocol_from_study, read_protocol, read_study, reading_of
from afterglow.evidence.studies.as_protocol import study_arms
from afterglow.protocol import Protocol

DATA = Path(__file__).parents[1] / "data"


def study(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def of_recovered_people(**baseline: Any) -> dict[str, Any]:
    """A study of relapse, with what it says of its people's scores."""
    data = study("kuyken2016-mbct-relapse")
    data["population"] |= baseline
    return data


def test_mapp1() -> None:
    protocol = protocol_from_study(DATA / "mitchell2021-mapp1.yaml")
    mdma, placebo = protocol.arms
    assert [(d.day, d.hour, d.dose_mg) for d in mdma.doses] == [
        *((0, 0, 80), (0, 1.75, 40), (28, 0, 120), (28, 1.75, 60), (56, 0, 120), (56, 1.75, 60))
    ]
    assert (mdma.n, placebo.n, placebo.doses) == (46, 44, ())
    assert len(mdma.sessions) == len(placebo.sessions) == 15
    people = protocol.population
    assert (people.condition, people.scale, people.age_mean, people.female_fraction) == ("ptsd", "CAPS-5", 41.0, 0.656)
    assert people.baseline_mean == pytest.approx((44.0 * 46 + 44.2 * 44) / 90, abs=1e-3)
    assert people.baseline_sd == pytest.approx(6.08, abs=0.01)
    assert people.inclusion_min is None
    assert protocol.horizon_days == 112
    assert protocol.blinding.design == "blinded"
    assert {a.scale: a.days for a in protocol.assessments} == {"CAPS-5": (-14, 25, 53, 112), "SDS": (112,)}


def test_asat_puts_two_trainings_of_a_day_apart() -> None:
    protocol = protocol_from_study(DATA / "price2022-asat.yaml")
    arms = {arm.id: arm for arm in protocol.arms}
    assert [(s.day, s.hour) for s in arms["ket_asat"].sessions[:4]] == [(1, 0), (1, 6), (2, 0), (2, 6)]
    assert arms["sal_asat"].doses[0].medicine == "placebo"
    assert arms["ket_asat"].doses[0].duration_h == 0.667
    assert protocol.blinding.comparator == "placebo"
    notes = reading_of(DATA / "price2022-asat.yaml").notes
    assert any("baseline is assumed" in note for note in notes)


def test_comp001() -> None:
    protocol = protocol_from_study(study("goodwin2022-comp001"))
    assert [arm.doses[0].dose_mg for arm in protocol.arms] == [25, 10, 1]
    assert protocol.population.baseline_mean == pytest.approx(32.53, abs=0.02)
    assert 5.4 < protocol.population.baseline_sd < 6.4
    assert {a.scale for a in protocol.assessments} == {"MADRS", "QIDS-SR16"}


def test_a_loose_schedule_is_laid_out_evenly() -> None:
    protocol = protocol_from_study(of_recovered_people(scale="HAM-D17", baseline_mean=4.1, baseline_sd=3.2))
    people = protocol.population
    assert (people.scale, people.baseline_mean, people.baseline_sd) == ("HAM-D17", 4.1, 3.2)
    sessions = protocol.arms[0].sessions
    assert [session.day for session in sessions] == [0, 7, 14, 21, 28, 35, 42, 49]
    assert {(session.hours, session.format, session.kind) for session in sessions} == {(2.25, "group", "psychotherapy")}


@pytest.mark.parametrize("name", ["mitchell2021-mapp1", "price2022-asat", "goodwin2022-comp001"])
def test_a_study_read_as_a_file_round_trips_as_a_protocol(name: str) -> None:
    protocol = read_protocol(DATA / f"{name}.yaml")
    assert Protocol.from_yaml(protocol.to_yaml()) == protocol
    assert Protocol.from_yaml(protocol.to_yaml(sentences=True)) == protocol


LOOSE = [
    (
        "sessions",
        {"kind": "psychotherapy", "format": "individual", "sessions_max": 16},
        "does not say per_week",
    ),
    ("sessions", "weekly for a while", "describes them in words"),
    ("sessions", [{"day": "1-5", "kind": "training", "hours": 1}], "gives no number for 'day'"),
    ("sessions", [{"day": 1, "kind": "dosing", "hours": None}], "gives no number for 'hours'"),
    ("doses", [{"day": 0, "drug": "ketamine", "dose_mg_per_kg": None, "route": "iv"}], "gives no dose of ketamine"),
    ("doses", [{"day": 0, "drug": "lsd", "dose_mg": 0.1, "route": "oral"}], "unknown medicine 'lsd'"),
]


@pytest.mark.parametrize(("key", "value", "reason"), LOOSE)
def test_an_arm_that_cannot_be_laid_out_says_why_and_leaves_the_others(
    tmp_path: Path, key: str, value: Any, reason: str
) -> None:
    data = study("mitchell2021-mapp1")
    data["arms"][0][key] = value
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    mdma, placebo = load_report(tmp_path)[::-1]
    assert (placebo.arm, placebo.loads, mdma.arm, mdma.loads) == ("placebo", True, "mdma", False)
    assert reason in mdma.reason
    assert [arm.id for arm in protocol_from_study(data).arms] == ["placebo"]
    assert any("arm 'mdma' is left out" in note for note in reading_of(tmp_path / "study.yaml").notes)


def test_a_study_without_a_usable_arm_gives_each_reason() -> None:
    data = study("mitchell2021-mapp1")
    for arm in data["arms"]:
        arm["sessions"] = "many"
    with pytest.raises(ProtocolError, match=r"no arm that can be simulated: 'mdma' sessions: .*; 'placebo'"):
        protocol_from_study(data)


@pytest.mark.parametrize(
    ("condition", "reason"), [("alcohol_use", "measured by use of a substance"), (None, "unknown")]
)
def test_a_condition_without_a_scale_is_refused(condition: Any, reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        protocol_from_study({**study("mitchell2021-mapp1"), "condition": condition})


LISTS_NOTHING = [
    ("waitlist", "", True),
    ("control", "Waiting list, treated later", True),
    ("control", "wait-list", True),
    ("control", "Waiting list (no drug; day 0 = first session)", True),
    ("tau", "treatment as usual", True),
    ("untreated_adults", "", True),
    ("minimal_attention", "", True),
    ("delayed", "Delayed treatment group", True),
    ("control", "", False),
    ("higher_risk", "other responders", False),
    ("control", "care as usual, wait-list and other controls", False),
    ("no_mbct", "usual care or active comparator", False),
    ("ect", "ECT without anaesthesia", False),
    ("placebo", "Placebo pills, weekly visits", False),
]


@pytest.mark.parametrize(("name", "label", "loads"), LISTS_NOTHING)
def test_an_arm_that_lists_nothing_loads_only_when_it_got_nothing(name: str, label: str, loads: bool) -> None:
    data = copy.deepcopy(study("mitchell2021-mapp1"))
    data["arms"][1].update(id=name, label=label, doses=[], sessions=[])
    assert [arm.id for arm in protocol_from_study(data).arms] == ["mdma", name] if loads else ["mdma"]


def test_a_placebo_arm_that_lists_nothing_says_that_nothing_is_known_of_it(tmp_path: Path) -> None:
    data = study("mitchell2021-mapp1")
    data["arms"][1].update(doses=[], sessions=[])
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    placebo = next(row for row in load_report(tmp_path) if row.arm == "placebo")
    assert not placebo.loads
    assert "placebo arm" in placebo.reason


def without_scores(data: dict[str, Any]) -> dict[str, Any]:
    for arm in data["arms"]:
        arm["observations"] = [row for row in arm["observations"] if row["kind"] != "score"]
    return data


@pytest.mark.parametrize(
    "baseline",
    [
        {"baseline": {"scale": "CAPS-5", "mean": 43.5, "sd": 6.5}},
        {"baseline": [{"scale": "CAPS-5", "mean": 43.5, "se": 0.65, "n": 100}]},
        {"baseline_mean": 43.5, "baseline_sd": 6.5, "baseline_scale": "CAPS-5"},
    ],
)
def test_a_baseline_that_is_told_of_the_people_is_used(baseline: dict[str, Any]) -> None:
    data = without_scores(study("mitchell2021-mapp1"))
    data["population"] |= baseline
    people = protocol_from_study(data).population
    assert (people.scale, people.baseline_mean, people.baseline_sd) == ("CAPS-5", 43.5, pytest.approx(6.5))


def test_a_baseline_that_is_told_of_an_arm_is_used() -> None:
    data = without_scores(study("mitchell2021-mapp1"))
    for arm, mean in zip(data["arms"], (44, 46), strict=True):
        arm |= {"n": 10, "baseline": {"scale": "CAPS-5", "mean": mean, "sd": 6, "n": 10}}
    people = protocol_from_study(data).population
    assert people.baseline_mean == 45
    assert people.baseline_sd == pytest.approx(37**0.5, abs=0.01)


def test_a_score_and_its_change_leave_the_baseline() -> None:
    data = without_scores(study("mitchell2021-mapp1"))
    row = {"scale": "CAPS-5", "day": 112, "mean": 19.6, "sd": 13, "n": 42, "kind": "score"}
    data["arms"][0]["observations"].append(row)
    people = protocol_from_study(data).population
    assert people.baseline_mean == pytest.approx(19.6 + 24.4)
    assert any("spread of the baseline is assumed" in note for note in study_arms(read_study(data)).notes)


@pytest.mark.parametrize(
    ("design", "healer"),
    [
        ("placebo-controlled discontinuation trial", "antidepressant"),
        ("randomised withdrawal of esketamine", "ketamine"),
        ("relapse-prevention study after ECT", "ect"),
        ("relapse-prevention study", ""),
    ],
)
def test_a_design_that_waits_for_relapse_begins_well(design: str, healer: str) -> None:
    data = without_scores({**study("mitchell2021-mapp1"), "design": design})
    for arm in data["arms"]:
        arm["label"] = ""
    if not healer:
        with pytest.raises(ProtocolError, match="does not say what made them so"):
            protocol_from_study(data)
        data["population"]["recovered_by"] = healer = "therapy"
    people = protocol_from_study(data).population
    assert (people.recovered_by, people.scale, people.baseline_mean) == (healer, "CAPS-5", 9.0)
    data["population"] |= {"baseline": {"scale": "CAPS-5", "mean": 12, "sd": 6}, "episode_mean": 44}
    people = protocol_from_study(data).population
    assert (people.baseline_mean, people.episode_mean) == (12, 44)


def test_a_study_that_rates_nothing_but_relapse_begins_well() -> None:
    found = study_arms(read_study(study("kuyken2016-mbct-relapse")))
    people = found.data["population"]
    assert (people["recovered_by"], people["scale"], people["baseline_mean"]) == ("therapy", "HAM-D17", 5.0)
    assert [arm.id for arm in found.data["arms"]] == ["mbct", "treatment_as_usual"]
    assert any("as in remission: HAM-D17 5 (SD 3)" in note for note in found.notes)


def test_a_protocol_has_people_who_were_made_well_in_one_way() -> None:
    def arm(name: str, **more: Any) -> dict[str, Any]:
        return {"id": name, "comparator": "untreated", "observations": [], **more}

    data = {"citation": "x", "condition": "major_depression", "starts_well": True}
    data |= {"arms": [arm("a", recovered_by="ect"), arm("b", recovered_by="therapy"), arm("c", recovered_by="therapy")]}
    found = study_arms(read_study(data))
    assert [one.id for one in found.data["arms"]] == ["b", "c"]
    assert found.unusable == {"a": "its people were made well by ECT, those of the other arms by psychotherapy"}
    data["arms"][1] |= {"label": "Continuation ECT", "comparator": None}
    assert "such as ECT" in study_arms(read_study(data)).unusable["b"]


def test_a_loose_schedule_goes_by_its_weeks_and_by_usual_lengths() -> None:
    data = study("mitchell2021-mapp1")
    data["arms"][1]["sessions"] = {"kind": "psychotherapy", "sessions_max": 20, "weeks": [16, 24], "label": "CBT"}
    data["arms"][0]["sessions"] = [{"day": -3, "kind": "preparation", "hours": None, "format": "group"}]
    found = study_arms(read_study(data))
    sessions = found.data["arms"][1].sessions
    assert [s.day for s in sessions[:3]] == [0, 7, 14]
    assert (len(sessions), sessions[0].hours, sessions[0].approach) == (20, 0.83, "")
    assert found.data["arms"][0].sessions[0].hours == 2.0
    assert any("at most 20 sessions" in note for note in found.notes)
    assert any("group sessions are taken as 2 h long" in note for note in found.notes)


def test_a_conventional_antidepressant_is_no_dose_but_goes_on_beside() -> None:
    data = study("goodwin2022-comp001")
    data["arms"][2]["doses"] = [{"day": d, "drug": "escitalopram", "dose_mg": 10, "route": "oral"} for d in (1, 2, 3)]
    arm = protocol_from_study(data).arms[2]
    assert (arm.doses, arm.background.antidepressant, arm.background.from_day) == ((), "new", 1.0)


def test_a_published_dose_above_those_studied_runs_and_is_marked() -> None:
    data = study("mitchell2021-mapp1")
    data["arms"][0]["doses"] = [{"day": 0, "drug": "ketamine", "dose_mg": 375, "route": "sublingual"}]
    found = study_arms(read_study(data))
    assert any("above those whose kinetics were studied" in note for note in found.notes)
    assert protocol_from_study(data).arms[0].doses[0].extrapolated


def test_what_lies_beyond_ten_years_does_not_stop_a_study() -> None:
    data = study("mitchell2021-mapp1")
    data["arms"][0]["observations"].append({"scale": "CAPS-5", "day": 7300, "mean": 20, "kind": "score"})
    protocol = protocol_from_study(data)
    assert protocol.horizon_days < 3650
    assert 7300 not in next(a.days for a in protocol.assessments if a.scale == "CAPS-5")


def test_a_course_that_also_counts_relapse_begins_ill() -> None:
    data = study("mitchell2021-mapp1")
    data["arms"][0]["observations"].append({"scale": "relapse", "day": 200, "events": 3, "n": 40, "kind": "relapse"})
    assert len(protocol_from_study(data).arms) == 2


@pytest.mark.parametrize(
    "odd", [{"sd": 1e308}, {"sd": -4}, {"n": -3, "se": 1}, {"n": 1e308}, {"mean": "x"}, {"day": []}]
)
def test_an_odd_baseline_does_no_harm(odd: dict[str, Any]) -> None:
    data = study("mitchell2021-mapp1")
    data["arms"][0]["observations"][0] |= odd
    people = protocol_from_study(data).population
    assert 40 < people.baseline_mean < 48
    assert 5 < people.baseline_sd < 9


def test_an_ssri_in_every_arm_reaches_the_population() -> None:
    data = study("mitchell2021-mapp1")
    for arm in data["arms"]:
        arm["other_treatment"] = "SSRI continued"
    assert protocol_from_study(data).population.ssri_fraction == 1.0


def test_the_report_lists_every_study(tmp_path: Path) -> None:
    for path in DATA.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    (tmp_path / "broken.yaml").write_text("arms: [", encoding="utf-8")
    (tmp_path / "none.yaml").write_text("{citation: x, condition: ptsd, arms: []}", encoding="utf-8")
    rows = load_report(tmp_path)
    assert {row.study for row in rows} == {path.stem for path in tmp_path.glob("*.yaml")}
    assert {row.study: row.reason for row in rows if not row.arm}["none"] == "the study lists no arms"
    assert sum(row.loads for row in rows) == 10
    with pytest.raises(FileError, match="is not a folder"):
        load_report(tmp_path / "nothing")


def test_sham_training_is_not_training() -> None:
    protocol = protocol_from_study(Path(__file__).parents[1] / "data" / "price2022-asat.yaml")
    kinds = {arm.id: {s.kind for s in arm.sessions} for arm in protocol.arms}
    assert kinds["ket_asat"] == {"training"}
    assert kinds["ket_sham"] == {"education"}
