"""How often each analysis and design rejects where arms do not differ: ``python benchmarks/type_one_error.py``.

Of 10,000 trials each; ``type1`` is what ``afterglow trial FILE`` prints: of the same trials, the explanations by their
weights. Analyses of one trial meet the same luck, so that they err together. What is done is kept in a file, a part at
a time: after `--minutes` no further part is begun, and the same command goes on with the next one. Within a part
batches are kept beside the runs, so that an interrupted one goes on too. ``make bench`` does not run it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.special import ndtri
from scipy.stats import binom

from afterglow.trial import Trial, operating_characteristics
from afterglow.trial.characteristics.operating import Characteristics, null_rejections
from afterglow.trial.simulation.truth import true_value

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests import trial_plans as plans

TRIALS = 10_000
INSIDE = 0.022, 0.028
_LOSSES: Mapping[str, Any] = {
    "intercurrent_events": [
        {"kind": "rescue_medicine", "share": 0.08, "by_day": 21, "hazard_ratio": {"severity": 1.5}}
    ],
    "estimand": ["composite for rescue medicine"],
    "dropout": "15 % by day 21",
}
_BOTH = (60, 120)


def _imputed(**fields: str) -> dict[str, str]:
    return {"id": " ".join(["imputation", *fields.values()]), "method": "reference-based", **fields}


PARTS: Mapping[str, Callable[[], Trial]] = {
    "scores": lambda: plans.trial(
        **_LOSSES,
        sizes=_BOTH,
        designs=["fixed", "O'Brien-Fleming at 50 % and 100 %"],
        analyses=["mmrm", {"id": "mmrm, Kenward-Roger", "method": "mmrm", "df": "kenward-roger"}, "ancova"],
    ),
    "responders": lambda: plans.trial(
        **_LOSSES,
        sizes=_BOTH,
        designs=["fixed"],
        analyses=[
            {"id": f"responders, fall by {fall} %", "method": "responders", "fall": fall / 100} for fall in (25, 35, 50)
        ],
    ),
    "imputation": lambda: plans.trial(
        **_LOSSES,
        sizes=_BOTH,
        designs=["fixed"],
        analyses=[
            _imputed(imputation=strategy, inference=inference)
            for strategy in ("jr", "mar", "cir")
            for inference in ("linear", "rubin")
        ],
    ),
    "relapse": lambda: plans.withdrawal([-1, 7, *range(12, 43, 3)], analyses=["log-rank", "cox"], sizes=[200]),
    "relapse seen at two visits": lambda: plans.withdrawal(analyses=["log-rank", "cox"], sizes=[200]),
    "doses": lambda: plans.doses(analyses=["mcp-mod"], designs=["fixed"], sizes=_BOTH, dropout="15 % by day 21"),
    "a dose is dropped": lambda: plans.doses(
        analyses=["mmrm", "ancova"], designs=["drop-the-loser"], sizes=_BOTH, dropout="15 % by day 21"
    ),
    "factorial": lambda: plans.factorial(sizes=_BOTH, dropout="15 % by day 21"),
    "size set anew": lambda: plans.trial(
        analyses=["mmrm", "ancova"],
        sizes=_BOTH,
        designs=[{"kind": "blinded-re-estimation", "difference": 4, "fraction": 0.5}],
        dropout="15 % by day 21",
    ),
}
"""What is simulated together, by name."""


def rows_of(found: Characteristics) -> list[dict[str, Any]]:
    """Return a row for each analysis, design, size and effect."""
    section, simulated, rows = found.trial.section, found.simulated, []
    for row in found.rows:
        design = next(plan for plan in section.designs if plan.id == row.id)
        analysis = [plan.id for plan in section.analyses].index(row.analysis)
        effects = {name: held["type1"] for name, held in row.effects.items()} or {"": row.type1}
        for test, (effect, figure) in enumerate(effects.items()):
            rejected = null_rejections(simulated, design, row.n, analysis, test)
            rows.append(
                {
                    "analysis": ", ".join(part for part in (row.analysis, effect) if part),
                    "design": row.id,
                    "n": row.n,
                    "trials": len(rejected),
                    "rejections": int(rejected.sum()),
                    "type1": figure.value,
                    "se": figure.se,
                    "of binomials": _of_binomials(found, analysis, row.n, row.id),
                }
            )
    return rows


def _of_binomials(found: Characteristics, analysis: int, n: int, design: str) -> float | None:
    """Return the exact rate of the same test for shares of independent people, at the true share of each trial.

    Only of responders in a trial with one look: what is missing to alpha is then that people are whole.
    """
    simulated = found.simulated
    if found.trial.section.analyses[analysis].method != "responders" or design != "fixed":
        return None
    values = simulated.truth[simulated.places, :, 0, analysis]
    shares = np.clip(true_value(values, simulated.held["departure"][:, 0]), 0.0, 1.0)
    grid = np.linspace(0, 1, 201)
    rates = np.interp(shares, grid, [_exact(n, n, share) for share in grid])
    return simulated.average.weighted(rates).value


def _exact(control: int, active: int, share: float) -> float:
    """Return the chance that the chi-squared test with N - 1 finds the second of two equal shares larger."""
    first, second = np.arange(control + 1)[:, None], np.arange(active + 1)
    whole = control + active
    both = (first + second) / whole
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (second / active - first / control) / np.sqrt(both * (1 - both) * (1 / control + 1 / active))
    rejects = np.nan_to_num(z) * np.sqrt((whole - 1) / whole) >= -ndtri(0.025)
    return float(binom.pmf(first[:, 0], control, share) @ rejects @ binom.pmf(second, active, share))


def show(kept: Mapping[str, list[dict[str, Any]]]) -> None:
    """Print what has been measured."""
    low, high = INSIDE
    table = Table(
        "analysis", "design", "n per arm", "rejections", f"{low} to {high}", "type1", "MC error", "exact, of binomials",
        title="Rejections where arms do not differ; alpha 0.025, one-sided",
    )  # fmt: skip
    for part, row in [(name, row) for name in PARTS for row in kept.get(name, [])]:
        two_sided = row["analysis"].endswith("interaction")
        inside = low <= row["rejections"] / row["trials"] / (1 + two_sided) <= high
        exact = row["of binomials"]
        table.add_row(
            row["analysis"] + (" (two-sided, 0.05)" if two_sided else "") + (f" ({part})" if "relapse" in part else ""),
            row["design"],
            str(row["n"]),
            f"{row['rejections']} of {row['trials']}",
            "inside" if inside else "outside",
            f"{row['type1']:.4f}",
            "" if row["se"] is None else f"{row['se']:.4f}",
            "" if exact is None else f"{exact:.4f}",
        )
    Console(width=150).print(table)
    left = [name for name in PARTS if name not in kept]
    if left:
        print(f"Not yet measured: {', '.join(left)}.")


def main() -> None:
    """Measure what has not been measured, and print all of it."""
    asked = argparse.ArgumentParser(description=main.__doc__)
    asked.add_argument("--kept", type=Path, default=Path("build/type-one-error.json"), help="what has been measured")
    asked.add_argument("--minutes", type=float, default=7.0, help="after which no further part is begun")
    asked.add_argument("--trials", type=int, default=TRIALS)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--part", choices=list(PARTS), action="append", help="this one anew; may be given again")
    given = asked.parse_args()
    kept = json.loads(given.kept.read_text()) if given.kept.exists() else {}
    began = time.monotonic()
    for name in given.part or [name for name in PARTS if name not in kept]:
        if time.monotonic() - began > 60 * given.minutes:
            break
        kept[name] = rows_of(operating_characteristics(PARTS[name](), trials=given.trials, seed=given.seed))
        given.kept.parent.mkdir(parents=True, exist_ok=True)
        given.kept.write_text(json.dumps(kept, indent=1))
    show(kept)


if __name__ == "__main__":
    main()
