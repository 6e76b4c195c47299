"""Reads a `Result` for the report: which arms, which twin, which curve, in the shapes figures need."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = [
    "TWIN_SUFFIX",
    "ArmView",
    "Curve",
    "ResultLike",
    "arm_name",
    "arms_of",
    "curve",
    "dose_days",
    "dose_text",
    "drugs_with_concentration",
    "focus_end",
    "medicines_of",
    "rows",
    "scales_of",
    "thin",
]

Floats = npt.NDArray[np.float64]

TWIN_SUFFIX = "|no integration"
"""What `Result` appends to an arm's id for the same people without integration."""


class ResultLike(Protocol):
    """What the report reads of a `Result`."""

    @property
    def protocol(self) -> Any:
        """The protocol that was run."""
        ...

    @property
    def seed(self) -> int:
        """Seed of the random streams."""
        ...

    @property
    def participants(self) -> int:
        """Number of simulated people."""
        ...

    @property
    def calibrated(self) -> bool:
        """True when the model was fitted to trials."""
        ...

    @property
    def rival(self) -> str:
        """Which explanation was run."""
        ...

    @property
    def dataset(self) -> xr.Dataset:
        """Curves over (arm, participant, time)."""
        ...

    @property
    def exposure(self) -> pd.DataFrame:
        """Exposure by arm, medicine and dosing day."""
        ...

    @property
    def windows(self) -> pd.DataFrame:
        """Opening and closing of the window."""
        ...

    @property
    def scores(self) -> pd.DataFrame:
        """Scores by arm, scale and day."""
        ...

    @property
    def relapse(self) -> pd.DataFrame:
        """Share of responders that have relapsed, by day."""
        ...

    @property
    def lasting(self) -> pd.DataFrame:
        """Share whose response lasts, and hours of therapy for each."""
        ...

    @property
    def contrasts(self) -> pd.DataFrame:
        """Paired differences between arms."""
        ...

    @property
    def citations(self) -> Iterable[str]:
        """Keys of the sources relied on."""
        ...

    @property
    def warnings(self) -> Iterable[Any]:
        """Safety warnings met."""
        ...


@dataclass(frozen=True, kw_only=True)
class ArmView:
    """One arm of the protocol as the report shows it.

    Parameters
    ----------
    index : int
        Place in the protocol; sets colour and marker.
    id : str
        Its name in the dataset and the tables.
    label : str
        Its name for readers; the id when it has none.
    twin : str or None
        Name in the dataset of the same people without integration, if there.
    arm : object
        The protocol's arm.
    """

    index: int
    id: str
    label: str
    twin: str | None
    arm: Any

    @property
    def extrapolated(self) -> bool:
        """True when a dose of this arm lies above the studied range."""
        return any(getattr(dose, "extrapolated", False) for dose in self.arm.doses)


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A variable of one arm over time, summed up over people; every field has shape (time,)."""

    days: Floats
    mean: Floats
    median: Floats
    low: Floats
    high: Floats


def arms_of(result: ResultLike) -> tuple[ArmView, ...]:
    """List the arms of the protocol in order, each with its twin if the dataset holds one."""
    present = {str(name) for name in result.dataset["arm"].values}
    return tuple(
        ArmView(
            index=index,
            id=arm.id,
            label=(arm.label or arm.id) + (" †" if any(getattr(d, "extrapolated", False) for d in arm.doses) else ""),
            twin=arm.id + TWIN_SUFFIX if arm.id + TWIN_SUFFIX in present else None,
            arm=arm,
        )
        for index, arm in enumerate(result.protocol.arms)
        if arm.id in present
    )


def arm_name(result: ResultLike, arm_id: str) -> str:
    """Write an arm's id as a reader's name, also for a twin."""
    labels = {view.id: view.label for view in arms_of(result)}
    plain = arm_id.removesuffix(TWIN_SUFFIX)
    ending = ", same people without integration" if arm_id.endswith(TWIN_SUFFIX) else ""
    return labels.get(plain, plain) + ending


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


def curve(
    result: ResultLike, variable: str, arm_id: str, *, start: float = -math.inf, end: float = math.inf, limit: int = 240
) -> Curve | None:
    """Sum a variable up over people: mean, median and the 5-95 % band, thinned for drawing.

    Parameters
    ----------
    result : ResultLike
        The run.
    variable : str
        Name in the dataset, with dims (arm, participant, time).
    arm_id : str
        Arm or twin.
    start, end : float
        Days to keep.
    limit : int
        Most points to keep.

    Returns
    -------
    Curve or None
        None when the dataset has no such variable or no point in the range.
    """
    if variable not in result.dataset or arm_id not in result.dataset["arm"].values:
        return None
    days = np.asarray(result.dataset["time"].values, dtype=float)
    inside = (days >= start) & (days <= end)
    if not inside.any():
        return None
    values = np.asarray(result.dataset[variable].sel(arm=arm_id).values, dtype=float)[:, inside]
    days = days[inside]
    if not np.isfinite(values).any():
        return None
    keep = thin(days, np.median(values, axis=0) + values.mean(axis=0), limit=limit)
    low, median, high = np.quantile(values[:, keep], [0.05, 0.5, 0.95], axis=0)
    return Curve(days=days[keep], mean=values[:, keep].mean(axis=0), median=median, low=low, high=high)


def medicines_of(view: ArmView) -> tuple[str, ...]:
    """List the medicines an arm is given, in order of first use."""
    return tuple(dict.fromkeys(dose.medicine for dose in sorted(view.arm.doses, key=lambda d: (d.day, d.hour))))


def dose_days(view: ArmView, medicine: str) -> tuple[float, ...]:
    """List the days on which an arm is given a medicine."""
    return tuple(sorted({float(dose.day) for dose in view.arm.doses if dose.medicine == medicine}))


def drugs_with_concentration(result: ResultLike, view: ArmView) -> tuple[str, ...]:
    """List the medicines of an arm whose concentration the dataset holds."""
    return tuple(m for m in medicines_of(view) if f"concentration_{m}" in result.dataset)


def dose_text(doses: Iterable[Any]) -> str:
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


def focus_end(result: ResultLike) -> float:
    """Give the day up to which things are given and the window closes, so that a figure need not run to the horizon."""
    last = [0.0]
    for view in arms_of(result):
        last += [float(item.day) for item in (*view.arm.doses, *view.arm.sessions)]
        last += [float(block.to_day) for block in view.arm.practice]
    if not result.windows.empty:
        closes = np.asarray(result.windows["closes_day_q95"], dtype=float)
        last += [float(c) for c in closes if math.isfinite(c)]
    horizon = float(result.protocol.horizon_days)
    end = max(last) * 1.08 + 2
    return horizon if end > 0.75 * horizon else end


def scales_of(result: ResultLike) -> tuple[str, ...]:
    """List the scales that were assessed, the primary one first."""
    found = [str(scale) for scale in dict.fromkeys(result.scores["scale"])] if not result.scores.empty else []
    primary = str(result.protocol.population.scale)
    return tuple(sorted(found, key=lambda scale: scale != primary))


def rows(table: pd.DataFrame, **wanted: object) -> pd.DataFrame:
    """Select the rows of a table whose columns equal the given values, sorted by day when there is one."""
    if table.empty:
        return table
    chosen = table
    for column, value in wanted.items():
        chosen = chosen[chosen[column] == value]
    return chosen.sort_values("day") if "day" in chosen.columns else chosen
