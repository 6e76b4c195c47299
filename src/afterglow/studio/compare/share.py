"""The page to share: the report of a comparison, with the differences that were looked at and the map that was run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from afterglow.figures.catalogue import FigureCard, RenderedFigure, arms_card, figure_cards, render
from afterglow.figures.scores import MapCell, draw_map
from afterglow.report.html import render_html
from afterglow.runs import Result
from afterglow.studio.compare.grid import Grid, GridQuestion, check_grid, kept_grid
from afterglow.studio.designs.design import Design, refuse_unknown_arms

__all__ = ["MAP_LEFT_OUT", "SharedPage", "check_shared", "page_text"]

MAP_LEFT_OUT = (
    "The map of dose and hours is left out: its run is no longer kept. Run the map again in Compare, then save this "
    "page anew."
)

Day = Annotated[float, Field(gt=0, le=1095)]


class SharedPage(BaseModel):
    """What is shared.

    Parameters
    ----------
    design : Design
    versus : int, optional
        Place of the arm that the others are compared with; the last one otherwise.
    days : tuple of float
        On which they are compared, or the nearest days of rating; none: weeks 6 and 12.
    grid : GridQuestion, optional
        The map of dose and hours that was run; where its run is no longer kept, the page says that it is left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    design: Design
    versus: Annotated[int, Field(ge=0)] | None = None
    days: Annotated[tuple[Day, ...], Field(max_length=2)] = ()
    grid: GridQuestion | None = None

    @model_validator(mode="after")
    def _known(self) -> SharedPage:
        refuse_unknown_arms(self.design, self.versus)
        return self


def check_shared(asked: SharedPage) -> None:
    """Refuse a page whose map could not have been run.

    Raises
    ------
    ProtocolError
        In one sentence.
    """
    if asked.grid is not None:
        check_grid(asked.grid)


def page_text(asked: SharedPage, result: Result) -> str:
    """Return the page, which needs nothing else."""
    grid = None if asked.grid is None else kept_grid(asked.grid)
    notes = (MAP_LEFT_OUT,) if asked.grid is not None and grid is None else ()
    return render_html(result, _figures(asked, grid, result), notes=notes)


def _figures(asked: SharedPage, grid: Grid | None, result: Result) -> Sequence[RenderedFigure]:
    arms = result.protocol.arms
    versus = None if asked.versus is None else arms[asked.versus].id
    cards = [arms_card(result, versus, asked.days) if c.key == "arms" else c for c in figure_cards(result)]
    if asked.grid is not None and grid is not None:
        cards.append(_map_card(asked.grid, grid))
    return [render(result, card) for card in cards]


def _map_card(asked: GridQuestion, grid: Grid) -> FigureCard:
    best = grid.cells[grid.best]
    way = asked.varied.way
    cells = [
        MapCell(
            dose=c.dose, hours=c.hours, mean=c.mean, low=c.low, high=c.high, alike=not c.told_apart,
            extrapolated=c.extrapolated,
        )
        for c in grid.cells
    ]  # fmt: skip
    name = asked.varied.label or f"arm {asked.arm + 1}"
    return FigureCard(
        key="map",
        chapter="summary",
        title=f"Dose by hours of integration, {name}",
        caption=f"Mean {grid.scale} score on day {grid.day:g} with its 90 % interval, the bluer the lower; the same "
        f"{grid.participants} people and {grid.draws} draws in every cell. The lowest is {best.mean:.1f}; cells with ≈ "
        "cannot be told from it. † above the largest dose whose kinetics were studied.",
        draw=lambda _: draw_map(cells, unit="" if way is None else way.unit),
        table=lambda _: _numbers(grid),
    )


def _numbers(grid: Grid) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "dose": [c.dose for c in grid.cells],
            "hours": [c.hours for c in grid.cells],
            "mean": [c.mean for c in grid.cells],
            "mean_low": [c.low for c in grid.cells],
            "mean_high": [c.high for c in grid.cells],
            "minus_the_lowest": [c.behind for c in grid.cells],
            "minus_the_lowest_low": [c.behind_low for c in grid.cells],
            "minus_the_lowest_high": [c.behind_high for c in grid.cells],
        }
    )
