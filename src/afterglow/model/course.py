"""The whole model: every layer joined, in the order in which it is evaluated."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module

import sympy

from afterglow.errors import ParameterError
from afterglow.medicines import FELT_MEDICINES, MEDICINES, WINDOW_MEDICINES
from afterglow.model import background, felt, group, medicines, patterns, plasticity, therapy
from afterglow.model.compartments import Entry
from afterglow.model.medicine_equations import MedicineEquations
from afterglow.model.symbols import Input, Jump, Layer, Quantity, State

__all__ = ["Course", "course", "medicine_equations"]


@dataclass(frozen=True)
class Course:
    """All layers of the model.

    Parameters
    ----------
    layers : tuple of Layer
        In the order of the pipeline.
    entries : mapping of (str, str) to tuple of Entry
        How a dose enters, by medicine and route.
    """

    layers: tuple[Layer, ...]
    entries: Mapping[tuple[str, str], tuple[Entry, ...]]

    @cached_property
    def blocks(self) -> Mapping[str, tuple[Layer, ...]]:
        """Layers by the block they run in; the core, which reads all the others, comes last."""
        names = [name for name in dict.fromkeys(layer.block_name for layer in self.layers) if name != "core"]
        return {name: tuple(x for x in self.layers if x.block_name == name) for name in [*names, "core"]}

    @cached_property
    def states(self) -> tuple[State, ...]:
        """States solved step by step, the core's first."""
        order = ["core", *[name for name in self.blocks if name != "core"]]
        return tuple(s for name in order for x in self.blocks[name] if not x.linear for s in x.states)

    @cached_property
    def linear_layers(self) -> tuple[Layer, ...]:
        """Layers whose states obey a linear system and are solved exactly."""
        return tuple(layer for layer in self.layers if layer.linear)

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """All quantities in the order of evaluation."""
        ordered: list[Quantity] = []
        waiting = [q for layers in self.blocks.values() for layer in layers for q in layer.quantities]
        names = {q.name for q in waiting}
        done: set[str] = set()
        while waiting:
            ready = [q for q in waiting if {s.name for s in q.expression.free_symbols} & names <= done]
            if not ready:
                raise ParameterError(f"quantities depend on each other in a circle: {[q.name for q in waiting]}")
            ordered += ready
            done |= {q.name for q in ready}
            waiting = [q for q in waiting if q.name not in done]
        return tuple(ordered)

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """Inputs that the protocol sets, without those of the linear layers."""
        return tuple(i for layer in self.layers if not layer.linear for i in layer.inputs)

    @cached_property
    def jumps(self) -> tuple[Jump, ...]:
        """One jump per event, with the changes of every layer that answers it.

        Raises
        ------
        ParameterError
            If two layers change the same state at the same event.
        """
        merged: dict[str, Jump] = {}
        for jump in (j for layer in self.layers for j in layer.jumps):
            known = merged.get(jump.event)
            if known is None:
                merged[jump.event] = jump
                continue
            twice = set(known.changes) & set(jump.changes)
            if twice or known.arguments != jump.arguments:
                raise ParameterError(f"event '{jump.event}' is answered twice for {sorted(twice)}")
            merged[jump.event] = Jump(
                event=jump.event, arguments=jump.arguments, changes={**known.changes, **jump.changes}
            )
        return tuple(merged.values())

    @cached_property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of all symbols that stand for a parameter or a covariate, sorted."""
        return self._parameters(self.layers)

    @cached_property
    def solved_parameter_names(self) -> tuple[str, ...]:
        """Names of the parameters that the step-by-step solver needs, sorted."""
        nonlinear = [layer for layer in self.layers if not layer.linear]
        return self._parameters(nonlinear)

    def _parameters(self, layers: list[Layer] | tuple[Layer, ...]) -> tuple[str, ...]:
        known = {s.name for layer in self.layers for s in layer.states}
        known |= {q.name for layer in self.layers for q in layer.quantities}
        known |= {i.name for layer in self.layers for i in layer.inputs}
        known |= {a for jump in self.jumps for a in jump.arguments}
        used: set[sympy.Symbol] = set()
        for layer in layers:
            for state in layer.states:
                used |= state.derivative.free_symbols | sympy.sympify(state.start).free_symbols
            for quantity in layer.quantities:
                used |= quantity.expression.free_symbols
            for jump in layer.jumps:
                for change in jump.changes.values():
                    used |= change.free_symbols
        return tuple(sorted({s.name for s in used} - known))


@cache
def medicine_equations() -> Mapping[str, MedicineEquations]:
    """Return the equations of every medicine that is felt, by its id, in the order of the records.

    Raises
    ------
    ParameterError
        If a medicine has a record but no equations, or equations but no record, or they lack a quantity.
    """
    files = {found.name for found in pkgutil.iter_modules(medicines.__path__)}
    if files != set(FELT_MEDICINES):
        raise ParameterError(f"equations and records do not fit together for {sorted(files ^ set(FELT_MEDICINES))}")
    found = {name: import_module(f"{medicines.__name__}.{name}").EQUATIONS for name in FELT_MEDICINES}
    for name, equations in found.items():
        given = {q.name for layer in (equations.kinetics, equations.engagement) for q in layer.quantities}
        missing = _read_by_others(name) - given
        if missing:
            raise ParameterError(f"the equations of '{name}' lack the quantities {sorted(missing)}")
    return found


def _read_by_others(name: str) -> set[str]:
    """Return the quantities of a medicine that tables or other parts of the model read."""
    record = MEDICINES[name]
    drive = {f"drive_{name}"} if record.opens_window else set()
    return {f"felt_{name}", *drive, *(f"concentration_{analyte.id}" for analyte in record.analytes)}


@cache
def course() -> Course:
    """Return the model: concentration, engagement, plasticity, therapy, patterns, group."""
    equations = medicine_equations()
    return Course(
        layers=(
            *(own.kinetics for own in equations.values()),
            *(own.engagement for own in equations.values()),
            *(plasticity.window(name) for name in WINDOW_MEDICINES),
            felt.felt(),
            plasticity.plasticity(),
            therapy.therapy(),
            background.background(),
            patterns.patterns(),
            group.group(),
        ),
        entries={(name, route): ways for name, own in equations.items() for route, ways in own.entries.items()},
    )
