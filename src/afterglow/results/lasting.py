"""What lasts: relapse among responders, and responses that hold to the end."""

from __future__ import annotations

from typing import Any

import numpy as np

from afterglow.outcomes.relapse import share_relapsed
from afterglow.results.mixture import Mixture
from afterglow.results.scores import Rows
from afterglow.simulate.part import landmark_day, lasting_from
from afterglow.simulate.run import Run

__all__ = ["lasting_rows", "relapse_rows"]


def relapse_rows(run: Run, mixture: Mixture) -> Rows:
    """Return the share of responders on the population's scale that have relapsed so many days after their response.

    Counted are those who respond at a visit on or after the last dosing day of their arm, so that a dip between two
    doses is no relapse. Where visits lie close together a relapse has to be seen at two running, as in
    daly2019-sustain1, or the error of a single rating would count as one sooner or later.
    """
    rows: Rows = []
    main = run.spec.protocol.population.scale
    name = main if main in run.visits else next(iter(run.visits))
    apart = run.apart("share")
    for k, arm in enumerate(run.arms):
        counts, days = run.counts[name][k], run.visits[name][k]
        responders = counts.relapse.sum(axis=(1, 2, 3)).astype(float)
        if not mixture.of(responders).any():
            continue
        shares = share_relapsed(counts.relapse, days, days[1:])
        middle = mixture.mean(shares)
        low, high = mixture.share_interval(shares, apart[:, None], responders[:, None])
        share = float(mixture.mean(responders / counts.people))
        seen = np.count_nonzero(np.nan_to_num(mixture.of(shares)), axis=0) > 0  # else it is too early to relapse
        for j, day in enumerate(days[1:]):
            row: dict[str, Any] = {
                "arm": arm.id,
                "scale": name,
                "day": float(day),
                "share": float(middle[j]),
                "responders": round(share * run.spec.participants),
            }
            if run.spec.calibrated:
                row |= {
                    "credible_low": float(low[j]) if seen[j] else 0.0,
                    "credible_high": float(high[j]) if seen[j] else 0.0,
                }
            rows.append(row)
    return rows


def lasting_rows(run: Run, mixture: Mixture) -> Rows:
    """Return the share who respond at every visit from two weeks after their arm's last dose, and what it took.

    Hours of therapy are those of every session of the arm, dosing days among them.
    """
    rows: Rows = []
    apart = run.apart("share")
    for name, visits in run.visits.items():
        for k, arm in enumerate(run.arms):
            counts = run.counts[name][k]
            shares = counts.lasting / counts.people
            middle = float(mixture.mean(shares))
            low, high = (float(end) for end in mixture.share_interval(shares, apart, counts.people))
            hours = float(sum(session.hours for session in arm.sessions))
            row: dict[str, Any] = {
                "arm": arm.id,
                "scale": name,
                "from_day": lasting_from(visits[k], landmark_day(arm)),
                "to_day": float(visits[k][-1]),
                "share": middle,
                "therapy_hours": hours,
                "hours_per_lasting_response": _ratio(hours, middle),
            }
            if run.spec.calibrated:
                row |= {"credible_low": low, "credible_high": high}
                row |= {"hours_credible_low": _ratio(hours, high), "hours_credible_high": _ratio(hours, low)}
            rows.append(row)
    return rows


def _ratio(hours: float, share: float) -> float:
    """Hours for each one of a share; NaN where there is none."""
    return hours / share if share > 0 else np.nan
