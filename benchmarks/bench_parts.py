"""How near a run of usual size comes to a large cohort, and what it costs, by the number of parts of its people.

    python -m benchmarks.bench_parts [--starters ketamine mdma] [--parts 4 8] [--draws 64] [--people 256] [--seeds 16]

Each number is a root mean square over seeds and visits, of what a run misses 4096 people at each of the usual draws by:
points of the main scale, and percentage points of shares.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.protocol import Protocol
from afterglow.results.contrasts import difference_of, gap_of
from afterglow.runs import Result, simulate
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.design import protocol_of

_MANY = 4096
_SHARES = ("response", "relapse", "lasting")

_Numbers = dict[str, NDArray[np.float64]]


def main() -> None:
    """Print a table for each starter."""
    starters = choices().starters
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starters", nargs="+", choices=list(starters), default=list(starters))
    parser.add_argument("--parts", nargs="+", type=int, default=[4, 8])
    parser.add_argument("--draws", type=int, default=64)
    parser.add_argument("--people", type=int, default=256)
    parser.add_argument("--seeds", type=int, default=16)
    asked = parser.parse_args()
    for name in asked.starters:
        protocol = protocol_of(starters[name])
        many = simulate(protocol, participants=_MANY, draws=64, parts=1, seed=987654, store=False)
        misses = {parts: _misses(protocol, _numbers(many), parts, asked) for parts in asked.parts}
        print(f"\n{name}, {asked.people} people at {asked.draws} draws" + "".join(f"{p:>8} parts" for p in misses))
        for what in next(iter(misses.values())):
            print(f"  {what:40}" + "".join(f"{found[what]:14.2f}" for found in misses.values()), flush=True)


def _misses(protocol: Protocol, truth: _Numbers, parts: int, asked: argparse.Namespace) -> dict[str, float]:
    """Return the root mean square of what runs miss the truth by, and the seconds of a run."""
    squares, seconds = defaultdict[str, list[float]](list), []
    for seed in range(1, asked.seeds + 1):
        begin = time.perf_counter()
        run = simulate(protocol, participants=asked.people, draws=asked.draws, parts=parts, seed=seed, store=False)
        seconds.append(time.perf_counter() - begin)
        for what, values in _numbers(run).items():
            squares[what].append(float(np.nanmean((values - truth[what]) ** 2)))
    return {what: float(np.sqrt(np.mean(of))) for what, of in squares.items()} | {"seconds": float(np.median(seconds))}


def _numbers(result: Result) -> _Numbers:
    """Return what a page shows of the first arm, each as an array over visits or explanations."""
    arm, scale = result.protocol.arms[0].id, result.protocol.assessments[0].scale
    place = result.run.places[arm]
    twin = result.run.twin_of(place)
    assert twin is not None
    gap = gap_of(result.run, scale, place, twin)

    def rows(table: str) -> list[dict[str, Any]]:
        return [row for row in result.rows[table] if row["arm"] == arm and row.get("scale", scale) == scale]

    def columns(table: str, *names: str, skip: int = 0) -> NDArray[np.float64]:
        return np.array([[row[name] for name in names] for row in rows(table)[skip:]], dtype=np.float64)

    alone = [difference_of(gap, held.mixture, scale) for held in result.by_rival.values()]
    found = {
        "mean": columns("scores", "mean", skip=1),
        "mean, ends of its interval": columns("scores", "mean_low", "mean_high", skip=1),
        "difference": columns("contrasts", "mean_difference"),
        "difference, ends of its interval": columns("contrasts", "credible_low", "credible_high"),
        "difference, each explanation": np.array([middle[-1] for middle, _ in alone]),
        "difference, each explanation, ends": np.array([[low[-1], high[-1]] for _, (low, high) in alone]),
        "response": columns("scores", "response", skip=1),
        "response, ends of its interval": columns("scores", "response_low", "response_high", skip=1),
        "relapse": columns("relapse", "share"),
        "relapse, ends of its interval": columns("relapse", "credible_low", "credible_high"),
        "lasting": columns("lasting", "share"),
        "lasting, ends of its interval": columns("lasting", "credible_low", "credible_high"),
    }
    return {what: values * (100 if what.startswith(_SHARES) else 1) for what, values in found.items()}


if __name__ == "__main__":
    main()
