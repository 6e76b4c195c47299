"""Layer 3: the plasticity signal, the window it opens, and the synapses it grows."""

from __future__ import annotations

import sympy

from afterglow.medicines import WINDOW_MEDICINES
from afterglow.model.symbols import Layer, Quantity, State, hill, symbol

__all__ = ["plasticity", "window"]


def window(medicine: str) -> Layer:
    """Equations of the window that one medicine opens: it opens in hours and closes at its own pace."""
    opening = symbol(f"opening_{medicine}")
    drive = symbol(f"drive_{medicine}")
    switch = symbol("plasticity_switch")
    return Layer(
        name=f"window_{medicine}",
        meaning=f"How far {medicine} has opened the window of plasticity",
        medicine=medicine,
        block=f"window_{medicine}",
        states=(
            State(
                name=f"opening_{medicine}",
                unit="fraction",
                meaning=f"Opening by {medicine}: half closed after its closing time",
                derivative=symbol(f"opening_rate_{medicine}") * switch * drive * (1 - opening)
                - sympy.log(2) / symbol(f"closing_days_{medicine}") * opening,
                vanishes=True,
            ),
        ),
        quantities=(
            Quantity(
                name=f"window_{medicine}",
                unit="fraction",
                meaning=f"Window held open by {medicine}; one half marks its closing",
                expression=hill(opening, sympy.Rational(1, 2), 4),
            ),
        ),
    )


def plasticity() -> Layer:
    """Equations of the signal and the synapses, shared by all medicines."""
    signal, labile, stable = symbol("signal"), symbol("labile_spines"), symbol("stable_spines")
    activity = symbol("activity")
    drive = sum(symbol(f"signal_gain_{m}") * symbol(f"drive_{m}") for m in WINDOW_MEDICINES)
    closed = sympy.prod([1 - symbol(f"window_{m}") for m in WINDOW_MEDICINES])
    used = (symbol("use_rate") * activity + symbol("consolidation_rate") * symbol("window")) * labile
    return Layer(
        name="plasticity",
        meaning="Signal (BDNF, TrkB, mTOR), the joint window, new spines and the spines that use has kept",
        states=(
            State(
                name="signal",
                unit="relative",
                meaning="Plasticity signal after the drug: BDNF, TrkB and mTOR taken together",
                derivative=symbol("signal_rate") * (symbol("plasticity_switch") * drive - signal),
                vanishes=True,
            ),
            State(
                name="labile_spines",
                unit="fraction",
                meaning="New spines that fade unless they are used",
                derivative=symbol("form_rate") * signal * (1 - labile - symbol("stable_spines"))
                - labile / symbol("labile_days")
                - used,
                vanishes=True,
            ),
            State(
                name="stable_spines",
                unit="fraction",
                meaning="New spines kept because the new pattern used them",
                derivative=used - stable / symbol("stable_days"),
                vanishes=True,
            ),
        ),
        quantities=(
            Quantity(
                name="window",
                unit="fraction",
                meaning="Open window of plasticity, all medicines together",
                expression=1 - closed,
            ),
            Quantity(
                name="synapses",
                unit="fraction",
                meaning="New spines in all, labile and kept",
                expression=labile + stable,
            ),
        ),
    )
