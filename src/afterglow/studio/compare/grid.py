"""The grid of Compare: one arm at several doses and hours of integration, all with the same people and draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, Field, model_validator

from afterglow.errors import ProtocolError
from afterglow.results.differences import ArmDifference, difference_of
from afterglow.runs import Result
from afterglow.studio.asked import RISING, Asked
from afterglow.studio.designs.design import ArmDesign, Design, protocol_of, refuse_unknown_arms
from afterglow.studio.designs.result import kept_result, result_of

__all__ = ["Grid", "GridQuestion", "check_grid", "grid_of", "kept_grid"]

MOST_CELLS = 25
_LONGEST_H = 12.0
"""Of one meeting, as in `PlannedSession`."""

Dose = Annotated[float, Field(gt=0, le=1000)]
Hours = Annotated[float, Field(ge=0, le=200)]


class GridQuestion(Asked):
    """Which arm is varied, over what, and what it is compared with.

    Parameters
    ----------
    design : Design
    arm : int
        Place of the arm that is varied.
    versus : int or None
        Place of the arm that each cell is compared with.
    doses : tuple of float
        In the unit of the arm's dose.
    hours : tuple of float
        Of integration in all: the meetings keep their days and share them evenly; 0 leaves them out.
    day : float
        On which the arms are rated.
    """

    design: Design
    arm: Annotated[int, Field(ge=0)] = 0
    versus: Annotated[int, Field(ge=0)] | None = None
    doses: Annotated[tuple[Dose, ...], Field(min_length=1, max_length=5), RISING]
    hours: Annotated[tuple[Hours, ...], Field(min_length=1, max_length=5), RISING]
    day: Annotated[float, Field(gt=0, le=1095)]

    @model_validator(mode="after")
    def _known(self) -> GridQuestion:
        refuse_unknown_arms(self.design, self.arm, self.versus)
        return self

    @property
    def varied(self) -> ArmDesign:
        """The arm that is varied."""
        return self.design.arms[self.arm]


class Cell(BaseModel):
    """One dose and number of hours; bounds are those of 90 % intervals.

    `told_apart` is whether the interval of the difference to the best cell leaves zero out; not so for the best itself.
    """

    dose: float
    hours: float
    extrapolated: bool
    mean: float
    low: float
    high: float
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    behind: float
    behind_low: float
    behind_high: float
    told_apart: bool


class Grid(BaseModel):
    """All cells on one day, hours rising within a dose; `best` is the place of the one with the lowest mean."""

    participants: int
    draws: int
    scale: str
    day: float
    versus: str
    best: int
    cells: list[Cell]


def check_grid(asked: GridQuestion) -> None:
    """Refuse a grid that cannot be run.

    Raises
    ------
    ProtocolError
        In one sentence.
    """
    arm = asked.varied
    if arm.way is None or not arm.way.unit:
        raise ProtocolError("this arm gives no dose that could be varied; choose another arm")
    meetings = _meetings(arm)
    if not meetings:
        raise ProtocolError("this arm has no integration session whose hours could be varied; add one first")
    if asked.hours[-1] > meetings * _LONGEST_H:
        raise ProtocolError(
            f"{asked.hours[-1]:g} hours do not fit into {meetings} integration session(s) of at most {_LONGEST_H:g} "
            f"hours; ask for {meetings * _LONGEST_H:g} at most, or add sessions"
        )
    rated = protocol_of(_laid_out(asked)).assessments[0].days
    if asked.day not in rated:
        days = ", ".join(f"{day:g}" for day in rated if day > 0)
        raise ProtocolError(f"nobody is rated on day {asked.day:g}; days of rating: {days}")


def grid_of(asked: GridQuestion, progress: Callable[[float], None]) -> dict[str, Any]:
    """Run every cell with the same people and draws, and compare each with the best and with the chosen arm.

    Parameters
    ----------
    asked : GridQuestion
    progress : callable
        Told the share that is done.

    Returns
    -------
    dict
        A `Grid` as plain data.
    """
    result = result_of(_laid_out(asked), twins=False, progress=lambda done, of: progress(0.8 * done / of))
    progress(0.9)
    grid = _read(asked, result)
    progress(1.0)
    return grid.model_dump()


def kept_grid(asked: GridQuestion) -> Grid | None:
    """Return a grid that was run before and is kept; None if it has to be calculated."""
    result = kept_result(_laid_out(asked), twins=False)
    return None if result is None else _read(asked, result)


def _read(asked: GridQuestion, result: Result) -> Grid:
    pairs = [(dose, hours) for dose in asked.doses for hours in asked.hours]
    scale = result.protocol.assessments[0].scale
    rows = {row["arm"]: row for row in result.rows["scores"] if row["scale"] == scale and row["day"] == asked.day}
    arms = result.protocol.arms
    best = min(range(len(pairs)), key=lambda k: float(rows[arms[k].id]["mean"]))
    against = arms[-1].id if asked.versus is not None else None
    cells = []
    for k, (dose, hours) in enumerate(pairs):
        row = rows[arms[k].id]
        behind = None if k == best else _difference(result, arms[k].id, arms[best].id, asked.day)
        own = None if against is None else _difference(result, arms[k].id, against, asked.day)
        cells.append(
            Cell(
                dose=dose,
                hours=hours,
                extrapolated=any(d.extrapolated for d in arms[k].doses),
                mean=row["mean"],
                low=row["mean_low"],
                high=row["mean_high"],
                difference=own.points if own else None,
                difference_low=own.low if own else None,
                difference_high=own.high if own else None,
                behind=behind.points if behind else 0.0,
                behind_low=behind.low if behind else 0.0,
                behind_high=behind.high if behind else 0.0,
                told_apart=behind is not None and not behind.low <= 0 <= behind.high,
            )
        )
    return Grid(
        participants=result.participants,
        draws=result.run.spec.draws,
        scale=scale,
        day=asked.day,
        versus="" if asked.versus is None else (asked.design.arms[asked.versus].label or f"arm {asked.versus + 1}"),
        best=best,
        cells=cells,
    )


def _laid_out(asked: GridQuestion) -> Design:
    """Return a design with an arm for each cell, and at last the one that they are compared with.

    It may hold more arms than a page may ask for.
    """
    cells = [_cell(asked.varied, dose, hours) for dose in asked.doses for hours in asked.hours]
    others = [] if asked.versus is None else [asked.design.arms[asked.versus]]
    return asked.design.model_copy(update={"arms": (*cells, *others)})


def _cell(arm: ArmDesign, dose: float, hours: float) -> ArmDesign:
    each = hours / _meetings(arm)
    sessions = [
        session.model_copy(update={"hours": each}) if session.kind == "integration" else session
        for session in arm.sessions
        if session.kind != "integration" or hours > 0
    ]
    return arm.model_copy(update={"dose": dose, "sessions": tuple(sessions)})


def _meetings(arm: ArmDesign) -> int:
    return sum(session.kind == "integration" for session in arm.sessions)


def _difference(result: Result, arm: str, versus: str, day: float) -> ArmDifference:
    found = difference_of(result, arm, versus, day, scale=result.protocol.assessments[0].scale)
    assert found is not None  # both are arms of the protocol, rated on that day
    return found
