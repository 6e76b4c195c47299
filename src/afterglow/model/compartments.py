"""Compartments: what a dose enters, how it spreads, and how it leaves, as first-order flows.

A medicine is a tree of compartments joined by first-order flows, so each linear layer has real exponents.
Amounts are in mg and concentrations in ng/mL; clearances and flows are given in L/h, rate constants in 1/h.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from afterglow.model.symbols import Input, Quantity, State, symbol

__all__ = [
    "OUT",
    "Entry",
    "Flow",
    "compartments",
    "concentration",
    "exchange",
    "per_day",
    "turnover",
]

OUT = ""
"""Where a flow goes that leaves the body."""

_HOURS = 24
_NG_PER_ML = 1000


@dataclass(frozen=True)
class Entry:
    """One way by which a part of a dose enters the body.

    Parameters
    ----------
    state : str
        Compartment that receives it.
    fraction : sympy.Expr
        Part of the dose (mg in the compartment per mg given); may hold parameters and the symbol ``dose_mg``.
    lag_h : str
        Name of the parameter that holds the delay in hours; empty for none.
    duration_h : str
        Name of the parameter that holds the length of a constant release in hours; when empty the dose's
        own duration applies, and a dose without one is a bolus.
    """

    state: str
    fraction: sympy.Expr
    lag_h: str = ""
    duration_h: str = ""


@dataclass(frozen=True)
class Flow:
    """A first-order flow.

    Parameters
    ----------
    source, target : str
        Compartments; `OUT` leaves the body.
    rate : sympy.Expr
        Per day, times the amount in `source`.
    yield_ : sympy.Expr
        Milligrams that arrive per mg that leaves.
    """

    source: str
    target: str
    rate: sympy.Expr
    yield_: sympy.Expr = sympy.S.One


def per_day(name: str) -> sympy.Expr:
    """Rate constant of a parameter given in 1/h."""
    return _HOURS * symbol(name)


def turnover(flow: str, volume: str) -> sympy.Expr:
    """Rate constant, per day, of a flow or clearance (L/h) out of a volume (L)."""
    return _HOURS * symbol(flow) / symbol(volume)


def exchange(flow: str, one: tuple[str, str], other: tuple[str, str]) -> tuple[Flow, Flow]:
    """Flows both ways between two compartments, each (state, volume)."""
    (here, volume_here), (there, volume_there) = one, other
    return (
        Flow(here, there, turnover(flow, volume_here)),
        Flow(there, here, turnover(flow, volume_there)),
    )


def compartments(
    meanings: Mapping[str, str], flows: tuple[Flow, ...], entries: Mapping[str, tuple[Entry, ...]]
) -> tuple[tuple[State, ...], tuple[Input, ...]]:
    """Build the states from their flows, and an input for each that receives doses.

    Parameters
    ----------
    meanings : mapping of str to str
        One plain sentence by compartment, in the order of the states.
    flows : tuple of Flow
    entries : mapping of str to tuple of Entry
        How a dose enters, by route.
    """
    receiving = {entry.state for ways in entries.values() for entry in ways}
    states, inputs = [], []
    for name, meaning in meanings.items():
        arriving = [f.yield_ * f.rate * symbol(f.source) for f in flows if f.target == name]
        leaving = [f.rate * symbol(f.source) for f in flows if f.source == name]
        change = sympy.Add(*arriving) - sympy.Add(*leaving)
        if name in receiving:
            inputs.append(Input(name=f"{name}_rate", unit="mg/day", meaning=f"Constant input: {meaning.lower()}"))
            change += symbol(f"{name}_rate")
        states.append(State(name=name, unit="mg", meaning=meaning, derivative=change, vanishes=True))
    return tuple(states), tuple(inputs)


def concentration(name: str, state: str, volume: str, meaning: str) -> Quantity:
    """Return the plasma level, in ng/mL, of what is in a compartment (mg) of a volume (L)."""
    return Quantity(
        name=f"concentration_{name}",
        unit="ng/mL",
        meaning=f"Plasma level of {meaning}",
        expression=_NG_PER_ML * symbol(state) / symbol(volume),
    )
