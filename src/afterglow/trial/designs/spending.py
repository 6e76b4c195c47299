"""How much of the error may be spent by a fraction of the information."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from afterglow.errors import ParameterError, nearest

__all__ = ["SPENDING", "Spending", "spending"]

_TYPICAL = {"hwang-shih-decani": -4.0, "power": 3.0}
"""Parameters where none is given: both spend late, near to O'Brien and Fleming."""


def _obrien_fleming(t: float, error: float, _: float) -> float:
    return float(2 * ndtr(ndtri(error / 2) / math.sqrt(t)))


def _pocock(t: float, error: float, _: float) -> float:
    return error * math.log1p((math.e - 1) * t)


def _hwang_shih_decani(t: float, error: float, gamma: float) -> float:
    return error * t if gamma == 0 else error * math.expm1(-gamma * t) / math.expm1(-gamma)


def _power(t: float, error: float, rho: float) -> float:
    return float(error * t**rho)


SPENDING: dict[str, Callable[[float, float, float], float]] = {
    "lan-demets-obrien-fleming": _obrien_fleming,
    "lan-demets-pocock": _pocock,
    "hwang-shih-decani": _hwang_shih_decani,
    "power": _power,
}
"""Functions of fraction, error and parameter: lan1983, hwang1990, kim1987."""


@dataclass(frozen=True, kw_only=True)
class Spending:
    """A spending function: rises from 0 to the error between no information and all of it.

    Parameters
    ----------
    kind : str
        One of `SPENDING`.
    parameter : float
        γ of hwang-shih-decani, ρ of power; unused by the others.
    """

    kind: str
    parameter: float = 0.0

    @property
    def own_parameter(self) -> float | None:
        """The parameter; None of a kind that has none."""
        return self.parameter if self.kind in _TYPICAL else None

    def __call__(self, fraction: float, error: float) -> float:
        """Return the error spent by `fraction` of the information; all of it from 1 on."""
        return error if fraction >= 1 else SPENDING[self.kind](fraction, error, self.parameter)


def spending(kind: str, *, gamma: float | None = None, rho: float | None = None) -> Spending:
    """Return a spending function by name.

    Parameters
    ----------
    kind : str
    gamma : float or None
        Of hwang-shih-decani, -40 to 40; the more negative, the later it spends. None: -4.
    rho : float or None
        Of power, above 0 and up to 50; the larger, the later it spends. None: 3.

    Raises
    ------
    ParameterError
        If the kind is unknown or a parameter is out of range or belongs to another kind.
    """
    if kind not in SPENDING:
        raise ParameterError(f"no spending function is called '{kind[:60]}'; {nearest(kind, SPENDING)}")
    for name, value, of in (("gamma", gamma, "hwang-shih-decani"), ("rho", rho, "power")):
        if value is not None and kind != of:
            raise ParameterError(f"{name} belongs to {of}, not to {kind}")
    if gamma is not None and not abs(gamma) <= 40:
        raise ParameterError(f"gamma must lie between -40 and 40, got {gamma:g}")
    if rho is not None and not 0 < rho <= 50:
        raise ParameterError(f"rho must lie above 0 and up to 50, got {rho:g}")
    given = gamma if gamma is not None else rho
    return Spending(kind=kind, parameter=_TYPICAL.get(kind, 0.0) if given is None else given)
