"""How many people, or events, a trial without looks needs; and the power that it has."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from scipy.optimize import brentq
from scipy.special import nctdtr, ndtr, ndtri, stdtrit

from afterglow.errors import ParameterError

__all__ = [
    "USUAL",
    "Size",
    "Wanted",
    "detectable_difference",
    "events_for_hazard_ratio",
    "power_of_means",
    "power_of_proportions",
    "size_for_means",
    "size_for_odds_ratio",
    "size_for_proportions",
]

Test = Literal["t", "normal"]


def _errors(alpha: float, sided: int) -> None:
    if not 0 < alpha < 0.5:
        raise ParameterError(f"alpha must lie above 0 and below 0.5, such as 0.025, got {alpha:g}")
    if sided not in (1, 2):
        raise ParameterError(f"a test has 1 or 2 sides, got {sided}")


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not 0 < value < math.inf:
            raise ParameterError(f"{name} must be above 0 and finite, got {value:g}")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is wanted of a test that a size is found for.

    Parameters
    ----------
    power : float
    alpha : float
        Of one side or of both, as `sided` says.
    sided : int
    ratio : float
        People in the active arm for each in the control arm.

    Raises
    ------
    ParameterError
        If one of them is impossible.
    """

    power: float = 0.9
    alpha: float = 0.025
    sided: int = 1
    ratio: float = 1.0

    def __post_init__(self) -> None:
        _errors(self.alpha, self.sided)
        if not self.alpha < self.power < 1:
            raise ParameterError(f"power must lie above alpha {self.alpha:g} and below 1, got {self.power:g}")
        _positive(ratio=self.ratio)

    @property
    def critical(self) -> float:
        """Standard normal statistic that the test must reach."""
        return float(ndtri(1 - self.alpha / self.sided))

    @property
    def drift(self) -> float:
        """Mean of a standard normal statistic that reaches it with the power."""
        return self.critical + float(ndtri(self.power))

    @property
    def active_share(self) -> float:
        """Share of all people who are in the active arm."""
        return self.ratio / (1 + self.ratio)

    def split(self, total: float, events: float | None = None) -> Size:
        """Return the size of so many people in all."""
        return Size(active=self.active_share * total, control=(1 - self.active_share) * total, events=events)


USUAL = Wanted()


@dataclass(frozen=True, kw_only=True)
class Size:
    """People that a trial needs, not yet rounded.

    Parameters
    ----------
    active, control : float
    events : float or None
        Of a trial that counts them.
    """

    active: float
    control: float
    events: float | None = None

    @property
    def total(self) -> float:
        """People of both arms."""
        return self.active + self.control

    @property
    def whole(self) -> tuple[int, int]:
        """People of the active and the control arm, rounded up."""
        return _up(self.active), _up(self.control)

    def times(self, factor: float) -> Size:
        """Return a size so many times as large, such as by the inflation of looks."""
        events = None if self.events is None else self.events * factor
        return Size(active=self.active * factor, control=self.control * factor, events=events)


def power_of_means(
    difference: float,
    sd: float,
    active: float,
    control: float,
    *,
    alpha: float = 0.025,
    sided: int = 1,
    test: Test = "t",
) -> float:
    """Return the power of a comparison of two means.

    Parameters
    ----------
    difference, sd : float
        In points; the sign of the difference does not matter.
    active, control : float
        People of each arm.
    alpha : float
        Of one side or of both, as `sided` says.
    sided : int
    test : {"t", "normal"}
        Student's, with a non-central t under the difference; or with a known SD.
    """
    _errors(alpha, sided)
    _positive(sd=sd, active=active, control=control)
    drift = abs(difference) / (sd * math.sqrt(1 / active + 1 / control))
    tail = 1 - alpha / sided
    if test == "normal":
        return float(ndtr(drift - ndtri(tail)))
    df = active + control - 2
    if df <= 0:
        raise ParameterError(f"a t test needs more than two people, got {active + control:g}")
    return float(1 - nctdtr(df, drift, stdtrit(df, tail)))


def size_for_means(difference: float, sd: float, wanted: Wanted = USUAL, *, test: Test = "t") -> Size:
    """Return the size for a comparison of two means.

    Parameters
    ----------
    difference, sd : float
        In points.
    wanted : Wanted
    test : {"t", "normal"}
    """
    _positive(sd=sd)
    if difference == 0:
        raise ParameterError("no size finds a difference of zero")
    ratio = wanted.ratio
    control = (1 + 1 / ratio) * (sd * wanted.drift / difference) ** 2
    if test == "t":

        def missing(n: float) -> float:
            found = power_of_means(difference, sd, ratio * n, n, alpha=wanted.alpha, sided=wanted.sided)
            return found - wanted.power

        least = 2.01 / (1 + ratio)
        control = least if missing(least) >= 0 else float(brentq(missing, least, 2 * control + 100, xtol=1e-8))
    return Size(active=ratio * control, control=control)


def detectable_difference(
    sd: float, active: float, control: float, wanted: Wanted = USUAL, *, test: Test = "t"
) -> float:
    """Return the difference of two means, in points and above zero, that a comparison of this size finds with a power.

    Parameters
    ----------
    sd : float
        In points.
    active, control : float
        People of each arm.
    wanted : Wanted
        Whose ratio is passed over.
    test : {"t", "normal"}
    """

    def missing(difference: float) -> float:
        found = power_of_means(difference, sd, active, control, alpha=wanted.alpha, sided=wanted.sided, test=test)
        return found - wanted.power

    _positive(sd=sd, active=active, control=control)
    error = sd * math.sqrt(1 / active + 1 / control)
    return float(brentq(missing, 1e-9 * error, 200 * error, xtol=1e-10 * error))


def power_of_proportions(
    active_share: float,
    control_share: float,
    active: float,
    control: float,
    *,
    margin: float = 0.0,
    alpha: float = 0.025,
    sided: int = 1,
) -> float:
    """Return the power of a comparison of two shares by their difference; see `size_for_proportions`."""
    _errors(alpha, sided)
    _positive(active=active, control=control)
    null, own, gap = _difference_sds(active_share, control_share, margin, active / control)
    return float(ndtr((math.sqrt(control) * gap - ndtri(1 - alpha / sided) * null) / own))


def size_for_proportions(
    active_share: float,
    control_share: float,
    wanted: Wanted = USUAL,
    *,
    margin: float = 0.0,
) -> Size:
    """Return the size for a comparison of two shares by their difference (farrington1990).

    Parameters
    ----------
    active_share, control_share : float
        Between 0 and 1.
    wanted : Wanted
    margin : float
        Difference under the null hypothesis, active minus control; its standard error is that of the likeliest shares
        which differ by it.
    """
    null, own, gap = _difference_sds(active_share, control_share, margin, wanted.ratio)
    control = _needed(null, own, gap, wanted)
    return Size(active=wanted.ratio * control, control=control)


def size_for_odds_ratio(
    active_share: float,
    control_share: float,
    wanted: Wanted = USUAL,
    *,
    null_ratio: float = 1.0,
) -> Size:
    """Return the size for a comparison of two shares by the logarithm of their odds ratio (miettinen1985).

    Parameters
    ----------
    active_share, control_share : float
        Between 0 and 1.
    wanted : Wanted
    null_ratio : float
        Odds ratio under the null hypothesis.
    """
    ratio = wanted.ratio
    _positive(null_ratio=null_ratio)
    _shares(active_share, control_share)
    gap = _logit(active_share) - _logit(control_share) - math.log(null_ratio)
    if abs(gap) < 1e-12:
        raise ParameterError("the odds ratio is that of the null hypothesis; no size tells them apart")

    def other(share: float) -> float:
        return _expit(_logit(share) + math.log(null_ratio))

    null_control = _likeliest(lambda p: ratio * (active_share - other(p)) + control_share - p, 0.0, 1.0)
    null = math.sqrt(1 / ratio / _variance(other(null_control)) + 1 / _variance(null_control))
    own = math.sqrt(1 / ratio / _variance(active_share) + 1 / _variance(control_share))
    control = _needed(null, own, gap, wanted)
    return Size(active=ratio * control, control=control)


def events_for_hazard_ratio(hazard_ratio: float, wanted: Wanted = USUAL) -> float:
    """Return the events that a log-rank test needs (schoenfeld1981).

    Parameters
    ----------
    hazard_ratio : float
        Active over control.
    wanted : Wanted
    """
    _positive(hazard_ratio=hazard_ratio)
    if hazard_ratio == 1:
        raise ParameterError("no number of events finds a hazard ratio of one")
    share = wanted.active_share
    return (wanted.drift / math.log(hazard_ratio)) ** 2 / (share * (1 - share))


def _difference_sds(
    active_share: float, control_share: float, margin: float, ratio: float
) -> tuple[float, float, float]:
    """Return null and own SD of the difference for one person in the control arm, and the gap to the margin."""
    _shares(active_share, control_share)
    if not -1 < margin < 1:
        raise ParameterError(f"a margin of shares must lie between -1 and 1, got {margin:g}")
    gap = active_share - control_share - margin
    if abs(gap) < 1e-12:
        raise ParameterError("the difference is that of the null hypothesis; no size tells them apart")

    def slope(p: float) -> float:
        return ratio * (active_share - p - margin) / _variance(p + margin) + (control_share - p) / _variance(p)

    p = _likeliest(slope, max(0.0, -margin), min(1.0, 1 - margin))
    null = math.sqrt(_variance(p + margin) / ratio + _variance(p))
    own = math.sqrt(_variance(active_share) / ratio + _variance(control_share))
    return null, own, abs(gap)


def _needed(null: float, own: float, gap: float, wanted: Wanted) -> float:
    return float(((wanted.critical * null + ndtri(wanted.power) * own) / gap) ** 2)


def _likeliest(slope: Callable[[float], float], low: float, high: float) -> float:
    edge = 1e-12 * (high - low)
    return float(brentq(slope, low + edge, high - edge, xtol=1e-14))


def _variance(share: float) -> float:
    return share * (1 - share)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _expit(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def _up(people: float) -> int:
    return math.ceil(people - 1e-9)


def _shares(*values: float) -> None:
    for value in values:
        if not 0 < value < 1:
            raise ParameterError(f"a share must lie between 0 and 1, got {value:g}")
