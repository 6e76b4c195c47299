"""The whole model: every layer joined, in the order in which it is evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import sympy

from afterglow.errors import ParameterError
from afterglow.model import engagement, group, patterns, pharmacokinetics, plasticity, therapy
from afterglow.model.symbols import Input, Jump, Layer, Quantity, State

__all__ = ["Course", "course"]


@dataclass(frozen=True)
class Course:
    """All layers of the model.

    Parameters
    ----------
    layers : tuple of Layer
        In the order of the pipeline.
    """

    layers: tuple[Layer, ...]

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
def course() -> Course:
    """Return the model: concentration, engagement, plasticity, therapy, patterns, group."""
    return Course(
        layers=(
            *pharmacokinetics.layers(),
            *engagement.engagement(),
            *(plasticity.window(m) for m in plasticity.MEDICINES_THAT_OPEN_A_WINDOW),
            engagement.felt(),
            plasticity.plasticity(),
            therapy.therapy(),
            patterns.patterns(),
            group.group(),
        )
    )
