"""Boundaries against printed ones: Jennison and Turnbull's tables, and the tests of two R packages.

Tolerances are half of the last printed digit, unless a reason stands beside them.
"""

from __future__ import annotations

import numpy as np
import pytest

from afterglow.trial.designs.boundaries import boundaries
from afterglow.trial.designs.characteristics import characteristics, conditional_power
from afterglow.trial.designs.recursion import crossing


def test_obrien_fleming_of_three_looks_is_that_of_rpact() -> None:
    """rpact, tests of getDesignGroupSequential; the error spent was computed from its boundaries."""
    looks = boundaries("obrien-fleming", 3, 0.025).looks
    assert [look.z for look in looks] == pytest.approx([3.4710914, 2.4544323, 2.0040356], abs=5e-8)
    assert [look.spent for look in looks] == pytest.approx([0.00025917, 0.00716006, 0.025], abs=5e-9)


def test_pocock_of_three_looks_is_that_of_rpact() -> None:
    assert boundaries("pocock", 3, 0.025).upper == pytest.approx([2.2894785] * 3, abs=5e-8)


def test_obrien_fleming_of_four_looks_and_two_sides_is_that_of_gsdesign() -> None:
    """gsDesign, test-independent-test-gsDesign; printed to two digits, of which the last may be cut."""
    found = boundaries("obrien-fleming", 4, 0.05, sided=2)
    assert found.upper == pytest.approx([4.05, 2.86, 2.34, 2.02], abs=6e-3)
    assert found.looks[-1].spent == pytest.approx(0.05, abs=1e-9)


@pytest.mark.parametrize(
    ("kind", "looks", "power", "percent"),
    [("obrien-fleming", 5, 0.8, 102.8), ("pocock", 4, 0.8, 120.2), ("pocock", 15, 0.9, 130.5)],
)
def test_inflation_is_that_of_jennison_and_turnbull(kind: str, looks: int, power: float, percent: float) -> None:
    """Jennison and Turnbull 1999, as in the tests of gsDesign."""
    inflation = boundaries(kind, looks, 0.05, sided=2, power=power).inflation
    assert inflation is not None
    assert 100 * inflation == pytest.approx(percent, abs=0.05)


@pytest.mark.parametrize(("theta", "percent"), [(0.0, 117.5), (0.5, 108.8), (1.0, 80.5), (1.5, 52.2)])
def test_expected_size_is_that_of_jennison_and_turnbull(theta: float, percent: float) -> None:
    """Jennison and Turnbull 1999, as in the tests of gsDesign: Pocock, four looks, power 0.8.

    In percent of the size without looks.
    """
    found = boundaries("pocock", 4, 0.05, sided=2, power=0.8)
    assert found.drift is not None
    assert found.inflation is not None
    expected = characteristics(found, theta * found.drift).expected_information
    assert 100 * expected * found.inflation == pytest.approx(percent, abs=0.05)


@pytest.mark.parametrize(("looks", "error"), [(2, 0.042), (4, 0.063), (10, 0.097), (20, 0.124)])
def test_naive_looks_cross_as_often_as_armitage_found(looks: int, error: float) -> None:
    """Upper side at 1.96 for both; armitage1969, as in the tests of gsDesign."""
    fractions = [(k + 1) / looks for k in range(looks)]
    found = crossing(fractions, [1.959964] * looks, [-1.959964] * looks)
    assert found.upper.sum() == pytest.approx(error, abs=5.1e-4)
    assert found.lower == pytest.approx(found.upper, abs=1e-12)


def test_hwang_shih_decani_is_that_of_gsdesign() -> None:
    """gsDesign, snapshot of gsBoundSummary: gamma -4, five looks, power 0.9."""
    found = boundaries("hwang-shih-decani", 5, 0.025, gamma=-4, power=0.9)
    assert found.drift is not None
    assert found.upper == pytest.approx([3.2527, 2.9860, 2.6917, 2.3737, 2.0253], abs=5.1e-5)
    power = np.cumsum(crossing(found.information, found.upper, found.lower, found.drift).upper)
    assert power == pytest.approx([0.0370, 0.1883, 0.4530, 0.7229, 0.9], abs=5.1e-5)


@pytest.mark.parametrize(
    ("binding", "lower", "last", "ratio", "alpha", "without", "average"),
    [
        (True, [-0.92, -0.07, 0.66, 1.32, 1.97], 1.97, 1.069, 0.025, [0.1777, 0.3135, 0.2708, 0.1527], 0.5636),
        (False, [-0.90, -0.04, 0.69, 1.36, 2.03], 2.03, None, 0.0226, [0.1836, 0.3201, 0.2700, 0.1477], None),
    ],
)
def test_futility_is_that_of_gsdesign(
    binding: bool,
    lower: list[float],
    last: float,
    ratio: float | None,
    alpha: float,
    without: list[float],
    average: float | None,
) -> None:
    """gsDesign, snapshot of print.gsDesign: five looks, gamma -4 for alpha and -2 for beta, binding or not."""
    found = boundaries(
        *("hwang-shih-decani", 5, 0.025),
        gamma=-4,
        power=0.9,
        futility="hwang-shih-decani",
        futility_gamma=-2,
        binding=binding,  # type: ignore[arg-type]
    )
    assert found.futility == pytest.approx(lower, abs=5.1e-3)
    assert found.upper[-1] == pytest.approx(last, abs=5.1e-3)
    null = characteristics(found, 0.0)
    assert null.power == pytest.approx(alpha, abs=5.1e-5)
    assert null.stops_below[:-1] == pytest.approx(without, abs=5.1e-5)
    lost = np.diff([look.futility_spent or 0 for look in found.looks], prepend=0)
    assert lost == pytest.approx([0.0077, 0.0115, 0.0171, 0.0256, 0.0381], abs=5.1e-5)
    if ratio is not None:
        assert found.inflation == pytest.approx(ratio, abs=5.1e-4)
        assert null.expected_information * ratio == pytest.approx(average, abs=5e-4)


def test_conditional_power_is_that_of_east() -> None:
    """East 6.5, as in the tests of gsDesign: three looks, two sides, gamma -4, the effect as seen at the first."""
    found = boundaries("hwang-shih-decani", 3, 0.05, sided=2, gamma=-4)
    assert conditional_power(found, 1, 0.943317) == pytest.approx(0.3306859, abs=1e-6)


def test_wang_tsiatis_at_unequal_information_is_that_of_rpact() -> None:
    found = boundaries("wang-tsiatis", information=[0.2, 0.5, 1], delta=0.3)
    assert found.upper == pytest.approx([2.8688923, 2.3885055, 2.0793148], abs=5e-8)


def test_lan_demets_at_unequal_information() -> None:
    """pharma-skills, issue 27, printed to three digits."""
    found = boundaries("lan-demets-obrien-fleming", information=[0.5, 0.75, 1])
    assert found.upper == pytest.approx([2.963, 2.359, 2.014], abs=5e-4)
