"""One person: scores so far, where they are expected to go, and how people who began alike go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from afterglow.figures import style
from afterglow.figures.panels import add_key, new_figure, wrap
from afterglow.scales.instruments import scale

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_person"]

_BANDS = ((90, 0.13), (80, 0.2), (50, 0.3))
_ALIKE: dict[str, Any] = {"color": style.MUTED, "linewidth": 1.1, "linestyle": (0, (4, 3))}


def draw_person(
    scale_id: str,
    scores: Sequence[tuple[float, float]],
    bands: Sequence[Mapping[str, float]],
    expected: Sequence[Mapping[str, float]],
    *,
    title: str,
) -> Figure:
    """Draw scores and bands over days.

    Parameters
    ----------
    scale_id : str
    scores : sequence of (day, score)
        On this scale.
    bands, expected : sequence of mapping
        Of this person from the last score on, and of people who began alike: ``day``, ``median``, and ``low`` and
        ``high`` of 50, 80 and 90 %.
    title : str
        What the person is given.
    """
    import matplotlib as mpl

    instrument = scale(scale_id)
    with mpl.rc_context(cast("Any", style.figure_settings())):
        figure = new_figure(height_in=4.3)
        axes = figure.subplots()
        colour = style.arm_style(0).colour
        days = _column(bands, "day")
        for share, alpha in _BANDS:
            low, high = _column(bands, f"low{share}"), _column(bands, f"high{share}")
            if len(days) > 1:
                axes.fill_between(days, low, high, color=colour, alpha=alpha, linewidth=0)
        axes.plot(days, _column(bands, "median"), color=colour)
        alike = _column(expected, "day")
        for end in ("low80", "high80"):
            axes.plot(alike, _column(expected, end), **_ALIKE)
        axes.plot([d for d, _ in scores], [s for _, s in scores], color=style.INK, linewidth=0.9, marker="o",
                  markersize=5.5)  # fmt: skip
        axes.set_ylim(instrument.low - 0.02 * (instrument.high - instrument.low), instrument.high)
        axes.set_xlabel("Day")
        axes.set_ylabel(f"{scale_id} score (points; lower is better)")
        axes.set_title(wrap(title, 90, lines=1))
        add_key(
            figure,
            [
                ({"color": style.INK, "marker": "o", "linewidth": 0.9}, "scores so far"),
                ({"color": colour}, "forecast, median"),
                ({"patch": True, "color": colour, "alpha": 0.4, "linewidth": 0}, "bands that hold 50, 80 and 90 %"),
                (_ALIKE, "80 % of people who began alike"),
            ],
        )
    return figure


def _column(rows: Sequence[Mapping[str, float]], name: str) -> np.ndarray:
    return np.array([row[name] for row in rows], dtype=np.float64)
