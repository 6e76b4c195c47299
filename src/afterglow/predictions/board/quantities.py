"""What a run says of the quantity of a fact, with its 90 % interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from afterglow.errors import ParameterError
from afterglow.outcomes.relapse import relapse_counts, relapse_definition, share_relapsed
from afterglow.predictions.board.stylised import Quantity
from afterglow.results.contrasts import Gap, gap_of
from afterglow.results.mixture import LOGIT_PER_SD
from afterglow.results.tables import Tables
from afterglow.scales.instruments import scale

__all__ = ["Predicted", "predicted"]

_CONFIRMED_AT = 2
"""Visits in a row that make a relapse, so that the error of one rating does not."""
_SURE = 1e-3
"""Share of relapse nearest to none and to all that a hazard is worked out from."""
_MOST = 10.0
"""Ratios are looked at up to this: where the effect of a draw is near zero its ratio means nothing."""

_Number = tuple[NDArray[np.float64], NDArray[np.float64]]
"""A number at each draw, and the SD with which it departs from trial to trial."""


@dataclass(frozen=True)
class Predicted:
    """A prediction with its 90 % interval.

    Parameters
    ----------
    value, low, high : float
        In the unit of the quantity.
    """

    value: float
    low: float
    high: float


def predicted(tables: Tables, quantity: Quantity, *, trials: int = 1) -> Predicted:
    """Return what a run says of a quantity.

    Parameters
    ----------
    tables : Tables
    quantity : Quantity
    trials : int
        Trials behind the published number: the departures of single trials shrink with its square root.

    Raises
    ------
    ParameterError
        If the run has no such arm, scale or day.
    """
    return _KINDS[quantity.kind](_Asked(tables, quantity, trials))


class _Asked:
    """One quantity of one run; arrays are (draws,)."""

    def __init__(self, tables: Tables, quantity: Quantity, trials: int) -> None:
        self.tables, self.quantity, self.mixture, self.run = tables, quantity, tables.mixture, tables.run
        self.shrunk = 1 / math.sqrt(trials)
        if quantity.scale not in self.run.visits:
            raise ParameterError(f"the protocol does not rate {quantity.scale}")
        self.arm = self.place(quantity.arm)

    def place(self, arm: str) -> int:
        if arm not in self.run.places:
            raise ParameterError(f"the protocol has no arm '{arm}'")
        return self.run.places[arm]

    @property
    def days(self) -> NDArray[np.float64]:
        found: NDArray[np.float64] = self.run.visits[self.quantity.scale][self.arm]
        return found

    def at(self, day: float | None) -> int:
        found = np.flatnonzero(self.days == day)
        if not len(found):
            raise ParameterError(f"the protocol does not rate {self.quantity.scale} on day {day:g}")
        return int(found[0])

    def apart(self, what: str) -> NDArray[np.float64]:
        """SD of departures between trials, in SDs between people."""
        return self.run.apart(what) * self.shrunk

    def changes(self, day: float | None) -> _Number:
        counts = self.run.counts[self.quantity.scale][self.arm]
        change = counts.mean[:, self.at(day)] - counts.mean[:, 0]
        sd = counts.sd[:, self.at(day)]
        return change, self.apart("mean") * sd

    @property
    def gap(self) -> Gap:
        return gap_of(self.run, self.quantity.scale, self.arm, self.place(self.quantity.versus))

    def gaps(self, day: float | None) -> _Number:
        gap, at = self.gap, self.at(day)
        return gap.difference[:, at], gap.departed[:, at] * self.shrunk

    def told(self, number: _Number, *, middle: float | None = None) -> Predicted:
        low, high = self.mixture.interval(*number)
        value = float(self.mixture.mean(number[0])) if middle is None else middle
        return Predicted(value, float(low), float(high))

    def relapsed(self, arm: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the share that has relapsed by the day, and how many people that is of."""
        q, protocol = self.quantity, self.run.spec.protocol
        counts, days, since = self.run.counts[q.scale][self.place(arm)].relapse, self.days, 0.0
        if protocol.population.recovered_by:
            if protocol.population.episode_mean is None:
                raise ParameterError("who is well at the start has relapsed when ill again: say the episode_mean")
            observed = self.run.scores[q.scale].observed[:, self.place(arm)].astype(np.float64)
            ill = np.full(observed.shape[:-1], protocol.population.episode_mean)
            rule = replace(relapse_definition(scale(q.scale)), visits=_CONFIRMED_AT)
            counts, since = relapse_counts(scale(q.scale), ill, observed, days, definition=rule), float(days[0])
        return share_relapsed(counts, days, [q.day - since])[:, 0], counts.sum(axis=(1, 2, 3)).astype(np.float64)


def _change(asked: _Asked) -> Predicted:
    return asked.told(asked.changes(asked.quantity.day))


def _difference(asked: _Asked) -> Predicted:
    return asked.told(asked.gaps(asked.quantity.day))


def _effect_size(asked: _Asked) -> Predicted:
    (difference, departed), sd = asked.gaps(asked.quantity.day), asked.gap.sd[:, asked.at(asked.quantity.day)]
    return asked.told((difference / sd, departed / sd))


def _response(asked: _Asked) -> Predicted:
    counts = asked.run.counts[asked.quantity.scale][asked.arm]
    shares = counts.responders[:, asked.at(asked.quantity.day)] / counts.people
    low, high = asked.mixture.share_interval(shares, asked.apart("share"), counts.people)
    return Predicted(float(asked.mixture.mean(shares)), float(low), float(high))


def _share(asked: _Asked, part: _Number, whole: _Number) -> Predicted:
    """Tell one number as a share of another; a departure of the trial moves both by as much."""
    of = float(asked.mixture.mean(whole[0]))
    if of == 0:
        raise ParameterError("the model sees no effect to take a share of")
    middle = float(asked.mixture.mean(part[0])) / of
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(whole[0] == 0, np.nan, part[0] / whole[0])
        moved = np.abs(part[1] * whole[0] - whole[1] * part[0]) / whole[0] ** 2
    low, high = asked.mixture.interval(ratio, np.nan_to_num(moved), low=-_MOST, high=_MOST)
    return Predicted(middle, float(low), float(high))


def _share_of_change(asked: _Asked) -> Predicted:
    return _share(asked, asked.changes(asked.quantity.day), asked.changes(asked.quantity.of_day))


def _share_of_difference(asked: _Asked) -> Predicted:
    return _share(asked, asked.gaps(asked.quantity.day), asked.gaps(asked.quantity.of_day))


def _days_to_half(asked: _Asked) -> Predicted:
    """Tell the days from the largest difference on; where half of it is left on the last day, the days looked at."""
    last = asked.at(asked.quantity.day)
    days, course = asked.days[1 : last + 1], asked.gap.difference[:, 1 : last + 1]
    found = np.array([_half_gone(days, -one) for one in course])
    return asked.told((found, np.zeros_like(found)))


def _half_gone(days: NDArray[np.float64], effect: NDArray[np.float64]) -> float:
    peak = int(effect.argmax())
    if effect[peak] <= 0:
        return float("nan")
    half = effect[peak] / 2
    for k in range(peak + 1, len(days)):
        if effect[k] <= half:
            step = (effect[k - 1] - half) / (effect[k - 1] - effect[k])
            return float(days[k - 1] + step * (days[k] - days[k - 1]) - days[peak])
    return float(days[-1] - days[peak])


def _relapse(asked: _Asked) -> Predicted:
    shares, people = asked.relapsed(asked.quantity.arm)
    low, high = asked.mixture.share_interval(shares, asked.apart("share"), people)
    return Predicted(float(asked.mixture.mean(shares)), float(low), float(high))


def _hazard_ratio(asked: _Asked) -> Predicted:
    """Tell exp of the difference of log cumulative hazards; departures act on the logit of a share, as elsewhere."""
    first, second = (asked.relapsed(arm)[0] for arm in (asked.quantity.arm, asked.quantity.versus))
    logs = [_log_hazard(shares) for shares in (first, second)]
    per_logit = np.clip(second, _SURE, 1 - _SURE) / -np.log1p(-np.clip(second, _SURE, 1 - _SURE))
    departed = LOGIT_PER_SD * asked.apart("difference") * per_logit
    low, high = asked.mixture.interval(logs[0] - logs[1], departed)
    middle = _log_hazard(asked.mixture.mean(first)) - _log_hazard(asked.mixture.mean(second))
    return Predicted(float(np.exp(middle)), float(np.exp(low)), float(np.exp(high)))


def _log_hazard(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.log(-np.log1p(-np.clip(shares, _SURE, 1 - _SURE))))


_KINDS: Mapping[str, Callable[[_Asked], Predicted]] = {
    "change": _change,
    "difference": _difference,
    "effect_size": _effect_size,
    "response": _response,
    "share_of_change": _share_of_change,
    "share_of_difference": _share_of_difference,
    "days_to_half": _days_to_half,
    "relapse": _relapse,
    "hazard_ratio": _hazard_ratio,
}
