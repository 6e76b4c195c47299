"""The page of registered designs says what today's runs say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from afterglow.predictions.registration import RegisteredTrial
from afterglow.trial import Trial, operating_characteristics
from afterglow.trial.bank.bank import bank_spec
from afterglow.trial.designs import Wanted, detectable_difference, power_of_means, size_for_means

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def made() -> ModuleType:
    path = DOCS / "reference" / "generate_registered_designs.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def text(made: ModuleType) -> str:
    return str(made.PAGE.read_text(encoding="utf-8"))


def test_the_page_is_of_the_runs_of_today(made: ModuleType, text: str) -> None:
    assert text.startswith(made.INTRODUCTION)
    assert text.endswith(made.AGAIN + "\n")
    assert len(made.trials()) == 3
    for path in made.trials():
        trial = Trial.from_file(path)
        assert f"run `{bank_spec(trial).key}`" in text, (
            f"{path.stem}: run docs/reference/generate_registered_designs.py"
        )
        registration = RegisteredTrial.from_file(path).registration
        assert f"## {registration.number}: {registration.title}" in text


def test_a_plan_is_the_protocol_on_record_and_of_its_size(made: ModuleType) -> None:
    for path in made.trials():
        plan, kept = (RegisteredTrial.from_file(folder / path.name) for folder in (made.FOLDER, made.RECORD))
        assert plan.registration == kept.registration
        assert plan.protocol.arms == kept.protocol.arms
        assert plan.protocol.population == kept.protocol.population
        trial = Trial.from_file(path)
        assert trial.section.day == kept.registration.day
        assert trial.section.alpha == kept.registration.alpha / 2
        assert (*trial.section.active, trial.section.control) == (kept.registration.active, kept.registration.control)
        assert trial.people(trial.section.sizes[0]) == tuple(arm.n for arm in trial.arms)


def test_a_small_run_gives_the_assurance_of_the_page(made: ModuleType, text: str) -> None:
    trial = Trial.from_file(made.FOLDER / "NCT05737693.yaml")
    found = operating_characteristics(trial, trials=192, people=64, draws=64, keep=False).rows[0].assurance
    line = next(line for line in text.splitlines() if line.startswith("| NCT05737693 |"))
    printed = float(line.split("|")[4].split("(")[0]) / 100
    assert found.value is not None
    assert found.se is not None
    assert found.value == pytest.approx(printed, abs=3 * found.se)


def test_the_difference_that_a_size_finds() -> None:
    """64 people an arm find half an SD with a power of 80 %, two-sided (Cohen 1988, table 2.4.1)."""
    assert detectable_difference(10.0, 64, 64, Wanted(power=0.8)) == pytest.approx(5.0, abs=0.02)
    size = size_for_means(4.0, 9.0, Wanted(ratio=2.0))
    assert detectable_difference(9.0, size.active, size.control) == pytest.approx(4.0, abs=1e-6)
    normal = detectable_difference(1.0, 30, 20, Wanted(power=0.7), test="normal")
    assert power_of_means(normal, 1.0, 30, 20, test="normal") == pytest.approx(0.7)
