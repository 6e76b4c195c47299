"""Reads the tables of a run for figures and reports: which arms, which twin, which curve, in the shapes they need."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from afterglow.protocol import Arm
from afterglow.protocol.dose import Dose
from afterglow.results.courses import Course
from afterglow.results.tables import Tables

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ArmView",
    "arm_name",
    "arms_of",
    "between",
    "column",
    "curve",
    "dose_text",
    "drugs_with_concentration",
    "first_time",
    "focus_end",
    "last_scores",
    "medicines_of",
    "mixes",
    "people_words",
    "rows",
    "thin",
]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ArmView:
    """One arm of the protocol as figures and reports show it.

    Parameters
    ----------
    index : int
        Place in the protocol; sets colour and marker.
    id : str
        Its name in the tables.
    label : str
        Its name for readers; the id when it has none.
    twin : str or None
        Id of the same people without integration, if they were run.
    arm : Arm
    """

    index: int
    id: str
    label: str
    twin: str | None
    arm: Arm

    @property
    def extrapolated(self) -> bool:
        """True when a dose of this arm lies above those whose kinetics were studied."""
        return any(dose.extrapolated for dose in self.arm.doses)


def arms_of(tables: Tables) -> tuple[ArmView, ...]:
    """List the arms of the protocol in order, each with its twin if that was run."""
    found = []
    for index, arm in enumerate(tables.protocol.arms):
        mark = " †" if any(dose.extrapolated for dose in arm.doses) else ""
        place = tables.run.twin_of(index)
        twin = None if place is None else tables.arms[place].id
        found.append(ArmView(index=index, id=arm.id, label=(arm.label or arm.id) + mark, twin=twin, arm=arm))
    return tuple(found)


def arm_name(tables: Tables, arm_id: str) -> str:
    """Write an arm's id as a reader's name, also for a twin."""
    for view in arms_of(tables):
        if arm_id == view.id:
            return view.label
        if arm_id == view.twin:
            return f"{view.label}, same people without integration"
    return arm_id


def mixes(tables: Tables) -> bool:
    """Whether several explanations count, by their weights."""
    return len(tables.run.spec.explanations) > 1 and not tables.only


def people_words(tables: Tables) -> str:
    """Say whom a band over people holds."""
    return "nine in ten people, over all explanations" if mixes(tables) else "nine in ten people"


def thin(days: Floats, values: Floats, *, limit: int = 240) -> npt.NDArray[np.intp]:
    """Choose at most `limit` points that keep a curve's shape (largest triangle in each bucket).

    Parameters
    ----------
    days, values : array of float, shape (time,)
        The curve.
    limit : int
        Most points to keep; at least 3.

    Returns
    -------
    array of int, shape (at most limit,)
        Indices to keep, rising, the first and the last among them.
    """
    count = days.size
    if count <= limit:
        return np.arange(count)
    edges = np.linspace(1, count - 1, limit - 1).astype(int)
    height = float(np.ptp(values)) or 1.0
    x, y = (days - days[0]) / (float(np.ptp(days)) or 1.0), values / height
    kept = [0]
    for index in range(limit - 2):
        start, stop = edges[index], max(edges[index + 1], edges[index] + 1)
        ahead = slice(stop, edges[index + 2] if index + 2 < edges.size else count)
        far_x, far_y = x[ahead].mean(), y[ahead].mean()
        last = kept[-1]
        area = np.abs((x[start:stop] - x[last]) * (far_y - y[last]) - (far_x - x[last]) * (y[start:stop] - y[last]))
        kept.append(start + int(np.argmax(area)))
    return np.array([*kept, count - 1], dtype=np.intp)


def between(course: Course, start: float, end: float) -> Course:
    """Return the part of a course from one day to another."""
    return course.at((course.days >= start) & (course.days <= end))


def curve(
    tables: Tables, name: str, arm_id: str, *, start: float = -math.inf, end: float = math.inf, limit: int = 240
) -> Course | None:
    """Return a course from one day to another, thinned for drawing.

    Parameters
    ----------
    tables : Tables
        The run.
    name : str
        A state, quantity or scale, as `Tables.course` takes it.
    arm_id : str
        Arm or twin.
    start, end : float
        Days to keep.
    limit : int
        Most points to keep.

    Returns
    -------
    Course or None
        None when the run holds no such course, or no point of it in the range.
    """
    whole = tables.course(name, arm_id)
    if whole is None:
        return None
    part = between(whole, start, end)
    if not part.days.size:
        return None
    keep = thin(part.days, part.median + part.mean, limit=limit)
    return part.at(keep)


def medicines_of(view: ArmView) -> tuple[str, ...]:
    """List the medicines an arm is given, in order of first use."""
    return tuple(dict.fromkeys(dose.medicine for dose in sorted(view.arm.doses, key=lambda d: (d.day, d.hour))))


def drugs_with_concentration(tables: Tables, view: ArmView) -> tuple[str, ...]:
    """List the medicines of an arm whose concentration the run holds."""
    return tuple(m for m in medicines_of(view) if f"concentration_{m}" in tables.run.curve_names)


def dose_text(doses: Iterable[Dose]) -> str:
    """Write the doses of one day shortly: ``80 + 40 mg``, ``0.5 mg/kg``."""
    ordered = sorted(doses, key=lambda dose: (dose.day, dose.hour))
    if any(dose.dose_mg is None and dose.dose_mg_per_kg is None for dose in ordered):
        return "no drug"
    if all(dose.dose_mg is not None for dose in ordered):
        return " + ".join(f"{dose.dose_mg:g}" for dose in ordered) + " mg"
    if all(dose.dose_mg_per_kg is not None for dose in ordered):
        return " + ".join(f"{dose.dose_mg_per_kg:g}" for dose in ordered) + " mg/kg"
    return " + ".join(
        f"{dose.dose_mg:g} mg" if dose.dose_mg is not None else f"{dose.dose_mg_per_kg:g} mg/kg" for dose in ordered
    )


def first_time(tables: Tables) -> float:
    """Give the first day of courses, at latest the day before the first dose."""
    return min(-1.0, float(tables.run.times[0]))


def last_scores(tables: Tables) -> dict[str, dict[str, Any]]:
    """Return each arm's row of scores on the last day of the main scale, twins among them."""
    own = [row for row in tables.rows["scores"] if row["scale"] == tables.scales[0]]
    return {row["arm"]: row for row in sorted(own, key=lambda row: float(row["day"]))}


def focus_end(tables: Tables) -> float:
    """Give the day up to which things are given and the window closes, so that a figure need not run to the horizon."""
    last = [0.0]
    for view in arms_of(tables):
        last += [*(dose.day for dose in view.arm.doses), *(session.day for session in view.arm.sessions)]
        last += [float(block.to_day) for block in view.arm.practice]
    last += [row["closes_day_q95"] for row in tables.rows["windows"] if math.isfinite(row["closes_day_q95"])]
    horizon = float(tables.protocol.horizon_days)
    end = max(last) * 1.08 + 2
    return horizon if end > 0.75 * horizon else end


def rows(table: pd.DataFrame, **wanted: object) -> pd.DataFrame:
    """Select the rows of a table whose columns equal the given values, sorted by day when there is one."""
    if table.empty:
        return table
    chosen = table
    for name, value in wanted.items():
        chosen = chosen[chosen[name] == value]
    return chosen.sort_values("day") if "day" in chosen.columns else chosen


def column(table: pd.DataFrame, name: str) -> Floats:
    """Return a column as numbers."""
    return np.asarray(table[name], dtype=float)
