"""Short texts that figures, reports and the command line share: signed points, intervals, names of explanations."""

from __future__ import annotations

import html
import re

from afterglow.results.integration import Added
from afterglow.results.tables import Tables

__all__ = [
    "TELLS_NOTHING",
    "esc",
    "explanations_text",
    "interval",
    "is_clear",
    "people_text",
    "points_text",
    "rival_name",
    "signed",
    "under_text",
]

TELLS_NOTHING = "the model cannot tell whether integration adds anything"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def esc(text: object) -> str:
    """Make a text harmless inside HTML, in elements and in quoted attributes."""
    return html.escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text)), quote=True)


def rival_name(rival: str) -> str:
    """Write the name of an explanation as words."""
    return rival.replace("_", " ")


def signed(value: float) -> str:
    """Write a difference in points with its sign, a true minus."""
    return f"{round(value, 1) + 0.0:+.1f}".replace("-", "−")


def interval(low: float, high: float) -> str:
    """Write an interval of a difference."""
    return f"{signed(low)} to {signed(high)}"


def points_text(points: float, low: float, high: float) -> str:
    """Write a difference with its interval, where it has one."""
    return f"{signed(points)} ({interval(low, high)})" if low == low else signed(points)


def people_text(count: int) -> str:
    """Write how many people there are."""
    return "1 person" if count == 1 else f"{count:,} people"


def is_clear(added: Added) -> bool:
    """Whether the interval of what integration adds leaves zero out; False where there is none."""
    return added.low > 0 or added.high < 0


def under_text(added: Added) -> str:
    """Write what each explanation alone says: ``window (0.32) −5.1, expectancy only (0.31) −1.2``."""
    return ", ".join(f"{rival_name(own.rival)} ({own.weight:.2f}) {signed(own.points)}" for own in added.by_rival)


def explanations_text(tables: Tables) -> str:
    """Write the explanations of a run with their weights, the heaviest first."""
    if tables.only:
        return f"{rival_name(tables.only)} alone"
    found = sorted(tables.run.spec.explanations, key=lambda e: -e.weight)
    if len(found) == 1:
        return f"{rival_name(found[0].rival)} alone"
    return ", ".join(f"{rival_name(e.rival)} {e.weight:.2f}" for e in found)
