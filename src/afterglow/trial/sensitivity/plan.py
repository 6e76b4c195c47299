"""The plan that is asked about: the first analysis of a trial at its largest size, with each of its designs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from afterglow.runs.execute import Executor
from afterglow.trial.bank.bank import Bank
from afterglow.trial.characteristics.operating import Characteristics, Row
from afterglow.trial.characteristics.simulate import SimulatedTrials, Workshop
from afterglow.trial.specification.design import DesignPlan
from afterglow.trial.specification.trial import Trial

__all__ = ["MOST_DESIGNS", "MOST_TRIALS", "MainPlan", "main_plan"]

MOST_TRIALS = 2000
"""Trials of a size or a scenario that is only asked about here."""
MOST_DESIGNS = 6
"""Designs that are asked about, the first ones."""


@dataclass(frozen=True, eq=False)
class MainPlan:
    """One row of the characteristics, and how it is simulated again.

    Parameters
    ----------
    found : Characteristics
    row : Row
        Of the first design and the first analysis at the largest size.
    trial : Trial
        With that analysis alone, and at most `MOST_DESIGNS` designs.
    """

    found: Characteristics
    row: Row
    trial: Trial

    @property
    def design(self) -> DesignPlan:
        """Its design."""
        return self.trial.section.designs[0]

    @property
    def designs(self) -> tuple[DesignPlan, ...]:
        """Its design, then the others that are asked about."""
        return self.trial.section.designs

    @property
    def trials(self) -> int:
        """Trials of each size and scenario that is asked about."""
        return min(self.found.simulated.count, MOST_TRIALS)

    def rows(self, design: str) -> tuple[Row, ...]:
        """Return the rows of a design, by its id, and of this analysis, by size."""
        own = [row for row in self.found.rows if (row.id, row.analysis) == (design, self.row.analysis)]
        return tuple(sorted(own, key=lambda row: row.n))

    def simulated(self, sizes: Sequence[int], executor: Executor, *, bank: Bank | None = None) -> SimulatedTrials:
        """Simulate the same trials at other sizes, or with other rates of events and dropout."""
        shop = Workshop.again(self.found.simulated, self.trial, trials=self.trials, bank=bank)
        return shop.simulated(sizes, null=False, executor=executor)


def main_plan(found: Characteristics) -> MainPlan:
    """Return the plan that is asked about."""
    section = found.trial.section
    design, analysis = section.designs[0], section.analyses[0]
    row = max((r for r in found.rows if (r.id, r.analysis) == (design.id, analysis.id)), key=lambda r: r.n)
    alone = section.model_copy(update={"designs": section.designs[:MOST_DESIGNS], "analyses": (analysis,)})
    return MainPlan(found, row, Trial(found.trial.protocol, alone))
