"""The solver: accuracy, determinism, and failures that are reported, never dropped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests import protocols as plan

from afterglow import Protocol, simulate
from afterglow.cohort import Cohort
from afterglow.compile.arithmetic import exponential
from afterglow.errors import SolverError
from afterglow.runs.simulate import run_of, spec_of
from afterglow.simulate.schedule import schedule
from afterglow.simulate.solve import Accuracy, padded, solve_arm

TIGHT = Accuracy(relative=1e-11, absolute=1e-13)


def solved(spec: dict, accuracy: Accuracy | None = None, count: int = 100, **more):
    protocol = Protocol.made(spec)
    arm = protocol.arms[0]
    timetable = schedule(arm, protocol)
    people = Cohort(population=protocol.population, participants=count, seed=5).people(0, padded(count, arm.group.size))
    days = np.linspace(timetable.begin, timetable.end, 60)
    return solve_arm(timetable, people, days=days, names=("symptom", "new_pattern"), accuracy=accuracy, **more)


@pytest.mark.parametrize("spec", [plan.mapp1(), plan.comp001(), plan.asat()], ids=["mdma", "psilocybin", "ketamine"])
def test_p95_symptom_error_is_below_1e_4(spec: dict) -> None:
    fast, tight = solved(spec).values[:, 0], solved(spec, TIGHT).values[:, 0]
    worst = (np.abs(fast - tight) / (0.1 + np.abs(tight))).max(axis=1)
    assert np.quantile(worst, 0.95) <= 1e-4
    assert worst.max() < 1e-2


def test_error_falls_with_the_tolerance() -> None:
    tight = solved(plan.mapp1(), TIGHT).values
    errors = [
        np.abs(solved(plan.mapp1(), Accuracy(relative=r, absolute=r / 10)).values - tight).mean()
        for r in (1e-3, 1e-5, 1e-7)
    ]
    assert errors[0] > 5 * errors[1] > 25 * errors[2]


def test_threads_do_not_change_a_bit() -> None:
    one, two = solved(plan.mapp1(), threads=1), solved(plan.mapp1(), threads=2)
    assert np.array_equal(one.values, two.values)


def test_exponential_is_exact_to_a_few_ulp() -> None:
    x = np.linspace(-700, 700, 20_001)
    ours = np.array([exponential(v) for v in x])
    assert np.max(np.abs(ours / np.exp(x) - 1)) < 5e-15
    assert np.isnan(exponential(np.nan))


def test_too_few_steps_are_reported_by_participant() -> None:
    few = solved(plan.mapp1(), Accuracy(max_steps=3))
    assert (few.status > 0).any()
    assert np.isnan(few.values[few.status > 0]).all()
    assert np.isfinite(few.values[few.status == 0]).all()


def test_one_bad_participant_is_named_and_spares_the_neighbours() -> None:
    protocol = Protocol.made(plan.comp001())
    timetable = schedule(protocol.arms[0], protocol)
    people = Cohort(population=protocol.population, participants=8, seed=5).people(0, 8)
    days = np.array([30.0])
    good = solve_arm(timetable, people, days=days, names=("symptom",)).values.copy()
    broken = people.values["symptom_days"].copy()
    broken[2] = np.nan
    others = replace(people, values={**people.values, "symptom_days": broken})
    seen = solve_arm(timetable, others, days=days, names=("symptom",))
    assert list(np.flatnonzero(seen.status)) == [2]
    assert np.isnan(seen.values[2]).all()
    spared = [0, 1, 3, 4, 5, 6, 7]
    assert np.allclose(seen.values[spared], good[spared], rtol=1e-4)


def test_simulate_refuses_to_hide_a_failure() -> None:
    spec, posteriors = spec_of(Protocol.made(plan.comp001()), participants=8, draws=4)
    with pytest.raises(SolverError, match="participants could not be integrated") as caught:
        run_of(replace(spec, accuracy=Accuracy(max_steps=2)), posteriors)
    assert caught.value.participants


def test_shifting_all_times_shifts_the_answer() -> None:
    spec = plan.comp001()
    moved = plan.comp001()
    for arm in moved["arms"]:
        arm["doses"] = [{**d, "day": d["day"] + 10} for d in arm["doses"]]
        arm["sessions"] = [{**s, "day": s["day"] + 10} for s in arm["sessions"]]
    moved["assessments"][0]["days"] = [-4, *(d + 10 for d in spec["assessments"][0]["days"][1:-1])]
    moved["population"] = {**plan.RESISTANT}
    given = {"participants": 40, "twins": False, "typical": {"easing_days": 1e7}, "rival": "window", "draws": 1}
    a, b = (simulate(Protocol.made(one), **given).run.scores["MADRS"] for one in (spec, moved))
    first, second = a.predicted[0, 0, :, 1:8], b.predicted[0, 0, :, 1:8]
    assert np.allclose(first, second, atol=0.02)
