"""Pass or miss: every fact beside what the model says of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from afterglow.errors import AfterglowError
from afterglow.predictions.board.quantities import Predicted, predicted
from afterglow.predictions.board.stylised import StylisedFact, shipped_protocol
from afterglow.protocol import Protocol
from afterglow.results.mixture import Z90
from afterglow.runs import Result, simulate

__all__ = ["DRAWS", "PEOPLE", "RULE", "Verdict", "passes", "verdicts"]

DRAWS = 64
PEOPLE = 1024
"""In each arm; each draw is solved for an eighth of them. With fewer, ratios of relapse have intervals of chance."""

RULE = (
    "A fact passes when the published number lies in the predicted 90 % interval, widened by the published error, "
    "and the prediction itself has the sign or the order that the fact claims."
)


@dataclass(frozen=True)
class Verdict:
    """One fact and what the model says of it.

    Parameters
    ----------
    fact : StylisedFact
    predicted : Predicted or None
        None where it could not be simulated.
    passed : bool
    why : str
        Why it is missed; empty where it passes.
    """

    fact: StylisedFact
    predicted: Predicted | None
    passed: bool
    why: str

    @property
    def clear(self) -> bool:
        """Whether the whole predicted interval has the order that the fact claims; False where it claims none."""
        return self.predicted is not None and _in_order(self.fact, self.predicted.low, self.predicted.high)


def passes(fact: StylisedFact, found: Predicted) -> str:
    """Say why a fact is missed, in words; empty where it passes.

    Notes
    -----
    Each half of the interval is widened to sqrt(half^2 + (1.645 error)^2): two independent errors at 90 %.
    """
    if fact.claims_order and not _in_order(fact, found.value, found.value):
        return "wrong order"
    published, error = fact.published.value, Z90 * fact.published.error
    low = found.value - math.hypot(max(found.value - found.low, 0.0), error)
    high = found.value + math.hypot(max(found.high - found.value, 0.0), error)
    return "" if low <= published <= high else "outside the interval"


def _in_order(fact: StylisedFact, low: float, high: float) -> bool:
    below = fact.below is not None and high < fact.below
    above = fact.above is not None and low > fact.above
    return below or above


def verdicts(
    facts: Iterable[StylisedFact],
    *,
    protocol_of: Callable[[str], Protocol] = shipped_protocol,
    participants: int = PEOPLE,
    draws: int = DRAWS,
    seed: int = 1,
    told: Callable[[str], None] | None = None,
) -> list[Verdict]:
    """Judge facts, in order; each protocol is run once.

    Parameters
    ----------
    facts : iterable of StylisedFact
    protocol_of : callable, optional
        Gives a protocol by its name; by default those of the board.
    participants, draws, seed : int
        See `simulate`.
    told : callable, optional
        Told the name of each protocol before it is run.
    """
    runs: dict[str, Result | AfterglowError] = {}
    found = []
    for fact in facts:
        if fact.protocol not in runs:
            if told is not None:
                told(fact.protocol)
            runs[fact.protocol] = _run(fact.protocol, protocol_of, participants, draws, seed)
        found.append(_verdict(fact, runs[fact.protocol]))
    return found


def _run(
    name: str, protocol_of: Callable[[str], Protocol], participants: int, draws: int, seed: int
) -> Result | AfterglowError:
    try:
        return simulate(protocol_of(name), participants=participants, draws=draws, seed=seed, twins=False, store=False)
    except AfterglowError as error:
        return error


def _verdict(fact: StylisedFact, run: Result | AfterglowError) -> Verdict:
    if isinstance(run, AfterglowError):
        return Verdict(fact, None, passed=False, why=f"cannot be simulated: {run}")
    try:
        found = predicted(run, fact.quantity, trials=fact.published.trials)
    except AfterglowError as error:
        return Verdict(fact, None, passed=False, why=f"cannot be told: {error}")
    why = passes(fact, found)
    return Verdict(fact, found, passed=not why, why=why)
