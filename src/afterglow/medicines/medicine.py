"""What is said of one medicine: its names, routes, limits, analytes, constants, words and usual course."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from afterglow.errors import ParameterError
from afterglow.medicines.dropout import DropoutRate
from afterglow.medicines.usual_course import UsualCourse
from afterglow.medicines.words import Words
from afterglow.parameter import Parameter

__all__ = ["GREY", "Analyte", "DoseLimit", "Kind", "LargestDose", "Medicine"]

Kind = Literal["opens a window", "comparator, felt", "comparator, not felt", "read, not modelled"]

GREY = "#7a828b"
"""Colour of what is not drawn in a colour of its own."""


@dataclass(frozen=True, kw_only=True)
class LargestDose:
    """The largest single dose of which something is known.

    Parameters
    ----------
    mg, mg_per_kg : float
        In mg and in mg per kg of body weight; where only one was read, the other is that one at 70 kg. Both are 0 when
        no dose is known.
    source : str
        Key into ``references.bib``.
    note : str
        What was read there, and what is assumed.
    """

    mg: float
    mg_per_kg: float
    source: str
    note: str = ""

    def share(self, *, mg: float | None, mg_per_kg: float | None) -> float:
        """Return a dose as a multiple of this one; infinite when no dose is known."""
        given, most = (mg or 0.0, self.mg) if mg_per_kg is None else (mg_per_kg, self.mg_per_kg)
        return given / most if most else math.inf

    def amount(self, *, by_weight: bool) -> str:
        """Write it as a person does, such as ``450 mg`` or ``6.43 mg/kg``."""
        return f"{self.mg_per_kg:.3g} mg/kg" if by_weight else f"{self.mg:g} mg"


@dataclass(frozen=True, kw_only=True)
class DoseLimit:
    """How far doses by one route are known.

    Up to `studied` a dose runs; from there to `reported` it runs and is marked, as its kinetics are extrapolated;
    above that it is refused unless the protocol allows it.

    Parameters
    ----------
    studied : LargestDose
        Whose kinetics were studied in people.
    beyond : LargestDose, optional
        The largest one that anybody reported giving to people awake, for its effect on the mind or for its kinetics,
        where that is more than `studied`.
    day_total : float
        Largest total within 24 hours, in multiples of either.

    Raises
    ------
    ParameterError
        If less was reported than was studied.
    """

    studied: LargestDose
    beyond: LargestDose | None = None
    day_total: float = 1.0

    @property
    def reported(self) -> LargestDose:
        """The largest dose that anybody reported giving."""
        return self.beyond or self.studied

    def __post_init__(self) -> None:
        if self.reported.mg < self.studied.mg or self.reported.mg_per_kg < self.studied.mg_per_kg:
            raise ParameterError(f"{self.reported.source}: the largest dose reported is below the largest one studied")


@dataclass(frozen=True, kw_only=True)
class Analyte:
    """A substance whose plasma level follows a dose.

    Parameters
    ----------
    id : str
        Ending of the model's quantity ``concentration_ID``, in ng/mL.
    name : str
        What tables call it.
    label : str
        What an axis calls it; empty for `name`.
    """

    id: str
    name: str
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Medicine:
    """One medicine that a protocol may name.

    Its equations stand in ``afterglow.model.medicines`` in a file of the same name.

    Parameters
    ----------
    id : str
        The word in a protocol and in the equations: lower case, a valid identifier.
    display_name : str
        As a reader expects it; the id in other letters' case.
    order : int
        Place in every list of medicines; unique.
    kind : {"opens a window", "comparator, felt", "comparator, not felt", "read, not modelled"}
    colour : str
        Of its curves, as ``#rrggbb``; the medicines that open a window and the felt comparators take those of Okabe
        and Ito, told apart by people with any common colour vision.
    routes : tuple of str
        How it may be given, the usual way first.
    spellings : tuple of str
        Other names of it, in lower case.
    dose_limits : mapping of str to DoseLimit
        How far doses are known, by route.
    analytes : tuple of Analyte
        What is measured in plasma, the medicine or what it turns into first.
    terminal_h : tuple of float
        Hours after the dose, from and to, over which half-life is read: assumed, about where trials sampled above
        their assay's limit.
    kinetics, engagement, window : tuple of Parameter
        Its constants of kinetics, of what it does at its targets, and of the window that it opens; each with its unit
        and source.
    also_uses : tuple of str
        Names of constants kept elsewhere, with another medicine or with a process that it acts on, that its equations
        read.
    free : tuple of str
        Names of its own constants that calibration moves: no pharmacology measures them and some trial can see them.
    unseen : tuple of str
        Names of its own constants that are uncertain but that no trial sees: calibration draws them from their priors.
    condition : str
        Condition that its trials treat, where that is not depression.
    dropout_rates : tuple of DropoutRate
        Published shares of people lost in its trials.
    dropout : tuple of str, or None
        Ids of the rates that hold for its active arms and for its control arms; None when none was read.
    usual : UsualCourse or None
        How trials usually give it; None keeps it out of the studio.
    other_ways : tuple of UsualCourse
        How clinics give it by other routes.
    words : Words
        What is known of it, in sentences.

    Raises
    ------
    ParameterError
        If the parts do not fit together.
    """

    id: str
    display_name: str
    order: int
    kind: Kind
    colour: str = GREY
    routes: tuple[str, ...]
    spellings: tuple[str, ...] = ()
    dose_limits: Mapping[str, DoseLimit] = field(default_factory=lambda: MappingProxyType({}))
    analytes: tuple[Analyte, ...] = ()
    terminal_h: tuple[float, float] = (0.0, 0.0)
    kinetics: tuple[Parameter, ...] = ()
    engagement: tuple[Parameter, ...] = ()
    window: tuple[Parameter, ...] = ()
    also_uses: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    condition: str = ""
    dropout_rates: tuple[DropoutRate, ...] = ()
    dropout: tuple[str, str] | None = None
    usual: UsualCourse | None = None
    other_ways: tuple[UsualCourse, ...] = ()
    words: Words = field(default_factory=Words)

    def __post_init__(self) -> None:
        limited = set(self.routes) if self.is_felt else set()
        measured = [bool(part) for part in (self.kinetics, self.engagement, self.analytes)]
        for holds, sentence in (
            (self.id.isidentifier() and self.id.islower(), "its id must be an identifier in lower case"),
            (self.display_name.lower() == self.id, "its display name must be its id in other letters' case"),
            (set(self.dose_limits) == limited, "each route of a medicine that is felt, and no other, has a dose limit"),
            (bool(self.window) == self.opens_window, "constants of a window belong to one that opens it"),
            (measured == [self.is_felt] * 3, "one that is felt, and no other, has kinetics, engagement and analytes"),
            ({*self.free, *self.unseen} <= {p.name for p in self.parameters}, "what calibration moves is not its own"),
            (not self.is_felt or 0 < self.terminal_h[0] < self.terminal_h[1], "its terminal hours must rise"),
            ({way.route for way in self.ways} <= set(self.routes), "it is not given by its usual route"),
            (len({way.route for way in self.ways}) == len(self.ways), "one of its routes has two usual courses"),
        ):
            if not holds:
                raise ParameterError(f"medicine '{self.id}': {sentence}")

    @property
    def ways(self) -> tuple[UsualCourse, ...]:
        """How it is usually given, the usual way first."""
        return (*((self.usual,) if self.usual else ()), *self.other_ways)

    @property
    def opens_window(self) -> bool:
        """Whether it opens a window of plasticity."""
        return self.kind == "opens a window"

    @property
    def is_felt(self) -> bool:
        """Whether it is felt, and so has equations."""
        return self.kind in ("opens a window", "comparator, felt")

    @property
    def is_comparator(self) -> bool:
        """Whether it is given for comparison: nothing, or something felt that opens nothing."""
        return self.kind in ("comparator, felt", "comparator, not felt")

    @property
    def is_inert(self) -> bool:
        """Whether there is nothing in it, so that a dose has no amount."""
        return self.kind == "comparator, not felt"

    @property
    def is_modelled(self) -> bool:
        """Whether an arm that gives it can be simulated."""
        return self.kind != "read, not modelled"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every constant that it owns."""
        return (*self.kinetics, *self.engagement, *self.window)
