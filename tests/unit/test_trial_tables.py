"""Tables of trials: what is read from anywhere, what is refused, and what is written so that others can read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.trials import FEV, fev, simulated

from afterglow.errors import FileError, ParameterError
from afterglow.trial.analysis import TrialData, mmrm
from afterglow.trial.tables import adam_table, read_table, read_trial, trial_of, write_adam
from afterglow.trial.tables.adam import LABELS


def one_trial(**changes: object) -> TrialData:
    many = simulated(1, per_arm=10)
    return replace(many, outcomes=many.outcomes[0], baseline=many.baseline[0], **changes)


def small(**changes: object) -> pd.DataFrame:
    """Six people, two visits."""
    table = pd.DataFrame(
        {
            "USUBJID": np.repeat([f"P{k}" for k in range(1, 7)], 2),
            "TRTP": np.repeat(["Placebo", "Active"], 6),
            "AVISIT": ["Week 2", "Week 10"] * 6,
            "AVAL": np.arange(12.0),
            "AGE": np.repeat([30, 41, 52, 33, 44, 55], 2),
        }
    )
    return table.assign(**changes)


def test_the_file_that_rs_users_try_first_is_read_without_a_word() -> None:
    found = read_trial(FEV, guess_baseline=True, covariates=["race"])
    assert found.columns == {
        "subject": "USUBJID",
        "arm": "ARMCD",
        "visit": "AVISIT",
        "outcome": "FEV1",
        "baseline": "FEV1_BL",
    }
    assert found.data.arms == ("PBO", "TRT")
    assert found.data.visits == ("VIS1", "VIS2", "VIS3", "VIS4")
    order = np.argsort(found.data.people)
    assert found.data.outcomes[order] == pytest.approx(fev().outcomes, nan_ok=True)
    assert found.data.covariates["RACE"][order].tolist() == fev("RACE").covariates["RACE"].tolist()


@pytest.mark.parametrize("missing", ["", "NA", "NaN", ".", "nan", " na "])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_spelling_of_a_missing_value_and_every_separator_is_read(
    tmp_path: Path, missing: str, separator: str
) -> None:
    table = small().astype(object)
    table.loc[3, "AVAL"] = missing
    file = tmp_path / "trial.csv"
    file.write_text(table.to_csv(index=False, sep=separator))
    found = read_trial(file).data
    assert np.isnan(found.outcomes[1, 1])
    assert np.isfinite(found.outcomes).sum() == 11


def test_a_spreadsheets_table_with_decimal_commas_is_read(tmp_path: Path) -> None:
    file = tmp_path / "trial.csv"
    text = small(AVAL=np.arange(12) + 0.5).to_csv(index=False, sep=";", decimal=",")
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert read_trial(file).data.outcomes[0].tolist() == [0.5, 1.5]


def test_visits_are_in_order_of_time_not_of_letters() -> None:
    assert trial_of(small(AVISIT=["Week 10", "Week 2"] * 6)).data.visits == ("Week 2", "Week 10")
    numbered = small(AVISIT=["late", "early"] * 6, AVISITN=[9, 1] * 6)
    assert trial_of(numbered).data.visits == ("early", "late")
    found = trial_of(small(AVISIT=["late", "early"] * 6))
    assert found.data.visits == ("late", "early")
    assert any("order of their first rows: late, early" in note for note in found.notes)
    assert trial_of(small(), visits=["Week 10", "Week 2"]).data.visits == ("Week 10", "Week 2")


def test_the_reference_is_placebo_or_the_one_that_is_named() -> None:
    found = trial_of(small())
    assert found.data.arms == ("Placebo", "Active")
    assert "'Placebo' is the reference; --reference names another" in found.notes
    assert trial_of(small(), reference="active").data.arms == ("Active", "Placebo")


def test_numbers_are_lines_words_are_classes_and_classes_can_be_numbers() -> None:
    data = trial_of(small(SITE=[1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2]), covariates=["AGE", "SITE"], classes=["SITE"]).data
    assert data.covariates["AGE"].tolist() == [30, 41, 52, 33, 44, 55]
    assert data.covariates["SITE"].tolist() == ["1", "2", "1", "2", "1", "2"]
    weights = trial_of(small(WEIGHT=np.arange(12.0)), covariates=["WEIGHT"]).data.covariates["WEIGHT"]
    assert weights.shape == (6, 2)


def test_rows_at_baseline_are_no_visit() -> None:
    table = small(AVISIT=["Baseline", "Week 10"] * 6)
    found = trial_of(table, guess_baseline=True).data
    assert found.visits == ("Week 10",)
    assert found.baseline.tolist() == [0, 2, 4, 6, 8, 10]
    assert trial_of(small(AVISIT=[0, 10] * 6), guess_baseline=True).data.visits == ("10",)
    assert trial_of(small(AVISIT=[0, 10] * 6), visits=["0", "10"]).data.visits == ("0", "10")
    assert trial_of(small(ABLFL=["Y", ""] * 6), guess_baseline=True).data.baseline.tolist() == [0, 2, 4, 6, 8, 10]


def test_a_nine_among_others_like_it_is_a_number() -> None:
    changes = [-9, -4, 3, 9, -12, 0, 1, 2, 5, -6, 7, 8]
    assert trial_of(small(AVAL=changes)).data.outcomes.ravel().tolist() == changes
    weights = [99, 80, 120, 88, 95, 101, 77, 90, 84, 110, 99, 93]
    assert trial_of(small(AVAL=weights)).data.outcomes.ravel().tolist() == weights


def test_rows_that_are_not_for_analysis_are_left_out_and_said() -> None:
    found = trial_of(small(ANL01FL=["Y"] * 11 + [""]))
    assert np.isnan(found.data.outcomes[5, 1])
    assert "1 rows without ANL01FL are left out" in found.notes
    assert "1 rows are derived (LOCF) and are taken as ratings" in trial_of(small(DTYPE=["LOCF"] + [""] * 11)).notes


REFUSED: list[tuple[Callable[[], pd.DataFrame], dict, str]] = [
    (lambda: small().drop(columns="TRTP"), {}, "which column holds the arm? Say --arm; the table has USUBJID"),
    (small, {"outcome": "AVALL"}, "--outcome: the table has no column 'AVALL'; did you mean 'AVAL'"),
    (small, {"covariates": ["SEX"]}, "--covariates: the table has no column 'SEX'"),
    (small, {"arm": "AVISIT"}, "the column 'AVISIT' cannot be both arm and visit"),
    (lambda: small(AVAL=[*"0123456789", "ten", "11"]), {}, "'AVAL' needs numbers, and row 12 has 'ten'"),
    (lambda: small(AVAL=[*range(10), -999, -999]), {}, "outcome 'AVAL' is -999 in 2 rows, .* leave such cells empty"),
    (lambda: small(AVAL=[*range(11), 99]), {}, "outcome 'AVAL' is 99 in 1 row, far from all others"),
    (lambda: small(BASE=[-9, -9, *[5, 5] * 5]), {"guess_baseline": True}, "baseline 'BASE' is -9 in 2 rows"),
    (lambda: small(AVAL=[np.inf, *range(11)]), {}, "'AVAL' is infinite in row 2"),
    (lambda: small(AVAL=["NA"] * 12), {}, "'AVAL' is missing in every row"),
    (lambda: small(AVISIT=["Week 2"] * 12), {}, "'P1' has two rows at visit 'Week 2' \\(row 3\\); keep one"),
    (lambda: small(TRTP="Placebo"), {}, "all people are in arm 'Placebo'; a comparison needs two arms"),
    (lambda: small(TRTP=["a", "b"] * 6), {}, "the arm \\('TRTP'\\) of 'P1' changes from 'a' to 'b'"),
    (lambda: small(USUBJID=[""] + ["P1"] * 11), {}, "row 2 has no subject"),
    (lambda: small(AVISIT=["Week 2", ""] * 6), {}, "row 3 has no visit"),
    (small, {"reference": "Plazebo"}, "--reference: no arm is called 'Plazebo'; did you mean 'Placebo'"),
    (small, {"visits": ["Week 3"]}, "no visit is called 'Week 3'"),
    (lambda: small(BASE=np.arange(12)), {"guess_baseline": True}, "the baseline \\('BASE'\\) of 'P1' changes"),
    (lambda: small(BASE="high"), {"guess_baseline": True}, "'BASE' needs numbers, and row 2 has 'high'"),
    (lambda: small(SEX=["F", "M"] * 6), {"covariates": ["SEX"]}, "'SEX' of 'P1' changes from 'F' to 'M'"),
    (lambda: small(AGE=["30"] * 11 + ["old"]), {"covariates": ["AGE"]}, "holds numbers, but row 13 has 'old'"),
    (small, {"covariates": ["AVAL"]}, "the column 'AVAL' is the outcome; it cannot be a covariate too"),
    (small, {"covariates": ["USUBJID"]}, "the column 'USUBJID' is the subject; it cannot be"),
    (small, {"classes": ["AGE"]}, "'AGE' is among the classes but not among the covariates"),
    (lambda: small(PARAMCD=["A", "B"] * 6), {}, "2 parameters \\(A, B\\); choose one with --parameter"),
    (lambda: small(PARAMCD="A"), {"parameter": "C"}, "the table holds no 'C'"),
    (small, {"parameter": "C"}, "the table has no such column"),
    (
        lambda: small().assign(AVAL=[0.0, 1.0] + [np.nan] * 4 + [1.0] * 6),
        {},
        "arm 'Placebo' has one person with a rating",
    ),
    (
        lambda: pd.DataFrame({"ID": ["a", "b"], "ARM": ["x", "y"], "SCORE1": [1, 2], "SCORE2": [3, 4]}),
        {},
        "no column of visits, and looks wide \\(SCORE1, SCORE2\\); it needs one row for each person and visit",
    ),
]


@pytest.mark.parametrize(("table", "options", "message"), REFUSED, ids=[words[:40] for *_, words in REFUSED])
def test_what_is_no_table_of_a_trial_is_refused_in_a_sentence(
    table: Callable[[], pd.DataFrame], options: dict, message: str
) -> None:
    with pytest.raises(ParameterError, match=message.replace("?", "\\?")):
        trial_of(table(), **options)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("trial.csv", b"", "is empty"),
        ("trial.csv", b"one\n1\n", "has one column"),
        ("trial.csv", b"a,a\n1,2\n", "two columns of .* are called 'a'"),
        ("trial.csv", b"a,b\n", "has columns but no rows"),
        ("trial.csv", b'a,b\n"1,2\n', "is not a table"),
        ("trial.parquet", b"PAR0", "is not a Parquet file"),
        ("trial.json", b"{", "is not JSON"),
        ("trial.json", b"[1]", "is not Dataset-JSON"),
        ("trial.json", b'{"rows": []}', "says no version of Dataset-JSON; version 1.1 is read"),
        ("trial.json", b'{"datasetJSONVersion": "1.0.0"}', "is version 1.0.0"),
        ("trial.json", b'{"datasetJSONVersion": "1.1.0", "columns": [{"name": "A"}], "rows": [[1, 2]]}', "row 1 of"),
        ("trial.xlsx", b"PK", "none of .csv, .*; save it as CSV first"),
        ("trial.rda", b"RDX", "write it from R with write.csv first"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(FileError, match=message):
        read_table(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"'.*none\.csv' is not there"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(FileError, match="is a folder"):
        read_table(tmp_path / "folder.csv")


@pytest.mark.parametrize("ending", ["csv", "parquet", "json", "tsv"])
def test_a_written_trial_is_read_back_and_has_the_same_answer(tmp_path: Path, ending: str) -> None:
    data = one_trial(covariates={"SITE": np.repeat(["north", "south"], 10)})
    guess = np.where(data.arm == 1, "treated", "control")
    file = write_adam(tmp_path / f"trial.{ending}", data, parameter="MADRS", days=[7, 14, 21, 28], guess=guess)
    found = read_trial(file, guess_baseline=True, covariates=["SITE", "GUESS"]).data
    back = [int(name[-4:]) - 1 for name in found.people]
    assert found.outcomes == pytest.approx(data.outcomes[back], nan_ok=True)
    assert found.baseline == pytest.approx(data.baseline[back])
    assert found.covariates["GUESS"].tolist() == guess[back].tolist()
    model = {"covariates": ["baseline", "SITE"], "covariance": "cs"}
    assert mmrm(found, **model).differences.value == pytest.approx(mmrm(data, **model).differences.value, rel=1e-6)


def test_the_table_has_what_adam_asks_for() -> None:
    data = one_trial()
    counts = np.ones(data.outcomes.shape, dtype=bool)
    counts[0, 2] = False
    table = adam_table(data, parameter="CAPS-5", days=[7, 14, 21, 28.4], baseline_day=-7, counts=counts)
    assert set(table.columns) <= set(LABELS)
    assert table["PARAMCD"].unique().tolist() == ["CAPS_5"]
    before, after = table[table["ABLFL"] == "Y"], table[table["ABLFL"] == ""]
    assert before["AVISIT"].unique().tolist() == ["Baseline"]
    assert before["ADY"].unique().tolist() == [-7]
    assert before["CHG"].isna().all()
    assert after["CHG"].to_numpy() == pytest.approx((after["AVAL"] - after["BASE"]).to_numpy())
    assert sorted(after["ADY"].unique()) == [8, 15, 22, 29]  # the first dosing is day 1
    first = after[after["USUBJID"] == "SIMULATED-0001"].set_index("AVISITN")["ANL01FL"]
    assert first.reindex([1, 2, 3], fill_value="").tolist()[:2] == ["Y", "Y"]
    assert first.get(3, "") == ""
    assert len(after) == np.isfinite(data.outcomes).sum()


def test_dataset_json_describes_its_columns(tmp_path: Path) -> None:
    data = json.loads(write_adam(tmp_path / "trial.json", one_trial(), days=[7, 14, 21, 28]).read_text())
    required = {
        "datasetJSONCreationDateTime",
        "datasetJSONVersion",
        "itemGroupOID",
        "records",
        "name",
        "label",
        "columns",
    }
    assert required <= set(data)
    assert data["records"] == len(data["rows"])
    kinds = {column["name"]: column["dataType"] for column in data["columns"]}
    assert (kinds["USUBJID"], kinds["AVISITN"], kinds["AVAL"]) == ("string", "integer", "float")
    for column in data["columns"]:
        assert {"itemOID", "name", "label", "dataType"} <= set(column)
        assert len(column["label"]) <= 40
    assert {len(row) for row in data["rows"]} == {len(data["columns"])}


def test_one_row_a_line_is_read_too(tmp_path: Path) -> None:
    whole = json.loads(write_adam(tmp_path / "trial.json", one_trial()).read_text())
    rows = whole.pop("rows")
    file = tmp_path / "trial.ndjson"
    file.write_text("\n".join(json.dumps(part) for part in [whole, *rows]) + "\n")
    pd.testing.assert_frame_equal(read_table(file), read_table(tmp_path / "trial.json"))


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (simulated(2), {}, "a table holds one trial"),
        (one_trial(), {"guess": ["a"]}, "the guess must have shape"),
        (one_trial(), {"days": [1]}, "the days must have shape"),
        (one_trial(covariates={"aval": np.zeros(20)}), {}, "a covariate cannot be called 'aval'"),
    ],
)
def test_what_no_table_can_hold_is_refused(data: TrialData, options: dict, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        adam_table(data, **options)


def test_a_folder_is_called_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is a folder; name the file of a table inside it"):
        read_table(tmp_path)
