"""Sensitivities from the symbols against central differences of the kernel, for states of every layer."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests import protocols as plan

from afterglow import Cohort, Protocol
from afterglow.simulate.one_person.plain import sensitivities
from afterglow.simulate.schedule import schedule
from afterglow.simulate.solve import Accuracy, arm_values, solve_arm

DAYS = np.array([0.1, 0.5, 1.5, 7.0, 14.0])
STATES = ("mdma_central", "oxytocin", "opening_mdma", "labile_spines", "practice", "new_pattern", "symptom")
NAMES = ("mdma_cyp2d6_clearance", "cyp2d6_inactivation", "release_half", "opening_rate_mdma", "form_rate",
         "alliance_per_hour", "unlearning_gain", "trait_start")  # fmt: skip
TIGHT = Accuracy(relative=1e-11, absolute=1e-13, max_steps=500_000)
PERSON = 1


def test_states_of_every_layer_follow_the_parameters() -> None:
    arm = {"doses": plan.mdma(0), "sessions": [plan.session(-1, "preparation"), plan.sit(0), plan.session(1)]}
    protocol = Protocol.made(plan.protocol(plan.PTSD, [-1, 14], arm=arm) | {"horizon_days": 15})
    timetable = schedule(protocol.arms[0], protocol)
    people = Cohort(population=protocol.population, participants=8, seed=2).people()
    own = {n: float(v[PERSON]) for n, v in arm_values(people, timetable.adherence).items()}
    found = sensitivities(timetable, own, NAMES, weight_kg=float(people.weight_kg[PERSON]), days=DAYS, states=STATES)
    assert found.shape == (len(STATES), len(NAMES), len(DAYS))
    for k, name in enumerate(NAMES):
        step = 1e-3 * own[name]
        sides = []
        for sign in (1, -1):
            moved = people.values[name].copy()
            moved[PERSON] += sign * step
            other = dataclasses.replace(people, values={**people.values, name: moved})
            sides.append(solve_arm(timetable, other, days=DAYS, names=STATES, accuracy=TIGHT).values[PERSON])
        expected = (sides[0] - sides[1]) / (2 * step)
        for i, state in enumerate(STATES):
            noise = 1e-9 / own[name] + 1e-4 * np.abs(expected[i]).max()
            assert found[i, k] == pytest.approx(expected[i], rel=1e-3, abs=noise), f"{state} by {name}"
    upstream, downstream = STATES.index("mdma_central"), NAMES.index("release_half")
    assert (found[upstream, downstream] == 0).all()  # what happens at the receptor does not reach the blood
    assert np.abs(found[upstream, NAMES.index("mdma_cyp2d6_clearance")]).max() > 0
