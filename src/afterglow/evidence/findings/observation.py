"""The finding in what a study says of one of its arms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from afterglow.errors import ProtocolError
from afterglow.evidence.findings.finding import KINDS, POINTS, Finding, Kind
from afterglow.evidence.findings.place import day_of, own_scale, scale_of
from afterglow.evidence.studies.baseline import baseline, spread_of
from afterglow.evidence.studies.study import Row, Study
from afterglow.evidence.values import middle
from afterglow.protocol.typical import typical_population, typical_spread
from afterglow.scales.links import family_of

__all__ = ["Z95_BOTH_SIDES", "finding_of", "observation", "points", "standard_error"]

_WITHIN_ARM = ("effect_difference", "hedges_g")
Z95_BOTH_SIDES = 3.92
"""Width of a 95 % interval in standard errors."""

_UNIT_KNOWN_TO = 0.3
"""Error of a unit that is assumed, as a share of it; assumed."""

_SPREAD_AT_BASELINE = {"MADRS": 6.7, "QIDS-SR16": 3.6, "PHQ-9": 5.0, "BDI-II": 10.0, "GAD-7": 4.0}
"""SD before treatment in points, as in scales.yaml and the trials of the evidence; of another scale a tenth."""


def observation(study: Study, row: Row) -> Finding:
    """Return what a row of an arm found.

    Raises
    ------
    ProtocolError
        If it cannot be used; the sentence is the reason.
    """
    if row.kind in _WITHIN_ARM:
        return _within_arm(study, row)
    if row.kind == "percent_change":
        return _percent_change(study, row)
    if row.kind not in KINDS:
        raise ProtocolError(f"'{row.kind.replace('_', ' ')}' is not modelled" if row.kind else "the row says no kind")
    kind = KINDS[row.kind]
    scale, day = scale_of(study, row, kind), day_of(study, row)
    return points(study, row, kind, scale, day) if kind in POINTS else _count(study, row, kind, scale, day)


def points(study: Study, row: Row, kind: Kind, scale: str, day: float) -> Finding:
    """Return the mean or the change that a row gives.

    Raises
    ------
    ProtocolError
        If it gives none.
    """
    if row.mean is None:
        raise ProtocolError("no mean is given")
    notes, n, sd, se = [*row.remarks], row.n, row.sd, standard_error(row, row.ci95)
    if se is None and sd is None and row.t and row.mean:
        se = abs(row.mean / row.t)
        notes.append("standard error from the mean and t")
    if sd is None and se is not None and n:
        sd = se * math.sqrt(n)
        notes.append("SD from the standard error")
    if se is None and sd is not None and n:
        se = sd / math.sqrt(n)
    return finding_of(study, row, scale, day, kind, row.mean, notes, sd=sd, se=se, n=n)


def _within_arm(study: Study, row: Row) -> Finding:
    """Turn an effect size within one arm into the fall that it is of the SD before treatment."""
    size = row.effect_size if row.effect_size is not None else row.mean
    if size is None:
        raise ProtocolError("an effect size within one arm that is given as a range, or not at all")
    scale, day = scale_of(study, row, "change"), day_of(study, row)
    unit, assumed = _spread_before(study, row), ""
    if unit is None:
        unit = _SPREAD_AT_BASELINE.get(scale, typical_spread(scale))
        assumed = "its unit, the SD before treatment, is assumed"
    notes = [*row.remarks, f"an effect size of {abs(size):g} within the arm, in SDs of {unit:.3g} points"]
    se = standard_error(row, row.effect_ci95, row.ci95)
    if se is None and row.n:
        se = math.sqrt((1 + size**2 / 2) / row.n)
    error = None if se is None else se * unit
    if assumed:
        error = math.hypot(error or 0.0, _UNIT_KNOWN_TO * size * unit)
    return finding_of(study, row, scale, day, "change", -abs(size) * unit, notes, se=error, n=row.n, assumed=assumed)


def _spread_before(study: Study, row: Row) -> float | None:
    """Return the SD of a row's arm before treatment, else that of all people; one that was recalled tells no unit."""
    own, scale = study.arm(row.arm), scale_of(study, row, "change")
    rows = [*(own.observations if own else ()), *(own.baseline if own else ()), *study.people.baseline]
    before = [r for r in rows if r.scale and r.scale.id == scale and r.mean is not None and (r.study_day or 0.0) <= 0]
    told = [r for r in before if r.verified or not row.verified]
    return next((spread for r in told if (spread := spread_of(r))), None)


def _percent_change(study: Study, row: Row) -> Finding:
    """Turn a fall in percent into points of the study's own scale."""
    told = row.told.get("range")
    share = row.mean if row.mean is not None else middle(told)
    if share is None:
        raise ProtocolError("no mean is given")
    scale, day = own_scale(study), day_of(study, row)
    start = baseline(study, family_of(study.condition))
    before = start[1] if start else float(typical_population(study.condition)[0]["baseline_mean"])
    notes = [*row.remarks, f"{share:g} % of a baseline of {before:g}"]
    se = None if not isinstance(told, list) else abs(told[1] - told[0]) / Z95_BOTH_SIDES / 100 * before
    assumed = "" if start else "the baseline that it is a share of is assumed"
    value = share / 100 * before
    return finding_of(study, row, scale, day, "change", value, notes, se=se, n=row.n, assumed=assumed)


def _count(study: Study, row: Row, kind: Kind, scale: str, day: float) -> Finding:
    if kind != "relapse" and row.among != "all":
        raise ProtocolError("counts only those who had got better before, not the arm")
    if row.told.get("upper_bound") is True:
        raise ProtocolError("an upper bound, no estimate")
    notes, n, events, value = [*row.remarks], row.n, row.events, row.counted
    if row.is_median:
        told = "" if events is None else f", and {events:g} of {n} by the end"
        notes.append(f"half had relapsed by the median of {row.median_days:g} days{told}")
        value, events, day = 0.5, None, row.reached_day or 0.0
    if value is None:
        raise ProtocolError("events without a number of people" if events is not None else "no share is given")
    if row.kind in ("diagnosis_kept", "response_sustained"):
        value, events = 1 - value, None
        notes.append("one less the share that kept " + ("the diagnosis" if row.kind == "diagnosis_kept" else "it"))
    if n and events is None:
        events = value * n
    se = standard_error(row, row.ci95, unit=100.0 if row.percent is not None else 1.0)
    if n and events is not None and not (row.se or row.ci95):
        p = (events + 0.5) / (n + 1)
        se = math.sqrt(p * (1 - p) / n)
    among = row.among if kind == "relapse" else ""
    more = {"se": se, "n": n, "events": events, "threshold": row.definition, "among": among}
    return finding_of(study, row, scale, day, kind, value, notes, **more)


def standard_error(row: Row, *intervals: tuple[float, float] | None, unit: float = 1.0) -> float | None:
    """Return a row's standard error as given, or from the first 95 % interval that there is."""
    if row.se is not None:
        return row.se / unit
    low, high = next((ends for ends in intervals if ends is not None), (0.0, 0.0))
    return (high - low) / Z95_BOTH_SIDES / unit if high > low else None


def finding_of(
    study: Study,
    row: Row,
    scale: str,
    day: float,
    kind: Kind,
    value: float,
    notes: Sequence[str],
    **more: Any,
) -> Finding:
    """Make the finding of a row, with where it was read and what is said of it."""
    elsewhere = row.scale is None and row.scale_word and scale
    told = [f"the study calls the scale '{row.scale_word}'"] if elsewhere else []
    return Finding(
        study=study.name,
        scale=scale,
        day=day,
        kind=kind,
        value=value,
        **{"arm": row.arm, "verified": row.verified, "from_day": row.from_day, **more},
        where=row.where,
        after_crossover=row.after_crossover,
        note="; ".join([*notes, *told]),
    )
