"""Designs that ask what lasts: who starts later, who goes without from some day on, whose integration comes late.

What each arm is given, and when, stands in the protocol; the design says who is randomised, when, and what is tested on
which day. Its tests are done in a fixed order, each at the whole alpha (maurer1995).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from afterglow.protocol.sentences.quantity import Days
from afterglow.trial.designs.design import Design, Stage

__all__ = ["DelayedStart", "EarlyAgainstLate", "RandomisedWithdrawal"]

Day = Annotated[Days, Field(gt=0, le=3650)]


class DelayedStart(Design):
    """One arm is treated from the start, the other from a later day on; a gain that lasts is still there at the end.

    Parameters
    ----------
    switch_day : float
        Day before whose treatment the arms are first compared.
    end_day : float
        Day on which those who started late have had the same.

    References
    ----------
    dagostino2009.
    """

    kind: Literal["delayed-start"] = "delayed-start"
    switch_day: Day
    end_day: Day

    @model_validator(mode="after")
    def _in_order(self) -> DelayedStart:
        if self.end_day <= self.switch_day:
            raise ValueError(
                f"end_day must follow switch_day, on which the other arm starts, got {self.end_day:g} after "
                f"{self.switch_day:g}"
            )
        return self

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Before the others start, and after."""
        return (
            Stage(
                until=1.0, randomised="everyone, to start early or late", tested="early against not yet, at the switch"
            ),
            Stage(until=1.0, randomised="nobody: the late arm starts", tested="early against late, at the end"),
        )

    @property
    def test_days(self) -> tuple[float, ...]:
        """The switch, then the end."""
        return (self.switch_day, self.end_day)


class RandomisedWithdrawal(Design):
    """All are treated; those who respond go on or go without, by lot, and relapse is compared.

    Parameters
    ----------
    day : float
        On which responders are randomised.
    end_day : float
        Until which relapse counts.
    """

    kind: Literal["randomised-withdrawal"] = "randomised-withdrawal"
    day: Day
    end_day: Day

    @model_validator(mode="after")
    def _in_order(self) -> RandomisedWithdrawal:
        if self.end_day <= self.day:
            raise ValueError(f"end_day must follow the day of randomisation, got {self.end_day:g} after {self.day:g}")
        return self

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Treatment of all, then the comparison of responders."""
        return (
            Stage(until=1.0, randomised="nobody: all are treated", tested="who responds"),
            Stage(
                until=1.0,
                randomised="responders, to go on or to go without",
                tested="relapse, and the score at the end",
            ),
        )

    @property
    def responders_from_day(self) -> float | None:
        """Day on which those who respond are randomised."""
        return self.day

    @property
    def test_days(self) -> tuple[float, ...]:
        """The end."""
        return (self.end_day,)


class EarlyAgainstLate(Design):
    """Both arms get the same dosing and the same hours of integration, one soon after it and the other later.

    Parameters
    ----------
    early_until_day : float
        Last day on which the early arm has integration.
    late_from_day, late_until_day : float
        First and last day on which the late arm has it.
    end_day : float
        Day on which both have had all, and the arms are compared.
    """

    kind: Literal["early-against-late"] = "early-against-late"
    early_until_day: Day
    late_from_day: Day
    late_until_day: Day
    end_day: Day

    @model_validator(mode="after")
    def _in_order(self) -> EarlyAgainstLate:
        days = (self.early_until_day, self.late_from_day, self.late_until_day, self.end_day)
        if not days[0] < days[1] <= days[2] <= days[3]:
            raise ValueError(
                "integration ends in the early arm before it begins in the late one, and ends there by end_day; got "
                f"early until {days[0]:g}, late from {days[1]:g} until {days[2]:g}, end {days[3]:g}"
            )
        return self

    @property
    def stages(self) -> tuple[Stage, ...]:
        """While the early arm has integration, and until both have had it."""
        return (
            Stage(
                until=1.0, randomised="everyone, to early or late integration", tested="nothing: the hours still differ"
            ),
            Stage(
                until=1.0,
                randomised="nobody: the late arm has its integration",
                tested="early against late, at the end",
            ),
        )

    @property
    def test_days(self) -> tuple[float, ...]:
        """The end, when both have had the same hours."""
        return (self.end_day,)
