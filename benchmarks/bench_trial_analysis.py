"""Milliseconds of a mixed model for repeated measures, alone and many at once; prints a table and judges nothing.

Run by ``make bench``. The time is that of the processor on one core, so that other programs change it little.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from afterglow.trial.analysis import analyse, mmrm, reference_based

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.trials import antidepressant, fev, simulated

ROUNDS = 40
TRIALS = 1000


def _median_ms(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    work()
    times = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return 1000 * float(np.median(times))


def main() -> None:
    """Print milliseconds a fit."""
    table = Table(
        "analysis", "data", "ms a fit", title="Analyses of trials, median of the processor's time on one core"
    )
    example, one = fev("RACE", "SEX"), simulated(1, per_arm=100).trial(0)
    for df in ("satterthwaite", "kenward-roger"):
        table.add_row(
            f"mmrm, {df}", "fev: 200 x 4, race and sex", f"{_median_ms(lambda df=df: mmrm(example, df=df)):.2f}"
        )
    for covariance in ("us", "ar1h", "toep"):
        ms = _median_ms(lambda covariance=covariance: mmrm(one, covariance=covariance))
        table.add_row(f"mmrm, {covariance}", "simulated: 200 x 4, baseline", f"{ms:.2f}")
    many = simulated(TRIALS, per_arm=120)
    for name, settings in (
        ("mmrm", {}),
        ("mmrm", {"df": "kenward-roger"}),
        ("ancova", {}),
        ("responders", {"fall": 0.2}),
    ):
        ms = _median_ms(lambda name=name, settings=settings: analyse(name, many, **settings), 3) / TRIALS
        said = ", ".join([name, *settings.values()] if name == "mmrm" else [name])
        table.add_row(said, f"{TRIALS} trials of 2 x 120 at once", f"{ms:.3f}")
    ms = _median_ms(lambda: reference_based(antidepressant()), 5)
    table.add_row("jump to reference, jackknife", "antidepressant: 172 x 4", f"{ms:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
