"""The operating characteristics of a trial: a row for each design, size and analysis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.runs.execute import Engine, EngineName
from afterglow.trial.bank.bank import DRAWS, PEOPLE
from afterglow.trial.characteristics.average import WEIGHTED, Figure
from afterglow.trial.characteristics.decisions import Decisions, Statistics, decisions, look_sizes
from afterglow.trial.characteristics.simulate import TRIALS, SimulatedTrials, Workshop
from afterglow.trial.characteristics.unblinding import GuessCurve, unblinding_of
from afterglow.trial.simulation.batch import CONTROL
from afterglow.trial.simulation.estimates import FURTHEST
from afterglow.trial.simulation.truth import true_value
from afterglow.trial.specification.design import DesignPlan
from afterglow.trial.specification.trial import Trial
from afterglow.version import __version__

__all__ = [
    "Characteristics",
    "Row",
    "characteristics_of",
    "decisions_of",
    "null_rejections",
    "operating_characteristics",
    "row_of",
    "sizes_of",
    "true_values",
]

NULL = "everybody lives the life of the control arm, with its events and dropout, and no arm departs from another"
"""What type I error is counted under."""
_FEW = 5
"""Responders of the control arm below which a test of shares, which are whole people, is well below its level."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One design at one size with one analysis.

    Parameters
    ----------
    id : str
        Of the design.
    n : int
        People of the control arm at the end.
    people : int
        Of all arms.
    analysis : str
    power : mapping of str to Figure
        Chance to say that the active arm is better, under each explanation and weighted.
    assurance : Figure
        The weighted power: over explanations, their parameters and departures of trials from the model.
    type1 : Figure
        The same chance where the arms do not differ; see `NULL`. Futility is not counted on.
    expected_n : Figure
        People of the control arm where the trial stops.
    stop : tuple of Figure
        Chance to stop at each look.
    estimate, truth, coverage : Figure or None
        Mean estimate where the trial stops, mean of what is true, and how often the interval of 1 - 2 alpha holds it.
    control_share : Figure
        Of responders: the share of the control arm that truly responds; without a value for other analyses.
    bias_points : Figure
        What unblinding adds to the difference of mean scores on the primary day, in points; below zero it favours the
        active arm.
    correct_guess : Figure
        Share of right guesses among those who name an arm.
    blinding : mapping
        James' index, Bang's of both arms, and the `GuessCurve`, of all people of that size.
    failed : Figure
        Share of trials whose data could not carry the analysis; they count as not rejecting.
    expected_people : Figure
        Of all arms where the trial stops.
    effects : mapping
        Of a factorial analysis: power, type I error, estimate and truth of both main effects and of the interaction,
        which is tested on two sides. `power` is that of the first factor.
    """

    id: str
    n: int
    people: int
    analysis: str
    power: Mapping[str, Figure]
    assurance: Figure
    type1: Figure
    expected_n: Figure
    stop: tuple[Figure, ...]
    estimate: Figure
    truth: Figure
    coverage: Figure
    control_share: Figure
    bias_points: Figure
    correct_guess: Figure
    blinding: Mapping[str, Any]
    failed: Figure
    expected_people: Figure
    effects: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {key: _plain(value) for key, value in vars(self).items()}


@dataclass(frozen=True, eq=False)
class Characteristics:
    """What the designs of a trial do.

    Parameters
    ----------
    simulated : SimulatedTrials
    rows : tuple of Row
    """

    simulated: SimulatedTrials
    rows: tuple[Row, ...]

    @property
    def null(self) -> str:
        """What type I error is counted under, in words."""
        return NULL

    @property
    def cautions(self) -> tuple[str, ...]:
        """What a reader must know of these numbers beside them, in sentences."""
        counts = [(row.n * row.control_share.value, row) for row in self.rows if row.control_share.value is not None]
        few = dict.fromkeys(f"{count:.1f} of {row.n} ({row.analysis})" for count, row in counts if count < _FEW)
        if not few:
            return ()
        said = (
            f"Few people of the control arm respond on average, {', '.join(few)}: a test of shares, which are whole "
            "people, then rejects less often than alpha where the arms do not differ."
        )
        return (said,)

    @property
    def baseline_day(self) -> float:
        """Day of the score from which changes are counted."""
        return float(self.trial.responders_from_day or self.simulated.bank.days[0])

    @property
    def trial(self) -> Trial:
        """The trial."""
        return self.simulated.trial

    def to_json(self) -> dict[str, Any]:
        """Return plain data: all rows, and what they rest on."""
        spec = self.simulated.spec
        return {
            "designs": [row.to_json() for row in self.rows],
            "trials": self.simulated.count,
            "seed": spec.seed,
            "alpha": self.trial.section.alpha,
            "null": NULL,
            "baseline_day": self.baseline_day,
            "cautions": list(self.cautions),
            "explanations": {e.rival: e.weight for e in spec.explanations},
            "run": spec.key,
            "afterglow_version": __version__,
        }


def operating_characteristics(
    trial: Trial,
    *,
    trials: int = TRIALS,
    seed: int = 1,
    people: int = PEOPLE,
    draws: int = DRAWS,
    rival: str | None = None,
    engine: EngineName = "threads",
    workers: int | None = None,
    scheduler: str | None = None,
    keep: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Characteristics:
    """Simulate every design, size and analysis of a trial.

    Parameters
    ----------
    trial : Trial
    trials : int
        Of each size; every design and size meets the same ones.
    seed : int
        Same seed, same numbers, whatever does the work.
    people, draws : int
        Of the bank from which trials are drawn; see `simulate`.
    rival : str, optional
        One explanation; by default all, weighted.
    engine, workers, scheduler
        See `simulate`.
    keep : bool
        Whether what is done is kept until all is, so that an interrupted run goes on where it stopped.
    progress : callable, optional
        Told how many trials are done, and of how many.

    Returns
    -------
    Characteristics

    Raises
    ------
    ParameterError
        If a number is impossible.
    SolverError
        If a person could not be integrated.
    """
    chosen = Engine(engine, workers, scheduler)
    workshop = Workshop(trial, trials=trials, seed=seed, people=people, draws=draws, rival=rival, keep=keep)
    with chosen.running() as executor:
        return characteristics_of(workshop.simulated(sizes_of(trial), executor=executor, progress=progress))


def sizes_of(trial: Trial) -> list[int]:
    """Return all sizes at which a trial is analysed: looks and ends of all designs."""
    section = trial.section
    return sorted({n for size in section.sizes for design in section.designs for n in look_sizes(design, size)})


def characteristics_of(simulated: SimulatedTrials) -> Characteristics:
    """Return the characteristics of every design, size and analysis of trials that were simulated."""
    section = simulated.trial.section
    rows = [
        row_of(simulated, design, size, k)
        for size in section.sizes
        for design in section.designs
        for k in range(len(section.analyses))
    ]
    return Characteristics(simulated, tuple(rows))


def row_of(simulated: SimulatedTrials, plan: DesignPlan, size: int, analysis: int) -> Row:
    """Return the characteristics of one design at one size with one analysis."""
    trial, average = simulated.trial, simulated.average
    made = decisions_of(simulated, plan, size, analysis)
    every = np.arange(simulated.count)
    value, low, high = (
        simulated.held[name][every, made.at, analysis, made.comparison] for name in ("value", "low", "high")
    )
    truth = true_values(simulated, analysis)[every, made.comparison]
    held = (low <= truth) & (truth <= high)
    known = np.isfinite(value) & np.isfinite(truth)
    failed = simulated.held["z"][every, made.at, analysis, made.comparison] <= -FURTHEST
    weighted = average.weighted(made.rejects.astype(float))
    guessing = unblinding_of(simulated, size)
    return Row(
        id=plan.id,
        n=size,
        people=sum(trial.people(size)),
        analysis=trial.section.analyses[analysis].id,
        power={**average.under(made.rejects.astype(float)), WEIGHTED: weighted},
        assurance=weighted,
        type1=_type1(simulated, plan, size, analysis),
        expected_n=average.weighted(made.n.astype(float)),
        expected_people=average.weighted(made.people.astype(float)),
        stop=tuple(average.weighted((made.look == k).astype(float)) for k in range(made.looks)),
        estimate=average.weighted(value),
        truth=average.weighted(truth),
        coverage=average.weighted(np.where(known, held, np.nan)),
        control_share=_control_share(simulated, analysis),
        bias_points=guessing.bias,
        correct_guess=guessing.correct,
        blinding={"james": guessing.james, "bang": guessing.bang, "curve": guessing.curve},
        failed=average.weighted(failed.astype(float)),
        effects=_effects(simulated, plan, size, analysis),
    )


def decisions_of(simulated: SimulatedTrials, plan: DesignPlan, size: int, analysis: int) -> Decisions:
    """Return what becomes of each trial of a design at a size with an analysis."""
    return decisions(simulated.trial, plan, size, _told(simulated, plan, analysis))


def _told(simulated: SimulatedTrials, plan: DesignPlan, analysis: int, prefix: str = "") -> Statistics:
    z, sds = simulated.held[f"{prefix}z"][:, :, analysis], simulated.held.get(f"{prefix}blinded_sd")
    section = simulated.trial.section
    names = tuple(c.name for c in simulated.trial.comparisons(section.analyses[analysis]))
    own = None if sds is None else sds[:, :, section.designs.index(plan)]
    return Statistics(z, simulated.sizes, names, own)


def null_rejections(
    simulated: SimulatedTrials, plan: DesignPlan, size: int, analysis: int, test: int = 0
) -> NDArray[np.bool_]:
    """Return which trials whose arms do not differ reject, (trials,), futility not counted on."""
    told = _told(simulated, plan, analysis, "null_")
    return decisions(simulated.trial, plan, size, told, obey_futility=False, test=test).rejects


def _type1(simulated: SimulatedTrials, plan: DesignPlan, size: int, analysis: int, test: int = 0) -> Figure:
    if "null_z" not in simulated.held:
        return Figure(None, None)
    return simulated.average.weighted(null_rejections(simulated, plan, size, analysis, test).astype(float))


def _effects(simulated: SimulatedTrials, plan: DesignPlan, size: int, analysis: int) -> Mapping[str, Any]:
    """Return power and type I error of each effect of a factorial trial, the interaction beside the main effects."""
    trial, average = simulated.trial, simulated.average
    method = trial.section.analyses[analysis]
    if method.method != "factorial":
        return {}
    found = {}
    for k, comparison in enumerate(trial.comparisons(method)):
        made = decisions(trial, plan, size, _told(simulated, plan, analysis), test=k)
        rejects = made.rejects.astype(float)
        found[comparison.name] = {
            "power": {**average.under(rejects), WEIGHTED: average.weighted(rejects)},
            "type1": _type1(simulated, plan, size, analysis, test=k),
            "estimate": average.weighted(simulated.held["value"][np.arange(len(made.at)), made.at, analysis, k]),
            "truth": average.weighted(true_values(simulated, analysis)[:, k]),
        }
    return found


def true_values(simulated: SimulatedTrials, analysis: int) -> NDArray[np.float64]:
    """Return what is true in each trial, (trials, comparisons); NaN where it is not worked out."""
    trial = simulated.trial
    values = simulated.truth[simulated.places, :, :, analysis]
    arms = np.stack(
        [true_value(values[:, :, arm], simulated.held["departure"][:, arm]) for arm in range(len(trial.arms))], axis=1
    )
    plan = trial.section.analyses[analysis]
    compared = trial.comparisons(plan)
    found = arms @ np.array([c.weights for c in compared]).T
    if plan.jumps:
        found *= _rated(simulated)[:, [c.arms[-1] for c in compared]]
    return np.asarray(found)


def _rated(simulated: SimulatedTrials) -> NDArray[np.float64]:
    """Return the share of each arm that keeps its difference from the reference, (trials, arms): who did not stop."""
    values = simulated.truth[simulated.places, :, :, -1]
    departure = simulated.held["departure"]
    return np.stack([true_value(values[:, :, k], departure[:, k]) for k in range(departure.shape[1])], axis=1)


def _control_share(simulated: SimulatedTrials, analysis: int) -> Figure:
    """Return the share of the control arm that truly responds."""
    trial = simulated.trial
    if trial.section.analyses[analysis].method != "responders" or trial.responders_from_day is not None:
        return Figure(None, None)
    values = simulated.truth[simulated.places, :, CONTROL, analysis]
    return simulated.average.weighted(true_value(values, simulated.held["departure"][:, CONTROL]))


def _plain(value: Any) -> Any:
    if isinstance(value, GuessCurve):
        return {key: _plain(held) for key, held in vars(value).items()}
    if isinstance(value, Figure):
        return value.to_json()
    if isinstance(value, Mapping):
        return {key: _plain(held) for key, held in value.items()}
    if isinstance(value, tuple):
        return [_plain(held) for held in value]
    return value
