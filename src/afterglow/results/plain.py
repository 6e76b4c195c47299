"""A run's tables as one plain object, ready for JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from afterglow.protocol.timeline import extrapolations
from afterglow.results.exposure import QUANTITIES
from afterglow.results.tables import Tables

__all__ = ["plain_object", "without_nan"]

_SUMMED = ("median", "q05", "q95", "median_low", "median_high")


def plain_object(tables: Tables, version: str) -> dict[str, Any]:
    """Return the tables as plain lists and dicts, unknown numbers as None."""
    rows, spec = tables.rows, tables.run.spec
    arms = []
    for arm in tables.arms:
        own = {
            name: [{k: v for k, v in row.items() if k != "arm"} for row in rows[name] if row["arm"] == arm.id]
            for name in ("exposure", "windows", "scores", "relapse", "lasting")
        }
        arms.append(
            {
                "id": arm.id,
                "label": arm.label,
                "extrapolated": any(d.extrapolated for d in arm.doses),
                "extrapolations": extrapolations(arm),
                "exposure": [_nested(row, QUANTITIES) for row in own["exposure"]],
                "windows": [_nested(row, ("open_from_day", "closes_day")) for row in own["windows"]],
                "scores": own["scores"],
                "relapse": own["relapse"],
                "lasting": own["lasting"],
            }
        )
    found: dict[str, Any] = without_nan(
        {
            "version": version,
            "run": spec.key,
            "seed": tables.seed,
            "participants": tables.participants,
            "draws": spec.draws,
            "calibrated": tables.calibrated,
            "rival": tables.rival,
            "explanations": [{"rival": e.rival, "weight": e.weight} for e in spec.explanations],
            "arms": arms,
            "contrasts": rows["contrasts"],
            "by_rival": {e.rival: _alone(tables.by_rival[e.rival], e.weight) for e in spec.explanations},
            "warnings": [w.sentence for w in tables.warnings],
            "citations": list(tables.citations),
        }
    )
    return found


def _alone(tables: Tables, weight: float) -> dict[str, Any]:
    """Return what one explanation alone says: scores of each scale's last day, and contrasts."""
    last = {(row["arm"], row["scale"]): row for row in sorted(tables.rows["scores"], key=lambda row: float(row["day"]))}
    return {"weight": weight, "scores": list(last.values()), "contrasts": tables.rows["contrasts"]}


def _nested(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Gather ``name_median, name_q05, name_q95`` under each name."""
    plain = {key: value for key, value in row.items() if not any(key.startswith(f"{n}_") for n in names)}
    return plain | {n: {q: row[f"{n}_{q}"] for q in _SUMMED if f"{n}_{q}" in row} for n in names}


def without_nan(value: Any) -> Any:
    """Return plain data with unknown numbers as None."""
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
