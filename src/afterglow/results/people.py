"""A few of a run's people, chosen so that they stand for all: for pictures in which each is a dot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from afterglow.outcomes.response import responds
from afterglow.results.mixture import Mixture
from afterglow.scales.instruments import scale
from afterglow.simulate.run import Run

__all__ = ["Person", "some_people"]


@dataclass(frozen=True)
class Person:
    """One virtual person on the last visit.

    Parameters
    ----------
    score : float
        As a rater writes it down.
    responds : bool
    """

    score: float
    responds: bool


def some_people(run: Run, mixture: Mixture, name: str, arm: int, count: int, share: float) -> tuple[Person, ...]:
    """Return people of the last visit, the best first, evenly spaced among responders and among the others.

    Parameters
    ----------
    run : Run
    mixture : Mixture
        The draws that count, by their weights.
    name : str
        A scale that was rated.
    arm : int
    count : int
        How many people.
    share : float
        Share of all who respond: so many of those returned do, to the nearest person.
    """
    observed = run.scores[name].observed[mixture.places, arm].astype(np.float64)
    last = observed[..., -1]
    well = responds(scale(name), observed[..., 0], observed[..., -1:])[..., 0]
    weights = np.broadcast_to((mixture.weights / last.shape[1])[:, None], last.shape)
    responders = round(count * share)
    found = []
    for responding, wanted in ((True, responders), (False, count - responders)):
        own = well == responding
        if wanted and own.any():
            order = np.argsort(last[own], kind="stable")
            reached = np.cumsum(weights[own][order]) / weights[own].sum()
            at = np.searchsorted(reached, (np.arange(wanted) + 0.5) / wanted)
            found += [Person(float(last[own][order][k]), responding) for k in np.minimum(at, len(order) - 1)]
    return tuple(sorted(found, key=lambda person: (person.score, not person.responds)))
