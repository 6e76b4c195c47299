"""Short texts that figures, reports and the command line share: signed points, intervals, names of explanations."""

from __future__ import annotations

import html
import re

from afterglow.results.differences import ArmDifference
from afterglow.results.tables import Tables

__all__ = [
    "TELLS_NOTHING",
    "conclusion_text",
    "esc",
    "explanations_text",
    "interval",
    "is_clear",
    "people_text",
    "percent_text",
    "points_text",
    "rival_name",
    "signed",
    "twin_text",
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


def is_clear(found: ArmDifference) -> bool:
    """Whether the interval of a difference, as it is printed, leaves zero out; False where there is none."""
    return round(found.low, 1) > 0 or round(found.high, 1) < 0


def percent_text(probability: float) -> str:
    """Write a probability; never as certain."""
    return "under 1 %" if probability < 0.01 else "over 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def twin_text(arm: str) -> str:
    """Write the id of an arm, that of a twin as whom it stands for."""
    own, bar, _ = arm.partition("|")
    return "the same people without integration" if bar else own


def conclusion_text(found: ArmDifference, only: str = "") -> str:
    """Say in one sentence how two arms differ, between what bounds, and how sure that is.

    Parameters
    ----------
    found : ArmDifference
    only : str
        The one explanation that counts; empty where all do, by their weights.
    """
    first, second = found.arm, twin_text(found.versus)
    when = f"On day {found.day:g}"
    if found.low == found.high == 0:
        return f"{when}, {first} and {second} do not differ: up to then both are given the same."
    moved = f"{abs(round(found.points, 1)):.1f} {found.scale} points {'lower' if found.points < 0 else 'higher'}"
    if found.low != found.low:
        return (
            f"{when}, {first} ends {moved} than {second}; this run has no interval, so it cannot say how sure that is."
        )
    counts = f"under the explanation {rival_name(only)} alone" if only else "over all explanations by their weights"
    chance = f"the probability that {first} is lower is {percent_text(found.probability_lower)} {counts}"
    ends = interval(found.low, found.high)
    if is_clear(found):
        said = f"{when}, {first} ends {moved} than {second} (90 % interval {ends}); {chance}"
    else:
        said = (
            f"{when}, {first} and {second} cannot be told apart: they differ by {signed(found.points)} {found.scale} "
            f"points, and the 90 % interval, {ends}, reaches zero; {chance}"
        )
    return f"{said}."


def under_text(found: ArmDifference) -> str:
    """Write what each explanation alone says: ``window (0.32) −5.1, expectancy only (0.31) −1.2``."""
    return ", ".join(f"{rival_name(own.rival)} ({own.weight:.2f}) {signed(own.points)}" for own in found.by_rival)


def explanations_text(tables: Tables) -> str:
    """Write the explanations of a run with their weights, the heaviest first."""
    if tables.only:
        return f"{rival_name(tables.only)} alone"
    found = sorted(tables.run.spec.explanations, key=lambda e: -e.weight)
    if len(found) == 1:
        return f"{rival_name(found[0].rival)} alone"
    return ", ".join(f"{rival_name(e.rival)} {e.weight:.2f}" for e in found)
