"""A map of cells: one arm at several doses and hours of integration, the lower the bluer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterglow.figures import style
from afterglow.figures.panels import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["MapCell", "draw_map"]

_CELL_IN = 0.55
_PALE, _DEEP = 0.06, 0.46


@dataclass(frozen=True, kw_only=True)
class MapCell:
    """One cell of a map.

    Parameters
    ----------
    dose : float
        In the unit of the arm's dose.
    hours : float
        Of integration in all.
    mean, low, high : float
        Mean score, and its 90 % interval.
    alike : bool
        Whether it cannot be told from the lowest cell.
    extrapolated : bool
        Whether the dose lies above the largest one whose kinetics were studied.
    """

    dose: float
    hours: float
    mean: float
    low: float
    high: float
    alike: bool
    extrapolated: bool


def draw_map(cells: Sequence[MapCell], *, unit: str) -> Figure:
    """Draw cells of mean scores, doses across and hours upwards."""
    from matplotlib.patches import Rectangle

    doses, hours = sorted({c.dose for c in cells}), sorted({c.hours for c in cells})
    figure = new_figure(height_in=len(hours) * _CELL_IN + 0.7)
    axes = figure.subplots()
    least, most = min(c.mean for c in cells), max(c.mean for c in cells)
    for cell in cells:
        x, y = doses.index(cell.dose), hours.index(cell.hours)
        deep = (most - cell.mean) / (most - least) if most > least else 0.0
        axes.add_patch(
            Rectangle(
                (x - 0.47, y - 0.45),
                0.94,
                0.9,
                color=style.arm_style(0).colour,
                alpha=_PALE + deep * (_DEEP - _PALE),
                linewidth=0,
            )
        )
        value = f"{'≈ ' if cell.alike else ''}{cell.mean:.1f}{' †' if cell.extrapolated else ''}"
        axes.annotate(value, (x, y + 0.12), ha="center", va="center", fontsize=9.5, fontweight="bold")
        axes.annotate(
            f"{cell.low:.1f} to {cell.high:.1f}",
            (x, y - 0.22),
            ha="center",
            va="center",
            fontsize=7.5,
            color=style.MUTED,
        )
    axes.set_xlim(-0.5, len(doses) - 0.5)
    axes.set_ylim(-0.5, len(hours) - 0.5)
    axes.set_xticks(range(len(doses)), [f"{dose:g}" for dose in doses])
    axes.set_yticks(range(len(hours)), [f"{one:g}" for one in hours])
    axes.set_xlabel(f"Dose ({unit})")
    axes.set_ylabel("Integration in all (h)")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure
