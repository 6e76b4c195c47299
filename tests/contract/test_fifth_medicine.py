"""A medicine is added by its record, its constants and its equations: no other source file changes."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "afterglow"
DREAMINE = ROOT / "tests" / "data" / "dreamine"
GENERATED = {"compile/equations.py", "compile/exposure.py"}
ADDED = {
    "medicines/dreamine/__init__.py",
    "medicines/dreamine/record.py",
    "medicines/dreamine/parameters.py",
    "model/medicines/dreamine.py",
}

pytestmark = pytest.mark.slow


def run(package: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python on the copy."""
    environment = {**os.environ, "PYTHONPATH": str(package.parent), "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *words], cwd=package.parent, env=environment, capture_output=True, text=True, check=False
    )


def afterglow(package: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line of the copy."""
    return run(package, "-m", "afterglow.cli.main", *words)


def digests(package: Path) -> dict[str, str]:
    """Return a digest of every source file by its path in the package."""
    return {
        path.relative_to(package).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in package.rglob("*.py")
    }


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with a fifth medicine, its kernel generated anew."""
    copy = tmp_path_factory.mktemp("fifth") / "afterglow"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    folder = copy / "medicines" / "dreamine"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Dreamine, an invented medicine."""\n', encoding="utf-8")
    for name in ("record.py", "parameters.py", "starter.yaml"):
        shutil.copy(DREAMINE / name, folder / name)
    shutil.copy(DREAMINE / "equations.py", copy / "model" / "medicines" / "dreamine.py")
    done = run(copy, "-m", "afterglow.compile.generate")
    assert done.returncode == 0, done.stderr
    return copy


def test_no_other_source_file_is_touched(package: Path) -> None:
    before, after = digests(SOURCE), digests(package)
    assert set(after) - set(before) == ADDED
    assert set(before) <= set(after)
    assert {path for path, digest in before.items() if after[path] != digest} == GENERATED


def test_the_medicine_is_listed_with_its_own_limits(package: Path) -> None:
    listed = afterglow(package, "medicines", "--format", "csv")
    rows = [row for row in csv.DictReader(listed.stdout.splitlines()) if row["medicine"] == "dreamine"]
    assert [row["route"] for row in rows] == ["oral", "sublingual"]
    assert all((row["kind"], row["reported_source"]) == ("opens a window", "brown2017") for row in rows)
    assert (float(rows[0]["reported_mg"]), float(rows[0]["reported_mg_per_kg"])) == (60, 0.8)


def test_a_dose_above_its_own_limit_is_refused(package: Path) -> None:
    text = (DREAMINE / "starter.yaml").read_text(encoding="utf-8")
    large = package.parent / "large.yaml"
    large.write_text(text.replace("dreamine 40 mg", "dream tea 61 mg"), encoding="utf-8")
    refused = afterglow(package, "check", str(large))
    assert refused.returncode == 2
    assert "61 mg dreamine oral is above the largest dose reported, 60 mg (brown2017)" in refused.stderr


@pytest.fixture(scope="module")
def out(package: Path) -> Path:
    """What came out of the starter protocol; the kernel is compiled here, once."""
    protocol, folder = package.parent / "dream.yaml", package.parent / "out"
    for words in (
        ("new", "dreamine", "-o", str(protocol)),
        ("simulate", str(protocol), "--uncalibrated", "-n", "64", "--out", str(folder)),
    ):
        done = afterglow(package, *words)
        assert done.returncode == 0, done.stderr
    return folder


def test_it_runs_from_protocol_to_report(out: Path) -> None:
    scores = pd.read_csv(out / "scores.csv").set_index(["arm", "day"])
    assert scores.loc[("dreamine", 7), "change_mean"] < scores.loc[("placebo", 7), "change_mean"] < 0

    windows = pd.read_csv(out / "windows.csv").set_index("arm")
    assert set(windows["drug"]) == {"dreamine"}
    assert windows.loc["dreamine", "open_share"] > 0.9
    assert 8 < windows.loc["dreamine", "closes_day_median"] < 11  # 9 days from when the drug has left

    exposure = pd.read_csv(out / "exposure.csv").set_index("analyte")
    assert list(exposure.index) == ["dreamine", "nordreamine"]
    assert exposure.loc["dreamine", "auc_ng_h_per_ml_median"] == pytest.approx(40e3 / 30, rel=0.15)  # dose / clearance

    report = (out / "report.html").read_text(encoding="utf-8")
    assert "DreaMine 40 mg" in report
    assert "#3d7a1f" in report


def test_a_medicine_may_have_states_of_its_own(package: Path, out: Path) -> None:
    done = run(
        package,
        "-c",
        "from afterglow import read_protocol, simulate\n"
        "protocol = read_protocol('dream.yaml')\n"
        "never = {'tolerance_rate_dreamine': 0.0}\n"
        "run = simulate(protocol, participants=64, calibrated=False, typical=never, twins=False)\n"
        "print(run.scores.set_index(['arm', 'day'])['change_mean']['dreamine', 7])",
    )
    assert done.returncode == 0, done.stderr
    dulled = pd.read_csv(out / "scores.csv").set_index(["arm", "day"])["change_mean"]["dreamine", 7]
    assert float(done.stdout) < dulled - 0.1
    assert dulled < 0


def test_calibration_and_citations_know_whose_its_constants_are(package: Path) -> None:
    done = run(
        package,
        "-c",
        "from afterglow.calibrate.free_parameters import FREE\n"
        "from afterglow.medicines import users_of\n"
        "name = 'signal_gain_dreamine'\n"
        "print(name in FREE, sorted(users_of(name)))",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "True ['dreamine']"


def test_the_studio_offers_it(package: Path) -> None:
    done = run(
        package,
        "-c",
        "import datetime as dt\n"
        "from afterglow.studio.designs.design import ArmDesign, Design, protocol_of\n"
        "from afterglow.studio.plan.planning import PlanRequest\n"
        "from afterglow.studio.plan.reasons import dosing_reason\n"
        "design = Design(arms=[ArmDesign(medicine='dreamine', dose=40)])\n"
        "request = PlanRequest(medicine='dreamine', dose=40, dates=[dt.date(2030, 1, 7)])\n"
        "dose = protocol_of(design).arms[0].doses[0].to_sentence()\n"
        "print(dose, dosing_reason(request.medicine)[0], sep='; ')",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "DreaMine 40 mg oral on day 0; Nobody has ever been given it."
