"""Words of a file stand in for its missing fields, and never against a field that it has."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from afterglow.evidence import Study, findings_of, load_report, protocol_from_study, read_study, study, study_names
from afterglow.evidence.findings.selection import left_out
from afterglow.evidence.studies import prose
from afterglow.evidence.studies.library import study_file
from afterglow.scales.instruments import scale

DATA = Path(__file__).parents[1] / "data"
SHIPPED = Path(__file__).parents[2] / "src" / "afterglow" / "evidence" / "data"

DESIGNS = [
    ("randomised, double-blind, placebo-controlled", "double"),
    ("randomised, triple-masked", "triple"),
    ("quadruple blind", "quadruple"),
    ("double-blind; open-label extension", "double"),
    ("randomised, single-blind, parallel", "single"),
    ("open-label with blinded telephone raters", "single"),
    ("randomised, assessor-masked", "single"),
    ("open label, single arm", "open"),
    ("randomised, parallel", ""),
]


@pytest.mark.parametrize(("design", "said"), DESIGNS)
def test_blinding_by_the_design(design: str, said: str) -> None:
    assert prose.blinding(design) == said
    assert read_study({"design": design}).blinding == said


@pytest.mark.parametrize(
    ("design", "said"),
    [
        ("Relapse prevention in remitters", True),
        ("randomised withdrawal", True),
        ("placebo-controlled discontinuation trial", True),
        ("maintenance phase, 2 years", True),
        ("continuation trial", True),
        ("randomised, 6 weeks, with follow-up for relapse", False),
    ],
)
def test_people_who_are_well_by_the_design(design: str, said: bool) -> None:
    assert prose.starts_well(design) is said
    assert read_study({"design": design}).starts_well is said


@pytest.mark.parametrize(
    ("name", "label", "said"),
    [
        ("control", "Waiting list, treated later", "waiting_list"),
        ("delayed", "Delayed treatment group", "waiting_list"),
        ("tau", "treatment as usual", "usual_care"),
        ("minimal_attention", "", "minimal_contact"),
        ("untreated_adults", "", "untreated"),
        ("control", "assessment only", "untreated"),
        ("placebo", "Placebo pills", "placebo"),
        ("saline", "", "placebo"),
        ("no_mbct", "usual care or active comparator", ""),
        ("control", "", ""),
    ],
)
def test_the_kind_of_control_by_the_name(name: str, label: str, said: str) -> None:
    assert prose.comparator(name, label) == said
    (arm,) = read_study({"arms": [{"id": name, "label": label}]}).arms
    assert arm.comparator == said


def test_an_arm_that_lists_something_is_not_asked_what_it_got() -> None:
    session = {"day": 0, "kind": "psychotherapy", "hours": 1, "format": "individual"}
    (arm,) = read_study({"arms": [{"id": "waiting_list", "sessions": [session]}]}).arms
    assert arm.comparator == ""


def test_a_sham_by_its_label() -> None:
    assert prose.is_sham("Sham training")
    assert not prose.is_sham("training, not sham")
    kinds = {arm.id: {s.kind for s in arm.sessions} for arm in protocol_from_study(DATA / "price2022-asat.yaml").arms}
    assert (kinds["ket_asat"], kinds["ket_sham"]) == ({"training"}, {"education"})


def test_a_continued_ssri_by_what_every_arm_says() -> None:
    assert prose.continued_ssri(["SSRI continued", "their SSRI continued"])
    assert not prose.continued_ssri(["SSRI continued", ""])
    assert not prose.continued_ssri([])


APPROACHES = [
    ("Prolonged exposure, 9 to 12 sessions", "trauma_focused"),
    ("Cognitive processing therapy, same dose", "trauma_focused"),
    ("Exposure with cognitive restructuring", "trauma_focused"),
    ("Cognitive trauma therapy, twice weekly", "trauma_focused"),
    ("DBT-PTSD, up to 45 sessions in a year and 3 more", "trauma_focused"),
    ("EMDR", "trauma_focused"),
    ("Telephone CBT, weekly for 3 months then monthly boosters tcbt", "cognitive_behavioural"),
    ("CBT added to usual care", "cognitive_behavioural"),
    ("Low-intensity guided self-help", "cognitive_behavioural"),
    ("Behavioural activation by junior workers", "behavioural_activation"),
    ("Interpersonal therapy, 15 individual and 8 group sessions in 5 weeks, with drug", "interpersonal"),
    ("Dynamic interpersonal therapy, 16 sessions", "psychodynamic"),
    ("Long-term psychoanalytic therapy once a week for 18 months", "psychodynamic"),
    ("MBCT, 8 weekly classes", "mindfulness"),
    ("mindfulness-based cognitive therapy", "mindfulness"),
    ("Present-centred therapy, 14 sessions", "supportive"),
    ("Humanistic counselling added to usual care", "supportive"),
    ("clinical management", "supportive"),
    ("attention control", "supportive"),
    ("Talking control added to usual care", "supportive"),
    ("Minimal-contact control, weekly telephone calls for 4 weeks", "supportive"),
    ("Active group control (health enhancement)", "supportive"),
    ("Present-centred (supportive) therapy", "supportive"),
    ("Weekly CBT or IPT, up to 20 sessions in 16-24 weeks", ""),
    ("Individual therapy, 1 to 5 sessions, pool of 13 comparisons with usual", ""),
    ("Eight weekly group sessions, more than three episodes pct", ""),
    ("8 skills sessions then 8 sessions, weekly", ""),
]


@pytest.mark.parametrize(("label", "said"), APPROACHES)
def test_an_approach_by_the_label(label: str, said: str) -> None:
    assert prose.approach(label) == said


def therapy(of_arm: str, condition: str = "major_depression", **session: Any) -> str:
    one = {"day": 0, "kind": "psychotherapy", "hours": 1, "format": "individual", **session}
    (arm,) = protocol_from_study(
        {"citation": "x", "condition": condition, "arms": [{"id": "a", "label": of_arm, "sessions": [one]}]}
    ).arms
    return arm.sessions[0].approach


def test_a_session_s_own_words_come_before_the_arm_s_and_the_usual_needs_none() -> None:
    assert therapy("IPT") == "interpersonal"
    assert therapy("IPT", label="clinical management") == "supportive"
    assert therapy("IPT", label="booster") == "interpersonal"
    assert therapy("IPT", label="clinical management", approach="mindfulness") == "mindfulness"
    assert therapy("CBT") == therapy("Prolonged exposure", "ptsd") == therapy("CBT, 8 sessions", "ptsd") == ""
    assert therapy("Prolonged exposure") == "trauma_focused"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("randomised 1:1, double-blind, placebo spray, 4 weeks, inpatients at first", "inpatient"),
        ("standard of care in both arms: psychiatric admission and an oral antidepressant", "inpatient"),
        ("an intensive treatment program for depressed inpatients", "inpatient"),
        ("Intensive outpatient prolonged exposure, 15 full days in 3 weeks", ""),
        ("outpatients", ""),
    ],
)
def test_a_setting_by_the_words(text: str, said: str) -> None:
    assert prose.setting(text) == said
    data = {"design": text, "condition": "major_depression", "arms": [{"id": "a", "comparator": "untreated"}]}
    assert protocol_from_study(data).population.setting == (said or "outpatient")


DRUGS = [
    ("esketamine 56/84 mg twice weekly + new antidepressant", "", {}, "new"),
    ("esketamine plus a newly initiated oral antidepressant", "", {}, "new"),
    ("saline once + new escitalopram 10 mg", "", {}, "new"),
    ("placebo spray + standard of care with new or optimised antidepressant", "", {}, "new"),
    ("placebo", "new oral antidepressant (duloxetine, sertraline) started on day 0 in both arms", {}, "new"),
    ("placebo", "washed out 2 weeks; escitalopram 10 mg started on day 0 in both arms", {}, "new"),
    ("Nortriptyline and lithium after ECT", "", {"gives_nothing": True}, "new"),
    ("duloxetine (two doses) or paroxetine, pooled", "", {"gives_nothing": True}, "new"),
    ("control arm, SSRI trials", "", {"gives_nothing": True}, ""),
    ("esketamine 56/84 mg + continued SSRI/SNRI, open label", "", {}, "continued"),
    ("stable remitters, stay on esketamine + antidepressant", "", {"well": True}, "continued"),
    ("ketamine", "antidepressants continued in both arms", {}, "continued"),
    ("ketamine", "SSRI or SNRI continued in both arms (not new)", {}, "continued"),
    ("Antidepressants only", "antidepressant", {"gives_nothing": True}, "continued"),
    ("Drug responders, drug continued", "", {"well": True}, "continued"),
    ("maintenance antidepressants", "", {"well": True}, "continued"),
    ("Drug responders, drug switched to placebo", "", {"well": True}, "stopped"),
    ("Taper over 1-2 months to placebo", "", {"well": True}, "stopped"),
    ("MBCT with support to taper drugs (71% stopped, 17% reduced)", "", {"well": True}, "stopped"),
    ("psilocybin", "antidepressants withdrawn", {}, ""),
    ("ketamine", "54 % on antidepressants; pharmacotherapy optimised after day 1", {}, ""),
    ("psilocybin", "drug-free at dosing; antidepressants allowed later", {}, ""),
    ("Telephone CBT", "stable treatments", {}, ""),
]


@pytest.mark.parametrize(("label", "also", "more", "said"), DRUGS)
def test_an_antidepressant_by_the_words(label: str, also: str, more: dict[str, bool], said: str) -> None:
    assert prose.antidepressant(label, also=also, **more) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CBT added to usual care", True),
        ("Enhanced treatment as usual", True),
        ("usual treatments in both arms", True),
        ("standard of care in both arms", True),
        ("usual inpatient care, pharmacotherapy adjusted freely", True),
        ("usual medicines continued", False),
        ("Waiting list, 12 weeks", False),
    ],
)
def test_care_as_usual_by_the_words(text: str, said: bool) -> None:
    assert prose.usual_care(text) is said


HEALERS = [
    ("Group CBT, 15 weekly sessions, with antidepressants", "relapse prevention in ECT responders", "ect"),
    ("ECT responders on continuation pharmacotherapy (modern era)", "meta-analysis of 32 studies", "ect"),
    ("Placebo after ECT", "relapse prevention in ECT remitters", "ect"),
    ("stable remitters, stay on esketamine", "randomised withdrawal after 16 weeks of esketamine", "ketamine"),
    ("Cognitive therapy responders, therapy stopped", "responders of a randomised trial", "therapy"),
    ("Drug responders, drug continued", "responders of a randomised trial", "antidepressant"),
    ("Remitted with therapy alone, maintenance sessions weekly to monthly", "maintenance trial", "therapy"),
    ("Needed a drug to remit, maintenance sessions without it", "maintenance trial", "antidepressant"),
    ("other responders", "responders to 12-14 weeks of cognitive therapy", "therapy"),
    ("Taper over 1-2 months to placebo", "placebo-controlled discontinuation trial", "antidepressant"),
    ("mbct", "three or more earlier episodes, on maintenance antidepressants", "antidepressant"),
    ("group A", "relapse prevention", ""),
]


@pytest.mark.parametrize(("label", "design", "said"), HEALERS)
def test_what_made_people_well_by_the_words(label: str, design: str, said: str) -> None:
    assert prose.recovered_by(label, design) == said


def test_a_therapy_to_keep_people_well_stands_for_what_helped_them() -> None:
    assert (
        prose.recovered_by("MBCT, 8 weekly classes", "relapse prevention in remission", has_therapy=True) == "therapy"
    )


@pytest.mark.parametrize(
    ("design", "said"),
    [
        ("meta-analysis of 9 double-blind randomised trials", True),
        ("n-weighted pool of waiting-list arms of randomised trials", True),
        ("individual patient data from 9 trials", True),
        ("randomised, parallel", False),
    ],
)
def test_a_pool_by_the_design(design: str, said: bool) -> None:
    assert prose.pooled(design) is said


def row(**more: Any) -> dict[str, Any]:
    return {"scale": "MADRS", "day": 21, "events": 5, "n": 20, "kind": "response", "verified": True, **more}


def of_rows(*rows: dict[str, Any], label: str = "", notes: str = "") -> Study:
    return read_study(
        {
            "condition": "major_depression",
            "notes": notes,
            "arms": [{"id": "a", "label": label, "observations": [*rows]}],
        }
    )


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("data set, after crossover", True),
        ("12 months, including the crossover cases", True),
        ("AFTER full-dose open-label sessions", True),
        ("before the crossover", False),
        ("abstract", False),
    ],
)
def test_a_crossover_by_where_it_was_read(where: str, said: bool) -> None:
    assert prose.follows_crossover(where) is said
    assert of_rows(row(where=where)).rows[0].after_crossover is said


def test_what_comes_later_than_a_crossover_comes_after_it() -> None:
    rows = of_rows(row(day=7), row(day=60, where="after crossover"), row(day=90)).rows
    assert [one.after_crossover for one in rows] == [False, True, True]


def test_an_arm_of_everybody_is_after_the_crossover() -> None:
    assert prose.holds_everybody("All groups after full doses")
    assert prose.holds_everybody("full dose (crossover pooled)")
    assert not prose.holds_everybody("all the participants of one group")
    rows = of_rows(row(day=-7), row(day=90), label="All groups").rows
    assert [one.after_crossover for one in rows] == [False, True]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("relapse among the 7 remitters", "remitters"),
        ("Among responders, week 4", "responders"),
        ("responders 12 of 20", ""),
    ],
)
def test_whom_a_share_counts(text: str, said: str) -> None:
    assert prose.among(text) == said
    assert of_rows(row(where=text)).rows[0].among == (said or "all")


def test_the_row_that_is_called_baseline_is_where_an_arm_starts() -> None:
    assert prose.called_baseline("data set, Baseline")
    assert not prose.called_baseline("screening")
    scores = [row(day=-14, mean=36, kind="score"), row(day=-1, mean=31, kind="score", where="baseline")]
    used, _ = findings_of(of_rows(*scores))
    assert [f.baseline for f in used] == [False, True]


def test_what_a_contrast_is_told_to_favour() -> None:
    assert prose.favoured("Favours ketamine+ASAT") == "ketamine+asat"
    assert prose.favoured("no difference at day 30") == "no difference at day 30"


@pytest.mark.parametrize(
    ("kind", "text", "on", "said"),
    [
        ("response", "at least 30 % fall", "CAPS-5", "fall_30_percent"),
        ("response", "a fall of 10 points or more", "CAPS-5", "usual"),
        ("response", "50 % or more reduction", "MADRS", "usual"),
        ("response", "a drop of 12 points", "MADRS", "fall_12"),
        ("response", "abstract, 64 %", "MADRS", ""),
        ("remission", "HAM-D < 7", "HAM-D17", "at_most_6"),
        ("remission", "score of 7 or less", "HAM-D17", "usual"),
        ("remission", "20 % (p < 0.05)", "HAM-D17", ""),
    ],
)
def test_a_definition_by_the_words(kind: str, text: str, on: str, said: str) -> None:
    assert prose.definition(kind, text, scale(on)) == said
    (found,) = of_rows(row(kind=kind, scale=on, where=text)).rows
    assert found.definition == ("" if said == "usual" else said)


def test_what_is_kept_is_sustained() -> None:
    assert prose.is_kept("remission kept through 8 weeks")
    assert not prose.is_kept("kept a diary")
    assert of_rows(row(where="from week 1 kept to week 8")).rows[0].definition == "sustained"


def test_a_definition_holds_for_the_study_s_other_rows_too() -> None:
    first, second = of_rows(row(where="at least 30 % fall"), row(day=42, where="abstract")).rows
    assert (first.definition, second.definition) == ("fall_30_percent", "fall_30_percent")


def test_the_notes_define_for_every_row() -> None:
    notes = "Dosed twice. Response = a fall of 12 points. Remission on the MADRS = 12 or less; raters were blind."
    assert prose.part_that_defines(notes, "response", "MADRS") == "response = a fall of 12 points"
    assert prose.part_that_defines(notes, "remission", "MADRS") == "madrs = 12 or less"
    response, remission = of_rows(row(), row(kind="remission"), notes=notes).rows
    assert (response.definition, remission.definition) == ("fall_12", "at_most_12")


FIELDS: list[tuple[dict[str, Any], tuple[Any, ...], Any, Any]] = [
    ({"design": "double-blind"}, ("blinding",), "double", "open"),
    ({"design": "relapse prevention"}, ("starts_well",), True, False),
    ({"arms": [{"id": "waitlist"}]}, ("arms", 0, "comparator"), "waiting_list", "active"),
    ({"design": "meta-analysis"}, ("pooled",), True, False),
    ({"arms": [{"observations": [row(where="after crossover")]}]}, ("rows", 0, "after_crossover"), True, False),
    ({"arms": [{"observations": [row(where="among responders")]}]}, ("rows", 0, "among"), "responders", "all"),
    ({"arms": [{"observations": [row(where="fall of 12 points")]}]}, ("rows", 0, "definition"), "fall_12", "fall_9"),
    ({"arms": [{"observations": [row(where="baseline")]}]}, ("rows", 0, "baseline"), True, False),
]


@pytest.mark.parametrize(("data", "place", "words", "field"), FIELDS)
def test_a_field_beats_the_words(data: dict[str, Any], place: tuple[Any, ...], words: Any, field: Any) -> None:
    def read(source: dict[str, Any]) -> Any:
        found: Any = read_study(source)
        for step in place:
            found = found[step] if isinstance(step, int) else getattr(found, step)
        return found

    assert read(data) == words
    told = copy.deepcopy(data)
    owner: Any = told
    if place[0] == "arms":
        owner = told["arms"][0]
    elif place[0] == "rows":
        owner = told["arms"][0]["observations"][0]
    owner[place[-1]] = field
    assert read(told) == field


def test_a_usual_definition_beats_what_the_notes_say() -> None:
    (found,) = of_rows(row(definition="usual"), notes="Response = a fall of 12 points.").rows
    assert found.definition == ""


def test_a_told_share_and_a_told_sham_beat_the_words() -> None:
    data = yaml.safe_load((DATA / "price2022-asat.yaml").read_text(encoding="utf-8"))
    for arm in data["arms"]:
        arm["other_treatment"] = "SSRI continued"
        for session in arm["sessions"]:
            session["sham"] = False
    assert read_study(data).people.ssri_fraction == 1.0
    data["population"]["ssri_fraction"] = 0.25
    protocol = protocol_from_study(data)
    assert protocol.population.ssri_fraction == 0.25
    assert {s.kind for arm in protocol.arms for s in arm.sessions} == {"training"}


SILENT = {
    "among": "",
    "antidepressant": "",
    "approach": "",
    "blinding": "",
    "called_baseline": False,
    "comparator": "",
    "continued_ssri": False,
    "definition": "",
    "favoured": "",
    "follows_crossover": False,
    "holds_everybody": False,
    "is_kept": False,
    "is_sham": False,
    "part_that_defines": "",
    "pooled": False,
    "recovered_by": "",
    "setting": "",
    "starts_well": False,
    "usual_care": False,
}


def test_the_package_s_own_studies_need_no_prose(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(held: Study) -> Any:
        used, unused = findings_of(held)
        arms = [(arm.given, arm.background, arm.recovered_by, arm.why_not) for arm in held.arms]
        return used, unused, held.blinding, held.starts_well, held.pooled, arms, held.people

    own = {name: told(study(name)) for name in study_names()}
    assert set(SILENT) == set(prose.__all__)
    for name, nothing in SILENT.items():
        monkeypatch.setattr(prose, name, lambda *_, answer=nothing, **__: answer)
    for name, found in own.items():
        assert told(study_file(SHIPPED / f"{name}.yaml")) == found, name


def test_files_without_the_fields_read_as_the_package_s_own() -> None:
    for path in sorted(DATA.glob("*.yaml")):
        assert findings_of(read_study(path)) == findings_of(study(path.stem))
        assert read_study(path).blinding == study(path.stem).blinding
    old = {(one.arm, one.loads, one.reason) for one in load_report(DATA) if one.arm != "no_mbct"}
    assert old <= {(one.arm, one.loads, one.reason) for one in load_report()}
    assert left_out("kuyken2016-mbct-relapse")
