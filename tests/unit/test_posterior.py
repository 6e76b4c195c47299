"""Draws of the parameters: what they come to, and how they are kept and weighed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from afterglow.calibrate.diagnostics.weigh import weigh
from afterglow.errors import FileError, ParameterError
from afterglow.posterior import Posterior, read_posterior, shipped_posteriors, write_posterior
from afterglow.posterior.stacking import weighed as weighed_posteriors

SPREAD = {
    "study": 0.6,
    "points": 0.5,
    "share": 0.2,
    "arm": 0.3,
    "row": 0.4,
    "hope": 0.7,
    "medicine": 0.1,
    "therapy": 0.2,
}
MADE = Posterior(
    "window",
    {
        "session_gain": np.array([1.0, 4.0, 2.0]),  # varies on the log scale
        "window_learning": np.array([0.5, 1.5, 1.0]),  # linear
        "guess_hope": np.array([0.5, 0.9, 0.75]),  # logit
    },
    SPREAD,
    {"rows": 7, "studies": ["a"]},
)


def test_the_centre_is_the_mean_on_each_parameters_scale() -> None:
    assert MADE.centre == pytest.approx({"session_gain": 2.0, "window_learning": 1.0, "guess_hope": 0.75})


def test_departures_add_up() -> None:
    """Variances add; a difference between arms is free of what the study shares and has two of the others.

    Departures of hope, medicine and therapy are in the draws of a run and not in what is added to them.
    """
    assert MADE.between_trial_sd == pytest.approx(np.sqrt(0.36 + 0.25 + 0.09 + 0.16))
    assert MADE.between_trial_sd_of_share == pytest.approx(np.sqrt(0.36 + 0.04 + 0.09 + 0.16))
    assert MADE.between_trial_sd_of_difference == pytest.approx(np.sqrt(2 * (0.09 + 0.16)))


def test_draws_are_spaced_evenly_and_each_is_whole() -> None:
    long = Posterior("window", {"session_gain": np.arange(1.0, 102.0)}, SPREAD)
    assert long.spaced(5) == [0, 25, 50, 75, 100]
    assert MADE.spaced(8) == [0, 1, 2]
    assert MADE.draw(1) == {"session_gain": 4.0, "window_learning": 1.5, "guess_hope": 0.9}


def test_a_posterior_comes_back_as_it_was_written(tmp_path: Path) -> None:
    again = read_posterior(write_posterior(MADE, tmp_path / "mine.nc"))
    assert (again.rival, dict(again.spread), dict(again.diagnostics)) == ("window", SPREAD, dict(MADE.diagnostics))
    assert again.draws.keys() == MADE.draws.keys()
    for name, draws in MADE.draws.items():
        np.testing.assert_array_equal(again.draws[name], draws)


def test_draws_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    broken = Posterior("window", {"session_gain": np.array([1.0, np.nan])}, SPREAD)
    with pytest.raises(FileError, match="holds no usable draws"):
        read_posterior(write_posterior(broken, tmp_path / "broken.nc"))


def weighed(**log_densities: list[float]):
    return weigh(
        weighed_posteriors(
            {
                rival: Posterior(
                    rival, {}, SPREAD, {"left_out_log_density": {f"s{k}": value for k, value in enumerate(values)}}
                )
                for rival, values in log_densities.items()
            }
        )
    )


def test_rivals_that_foretell_alike_are_not_told_apart() -> None:
    found = weighed(window=[-1.0, -2.0, -3.0, -4.0], additive=[-2.0, -1.0, -3.5, -3.6])
    assert "cannot tell" in found.verdict
    behind = {row["rival"]: (row["behind"], row["behind_se"]) for row in found.rivals}
    assert behind["window"] == (0.0, 0.0)
    gaps = np.array([1.0, -1.0, 0.5, -0.4])
    assert behind["additive"] == pytest.approx((gaps.sum(), 2 * gaps.std(ddof=1)))


def test_a_rival_that_foretells_every_study_better_is_favoured() -> None:
    found = weighed(window=[-1.0, -2.0, -3.0], drug_only=[-4.0, -5.5, -6.0])
    assert found.verdict.startswith("The trials favour window")
    assert [row["rival"] for row in found.rivals] == ["window", "drug_only"]
    assert found.rivals[0]["weight"] > 0.99
    first = found.studies[0]
    assert (first["study"], first["favours"], first["over"], first["log_ratio"]) == ("s1", "window", "drug_only", 3.5)


def test_rivals_fitted_to_different_studies_are_not_weighed() -> None:
    with pytest.raises(ParameterError, match="different studies"):
        weighed(window=[-1.0, -2.0], additive=[-1.0])


def test_the_shipped_weights_are_those_of_the_shipped_posteriors() -> None:
    shipped = shipped_posteriors()
    assert shipped.weights == pytest.approx(weighed_posteriors(shipped.by_rival).weights, abs=1e-4)
    assert sum(shipped.weights.values()) == pytest.approx(1)
