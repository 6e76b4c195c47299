"""A model constant with its unit, its spread between people, its prior and its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError

__all__ = ["Parameter"]

Scale = Literal["log", "logit", "linear"]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One constant of the model.

    Parameters
    ----------
    name : str
        The word used in the equations, unique over the whole model.
    value : float
        Typical value in the population, in `unit`.
    unit : str
        Unit inside the model (days, mg, ng/mL, L, L/h as written), ``"fraction"`` or ``"ratio"``.
    meaning : str
        One plain sentence.
    between_subject_sd : float
        Standard deviation between people on `scale`; 0 when everybody shares the value.
    prior_sd : float
        Standard deviation of our knowledge of the typical value, on `scale`.
    scale : {"log", "logit", "linear"}
        The scale on which both spreads act.
    source : str
        Key into ``references.bib``; empty when the value is assumed.
    where : str
        Table, page or evidence row in the source, or why the value was assumed.
    verified : bool
        True when the number, or what `where` works it out from, was read on the source's page.
    weight_exponent : float
        Allometric exponent on weight/70 kg; 0 when weight has no effect.

    Raises
    ------
    ParameterError
        If the value lies outside the range of its scale, or a spread is negative.
    """

    name: str
    value: float
    unit: str
    meaning: str
    between_subject_sd: float = 0.0
    prior_sd: float = 0.0
    scale: Scale = "log"
    source: str = ""
    where: str = ""
    verified: bool = False
    weight_exponent: float = 0.0

    def __post_init__(self) -> None:
        if self.scale == "log" and not self.value > 0:
            raise ParameterError(f"parameter '{self.name}' is {self.value} but a log-scale value must be above 0")
        if self.scale == "logit" and not 0 < self.value < 1:
            raise ParameterError(
                f"parameter '{self.name}' is {self.value} but a logit-scale value must lie between 0 and 1"
            )
        if self.between_subject_sd < 0 or self.prior_sd < 0:
            raise ParameterError(f"parameter '{self.name}' has a negative spread")
        if self.assumed and self.prior_sd == 0:
            raise ParameterError(f"parameter '{self.name}' has no source, so it needs a prior (prior_sd above 0)")

    @property
    def assumed(self) -> bool:
        """True when no source supports the value."""
        return not self.source

    def moved(self, typical: ArrayLike, deviation: ArrayLike) -> NDArray[np.float64]:
        """Return a typical value moved by deviations on `scale`.

        Parameters
        ----------
        typical : array_like
            In `unit`.
        deviation : array_like
            Departures on the log, logit or linear scale; broadcasts with `typical`.

        Returns
        -------
        ndarray
            In `unit`.
        """
        typical = np.asarray(typical, dtype=np.float64)
        if self.scale == "log":
            return np.asarray(typical * np.exp(deviation))
        if self.scale == "logit":
            return np.asarray(1 / (1 + np.exp(-(np.log(typical / (1 - typical)) + deviation))))
        return np.asarray(typical + np.asarray(deviation))

    def deviation(self, typical: float, values: ArrayLike) -> NDArray[np.float64]:
        """Return how far values, any shape and in `unit`, lie from a typical one on `scale`; inverse of `moved`."""
        at = np.asarray(values, dtype=np.float64)
        if self.scale == "log":
            return np.asarray(np.log(at / typical))
        if self.scale == "logit":
            return np.asarray(np.log(at / (1 - at)) - np.log(typical / (1 - typical)))
        return at - typical

    def mean(self, values: NDArray[np.float64]) -> float:
        """Return the mean of values, any shape, taken on `scale` and given in `unit`."""
        if self.scale == "log":
            return float(np.exp(np.log(values).mean()))
        if self.scale == "logit":
            odds = np.exp(np.log(values / (1 - values)).mean())
            return float(odds / (1 + odds))
        return float(values.mean())
