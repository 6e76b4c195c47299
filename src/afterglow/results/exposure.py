"""Exposure through the doses of each day."""

from __future__ import annotations

from typing import Any

import numpy as np

from afterglow.results.scores import Rows
from afterglow.simulate.run import Run

__all__ = ["QUANTITIES", "exposure_rows"]

QUANTITIES = ("cmax_ng_per_ml", "tmax_h", "auc_ng_h_per_ml", "half_life_h")
_AT = {"median": 0.5, "q05": 0.05, "q95": 0.95}


def exposure_rows(run: Run) -> Rows:
    """Return peak, time of peak, area and half-life by arm, dosing day and analyte: median and 5 to 95 % of people.

    A day's peak counts what earlier days left, and its time counts from the day's first dose; its area is what the
    day's doses add until they are gone; half-life is read after the last of them. Of one person, the range is NaN.
    """
    rows: Rows = []
    for k, arm in enumerate(run.arms):
        for doses in run.exposure[k]:
            row: dict[str, Any] = {
                "arm": arm.id,
                "drug": doses.medicine,
                "analyte": doses.analyte,
                "dose_day": doses.dose_day,
            }
            for quantity in QUANTITIES:
                values = getattr(doses.exposure, quantity)
                known = values[np.isfinite(values)]
                found = np.quantile(known, list(_AT.values())) if len(known) else np.full(len(_AT), np.nan)
                if len(values) < 2:
                    found[1:] = np.nan
                row |= {f"{quantity}_{name}": float(value) for name, value in zip(_AT, found, strict=True)}
            rows.append(row)
    return rows
