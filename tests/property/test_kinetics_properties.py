"""Exposure belongs to doses: moving them in time moves no number, areas add up, and the peak is a peak."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import protocols as plan

from afterglow.cohort import Draw, people_at_draws
from afterglow.compile.exposure import LINEAR, ROUTES
from afterglow.compile.linear import levels, modes
from afterglow.medicines import MEDICINES
from afterglow.protocol import Arm, Dose, Protocol
from afterglow.simulate.kinetics import exposure
from afterglow.simulate.problem import entering
from afterglow.simulate.solve import Accuracy

some = settings(max_examples=20)

PEOPLE = 8
PROTOCOL = Protocol.made(plan.protocol(plan.DEPRESSION, nothing={}))
WAYS = [(medicine, route) for medicine, route in ROUTES if route in MEDICINES[medicine].routes]


@st.composite
def given_doses(draw: Any, ways: list[tuple[str, str]] = WAYS) -> list[Dose]:
    """One to six doses in six hours of a day, and the same on the next day or a week later, or nothing more."""
    medicine, route = draw(st.sampled_from(ways))
    hours = sorted(draw(st.lists(st.integers(0, 72), min_size=1, max_size=6, unique=True)))
    lasts = st.sampled_from([None, 0.25, 2 / 3, 10.0]) if route == "iv" else st.none()
    return [
        Dose(day=day, hour=k / 12, medicine=medicine, route=route, dose_mg=5, duration_h=draw(lasts))
        for day in draw(st.sampled_from([(0,), (0, 1), (0, 7)]))
        for k in hours
    ]


def numbers(doses: list[Dose]) -> np.ndarray:
    """Exposure by dosing day and analyte, quantity and person."""
    arm = Arm(id="a", doses=tuple(doses))
    medicine = doses[0].medicine
    found = exposure(arm, medicine, PROTOCOL, Draw(), seed=1, count=PEOPLE, accuracy=Accuracy())
    return np.array([list(vars(row.exposure).values()) for row in found])


def areas(doses: list[Dose]) -> np.ndarray:
    """Areas of the analytes, added up over dosing days, (analytes, people)."""
    each = numbers(doses)[:, 2]
    return each.reshape(-1, len(MEDICINES[doses[0].medicine].analytes), PEOPLE).sum(axis=0)


@some
@given(given_doses(), st.integers(-30, 300), st.floats(0, 17.9))
def test_other_days_and_hours_leave_exposure_as_it_was(doses: list[Dose], later: int, hours: float) -> None:
    moved = [dose.model_copy(update={"day": dose.day + later, "hour": dose.hour + hours}) for dose in doses]
    np.testing.assert_allclose(numbers(moved), numbers(doses), rtol=1e-9 if doses[0].medicine in LINEAR else 1e-4)


@some
@given(given_doses([way for way in WAYS if way[0] in LINEAR]))
def test_areas_of_linear_medicines_add_up(doses: list[Dose]) -> None:
    np.testing.assert_allclose(areas(doses), len(doses) * areas(doses[:1]), rtol=1e-9)


@some
@given(given_doses([way for way in WAYS if way[0] in LINEAR]))
def test_the_peak_is_the_highest_level(doses: list[Dose]) -> None:
    first = [dose for dose in doses if dose.day == 0]
    cmax, tmax_h = numbers(first)[:, :2].transpose(1, 0, 2)
    people = people_at_draws(PROTOCOL.population, 1, [Draw()], [0], PEOPLE)
    given_ = [e for dose in first for e in entering(dose.start_day, dose, people.values, people.weight_kg)]
    curve = levels(modes(first[0].medicine, people.values), given_)
    begin = first[0].start_day
    dense = np.unique(np.concatenate([begin + np.arange(0, 30, 1 / 60) / 24, curve.turn[curve.turn > begin]]))
    assert np.all(cmax >= curve.at(dense).max(axis=2) * (1 - 1e-5))
    at_peak = [curve.at(np.array([begin + hour / 24 + 1e-12]))[j, k, 0] for (j, k), hour in np.ndenumerate(tmax_h)]
    np.testing.assert_allclose(np.reshape(at_peak, cmax.shape), cmax, rtol=1e-4)
