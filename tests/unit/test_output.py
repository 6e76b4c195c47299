"""What commands print: tables at any width, in a pipe, as CSV, JSON and Markdown; sentences."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from afterglow.cli.main import app, run
from afterglow.cli.output import tables
from afterglow.cli.output.tables import Table, chosen_format, interval, number, say, show, sparkline, words
from afterglow.errors import ParameterError
from afterglow.evidence.studies.library import study_names
from afterglow.spreadsheet import csv_text, guarded, unguarded

STUDY = "goodwin2022-comp001-with-a-very-long-identifier"
ROWS = [
    {"study": STUDY, "arm": "=HYPERLINK(0)", "day": 1.0, "mean": 9.876, "low": -12.3, "high": 4.0, "n": None},
    {"study": STUDY, "arm": "=HYPERLINK(0)", "day": 364.0, "mean": -10.5, "low": 2.0, "high": 30.0, "n": 12},
    {"study": "b|c", "arm": "группа 双", "day": 7.0, "mean": math.nan, "low": math.nan, "high": 1.0, "n": 3},
]
TABLE = Table(
    "arms",
    ROWS,
    [
        number("day", "day"),
        words("study", "study"),
        number("mean", "mean", ".1f"),
        interval("90 % interval", "low", "high", ".1f"),
        number("people", "n", wide=True),
    ],
    title="Means",
    by=("arm",),
)


def shown(capsys: pytest.CaptureFixture[str], *parts: Table | str, **how: Any) -> list[str]:
    show(*parts, **how)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("width", ["20", "40", "60", "80", "160", ""])
def test_nothing_is_cut_or_broken_at_any_width(
    width: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    lines = shown(capsys, TABLE, wide=True)
    printed = "\n".join(lines)
    for whole in (STUDY, "9.9", "-10.5", "=HYPERLINK(0)", "группа 双", "people"):
        assert whole in printed
    assert re.search(r"-12\.3 to +4\.0", printed)
    assert re.search(r" 2\.0 to 30\.0", printed)
    assert not any(line != line.rstrip() for line in lines)


def test_lines_are_no_longer_than_the_screen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert max(map(len, shown(capsys, TABLE, "A sentence. " * 20, wide=True))) <= 60


def test_an_arm_is_a_heading_once_and_few_columns_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, TABLE)
    assert sum("=HYPERLINK(0)" in line for line in lines) == 1
    assert "people" not in lines[1]
    assert "people" in shown(capsys, TABLE, wide=True)[1]


def test_numbers_stand_below_each_other(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    first, second = (line for line in shown(capsys, TABLE) if STUDY in line)
    assert first.index("9.9") + 3 == second.index("-10.5") + 5
    assert first.index(" to ") == second.index(" to ")


def test_a_pipe_gets_plain_long_lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    lines = shown(capsys, TABLE, "A sentence. " * 20)
    assert any(len(line) > 200 for line in lines)
    assert "\x1b" not in "".join(lines)
    assert "─" not in "".join(lines)
    assert sparkline([1, 2, 3], 1, 3) == ""


def test_letters_that_move_a_cursor_are_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    say("red \x1b[31m\nnext")
    assert capsys.readouterr().out == "red  [31m next\n"


def test_a_curve_is_drawn_on_a_screen_that_knows_its_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdout", Screen())
    assert sparkline([0, 5, 10, 99], 0, 10) == "▁▅██"
    assert sparkline([3, 3], 3, 3) == ""
    monkeypatch.setattr(Screen, "encoding", "cp1252")
    assert sparkline([0, 5, 10], 0, 10) == ""


def test_a_csv_is_one_table_and_others_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    other, same = replace(TABLE, name="other", rows=[{"left": 1}]), replace(TABLE, name="same")
    show(TABLE, other, same, form="csv")
    out, err = capsys.readouterr()
    assert out.count("\n") == 1 + len(TABLE.rows)
    assert err.endswith("--table prints another: 'other'\n")
    show(TABLE, other, form="csv", only=["other"])
    assert capsys.readouterr() == ("left\n1\n", "")
    show(TABLE, replace(other, own=("right",)), other, form="csv", only=["other", "arms", "other"])
    first, second = capsys.readouterr().out.split("\n\n")
    assert (first, second.count("\n")) == ("left\n1", 1 + len(TABLE.rows))
    with pytest.raises(ParameterError, match="no table 'othr': did you mean 'other'"):
        show(TABLE, other, form="csv", only=["arms", "othr"])
    with pytest.raises(ParameterError, match="JSON holds all tables"):
        chosen_format("json", False, ["other"])


def test_a_table_that_shares_its_rows_is_printed_as_itself_where_it_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [{"id": "a", "power.window": 0.5, "power.window.se": 0.1, "powerful": 1, "cost": 2}]
    power, cost = (Table(name, rows, TABLE.columns, own=("id", name)) for name in ("power", "cost"))
    show(power, cost, form="csv")
    assert capsys.readouterr() == ("id,power.window,power.window.se,powerful,cost\na,0.5,0.1,1,2\n", "")
    show(power, cost, form="csv", only=["cost", "power"])
    assert capsys.readouterr().out == "id,cost\na,2\n\nid,power.window,power.window.se\na,0.5,0.1\n"


def test_csv_holds_every_value_and_no_formula(capsys: pytest.CaptureFixture[str]) -> None:
    show(TABLE, "A sentence.", form="csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["arm"] for row in rows] == ["'=HYPERLINK(0)", "'=HYPERLINK(0)", "группа 双"]
    assert rows[0]["mean"] == "9.876"
    assert rows[0]["low"] == "-12.3"
    assert rows[0]["n"] == ""
    assert rows[2]["mean"] == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM", "\tx", "\rx"])
def test_a_text_that_a_spreadsheet_would_calculate_is_guarded(text: str) -> None:
    assert next(csv.reader(io.StringIO(csv_text([[text]]), newline=""))) == [f"'{text}".replace("\r", "\n")]
    plain = text.replace("\r", "\n")
    assert (unguarded(guarded(text)), unguarded(guarded(f"'{text}"))) == (plain, f"'{plain}")
    assert csv_text([[-1, -2.5, np.float64(-0.5), "a-b"]]) == "-1,-2.5,-0.5,a-b\n"


def test_json_holds_every_value(capsys: pytest.CaptureFixture[str]) -> None:
    show(TABLE, form="json")
    found = json.loads(capsys.readouterr().out)
    assert found["arms"][:2] == ROWS[:2]
    assert found["arms"][2]["mean"] is None


def test_markdown_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, TABLE, "A sentence.", form="markdown")
    assert lines[0] == "**Means**"
    assert lines[2] == "| arm | day | study | mean | 90 % interval |"
    assert lines[3] == "| --- | ---: | --- | ---: | ---: |"
    assert lines[6] == "| группа 双 | 7 | b\\|c |  |  |"
    assert lines[-1] == "A sentence."


def test_two_formats_at_once_are_refused() -> None:
    assert chosen_format("json", True) == "json"
    assert chosen_format("csv", False) == "csv"
    with pytest.raises(ParameterError, match="keep one"):
        chosen_format("csv", True)


def test_medicines_in_every_format() -> None:
    def said(*more: str) -> str:
        done = CliRunner().invoke(app, ["medicines", *more], env={"COLUMNS": "60"})
        assert done.exit_code == 0, done.output
        return str(done.stdout)

    assert max(map(len, said().splitlines())) <= 60
    assert "subcutaneous" in said()
    rows = list(csv.DictReader(io.StringIO(said("--format", "csv"))))
    assert {"medicine": "psilocybin", "route": "oral", "studied_mg": "42.0"}.items() <= rows[10].items()
    assert json.loads(said("--format", "json"))["medicines"][10]["reported_source"] == "brown2017"
    assert "| psilocybin | opens a window | oral |" in said("--format", "markdown")


def test_the_columns_of_a_screen_are_read_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "nonsense")
    assert tables._width() is None
    monkeypatch.setenv("COLUMNS", "72")
    assert tables._width() == 72


def test_words_that_do_not_fit_stand_below_their_row(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    table = Table(
        "studies",
        [{"study": "an-identifier-of-30-letters-or", "why": "90 % of the people"}, {"study": "b", "why": ""}],
        [words("study", "study"), words("why not", "why")],
    )
    untitled = Table("studies", table.rows, [words("study", "study"), words("", "why")])
    assert "  90 % of the people" in shown(capsys, untitled)
    assert shown(capsys, table)[2:] == ["an-identifier-of-30-letters-or", "  why not: 90 % of the people", "b"]
    monkeypatch.setenv("COLUMNS", "20")
    assert "  why not: 90 % of" in shown(capsys, table)


def test_numbers_that_do_not_fit_have_a_table_of_their_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "12")
    columns = [number("day", "day"), number("a", "a", ".3f"), number("b", "b", ".3f")]
    lines = shown(capsys, Table("t", [{"day": 1, "a": 1.0, "b": -2.0}], columns))
    assert lines == ["day      a", "----------", "  1  1.000", "", "day       b", "-----------", "  1  -2.000"]


@pytest.mark.parametrize("width", [60, 80, 160])
@pytest.mark.parametrize(
    "words",
    [("evidence", "list"), ("evidence", "check"), ("evidence", "show", "goodwin2022-comp001"), ("rivals",)],
    ids=" ".join,
)
def test_commands_keep_to_the_screen_and_cut_no_name(words: tuple[str, ...], width: int) -> None:
    done = CliRunner().invoke(app, words, env={"COLUMNS": str(width)})
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert not any("…" in line for line in lines)
    if words == ("evidence", "list"):
        assert set(study_names()) <= {line.split()[0] for line in lines if line.strip()}


def test_the_evidence_in_other_formats() -> None:
    def said(*words: str) -> str:
        done = CliRunner().invoke(app, ["evidence", *words])
        assert done.exit_code == 0, done.output
        return str(done.stdout)

    studies = {row["study"]: row for row in csv.DictReader(io.StringIO(said("list", "--format", "csv")))}
    assert set(studies) == set(study_names())
    assert (studies["goodwin2022-comp001"]["n"], studies["goodwin2022-comp001"]["left_out"]) == ("233", "")
    assert json.loads(said("list", "--json")) == json.loads(said("list", "--format", "json"))
    numbers = list(csv.DictReader(io.StringIO(said("show", "goodwin2022-comp001", "--format", "csv"))))
    assert {"arm": "psilocybin_25_mg", "observed": "MADRS score day -1", "status": "verified"}.items() <= numbers[
        0
    ].items()
    assert "| habit | habit_median |" in said("show", "habit_median", "--format", "markdown")


@pytest.mark.parametrize("group", ["", "runs", "evidence", "export", "studio-user", "trial"])
def test_help_is_plain_and_says_whole_sentences(group: str) -> None:
    done = CliRunner().invoke(app, [*group.split(), "--help"])
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "..." not in done.stdout.replace("COMMAND [ARGS]...", "")
    assert not set("│╭─") & set(done.stdout)


def test_a_line_that_stands_in_keeps_its_place(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    say("  arm: 90 % of the doses")
    assert capsys.readouterr().out == "  arm: 90 % of the\n    doses\n"


def test_an_error_breaks_no_word_on_a_narrow_screen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr("sys.argv", ["afterglow", "evidence", "show", "no-such-study-anywhere"])
    with pytest.raises(SystemExit):
        run()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 40
