"""The bank of a trial: rows are arms at a level of hope, columns are draws and people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import Draw
from afterglow.posterior import Posteriors
from afterglow.results.contrasts import separation
from afterglow.results.mixture import Mixture
from afterglow.runs.cost import refuse_beyond_memory
from afterglow.runs.execute import Executor, results_of
from afterglow.runs.simulate import spec_of
from afterglow.simulate.spec import RunSpec, draws_of, usual_parts
from afterglow.trial.bank.part import BankPart, BankPiece
from afterglow.trial.bank.rates import Rates, rates_of
from afterglow.trial.specification.trial import Trial

__all__ = ["DRAWS", "PEOPLE", "Bank", "bank_spec", "make_bank"]

PEOPLE = 1024
"""People of the bank where nobody says how many; each draw has a quarter of them."""

DRAWS = 256
"""Draws of the parameters, over all explanations, where nobody says how many."""

_MOST_PARTS = 4
"""Parts of the cohort, of which each draw is solved for one: few and large, as a trial's people are all of one."""

_PART_PEOPLE = 64
"""Fewest people of a part."""

_DRAWS_PER_PART = 16


@dataclass(frozen=True, eq=False)
class Bank:
    """Lives of people in every arm at every draw.

    Parameters
    ----------
    draws : tuple of Draw
    rows : array (arms, sites)
        Row of the people of an arm at a site; the first arm is the control.
    severity : array (draws, rows, people, days)
        Latent, on the days of rating; the first is that of inclusion.
    baseline : array (draws, rows, people)
        Score at inclusion as it was rated.
    felt, belief : array (draws, rows, people)
        Of the first dosing: memory of how strong it was, and the chance to believe in the active arm.
    mean, sd : array (draws, rows, days)
        Of expected scores, and of rated ones between people.
    coin_toss : array (draws, rows, days)
        Means of expected scores if nobody could tell their arm.
    apart : array (draws, rows, days)
        How far a row is from the control arm's, from 0 (the same) to 1 (as two arms of a trial).
    days : array (days,)
        Of rating in the control arm; the first is that of inclusion.
    rates : Rates
        How often intercurrent events and dropout come.
    """

    draws: tuple[Draw, ...]
    rows: NDArray[np.intp]
    severity: NDArray[np.float32]
    baseline: NDArray[np.float32]
    felt: NDArray[np.float32]
    belief: NDArray[np.float32]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    coin_toss: NDArray[np.float64]
    apart: NDArray[np.float64]
    days: NDArray[np.float64]
    rates: Rates

    @property
    def people(self) -> int:
        """People at each draw."""
        return int(self.severity.shape[2])

    def at(self, places: Sequence[int]) -> Bank:
        """Return the bank of some draws alone."""
        own = list(places)
        held = {
            name: getattr(self, name)[own]
            for name in ("severity", "baseline", "felt", "belief", "mean", "sd", "coin_toss", "apart")
        }
        return replace(self, draws=tuple(self.draws[k] for k in own), **held)


def bank_spec(
    trial: Trial, *, people: int = PEOPLE, draws: int = DRAWS, seed: int = 1, rival: str | None = None
) -> RunSpec:
    """Return the specification of the run that a bank stands for."""
    return _spec_of(trial, people, draws, seed, rival)[0]


def make_bank(
    trial: Trial,
    *,
    people: int = PEOPLE,
    draws: int = DRAWS,
    seed: int = 1,
    rival: str | None = None,
    unblinding: bool = True,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Bank:
    """Solve every arm of a trial once, at every level of hope, as it is and as if nobody could tell their arm.

    Parameters
    ----------
    trial : Trial
    people, draws, seed, rival
        As in `simulate`: the people and the draws are those of that run.
    unblinding : bool
        Whether everybody is solved as if nobody could tell, too; else `Bank.coin_toss` is NaN.
    executor : Executor, optional
    progress : callable, optional
        Told how many courses are done, and of how many.

    Raises
    ------
    ProtocolError, ParameterError, SolverError
        As `simulate` does.
    """
    spec, posteriors = _spec_of(trial, people, draws, seed, rival)
    levels = _levels(trial)
    refuse_beyond_memory(
        spec.draws * spec.people_per_draw * len(levels) * _bytes_a_life(trial),
        f"a bank of {spec.participants} people and {spec.draws} draws",
        "people (-n) or draws",
    )
    chosen = draws_of(spec, posteriors)
    parts = [
        part
        for row, (arm, hope) in enumerate(levels)
        for toss in ((False, True) if unblinding else (False,))
        for part in _parts(trial, spec, chosen, row + toss * len(levels), arm, hope, coin_toss=toss)
    ]
    pieces = list(results_of(parts, executor=executor, progress=progress))
    return _assembled(trial, spec, chosen, levels, pieces)


def _spec_of(trial: Trial, people: int, draws: int, seed: int, rival: str | None) -> tuple[RunSpec, Posteriors]:
    parts = usual_parts(people, draws, most=_MOST_PARTS, people=_PART_PEOPLE)
    return spec_of(trial.protocol, participants=people, draws=draws, parts=parts, seed=seed, rival=rival, twins=False)


def _bytes_a_life(trial: Trial) -> int:
    """Return what one person holds at one draw and level: three courses and three numbers, in pieces and assembled."""
    return 2 * 4 * (3 * (1 + len(trial.visits)) + 3)


def _levels(trial: Trial) -> list[tuple[int, float]]:
    """Return arm and hope of each row: as few as differ."""
    hope, sites = trial.section.expectancy, range(max(1, len(trial.section.expectancy.sites)))
    return list(dict.fromkeys((k, hope.level(arm.id, site)) for k, arm in enumerate(trial.arms) for site in sites))


def _parts(
    trial: Trial, spec: RunSpec, draws: Sequence[Draw], row: int, arm: int, hope: float, *, coin_toss: bool
) -> list[BankPart]:
    found = []
    for begin in range(0, len(draws), _DRAWS_PER_PART):
        own = tuple(draws[begin : begin + _DRAWS_PER_PART])
        found.append(
            BankPart(
                row,
                trial.arms[arm],
                spec.protocol,
                trial.scale.id,
                trial.visits,
                spec.seed,
                spec.accuracy,
                tuple(range(begin, begin + len(own))),
                own,
                tuple(spec.first_participant(draw.replicate) for draw in own),
                spec.people_per_draw,
                hope,
                coin_toss,
            )
        )
    return found


def _assembled(
    trial: Trial, spec: RunSpec, draws: tuple[Draw, ...], levels: list[tuple[int, float]], pieces: list[BankPiece]
) -> Bank:
    rows, people, days = len(levels), spec.people_per_draw, 1 + len(trial.visits)
    whole = {
        name: np.empty((len(draws), rows, people, days), np.float32) for name in ("severity", "predicted", "lived")
    }
    flat = {name: np.empty((len(draws), rows, people), np.float32) for name in ("baseline", "felt", "belief")}
    means = {name: np.full((len(draws), rows, days), np.nan) for name in ("mean", "sd", "coin_toss")}
    for piece in pieces:
        at = list(piece.draws)
        if piece.row >= rows:
            means["coin_toss"][at, piece.row - rows] = piece.mean
            continue
        for held in (whole, flat):
            for name, values in held.items():
                values[at, piece.row] = getattr(piece, name)
        for name in ("mean", "sd"):
            means[name][at, piece.row] = getattr(piece, name)
    days_of = {piece.row: piece.days for piece in pieces}
    sites, hope = range(max(1, len(trial.section.expectancy.sites))), trial.section.expectancy
    places = np.array(
        [[levels.index((k, hope.level(arm.id, site))) for site in sites] for k, arm in enumerate(trial.arms)]
    )
    control = np.array([places[0, 0]])
    predicted = whole.pop("predicted")
    both = np.sqrt((means["sd"] ** 2 + means["sd"][:, control] ** 2) / 2)
    differ = [(predicted[:, row] - predicted[:, control[0]]).astype(np.float64) for row in range(rows)]
    return Bank(
        draws,
        places,
        whole["severity"],
        flat["baseline"],
        flat["felt"],
        flat["belief"],
        means["mean"],
        means["sd"],
        means["coin_toss"],
        apart=np.stack([separation(differ[row], both[:, row]) for row in range(rows)], axis=1),
        days=days_of[0],
        rates=rates_of(trial, Mixture(draws), places, whole["lived"], flat),
    )
