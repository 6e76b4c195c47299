"""Boundaries of group sequential designs: how large the statistic must be at each look, and when to give up."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from afterglow.errors import ParameterError, nearest
from afterglow.trial.designs.recursion import before_first, crossing
from afterglow.trial.designs.spending import SPENDING, Spending, spending

__all__ = ["FAMILY", "KINDS", "Boundaries", "Look", "boundaries", "kind_named"]

FAMILY = {"obrien-fleming": 0.0, "pocock": 0.5, "wang-tsiatis": None}
"""Kinds with one constant for all looks, and their exponent; None where it must be said (wang1987)."""
KINDS = (*FAMILY, *SPENDING)
_FUTILITY = "lan-demets-obrien-fleming"
_MOST_LOOKS = 50
_LEAST_INFORMATION = 0.01
_LEAST_GAP = 0.001
_FURTHEST = 40.0
"""A statistic that none has."""
_NO_Z = -math.inf
_SAME = 1e-9
_MOST_ROUNDS = 60
_SHORT = {
    "obf": "obrien-fleming",
    "hsd": "hwang-shih-decani",
    "wt": "wang-tsiatis",
    "kim-demets": "power",
    "lan-demets-obf": "lan-demets-obrien-fleming",
}


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at the data.

    Parameters
    ----------
    look : int
        1 is the first.
    information : float
        Fraction of the planned largest information.
    z : float
        Boundary of the statistic; a trial with two sides also stops below its negative.
    p : float
        Nominal p at the boundary, of one side or of both as the design has them.
    spent : float
        Type I error spent until here, of one side or of both; a non-binding futility boundary is not counted on.
    futility_z : float or None
        Below it the trial may be given up; None where that is not asked. At the last look it is `z`.
    futility_spent : float or None
        Type II error spent until here, at the effect for which the design has its power.
    """

    look: int
    information: float
    z: float
    p: float
    spent: float
    futility_z: float | None = None
    futility_spent: float | None = None


@dataclass(frozen=True, kw_only=True)
class Boundaries:
    """The looks of a design.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    parameter : float or None
        Δ of the Wang-Tsiatis family, γ of hwang-shih-decani, ρ of power.
    sided : int
        1 or 2.
    alpha : float
        Of one side or of both, as `sided` says.
    looks : tuple of Look
    binding : bool
        Whether type I error counts on futility being obeyed.
    power, drift : float or None
        The power asked for, and the mean of the statistic at full information that has it.
    """

    kind: str
    parameter: float | None
    sided: int
    alpha: float
    looks: tuple[Look, ...]
    binding: bool = False
    power: float | None = None
    drift: float | None = None

    @property
    def information(self) -> tuple[float, ...]:
        """Fractions of information at the looks."""
        return tuple(look.information for look in self.looks)

    @property
    def upper(self) -> tuple[float, ...]:
        """Boundaries for efficacy."""
        return tuple(look.z for look in self.looks)

    @property
    def futility(self) -> tuple[float, ...]:
        """Boundaries for futility; minus infinity where there is none."""
        return tuple(_NO_Z if look.futility_z is None else look.futility_z for look in self.looks)

    @property
    def lower(self) -> tuple[float, ...]:
        """Lower boundaries that are obeyed: the other side's, or those for futility."""
        return tuple(-z for z in self.upper) if self.sided == 2 else self.futility

    @property
    def lower_counted_on(self) -> tuple[float, ...]:
        """Lower boundaries on which type I error counts: `lower`, without futility that does not bind."""
        return self.lower if self.sided == 2 or self.binding else (_NO_Z,) * len(self.looks)

    @property
    def fixed_drift(self) -> float | None:
        """Drift that a trial without looks needs for the same power; None without a power."""
        return None if self.power is None else float(ndtri(1 - self.alpha / self.sided) + ndtri(self.power))

    @property
    def inflation(self) -> float | None:
        """Largest information over that of a trial without looks and with the same power; None without a power."""
        fixed = self.fixed_drift
        return None if fixed is None or self.drift is None else (self.drift / fixed) ** 2


def boundaries(
    kind: str,
    looks: int | None = None,
    alpha: float = 0.025,
    *,
    sided: int = 1,
    information: Sequence[float] | None = None,
    delta: float | None = None,
    gamma: float | None = None,
    rho: float | None = None,
    power: float | None = None,
    futility: str | Sequence[float] | None = None,
    futility_gamma: float | None = None,
    futility_rho: float | None = None,
    binding: bool = False,
    final: bool = False,
) -> Boundaries:
    """Return the boundaries of a group sequential design.

    Parameters
    ----------
    kind : str
        obrien-fleming, pocock or wang-tsiatis, with one constant for all looks; or a spending function:
        lan-demets-obrien-fleming, lan-demets-pocock, hwang-shih-decani, power.
    looks : int or None
        Number of looks, equally spaced; may be left out where `information` is given.
    alpha : float
        Type I error, of one side or of both as `sided` says.
    sided : int
        1, or 2 for symmetric boundaries, half of `alpha` on each side.
    information : sequence of float or None
        Fractions of the planned largest information at the looks, rising, up to 1.
    delta : float or None
        Exponent Δ of wang-tsiatis: the boundary is proportional to t^(Δ - 1/2).
    gamma, rho : float or None
        Of hwang-shih-decani and of power.
    power : float or None
        Power that the design is to have; gives drift and inflation.
    futility : str, sequence of float or None
        A spending function of the type II error (needs `power`), or the statistic below which to give up at each
        look before the last. One-sided designs only.
    futility_gamma, futility_rho : float or None
        Parameters of that function.
    binding : bool
        Count on futility being obeyed, which lowers the boundaries for efficacy. False: type I error holds
        whether it is obeyed or not.
    final : bool
        The last of `information` ended the trial, below or above 1: all error that is left is spent there.
        Spending functions only.

    Raises
    ------
    ParameterError
        If a value is impossible or two do not go together.

    References
    ----------
    obrien1979, pocock1977, wang1987, hwang1990, lan1983, kim1987, jennison1999.
    """
    kind = kind_named(kind)
    _in_range(alpha, sided, power)
    fractions = _fractions(looks, information, kind, final)
    exponent = _exponent(kind, delta)
    function = spending(kind, gamma=gamma, rho=rho) if kind in SPENDING else None
    if function is None and (gamma is not None or rho is not None):
        name, of = ("gamma", "hwang-shih-decani") if gamma is not None else ("rho", "power")
        raise ParameterError(f"{name} belongs to {of}, not to {kind}")
    rule = _Rule(fractions, alpha, sided, exponent, function, final)
    count = len(fractions)
    lower: tuple[float, ...] = (_NO_Z,) * count
    drift: float | None = None
    giving_up: Spending | None = None
    if futility is None:
        _no_futility(futility_gamma, futility_rho, binding)
    elif sided == 2:
        raise ParameterError("futility is offered for one-sided designs; say --sided 1, or leave futility out")
    elif isinstance(futility, str):
        giving_up = _giving_up(futility, futility_gamma, futility_rho)
        if power is None:
            raise ParameterError("futility by spending needs the power that the design is to have, such as 0.9")
    else:
        lower = _fixed_futility(futility, count)
    _reaches_the_end(fractions, final, power)
    if giving_up is not None and power is not None:
        drift, lower, upper = rule.with_futility(giving_up, power, binding)
    else:
        upper = rule.upper(lower if binding else (_NO_Z,) * count)
        _futility_below(lower, upper)
        if power is not None:
            drift = rule.drift(upper, lower, power)
    if futility is not None:
        lower = (*lower[:-1], upper[-1])
    counted = tuple(-z for z in upper) if sided == 2 else lower if binding else (_NO_Z,) * count
    spent = np.cumsum(crossing(fractions, upper, counted).upper) * sided
    lost = np.cumsum(crossing(fractions, upper, lower, drift).lower) if drift is not None else None
    asked = futility is not None
    return Boundaries(
        kind=kind,
        parameter=exponent if function is None else function.own_parameter,
        sided=sided,
        alpha=alpha,
        binding=binding,
        power=power,
        drift=drift,
        looks=tuple(
            Look(
                look=k + 1,
                information=fractions[k],
                z=upper[k],
                p=sided * float(ndtr(-upper[k])),
                spent=float(spent[k]),
                futility_z=lower[k] if asked and math.isfinite(lower[k]) else None,
                futility_spent=float(lost[k]) if asked and lost is not None else None,
            )
            for k in range(count)
        ),
    )


def kind_named(kind: str) -> str:
    """Return a kind as it is written here, whatever its case, apostrophes and dashes.

    Raises
    ------
    ParameterError
        If it is unknown.
    """
    word = str(kind).strip().lower().replace("'", "").replace("_", "-").replace(" ", "-")
    word = _SHORT.get(word, word)
    if word not in KINDS:
        raise ParameterError(f"no kind of boundary is called '{str(kind)[:60]}'; {nearest(word, KINDS)}")
    return word


@dataclass(frozen=True)
class _Rule:
    """How a kind makes its boundaries for efficacy, given lower ones that are obeyed."""

    fractions: tuple[float, ...]
    alpha: float
    sided: int
    exponent: float | None
    spending: Spending | None
    final: bool

    def upper(self, lower: Sequence[float]) -> tuple[float, ...]:
        return self._by_constant(lower) if self.spending is None else self._by_spending(self.spending, lower)

    def drift(self, upper: Sequence[float], lower: Sequence[float], power: float) -> float:
        """Return the drift at which the upper boundary is crossed with the power asked for."""
        obeyed = tuple(-z for z in upper) if self.sided == 2 else (*lower[:-1], upper[-1])

        def missing(drift: float) -> float:
            return float(crossing(self.fractions, upper, obeyed, drift).upper.sum()) - power

        try:
            return float(brentq(missing, 0.0, _FURTHEST, xtol=1e-11))
        except ValueError:
            raise ParameterError(f"no effect has power {power:g} with these boundaries for futility") from None

    def with_futility(
        self, function: Spending, power: float, binding: bool
    ) -> tuple[float, tuple[float, ...], tuple[float, ...]]:
        """Return drift, lower and upper boundaries that meet at the last look."""
        upper = self.upper((_NO_Z,) * len(self.fractions))
        for _ in range(_MOST_ROUNDS):
            drift, lower = self._meeting(function, upper, 1 - power)
            if not binding:
                return drift, lower, upper
            before, upper = upper, self.upper(lower)
            if max(abs(a - b) for a, b in zip(before, upper, strict=True)) < _SAME:
                return drift, (*lower[:-1], upper[-1]), upper
        raise ParameterError("no binding boundary for futility was found; say fewer looks, or let it not bind")

    def _meeting(self, function: Spending, upper: Sequence[float], error: float) -> tuple[float, tuple[float, ...]]:
        """Return the drift at which futility that spends `error` meets `upper` at the last look, and its boundary."""

        def excess(drift: float) -> float:
            return _lower(self.fractions, upper, drift, function, error)[1] - error

        try:
            drift = float(brentq(excess, 0.0, _FURTHEST / 2, xtol=1e-10))
        except ValueError:
            raise ParameterError(f"no effect has power {1 - error:g} with this futility") from None
        return drift, _lower(self.fractions, upper, drift, function, error)[0]

    def _by_constant(self, lower: Sequence[float]) -> tuple[float, ...]:
        shape = [t ** ((self.exponent or 0.0) - 0.5) for t in self.fractions]

        def excess(constant: float) -> float:
            upper = [constant * s for s in shape]
            obeyed = [-z for z in upper] if self.sided == 2 else [*map(min, lower, upper)]
            return float(self.sided * crossing(self.fractions, upper, obeyed).upper.sum() - self.alpha)

        # At this constant no look spends more than its share of half of alpha.
        largest = -ndtri(self.alpha / (2 * self.sided * len(shape))) / min(shape)
        constant = brentq(excess, 0.0 if self.sided == 2 else -1.0, largest, xtol=1e-11)
        return tuple(float(constant * s) for s in shape)

    def _by_spending(self, function: Spending, lower: Sequence[float]) -> tuple[float, ...]:
        now, spent, found = before_first(), 0.0, []
        for k, fraction in enumerate(self.fractions):
            last = k + 1 == len(self.fractions)
            until = function(1.0 if self.final and last else fraction, self.alpha / self.sided)
            bound = _bound(partial(now.above, fraction), until - spent)
            found.append(bound)
            spent = until
            if not last:
                below = -bound if self.sided == 2 else min(lower[k], bound)
                now = now.go_on(fraction, below, bound, self.fractions[k + 1])
        return tuple(found)


def _lower(
    fractions: Sequence[float], upper: Sequence[float], drift: float, function: Spending, error: float
) -> tuple[tuple[float, ...], float]:
    """Return lower boundaries that spend type II error at a drift, and all that is lost with a last look at `upper`."""
    now, spent, found, lost = before_first(drift), 0.0, [], 0.0
    for k, fraction in enumerate(fractions[:-1]):
        until = function(fraction, error)
        bound = min(_bound(partial(now.below, fraction), until - spent), upper[k])
        found.append(bound)
        lost += now.below(fraction, bound)
        spent = until
        now = now.go_on(fraction, bound, upper[k], fractions[k + 1])
    return (*found, upper[-1]), lost + now.below(fractions[-1], upper[-1])


def _bound(chance_beyond: Callable[[float], float], wanted: float) -> float:
    """Return the boundary beyond which a chance lies."""

    def excess(z: float) -> float:
        return chance_beyond(z) - wanted

    ends = sorted((-_FURTHEST, _FURTHEST), key=excess)
    if excess(ends[0]) >= 0:
        return ends[0]
    return ends[1] if excess(ends[1]) <= 0 else float(brentq(excess, *ends, xtol=1e-12))


def _in_range(alpha: float, sided: int, power: float | None) -> None:
    if not 0 < alpha < 0.5:
        raise ParameterError(f"alpha must lie above 0 and below 0.5, such as 0.025, got {alpha:g}")
    if sided not in (1, 2):
        raise ParameterError(f"a design has 1 or 2 sides, got {sided}")
    if power is not None and not alpha < power < 1:
        raise ParameterError(f"power must lie above alpha {alpha:g} and below 1, got {power:g}")


def _fractions(looks: int | None, information: Sequence[float] | None, kind: str, final: bool) -> tuple[float, ...]:
    if information is None:
        if looks is None or looks < 1:
            got = "" if looks is None else f", got {looks}"
            raise ParameterError(f"a design needs at least one look: say how many, or at what information{got}")
        if looks != int(looks):
            raise ParameterError(f"looks are counted, got {looks:g}")
        looks = int(looks)
        if looks > _MOST_LOOKS:
            raise ParameterError(f"at most {_MOST_LOOKS} looks, got {looks}")
        return tuple((k + 1) / looks for k in range(looks))
    found = tuple(float(t) for t in information)
    if not found:
        raise ParameterError("a design needs at least one look; information is empty")
    if len(found) > _MOST_LOOKS:
        raise ParameterError(f"at most {_MOST_LOOKS} looks, got {len(found)}")
    if looks is not None and looks != len(found):
        raise ParameterError(f"looks is {looks}, but information names {len(found)}; give one of them")
    said = ", ".join(f"{t:g}" for t in found)
    if not all(math.isfinite(t) and t >= _LEAST_INFORMATION for t in found):
        raise ParameterError(f"a look needs at least {_LEAST_INFORMATION:g} of the information, got {said}")
    for earlier, later in pairwise(found):
        if later <= earlier:
            raise ParameterError(f"looks must follow each other in rising information, got {said}")
        if later - earlier < _LEAST_GAP:
            raise ParameterError(f"looks must lie {_LEAST_GAP:g} of the information apart, got {said}")
    over = found[:-1] if final else found
    if max(over, default=0.0) > 1:
        raise ParameterError(
            f"information is a fraction of the planned largest, up to 1, got {said}; "
            "only a last look that ended the trial may lie above"
        )
    if kind in FAMILY and (final or found[-1] != 1):
        raise ParameterError(
            f"{kind} has one constant for all looks up to information 1, got {said}; "
            "for looks as they come take lan-demets-obrien-fleming or another spending function"
        )
    return found


def _exponent(kind: str, delta: float | None) -> float | None:
    if kind != "wang-tsiatis":
        if delta is not None:
            raise ParameterError(f"delta belongs to wang-tsiatis, not to {kind}")
        return FAMILY.get(kind)
    if delta is None:
        raise ParameterError("wang-tsiatis needs delta, such as 0.25: 0 is O'Brien and Fleming, 0.5 Pocock")
    if not -2 <= delta <= 2:
        raise ParameterError(f"delta must lie between -2 and 2, got {delta:g}")
    return delta


def _no_futility(gamma: float | None, rho: float | None, binding: bool) -> None:
    if binding:
        raise ParameterError("there is no futility boundary that could bind; name one")
    if gamma is not None or rho is not None:
        raise ParameterError("a parameter of futility was given without a futility boundary; name one")


def _giving_up(name: str, gamma: float | None, rho: float | None) -> Spending:
    word = kind_named(name)
    if word in FAMILY:
        close = {"obrien-fleming": _FUTILITY, "pocock": "lan-demets-pocock"}.get(word, "power")
        raise ParameterError(f"futility spends type II error by a spending function; in place of {word} take {close}")
    return spending(word, gamma=gamma, rho=rho)


def _fixed_futility(given: Sequence[float], count: int) -> tuple[float, ...]:
    found = tuple(float(z) for z in given)
    if len(found) != count - 1:
        raise ParameterError(f"futility needs a statistic for each look before the last, {count - 1}, got {len(found)}")
    if not all(math.isfinite(z) and abs(z) < _FURTHEST for z in found):
        raise ParameterError(f"a statistic for futility must be a number, got {', '.join(f'{z:g}' for z in found)}")
    return (*found, _NO_Z)


def _futility_below(lower: Sequence[float], upper: Sequence[float]) -> None:
    for k, (low, high) in enumerate(zip(lower[:-1], upper[:-1], strict=True)):
        if low >= high:
            raise ParameterError(f"futility at look {k + 1} is {low:g}, not below the boundary for efficacy {high:.4g}")


def _reaches_the_end(fractions: Sequence[float], final: bool, power: float | None) -> None:
    if power is not None and not final and fractions[-1] != 1:
        raise ParameterError(f"power needs looks up to information 1; the last is at {fractions[-1]:g}")
