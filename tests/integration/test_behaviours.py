"""The eight behaviours of the model, on the cohort mean (design of the model, "Behaviours to hold").

What the window and integration are said to do is tested where they are at work: the trials leave learning in the window
near zero, so that a calibrated run hardly shows it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests import protocols as plan

from afterglow import Protocol, Result, simulate
from afterglow.cohort import Draw
from afterglow.scales.instruments import scale
from afterglow.simulate.ensemble import ensemble
from afterglow.simulate.scoring import expected_score

PEOPLE = 256
"""Each draw is solved for a fourth of them, all of whom are kept."""


AT_WORK = {"window_learning": 0.08, "session_gain": 15.0, "new_weight": 0.25}
"""Learning in the window, and in sessions, as the story has it."""


def run(spec: dict[str, Any], rival: str = "window", *, twins: bool = False, **typical: float) -> Result:
    return simulate(
        Protocol.made(spec), participants=PEOPLE, draws=32, seed=11, rival=rival, twins=twins, typical=typical
    )


def change(result: Result, arm: str, day: float) -> float:
    """Mean change of the noise-free score from a usual day before the first dose.

    The day of inclusion itself is a bad one, from which everybody gains at once.
    """
    name, place = result.scales[0], result.run.places[arm]
    visits = list(result.run.visits[name][place])
    predicted = result.run.scores[name].predicted[:, place, :, visits.index(day)].mean(axis=1, dtype=float)
    severity = result.run.severity[:, place, :, int(np.searchsorted(result.run.times, visits[0]))].astype(float)
    usual = expected_score(scale(name), severity, result.protocol.population).mean(axis=1)
    return float(result.mixture.mean(predicted - usual))


def depression(**typical: float) -> Result:
    after_dose = [plan.sit(0), *(plan.session(d) for d in (1, 7, 14, 21))]
    practised = [{"from_day": 1, "to_day": 120, "hours_per_week": 3}]
    stopped = [{"from_day": 1, "to_day": 14, "hours_per_week": 3}]
    together = [plan.session(d, format="group") for d in (1, 7, 14)]
    therapy = [plan.session(7 * k, "psychotherapy", 1) for k in range(16)]
    prepared = plan.prepared()
    arms = {
        "nothing": {},
        "therapy": {"sessions": therapy, "practice": [{"from_day": 0, "to_day": 112, "hours_per_week": 2}]},
        "ketamine_once": {"doses": [plan.ketamine(0)]},
        "ketamine_six": {"doses": [plan.ketamine(d) for d in (0, 3, 7, 11, 15, 20)]},
        "psilocybin": {"doses": [plan.psilocybin()], "sessions": [*prepared, *after_dose], "practice": practised},
        "stopped": {"doses": [plan.psilocybin()], "sessions": [*prepared, *after_dose[:-1]], "practice": stopped},
        "group": {
            "doses": [plan.psilocybin()],
            "sessions": [*prepared, plan.sit(0), *together],
            "practice": stopped,
            "group": {"size": 6, "integration": True, "community": True},
        },
    }
    return run(plan.protocol(plan.DEPRESSION, **arms), twins=True, **typical)


@pytest.fixture(scope="module")
def calibrated() -> Result:
    return depression()


@pytest.fixture(scope="module")
def story() -> Result:
    return depression(**AT_WORK)


def test_nothing_given_eases_slowly(calibrated: Result) -> None:
    assert change(calibrated, "nothing", 14) == pytest.approx(0, abs=1)
    assert -20 < change(calibrated, "nothing", 365) < -2


def test_nothing_given_shows_regression_to_the_mean_only() -> None:
    """People enter on a bad day, and on a rating that errs upwards; from then on nothing but easing moves them."""
    result = run(plan.protocol({**plan.RESISTANT, "inclusion_min": 28, "baseline_sd": 3.0}, [-1, 1], nothing={}))
    scores = result.run.scores["MADRS"]
    observed, predicted = scores.observed[:, 0].astype(float), scores.predicted[:, 0].astype(float)
    share = predicted / 60  # the MADRS is what severity is measured in
    odds = np.log(share / (1 - share))
    excess = np.array([draw.value("baseline_excess") for draw in result.run.draws])
    assert (odds[..., 0] - odds[..., 1]).mean(axis=1) == pytest.approx(excess, abs=0.01)
    assert excess.mean() > 0.05
    gained = (predicted[..., 1] - predicted[..., 0]).mean()
    assert (observed[..., 1] - observed[..., 0]).mean() < gained - 0.2
    assert change(result, "nothing", 1) == pytest.approx(0, abs=0.1)


def test_therapy_alone_helps_slowly_and_is_kept(story: Result) -> None:
    own = {day: change(story, "therapy", day) - change(story, "nothing", day) for day in (14, 120, 180)}
    assert own[120] < 2 * own[14] < 0
    assert own[180] < 0.6 * own[120]


def test_what_is_given_lifts_for_days_whatever_it_is() -> None:
    given = {"ketamine": [plan.ketamine(0)], "salt": [{"day": 0, "medicine": "placebo", "route": "iv"}], "nothing": []}
    own = Protocol.made(plan.protocol(plan.RESISTANT, [-1, 7], **{name: {"doses": d} for name, d in given.items()}))
    draw = Draw(typical={"lift_days": 4.0})
    days = np.array([-0.5, 1.0, 5.0])
    lift = {
        arm.id: ensemble(arm, own, [draw], seed=1, first=[0], count=4, days=days, names=("lift",), begin=-1.0).of(
            "lift"
        )[0]
        for arm in own.arms
    }
    expected = np.array([0.0, np.exp(-1 / 4), np.exp(-5 / 4)])
    for arm in ("ketamine", "salt"):
        np.testing.assert_allclose(lift[arm], np.tile(expected, (4, 1)), rtol=2e-3, atol=1e-6)
    np.testing.assert_array_equal(lift["nothing"], 0.0)


def test_one_ketamine_infusion_helps_in_a_day_and_fades(calibrated: Result) -> None:
    own = {d: change(calibrated, "ketamine_once", d) - change(calibrated, "nothing", d) for d in (1, 2, 14, 42)}
    assert own[1] < -6
    assert own[14] > 0.6 * min(own[1], own[2])
    assert own[42] > 0.45 * min(own[1], own[2])


def test_six_infusions_deepen_then_relapse_in_weeks(calibrated: Result) -> None:
    six = [change(calibrated, "ketamine_six", d) - change(calibrated, "nothing", d) for d in (1, 4, 21, 42, 60)]
    assert six[0] > six[1] > six[2]
    assert six[3] > 0.8 * six[2]
    assert six[4] > 0.7 * six[2]


def test_training_after_ketamine_keeps_the_gain_only_in_the_window() -> None:
    result = run(plan.asat(), twins=True, **AT_WORK)
    early = change(result, "ket_asat", 30) - change(result, "ket_sham", 30)
    late = change(result, "ket_late", 60) - change(result, "ket_sham", 60)
    alone = change(result, "sal_asat", 30) - change(result, "sal_asat|no integration", 30)
    assert early < -3
    assert early < 1.5 * alone, "the same training does more after ketamine than after saline"
    assert late > 0.7 * early, "a month later it keeps far less"


def test_psilocybin_gain_by_day_7_is_kept_with_integration_and_drifts_back_without(story: Result) -> None:
    with_it = [change(story, "psilocybin", d) for d in (7, 180)]
    without = [change(story, "psilocybin|no integration", d) for d in (7, 180)]
    natural = change(story, "nothing", 180)
    assert with_it[0] < -10
    assert with_it[1] - natural < 0.3 * with_it[0]
    assert without[1] - natural > 0.6 * (with_it[1] - natural)


def test_mdma_separates_further_from_therapy_after_each_session() -> None:
    result = run(plan.mapp1())
    gap = [change(result, "mdma", d) - change(result, "therapy", d) for d in (25, 53, 112)]
    assert gap[0] < -4
    assert gap[1] < gap[0]
    assert gap[2] < gap[0]
    assert change(result, "mdma", 365) < 0.5 * change(result, "mdma", 112)


def test_stopped_practice_lets_the_old_pattern_return_and_a_group_holds_it(story: Result) -> None:
    kept = change(story, "psilocybin", 180)
    stopped = change(story, "stopped", 180)
    assert stopped > kept + 1
    day = {d: int(np.argmin(np.abs(story.run.times - d))) for d in (30, 180)}
    practice = {name: story.course("practice", name).mean for name in ("stopped", "group")}
    held = {name: course[day[180]] / course[day[30]] for name, course in practice.items()}
    assert held["group"] > held["stopped"], "support slows the loss of practice"


def test_dose_order() -> None:
    result = run(plan.comp001())
    assert (
        change(result, "psilocybin_25", 21) < change(result, "psilocybin_10", 21) < change(result, "psilocybin_1", 21)
    )
    low_high = {f"k{k}": {"doses": [plan.ketamine(0, dose)]} for k, dose in ((1, 0.1), (5, 0.5))}
    ketamine = run(plan.protocol(plan.RESISTANT, [-1, 1], **low_high))
    assert change(ketamine, "k5", 1) < 1.5 * change(ketamine, "k1", 1) < 0


def test_mdma_exposure_rises_more_than_in_proportion() -> None:
    arms = {f"mg{mg}": {"doses": plan.mdma(0, mg)[:1]} for mg in (50, 125)}
    exposure = run(plan.protocol(plan.PTSD, [-1, 1], **arms)).exposure
    auc = exposure[exposure["analyte"] == "mdma"].set_index("arm")["auc_ng_h_per_ml_median"]
    assert auc["mg125"] > 1.15 * (125 / 50) * auc["mg50"]


@pytest.mark.parametrize("task", ["insights", "steps", "practice"])
def test_leaving_out_one_task_of_integration_costs(task: str) -> None:
    def sessions(tasks: list[str]) -> list[dict[str, Any]]:
        return [*plan.prepared(), plan.sit(0), *(plan.session(d, tasks=tasks) for d in (1, 7, 14))]

    every = ["insights", "steps", "practice"]
    rest = [t for t in every if t != task]
    arms = {n: {"doses": [plan.psilocybin()], "sessions": sessions(t)} for n, t in (("all", every), ("less", rest))}
    result = run(plan.protocol(plan.DEPRESSION, **arms))
    assert change(result, "all", 60) < change(result, "less", 60) - 0.1


def test_rivals_differ_where_they_should() -> None:
    spec = plan.comp001()
    spec["arms"] = spec["arms"][:1]
    gain = {}
    for rival in ("window", "additive", "drug_only"):
        result = run(spec, rival=rival, twins=True)
        gain[rival] = change(result, "psilocybin_25", 84) - change(result, "psilocybin_25|no integration", 84)
    assert gain["drug_only"] == pytest.approx(0, abs=0.4), "only hope is left of a session that does nothing"
    assert gain["window"] == pytest.approx(gain["additive"], abs=0.6), "the learning of the window came out at zero"
    assert max(gain["window"], gain["additive"]) < gain["drug_only"] - 0.8
