"""The solver: accuracy, determinism, and failures that are reported, never dropped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests import protocols as plan

from afterglow import Protocol, simulate
from afterglow.cohort import Cohort, People
from afterglow.compile.arithmetic import exponential
from afterglow.compile.equations import BLOCK_STATES, STATES
from afterglow.compile.kernel import steps
from afterglow.compile.kernel.tableau import PARABOLA, QUARTIC, SLOPE, TABLEAU
from afterglow.errors import SolverError
from afterglow.runs.simulate import run_of, spec_of
from afterglow.simulate.schedule import Schedule, schedule
from afterglow.simulate.solve import Accuracy, padded, solve_arm

TIGHT = Accuracy(relative=1e-11, absolute=1e-13)


def solved(spec: dict, accuracy: Accuracy | None = None, count: int = 100, **more):
    protocol = Protocol.made(spec)
    arm = protocol.arms[0]
    timetable = schedule(arm, protocol)
    people = Cohort(population=protocol.population, participants=count, seed=5).people(0, padded(count, arm.group.size))
    days = np.linspace(timetable.begin, timetable.end, 60)
    return solve_arm(timetable, people, days=days, names=("symptom", "new_pattern"), accuracy=accuracy, **more)


def group_of_six() -> dict:
    sessions = [plan.sit(0), plan.session(1), plan.session(8)]
    group = {"size": 6, "dosing": True, "integration": True, "community": True}
    return plan.protocol(
        plan.RESISTANT, arm={"doses": [plan.psilocybin(0), plan.ketamine(30)], "sessions": sessions, "group": group}
    )


def drawn(spec: dict, count: int, **typical: float) -> tuple[Schedule, People]:
    protocol = Protocol.made(spec)
    arm = protocol.arms[0]
    cohort = Cohort(population=protocol.population, participants=count, seed=5, typical=typical)
    return schedule(arm, protocol), cohort.people(0, padded(count, arm.group.size))


def side_by_side(a: People, b: People) -> People:
    values = {name: np.concatenate([a.values[name], b.values[name]]) for name in a.values}
    arrays = ("weight_kg", "age", "female", "baseline_severity", "baseline_score")
    return People(
        first=0, values=values, **{name: np.concatenate([getattr(a, name), getattr(b, name)]) for name in arrays}
    )


designs = pytest.mark.parametrize(
    "spec",
    [plan.mapp1(), plan.comp001(), plan.asat(), group_of_six()],
    ids=["mdma", "psilocybin", "ketamine", "groups of six"],
)


@designs
def test_states_alone_are_those_beside_quantities(spec: dict) -> None:
    timetable, people = drawn(spec, 40)
    days = np.unique([*np.linspace(timetable.begin, timetable.end, 40), *(d + 0.1 for d in timetable.dosing_days)])
    alone = solve_arm(timetable, people, days=days, names=STATES)
    beside = solve_arm(timetable, people, days=days, names=(*STATES, "felt", "window"))
    assert np.array_equal(alone.values, beside.values[:, : len(STATES)])
    assert np.array_equal(alone.steps, beside.steps)


@designs
@pytest.mark.parametrize("threads", [1, 2])
def test_people_of_two_draws_side_by_side_are_those_of_each_alone(spec: dict, threads: int) -> None:
    timetable, first = drawn(spec, 40)
    _, second = drawn(spec, 20, symptom_days=12.0, psilocin_clearance=90.0, ketamine_liver_flow=60.0)
    days = np.linspace(timetable.begin, timetable.end, 40)
    names = ("symptom", "window")
    both = solve_arm(timetable, side_by_side(first, second), days=days, names=names, threads=threads).values
    alone = [solve_arm(timetable, p, days=days, names=names, threads=1).values for p in (first, second)]
    assert not np.array_equal(alone[0][: len(alone[1])], alone[1])
    assert np.array_equal(both, np.concatenate(alone))


def test_a_delay_that_differs_between_draws_is_refused() -> None:
    timetable, first = drawn(plan.comp001(), 8)
    _, second = drawn(plan.comp001(), 8, psilocin_lag_h=0.5)
    with pytest.raises(ValueError, match="psilocin_lag_h must be the same for everybody"):
        solve_arm(timetable, side_by_side(first, second), days=np.array([30.0]), names=("symptom",), threads=1)


def test_a_name_that_is_not_of_the_model_is_refused() -> None:
    timetable, people = drawn(plan.comp001(), 8)
    with pytest.raises(ValueError, match=r"'symptoms' is neither a state nor a quantity .*'symptom'"):
        solve_arm(timetable, people, days=np.array([30.0]), names=("symptoms",))


def test_an_amount_that_is_evaluated_and_not_kept_is_refused() -> None:
    timetable, people = drawn(plan.comp001(), 8)
    with pytest.raises(ValueError, match=r"'psilocin_central' is .* not kept; ask for concentration_psilocybin"):
        solve_arm(timetable, people, days=np.array([30.0]), names=("symptom", "psilocin_central"))


@pytest.mark.parametrize("days", [[1.0, 0.5], [-15.0, 1.0], [1.0, 400.0]])
def test_days_out_of_order_or_outside_the_schedule_are_refused(days: list[float]) -> None:
    timetable, people = drawn(plan.comp001(), 8)
    with pytest.raises(ValueError, match="days to keep must rise, within the schedule's -14 to 366"):
        solve_arm(timetable, people, days=np.array(days), names=("symptom",))


def test_every_state_is_in_one_part_whose_states_lie_side_by_side() -> None:
    parts = [[s for block in blocks for s in range(*BLOCK_STATES[block])] for blocks in steps._parts()]
    assert sorted(s for states in parts for s in states) == list(range(len(STATES)))
    assert all(states == list(range(states[0], states[-1] + 1)) for states in parts)


@pytest.mark.parametrize("spec", [plan.mapp1(), plan.comp001(), plan.asat()], ids=["mdma", "psilocybin", "ketamine"])
def test_p95_symptom_error_is_below_1e_4(spec: dict) -> None:
    fast, tight = solved(spec).values[:, 0], solved(spec, TIGHT).values[:, 0]
    worst = (np.abs(fast - tight) / (0.1 + np.abs(tight))).max(axis=1)
    assert np.quantile(worst, 0.95) <= 1e-4
    assert worst.max() < 1e-2


def worst_errors(timetable: Schedule, people: People) -> tuple[np.ndarray, np.ndarray]:
    """Worst errors of the symptom and of the old pattern at 400 days, by person, and the steps."""
    days, names = np.linspace(timetable.begin, timetable.end, 400), ("symptom", "old_pattern")
    fast = solve_arm(timetable, people, days=days, names=names)
    tight = solve_arm(timetable, people, days=days, names=names, accuracy=TIGHT).values
    return (np.abs(fast.values - tight) / (0.1 + np.abs(tight))).max(axis=2), fast.steps


def test_a_quiet_year_takes_few_steps() -> None:
    timetable, people = drawn(plan.comp001(), 40)
    steps = [
        solve_arm(replace(timetable, end=end), people, days=np.array([]), names=()).steps for end in (180.0, 360.0)
    ]
    assert (steps[1] - steps[0]).max() < 25  # of the pair alone: 70


@pytest.mark.parametrize("days", [0.02, 0.3, 3.0])
def test_the_symptom_is_as_accurate_however_fast_it_follows(days: float) -> None:
    errors, steps = worst_errors(*drawn(plan.comp001(), 40, symptom_days=days))
    assert errors.max() < 1e-4
    assert steps.max() < 200  # of the pair alone, at 0.02 days: over 6,000


def test_oxytocin_is_as_accurate_however_fast_it_follows() -> None:
    timetable, people = drawn(plan.mapp1(), 24, oxytocin_rate=200.0)
    days = np.unique(np.concatenate([np.linspace(d, d + 2, 60) for d in timetable.dosing_days]))
    fast = solve_arm(timetable, people, days=days, names=("oxytocin",))
    tight = solve_arm(timetable, people, days=days, names=("oxytocin",), accuracy=TIGHT)
    assert np.abs(tight.values).max() > 0.3
    assert np.quantile(np.abs(fast.values - tight.values).max(axis=(1, 2)), 0.95) < 1e-3
    assert fast.steps.max() < 700


def test_people_in_one_set_of_lanes_may_follow_at_rates_of_their_own() -> None:
    timetable, people = drawn(plan.comp001(), 24)
    own = people.values["symptom_days"] * np.resize([0.5, 1.0, 2.0], len(people.weight_kg))
    errors, _ = worst_errors(timetable, replace(people, values={**people.values, "symptom_days": own}))
    assert errors.max() < 1e-4


@designs
def test_what_is_kept_does_not_depend_on_the_other_days_that_are(spec: dict) -> None:
    timetable, people = drawn(spec, 16)
    days = np.linspace(timetable.begin, timetable.end, 1001)
    names = ("symptom", "oxytocin", "old_pattern")
    every, some = (solve_arm(timetable, people, days=d, names=names) for d in (days, days[::25]))
    assert np.array_equal(every.values[:, :, ::25], some.values)
    assert np.array_equal(every.steps, some.steps)


def test_drives_count_what_the_pair_counts_where_nothing_decays() -> None:
    step = TABLEAU.matrix[6]
    for powers in (QUARTIC, SLOPE):
        assert np.allclose(powers[:, :7].T @ (1 / np.arange(1, len(powers) + 1)), step, atol=1e-13)
    for stage in range(2, 7):
        drives = 2.0 + 3.0 * TABLEAU.nodes[[0, stage - 2, stage - 1]]  # a line is met by all
        assert np.allclose(drives @ PARABOLA[:, :, stage], [2.0, 3.0, 0.0], atol=1e-12)


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
    spec, posteriors = spec_of(Protocol.made(plan.mapp1()), participants=8, draws=4)
    with pytest.raises(SolverError, match="participants could not be integrated") as caught:
        run_of(replace(spec, accuracy=Accuracy(max_steps=2)), posteriors)
    assert caught.value.participants


def test_shifting_all_times_shifts_the_answer() -> None:
    """Where all begins on day 0 or later: what goes on beside a course, and a course itself, begin on day 0 at most."""

    def later(days: float) -> Protocol:
        spec = plan.comp001()
        for arm in spec["arms"]:
            arm["doses"] = [{**d, "day": d["day"] + days} for d in arm["doses"]]
            arm["sessions"] = [{**s, "day": s["day"] + days} for s in arm["sessions"]]
        spec["assessments"][0]["days"] = [-1, *(d + days for d in spec["assessments"][0]["days"][1:-1])]
        return Protocol.made(spec)

    given = {"participants": 40, "twins": False, "rival": "window", "draws": 1}
    given["typical"] = {"easing_days_treatment_resistant_depression": 1e7}
    a, b = (simulate(later(days), **given).run.scores["MADRS"] for days in (14, 24))
    first, second = a.predicted[0, 0, :, 1:8], b.predicted[0, 0, :, 1:8]
    assert np.abs(first - a.predicted[0, 0, :, :1]).max() > 5
    assert np.allclose(first, second, atol=0.02)
