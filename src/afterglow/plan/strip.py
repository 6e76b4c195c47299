"""The best-day strip: what one more session on each day adds to an arm, under all explanations and under each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.errors import ParameterError, ProtocolError
from afterglow.plan.outcomes import Bank, Outcome
from afterglow.plan.space.space import laid_free
from afterglow.protocol import Arm, Protocol, Session
from afterglow.results.contrasts import separation
from afterglow.results.mixture import Z90, Mixture
from afterglow.runs.execute import Engine, EngineName
from afterglow.runs.simulate import spec_of
from afterglow.scales.instruments import scale
from afterglow.simulate.schedule import dosing_days

__all__ = ["DayGain", "GainUnder", "Strip", "session_strip"]

STRIP_PEOPLE = 16
STRIP_DRAWS = 16
"""People and draws of a strip: each day is tried on the same ones, so that few are enough."""

_DAILY = 14
_WEEKS = 8
_SHORTEST = 0.5


@dataclass(frozen=True, kw_only=True)
class GainUnder:
    """What a session on one day adds if one explanation is true.

    Parameters
    ----------
    rival : str
    weight : float
    points, low, high : float
    """

    rival: str
    weight: float
    points: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class DayGain:
    """What a session on one day adds.

    Parameters
    ----------
    day : float
    points : float
        Mean score with the session minus without it; below zero the score is lower with it.
    low, high : float
        90 % interval: parameters, explanations and departures of trials; NaN where nothing was calibrated.
    mc_error : float
        Monte-Carlo error, one standard error.
    alike : bool
        Whether it cannot be told from the best day by these people and draws.
    by_rival : tuple of GainUnder
        Each explanation alone, the heaviest first.
    """

    day: float
    points: float
    low: float
    high: float
    mc_error: float
    alike: bool
    by_rival: tuple[GainUnder, ...]


@dataclass(frozen=True, kw_only=True)
class Strip:
    """What one more session adds, day by day.

    Parameters
    ----------
    arm : str
    kind : str
    hours : float
    scale : str
    on_day : float
        On which the score is read.
    course_until : float
        Last day on which the arm itself has a dose or a session: a session after it also makes the course longer.
    days : tuple of DayGain
        In order of time.
    """

    arm: str
    kind: str
    hours: float
    scale: str
    on_day: float
    course_until: float
    days: tuple[DayGain, ...]

    @property
    def best(self) -> DayGain:
        """The day that adds most."""
        return min(self.days, key=lambda gain: gain.points)

    @property
    def best_within(self) -> DayGain | None:
        """The day that adds most before the arm's own course has ended; None where none was tried."""
        own = [gain for gain in self.days if gain.day <= self.course_until]
        return min(own, key=lambda gain: gain.points, default=None)

    @property
    def tells(self) -> bool:
        """Whether the interval of the best day leaves zero out."""
        return self.best.high < 0


def session_strip(
    protocol: Protocol,
    *,
    arm: str = "",
    kind: str = "integration",
    hours: float = 1.0,
    session_format: str = "individual",
    days: Sequence[float] | None = None,
    on_day: float | None = None,
    participants: int = STRIP_PEOPLE,
    draws: int = STRIP_DRAWS,
    seed: int = 1,
    rival: str | None = None,
    engine: EngineName = "threads",
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Strip:
    """Say what one more session on each day adds to an arm; the command line and the studio ask here.

    Parameters
    ----------
    protocol : Protocol
    arm : str
        Id; empty for the first.
    kind, hours, session_format
        Of the session.
    days : sequence of float, optional
        Days to try; by default each of the two weeks after the first dosing and then weekly, to ten weeks.
    on_day : float, optional
        A day of rating on which the score of the population's scale is read; by default the last.
    participants, draws, seed, rival
        See `afterglow.simulate`. The defaults take about a second for a starter protocol.
    engine : str
    workers : int, optional
    progress : callable, optional
        Told how many courses are done, and of how many.

    Returns
    -------
    Strip
        Days on which the arm has other sessions have the new one after them.

    Raises
    ------
    ProtocolError
        If there is no such arm, a day lies outside the protocol, or the session is impossible.
    ParameterError
        As `afterglow.simulate` does.
    """
    ids = {one.id: one for one in protocol.arms}
    if arm and arm not in ids:
        raise ProtocolError(f"no arm is called '{arm}'; arms: {', '.join(ids)}")
    own = ids[arm] if arm else protocol.arms[0]
    name = _scale_of(protocol)
    read_on = _read_on(protocol, name, on_day)
    tried = _days(own, protocol, read_on, kind, days)
    arms = [own, *(_with_session(own, day, kind, hours, session_format) for day in tried)]
    spec, posteriors = spec_of(
        protocol, participants=participants, draws=max(draws, 1), seed=seed, rival=rival, twins=False
    )
    bank = Bank(spec, posteriors, name, max(dosing_days(own), default=0.0))
    with Engine(engine, workers).running() as executor:
        base, *others = bank.outcomes(arms, executor=executor, progress=progress)
    at = base.at(read_on)
    gains = [_gain(bank, base, other, at, day) for day, other in zip(tried, others, strict=True)]
    return Strip(
        arm=own.id,
        kind=kind,
        hours=hours,
        scale=name,
        on_day=read_on,
        course_until=max((row.day for row in own.timed), default=0.0),
        days=_told_apart(bank, base, others, at, gains),
    )


def _scale_of(protocol: Protocol) -> str:
    rated = [assessment.scale for assessment in protocol.assessments]
    return protocol.population.scale if protocol.population.scale in rated else rated[0]


def _read_on(protocol: Protocol, name: str, on_day: float | None) -> float:
    days = next(a.days for a in protocol.assessments if a.scale == name)
    later = [day for day in days if day > 0]
    if not later:
        raise ProtocolError(f"{name} is never assessed after day 0, so nothing can be compared")
    if on_day is None:
        return later[-1]
    if on_day not in later:
        raise ProtocolError(
            f"{name} is not assessed on day {on_day:g}; choose one of {', '.join(f'{day:g}' for day in later)}"
        )
    return float(on_day)


def _days(arm: Arm, protocol: Protocol, read_on: float, kind: str, asked: Sequence[float] | None) -> list[float]:
    dosed = dosing_days(arm)
    first = dosed[0] if dosed else 0.0
    end = min(read_on, protocol.horizon_days - _SHORTEST)
    if asked is None:
        usual = [first + k for k in (*range(1, _DAILY + 1), *range(_DAILY + 7, _DAILY + 7 * _WEEKS + 1, 7))]
        tried = [day for day in usual if day < end]
    else:
        tried = sorted({float(day) for day in asked})
        outside = [day for day in tried if not first <= day < end]
        if outside and kind != "preparation":
            raise ProtocolError(
                f"day {outside[0]:g} lies outside the days that can be tried, {first:g} to below {end:g}: "
                "the score is read on the last"
            )
    if not tried:
        raise ParameterError("there is no day to try between the first dosing and the day on which the score is read")
    return tried


def _with_session(arm: Arm, day: float, kind: str, hours: float, form: str) -> Arm:
    session = Session.made({"day": int(day // 1), "hour": (day % 1) * 24, "kind": kind, "hours": hours, "format": form})
    return arm.model_copy(update={"sessions": laid_free(arm.sessions, [session])})


def _gain(bank: Bank, base: Outcome, other: Outcome, at: int, day: float) -> DayGain:
    difference, departed = _difference(bank, base, other, at)
    mixture = bank.mixture
    low, high = _interval(bank, mixture, difference, departed)
    paired = _paired_sd(other, base, at)
    explanations = sorted(bank.spec.explanations, key=lambda e: -e.weight)
    alone = []
    for e in explanations if len(explanations) > 1 else ():
        under = bank.under(e.rival)
        ends = _interval(bank, under, difference, departed)
        alone.append(
            GainUnder(rival=e.rival, weight=e.weight, points=float(under.mean(difference)), low=ends[0], high=ends[1])
        )
    return DayGain(
        day=day,
        points=float(mixture.mean(difference)),
        low=low,
        high=high,
        mc_error=float(mixture.error(difference[:, None], paired[:, None], bank.spec.participants)[0]),
        alike=False,
        by_rival=tuple(alone),
    )


def _difference(bank: Bank, base: Outcome, other: Outcome, at: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the difference of means and the SD of its departure from trial to trial, (draws,)."""
    sd = np.sqrt((base.sd[:, at] ** 2 + other.sd[:, at] ** 2) / 2)
    differ = (other.predicted[..., at] - base.predicted[..., at]).astype(np.float64)
    apart = np.array([draw.difference_apart for draw in bank.draws])
    return other.mean[:, at] - base.mean[:, at], apart * sd * separation(differ, sd)


def _interval(
    bank: Bank, mixture: Mixture, difference: NDArray[np.float64], departed: NDArray[np.float64]
) -> tuple[float, float]:
    if not bank.spec.has_intervals:
        return float("nan"), float("nan")
    instrument = scale(bank.name)
    span = instrument.high - instrument.low
    low, high = mixture.interval(difference, departed, low=-span, high=span)
    return float(low), float(high)


def _paired_sd(one: Outcome, other: Outcome, at: int) -> NDArray[np.float64]:
    lives = (one.expected[..., at] - other.expected[..., at]).astype(np.float64)
    return lives.std(axis=1, ddof=1) if lives.shape[1] > 1 else np.zeros(len(lives))


def _told_apart(
    bank: Bank, base: Outcome, others: Sequence[Outcome], at: int, gains: Sequence[DayGain]
) -> tuple[DayGain, ...]:
    """Mark the days that these people and draws cannot tell from the best one."""
    best = min(range(len(gains)), key=lambda k: gains[k].points)
    found = []
    for k, gain in enumerate(gains):
        apart = others[k].mean[:, at] - others[best].mean[:, at]
        paired = _paired_sd(others[k], others[best], at)
        error = float(bank.mixture.error(apart[:, None], paired[:, None], bank.spec.participants)[0])
        fields: dict[str, Any] = vars(gain)
        found.append(DayGain(**{**fields, "alike": gain.points - gains[best].points <= Z90 * error + 1e-9}))
    return tuple(found)
