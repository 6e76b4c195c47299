"""The plain linear correction: its terms, what it learns, and that a left-out study is not seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests import protocols as plan

from afterglow.calibrate.diagnostics.correction import (
    TERMS,
    Correction,
    corrected,
    design,
    evidence_of,
    fitted,
    terms_of,
)
from afterglow.calibrate.diagnostics.scores import Row, summary
from afterglow.calibrate.targets import Trial
from afterglow.protocol import Protocol


def arms_of(condition: str, **arms: Any) -> Trial:
    people = {**plan.DEPRESSION, "condition": condition}
    return Trial("s", Protocol.made(plan.protocol(people, **arms)), ())


def test_terms_say_what_an_arm_was_given() -> None:
    therapy = [plan.session(7.0 * k, "psychotherapy", 1.0, approach="supportive") for k in range(4)]
    trial = arms_of(
        "treatment_resistant_depression",
        a={"doses": [plan.psilocybin(mg=10)], "sessions": therapy, "n": 50},
        b={"n": 50},
        c={"doses": [plan.psilocybin(mg=25)], "background": {"antidepressant": "new"}},
    )
    told = [dict(zip(TERMS, terms_of(trial, arm, 10.0), strict=True)) for arm in range(3)]
    assert {name: value for name, value in told[1].items() if value} == {"all arms": 1.0, "waiting list": 1.0}
    assert told[0]["psilocybin 10 mg"] == told[0]["supportive therapy"] == told[0]["given"] == 1.0
    assert told[0]["log hours of psychotherapy"] == pytest.approx(np.log(3))  # two of four hours by day 10
    assert told[0]["standard error of the trial"] == pytest.approx(0.2)
    assert told[2]["new antidepressant"] == pytest.approx(1 - np.exp(-1))
    assert told[2]["psilocybin 10 mg"] == 0.0


def made_up(effect: float, studies: int = 12) -> tuple[list[Row], dict[str, Trial]]:
    """Trials of MDMA against a waiting list whose medicine is foretold wrongly by an effect, in SDs."""
    trial = arms_of("ptsd", a={"doses": plan.mdma(0), "n": 500}, b={"n": 500})
    rows, trials = [], {}
    noise = np.random.default_rng(2).normal(0, 0.05, (studies, 2))
    for k in range(studies):
        name = f"s{k}"
        trials[name] = replace(trial, name=name)
        seen = {"a": -20 + 10 * (effect + noise[k, 0]), "b": -5 + 10 * noise[k, 1]}
        told: dict[str, Any] = {"study": name, "scale": "MADRS", "day": 28.0, "n": 500, "sd": 10.0, "spread": 3.0}
        told |= {"baselines": {"medicine": (-5.0, 5.0)}, "low": -30.0, "high": 0.0, "inside": True}
        for arm, at in (("a", -20.0), ("b", -5.0)):
            rows.append(Row(arm=arm, kind="change_from_baseline", published=seen[arm], predicted=at, **told))
        gap = {"published": seen["a"] - seen["b"], "predicted": -15.0}
        rows.append(Row(arm="a", versus="b", group="differences", kind="difference", **gap, **told))
    return rows, trials


def test_a_correction_learns_an_error_that_trials_share() -> None:
    rows, trials = made_up(0.5)
    before, after = (summary(found)["differences"] for found in (rows, corrected(rows, trials)))
    assert before["slope"] == pytest.approx(10 / 15, abs=0.05)
    assert after["slope"] == pytest.approx(1.0, abs=0.05)
    assert after["mae_sd"] < 0.3 * before["mae_sd"]


def test_a_correction_of_a_study_does_not_see_it() -> None:
    rows, trials = made_up(0.0)
    moved = [replace(one, published=one.published + 50) if one.study == "s0" else one for one in rows]
    first, second = (
        [one.predicted for one in corrected(found, trials) if one.study == "s0"] for found in (rows, moved)
    )
    assert first == second


def test_a_difference_of_arms_with_own_values_is_no_evidence_of_its_own() -> None:
    rows, trials = made_up(0.3, studies=2)
    assert len(evidence_of(rows)) == 4
    alone = [one for one in rows if one.arm != "b"]
    assert [one.group for one in evidence_of(alone)] == ["means", "differences"] * 2
    terms = design(alone, trials)
    np.testing.assert_allclose(terms[1], terms_of(trials["s0"], 0, 28.0) - terms_of(trials["s0"], 1, 28.0))
    assert isinstance(fitted(alone, terms), Correction)
