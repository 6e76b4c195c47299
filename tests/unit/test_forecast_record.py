"""What is known of one person: read from anywhere, handled or refused in one sentence."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from afterglow.errors import AfterglowError
from afterglow.forecast.record.columns import table_of
from afterglow.forecast.record.days import days_of
from afterglow.forecast.record.readings import record_from_data, record_from_file, record_from_text, typed
from afterglow.forecast.record.score import Record, Score
from afterglow.forecast.record.scoring import total_of


def values(record: Record) -> list[tuple[float, str, float]]:
    return [(score.day, score.scale, score.value) for score in record.scores]


# ---- when --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (["0", "14", "28"], [0, 14, 28]),
        (["day 0", "week 2", "-3"], [0, 14, -3]),
        (["2026-03-05", "2026-03-19"], [0, 14]),
        (["5.3.2026", "19.03.2026"], [0, 14]),
        (["2026-03-05", "19.3.2026"], [0, 14]),
        (["5/3/2026", "19/3/2026"], [0, 14]),
        (["3/5/2026", "3/19/2026"], [0, 14]),
        (["2026-03-05T10:00:00Z", "2026-03-06"], [0, 1]),
    ],
)
def test_days_and_dates_are_read(texts: list[str], days: list[float]) -> None:
    assert days_of(texts)[0] == days


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["0", "2026-03-05"], "mixed"),
        (["5/3/2026", "6/3/2026"], "may be two dates"),
        (["19/3/2026", "3/19/2026"], "two ways"),
        (["2026-02-30"], "no date"),
        (["1,5"], "decimal comma"),
        (["soon"], "neither a day nor a date"),
    ],
)
def test_what_is_no_time_is_refused(texts: list[str], said: str) -> None:
    with pytest.raises(AfterglowError, match=said):
        days_of(texts)


def test_day_zero_may_be_named() -> None:
    assert days_of(["2026-03-05"], start="2026-03-01") == ([4.0], date(2026, 3, 1))


# ---- what --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "answers", "total"),
    [
        ("PHQ-9", [3, 2, 1, 0, 3, 2, 1, 0, 1], 13),
        ("GAD-7", [1] * 7, 7),
        ("PCL-5", [4] * 20, 80),
        # sleep 3, mood 1, appetite and weight 2, then 1 each for 10 to 14, pace 3
        ("QIDS-SR16", [0, 1, 3, 0, 1, 0, 2, 0, 1, 1, 1, 1, 1, 1, 3, 0], 14),
    ],
)
def test_answers_are_scored_by_the_public_rules(name: str, answers: list[int], total: int) -> None:
    assert total_of(name, answers) == total


@pytest.mark.parametrize(
    ("name", "answers", "said"),
    [
        ("PHQ-9", [1] * 8, "9 items"),
        ("PHQ-9", [1] * 8 + [4], "runs from 0 to 3"),
        ("PHQ-9", [1] * 8 + [None], "item 9 of the PHQ-9 was not answered"),
        ("BDI-II", [1] * 21, "give its total"),
    ],
)
def test_answers_that_cannot_be_scored_are_refused(name: str, answers: list[int | None], said: str) -> None:
    with pytest.raises(AfterglowError, match=said):
        total_of(name, answers)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PHQ-9", 28, "impossible: it runs from 0 to 27"),
        ("PHQ-9", -1, "impossible"),
        ("PHQ-9", 12.5, "whole number"),
        ("PHQ9x", 3, "did you mean"),
        ("C-SSRS", 3, "never forecast"),
        ("Beck Scale for Suicide Ideation", 3, "never forecast"),
    ],
)
def test_impossible_scores_are_refused(name: str, value: float, said: str) -> None:
    with pytest.raises(AfterglowError, match=said):
        Score(day=0, scale=name, value=value)


# ---- tables ------------------------------------------------------------------------------------------


def test_a_table_is_read_whatever_separates_it() -> None:
    wanted = [(0, "PHQ-9", 18), (14, "PHQ-9", 12)]
    assert values(record_from_text("day,scale,score\n0,PHQ-9,18\n14,phq9,12\n")) == wanted
    assert values(record_from_text("Day;Scale;Total\n0;PHQ-9;18,0\n14;PHQ-9;12\n")) == wanted
    assert values(record_from_text("week\tscore\n0\t18\n2\t12\n", scale="PHQ-9")) == wanted
    assert values(record_from_text("Datum;Skala;Wert\n05.03.2026;PHQ-9;18\n19.03.2026;PHQ-9;12,0\n")) == wanted
    assert values(record_from_text("Tag;Fragebogen;Punkte\n0;PHQ-9;18\n14;PHQ-9;12\n")) == wanted
    with pytest.raises(AfterglowError, match="no column for a day or date, such as day,scale,score"):
        record_from_text("quand;valeur\n0;18\n", scale="PHQ-9")


def test_answers_stand_in_columns_of_their_own() -> None:
    head = "day,scale," + ",".join(f"item{k}" for k in range(1, 10))
    record = record_from_text(f"{head}\n0,PHQ-9,1,1,1,1,1,1,1,1,2\n")
    assert values(record) == [(0, "PHQ-9", 10)]
    assert record.scores[0].items[8] == 2


def test_common_and_german_headers_are_known() -> None:
    table = table_of("Patient;Gruppe;Skala;Tag;Wert\nP1;TAU;PHQ-9;0;18\n", name="people")
    assert table.roles == {"person", "arm", "scale", "day", "score"}
    assert table_of("Participant ID,day,PHQ-9\nP1,0,18\n", name="people").roles >= {"person"}


def test_a_missed_visit_is_passed_over_and_said() -> None:
    record = record_from_text("day,scale,score\n0,PHQ-9,18\n7,PHQ-9,NA\n14,PHQ-9,\n21,PHQ-9,9\n")
    assert [score.day for score in record.scores] == [0, 21]
    assert any("missed visits" in note for note in record.notes)


def test_two_scores_a_day_both_count_and_a_row_twice_counts_once() -> None:
    record = record_from_text("day,scale,score\n0,PHQ-9,18\n0,PHQ-9,16\n0,PHQ-9,18\n")
    assert values(record) == [(0, "PHQ-9", 16), (0, "PHQ-9", 18)]
    assert any("twice" in note for note in record.notes)


def test_columns_that_name_somebody_are_not_read() -> None:
    record = record_from_text("name,day,scale,score\nAda Lovelace,0,PHQ-9,18\n")
    assert "Ada" not in repr(record)
    assert any("not read: name" in note for note in record.notes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("day,scale,score\n0,PHQ-9,30\n", "line 2: a PHQ-9 of 30 is impossible"),
        ("day,scale,score\n0,PHQ-9,12,5\n", "4 cells under 3 columns"),
        ('day,scale,score\n0,PHQ-9,"12,5"\n', "line 2: a score is a whole number, but '12,5' has a decimal comma"),
        ("day,scale,score\n0,,12\n", "line 2: no scale is named"),
        ("day,scale\n0,PHQ-9\n", "no column for a score"),
        ("day,scale,score\n", "no rows"),
        ("day,scale,score\n0,PHQ-9,\n", "no score"),
        ("person,day,scale,score\na,0,PHQ-9,1\nb,0,PHQ-9,2\n", "2 people; name one with --person"),
        ("day,scale,score\n0,PHQ-9,many\n", "line 2: a score must be a number"),
    ],
)
def test_a_table_with_a_mistake_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(AfterglowError, match=said):
        record_from_text(text)


def test_a_column_may_bear_the_name_of_a_scale() -> None:
    record = record_from_text("day,PHQ-9,gad 7\n0,12,9\n14,,7\n")
    assert values(record) == [(0, "GAD-7", 9), (0, "PHQ-9", 12), (14, "GAD-7", 7)]


def test_one_person_of_a_table_of_several() -> None:
    text = "person,day,scale,score\na,0,PHQ-9,1\nb,0,PHQ-9,2\n"
    assert values(record_from_text(text, person="b")) == [(0, "PHQ-9", 2)]


def test_what_was_given_stands_beside_the_scores() -> None:
    record = record_from_text("day,scale,score,given\n0,PHQ-9,18,\n0,,,psilocybin 25 mg oral\n")
    assert [(row.day, row.what) for row in record.given] == [(0, "psilocybin 25 mg oral")]


# ---- typed, JSON, FHIR -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("PHQ-9 0:18 14:15", [(0, 18), (14, 15)]),
        ("PHQ-9 0=18, 14=15; 28=NA", [(0, 18), (14, 15)]),
        ("PHQ-9 2026-03-05:18 2026-03-19:15", [(0, 18), (14, 15)]),
        ("PHQ-9 week 0:18 week 2:15", [(0, 18), (14, 15)]),
        ("PHQ-9 0:18,14:15", [(0, 18), (14, 15)]),
    ],
)
def test_scores_may_be_typed(text: str, wanted: list[tuple[float, float]]) -> None:
    record = typed(text)
    assert record is not None
    assert [(score.day, score.value) for score in record.scores] == wanted


def test_several_scales_may_be_typed() -> None:
    record = typed("PHQ-9 0:18 14:15; GAD-7 0:12 PHQ-9 28:9", scale="GAD-7")
    assert record is not None
    assert values(record) == [(0, "GAD-7", 12), (0, "PHQ-9", 18), (14, "PHQ-9", 15), (28, "PHQ-9", 9)]


def test_the_number_in_the_name_of_a_scale_is_no_day() -> None:
    assert typed("PHQ-9:18") is None


def test_what_is_typed_wrongly_is_refused() -> None:
    assert typed("scores.csv") is None
    with pytest.raises(AfterglowError, match="unknown scale 'mood'"):
        typed("PHQ-9 0:18 mood 14:15")
    with pytest.raises(AfterglowError, match="name the scale"):
        typed("0:18 14:15")
    with pytest.raises(AfterglowError, match="not a day and a score"):
        typed("PHQ-9 0:18 tomorrow")


def test_json_is_a_list_or_a_mapping(tmp_path: Path) -> None:
    data = {"scale": "PHQ-9", "scores": [{"day": 0, "score": 18}, {"day": 7, "items": [1] * 9}]}
    assert values(record_from_data(data)) == [(0, "PHQ-9", 18), (7, "PHQ-9", 9)]
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(data["scores"]))
    assert len(record_from_file(path, scale="PHQ-9").scores) == 2
    path.write_text('{"scores": [')
    with pytest.raises(AfterglowError, match="not whole JSON"):
        record_from_file(path)
    with pytest.raises(AfterglowError, match="its total says 12"):
        record_from_data([{"day": 0, "scale": "PHQ-9", "items": [1] * 9, "score": 12}])


def test_a_score_of_json_with_a_mistake_is_named_by_its_place() -> None:
    with pytest.raises(AfterglowError, match="score 2: a score must be a number, got 'high'"):
        record_from_data([{"day": 0, "scale": "PHQ-9", "score": 18}, {"day": 14, "scale": "PHQ-9", "score": "high"}])


def test_what_was_given_is_never_passed_over() -> None:
    with pytest.raises(AfterglowError, match=r"must be a mapping such as .* got 'psilocybin 25 mg oral on day 0'"):
        record_from_data(
            {"scores": [{"day": 0, "scale": "PHQ-9", "score": 18}], "given": ["psilocybin 25 mg oral on day 0"]}
        )


def test_a_score_from_the_future_is_said() -> None:
    rows = [{"date": date, "scale": "PHQ-9", "score": 18} for date in ("2026-03-05", "2034-03-05")]
    assert any("2034-03-05 lies in the future" in note for note in record_from_data(rows).notes)
    assert not any("future" in note for note in record_from_data(rows[:1]).notes)


def test_an_empty_table_is_not_told_of_protocols(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("")
    with pytest.raises(AfterglowError, match=r"scores\.csv' is empty$"):
        record_from_file(path)


PHQ_9 = ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8")


def response(authored: str, answers: list[Any], **more: Any) -> dict[str, Any]:
    items = [{"linkId": f"/{code}", "answer": [answer]} for code, answer in zip(PHQ_9, answers, strict=True)]
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://loinc.org/q/44249-1",
        "status": "completed",
        "subject": {"reference": "Patient/1", "display": "Ada Lovelace"},
        "authored": authored,
        "item": items,
        **more,
    }


def bundle(*responses: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": own} for own in responses]}


def test_a_fhir_bundle_is_scored_and_nobody_is_named() -> None:
    coded = [{"valueCoding": {"system": "http://loinc.org", "code": "LA6570-1"}}] * 9
    whole = [{"valueInteger": 1}] * 9
    data = bundle(
        response("2026-03-05T09:00:00Z", coded),
        response("2026-03-19", whole),
        response("2026-03-20", whole, status="entered-in-error"),
    )
    record = record_from_data(data)
    assert values(record) == [(0, "PHQ-9", 18), (14, "PHQ-9", 9)]
    assert "Ada" not in repr(record)
    assert any("left out" in note for note in record.notes)


def test_a_fhir_bundle_that_cannot_be_scored_is_refused() -> None:
    whole = [{"valueInteger": 1}] * 9
    other = response("2026-03-19", whole) | {"subject": {"reference": "Patient/2"}}
    with pytest.raises(AfterglowError, match="2 people"):
        record_from_data(bundle(response("2026-03-05", whole), other))
    missing = response("2026-03-05", whole)
    missing["item"] = missing["item"][:7]
    with pytest.raises(AfterglowError, match="2 of the 9 items were not answered"):
        record_from_data(bundle(missing))
    with pytest.raises(AfterglowError, match="no QuestionnaireResponse"):
        record_from_data({"resourceType": "Bundle"})
