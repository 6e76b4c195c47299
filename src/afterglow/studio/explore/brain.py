"""What the stage "In the brain" is driven by: the states of a run in hours and days, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from afterglow.medicines import MEDICINES
from afterglow.medicines.words import Cited, Target
from afterglow.runs import Result
from afterglow.studio.designs.design import Design
from afterglow.studio.designs.result import result_of
from afterglow.studio.designs.source import Source, source_of

__all__ = ["Brain", "Peak", "Thing", "brain_of"]

Known = Literal["people", "animals", "assumed"]

_SHARED: dict[str, tuple[str, Known, Cited]] = {
    "signal": (
        "Growth signal",
        "animals",
        Cited(
            (
                "BDNF, TrkB and mTOR taken together. In rats, blocking them stops new synapses from forming; in people "
                "nobody can see them at work."
            ),
            ("li2010",),
        ),
    ),
    "labile_spines": (
        "New spines",
        "animals",
        Cited(
            (
                "Contacts between nerve cells bud within hours to a day, and fade within weeks unless they are used. "
                "Seen in mice; in people only signs of it."
            ),
            ("shao2021", "modasava2019", "phoumthipphavong2016"),
        ),
    ),
    "stable_spines": (
        "Spines kept by use",
        "assumed",
        Cited(
            (
                "New spines that the new pattern has used stay longer. In mice, part of the new spines was still there "
                "after a month; that practice is what keeps them is this model's assumption."
            ),
            ("shao2021", "modasava2019"),
        ),
    ),
    "window": (
        "Window of learning",
        "animals",
        Cited(
            "In mice one dose reopened a period of learning that had closed in youth; in people it is not measured.",
            ("nardou2023",),
        ),
    ),
}
"""What is drawn for every medicine: its label, in whom it was seen, and what is known of it."""

_SPINES = ("labile_spines", "stable_spines")
_TARGET_IN: dict[str, Known] = {"psilocybin": "people"}
"""In whom the action at the target was measured, where that is not in animals."""


class Thing(BaseModel):
    """One thing on the stage, in whom it was seen, and where that is written."""

    id: str
    label: str
    known: Known
    text: str
    sources: list[Source]


class Peak(BaseModel):
    """The level in blood after the first dose, in the median person."""

    analyte: str
    cmax: float
    tmax_h: float
    half_life_h: float | None


class Brain(BaseModel):
    """Means over people and draws on each day; fractions but for the level and the signal.

    `without` has the spines of the same people without integration, where there is integration to leave out.
    """

    medicine: str
    dose_days: list[float]
    days: list[float]
    tracks: dict[str, list[float]]
    without: dict[str, list[float]]
    things: list[Thing]
    peak: Peak | None


def brain_of(design: Design, *, progress: Callable[[int, int], None] | None = None) -> Brain:
    """Return what happens in the brains of the first arm's people, from the full run.

    Raises
    ------
    ProtocolError
        If the design cannot be simulated.
    """
    result = result_of(design, progress=progress)
    wish, arm = design.arms[0], result.protocol.arms[0].id
    target = None if wish.medicine == "none" else MEDICINES[wish.medicine].words.target
    drawn = {"signal": "signal", "labile_spines": "labile_spines", "stable_spines": "stable_spines", "window": "window"}
    tracks = {**drawn, "felt": "felt", "practice": "practice", "concentration": f"concentration_{wish.medicine}"}
    if target is not None:
        tracks["target"] = target.quantity
    place = result.run.twin_of(result.run.places[arm])
    twin = None if place is None else result.arms[place].id
    return Brain(
        medicine=wish.medicine,
        dose_days=list(wish.dosed_on),
        days=[round(float(day), 6) for day in result.run.times],
        tracks={name: _mean(result, quantity, arm) for name, quantity in tracks.items()},
        without={}
        if twin is None
        else {name: _mean(result, name, twin) for name in ("labile_spines", "stable_spines")},
        things=_things(wish.medicine, target),
        peak=_peak(result, arm),
    )


def _mean(result: Result, quantity: str, arm: str) -> list[float]:
    course = result.course(quantity, arm)
    values: NDArray[np.float64] = np.zeros(len(result.run.times)) if course is None else course.mean
    return list(np.round(np.asarray(values, dtype=np.float64), 5).tolist())


def _things(medicine: str, target: Target | None) -> list[Thing]:
    found = []
    if target is not None:
        found.append(_thing("target", target.label, _TARGET_IN.get(medicine, "animals"), target.known))
    return found + [_thing(name, *said) for name, said in _SHARED.items()]


def _thing(name: str, label: str, known: Known, said: Cited) -> Thing:
    return Thing(id=name, label=label, known=known, text=said.text, sources=[source_of(key) for key in said.sources])


def _peak(result: Result, arm: str) -> Peak | None:
    row = next((row for row in result.rows["exposure"] if row["arm"] == arm), None)
    if row is None:
        return None
    half_life = float(row["half_life_h_median"])
    return Peak(
        analyte=row["analyte"],
        cmax=float(row["cmax_ng_per_ml_median"]),
        tmax_h=float(row["tmax_h_median"]),
        half_life_h=half_life if np.isfinite(half_life) else None,
    )
