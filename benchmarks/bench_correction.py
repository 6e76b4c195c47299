"""A plain linear correction as a rival of the model's structure: ``python benchmarks/bench_correction.py``.

It works from what calibration foretells of left-out studies, and takes seconds.
"""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from afterglow.calibrate.diagnostics.correction import TERMS, corrected, design, evidence_of, fitted
from afterglow.calibrate.diagnostics.left_out import left_out_rows
from afterglow.calibrate.diagnostics.scores import summary
from afterglow.calibrate.targets import calibration_trials
from afterglow.cohort import RIVALS
from afterglow.posterior import shipped_posteriors


def main() -> None:
    """Print the terms, and slope and error of differences and means before and after the correction."""
    asked = argparse.ArgumentParser(description=main.__doc__)
    asked.add_argument("--rival", choices=list(RIVALS), help="one explanation; default: all by their weights")
    rows = left_out_rows(shipped_posteriors(asked.parse_args().rival))
    trials = {trial.name: trial for trial in calibration_trials()}
    evidence = evidence_of(rows)
    every = fitted(evidence, design(evidence, trials))
    console = Console(width=140)
    table = Table("term", "SDs between people", title="Published less predicted, all studies")
    for name, value in zip(TERMS, every.terms, strict=True):
        table.add_row(name, f"{value:+.2f}")
    console.print(table)
    console.print(f"SDs of departures: study {every.study:.2f}, arm {every.arm:.2f}, row {every.row:.2f}")
    before, after = summary(rows), summary(corrected(rows, trials))
    table = Table("", "rows", "studies", "slope", "error a study", "inside 90 %", title="Each study left out in turn")
    for group in ("differences", "means"):
        for name, told in (
            (f"{group}, the model", before[group]),
            (f"{group}, corrected", after[group]),
            (f"{group}, plain baseline", before[group]["baseline"]),
        ):
            counts = (str(told["rows"]), str(told["studies"]))
            table.add_row(name, *counts, *(f"{told[key]:.2f}" for key in ("slope", "mae_sd_by_study", "coverage90")))
    console.print(table)


if __name__ == "__main__":
    main()
