"""The product's exact and adaptive kinetics against the slow independent reference, person by person."""

from __future__ import annotations

import numpy as np
import pytest

from afterglow.parameters import PARAMETERS
from tests.golden import product
from tests.golden.conftest import load_reference

CASES = [
    ("ketamine", ({"dose_mg_per_kg": 0.5, "route": "iv", "duration_h": 0.5},)),
    ("ketamine", ({"dose_mg": 25.0, "route": "sublingual"},)),
    ("ketamine", ({"dose_mg": 35.0, "route": "subcutaneous"},)),
    ("ketamine", ({"dose_mg": 120.0, "route": "oral_extended_release"},)),
    ("midazolam", ({"dose_mg": 2.0, "route": "subcutaneous"},)),
    ("esketamine", ({"dose_mg": 84.0, "route": "intranasal"},)),
    ("psilocybin", ({"dose_mg": 25.0, "route": "oral"},)),
    ("mdma", ({"dose_mg": 120.0, "route": "oral"}, {"dose_mg": 60.0, "route": "oral", "hour": 1.75})),
]


@pytest.mark.parametrize(("medicine", "doses"), CASES)
def test_the_same_typical_person_has_the_same_curve(medicine: str, doses: tuple) -> None:
    reference = load_reference()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("afterglow.cohort.cohort.normals", lambda *a, each=1: np.zeros((a[3], each)))
        time, fast = product.levels(medicine, doses, 24.0, 70.0, 8, (), (), step_h=reference.STEP_H)
    values = reference.draw_people(8, 70.0, {}, {})
    values = {n: np.full(8, PARAMETERS[n].value) if n in PARAMETERS else v for n, v in values.items()}
    _, amounts = reference.amounts_of(medicine, [dict(d) for d in doses], hours=24.0, weight_kg=70.0, values=values)
    layer = reference.LAYERS[medicine]
    names = [s.name for s in layer.states]
    for quantity in layer.quantities:
        (state,) = [n for n in names if n in {s.name for s in quantity.expression.free_symbols}]
        symbol = next(s for s in quantity.expression.free_symbols if s.name == state)
        slow = (amounts[:, names.index(state), :] * reference.evaluate(quantity.expression / symbol, values)).T
        quick = fast[quantity.name.removeprefix("concentration_")]
        later = time >= 1.0  # the slow reference spreads a bolus over its first step
        assert np.abs(quick - slow)[:, later] == pytest.approx(0, abs=0.02 * slow.max()), quantity.name
        assert quick[:, len(time) // 2] == pytest.approx(slow[:, len(time) // 2], rel=0.01)
