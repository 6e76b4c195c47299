"""Simulated against published: is the simulated number inside the published 95 % interval or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterglow.errors import ParameterError
from afterglow.outcomes.response import wilson

if TYPE_CHECKING:
    import pandas

__all__ = ["Comparison", "Published", "compare", "comparison_table"]

_Z95 = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class Published:
    """One published number of one arm, with its 95 % interval where it can be had.

    Parameters
    ----------
    study, arm, scale, kind : str
        Where it belongs; `kind` as in the evidence format, such as ``"change_from_baseline"``.
    day : float
        Day of the visit.
    value : float
        Mean, or share of participants.
    low, high : float or None
        95 % interval; None when neither a spread nor an interval was published.
    n : int or None
        Participants.
    verified : bool
        True when the number was read on the source's page.
    """

    study: str
    arm: str
    scale: str
    kind: str
    day: float
    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None
    verified: bool = False

    @classmethod
    def mean(
        cls,
        *,
        study: str,
        arm: str,
        scale: str,
        kind: str,
        day: float,
        mean: float,
        sd: float | None = None,
        se: float | None = None,
        ci95: tuple[float, float] | None = None,
        n: int | None = None,
        verified: bool = False,
    ) -> Published:
        """Row of a mean; the interval comes from `ci95`, else `se`, else `sd` and `n` (Student's t)."""
        low, high = _mean_interval(mean, sd, se, ci95, n)
        return cls(
            study=study,
            arm=arm,
            scale=scale,
            kind=kind,
            day=day,
            value=mean,
            low=low,
            high=high,
            n=n,
            verified=verified,
        )

    @classmethod
    def share(
        cls,
        *,
        study: str,
        arm: str,
        scale: str,
        kind: str,
        day: float,
        events: float,
        n: int,
        verified: bool = False,
    ) -> Published:
        """Row of a share of participants with Wilson's interval."""
        if n < 1 or not 0 <= events <= n:
            raise ParameterError(f"{events:g} events among {n} participants is impossible")
        low, high = wilson(events, n)
        return cls(
            study=study,
            arm=arm,
            scale=scale,
            kind=kind,
            day=day,
            value=events / n,
            low=float(low),
            high=float(high),
            n=n,
            verified=verified,
        )


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A published number beside its simulated twin.

    Parameters
    ----------
    published : Published
        What was measured.
    simulated : float
        What the model gives.
    inside : bool or None
        True inside the published 95 % interval; None when there is no interval.
    distance : float or None
        Simulated minus published in standard errors of the published number.
    """

    published: Published
    simulated: float
    inside: bool | None
    distance: float | None


def compare(published: Published, simulated: float) -> Comparison:
    """Set a simulated number beside a published one.

    Raises
    ------
    ParameterError
        If the simulated number is not finite.
    """
    if not np.isfinite(simulated):
        raise ParameterError(f"simulated {published.kind} of {published.study} is {simulated} but must be finite")
    if published.low is None or published.high is None:
        return Comparison(published=published, simulated=simulated, inside=None, distance=None)
    error = (published.high - published.low) / (2 * _Z95)
    return Comparison(
        published=published,
        simulated=simulated,
        inside=bool(published.low <= simulated <= published.high),
        distance=float((simulated - published.value) / error) if error > 0 else None,
    )


def comparison_table(rows: Sequence[Comparison]) -> pandas.DataFrame:
    """Tidy table, one row a comparison."""
    import pandas

    return pandas.DataFrame(
        [
            {
                "study": row.published.study,
                "arm": row.published.arm,
                "scale": row.published.scale,
                "kind": row.published.kind,
                "day": row.published.day,
                "published": row.published.value,
                "low": row.published.low,
                "high": row.published.high,
                "n": row.published.n,
                "verified": row.published.verified,
                "simulated": row.simulated,
                "inside": row.inside,
                "distance_se": row.distance,
            }
            for row in rows
        ]
    )


def _mean_interval(
    mean: float, sd: float | None, se: float | None, ci95: tuple[float, float] | None, n: int | None
) -> tuple[float | None, float | None]:
    if ci95 is not None:
        return min(ci95), max(ci95)
    if se is not None and n is None:
        return mean - _Z95 * se, mean + _Z95 * se
    if n is None or n < 2 or (se is None and sd is None):
        return None, None
    from scipy.stats import t

    error = se if se is not None else float(sd or 0.0) / np.sqrt(n)
    half = float(t.ppf(0.975, n - 1)) * float(error)
    return mean - half, mean + half
