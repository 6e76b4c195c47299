"""A parameter's own scale: typical values moved, deviations found again, and means."""

from __future__ import annotations

import numpy as np
import pytest

from afterglow.errors import ParameterError
from afterglow.parameters import Parameter


def parameter(scale: str, value: float = 0.2, **more: float) -> Parameter:
    return Parameter(name="p", value=value, unit="x", meaning="A constant.", scale=scale, prior_sd=0.5, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scale", "moved"),
    [
        ("log", 0.4),  # ln 2 doubles it
        ("logit", 1 / 3),  # odds of 1 to 4 become 1 to 2
        ("linear", 0.2 + np.log(2)),
    ],
)
def test_a_typical_value_moves_on_its_scale(scale: str, moved: float) -> None:
    np.testing.assert_allclose(parameter(scale).moved(0.2, [np.log(2), 0.0]), [moved, 0.2])
    assert parameter(scale).moved(0.2, np.zeros((3, 2))).shape == (3, 2)


@pytest.mark.parametrize("scale", ["log", "logit", "linear"])
def test_a_deviation_is_found_again(scale: str) -> None:
    away = np.linspace(-3, 3, 7)
    found = parameter(scale).deviation(0.3, parameter(scale).moved(0.3, away))
    np.testing.assert_allclose(found, away, atol=1e-12)


def test_a_mean_is_taken_on_the_scale() -> None:
    values = np.array([0.1, 0.4])
    assert parameter("log").mean(values) == pytest.approx(0.2)
    assert parameter("linear").mean(values) == pytest.approx(0.25)
    assert parameter("logit").mean(np.array([0.2, 0.8])) == pytest.approx(0.5)
    assert parameter("logit").mean(np.array([0.5, 0.9])) == pytest.approx(0.75)  # odds of 1 and 9 have the mean 3


@pytest.mark.parametrize(
    ("scale", "value", "more", "said"),
    [
        ("log", 0.0, {}, "must be above 0"),
        ("logit", 1.0, {}, "between 0 and 1"),
        ("linear", 0.0, {"between_subject_sd": -1.0}, "negative spread"),
    ],
)
def test_what_a_scale_does_not_hold_is_refused(scale: str, value: float, more: dict[str, float], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        parameter(scale, value, **more)
    with pytest.raises(ParameterError, match="needs a prior"):
        Parameter(name="p", value=1.0, unit="x", meaning="A constant.")
