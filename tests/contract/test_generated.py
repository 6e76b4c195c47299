"""Generated files are up to date, every source exists, and the layers rest where they should."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import sympy

import afterglow
from afterglow import citations
from afterglow.cohort.cohort import derived
from afterglow.compile import generate
from afterglow.medicines import MEDICINES
from afterglow.model.course import course
from afterglow.model.symbols import State, symbol
from afterglow.parameters import PARAMETERS
from afterglow.parameters.conditions import EASING
from afterglow.parameters.fluctuation import FLUCTUATION
from afterglow.parameters.publication import PUBLICATION
from afterglow.protocol.vocabulary import RECOVERED_BY
from afterglow.scales.instruments import SCALES

COVARIATES = {"cyp2d6_activity", "ssri", "years_over_60", "dose_mg"}
CONDITIONS = (*(name for name in EASING if name != "other"), "cancer_distress", "anxiety", "suicidality")


class Noted(dict[str, np.ndarray]):
    """Values of all parameters, and which of them were read."""

    def __init__(self) -> None:
        super().__init__({p.name: np.array([p.value]) for p in PARAMETERS.values()})
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> np.ndarray:
        self.read.add(name)
        return super().__getitem__(name)


def derived_from() -> tuple[set[str], set[str]]:
    """What the equations read that follows from parameters and people, and the parameters that it follows from."""
    values, made = Noted(), set()
    for condition in CONDITIONS:
        for healer in ("", *RECOVERED_BY):
            people = SimpleNamespace(condition=condition, recovered_by=healer, scale="MADRS", episode_mean=None)
            made |= set(derived(people, np.array([0.5]), values))  # type: ignore[arg-type]
    return made, values.read


def test_generated_source_is_up_to_date() -> None:
    folder = Path(generate.__file__).parent
    assert (folder / "equations.py").read_text(encoding="utf-8") == generate.equations_source()
    assert (folder / "exposure.py").read_text(encoding="utf-8") == generate.exposure_source()


def test_a_state_that_relaxes_at_no_parameter_is_refused() -> None:
    x, days, other = symbol("x"), symbol("symptom_days"), symbol("practice")
    made = State(name="x", unit="fraction", meaning="made up", derivative=(other - x) * other / days, relaxes=True)
    model = SimpleNamespace(states=(made,), solved_parameter_names=("symptom_days",))
    with pytest.raises(
        ValueError, match=r"x relaxes at a rate of practice/symptom_days: .* one parameter or one over it"
    ):
        generate._relaxing(model)  # type: ignore[arg-type]


def test_every_symbol_is_a_parameter_or_a_covariate() -> None:
    made, _ = derived_from()
    assert set(course().parameter_names) - set(PARAMETERS) <= COVARIATES | made
    assert made <= set(course().parameter_names), "what is derived is read by the equations"


def test_every_parameter_is_used() -> None:
    used = set(course().parameter_names) | derived_from()[1] | {"adherence"}
    for entries in course().entries.values():
        for entry in entries:
            used |= {s.name for s in getattr(entry.fraction, "free_symbols", set())} | {entry.lag_h, entry.duration_h}
    observed = {p.name for p in (*FLUCTUATION, *PUBLICATION)}  # read by the observation, not by the equations
    assert set(PARAMETERS) - used == observed - {"baseline_excess"}, "which says where people start as well"


def test_every_source_is_in_the_bibliography() -> None:
    known = {r.key for r in citations.references()}
    used = {key for p in PARAMETERS.values() for key in re.split(r"; ?", p.source) if key}
    used |= {key for s in SCALES.values() for key in s.sources if "/" not in key}
    limits = [limit for m in MEDICINES.values() for limit in m.dose_limits.values()]
    used |= {largest.source for limit in limits for largest in (limit.studied, limit.reported)}
    assert used - known == set()


def test_assumed_parameters_say_so_and_have_a_prior() -> None:
    for parameter in PARAMETERS.values():
        if parameter.assumed:
            assert parameter.prior_sd > 0, parameter.name
            assert parameter.where, parameter.name


def test_public_names() -> None:
    assert afterglow.__all__ == ["Cohort", "Protocol", "Result", "__version__", "cite", "read_protocol", "simulate"]


@pytest.fixture(scope="module")
def at_rest() -> dict[str, float]:
    """Every parameter, covariate and state of nobody treated, and the quantities that follow."""
    model = course()
    values = {s.name: 0.0 for s in model.states} | {s.name: 0.0 for x in model.linear_layers for s in x.states}
    values |= {i.name: 0.0 for i in model.inputs}
    values |= {name: p.value for name, p in PARAMETERS.items()}
    values |= {"cyp2d6_activity": 1.0, "ssri": 0.0, "years_over_60": 0.0}
    for quantity in model.quantities:
        values[quantity.name] = at(quantity.expression, values)
    return values


def at(expression: sympy.Expr, values: dict[str, float]) -> float:
    """An expression at these values of its symbols."""
    return float(expression.subs({s: values[s.name] for s in expression.free_symbols if s.name in values}))


@pytest.mark.parametrize("block", [b for b in course().blocks if b != "core"])
def test_blocks_of_a_medicine_are_zero_at_rest(block: str, at_rest: dict[str, float]) -> None:
    for layer in course().blocks[block]:
        for quantity in layer.quantities:
            assert at_rest[quantity.name] == 0, quantity.name
        for state in layer.states:
            if not layer.linear:
                assert at(state.derivative, at_rest) == 0, state.name
