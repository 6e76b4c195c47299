"""Records of ClinicalTrials.gov: the skeleton of a trial, and a file that asks for the rest."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from tests.places import changed_at, places
from typer.testing import CliRunner

from afterglow.cli.main import app
from afterglow.errors import FileError, ProtocolError
from afterglow.evidence import read_protocol, reading_of
from afterglow.exchange.clinical_trials import registry_skeleton
from afterglow.exchange.reading import import_file
from afterglow.exchange.skeleton import skeleton_yaml
from afterglow.exchange.time_frame import time_frame
from afterglow.protocol import Protocol
from afterglow.protocol.files.unfilled import unfilled
from afterglow.protocol.files.yaml_text import plain_yaml
from afterglow.scales.in_text import scales_in

runner = CliRunner()

RECORD: dict[str, Any] = {
    "protocolSection": {
        "identificationModule": {
            "nctId": "NCT09999991",
            "briefTitle": 'Psilocybin in depression: a "test" # café',
            "officialTitle": "Étude de la psilocybine",
        },
        "statusModule": {"overallStatus": "RECRUITING", "startDateStruct": {"date": "2026-02"}},
        "descriptionModule": {"briefSummary": "Participants are randomised 2:1.\n\nSecond\u2028part: with a colon."},
        "conditionsModule": {"conditions": ["Treatment Resistant Depression"]},
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "designInfo": {
                "allocation": "RANDOMIZED",
                "interventionModel": "PARALLEL",
                "maskingInfo": {"masking": "TRIPLE", "whoMasked": ["PARTICIPANT", "INVESTIGATOR"]},
            },
            "enrollmentInfo": {"count": 90, "type": "ESTIMATED"},
        },
        "armsInterventionsModule": {
            "armGroups": [
                {"label": "Psilocybin", "type": "EXPERIMENTAL", "description": "One oral dose of 25mg COMP360"},
                {"label": "Placebo", "type": "PLACEBO_COMPARATOR", "interventionNames": ["Drug: Placebo"]},
            ],
            "interventions": [
                {"type": "DRUG", "name": "COMP360", "armGroupLabels": ["Psilocybin"]},
                {"type": "DRUG", "name": "Placebo", "armGroupLabels": ["Placebo"]},
            ],
        },
        "outcomesModule": {
            "primaryOutcomes": [
                {
                    "measure": "Change from baseline in Montgomery-Åsberg Depression Rating Scale",
                    "timeFrame": "Baseline to Day 43",
                }
            ],
            "secondaryOutcomes": [
                {"measure": "MADRS response", "timeFrame": "Weeks 1, 3 and 12"},
                {"measure": "Columbia Suicide Severity Rating Scale", "timeFrame": "Week 3"},
                {"measure": "QIDS-SR-16", "timeFrame": "Visit 5"},
            ],
        },
        "eligibilityModule": {"eligibilityCriteria": "Inclusion:\n* MADRS >= 20\n* adult", "minimumAge": "18 Years"},
    },
    "resultsSection": {"baselineCharacteristicsModule": {}},
}


def record(**changes: Any) -> dict[str, Any]:
    """Return the record with modules changed; None leaves one out."""
    found = copy.deepcopy(RECORD)
    for name, fields in changes.items():
        if fields is None:
            del found["protocolSection"][name]
        else:
            found["protocolSection"][name].update(fields)
    return found


def written(tmp_path: Path, data: Any, name: str = "record.json") -> Path:
    file = tmp_path / name
    file.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return file


def test_a_record_gives_arms_visits_scales_and_sizes() -> None:
    found = registry_skeleton(RECORD)
    assert [(arm.label, arm.n) for arm in found.arms] == [("Psilocybin", 60), ("Placebo", 30)]
    assert [(v.scale, v.days) for v in found.visits] == [("MADRS", (-1.0, 7.0, 21.0, 43.0, 84.0)), ("QIDS-SR16", ())]
    assert (found.condition, found.blinded, found.comparator) == ("treatment_resistant_depression", True, "Placebo")
    assert found.arms[0].suggested == ("psilocybin 25 mg oral on day 0",)


def test_what_is_not_understood_stands_in_the_comments() -> None:
    text = skeleton_yaml(registry_skeleton(RECORD))
    for said in ("Columbia Suicide", "QIDS-SR-16 [Visit 5]", "MADRS >= 20", "Étude", "results", "with a colon"):
        assert said in text
    assert all(line.startswith("#") for line in text.split("# In the record and not")[1].splitlines()[1:])


def test_check_says_in_one_sentence_what_is_missing_and_then_that_all_is_there(tmp_path: Path) -> None:
    file = tmp_path / "trial.yaml"
    source = written(tmp_path, RECORD)
    done = runner.invoke(app, ["import", str(source), "--out", str(file)])
    assert (done.exit_code, "afterglow check" in done.output) == (0, True)
    reading = reading_of(file)
    assert len(reading.mistakes) == 1
    for place in ("population.baseline_mean", "population.baseline_sd", "assessments[1].days", "arms[0].steps (line"):
        assert place in reading.mistakes[0].message
    checked = runner.invoke(app, ["check", str(file)])
    assert (checked.exit_code, checked.output.count("\n")) == (2, 1)
    with pytest.raises(ProtocolError, match="still to be filled in"):
        read_protocol(file)

    text = file.read_text(encoding="utf-8")
    text = text.replace("baseline_mean:", "baseline_mean: 32").replace("baseline_sd:", "baseline_sd: 6")
    text = text.replace("      # - ", "      - ").replace("    days: # FILL IN", "    days: [21] # FILL IN")
    file.write_text(text, encoding="utf-8")
    protocol = read_protocol(file)
    assert [arm.n for arm in protocol.arms] == [60, 30]
    assert protocol.arms[0].doses[0].dose_mg == 25


def test_an_arm_that_gets_nothing_says_so_with_an_empty_list(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "examples/comp001.yaml").read_text(encoding="utf-8")
    file = tmp_path / "trial.yaml"
    file.write_text(text + "  - id: nothing\n    steps:\n", encoding="utf-8")
    assert "arms[3].steps" in reading_of(file).mistakes[0].message
    file.write_text(text + "  - id: nothing\n    steps: []\n", encoding="utf-8")
    assert reading_of(file).mistakes == ()


def test_other_mistakes_stand_beside_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "trial.yaml"
    text = skeleton_yaml(registry_skeleton(RECORD)).replace("scale: QIDS-SR16", "scale: QIDZ")
    file.write_text(text, encoding="utf-8")
    messages = [mistake.message for mistake in reading_of(file).mistakes]
    assert len(messages) == 2
    assert any("QIDZ" in message for message in messages)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Week 3", [21]),
        ("Baseline to Day 43", [43]),
        ("6 weeks post-dose", [42]),
        ("Up to 12 months", [365]),
        ("Weeks 1, 3, 6 and 12", [7, 21, 42, 84]),
        ("Day 2, Week 1, 3, 6", [2, 7, 21, 42]),
        ("at 3, 6, and 12 months", [91, 182, 365]),
        ("2-3 weeks", [14, 21]),
        ("6-month follow-up", [182]),
        ("week-3", [21]),
        ("Day -1", [-1]),
        ("Day-1 to D28", [-1, 28]),
        ("Two weeks", [14]),
        ("24h", [1]),
        ("40 and 120 minutes", [0.028, 0.083]),
        ("Day 8 (1 week after dosing)", [8]),
        ("V3 (Day 43)", [43]),
        ("every 2 weeks for 6 weeks", [14, 28, 42]),
        ("weekly for 3 weeks", [7, 14, 21]),
        ("12 months +/- 2 weeks", [365]),
        ("Day 7±1", [7]),
        ("through study completion, an average of 1 year", [365]),
        ("1,000 days", [1000]),
        ("Visit 5", []),
        ("", []),
        ("99999 days", []),
    ],
)
def test_time_frames_are_days(text: str, days: list[float]) -> None:
    assert list(time_frame(text).days) == days


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Up to 12 months", "the end of a span"),
        ("3 weeks after the last dose", "after the last dose"),
        ("5 weeks post-session 2", "not all of it"),
        ("99999 days", "left out"),
    ],
)
def test_what_a_time_frame_leaves_open_is_said(text: str, words: str) -> None:
    assert any(words in note for note in time_frame(text).notes)


@pytest.mark.parametrize(
    ("text", "scales"),
    [
        ("Montgomery–Åsberg Depression Rating Scale (MADRS) total", ("MADRS",)),
        ("17-item Hamilton Rating Scale for Depression", ("HAM-D17",)),
        ("HAM-D-17", ("HAM-D17",)),
        ("HAM-D 6 weeks", ("HAM-D17",)),
        ("GRID-HAM-D-17", ("GRID-HAMD",)),
        ("21-item HDRS", ("HDRS-21",)),
        ("24-item HAM-D", ()),
        ("HAMD-24", ()),
        ("MADRS-S", ()),
        ("Clinician-Administered PTSD Scale for DSM-5 (CAPS-5)", ("CAPS-5",)),
        ("PCL-C", ()),
        ("Beck Depression Inventory-II (BDI)", ("BDI-II",)),
        ("Generalized Anxiety Disorder-7 and PHQ9", ("GAD-7", "PHQ-9")),
        ("Generalized anxiety disorder", ()),
        ("Zung SDS", ()),
        ("HADS depression subscale", ("HADS-D",)),
    ],
)
def test_scales_are_found_in_many_spellings_and_other_versions_are_not(text: str, scales: tuple[str, ...]) -> None:
    assert scales_in(text) == scales


def masked(masking: str, who: list[str], arms: int = 2) -> tuple[bool, str]:
    design = {"designInfo": {"maskingInfo": {"masking": masking, "whoMasked": who}}}
    groups = RECORD["protocolSection"]["armsInterventionsModule"]["armGroups"][:arms]
    found = registry_skeleton(record(designModule=design, armsInterventionsModule={"armGroups": groups}))
    return found.blinded, found.blinding_says


def test_masking_is_of_participants_who_could_guess() -> None:
    assert masked("DOUBLE", ["PARTICIPANT"])[0]
    assert not masked("NONE", [])[0]
    assert not masked("SINGLE", ["OUTCOMES_ASSESSOR"])[0]
    is_blinded, said = masked("QUADRUPLE", ["PARTICIPANT"], arms=1)
    assert not is_blinded
    assert "nothing to guess" in said


def test_sizes_that_the_record_does_not_divide_are_said_to_be_assumed() -> None:
    equal = registry_skeleton(record(descriptionModule=None))
    assert [arm.n for arm in equal.arms] == [45, 45]
    assert "assumed" in equal.arms[0].n_note
    at_nine = registry_skeleton(record(descriptionModule={"briefSummary": "Doses at 9:30 in the morning"}))
    assert [arm.n for arm in at_nine.arms] == [45, 45]
    crossed = registry_skeleton(record(designModule={"designInfo": {"interventionModel": "CROSSOVER"}}))
    assert [arm.n for arm in crossed.arms] == [None, None]
    unknown = registry_skeleton(record(designModule={"enrollmentInfo": {}}))
    assert [arm.n for arm in unknown.arms] == [None, None]


@pytest.mark.parametrize("name", sorted(RECORD["protocolSection"]))
def test_a_record_without_a_module_is_read(name: str, tmp_path: Path) -> None:
    text = import_file(written(tmp_path, record(**{name: None}))).text
    file = tmp_path / "trial.yaml"
    file.write_text(text, encoding="utf-8")
    assert "still to be filled in" in reading_of(file).mistakes[0].message


def test_arms_with_one_label_have_ids_of_their_own(tmp_path: Path) -> None:
    groups = [{"label": "Bras Á: «25 mg»"}, {"label": "Bras Á: «25 mg»"}, {"label": "#1"}, {"label": "..."}, {}]
    text = import_file(written(tmp_path, record(armsInterventionsModule={"armGroups": groups}))).text
    ids = [line.split("id: ")[1] for line in text.splitlines() if line.startswith("  - id: ")]
    assert ids == ["bras_á_25_mg", "bras_á_25_mg_2", "'1'", "arm_4", "arm_5"]


@pytest.mark.parametrize("data", [[RECORD], {"studies": [RECORD], "nextPageToken": "x"}, {"study": RECORD}])
def test_a_single_study_is_read_in_whatever_it_is_wrapped(data: Any, tmp_path: Path) -> None:
    assert import_file(written(tmp_path, data)).text == skeleton_yaml(registry_skeleton(RECORD))


def test_one_study_of_many_is_named(tmp_path: Path) -> None:
    other = record(identificationModule={"nctId": "NCT00000002", "briefTitle": "Other"})
    for data in ({"studies": [RECORD, other]}, [RECORD, other]):
        file = written(tmp_path, data)
        with pytest.raises(FileError, match=r"2 studies \(NCT09999991, NCT00000002\); name one with --study"):
            import_file(file)
        assert "Other" in import_file(file, study="nct00000002").text
        with pytest.raises(FileError, match="holds no study NCT00000003"):
            import_file(file, study="NCT00000003")


def test_a_protocol_is_named_as_one(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="but YAML"):
        import_file(written(tmp_path, "title: a protocol", name="mine.yaml"))


LEGACY = {"FullStudiesResponse": {"FullStudies": [{"Study": {"ProtocolSection": {"X": {"NCTId": "NCT01234567"}}}}]}}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (LEGACY, "studies/NCT01234567"),
        ("<clinical_study/>", "XML"),
        ("title: a protocol", "not JSON: Expecting"),
        ("NCT Number,Title\n", "table of search results"),
        ('{"protocolSection": ', "not JSON"),
        ("[" * 100_000, "too deeply"),
        ([], "empty list"),
        ({}, "neither"),
        ("3", "single value"),
        ([RECORD, 3], "no study record"),
        ({"resourceType": "Bundle"}, "FHIR"),
        ({"arms": [], "population": {}}, "protocol already"),
        ({"protocolSection": {"designModule": {"studyType": "OBSERVATIONAL"}}}, "not a trial"),
    ],
)
def test_a_file_that_is_no_record_gets_one_sentence(data: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=words):
        import_file(written(tmp_path, data))


ODD = [None, 5, float("inf"), "x\x85: # \x07é", [None, "a"], {"a": [{}]}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_whatever_stands_in_a_record_the_file_can_be_read_and_completed(odd: Any) -> None:
    for place in list(places(RECORD))[1:]:
        data = plain_yaml(skeleton_yaml(registry_skeleton(changed_at(RECORD, place, odd)))).data
        empty = unfilled(data)
        wrong = [error for error in Protocol.parse(data)[1] if not error.where.startswith(tuple(empty))]
        assert (wrong, bool(empty)) == ([], True), place


def test_an_existing_protocol_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text("mine", encoding="utf-8")
    done = runner.invoke(app, ["import", str(written(tmp_path, RECORD)), "-o", str(file)])
    assert isinstance(done.exception, FileError)
    assert file.read_text(encoding="utf-8") == "mine"
