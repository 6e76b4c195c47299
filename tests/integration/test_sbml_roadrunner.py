"""The exported SBML at every instant: all routes and comparators, pointwise, and valid by the format's own rules.

`test_sbml.py` holds four designs against each state's largest value. Here each value counts by its own size.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests import protocols as plan

from afterglow import Cohort, Protocol
from afterglow.compile.equations import STATES
from afterglow.compile.exposure import LINEAR
from afterglow.model.course import course
from afterglow.simulate.one_person.sbml import to_sbml
from afterglow.simulate.schedule import Schedule, schedule
from afterglow.simulate.solve import Accuracy, arm_values, solve_arm

roadrunner = pytest.importorskip("roadrunner")
libsbml = pytest.importorskip("libsbml")

UNITS = {w.name: w.unit for layer in course().layers for w in (*layer.states, *layer.quantities)}
COLUMNS = (*STATES, *(name for _, outputs, *_ in LINEAR.values() for name in outputs))
FLOOR = {"mg": 1e-6, "ng/mL": 1e-5}
OTHER_FLOOR = 1e-7  # the kernel calls a drug gone below 1e-6 ng/mL, which leaves some 4e-8 of a state out
HOURS = np.array([0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 24, 48]) / 24 + 1e-4  # just beside the events, not on them
# CVODE in libRoadRunner gives up after some events at the tightest tolerances, and differently by participant.
TOLERANCES = ((1e-10, 1e-12), (1e-9, 1e-11), (1e-8, 1e-11), (1e-8, 1e-9))


def _dose(day: float, medicine: str, mg: float, route: str) -> dict[str, Any]:
    return {"day": day, "medicine": medicine, "dose_mg": mg, "route": route}


KETAMINE = (
    plan.ketamine(0),
    _dose(2, "ketamine", 50, "im"),
    _dose(4, "ketamine", 100, "sublingual"),
    _dose(6, "ketamine", 75, "intranasal"),
    _dose(8, "ketamine", 150, "oral"),
)
OTHERS = (
    _dose(0, "midazolam", 2, "iv"),
    _dose(1, "niacin", 250, "oral"),
    plan.psilocybin(4),
    _dose(10, "psilocybin", 2, "iv"),
)
UNDER_THE_SKIN = (
    _dose(0, "ketamine", 35, "subcutaneous"),
    _dose(4, "ketamine", 120, "oral_extended_release"),
    _dose(8, "esketamine", 35, "subcutaneous"),
    _dose(12, "midazolam", 2, "subcutaneous"),
)


def _given(*doses: dict[str, Any]) -> dict[str, Any]:
    """Return a protocol with these doses; few at a time, as CVODE gives up after many events."""
    practice = [{"from_day": 1, "to_day": 25, "hours_per_week": 2}]
    arm = {"doses": list(doses), "sessions": [plan.session(0), plan.session(1), plan.session(15)], "practice": practice}
    spec = plan.protocol(plan.DEPRESSION, [0, 15, 30], arm=arm)
    return spec | {"horizon_days": 40, "allow_extrapolation": True, "blinding": {"design": "blinded"}}


def _supplemental() -> dict[str, Any]:
    arm = {"doses": plan.mdma(0), "sessions": [plan.session(-3, "preparation"), plan.sit(0), plan.session(1)]}
    spec = plan.protocol(plan.PTSD, [-3, 15, 30], arm=arm)
    return spec | {"horizon_days": 40, "blinding": {"design": "blinded"}}


def _simulated(text: str, columns: list[str], times: NDArray[np.float64]) -> NDArray[np.float64]:
    model = roadrunner.RoadRunner(text)
    model.timeCourseSelections = columns
    integrator = model.getIntegrator()
    integrator.maximum_num_steps = 500_000
    for relative, absolute in TOLERANCES:
        model.resetToOrigin()
        integrator.relative_tolerance, integrator.absolute_tolerance = relative, absolute
        try:
            return np.array(model.simulate(times=[0.0, *times]))[1:]
        except RuntimeError as error:
            last = error
    raise AssertionError(f"libRoadRunner gave up at every tolerance: {last}")


def _case(spec: dict[str, Any]) -> tuple[Schedule, Any]:
    protocol = Protocol.made(spec)
    timetable = schedule(protocol.arms[0], protocol)
    return timetable, Cohort(population=protocol.population, participants=8, seed=2).people()


@pytest.mark.parametrize(
    "spec",
    [_given(*KETAMINE), _given(*OTHERS), _given(*UNDER_THE_SKIN), _supplemental()],
    ids=["ketamine", "others", "under the skin", "supplemental dose"],
)
def test_every_state_and_concentration_agrees_at_every_instant(spec: dict[str, Any]) -> None:
    timetable, people = _case(spec)
    spread = np.linspace(timetable.begin + 0.37, timetable.end - 0.1, 40)
    days = np.unique(np.concatenate([spread, *(day + HOURS for day in timetable.dosing_days)]))
    exact = Accuracy(relative=1e-10, absolute=1e-13, max_steps=200_000)
    seen = solve_arm(timetable, people, days=days, names=COLUMNS, accuracy=exact).values
    values = arm_values(people, timetable.adherence)
    for person in (0, 5):
        own = {name: float(v[person]) for name, v in values.items()}
        text = to_sbml(timetable, own, weight_kg=float(people.weight_kg[person]))
        found = _simulated(text, list(COLUMNS), days - timetable.begin)
        for k, name in enumerate(COLUMNS):
            allowed = 1e-3 * np.abs(seen[person, k]) + FLOOR.get(UNITS[name], OTHER_FLOOR)
            over = np.abs(found[:, k] - seen[person, k]) / allowed
            assert over.max() <= 1, f"{name} on day {days[over.argmax()]:g}: {found[over.argmax(), k]:g}"


def test_the_format_finds_no_fault() -> None:
    timetable, people = _case(_given(*KETAMINE))
    own = {name: float(v[0]) for name, v in arm_values(people, timetable.adherence).items()}
    document = libsbml.readSBMLFromString(to_sbml(timetable, own, weight_kg=float(people.weight_kg[0])))
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, True)
    document.checkConsistency()
    assert document.getNumErrors() == 0, document.getError(0).getMessage()
    model = document.getModel()
    assert model.getNumRules() == len(UNITS) + 1  # and the day of the protocol
    assert model.getNumEvents() >= len(timetable.happenings)
