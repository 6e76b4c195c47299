"""The same participants through libRoadRunner and scipy's LSODA, at matched accuracy, on one core."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from afterglow import Cohort
from afterglow.simulate.one_person.impulses import impulses
from afterglow.simulate.one_person.plain import solve_plainly
from afterglow.simulate.one_person.sbml import to_sbml
from afterglow.simulate.schedule import Schedule
from afterglow.simulate.solve import Accuracy, arm_values, solve_arm

__all__ = ["lsoda_years_per_second", "roadrunner_years_per_second"]

_ALLOWED = 1e-4
_ROAD_PEOPLE, _LSODA_PEOPLE = 6, 2
_TOLERANCES = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
_prepared: dict[str, Any] = {}


def _days(plan: Schedule) -> np.ndarray:
    return np.linspace(plan.begin, plan.end, 60)


def _reference(plan: Schedule, cohort: Cohort) -> np.ndarray:
    """Return the first people's symptom by the kernel at a very tight tolerance."""
    key = _key(plan, "exact")
    if key not in _prepared:
        tight = Accuracy(relative=1e-10, absolute=1e-12)
        people = cohort.people().head(8)
        _prepared[key] = solve_arm(plan, people, days=_days(plan), names=("symptom",), accuracy=tight).values[:, 0]
    return np.asarray(_prepared[key])


def _error(found: np.ndarray, exact: np.ndarray) -> float:
    return float((np.abs(found - exact) / (0.1 + np.abs(exact))).max())


def _own(plan: Schedule, cohort: Cohort, person: int) -> tuple[dict[str, float], float]:
    people = cohort.people().head(8)
    values = {n: float(v[person]) for n, v in arm_values(people, plan.adherence).items()}
    return values, float(people.weight_kg[person])


def _key(plan: Schedule, name: str) -> str:
    return name + repr(plan.happenings)


def roadrunner_years_per_second(plan: Schedule, cohort: Cohort) -> float:
    """Time libRoadRunner's CVODE on the exported SBML; loading the models is left out."""
    import roadrunner

    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_FATAL)
    exact = _reference(plan, cohort)
    times = [0.0, *(_days(plan)[1:] - plan.begin)]

    def run(models: list[Any], tolerance: float) -> tuple[float, float]:
        worst, began = [], time.perf_counter()
        for k, model in enumerate(models):
            model.resetToOrigin()
            model.getIntegrator().relative_tolerance = tolerance
            model.getIntegrator().absolute_tolerance = tolerance / 100
            try:
                found = np.array(model.simulate(times=times))[:, 1]
            except RuntimeError:  # CVODE gave up at this tolerance
                return np.inf, np.inf
            worst.append(_error(found, exact[k]))
        return time.perf_counter() - began, float(np.quantile(worst, 0.95))

    key = _key(plan, "road")
    if key not in _prepared:
        models = []
        for person in range(_ROAD_PEOPLE):
            values, weight_kg = _own(plan, cohort, person)
            model = roadrunner.RoadRunner(to_sbml(plan, values, weight_kg=weight_kg))
            model.timeCourseSelections = ["time", "symptom"]
            model.getIntegrator().maximum_num_steps = 200_000
            models.append(model)
        matched = next((t for t in _TOLERANCES if run(models, t)[1] <= _ALLOWED), _TOLERANCES[-1])
        _prepared[key] = (models, matched)
    models, tolerance = _prepared[key]
    return len(models) * (plan.end - plan.begin) / 365.25 / run(models, tolerance)[0]


def lsoda_years_per_second(plan: Schedule, cohort: Cohort) -> float:
    """Time scipy's LSODA on a right-hand side lambdified from the same symbols; making it is left out."""
    exact = _reference(plan, cohort)

    own = [_own(plan, cohort, person) for person in range(_LSODA_PEOPLE)]
    events = [impulses(plan, values, weight_kg=weight_kg) for values, weight_kg in own]

    def run(tolerance: float) -> tuple[float, float]:
        worst, began = [], time.perf_counter()
        for person, (values, weight_kg) in enumerate(own):
            course = solve_plainly(
                plan,
                values,
                weight_kg=weight_kg,
                days=_days(plan),
                relative=tolerance,
                absolute=tolerance / 100,
                events=events[person],
            )
            worst.append(_error(course.values[course.states.index("symptom")], exact[person]))
        return time.perf_counter() - began, max(worst)

    key = _key(plan, "lsoda")
    if key not in _prepared:
        run(1e-4)
        _prepared[key] = next((t for t in _TOLERANCES if run(t)[1] <= _ALLOWED), _TOLERANCES[-1])
    return _LSODA_PEOPLE * (plan.end - plan.begin) / 365.25 / run(_prepared[key])[0]
