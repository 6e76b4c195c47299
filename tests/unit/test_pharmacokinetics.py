from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import sympy

from afterglow.errors import ParameterError
from afterglow.model.course import course, medicine_equations
from afterglow.outcomes.exposure import noncompartmental
from afterglow.parameters import PARAMETERS

ENTRIES = course().entries
LAYERS = [own.kinetics for own in medicine_equations().values()]
LINEAR = [layer for layer in LAYERS if layer.linear]
COVARIATES = {"years_over_60", "cyp2d6_activity", "dose_mg"}


@pytest.fixture(scope="module")
def slow() -> ModuleType:
    name = "slow_reference"  # a copy of its own: the golden tests put the product in its place
    if name not in sys.modules:
        path = Path(__file__).parents[1] / "golden" / "reference.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def parameter(name: str) -> float:
    return PARAMETERS[name].value


def test_every_symbol_is_a_parameter_a_state_an_input_or_a_covariate() -> None:
    for layer in LAYERS:
        own = {s.name for s in layer.states} | {i.name for i in layer.inputs} | {q.name for q in layer.quantities}
        used = {a.name for s in layer.states for a in s.derivative.free_symbols}
        assert used <= own | COVARIATES | set(PARAMETERS)
    for entries in ENTRIES.values():
        for entry in entries:
            assert {s.name for s in entry.fraction.free_symbols} <= COVARIATES | set(PARAMETERS)
            assert {entry.lag_h, entry.duration_h} <= {"", *PARAMETERS}


def test_every_route_ends_in_a_state_with_an_input() -> None:
    by_medicine = {layer.medicine: layer for layer in LAYERS}
    for (medicine, _), entries in ENTRIES.items():
        for entry in entries:
            assert entry.state in {s.name for s in by_medicine[medicine].states}
            assert f"{entry.state}_rate" in {i.name for i in by_medicine[medicine].inputs}


def test_lags_and_durations_are_the_same_for_everybody() -> None:
    for entries in ENTRIES.values():
        for name in {entry.lag_h for entry in entries} | {entry.duration_h for entry in entries} - {""}:
            assert not name or PARAMETERS[name].between_subject_sd == 0


@pytest.mark.parametrize("layer", LINEAR, ids=lambda layer: layer.medicine)
def test_linear_layers_are_linear_and_have_real_falling_exponents(layer, slow: ModuleType) -> None:
    names = [sympy.Symbol(s.name, real=True) for s in layer.states]
    for state in layer.states:
        assert all(sympy.diff(state.derivative, a, b) == 0 for a in names for b in names)
    values = slow.draw_people(50, 70.0, {}, {})
    exponents = np.linalg.eigvals(slow.system(layer, values))
    assert np.abs(np.imag(exponents)).max() < 1e-9
    assert np.real(exponents).max() < 0


def test_no_entry_gives_more_than_the_dose() -> None:
    typical = {name: p.value for name, p in PARAMETERS.items()}
    for entries in ENTRIES.values():
        for dose_mg in (5.0, 28.0, 56.0, 84.0, 112.0):
            parts = [
                float(sympy.N(e.fraction.subs({**typical, "dose_mg": dose_mg})))
                if not e.fraction.free_symbols
                else float(
                    e.fraction.subs({s: {**typical, "dose_mg": dose_mg}[s.name] for s in e.fraction.free_symbols})
                )
                for e in entries
            ]
            assert all(part >= 0 for part in parts)
            assert sum(parts) <= 1


def test_one_compartment_bolus_has_its_closed_form(slow: ModuleType) -> None:
    time, levels = slow.levels_of("midazolam", [{"dose_mg": 5.0, "route": "iv"}], hours=12, people=1)
    volume, clearance = parameter("midazolam_volume"), parameter("midazolam_clearance")
    late = time > 0.1
    expected = 1000 * 5.0 / volume * np.exp(-clearance / volume * (time - slow.STEP_H / 2))
    np.testing.assert_allclose(levels["midazolam"][0][late], expected[late], rtol=1e-4)


def test_one_compartment_by_mouth_has_its_closed_form(slow: ModuleType) -> None:
    time, levels = slow.levels_of("niacin", [{"dose_mg": 500.0, "route": "oral"}], hours=6, people=1)
    ka, volume = parameter("niacin_absorption"), parameter("niacin_volume")
    k = parameter("niacin_clearance") / volume
    at = time - slow.STEP_H / 2
    expected = 1000 * 500.0 / volume * ka / (ka - k) * (np.exp(-k * at) - np.exp(-ka * at))
    np.testing.assert_allclose(levels["niacin"][0][5:], expected[5:], rtol=1e-3)


@pytest.mark.parametrize(("medicine", "route"), [("ketamine", "iv"), ("psilocybin", "oral"), ("esketamine", "oral")])
def test_linear_doses_superpose(medicine: str, route: str, slow: ModuleType) -> None:
    def level(*doses: tuple[float, float]) -> np.ndarray:
        rows = [{"dose_mg": mg, "route": route, "hour": hour} for mg, hour in doses]
        return slow.levels_of(medicine, rows, hours=12, people=3)[1][medicine]

    together = level((20.0, 0.0), (10.0, 3.0))
    np.testing.assert_allclose(together, level((20.0, 0.0)) + level((10.0, 3.0)), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("hours", [2, 48])
def test_psilocin_given_is_in_the_body_or_eliminated(hours: float, slow: ModuleType) -> None:
    values = slow.draw_people(1, 70.0, {}, {})
    doses = [{"dose_mg": 25.0, "route": "oral"}]
    time, amounts = slow.amounts_of("psilocybin", doses, hours=hours, weight_kg=70.0, values=values)
    level = amounts[:, 1, 0] / parameter("psilocin_central_volume")
    eliminated = parameter("psilocin_clearance") * np.trapezoid(level, time)
    given = 25.0 * 0.7186 * parameter("psilocin_oral_fraction")
    assert amounts[-1, :, 0].sum() + eliminated == pytest.approx(given, rel=1e-4)


def test_mdma_given_is_in_the_body_eliminated_or_changed(slow: ModuleType) -> None:
    values = slow.draw_people(1, 70.0, {}, {})
    time, amounts = slow.amounts_of(
        "mdma", [{"dose_mg": 120.0, "route": "oral"}], hours=30, weight_kg=70.0, values=values
    )
    gut, mdma, _, _, loss = (amounts[:, k, 0] for k in range(5))
    clearance = parameter("mdma_other_clearance") + parameter("mdma_cyp2d6_clearance") * (1 - loss)
    eliminated = np.trapezoid(clearance * mdma / parameter("mdma_central_volume"), time)
    assert gut[-1] + mdma[-1] + eliminated == pytest.approx(120.0, rel=1e-4)
    assert loss.min() >= 0
    assert 0.5 < loss.max() <= 1


def test_mdma_exposure_rises_more_than_the_dose(slow: ModuleType) -> None:
    def area(mg: float) -> float:
        time, levels = slow.levels_of("mdma", [{"dose_mg": mg, "route": "oral"}], hours=48, people=1)
        return float(noncompartmental(time, levels["mdma"]).auc_ng_h_per_ml[0])

    assert area(150.0) > 1.1 * 3 * area(50.0)


def test_steady_area_is_dose_over_clearance(slow: ModuleType) -> None:
    time, levels = slow.levels_of("midazolam", [{"dose_mg": 5.0, "route": "iv"}], hours=24, people=1)
    found = noncompartmental(time, levels["midazolam"])
    assert found.auc_ng_h_per_ml[0] == pytest.approx(5000.0 / parameter("midazolam_clearance"), rel=2e-3)
    expected = np.log(2) * parameter("midazolam_volume") / parameter("midazolam_clearance")
    assert found.half_life_h[0] == pytest.approx(expected, rel=1e-6)


def test_noncompartmental_on_an_exponential_is_exact_between_coarse_samples() -> None:
    time = np.array([0.0, 1.0, 3.0, 8.0, 12.0])
    found = noncompartmental(time, 100 * np.exp(-0.2 * time))
    assert found.auc_ng_h_per_ml[0] == pytest.approx(500.0)
    assert found.half_life_h[0] == pytest.approx(np.log(2) / 0.2)
    assert (found.cmax_ng_per_ml[0], found.tmax_h[0]) == (100.0, 0.0)


def test_noncompartmental_takes_zeros() -> None:
    time = np.arange(6.0)
    found = noncompartmental(time, [[0, 0, 0, 0, 0, 0], [0, 4, 2, 1, 0.5, 0]])
    assert found.auc_ng_h_per_ml[0] == 0
    assert np.isnan(found.tmax_h[0])
    assert np.isnan(found.half_life_h[0])
    assert found.half_life_h[1] == pytest.approx(1.0)


def test_noncompartmental_refuses_nonsense() -> None:
    with pytest.raises(ParameterError, match="each after the last"):
        noncompartmental([0, 2, 1], [1, 1, 1])
    with pytest.raises(ParameterError, match="shape"):
        noncompartmental([0, 1, 2], [1, 1])
    with pytest.raises(ParameterError, match="not below 0"):
        noncompartmental([0, 1, 2], [1, -1, 1])
    with pytest.raises(ParameterError, match="fewer than 3"):
        noncompartmental([0, 1, 2], [1, 1, 1], window_h=(5, 9))
