"""Boundaries at any information: what is spent, what power does, and that sides and order do not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterglow.trial.designs import boundaries, characteristics, conditional_power
from afterglow.trial.designs.spending import SPENDING, spending

FRACTIONS = st.lists(st.integers(2, 98), min_size=1, max_size=5, unique=True).map(
    lambda found: [percent / 100 for percent in sorted(found)] + [1.0]
)
KINDS = st.sampled_from(sorted(SPENDING))
FEW = settings(max_examples=25)


@FEW
@given(kind=KINDS, information=FRACTIONS, alpha=st.sampled_from([0.005, 0.025, 0.1]), sided=st.sampled_from([1, 2]))
def test_what_is_spent_is_what_the_function_says(kind: str, information: list[float], alpha: float, sided: int) -> None:
    found = boundaries(kind, alpha=alpha, sided=sided, information=information)
    wanted = [sided * spending(kind)(t, alpha / sided) for t in information]
    assert [look.spent for look in found.looks] == pytest.approx(wanted, abs=1e-8)


@FEW
@given(kind=KINDS, information=FRACTIONS, drift=st.floats(0, 6))
def test_power_rises_with_the_effect_and_stops_sum_to_one(kind: str, information: list[float], drift: float) -> None:
    found = boundaries(kind, information=information)
    less, more = characteristics(found, drift), characteristics(found, drift + 0.5)
    assert more.power > less.power
    assert sum(less.stops) == pytest.approx(1)
    assert more.expected_information <= less.expected_information + 1e-9
    assert information[0] - 1e-9 <= less.expected_information <= 1 + 1e-9


@FEW
@given(information=FRACTIONS, z=st.floats(-2, 4), drift=st.floats(-1, 5))
def test_more_at_a_look_promises_more_in_the_end(information: list[float], z: float, drift: float) -> None:
    found = boundaries("lan-demets-obrien-fleming", information=information)
    power = [conditional_power(found, 1, z + step, drift) for step in (0, 0.3)]
    assert 0 <= power[0] <= power[1] <= 1 + 1e-9


@FEW
@given(information=FRACTIONS, power=st.floats(0.1, 0.97), binding=st.booleans())
def test_futility_by_spending_has_the_power_and_spends_the_rest(
    information: list[float], power: float, binding: bool
) -> None:
    found = boundaries("power", information=information[-3:], power=power, futility="power", binding=binding)
    assert found.drift is not None
    done = characteristics(found, found.drift)
    assert done.power == pytest.approx(power, abs=1e-6)
    assert np.all(np.array(found.futility) <= np.array(found.upper) + 1e-9)
    assert characteristics(found, 0.0).power <= 0.025 + 1e-7
