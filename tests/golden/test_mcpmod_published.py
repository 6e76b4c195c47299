"""MCP-Mod against what the R package DoseFinding prints."""

from __future__ import annotations

import numpy as np
import pytest

from afterglow.trial.analysis.data import TrialData
from afterglow.trial.analysis.mcpmod import McpMod, contrast_power, mcpmod, shape

PEOPLE = np.array([[21, 24, 26, 27, 20], [50, 54, 49, 45, 53]])
MEANS = np.array(
    [
        [0.20643351352380954, 0.661658017875, 0.511998685076923, 0.48201243200000005, 0.5303621379499999],
        [0.22131379732, 0.4303934748333334, 0.5147954086734694, 0.619041699, 0.5777333254339622],
    ]
)
SQUARES_WITHIN = 210.5400080924574
"""By gender and dose, all that the test depends on: data set IBScovars of DoseFinding (Biesheuvel and Hothorn 2002)."""


@pytest.fixture(scope="module")
def found() -> McpMod:
    """The test on people who have these means and this spread."""
    arm, gender, value = [], [], []
    rng = np.random.default_rng(1)
    noise = [[rng.standard_normal(n) for n in row] for row in PEOPLE]
    noise = [[part - part.mean() for part in row] for row in noise]
    factor = np.sqrt(SQUARES_WITHIN / sum(float((part**2).sum()) for row in noise for part in row))
    for g in range(2):
        for dose in range(5):
            arm += [dose] * PEOPLE[g, dose]
            gender += ["one", "two"][g : g + 1] * PEOPLE[g, dose]
            value += list(MEANS[g, dose] + factor * noise[g][dose])
    data = TrialData(
        arm=np.array(arm),
        arms=list("01234"),
        visits=["end"],
        outcomes=np.array(value)[:, None],
        covariates={"gender": np.array(gender)},
    )
    shapes = [shape("linear"), shape("emax", 0.2), shape("quadratic", -0.17)]
    return mcpmod(data, doses=[0, 1, 2, 3, 4], shapes=shapes, lower=False)


def test_the_contrast_test_is_that_of_dosefinding(found: McpMod) -> None:
    """README of DoseFinding. It draws its adjusted p at random, to about 1e-3 of the chance of the rest: 3e-4 here."""
    test = found.test
    assert test.statistic == pytest.approx([2.640, 3.208, 3.083], abs=6e-4)
    assert test.p == pytest.approx([0.00848, 0.00128, 0.00228], abs=3e-4)
    assert test.df == 363
    assert test.contrasts[1] == pytest.approx([-0.889, 0.135, 0.226, 0.252, 0.276], abs=6e-4)
    assert test.contrasts[0] == pytest.approx([-0.616, -0.338, 0.002, 0.315, 0.638], abs=6e-4)
    assert test.correlation[0, 1:] == pytest.approx([0.768, 0.843], abs=6e-4)
    assert test.rejected


def test_the_curve_runs_through_the_doses(found: McpMod) -> None:
    best = found.fits[0]
    assert best.shape.kind in ("emax", "quadratic")
    assert best.aic == min(fit.aic for fit in found.fits)
    assert best.at([0.0])[0] == 0
    assert best.at(found.doses[1:]) == pytest.approx(found.gains, abs=0.12)
    half = found.dose_for(0.2)
    assert half is not None
    assert best.at([half])[0] == pytest.approx(0.2, abs=1e-9)
    assert found.dose_for(5.0) is None


@pytest.mark.parametrize(("k", "power"), list(enumerate([0.672, 0.754, 0.817, 0.757, 0.635])))
def test_power_is_that_of_dosefinding(k: int, power: float) -> None:
    """DoseFinding, tests of powMCT, with its tolerance of 0.01: values from outside the package."""
    doses = [0, 25, 100, 300]
    shapes = [
        shape("emax", 45),
        shape("sigmoid-emax", 100, 3),
        shape("logistic", 45, 15),
        shape("exponential", 60),
        shape("quadratic", -0.0022),
    ]
    assert contrast_power(doses, shapes[k].means(doses, 0, 1), 100, 3, shapes) == pytest.approx(power, abs=0.01)
