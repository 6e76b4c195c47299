"""The table of the rivals: weights by stacking, and the studies that move them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from afterglow.posterior import Posteriors

__all__ = ["Weighing", "weigh"]


@dataclass(frozen=True)
class Weighing:
    """Rivals in order of weight, studies in order of what they move, and one sentence.

    Parameters
    ----------
    rivals, studies : tuple of dict
    verdict : str
    """

    rivals: tuple[dict[str, Any], ...]
    studies: tuple[dict[str, Any], ...]
    verdict: str

    def as_json(self) -> dict[str, Any]:
        """Return everything as one plain object."""
        return {"rivals": list(self.rivals), "studies": list(self.studies), "verdict": self.verdict}


def weigh(posteriors: Posteriors) -> Weighing:
    """Tell the rivals' weights, and how their leave-one-study-out log predictive densities come to them."""
    tables = {name: dict(p.diagnostics["left_out_log_density"]) for name, p in posteriors.by_rival.items()}
    studies = list(next(iter(tables.values())))
    total = {name: sum(table.values()) for name, table in tables.items()}
    best = max(total, key=lambda name: total[name])
    rows = []
    for name in sorted(tables, key=lambda n: -posteriors.weights[n]):
        gaps = np.array([tables[best][s] - tables[name][s] for s in studies])
        rows.append(
            {
                "rival": name,
                "weight": posteriors.weights[name],
                "log_density": total[name],
                "behind": float(gaps.sum()),
                "behind_se": float(gaps.std(ddof=1) * np.sqrt(len(gaps))),
            }
        )
    moved = []
    for s in studies:
        order = sorted(tables, key=lambda name: -tables[name][s])
        ratio = tables[order[0]][s] - tables[order[-1]][s]
        moved.append({"study": s, "favours": order[0], "over": order[-1], "log_ratio": ratio})
    moved.sort(key=lambda row: -float(row["log_ratio"]))
    return Weighing(tuple(rows), tuple(moved), _verdict(rows))


def _verdict(rows: list[dict[str, Any]]) -> str:
    close = [r["rival"] for r in rows if r["behind"] <= 2 * max(r["behind_se"], 1.0)]
    if len(close) > 1:
        return f"The trials cannot tell {', '.join(close)} apart yet: each lies within two standard errors of the best."
    return f"The trials favour {close[0]}: the others lie more than two standard errors behind."
