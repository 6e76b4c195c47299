"""The exported SBML, run by libRoadRunner, against the compiled kernel: every state and every concentration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests import protocols as plan

from afterglow import Cohort, Protocol
from afterglow.compile.equations import STATES
from afterglow.compile.exposure import LINEAR
from afterglow.errors import ProtocolError
from afterglow.simulate.one_person.sbml import to_sbml
from afterglow.simulate.schedule import schedule
from afterglow.simulate.solve import Accuracy, arm_values, solve_arm

roadrunner = pytest.importorskip("roadrunner")


def _esketamine() -> dict[str, Any]:
    doses = [{"day": d, "medicine": "esketamine", "dose_mg": 84, "route": "intranasal"} for d in (0, 3)]
    return plan.protocol(plan.RESISTANT, arm={"doses": doses, "sessions": [plan.session(1)]})


def _ketamine() -> dict[str, Any]:
    arm = {
        "doses": [plan.ketamine(d) for d in (0, 3, 7, 10, 14, 17)],
        "sessions": plan.training(1),
        "practice": [{"from_day": 1, "to_day": 40, "hours_per_week": 2}],
    }
    return plan.protocol(plan.RESISTANT, arm=arm)


COLUMNS = (*STATES, *(name for _, outputs, *_ in LINEAR.values() for name in outputs))
CASES = {"psilocybin": plan.comp001(), "mdma": plan.mapp1(), "ketamine": _ketamine(), "esketamine": _esketamine()}


@pytest.mark.parametrize("name", CASES)
def test_every_state_and_concentration_agrees_to_1e_3(name: str) -> None:
    protocol = Protocol.made(CASES[name])
    timetable = schedule(protocol.arms[0], protocol)
    people = Cohort(population=protocol.population, participants=8, seed=2).people()
    after = np.array([0.02, 0.05, 0.1, 0.2, 0.5, 1.5, 3.3])
    days = np.concatenate([np.linspace(timetable.begin + 0.5, 200, 40), *(d + after for d in timetable.dosing_days)])
    days = np.unique(days)
    exact = Accuracy(relative=1e-9, absolute=1e-11)
    seen = solve_arm(timetable, people, days=days, names=COLUMNS, accuracy=exact).values
    values = arm_values(people, timetable.adherence)
    for person in (0, 5):
        own = {n: float(v[person]) for n, v in values.items()}
        model = roadrunner.RoadRunner(to_sbml(timetable, own, weight_kg=float(people.weight_kg[person])))
        integrator = model.getIntegrator()
        integrator.relative_tolerance, integrator.absolute_tolerance = 1e-8, 1e-9
        integrator.maximum_num_steps = 200_000
        model.timeCourseSelections = ["time", *COLUMNS]
        found = np.array(model.simulate(times=[0.0, *(days - timetable.begin)]))[1:, 1:]
        for k, name in enumerate(COLUMNS):
            size = np.abs(seen[person, k]).max()
            assert np.abs(found[:, k] - seen[person, k]).max() <= 1e-3 * max(size, 1e-3), name


def test_a_group_is_refused() -> None:
    arm = {"doses": [plan.psilocybin()], "sessions": [plan.session(1, format="group")], "group": {"size": 4}}
    protocol = Protocol.made(plan.protocol(plan.DEPRESSION, arm=arm))
    people = Cohort(population=protocol.population, participants=8, seed=2).people()
    own = {n: float(v[0]) for n, v in arm_values(people, 0.6).items()}
    with pytest.raises(ProtocolError, match="group"):
        to_sbml(schedule(protocol.arms[0], protocol), own, weight_kg=70)
