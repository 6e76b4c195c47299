"""The command line as a stranger uses it, with mistakes: in a process of its own where that is what is tried."""

from __future__ import annotations

import contextlib
import copy
import functools
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests import protocols as plan
from typer.testing import CliRunner

from afterglow.cli.main import app, run
from afterglow.figures.words import signed
from afterglow.posterior import shipped

ROOT = Path(__file__).parents[2]


def afterglow(*words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "afterglow.cli.main", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "trial.yaml"
    path.write_text(yaml.safe_dump(plan.comp001()), encoding="utf-8")
    return path


def said(*words: str) -> str:
    """Run in this process, and return what was printed."""
    done = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    return str(done.stdout)


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports of words and tables alone: figures take most of the time, and what is looked for stands beside them."""
    monkeypatch.setattr("afterglow.report.html.figure_cards", lambda tables: ())


def refused(*words: str) -> str:
    """Run in this process, expect the user's mistake, and return the one sentence."""
    sentence = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(sentence):
        patch.setattr(sys, "argv", ["afterglow", *words])
        with pytest.raises(SystemExit) as stopped:
            run()
    assert stopped.value.code == 2, sentence.getvalue()
    lines = [line for line in sentence.getvalue().splitlines() if line.strip()]
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_no_console_ends_a_command_for_a_letter_it_does_not_know(encoding: str, tmp_path: Path) -> None:
    spec = plan.protocol(plan.DEPRESSION, [-1, 7, 28], **{"groupe é µ \U0001f344 – x": {"doses": [plan.psilocybin()]}})
    path = tmp_path / "p.yaml"
    path.write_text(yaml.safe_dump(spec | {"horizon_days": 28}, allow_unicode=True), encoding="utf-8")
    for words in (
        ["check", str(path)],
        ["simulate", str(path), "-n", "3", "--draws", "4"],
        ["check", "\U0001f344.yaml"],
    ):
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["afterglow", *words])
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            code = 0
            try:
                run()
            except SystemExit as stopped:
                code = int(stopped.code or 0)
            said = [
                stream.buffer.getvalue().decode("utf-8" if encoding == "ascii" else encoding) for stream in (out, err)
            ]
        assert code == (0 if words[1] == str(path) else 2), said
        if words[0] == "simulate":
            assert re.search(r"-\d+\.\d", said[0]), "a minus is never lost"
    assert run_in_pipe("export", "nonmem", str(path)).decode("utf-8").count("\U0001f344") >= 1


def run_in_pipe(*words: str) -> bytes:
    """Run in this process with a console that knows ASCII alone, and return the bytes that a pipe gets."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["afterglow", *words])
        patch.setattr(sys, "stdout", out)
        with contextlib.suppress(SystemExit):
            run()
    out.flush()
    return out.buffer.getvalue()


def test_a_seed_beyond_64_bits_is_refused_before_anything_is_written(file: Path, tmp_path: Path) -> None:
    said = refused("simulate", str(file), "--seed", str(2**64), "--out", str(tmp_path / "out"))
    assert said == "afterglow: the seed is a whole number from 0 to 18446744073709551615, not 18446744073709551616"
    assert not (tmp_path / "out").exists()


def test_json_has_the_promised_shape(file: Path) -> None:
    done = afterglow("simulate", str(file), "-n", "40", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    keys = {
        "version",
        "run",
        "seed",
        "participants",
        "draws",
        "calibrated",
        "rival",
        "explanations",
        "arms",
        "contrasts",
    }
    assert keys | {"by_rival", "warnings", "citations"} == set(found)
    assert found["rival"] == "weighted"
    assert found["calibrated"] is True
    assert found["participants"] == 40
    arm = found["arms"][0]
    assert {"id", "exposure", "windows", "scores", "relapse", "lasting"} <= set(arm)
    exposure = arm["exposure"][0]
    assert {"drug", "analyte", "dose_day"} <= set(exposure)
    for quantity in ("cmax_ng_per_ml", "tmax_h", "auc_ng_h_per_ml", "half_life_h"):
        assert exposure[quantity]["q05"] < exposure[quantity]["median"] < exposure[quantity]["q95"]
    window = arm["windows"][0]
    assert window["open_from_day"]["median"] < 0.5 < window["closes_day"]["median"]
    score = {"scale", "day", "mean", "sd", "q05", "q50", "q95", "change_mean", "response", "remission"}
    assert all(score <= set(row) for row in arm["scores"])
    # A band is at least as wide as trials of one thing lie apart, and not much wider: parameters add little to that.
    apart = 1.645 * shipped().between_trial_sd
    for row in arm["scores"][1:]:
        for name, spread in (("mean", row["sd"]), ("change_mean", row["sd"]), ("response", 0.35)):
            below, above = row[name] - row[f"{name}_low"], row[f"{name}_high"] - row[name]
            assert 0.6 < max(below, above) / (apart * spread) < 2.5, (row["day"], name)
    closes = window["closes_day"]
    assert 5 < closes["median"] - closes["median_low"] < 60
    assert 5 < closes["median_high"] - closes["median"] < 60
    shares = [row["share"] for row in arm["relapse"]]
    assert shares == sorted(shares)
    assert 0 == shares[0] < shares[-1] < 1
    for row in arm["lasting"]:
        assert 0.6 < (row["credible_high"] - row["share"]) / (apart * 0.35) < 2.5
        assert row["share"] <= min(s["response"] for s in arm["scores"] if s["day"] >= row["from_day"])
        assert row["therapy_hours"] == pytest.approx(row["hours_per_lasting_response"] * row["share"])
        assert row["hours_credible_low"] < row["hours_per_lasting_response"]
    last = {name: own["contrasts"][-1]["mean_difference"] for name, own in found["by_rival"].items()}
    assert set(last) == {"window", "additive", "drug_only", "expectancy_only"}
    weighted = sum(found["by_rival"][name]["weight"] * points for name, points in last.items())
    assert found["contrasts"][-1]["mean_difference"] == pytest.approx(weighted)
    assert found["contrasts"][-1]["credible_low"] < found["contrasts"][-1]["credible_high"]
    assert "holze2023" in found["citations"]


def test_same_seed_same_numbers_whatever_the_workers(file: Path) -> None:
    words = ("simulate", str(file), "-n", "24", "--draws", "8", "--json")
    runs = [afterglow(*words, "--seed", "9", "--workers", k).stdout for k in ("1", "2")]
    assert runs[0] == runs[1]
    assert json.loads(runs[0]) != json.loads(said(*words))


def test_a_run_writes_report_tables_and_data(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    done = afterglow("simulate", str(file), "-n", "40", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "90 % interval" in done.stdout
    told = " ".join(done.stdout.split())
    assert re.search(r"psilocybin_25 no integration −\d", told)
    assert re.search(r"psilocybin_25 minus psilocybin_1, by explanation: \w+ \(0\.", told)
    names = {p.name for p in out.rglob("*")}
    assert {"report.html", "result.nc", "scores.csv", "scores.parquet"} <= names
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Not calibrated" not in page
    assert "Under each explanation" in page


def test_one_explanation_alone(file: Path) -> None:
    told = " ".join(said("simulate", str(file), "-n", "24", "--draws", "4", "--rival", "additive").split())
    assert "24 people, 4 draws; explanations: additive alone" in told
    assert "no integration" in told
    assert "by explanation" not in told
    assert told.endswith("under the explanation additive alone.")


def sentence(*words: str) -> str:
    """Return the last paragraph of what is printed, as one line."""
    return "On day " + " ".join(said(*words).rpartition("\nOn day ")[2].split())


def test_a_run_ends_with_the_difference_its_interval_and_how_sure(file: Path) -> None:
    words = ("simulate", str(file), "-n", "24", "--draws", "4")
    found = json.loads(said(*words, "--json"))["contrasts"]
    last = sentence(*words)
    row = next(r for r in found if r["arm"] == "psilocybin_25" and r["versus"] == "psilocybin_1" and r["day"] == 365)
    assert last.startswith("On day 365, psilocybin_25 and psilocybin_1 cannot be told apart: they differ by ")
    for number in ("mean_difference", "credible_low", "credible_high"):
        assert signed(row[number]) in last
    assert f"is lower is {100 * row['probability_lower']:.0f} %" in last
    assert "all explanations by their weights" in last
    assert sentence(*words, "--day", "7").startswith("On day 7, psilocybin_25 ")
    assert sentence(*words, "--format", "markdown") == last


def test_a_run_of_one_arm_says_what_it_cannot_tell(file: Path) -> None:
    spec = copy.deepcopy(plan.comp001())
    spec["arms"] = spec["arms"][:1]
    file.write_text(yaml.safe_dump(spec), encoding="utf-8")
    words = ("simulate", str(file), "-n", "24", "--draws", "4")
    assert "psilocybin_25 and the same people without integration" in sentence(*words)
    alone = sentence(*words, "--no-twins")
    assert re.match(r"On day 365, the change from baseline in psilocybin_25 is −\d+\.\d \(−.* to −.*\) MADRS", alone)
    assert "due to the treatment cannot be said" in alone
    spec["assessments"] = [{"scale": "MADRS", "days": [-1]}]
    file.write_text(yaml.safe_dump(spec), encoding="utf-8")
    assert "Nobody is rated after the baseline" in said(*words)


def test_what_cannot_be_compared_is_refused_before_anything_is_run(file: Path, tmp_path: Path) -> None:
    out = ("-n", "100000", "--out", str(tmp_path / "x"))
    assert "did you mean 'psilocybin_1'" in refused("simulate", str(file), "--against", "psilocybin1", *out)
    assert "not with 'psilocybin_25'" in refused("simulate", str(file), "--against", "psilocybin_25", *out)
    assert "not rated on day 3 after its baseline; its days: 1" in refused("simulate", str(file), "--day", "3", *out)
    assert "keep one" in refused("simulate", str(file), "--json", "--format", "csv", *out)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("width", [60, 80, 160])
def test_no_word_of_a_run_is_broken_at_any_width(file: Path, width: int) -> None:
    printed = (
        CliRunner()
        .invoke(app, ["simulate", str(file), "-n", "24", "--draws", "4", "--wide"], env={"COLUMNS": str(width)})
        .stdout
    )
    assert max(map(len, printed.splitlines())) <= width
    for word in ("psilocybin_25", "integration", "explanations:", "Monte-Carlo", "probability"):
        assert re.search(rf"(^|\s){re.escape(word)}(\W|$)", printed, re.M), word


@pytest.mark.usefixtures("without_figures")
def test_names_that_a_spreadsheet_would_calculate_are_guarded(file: Path, tmp_path: Path) -> None:
    spec = copy.deepcopy(plan.comp001())
    spec["arms"] = spec["arms"][:1]
    spec["arms"][0]["id"] = "=1+1"
    file.write_text(yaml.safe_dump(spec), encoding="utf-8")
    words = ("simulate", str(file), "-n", "24", "--draws", "4")
    assert "\n'=1+1,MADRS,-1.0," in said(*words, "--format", "csv", "--out", str(tmp_path / "x"))
    for name in ("scores", "contrasts", "exposure"):
        assert "\n'=1+1," in (tmp_path / "x" / f"{name}.csv").read_text(encoding="utf-8")


def test_without_twins_nothing_is_compared_with_them(file: Path) -> None:
    assert "integration" not in said("simulate", str(file), "-n", "24", "--draws", "4", "--no-twins")


@pytest.mark.usefixtures("without_figures")
def test_without_calibration_it_says_so(file: Path, tmp_path: Path) -> None:
    words = ("simulate", str(file), "-n", "24", "--uncalibrated")
    printed = said(*words, "--out", str(tmp_path / "x"))
    assert "Not calibrated" in printed
    assert "90 %" not in printed
    assert "Not calibrated" in (tmp_path / "x" / "report.html").read_text(encoding="utf-8")
    told = json.loads(said(*words, "--json"))
    assert told["calibrated"] is False
    assert "mean_low" not in told["arms"][0]["scores"][0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: s["arms"][0]["doses"][0].update(medicine="psilocibin"), "did you mean 'psilocybin'"),
        (lambda s: s["arms"][0]["doses"][0].update(route="orall"), "did you mean 'oral'"),
        (lambda s: s["assessments"][0].update(scale="MADR"), "did you mean 'MADRS'"),
        (lambda s: s["arms"][0]["doses"][0].update(dose_mg=-3), "doses[0]"),
        (lambda s: s["arms"][0]["doses"][0].update(dose_mg=float("inf")), "doses[0]"),
        (lambda s: s["arms"][0]["doses"][0].update(dose_mg=60), "above the largest dose reported"),
        (lambda s: s["arms"][0]["doses"][0].update(dose_mg=60000), "more than 100 times"),
        (lambda s: s["arms"][0]["sessions"].reverse(), "in order"),
        (lambda s: s.update(horizon_days=50), "beyond the horizon"),
        (lambda s: s["population"].update(baseline_mean=80), "outside the MADRS range"),
        (lambda s: s["population"].update(inclusion_min=33), "below the baseline mean"),
    ],
)
def test_mistakes_in_the_protocol(file: Path, change: Any, sentence: str) -> None:
    spec = copy.deepcopy(plan.comp001())
    for arm in spec["arms"]:
        arm["sessions"] = list(arm["sessions"])
    change(spec)
    file.write_text(yaml.safe_dump(spec), encoding="utf-8")
    assert sentence in refused("simulate", str(file))


def test_mistakes_on_the_command_line(file: Path, tmp_path: Path) -> None:
    assert "at least 1 participant" in refused("simulate", str(file), "-n", "0")
    assert "4 explanations need at least a draw each" in refused("simulate", str(file), "--draws", "3")
    assert "did you mean 'window'" in refused("simulate", str(file), "--rival", "windo")
    assert "nofile.yaml" in refused("simulate", str(tmp_path / "nofile.yaml"))
    refused("simulate", str(tmp_path))
    taken = tmp_path / "taken"
    taken.write_text("mine", encoding="utf-8")
    assert "is a file" in refused("simulate", str(file), "--out", str(taken))
    assert taken.read_text(encoding="utf-8") == "mine"


@pytest.mark.usefixtures("without_figures")
def test_a_dose_above_what_was_studied_runs_and_is_marked_everywhere(file: Path, tmp_path: Path) -> None:
    spec = copy.deepcopy(plan.comp001())
    spec["arms"] = spec["arms"][:1]
    spec["arms"][0]["doses"] = ["ketamine 375 mg sublingual on day 0, weekly x 2"]
    file.write_text(yaml.safe_dump(spec), encoding="utf-8")
    words = "ketamine 375 mg sublingual, 2 doses: kinetics extrapolated above 50 mg (yanagihara2003)"
    command = ("simulate", str(file), "-n", "24", "--draws", "4")
    assert words in " ".join(said(*command, "--out", str(tmp_path / "x")).split())
    assert words in (tmp_path / "x" / "report.html").read_text(encoding="utf-8")
    told = json.loads(said(*command, "--json"))
    assert told["arms"][0]["extrapolations"] == [words]


@pytest.mark.usefixtures("without_figures")
def test_an_allowed_extrapolation_is_marked_everywhere(file: Path, tmp_path: Path) -> None:
    spec = copy.deepcopy(plan.comp001())
    spec["arms"] = spec["arms"][:1]
    spec["arms"][0]["doses"][0]["dose_mg"] = 60
    spec["allow_extrapolation"] = True
    file.write_text(yaml.safe_dump(spec), encoding="utf-8")
    command = ("simulate", str(file), "-n", "24", "--draws", "4")
    assert "extrapolation" in said(*command, "--out", str(tmp_path / "x"))
    assert "xtrapolat" in (tmp_path / "x" / "report.html").read_text(encoding="utf-8")
    told = json.loads(said(*command, "--json"))
    assert told["arms"][0]["extrapolated"] is True


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_interruption_leaves_no_half_written_file(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "afterglow.cli.main", "simulate", str(file), "-n", "400000", "--out", str(out)]
    heeds = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a job in the background ignores Ctrl-C
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=heeds)
    for _ in range(600):
        if out.exists():
            break
        time.sleep(0.1)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "Traceback" not in told
    assert [p for p in out.rglob("*") if p.is_file()] == []


def test_check_reads_the_section_of_a_schedule(tmp_path: Path) -> None:
    clinic = (ROOT / "examples" / "clinic.yaml").read_text(encoding="utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text(clinic.replace("aim: mean score on day 84", "aim: happiness"), encoding="utf-8")
    assert "unknown aim 'happiness'" in refused("check", str(mine))
    mine.write_text(clinic.replace("threshold: 150000", "threshold: -5"), encoding="utf-8")
    assert "economics.threshold: must be above 0" in refused("check", str(mine))


@pytest.mark.parametrize("form", ["usdm", "fhir"])
def test_an_export_says_which_sections_it_leaves_out(form: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["export", form, str(ROOT / "examples" / "clinic.yaml"), "-o", str(tmp_path / "x.json")]
    )
    assert (done.exit_code, "without the sections optimise, economics" in done.stderr) == (0, True)


def test_other_commands() -> None:
    assert "psilocybin" in said("medicines")
    assert "Nardou" in said("cite")
    assert said("--version").startswith("afterglow ")
    assert "\\begin{document}" in said("export", "latex")
