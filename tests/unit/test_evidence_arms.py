"""The studies that come with the package, and the examples made from them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from afterglow.errors import FileError, ProtocolError
from afterglow.evidence import LoadedArm, load_report, protocol_from_study, study, study_names
from afterglow.protocol import Protocol

ROOT = Path(__file__).parents[2]
EXAMPLES = {"mapp1": "mitchell2021-mapp1", "asat": "price2022-asat", "comp001": "goodwin2022-comp001"}
NOT_RATED_HERE = {"alcohol_use", "cocaine_use", "opioid_use"}
OF_THIS_MACHINE = re.compile(r"(?<![\w./-])/(?:work|tmp|home|root|mnt|usr)/|file://|localhost|127\.0\.0\.1")


@pytest.fixture(scope="module")
def report() -> list[LoadedArm]:
    return load_report()


def test_every_study_is_under_its_own_id_and_names_its_sources() -> None:
    names = study_names()
    assert len(names) > 70
    assert names == tuple(sorted(set(names)))
    for name in names:
        held = study(name)
        assert held.name == held.id == name
        assert held.citation
        assert held.condition
        assert held.sources


def test_no_study_names_a_place_on_somebody_s_machine() -> None:
    folder = ROOT / "src" / "afterglow" / "evidence" / "data"
    found = [path.name for path in folder.iterdir() if OF_THIS_MACHINE.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_what_a_caller_does_to_a_study_stays_with_the_caller() -> None:
    data = study("mitchell2021-mapp1").as_data()
    data["arms"].clear()
    assert len(study("mitchell2021-mapp1").as_data()["arms"]) == len(study("mitchell2021-mapp1").arms) == 2


def test_a_study_is_found_by_name_in_any_case() -> None:
    assert study(" Mitchell2021-MAPP1 ").id == "mitchell2021-mapp1"
    assert protocol_from_study("mitchell2021-mapp1") == protocol_from_study(study("mitchell2021-mapp1"))


def test_a_name_a_file_and_data_give_the_same_protocol() -> None:
    file = ROOT / "tests" / "data" / "price2022-asat.yaml"
    named = protocol_from_study("price2022-asat")
    assert named == protocol_from_study(file) == protocol_from_study(str(file))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mitchel2021-mapp", "did you mean 'mitchell2021-mapp1'"),
        ("mapp1", "did you mean 'mitchell2021-mapp1'?"),
        ("comp001", "did you mean 'goodwin2022-comp001'?"),
        ("zzz", "study_names() lists all"),
        ("", "study_names() lists all"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(ProtocolError, match=f"no study is called '{name}'") as caught:
        protocol_from_study(name)
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["none.yaml", "no/such"])
def test_a_path_is_never_taken_for_a_name(name: str) -> None:
    with pytest.raises(FileError, match="there is no file"):
        protocol_from_study(name)


@pytest.mark.parametrize("name", ["../arms", "..\\arms", "../data/mitchell2021-mapp1"])
def test_a_name_cannot_lead_out_of_the_package_s_studies(name: str) -> None:
    with pytest.raises(ProtocolError, match="no study is called"):
        study(name)


def test_the_report_holds_every_arm_of_every_study_once(report: list[LoadedArm]) -> None:
    assert {row.study for row in report} == set(study_names())
    for name in study_names():
        rows = [row for row in report if row.study == name]
        arms = [arm.id for arm in study(name).arms]
        assert sorted(row.arm for row in rows) == sorted(arms) or [row.arm for row in rows] == [""]


def test_what_does_not_load_says_why(report: list[LoadedArm]) -> None:
    assert all(row.reason for row in report if not row.loads)
    whole = {row.study: row.reason for row in report if not row.arm}
    unrated = {name for name in study_names() if study(name).condition in NOT_RATED_HERE}
    assert len(unrated) > 3
    assert all("measured by use of a substance" in whole[name] for name in unrated)


def test_most_arms_load_and_those_are_what_the_protocol_holds(report: list[LoadedArm]) -> None:
    loaded = {row.study: [r.arm for r in report if r.study == row.study and r.loads] for row in report if row.loads}
    assert sum(map(len, loaded.values())) >= 240
    for name, arms in loaded.items():
        protocol = protocol_from_study(name)
        assert [arm.id for arm in protocol.arms] == arms
        assert protocol.horizon_days >= 28
        assert max(day for a in protocol.assessments for day in a.days) <= protocol.horizon_days


def test_an_arm_that_lists_nothing_loads_only_when_it_got_nothing(report: list[LoadedArm]) -> None:
    bare = {(row.study, row.arm) for row in report if row.loads and "natural course" in row.reason}
    got = {
        (arm.comparator, arm.background.care, arm.background.antidepressant)
        for name, own in bare
        for arm in study(name).arms
        if arm.id == own
    }
    nothing = {"waiting_list", "usual_care", "untreated", "minimal_contact"}
    assert all(kind in nothing or drug != "none" for kind, _, drug in got)
    assert {
        ("davis2021-mdd", "control"),
        ("metapsy-ptsd-waitlist-by-week", "wl_w8"),
        ("dobkin2020-telephone-cbt", "tau"),
        ("goldstein2004-antidepressant-weekly", "drug"),
        ("reif2023-escape", "quetiapine"),
        ("whiteford2013-untreated-depression", "untreated_primary_care_adults"),
    } <= bare
    assert len(bare) > 40


def test_people_who_are_well_at_the_start_begin_well(report: list[LoadedArm]) -> None:
    well = {
        name for name in study_names() if study(name).starts_well and any(r.loads for r in report if r.study == name)
    }
    assert len(well) >= 12
    for name in well:
        people = protocol_from_study(name).population
        assert people.recovered_by
        assert people.baseline_mean < 8 if people.scale == "HAM-D17" else people.baseline_mean < 12
    refused = {(r.study, r.arm): r.reason for r in report if r.study in well and not r.loads}
    assert "such as ECT" in refused["kellner2006-core-after-ect", "c_ect"]
    assert "made well by psychotherapy" in refused["hollon2005-ct-vs-drug-relapse", "ct_stopped"]


def test_an_assumed_baseline_is_said(report: list[LoadedArm]) -> None:
    said = {row.study for row in report if "baseline is assumed" in row.reason}
    assert "price2022-asat" in said
    assert "mitchell2021-mapp1" not in said


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_gives_what_its_study_gave(example: str) -> None:
    protocol = Protocol.from_file(ROOT / "examples" / f"{example}.yaml")
    published = protocol_from_study(EXAMPLES[example])
    assert protocol.horizon_days == 365
    assert protocol.blinding.design == published.blinding.design == "blinded"
    assert protocol.population.condition == published.population.condition
    given = {arm.id: arm for arm in protocol.arms}
    for arm in published.arms:
        own = given[arm.id]
        assert own.n == arm.n
        active = [dose for dose in own.doses if dose.medicine != "placebo"]
        expected = [dose for dose in arm.doses if dose.medicine != "placebo"]
        assert [(d.time_h, d.medicine, d.amount, d.route) for d in active] == [
            (d.time_h, d.medicine, d.amount, d.route) for d in expected
        ]
        assert [d.duration_h or 0 for d in active] == pytest.approx([d.duration_h or 0 for d in expected], abs=1e-3)
        assert [(s.day, s.kind, s.hours, s.format) for s in own.sessions] == [
            (s.day, s.kind, s.hours, s.format) for s in arm.sessions
        ]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_rates_on_the_days_of_its_study_and_through_the_year(example: str) -> None:
    protocol = Protocol.from_file(ROOT / "examples" / f"{example}.yaml")
    published = protocol_from_study(EXAMPLES[example])
    days = {a.scale: set(a.days) for a in protocol.assessments}
    primary = protocol.population.scale
    assert len(days) >= 2
    assert min(days[primary]) < 0
    assert max(days[primary]) >= 360
    missing = [set(a.days) - days[primary] for a in published.assessments if a.scale == primary]
    assert missing == [set()]


def test_the_examples_of_measured_trials_have_their_baseline() -> None:
    for example in ("mapp1", "comp001"):
        people = Protocol.from_file(ROOT / "examples" / f"{example}.yaml").population
        published = protocol_from_study(EXAMPLES[example]).population
        assert people.scale == published.scale
        assert people.baseline_mean == pytest.approx(published.baseline_mean, abs=0.1)
        assert people.baseline_sd == pytest.approx(published.baseline_sd, abs=0.3)
    assert Protocol.from_file(ROOT / "examples" / "mapp1.yaml").population.inclusion_min == 35
