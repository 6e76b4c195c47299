"""The long calculation of Design: power and what guessing does, at each size and under each explanation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from afterglow.studio.designs.choices import RivalChoice, choices
from afterglow.studio.designs.design import WEIGHTED
from afterglow.studio.trials.question import TrialQuestion, trial_of
from afterglow.trial.characteristics.average import Figure
from afterglow.trial.characteristics.operating import Characteristics, Row, operating_characteristics

__all__ = ["DRAWS", "TrialPower", "power_of"]

DRAWS = 128
"""Draws of the parameters of the bank."""

WANTED = 0.9
"""Weighted power for which a size is looked for."""


class Estimate(BaseModel):
    """A number of simulated trials and its Monte-Carlo error, one standard error; None where too few tell it."""

    value: float | None
    se: float | None


class PowerUnder(Estimate):
    """Power under one explanation."""

    rival: str


class GuessPoint(Estimate):
    """The effect at a share of right guesses, in points."""

    share: float


class SizeRow(BaseModel):
    """One size; `n` is people of the control arm, `people` of both."""

    n: int
    people: int
    power: list[PowerUnder]
    assurance: Estimate
    type1: Estimate
    expected_n: Estimate
    estimate: Estimate
    truth: Estimate
    coverage: Estimate
    bias: Estimate
    correct_guess: Estimate
    observed: Estimate
    at_half: Estimate
    curve: list[GuessPoint]


class TrialPower(BaseModel):
    """What a trial of each size finds; `reached` is the smallest size whose weighted power is what was wanted."""

    scale: str
    day: float
    alpha: float
    trials: int
    people: int
    draws: int
    seed: int
    wanted: float
    reached: int | None
    rivals: list[RivalChoice]
    sizes: list[SizeRow]
    null: str
    command: str


def power_of(asked: TrialQuestion, progress: Callable[[float], None]) -> dict[str, Any]:
    """Simulate the trials of each size.

    Parameters
    ----------
    asked : TrialQuestion
    progress : callable
        Told the share that is done.

    Returns
    -------
    dict
        A `TrialPower` as plain data.
    """
    rival = None if asked.design.rival == WEIGHTED else asked.design.rival
    found = operating_characteristics(
        trial_of(asked),
        trials=asked.trials,
        seed=asked.design.seed,
        people=asked.people,
        draws=DRAWS,
        rival=rival,
        progress=lambda done, of: progress(done / of),
    )
    rows = [_row(row) for row in found.rows]
    enough = [row.n for row in rows if (row.assurance.value or 0.0) >= WANTED]
    command = f"afterglow trial trial.yaml --trials {asked.trials} --participants {asked.people} --draws {DRAWS}"
    return TrialPower(
        scale=found.trial.scale.id,
        day=asked.day,
        alpha=asked.alpha,
        trials=found.simulated.count,
        people=asked.people,
        draws=DRAWS,
        seed=asked.design.seed,
        wanted=WANTED,
        reached=min(enough, default=None),
        rivals=_rivals(found),
        sizes=rows,
        null=found.null,
        command=f"{command} --seed {asked.design.seed}" + ("" if rival is None else f" --rival {rival}"),
    ).model_dump()


def _rivals(found: Characteristics) -> list[RivalChoice]:
    known = set(found.rows[0].power)
    return sorted((choice for choice in choices().rivals if choice.id in known), key=lambda choice: -choice.weight)


def _row(row: Row) -> SizeRow:
    curve = row.blinding["curve"]
    return SizeRow(
        n=row.n,
        people=row.people,
        power=[PowerUnder(rival=name, **vars(one)) for name, one in row.power.items() if name != WEIGHTED],
        assurance=_told(row.assurance),
        type1=_told(row.type1),
        expected_n=_told(row.expected_n),
        estimate=_told(row.estimate),
        truth=_told(row.truth),
        coverage=_told(row.coverage),
        bias=_told(row.bias_points),
        correct_guess=_told(row.correct_guess),
        observed=_told(curve.observed),
        at_half=_told(curve.at_half),
        curve=[
            GuessPoint(share=share, **vars(one))
            for share, one in zip(curve.share, curve.effect, strict=True)
            if one.value is not None
        ],
    )


def _told(figure: Figure) -> Estimate:
    return Estimate(value=figure.value, se=figure.se)
