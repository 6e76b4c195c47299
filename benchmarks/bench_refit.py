"""How far the linear short cut for left-out studies lies from true refits: ``python benchmarks/bench_refit.py``.

The mode of a rival is fitted again without each of the ten studies with the most published numbers, and the study is
foretold from there; calibration itself only goes along the straight line through the mode of all studies. It takes
minutes.
"""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from afterglow.calibrate.diagnostics.refit import Refit, refits, widest_studies
from afterglow.calibrate.run import problem_of
from afterglow.cohort import RIVALS
from afterglow.posterior import shipped


def main() -> None:
    """Print means and SDs of both ways, and their largest gaps."""
    asked = argparse.ArgumentParser(description=main.__doc__)
    asked.add_argument("--studies", type=int, default=10, help="how many studies are left out, one at a time")
    asked.add_argument("--rival", default="window", choices=list(RIVALS))
    asked.add_argument("--rounds", type=int, default=3, help="slopes computed on the way to each mode")
    asked.add_argument("--numbers", action="store_true", help="print every number, not each study alone")
    given = asked.parse_args()
    console = Console(width=140)
    posterior = shipped(given.rival)
    told = posterior.diagnostics
    problem = problem_of(given.rival, people=told["people"], seed=told["seed"])
    names = widest_studies(problem, given.studies)
    found: list[Refit] = []
    for one in refits(
        problem, posterior, names, rounds=given.rounds, told=lambda name: console.print(f"without {name}")
    ):
        found.append(one)
        if given.numbers:
            console.print(_numbers(one))
    table = Table("study", "numbers", "mean gap of means", "largest gap of means", "largest gap of SDs")
    for one in found:
        mean = float(abs((one.mean - one.linear_mean) / one.unit).mean())
        table.add_row(one.study, str(len(one.unit)), f"{mean:.3f}", f"{one.gap:.3f}", f"{one.sd_gap:.3f}")
    console.print(table)
    console.print(f"largest gap of means {max(one.gap for one in found):.3f}, in SDs between people")


def _numbers(one: Refit) -> Table:
    table = Table("refitted mean", "SD", "linear mean", "SD", title=one.study)
    for row in zip(one.mean, one.sd, one.linear_mean, one.linear_sd, strict=True):
        table.add_row(*(f"{value:.3f}" for value in row))
    return table


if __name__ == "__main__":
    main()
