"""Boundaries: what holds whatever the kind, the command that prints them, and what it says to a mistake."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from typer.testing import CliRunner

from afterglow.cli.main import app
from afterglow.errors import AfterglowError, FileError, ParameterError
from afterglow.trial.designs.boundaries import KINDS, boundaries
from afterglow.trial.designs.recursion import crossing

OF_KIND: dict[str, dict[str, float]] = {"wang-tsiatis": {"delta": 0.2}}
UNEQUAL = [0.3, 0.35, 0.8, 1.0]


def told(words: str) -> Any:
    done = CliRunner().invoke(app, ["trial", "boundaries", *words.split(), "--json"])
    assert done.exit_code == 0, done.exception
    return json.loads(done.output)


def test_crossing_agrees_with_the_multivariate_normal() -> None:
    t, upper, lower, drift = np.array([0.3, 0.5, 1.0]), [2.5, 2.2, 2.0], [-0.5, 0.3, 1.0], 2.4
    covariance = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    together = multivariate_normal(drift * np.sqrt(t), covariance, abseps=1e-8, releps=1e-8, maxpts=10**6)
    going_on = together.cdf([2.5, 2.2, 9.0], lower_limit=[-0.5, 0.3, -9.0], rng=np.random.default_rng(1))
    above = together.cdf([2.5, 2.2, 9.0], lower_limit=[-0.5, 0.3, 2.0], rng=np.random.default_rng(1))
    found = crossing(t, upper, lower, drift)
    assert 1 - found.stopped[:2].sum() == pytest.approx(going_on, abs=1e-6)
    assert found.upper[2] == pytest.approx(above, abs=1e-6)


@pytest.mark.parametrize("sided", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_error_is_spent_by_the_last_look(kind: str, sided: int) -> None:
    found = boundaries(kind, alpha=0.05, sided=sided, information=UNEQUAL, **OF_KIND.get(kind, {}))  # type: ignore[arg-type]
    assert found.looks[-1].spent == pytest.approx(0.05, abs=1e-8)
    assert np.all(np.diff([look.spent for look in found.looks]) > 0)


@pytest.mark.parametrize("kind", KINDS)
def test_one_look_is_a_trial_without_looks(kind: str) -> None:
    found = boundaries(kind, 1, 0.025, power=0.9, **OF_KIND.get(kind, {}))  # type: ignore[arg-type]
    assert found.upper == pytest.approx([1.959964], abs=1e-6)
    assert found.inflation == pytest.approx(1, abs=1e-8)


def test_futility_does_not_bind_unless_asked_to() -> None:
    plain = boundaries("lan-demets-obrien-fleming", 3)
    futility: dict[str, Any] = {"power": 0.9, "futility": "hwang-shih-decani", "futility_gamma": -2}
    loose = boundaries("lan-demets-obrien-fleming", 3, **futility)
    bound = boundaries("lan-demets-obrien-fleming", 3, binding=True, **futility)
    assert loose.upper == pytest.approx(plain.upper)
    assert bound.upper[-1] < plain.upper[-1] - 0.02
    ignored = crossing(bound.information, bound.upper, [-np.inf] * 3).upper.sum()
    assert ignored > 0.0255
    for found in (loose, bound):
        assert found.drift is not None
        under_effect = crossing(found.information, found.upper, found.lower, found.drift)
        assert under_effect.upper.sum() == pytest.approx(0.9, abs=1e-7)
        assert under_effect.lower.sum() == pytest.approx(0.1, abs=1e-7)
        assert found.looks[-1].futility_z == found.looks[-1].z
    obeyed = crossing(bound.information, bound.upper, bound.lower)
    assert obeyed.upper.sum() == pytest.approx(0.025, abs=1e-8)


def test_a_last_look_below_or_above_the_plan_spends_what_is_left() -> None:
    kind = "lan-demets-obrien-fleming"
    planned = boundaries(kind, information=[0.5, 1])
    under, over = (boundaries(kind, information=[0.5, last], final=True) for last in (0.8, 1.2))
    going_on = boundaries(kind, information=[0.5, 0.8])
    assert under.upper[0] == over.upper[0] == planned.upper[0]
    assert going_on.looks[-1].spent < 0.015 < under.looks[-1].spent == pytest.approx(0.025, abs=1e-9)
    assert over.looks[-1].spent == pytest.approx(0.025, abs=1e-9)


def test_command_prints_the_looks() -> None:
    found = told("--kind obrien-fleming --looks 3 --alpha 0.025")
    assert [look["z"] for look in found["looks"]] == pytest.approx([3.4710914, 2.4544323, 2.0040356], abs=1e-6)
    assert [look["spent"] for look in found["looks"]] == pytest.approx([0.00025917, 0.00716006, 0.025], abs=1e-6)
    planned = told("--kind power --rho 2 --information 0.4,1 --power 0.8 --futility 0")
    assert planned["inflation"] > 1
    assert planned["looks"][0]["futility_z"] == 0
    assert not planned["binding"]
    assert planned["with_effect"]["crosses"] == pytest.approx(0.8, abs=1e-6)
    assert planned["without_effect"]["crosses"] < 0.025
    assert sum(planned["without_effect"]["stops"]) == pytest.approx(1)
    assert planned["without_effect"]["stops"][0] > 0.5
    words = "--kind pocock --looks 2 --power 0.9 --futility power"
    done = CliRunner().invoke(app, ["trial", "boundaries", *words.split()])
    assert "2.1783" in done.output
    assert "does not bind" in done.output
    assert "at most 1.1101 times the people" in done.output


def test_help_names_every_kind() -> None:
    help_ = " ".join(CliRunner().invoke(app, ["trial", "boundaries", "--help"]).output.split())
    assert all(kind in help_.replace("- ", "-") for kind in KINDS)


def test_short_names_percents_and_spaces_are_read() -> None:
    done = CliRunner().invoke(app, ["trial", "boundaries", "--kind", "OBF", "--information", "50% 100%", "--json"])
    assert [look["information"] for look in json.loads(done.output)["looks"]] == [0.5, 1]
    assert boundaries("O'Brien Fleming", 2) == boundaries("obrien_fleming", 2)
    assert boundaries("hsd", 2).kind == "hwang-shih-decani"


@pytest.mark.parametrize(
    ("kind", "extra"),
    [("wang-tsiatis", {"delta": -2.0}), ("wang-tsiatis", {"delta": 2.0}), ("pocock", {"information": [0.97, 0.98, 1]})],
)
def test_far_boundaries_and_close_looks_still_spend_all(kind: str, extra: dict[str, Any]) -> None:
    found = boundaries(kind, **({"looks": 4} if "delta" in extra else {}), **extra)
    assert found.looks[-1].spent == pytest.approx(0.025, abs=1e-8)


@pytest.mark.parametrize("kind", ["pocock", "lan-demets-pocock"])
def test_binding_futility_is_found_for_any_kind(kind: str) -> None:
    found = boundaries(kind, 4, power=0.9, futility="power", binding=True)
    assert crossing(found.information, found.upper, found.lower).upper.sum() == pytest.approx(0.025, abs=1e-7)
    assert found.drift is not None
    assert crossing(found.information, found.upper, found.lower, found.drift).upper.sum() == pytest.approx(
        0.9, abs=1e-7
    )


def test_half_a_look_is_refused() -> None:
    with pytest.raises(ParameterError, match="looks are counted"):
        boundaries("pocock", 2.5)  # type: ignore[arg-type]


def test_a_power_just_above_alpha_has_its_design() -> None:
    found = boundaries("pocock", 3, power=0.03, futility="power")
    assert found.drift == pytest.approx(0.1, abs=0.1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--kind obrien-flemming --looks 3", "did you mean 'obrien-fleming'"),
        ("--kind pocock", "at least one look"),
        ("--kind pocock --looks 0", "at least one look"),
        ("--kind pocock --looks 900", "at most 50"),
        ("--kind pocock --looks 3 --alpha 0", "alpha must lie above 0"),
        ("--kind pocock --looks 3 --alpha 1", "alpha must lie above 0"),
        ("--kind pocock --looks 3 --alpha nan", "alpha must lie above 0"),
        ("--kind pocock --looks 3 --alpha 0,025", "--alpha must be a number, without a decimal comma"),
        ("--kind pocock --looks 3 --sided 3", "1 or 2 sides"),
        ("--kind pocock --looks 3 --information 0.5,1", "give one of them"),
        ("--kind pocock --information 0.5,0.4,1", "rising information"),
        ("--kind pocock --information 0.5,0.5,1", "rising information"),
        ("--kind pocock --information 0.5,1.2", "up to 1"),
        ("--kind pocock --information 0.5,0.8", "spending function"),
        ("--kind pocock --information 0,1", "at least 0.01"),
        ("--kind pocock --information half,1", "must be numbers"),
        ("--kind wang-tsiatis --looks 2", "needs delta"),
        ("--kind pocock --looks 2 --delta 0.1", "belongs to wang-tsiatis"),
        ("--kind pocock --looks 2 --gamma 1", "belongs to hwang-shih-decani"),
        ("--kind power --looks 2 --rho 0", "above 0"),
        ("--kind pocock --looks 2 --power 0.01", "above alpha"),
        ("--kind pocock --looks 2 --futility power", "needs the power"),
        ("--kind pocock --looks 3 --futility 0,nan", "must be a number"),
        ("--kind pocock --looks 2 --futility never --power 0.9", "no kind of boundary is called 'never'"),
        ("--kind pocock --looks 2 --futility 3", "not below the boundary for efficacy"),
        ("--kind pocock --looks 3 --futility 0", "each look before the last"),
        ("--kind pocock --looks 2 --futility power --power 0.9 --sided 2", "one-sided"),
        ("--kind pocock --looks 2 --binding", "could bind"),
        ("--kind pocock --looks 2 --futility pocock --power 0.9", "take lan-demets-pocock"),
    ],
)
def test_a_mistake_gets_a_sentence(words: str, says: str) -> None:
    done = CliRunner().invoke(app, ["trial", "boundaries", *words.split()])
    assert isinstance(done.exception, ParameterError), done.output
    assert says in str(done.exception)


def test_a_misspelt_command_is_not_taken_for_a_file() -> None:
    done = CliRunner().invoke(app, ["trial", "boundarys"])
    assert isinstance(done.exception, AfterglowError)
    assert isinstance(done.exception, FileError)
    assert "did you mean 'boundaries'" in str(done.exception)
