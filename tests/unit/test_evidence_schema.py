"""A study is typed: its fields, the sentence for each wrong value, and one reading of each file."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import afterglow
from afterglow.cli.main import app
from afterglow.errors import ProtocolError
from afterglow.evidence import (
    check_folder,
    findings_of,
    load_report,
    protocol_from_study,
    read_protocol,
    read_study,
    reading_of,
    study,
    study_names,
)
from afterglow.evidence.check import summaries
from afterglow.evidence.studies import library
from afterglow.evidence.studies.study import Background
from afterglow.protocol import Protocol, starter
from afterglow.protocol.files import file_text, yaml_text

DATA = Path(__file__).parents[1] / "data"
DOSE = {"day": 0, "drug": "psilocybin", "dose_mg": 25, "route": "oral"}


def example(**more: Any) -> dict[str, Any]:
    rows = [
        {"scale": "MADRS", "day": -1, "mean": 32, "sd": 6, "n": 40, "kind": "score", "verified": True, "where": "t1"},
        {"scale": "MADRS", "day": 21, "percent": 45, "n": 38, "kind": "response", "computed": True},
    ]
    arms = [
        {"id": "high dose", "n": 40, "doses": [DOSE], "sessions": [], "observations": rows},
        {"id": "low", "n": 20, "doses": [{**DOSE, "dose_mg": 1}], "sessions": [], "observations": []},
    ]
    difference = {"scale": "MADRS", "day": 21, "arm": "high dose", "versus": "low", "hazard_ratio": 0.5}
    return {"citation": "A study", "condition": "major_depression", "arms": arms, "contrasts": [difference], **more}


def test_the_fields_of_a_study() -> None:
    told = {"blinding": "double", "overlaps": ["a2020", "b2021"], "follow_up_of": "a2020", "retracted": True}
    held = read_study(example(**told, starts_well=True, population={"n": 60, "age_median": 40}))
    assert (held.blinding, held.overlaps, held.follow_up_of) == ("double", ("a2020", "b2021"), "a2020")
    assert (held.retracted, held.starts_well, held.people.n, held.people.age_mean) == (True, True, 60, 40.0)
    assert [arm.id for arm in held.arms] == ["high_dose", "low"]
    score, share, ratio = held.rows
    assert (score.mean, score.sd, score.n, score.place) == (32.0, 6.0, 40, "arms[0].observations[0]")
    assert (share.share, share.computed, share.verified) == (0.45, True, False)
    assert (ratio.arm, ratio.versus, dict(ratio.sizes)) == ("high_dose", "low", {"hazard_ratio": 0.5})
    with pytest.raises(FrozenInstanceError):
        held.name = "another"  # type: ignore[misc]


def test_the_background_of_an_arm() -> None:
    data = example()
    for told, held in (
        ({"new_antidepressant": True, "started_day": 3}, Background(antidepressant="new", from_day=3.0)),
        ({"antidepressant": "stopped", "care": "usual"}, Background(antidepressant="stopped", care="usual")),
        ({"new_antidepressant": False, "new_augmentation": "quetiapine"}, Background(antidepressant="new")),
        (False, Background(antidepressant="continued")),
        (None, Background()),
    ):
        data["arms"][0]["background"] = told
        found = read_study(data)
        assert found.arms[0].background == held
        assert found.mistakes == ()


def test_blinding_reaches_the_protocol() -> None:
    for word, design in (("open", "open"), ("single", "open"), ("double", "blinded"), ("triple", "blinded")):
        assert protocol_from_study(example(blinding=word)).blinding.design == design


def test_an_arm_that_is_told_to_be_a_waiting_list_is_the_natural_course() -> None:
    data = example()
    data["arms"][1] = {"id": "b", "label": "group B", "n": 20, "comparator": "waiting_list", "observations": []}
    assert [arm.id for arm in protocol_from_study(data).arms] == ["high_dose", "b"]
    data["arms"][1]["comparator"] = "active"
    assert [arm.id for arm in protocol_from_study(data).arms] == ["high_dose"]


def test_an_arm_that_starts_none_where_another_does_takes_none() -> None:
    data = example()
    data["arms"][0]["background"], data["arms"][1]["background"] = {"antidepressant": "new"}, False
    assert [arm.background.antidepressant for arm in read_study(data).arms] == ["new", "none"]


def test_people_who_are_told_to_start_well_begin_at_their_own_score() -> None:
    data = example(starts_well=True, population={"recovered_by": "therapy"})
    assert protocol_from_study(data).population.baseline_mean == 32
    data["arms"][0]["observations"].pop(0)
    assert protocol_from_study(data).population.baseline_mean == 5


def test_setting_and_what_made_people_well_reach_the_protocol() -> None:
    people = protocol_from_study(example(population={"setting": "inpatient"})).population
    assert (people.setting, people.recovered_by) == ("inpatient", "")
    well = example(starts_well=True, population={"recovered_by": "ect", "episode_mean": 40, "setting": "outpatient"})
    well["arms"][0]["observations"][0]["mean"] = 8
    people = protocol_from_study(well).population
    assert (people.setting, people.recovered_by, people.episode_mean) == ("outpatient", "ect", 40)


WRONG: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("blinding",), "duble", "blinding: 'blinding' is 'duble'; did you mean 'double'?"),
    (("blinding",), 12, "'blinding' is 12; known: double, open, quadruple, single, triple"),
    (("starts_well",), "yes", "starts_well: 'starts_well' is 'yes' but must be true or false"),
    (("retracted",), 1, "retracted: 'retracted' is 1 but must be true or false"),
    (("overlaps",), "ross2016-cancer", "overlaps: 'overlaps' is 'ross2016-cancer' but must be a list of names"),
    (("overlaps",), [1], "'overlaps' is [1] but must be a list of names of studies"),
    (("follow_up_of",), ["a"], "'follow_up_of' is ['a'] but must be the name of a study"),
    (("pooled",), "yes", "pooled: 'pooled' is 'yes' but must be true or false"),
    (("population",), {"setting": "ward"}, "'setting' is 'ward'; known: "),
    (("population",), {"recovered_by": "time"}, "'recovered_by' is 'time'; known: "),
    (("arms", 0, "background"), {"antidepressant": "newly"}, "'antidepressant' is 'newly'; did you mean 'new'"),
    (("arms", 0, "background"), {"care": "usal"}, "'care' is 'usal'; did you mean 'usual'?"),
    (("arms", 0, "comparator"), "waitinglist", "'comparator' is 'waitinglist'; did you mean 'waiting_list'?"),
    (("arms", 0, "background"), "SSRI", "'background' is 'SSRI' but must be a mapping"),
    (("arms", 0, "background"), {"new_antidepresant": True}, "did you mean 'new_antidepressant'"),
    (("arms", 0, "background"), {"new_antidepressant": "yes"}, "'new_antidepressant' is 'yes' but must be true or"),
    (("arms", 0, "background"), {"started_day": "first"}, "'started_day' is 'first' but must be a number"),
    (("arms", 0, "observations", 1, "after_crossover"), "no", "'after_crossover' is 'no' but must be true or false"),
    (("arms", 0, "observations", 0, "baseline"), 1, "'baseline' is 1 but must be true or false"),
    (("arms", 0, "observations", 1, "computed"), "x", "'computed' is 'x' but must be true or false"),
    (("arms", 0, "observations", 1, "definition"), "ususal", "'definition' is 'ususal'; did you mean 'usual'?"),
    (("arms", 0, "observations", 1, "definition"), "fall_30_percnt", "did you mean 'fall_30_percent'"),
    (("arms", 0, "observations", 1, "definition"), "fall_-3", "'definition' is 'fall_-3'; "),
    (("arms", 0, "observations", 1, "among"), "responder", "'among' is 'responder'; did you mean 'responders'?"),
]


@pytest.mark.parametrize(("place", "value", "sentence"), WRONG)
def test_a_wrong_value_is_one_sentence_with_its_line(
    tmp_path: Path, place: tuple[str | int, ...], value: Any, sentence: str
) -> None:
    data = example()
    owner: Any = data
    for step in place[:-1]:
        owner = owner[step]
    owner[place[-1]] = value
    (tmp_path / "example.yaml").write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    (error,) = check_folder(tmp_path)[0].errors
    assert sentence in error
    assert re.match(r"example\.yaml, line \d+: ", error)
    found = CliRunner().invoke(app, ["evidence", "check", str(tmp_path)])
    assert (found.exit_code, found.stderr) == (2, error + "\n")


@pytest.mark.parametrize(
    "told", [{"blinding": "duble"}, {"starts_well": "yes"}, {"retracted": 1}, {"overlaps": "x"}, {"follow_up_of": 3}]
)
def test_a_wrong_field_of_the_whole_study_stops_it(tmp_path: Path, told: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match=next(iter(told))):
        protocol_from_study(example(**told))
    path = tmp_path / "example.yaml"
    path.write_text(yaml.safe_dump(example(**told)), encoding="utf-8")
    assert CliRunner().invoke(app, ["check", str(path)]).exit_code == 2


def test_a_wrong_field_of_an_arm_or_a_session_stops_the_arm() -> None:
    data = example()
    data["arms"][0]["comparator"] = "waitlist"
    assert [arm.id for arm in protocol_from_study(data).arms] == ["low"]
    training = {"day": 1, "kind": "training", "hours": 1, "format": "digital", "sham": "yes"}
    data = example()
    data["arms"][0]["sessions"] = [training]
    assert read_study(data).arms[0].why_not == "sessions[0]: 'sham' is 'yes' but must be true or false"
    data["arms"][0]["sessions"] = [{**training, "sham": True}]
    assert [s.kind for s in protocol_from_study(data).arms[0].sessions] == ["education"]


def test_a_wrong_field_of_a_row_leaves_the_row_out() -> None:
    data = example()
    data["arms"][0]["observations"][1]["definition"] = "good"
    used, unused = findings_of(read_study(data))
    assert [f.kind for f in used] == ["mean"]
    assert "'definition' is 'good'" in unused[0].reason


@pytest.mark.parametrize("word", ["fall_30_percent", "fall_12", "at_most_6", "sustained", "not_said"])
def test_a_definition_reaches_the_finding(word: str) -> None:
    data = example()
    data["arms"][0]["observations"][1]["definition"] = word
    assert [f.threshold for f in findings_of(read_study(data))[0]] == ["", word]


# What a file is


def test_a_protocol_a_study_and_a_table_are_read_by_one_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(starter("mdma"), encoding="utf-8")
    assert afterglow.read_protocol is read_protocol
    assert read_protocol(path) == Protocol.from_file(path) == Protocol.from_yaml(starter("mdma"))
    trial = DATA / "mitchell2021-mapp1.yaml"
    assert read_protocol(trial) == protocol_from_study(trial) == reading_of(trial).protocol


def test_a_study_is_no_protocol_file() -> None:
    path = DATA / "mitchell2021-mapp1.yaml"
    with pytest.raises(ProtocolError, match=r"is a published study, not a protocol; afterglow\.read_protocol reads"):
        Protocol.from_file(path)


@pytest.mark.parametrize("command", ["check", "cite"])
def test_the_commands_still_take_a_study(command: str) -> None:
    assert CliRunner().invoke(app, [command, str(DATA / "price2022-asat.yaml")]).exit_code == 0


# Each file once


class Reads:
    """Counts how often each file is read and each text is parsed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: Counter[str] = Counter()
        self.parsed: Counter[int] = Counter()
        read, parse = file_text._bytes, yaml_text._events

        def counted(name: Path, *more: Any) -> bytes:
            self.read[name.name] += 1
            return read(name, *more)

        def events(text: str) -> Any:
            self.parsed[hash(text)] += 1
            return parse(text)

        monkeypatch.setattr(file_text, "_bytes", counted)
        monkeypatch.setattr(yaml_text, "_events", events)


@pytest.mark.parametrize(
    "words", [["validate"], ["evidence", "check"], ["check", "price2022-asat.yaml"], ["cite", "price2022-asat.yaml"]]
)
def test_a_command_parses_each_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    for name in ("price2022-asat", "kuyken2016-mbct-relapse"):
        shutil.copy(DATA / f"{name}.yaml", tmp_path)
    for name in study_names():
        study(name)
    counted = Reads(monkeypatch)
    place = tmp_path / words[1] if words[-1].endswith(".yaml") else tmp_path
    command = [words[0], str(place)] if words[-1].endswith(".yaml") else [*words, str(place)]
    found = CliRunner().invoke(app, command)
    assert found.exit_code == 0, found.output
    files = {"price2022-asat.yaml"} if words[-1].endswith(".yaml") else {path.name for path in tmp_path.iterdir()}
    assert dict(counted.read) == dict.fromkeys(files, 1)
    assert list(counted.parsed.values()) == [1] * len(files)


def test_the_package_s_studies_are_parsed_once_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    library._shipped.cache_clear()
    counted = Reads(monkeypatch)
    check_folder()
    load_report()
    summaries()
    protocol_from_study("mitchell2021-mapp1")
    assert dict(counted.read) == {f"{name}.yaml": 1 for name in study_names()}
    assert set(counted.parsed.values()) == {1}
