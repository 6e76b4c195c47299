"""The same trials if more or fewer people dropped out, or if intercurrent events came more or less often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from afterglow.runs.execute import Executor
from afterglow.trial.bank.bank import Bank
from afterglow.trial.characteristics.average import WEIGHTED, Figure
from afterglow.trial.characteristics.decisions import look_sizes
from afterglow.trial.characteristics.operating import decisions_of
from afterglow.trial.sensitivity.plan import MainPlan

__all__ = ["Scenario", "scenarios"]

_FACTORS = {"dropout": (0.0, 2.0, 4.0), "events": (0.0, 2.0)}
_WORDS = {
    ("dropout", 0.0): "nobody drops out",
    ("dropout", 2.0): "people drop out twice as fast",
    ("dropout", 4.0): "people drop out four times as fast",
    ("events", 0.0): "no event comes between",
    ("events", 2.0): "events come between twice as fast",
}


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """The plan under other rates.

    Parameters
    ----------
    name : str
        In words.
    power : mapping of str to Figure
        Under each explanation, and weighted.
    designs : mapping of str to Figure
        Weighted power of every design, by its id.
    moves : Figure
        By how much the weighted power is another than as planned, in the same trials.
    lost : tuple of Figure
        Share of each arm that has dropped out by the primary day.
    """

    name: str
    power: Mapping[str, Figure]
    designs: Mapping[str, Figure]
    moves: Figure
    lost: tuple[Figure, ...]


def scenarios(plan: MainPlan, executor: Executor) -> tuple[Scenario, ...]:
    """Return the scenarios that the trial can have: those of dropout, of events, or none."""
    base, size = plan.found.simulated, plan.row.n
    rates = base.bank.rates
    can = {"dropout": bool(rates.dropout.any()), "events": bool(rates.events.any())}
    wanted = [(what, factor) for what, factors in _FACTORS.items() if can[what] for factor in factors]
    planned = decisions_of(base, plan.design, size, 0).rejects[: plan.trials].astype(float)
    found = []
    for what, factor in wanted:
        bank = _with_rates(base.bank, what, factor)
        asked = {n for design in plan.designs for n in look_sizes(design, size)}
        held = plan.simulated(sorted(asked), executor, bank=bank)
        every = {each.id: decisions_of(held, each, size, 0).rejects.astype(float) for each in plan.designs}
        rejects = every[plan.design.id]
        lost = held.held["lost"][..., -1]
        found.append(
            Scenario(
                name=_WORDS[what, factor],
                power={**held.average.under(rejects), WEIGHTED: held.average.weighted(rejects)},
                designs={name: held.average.weighted(own) for name, own in every.items()},
                moves=held.average.weighted(rejects - planned),
                lost=tuple(held.average.weighted(lost[:, arm]) for arm in range(lost.shape[1])),
            )
        )
    return tuple(found)


def _with_rates(bank: Bank, what: str, factor: float) -> Bank:
    rates = replace(bank.rates, **{what: np.asarray(getattr(bank.rates, what) * factor)})
    return replace(bank, rates=rates)
