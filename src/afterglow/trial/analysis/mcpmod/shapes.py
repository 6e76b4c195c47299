"""Shapes that a dose response may have, each up to where it starts and how far it goes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from afterglow.errors import ParameterError, nearest
from afterglow.trial.analysis.matrices import Numbers

__all__ = ["SHAPES", "Shape", "shape", "usual_shapes"]


@dataclass(frozen=True)
class _Kind:
    """A family: its parameters by name, its curve, and where its parameters may lie as parts of the largest dose."""

    parameters: tuple[str, ...]
    curve: Callable[..., Numbers]
    limits: tuple[tuple[float, float], ...] = ()
    scaled: tuple[bool, ...] = ()


def _logistic(dose: Numbers, ed50: float, steepness: float) -> Numbers:
    return np.asarray(1 / (1 + np.exp((ed50 - dose) / steepness)))


SHAPES: dict[str, _Kind] = {
    "linear": _Kind((), lambda dose: dose),
    "quadratic": _Kind(("delta",), lambda dose, delta: dose + delta * dose**2),
    "emax": _Kind(("ed50",), lambda dose, ed50: dose / (ed50 + dose), ((0.001, 1.5),), (True,)),
    "sigmoid-emax": _Kind(
        ("ed50", "hill"),
        lambda dose, ed50, hill: dose**hill / (ed50**hill + dose**hill),
        ((0.001, 1.5), (0.5, 10.0)),
        (True, False),
    ),
    "exponential": _Kind(("delta",), lambda dose, delta: np.expm1(dose / delta), ((0.1, 2.0),), (True,)),
    "logistic": _Kind(("ed50", "steepness"), _logistic, ((0.001, 1.5), (0.01, 0.5)), (True, True)),
}
"""By name; limits of fitted parameters are those that are usual, some as parts of the largest dose."""


@dataclass(frozen=True)
class Shape:
    """A candidate: a family with guessed parameters.

    Parameters
    ----------
    kind : str
        One of `SHAPES`.
    parameters : tuple of float
        In the units of the dose; those of `SHAPES` in order.
    """

    kind: str
    parameters: tuple[float, ...] = ()

    @property
    def id(self) -> str:
        """Kind and parameters as they are written."""
        return " ".join([self.kind, *(f"{value:g}" for value in self.parameters)])

    def at(self, doses: ArrayLike) -> Numbers:
        """Return the curve at doses, (doses,), neither shifted nor scaled."""
        return np.asarray(SHAPES[self.kind].curve(np.asarray(doses, np.float64), *self.parameters))

    def means(self, doses: ArrayLike, start: float, largest: float) -> Numbers:
        """Return means that begin at `start` at the first dose and depart from it by `largest` at the most, (doses,).

        The curve is looked at from the first dose to the last; the furthest departure may lie between two doses.
        """
        dose = np.asarray(doses, np.float64)
        fine = self.at(np.linspace(dose[0], dose[-1], 1001)) - self.at(dose[:1])
        top = fine[np.argmax(np.abs(fine))]
        return np.asarray(start + largest * (self.at(dose) - self.at(dose[:1])) / top)


def shape(kind: str, *parameters: float) -> Shape:
    """Return a candidate shape.

    Parameters
    ----------
    kind : str
        One of `SHAPES`, alone or with its parameters, such as ``"emax 5"``.
    *parameters : float
        In the units of the dose.

    Raises
    ------
    ParameterError
        If the kind is unknown, or a parameter is missing or impossible.
    """
    words = str(kind).split()
    name = words[0].lower().replace("_", "-") if words else ""
    name = {"sigemax": "sigmoid-emax"}.get(name, name)
    if name not in SHAPES:
        raise ParameterError(f"no shape of a dose response is called '{str(kind)[:40]}'; {nearest(name, SHAPES)}")
    try:
        values = (*map(float, words[1:]), *map(float, parameters))
    except ValueError:
        raise ParameterError(f"the parameters of a shape are numbers, got '{str(kind)[:40]}'") from None
    wanted = SHAPES[name].parameters
    if len(values) != len(wanted):
        needs = f"needs {' and '.join(wanted)}" if wanted else "has no parameter"
        raise ParameterError(f"the shape {name} {needs}, got {len(values)} numbers")
    if not all(map(math.isfinite, values)) or (name != "quadratic" and any(value <= 0 for value in values)):
        raise ParameterError(f"the parameters of {name} must be finite and above 0, got {values}")
    if name == "quadratic" and values[0] == 0:
        raise ParameterError("a quadratic shape with delta 0 is linear; say linear")
    return Shape(name, values)


def usual_shapes(doses: Sequence[float]) -> tuple[Shape, ...]:
    """Return candidates that lie far apart, for a trial that names none; their parameters are assumed.

    Parameters
    ----------
    doses : sequence of float
        With the reference; only the largest matters.

    Returns
    -------
    tuple of Shape
        Linear; Emax with half of it at a fifth of the largest dose; sigmoid Emax, steep, with half at a half; and
        exponential.
    """
    top = max(doses)
    return (
        Shape("linear"),
        Shape("emax", (0.2 * top,)),
        Shape("sigmoid-emax", (0.5 * top, 4.0)),
        Shape("exponential", (0.3 * top,)),
    )
