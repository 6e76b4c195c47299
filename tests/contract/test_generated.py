"""Generated files are up to date, every source exists, and the layers rest where they should."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import afterglow
from afterglow import citations
from afterglow.compile import generate
from afterglow.medicines import MEDICINES
from afterglow.model.course import course
from afterglow.model.symbols import symbol
from afterglow.parameters import PARAMETERS
from afterglow.parameters.conditions import EASING
from afterglow.parameters.fluctuation import FLUCTUATION
from afterglow.scales.instruments import SCALES

COVARIATES = {"cyp2d6_activity", "ssri", "years_over_60", "offset", "dose_mg"}


def test_generated_source_is_up_to_date() -> None:
    folder = Path(generate.__file__).parent
    assert (folder / "equations.py").read_text(encoding="utf-8") == generate.equations_source()
    assert (folder / "exposure.py").read_text(encoding="utf-8") == generate.exposure_source()


def test_every_symbol_is_a_parameter_or_a_covariate() -> None:
    assert set(course().parameter_names) - set(PARAMETERS) <= COVARIATES


def test_every_parameter_is_used() -> None:
    used = set(course().parameter_names) | {"adherence", "easing_days"}
    for entries in course().entries.values():
        for entry in entries:
            used |= {s.name for s in getattr(entry.fraction, "free_symbols", set())} | {entry.lag_h, entry.duration_h}
    observed = {p.name for p in FLUCTUATION}  # read by the observation, not by the equations
    assert set(PARAMETERS) - used == observed


def test_every_source_is_in_the_bibliography() -> None:
    known = {r.key for r in citations.references()}
    used = {key for p in [*PARAMETERS.values(), *EASING.values()] for key in re.split(r"; ?", p.source) if key}
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


@pytest.mark.parametrize("block", [b for b in course().blocks if b != "core"])
def test_blocks_of_a_medicine_are_zero_at_rest(block: str) -> None:
    model = course()
    zero = {s.name: 0 for s in model.states} | {s.name: 0 for x in model.linear_layers for s in x.states}
    zero |= {i.name: 0 for i in model.inputs}
    values = {
        **{n: p.value for n, p in PARAMETERS.items()},
        "cyp2d6_activity": 1,
        "ssri": 0,
        "years_over_60": 0,
        **zero,
    }
    at_rest = {symbol(name): value for name, value in values.items()}
    for quantity in model.quantities:
        values[quantity.name] = at_rest[symbol(quantity.name)] = float(quantity.expression.subs(at_rest))
    for layer in model.blocks[block]:
        for quantity in layer.quantities:
            assert values[quantity.name] == 0, quantity.name
        for state in layer.states:
            if not layer.linear:
                assert float(state.derivative.subs(at_rest)) == 0, state.name
