"""What a design is: how many stages it has, what is randomised in each and what is tested at its end.

A trial that is simulated asks its design for the looks, for the boundaries, for who goes on after a look and for the
size after a blinded one. Statistics are signed so that larger ones favour the active arm; the trailing axis is that of
the active arms, and all leading ones are free, such as those of trials.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, field_validator, model_validator
from scipy.special import ndtr, ndtri

from afterglow.errors import AfterglowError
from afterglow.protocol.part import Part
from afterglow.protocol.sentences.quantity import Plain
from afterglow.trial.designs.boundaries import Boundaries, Look, boundaries, kind_named
from afterglow.trial.designs.reestimation import Variance, resized
from afterglow.trial.designs.selection import critical_value

__all__ = [
    "BlindedReestimation",
    "Design",
    "DropTheLoser",
    "Fixed",
    "GroupSequential",
    "Stage",
]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Share = Annotated[Plain, Field(gt=0, lt=1)]
_EVERYONE = "everyone, to an arm"


class Stage(Part):
    """One stage of a design.

    Parameters
    ----------
    until : float
        Fraction of the largest information at its end.
    randomised : str
        What is given by lot in it.
    tested : str
        What is asked of the data at its end.
    """

    until: float
    randomised: str
    tested: str


class Design(Part):
    """A design; one kind each of the classes that follow."""

    kind: str

    @property
    def looks(self) -> tuple[float, ...]:
        """Fractions of the largest information at which the data are looked at; the last is 1."""
        return (1.0,)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What is randomised and tested, stage by stage."""
        return (Stage(until=1.0, randomised=_EVERYONE, tested="the primary difference"),)

    @property
    def test_days(self) -> tuple[float, ...]:
        """Days of the tests in their fixed order; empty where the trial's primary day alone is tested."""
        return ()

    @property
    def responders_from_day(self) -> float | None:
        """Day on which those who respond are randomised; None where all are, at the start."""
        return None

    def boundaries(self, alpha: float = 0.025, doses: int = 1, control_ratio: float = 1.0) -> Boundaries:
        """Return what the statistic must exceed at each look.

        Parameters
        ----------
        alpha : float
            One-sided.
        doses : int
            Active arms.
        control_ratio : float
            People in the control arm for each in an active arm.
        """
        return _once(self.kind, self.looks, float(-ndtri(alpha)), alpha)

    def continuing(self, look: int, z: npt.ArrayLike, alpha: float = 0.025) -> Bools:
        """Return which active arms go on after a look.

        Parameters
        ----------
        look : int
            0 is the first.
        z : array_like, shape (..., arm)
        alpha : float

        Returns
        -------
        array, shape (..., arm)
        """
        found = self.boundaries(alpha)
        statistic = np.asarray(z, dtype=float)
        last = look + 1 == len(self.looks)
        return (statistic < found.upper[look]) & (statistic > found.futility[look]) & (not last)

    def size(self, planned: int, sd: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return people per arm after a look at the SD.

        Parameters
        ----------
        planned : int
            People per arm.
        sd : array_like, any shape
            As `BlindedReestimation` estimates it; other designs keep to the plan.
        """
        return np.full(np.shape(sd), planned, dtype=np.int64)

    def rejected(self, z: npt.ArrayLike, alpha: float = 0.025) -> Bools:
        """Return which tests reject at the end, each only if all before it did (maurer1995).

        Parameters
        ----------
        z : array_like, shape (..., test)
            In the order of `test_days`.
        alpha : float
            One-sided; spent whole on each test, which their fixed order allows.
        """
        return np.logical_and.accumulate(np.asarray(z, dtype=float) > ndtri(1 - alpha), axis=-1)


class Fixed(Design):
    """One analysis at the end."""

    kind: Literal["fixed"] = "fixed"


class GroupSequential(Design):
    """Looks at which the trial may stop with a result, or be given up.

    Parameters
    ----------
    boundary : str
        One of those of `afterglow.trial.designs.boundaries.KINDS`.
    information : tuple of float
        At the looks, rising to 1.
    delta, gamma, rho : float or None
        Parameters of the boundary.
    futility : str, tuple of float or None
        A spending function of type II error, or statistics at the looks before the last.
    power : float or None
        For which futility spends; needed by a function.
    binding : bool
    """

    kind: Literal["group-sequential"] = "group-sequential"
    boundary: str = "obrien-fleming"
    information: Annotated[tuple[Plain, ...], Field(min_length=2, max_length=50)] = (0.5, 1.0)
    delta: Plain | None = None
    gamma: Plain | None = None
    rho: Plain | None = None
    futility: str | tuple[Plain, ...] | None = None
    power: Share | None = None
    binding: bool = False

    @field_validator("boundary", mode="before")
    @classmethod
    def _known(cls, value: Any) -> str:
        return str(_said(kind_named, value))

    @field_validator("futility", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        held = value if isinstance(value, list | tuple) else (value,)
        if value is None or isinstance(value, str):
            return value
        if not all(isinstance(z, int | float) and not isinstance(z, bool) for z in held):
            raise ValueError(
                "must be a spending function such as hwang-shih-decani, or statistics at the looks before the last "
                f"such as [0, 0.5], got {str(value)[:60]!r}"
            )
        return tuple(held)

    @model_validator(mode="after")
    def _possible(self) -> GroupSequential:
        _said(self.boundaries)
        return self

    @property
    def looks(self) -> tuple[float, ...]:
        """Fractions of the largest information."""
        return self.information

    @property
    def stages(self) -> tuple[Stage, ...]:
        """A stage for each look."""
        return tuple(
            Stage(until=t, randomised=_EVERYONE, tested="the primary difference, to stop with a result or to go on")
            for t in self.information
        )

    def boundaries(self, alpha: float = 0.025, doses: int = 1, control_ratio: float = 1.0) -> Boundaries:
        """Return the boundaries of the looks."""
        return boundaries(
            self.boundary,
            None,
            alpha,
            information=self.information,
            delta=self.delta,
            gamma=self.gamma,
            rho=self.rho,
            futility=self.futility,
            power=self.power,
            binding=self.binding,
        )


class BlindedReestimation(Design):
    """The size is set anew from the SD of people whose arms are not known.

    Parameters
    ----------
    fraction : float
        Of the planned people at the look.
    difference : float
        That the trial is to find, in points.
    power : float
    variance : {"one-sample", "adjusted", "within-arm"}
        Which SD `size` is handed; see `afterglow.trial.designs.reestimation.blinded_sd`.
    largest : float
        Factor on the planned size that is never exceeded.
    """

    kind: Literal["blinded-re-estimation"] = "blinded-re-estimation"
    fraction: Share = 0.5
    difference: Annotated[Plain, Field(gt=0)]
    power: Share = 0.9
    variance: Variance = "one-sample"
    largest: Annotated[Plain, Field(ge=1, le=10)] = 2.0

    @property
    def looks(self) -> tuple[float, ...]:
        """Of the planned people; the first is blinded."""
        return (self.fraction, 1.0)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The size is looked at, then the difference is tested."""
        return (
            Stage(until=self.fraction, randomised=_EVERYONE, tested="nothing: the SD sets the size"),
            Stage(until=1.0, randomised=_EVERYONE, tested="the primary difference"),
        )

    def continuing(self, look: int, z: npt.ArrayLike, alpha: float = 0.025) -> Bools:
        """Return that all go on to the end."""
        return np.full(np.shape(z), look == 0)

    def size(self, planned: int, sd: npt.ArrayLike, alpha: float = 0.025) -> npt.NDArray[np.int64]:
        """Return people per arm from the SD at the blinded look, at least as planned."""
        return resized(planned, sd, self.difference, power=self.power, alpha=alpha, largest=self.largest)


class DropTheLoser(Design):
    """The dose that does best at the look goes on with the control.

    Parameters
    ----------
    fraction : float
        Of the information on the dose that goes on, at the look.
    """

    kind: Literal["drop-the-loser"] = "drop-the-loser"
    fraction: Annotated[Plain, Field(gt=0, le=0.95)] = 0.5

    @property
    def looks(self) -> tuple[float, ...]:
        """A dose is chosen at the first."""
        return (self.fraction, 1.0)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All doses, then the best one, each beside the control."""
        return (
            Stage(until=self.fraction, randomised="everyone, to a dose or to control", tested="which dose does best"),
            Stage(until=1.0, randomised="everyone, to that dose or to control", tested="that dose, in people of both"),
        )

    def boundaries(self, alpha: float = 0.025, doses: int = 1, control_ratio: float = 1.0) -> Boundaries:
        """Return the value at the end that allows for the choice among the doses; none is tested at the look."""
        return _once(self.kind, self.looks, critical_value(doses, self.fraction, alpha, control_ratio), alpha)

    def continuing(self, look: int, z: npt.ArrayLike, alpha: float = 0.025) -> Bools:
        """Return the dose with the largest statistic; the first of those that are equal."""
        statistic = np.asarray(z, dtype=float)
        best = np.argmax(statistic, axis=-1)[..., None]
        return np.asarray((np.arange(statistic.shape[-1]) == best) & (look == 0))


def _once(kind: str, looks: tuple[float, ...], z: float, alpha: float) -> Boundaries:
    """Return boundaries of one test, at the last look."""
    before = tuple(Look(look=k + 1, information=t, z=math.inf, p=0.0, spent=0.0) for k, t in enumerate(looks[:-1]))
    last = Look(look=len(looks), information=looks[-1], z=z, p=float(ndtr(-z)), spent=alpha)
    return Boundaries(kind=kind, parameter=None, sided=1, alpha=alpha, looks=(*before, last))


def _said(ask: Callable[..., Any], *given: Any) -> Any:
    """Ask, and pass on what an error says in the form in which parts are checked."""
    try:
        return ask(*given)
    except AfterglowError as error:
        raise ValueError(str(error)) from None
