"""The kernel against the plain solver from the same symbols, and sensitivities against finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from tests import protocols as plan

from afterglow import Cohort, Protocol
from afterglow.compile.equations import STATES
from afterglow.errors import ParameterError
from afterglow.simulate.one_person.plain import sensitivities, solve_plainly
from afterglow.simulate.schedule import schedule
from afterglow.simulate.solve import Accuracy, arm_values, solve_arm

DAYS = np.array([0.5, 1.5, 7.0, 21.0, 60.0, 150.0])
NAMES = ("habit_rate", "window_learning", "spine_weight", "closing_days_psilocybin", "rigidity", "plan_per_hour",
         "psilocin_clearance", "guess_hope", "trait_start")  # fmt: skip


def _case(spec):
    protocol = Protocol.made(spec)
    timetable = schedule(protocol.arms[0], protocol)
    people = Cohort(population=protocol.population, participants=8, seed=2).people()
    return timetable, people


def test_the_kernel_agrees_with_lsoda_on_the_same_symbols() -> None:
    timetable, people = _case(plan.mapp1())
    seen = solve_arm(timetable, people, days=DAYS, names=STATES, accuracy=Accuracy(relative=1e-10, absolute=1e-12))
    own = {n: float(v[1]) for n, v in arm_values(people, timetable.adherence).items()}
    plain = solve_plainly(timetable, own, weight_kg=float(people.weight_kg[1]), days=DAYS)
    for k, state in enumerate(STATES):
        expected = plain.values[plain.states.index(state)]
        assert seen.values[1, k] == pytest.approx(expected, rel=1e-4, abs=1e-6), state


def test_sensitivities_agree_with_finite_differences_of_the_kernel() -> None:
    timetable, people = _case(plan.comp001())
    own = {n: float(v[1]) for n, v in arm_values(people, timetable.adherence).items()}
    found = sensitivities(timetable, own, NAMES, weight_kg=float(people.weight_kg[1]), days=DAYS)[0]
    tight = Accuracy(relative=1e-11, absolute=1e-13)
    for k, name in enumerate(NAMES):
        step = 1e-4 * own[name]
        sides = []
        for sign in (1, -1):
            value = people.values[name].copy()
            value[1] += sign * step
            moved = type(people)(
                people.first, people.weight_kg, people.age, people.female, {**people.values, name: value},
                people.baseline_severity, people.baseline_score,
            )  # fmt: skip
            sides.append(solve_arm(timetable, moved, days=DAYS, names=("symptom",), accuracy=tight).values[1, 0])
        expected = (sides[0] - sides[1]) / (2 * step)
        assert found[k] == pytest.approx(expected, rel=2e-3, abs=2e-4 * np.abs(expected).max() + 1e-9), name


def test_an_unknown_parameter_is_refused() -> None:
    timetable, people = _case(plan.comp001())
    own = {n: float(v[0]) for n, v in arm_values(people, 0.6).items()}
    with pytest.raises(ParameterError, match="did you mean 'habit_rate'"):
        sensitivities(timetable, own, ["habit_rat"], weight_kg=70, days=DAYS)


def test_a_state_or_a_day_that_is_not_there_is_refused() -> None:
    timetable, people = _case(plan.comp001())
    own = {n: float(v[0]) for n, v in arm_values(people, 0.6).items()}
    with pytest.raises(ParameterError, match="'windows' is no state of the equations"):
        sensitivities(timetable, own, ["habit_rate"], weight_kg=70, days=DAYS, states=["windows"])
    with pytest.raises(ParameterError, match="days to keep must rise, within the schedule's -14 to 366"):
        solve_plainly(timetable, own, weight_kg=70, days=np.array([1.0, 400.0]))
