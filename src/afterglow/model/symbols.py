"""The words in which the model is written: states, quantities, inputs, jumps and the layers that hold them.

A layer is a list of equations over sympy symbols. A symbol is looked up by name: a state, a quantity or an
input of any layer, the argument of a jump, or else a parameter of the same name in `afterglow.parameters`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

__all__ = ["Input", "Jump", "Layer", "Quantity", "State", "hill", "sigmoid", "symbol"]


def symbol(name: str) -> sympy.Symbol:
    """Return the real symbol called `name`."""
    return sympy.Symbol(name, real=True)


def hill(x: sympy.Expr, half: sympy.Expr, power: int = 1) -> sympy.Expr:
    """Saturating rise from 0 to 1, one half at ``x = half``."""
    return x**power / (x**power + half**power)


def sigmoid(x: sympy.Expr) -> sympy.Expr:
    """Logistic function."""
    return 1 / (1 + sympy.exp(-x))


@dataclass(frozen=True, kw_only=True)
class State:
    """A quantity with memory.

    Parameters
    ----------
    name, unit, meaning : str
        The word in the equations, its unit, one plain sentence.
    derivative : sympy.Expr
        Rate of change per day.
    start : sympy.Expr
        Value at the start of the protocol.
    vanishes : bool
        True when the state rests at zero and may be set to zero once it is below 1e-12 of its unit.
    relaxes : bool
        True when the state follows what the others set, at a rate that is a parameter and fast beside them: the solver
        then takes steps that are longer than it needs to follow.
    """

    name: str
    unit: str
    meaning: str
    derivative: sympy.Expr
    start: sympy.Expr = sympy.S.Zero
    vanishes: bool = False
    relaxes: bool = False


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """Something computed from states at the same instant."""

    name: str
    unit: str
    meaning: str
    expression: sympy.Expr


@dataclass(frozen=True, kw_only=True)
class Input:
    """Something the protocol sets and holds constant until it sets it again."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Jump:
    """What an event does at once: new values of states, from their old values and the event's arguments."""

    event: str
    arguments: tuple[str, ...]
    changes: Mapping[str, sympy.Expr]


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A group of equations with one subject.

    Parameters
    ----------
    name : str
        Subject of the layer.
    medicine : str
        The medicine without which the layer is at rest and can be skipped; empty when always needed.
    linear : bool
        True when the states obey a linear system with constant coefficients, which is then solved exactly.
    block : str
        Layers of one block run and rest together; by default the medicine's block, else the core.
    """

    name: str
    meaning: str
    states: tuple[State, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    inputs: tuple[Input, ...] = ()
    jumps: tuple[Jump, ...] = ()
    medicine: str = ""
    linear: bool = False
    block: str = ""

    @property
    def block_name(self) -> str:
        """Name of the block the layer runs in."""
        return self.block or self.medicine or "core"
