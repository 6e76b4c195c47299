"""Units of everything in the equations, and of the numbers in them, so that a file can say what each is measured in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from afterglow.model.course import course
from afterglow.model.events import GUESS_ARGUMENTS, MEETING_ARGUMENTS, SESSION_ARGUMENTS
from afterglow.model.symbols import Input, Quantity, State
from afterglow.parameters import PARAMETERS

__all__ = ["NONE", "PARTS", "Unit", "unit", "units_of_words"]

_Size = tuple[tuple[int, int, int], Fraction]

PARTS: Mapping[str, tuple[str, int, int]] = {
    "mg": ("gram", -3, 1),
    "ng": ("gram", -9, 1),
    "L": ("litre", 0, 1),
    "mL": ("litre", -3, 1),
    "h": ("second", 0, 3_600),
    "day": ("second", 0, 86_400),
    "year": ("second", 0, 31_557_600),
}
"""What units are made of: the unit of SBML, its power of ten, and a factor; a year has 365.25 days."""

_BASES = ("gram", "litre", "second")

_SPELLINGS: Mapping[str, Mapping[str, int]] = {
    "fraction": {},
    "ratio": {},
    "relative": {},
    "log-odds": {},
    "mg": {"mg": 1},
    "L": {"L": 1},
    "h": {"h": 1},
    "days": {"day": 1},
    "years": {"year": 1},
    "ng/mL": {"ng": 1, "mL": -1},
    "L/h": {"L": 1, "h": -1},
    "mg/day": {"mg": 1, "day": -1},
    "h/day": {"h": 1, "day": -1},
    "days/h": {"day": 1, "h": -1},
    "1/(h/day)": {"day": 1, "h": -1},
    "1/h": {"h": -1},
    "1/day": {"day": -1},
    "1/year": {"year": -1},
}
"""How the model writes a unit, and what it is made of."""

_COVARIATES = {
    "cyp2d6_activity": "ratio",
    "easing_days": "days",
    "hope_benefit": "ratio",
    "medicine_benefit": "ratio",
    "offset": "ratio",
    "recovered": "ratio",
    "recovery_days": "days",
    "ssri": "fraction",
    "therapy_benefit": "ratio",
    "years_over_60": "years",
}
"""Units of what the equations read of a person beside the constants."""


@dataclass(frozen=True)
class Unit:
    """A product of powers of `PARTS`, each named once.

    Parameters
    ----------
    powers : tuple of (str, int)
        Sorted by name; none is zero.
    """

    powers: tuple[tuple[str, int], ...] = ()

    def __mul__(self, other: Unit) -> Unit:
        names = dict(self.powers)
        for name, power in other.powers:
            names[name] = names.get(name, 0) + power
        return Unit(tuple(sorted((name, power) for name, power in names.items() if power)))

    def __pow__(self, power: int) -> Unit:
        return Unit(tuple((name, own * power) for name, own in self.powers if power))

    def __truediv__(self, other: Unit) -> Unit:
        return self * other**-1

    @property
    def size(self) -> _Size:
        """Powers of gram, litre and second, and the factor: two units of the same size are the same."""
        powers, factor = [0, 0, 0], Fraction(1)
        for name, power in self.powers:
            base, ten, times = PARTS[name]
            powers[_BASES.index(base)] += power
            factor *= (Fraction(10) ** ten * times) ** power
        return (powers[0], powers[1], powers[2]), factor

    @property
    def name(self) -> str:
        """The unit as a word of letters, such as ng_per_mL."""
        above = [f"{name}{power if power > 1 else ''}" for name, power in self.powers if power > 0]
        below = [f"{name}{-power if power < -1 else ''}" for name, power in self.powers if power < 0]
        return "_".join([*above, *(["per", *below] if below else [])]) or "dimensionless"


NONE = Unit()
"""The unit of a share or a ratio."""


def unit(text: str) -> Unit:
    """Return the unit that the model writes as `text`."""
    return Unit(tuple(sorted(_SPELLINGS[text].items())))


@cache
def units_of_words() -> Mapping[str, Unit]:
    """Return the unit of each state, quantity, input, constant, covariate and argument of an event, by its name."""
    words: list[State | Quantity | Input] = []
    for layer in course().layers:
        words += [*layer.states, *layer.quantities, *layer.inputs]
    arguments = (*SESSION_ARGUMENTS, *GUESS_ARGUMENTS, *MEETING_ARGUMENTS)
    texts = {
        **{name: "h" if name.endswith("_hours") else "fraction" for name in arguments},
        **{
            name: PARAMETERS[name].unit if name in PARAMETERS else _COVARIATES[name]
            for name in course().parameter_names
        },
        **{word.name: word.unit for word in words},
    }
    return {name: unit(text) for name, text in texts.items()}
