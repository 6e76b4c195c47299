"""The chances of simulated trials: who is drawn, and what befalls them, by trial, arm and person.

Every stream is named by its purpose, the trial's number and the arm, and is read person by person. Designs and sizes
therefore meet the same people with the same luck, and a larger trial begins with the people of a smaller one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort.streams import normals, uniforms

__all__ = ["Chances", "chances", "departures"]


@dataclass(frozen=True, eq=False)
class Chances:
    """The chances of the people of one arm, in many trials.

    Parameters
    ----------
    person, site, guess : array (trials, people)
        Uniform: which person of the bank it is, at which site, and what it guesses.
    fluctuation, rating : array (trials, people, days)
        Standard normal.
    events : array (events, trials, people, days)
        Uniform, on the days after inclusion.
    dropout : array (trials, people, days)
        Likewise.
    """

    person: NDArray[np.float64]
    site: NDArray[np.float64]
    guess: NDArray[np.float64]
    fluctuation: NDArray[np.float64]
    rating: NDArray[np.float64]
    events: NDArray[np.float64]
    dropout: NDArray[np.float64]


def chances(
    seed: int, trials: Sequence[int], arm: str, people: int, *, scale: str, days: int, events: Sequence[str]
) -> Chances:
    """Draw the chances of the people of an arm in some trials.

    Parameters
    ----------
    seed : int
    trials : sequence of int
        Their numbers.
    arm : str
        Its id.
    people : int
        As many as the largest trial has in the arm.
    scale : str
    days : int
        Days of rating, inclusion among them.
    events : sequence of str
        Ids of the intercurrent events.
    """

    def uniform(purpose: str, each: int) -> NDArray[np.float64]:
        return np.stack([uniforms(seed, f"trial {k} {arm} {purpose}", 0, people, each=each) for k in trials])

    def normal(purpose: str) -> NDArray[np.float64]:
        return np.stack([normals(seed, f"trial {k} {arm} {purpose}", 0, people, each=days) for k in trials])

    who = uniform("people", 3)
    shape = (0, len(trials), people, days - 1)
    return Chances(
        who[..., 0],
        who[..., 1],
        who[..., 2],
        normal("fluctuation"),
        normal(f"rating {scale}"),
        np.stack([uniform(f"event {name}", days - 1) for name in events]) if events else np.empty(shape),
        uniform("dropout", days - 1),
    )


def departures(seed: int, trials: Sequence[int], arm: str) -> NDArray[np.float64]:
    """Return how each trial departs from the model in an arm, or in all ("all arms"), standard normal, (trials,)."""
    return np.array([normals(seed, f"trial departure {arm}", k, 1)[0, 0] for k in trials])
