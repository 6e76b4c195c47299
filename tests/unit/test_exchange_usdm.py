"""USDM v4: what is written is valid, and is the same protocol when it is read again; others' files give a skeleton."""

from __future__ import annotations

import contextlib
import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from tests import strategies
from tests.places import changed_at, places

from afterglow.errors import FileError, ProtocolError
from afterglow.evidence import read_protocol
from afterglow.exchange.reading import import_file
from afterglow.exchange.skeleton import skeleton_yaml
from afterglow.exchange.usdm.reading import usdm_protocol
from afterglow.exchange.usdm.skeleton import usdm_skeleton
from afterglow.exchange.usdm.timing import duration_days, place_of, timed
from afterglow.exchange.usdm.writing import to_usdm
from afterglow.protocol import STARTERS, Protocol, starter
from afterglow.protocol.files.yaml_text import plain_yaml

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
SHIPPED = [*(path.stem for path in EXAMPLES), *STARTERS]

QUIET = pytest.mark.filterwarnings("ignore::ResourceWarning")
"""usdm4 leaves the files open that it reads its codes from."""


@cache
def shipped(name: str) -> Protocol:
    return Protocol.from_yaml(starter(name)) if name in STARTERS else read_protocol(ROOT / "examples" / f"{name}.yaml")


def again(protocol: Protocol) -> Protocol | None:
    return usdm_protocol(json.loads(to_usdm(protocol)))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_protocol_is_the_same_after_usdm(name: str, tmp_path: Path) -> None:
    file = tmp_path / "study.json"
    file.write_text(to_usdm(shipped(name)), encoding="utf-8")
    found = import_file(file)
    assert found.is_complete
    assert found.text == shipped(name).to_yaml()
    assert Protocol.from_yaml(found.text) == shipped(name)


@given(strategies.protocols())
@settings(max_examples=25)
def test_any_protocol_is_the_same_after_usdm(protocol: Protocol) -> None:
    assert again(protocol) == protocol


def test_the_same_protocol_gives_the_same_text() -> None:
    assert to_usdm(shipped("mdma")) == to_usdm(shipped("mdma"))


@QUIET
@pytest.mark.parametrize("name", ["mapp1", "asat"])
def test_usdm4_loads_the_file_and_finds_no_broken_rule(name: str, tmp_path: Path) -> None:
    usdm4 = pytest.importorskip("usdm4", reason="usdm4 is in requirements/validators.txt")
    errors = pytest.importorskip("simple_error_log.errors").Errors()
    file = tmp_path / "study.json"
    file.write_text(to_usdm(shipped(name)), encoding="utf-8")
    library = usdm4.USDM4()
    study = library.load(str(file), errors)
    assert study is not None, errors.dump(0)
    assert [arm.name for arm in study.study.versions[0].studyDesigns[0].arms] == [arm.id for arm in shipped(name).arms]
    assert usdm_protocol(json.loads(study.to_json())) == shipped(name)  # as that library writes it again
    found = library.validate(str(file))
    assert sum(1 for outcome in found.outcomes.values() if outcome.status == "Success") > 150
    results = found.to_dict()
    assert [row for row in results if row["status"] in ("Failure", "Exception")] == []


def changed(name: str, change: Any) -> dict[str, Any]:
    study: dict[str, Any] = json.loads(to_usdm(shipped(name)))
    version = study["study"]["versions"][0]
    change(version, version["studyDesigns"][0])
    return study


def test_what_another_program_changes_is_what_is_read() -> None:
    def change(version: Any, design: Any) -> None:
        version["studyInterventions"][0]["administrations"][0]["dose"]["value"] = 20.0
        design["arms"][0]["label"] = "Psilocybin 20 mg, né 25"
        design["population"]["cohorts"][0]["plannedEnrollmentNumber"]["value"] = 60
        visit = next(row for row in design["scheduleTimelines"][0]["timings"] if row["value"] == "P7D")
        visit["value"] = "P1W3D"

    found = usdm_protocol(changed("comp001", change))
    assert found is not None
    assert found.arms[0].doses[0].dose_mg == 20
    assert (found.arms[0].label, found.arms[0].n) == ("Psilocybin 20 mg, né 25", 60)
    assert found.assessments[0].days[2] == 10


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda v, d: v["studyInterventions"][0]["administrations"][0]["dose"].update(value=9e9), "times the largest"),
        (lambda v, d: d.pop("activities"), "activities"),
        (lambda v, d: d["scheduleTimelines"][1]["timings"][1].update(value="three weeks"), "ISO 8601"),
        (lambda v, d: d["population"]["extensionAttributes"].clear(), "condition"),
    ],
)
def test_a_damaged_file_of_ours_gives_one_sentence(change: Any, words: str) -> None:
    with pytest.raises(ProtocolError, match="USDM file was written by Afterglow") as error:
        usdm_protocol(changed("comp001", change))
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("day", "hour", "said"),
    [
        (0, 0, (False, "P0D")),
        (1, 1.75, (False, "P1DT1.75H")),
        (-21, 0, (True, "P21D")),
        (-21, 9, (True, "P20DT15H")),
        (0.25, 0, (False, "P0.25D")),
        (1e-7, 0, (False, "P0.0000001D")),
    ],
)
def test_times_are_durations_before_or_after_day_0(day: float, hour: float, said: tuple[bool, str]) -> None:
    assert timed(day, hour) == said
    assert place_of(said[1], is_before=said[0]) == (day, hour)


@pytest.mark.parametrize(
    ("text", "days"), [("P2W", 14), ("PT36H", 1.5), ("P1M", 365 / 12), ("P", None), ("2 weeks", None)]
)
def test_durations_of_iso_8601_are_days(text: str, days: float | None) -> None:
    assert duration_days(text) == days


def foreign() -> dict[str, Any]:
    """Return a study in the shape of CDISC's examples, with what they leave out left out."""

    def code(decode: str, code: str = "C1") -> dict[str, Any]:
        return {"id": "Code_1", "code": code, "decode": decode, "instanceType": "Code"}

    def timing(number: int, kind: str, value: str, to: int) -> dict[str, Any]:
        return {
            "type": code("", kind),
            "value": value,
            "relativeFromScheduledInstanceId": f"I{number}",
            "relativeToScheduledInstanceId": f"I{to}",
        }

    design = {
        "arms": [
            {"id": "A1", "name": "HIGH", "label": "Psilocybin 25 mg"},
            {"id": "A2", "name": "Contrôle", "label": ""},
        ],
        "studyCells": [{"armId": "A1", "epochId": "E1", "elementIds": ["EL1"]}],
        "elements": [{"id": "EL1", "studyInterventionIds": ["SI1"]}],
        "indications": [{"name": "MDD", "label": "Major depressive disorder"}],
        "population": {"plannedEnrollmentNumber": {"maxValue": {"value": 60.0}, "minValue": {"value": 50.0}}},
        "encounters": [
            {"id": "E0", "label": "Screening"},
            {"id": "E1", "label": "Week 3"},
            {"id": "E2", "name": "LATE"},
        ],
        "activities": [
            {"id": "X1", "name": "MADRS", "label": "Montgomery-Åsberg Depression Rating Scale"},
            {"id": "X2", "name": "ECG"},
        ],
        "scheduleTimelines": [
            {
                "mainTimeline": True,
                "instances": [
                    {"id": "I0", "activityIds": ["X1"], "encounterId": "E0"},
                    {"id": "I1", "activityIds": []},
                    {"id": "I2", "activityIds": ["X1", "X2"], "encounterId": "E1"},
                    {"id": "I3", "activityIds": ["X1"], "encounterId": "E2"},
                ],
                "timings": [
                    timing(0, "C201357", "P2W", 1),
                    timing(1, "C201358", "P1D", 1),
                    timing(2, "C201356", "P3W", 1),
                    timing(3, "C201356", "P3W", 2),
                ],
            }
        ],
        "blindingSchema": {"standardCode": code("Double Blind Study", "C15228")},
    }
    dose = {"value": 25.0, "unit": {"standardCode": code("Milligram", "C28253")}}
    given = {"id": "SI1", "name": "PSI", "label": "Psilocybin", "administrations": [{"dose": dose, "route": None}]}
    version = {"titles": [{"text": "A study"}], "studyDesigns": [design], "studyInterventions": [given]}
    return {"study": {"name": "X", "versions": [version]}, "usdmVersion": "4.0.0"}


def test_a_study_of_another_program_gives_arms_visits_scales_and_sizes(tmp_path: Path) -> None:
    assert usdm_protocol(foreign()) is None
    found = usdm_skeleton(foreign(), file="study.json")
    assert [(arm.label, arm.n) for arm in found.arms] == [("Psilocybin 25 mg", 30), ("Contrôle", 30)]
    assert [(visits.scale, visits.days) for visits in found.visits] == [("MADRS", (-14.0, 21.0, 42.0))]
    assert (found.condition, found.blinded) == ("major_depression", True)
    assert "psilocybin 25 mg oral on day 0" in found.arms[0].suggested
    assert any("ECG" in said for said in found.unread)
    assert found.last_day == 42


def test_what_no_arm_is_named_for_is_listed() -> None:
    study = foreign()
    study["study"]["versions"][0]["studyDesigns"][0]["studyCells"] = []
    found = usdm_skeleton(study, file="study.json")
    assert any("no arm is named for it: Given: Psilocybin: 25.0 mg" in said for said in found.unread)
    assert found.arms[0].says == ()


@pytest.mark.parametrize("odd", [5, [None, {"a": [{}]}]], ids=repr)
def test_whatever_stands_in_a_study_it_is_read_or_refused_in_a_sentence(odd: Any) -> None:
    for place in places(foreign()):
        study = changed_at(foreign(), place, odd)
        if isinstance(study["study"], dict):
            with contextlib.suppress(FileError):
                assert plain_yaml(skeleton_yaml(usdm_skeleton(study, file="study.json"))).data["title"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.update(usdmVersion="3.0.0"), "USDM 3.0.0"),
        (lambda s: s["study"].update(versions=[]), "no study version"),
        (lambda s: s.update(study={"studyDesigns": []}), "older form of USDM"),
        (lambda s: s["study"]["versions"][0].update(studyDesigns=None), "no study design"),
    ],
)
def test_what_holds_no_study_of_usdm_4_is_refused_by_name(change: Any, words: str) -> None:
    study = copy.deepcopy(foreign())
    change(study)
    with pytest.raises(FileError, match=words):
        usdm_skeleton(study, file="study.json")
