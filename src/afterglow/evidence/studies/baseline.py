"""The scale and the scores that a study's people start with."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from afterglow.evidence.studies.study import Row, Study, StudyArm
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import LINKS
from afterglow.scales.scale import Family

__all__ = ["Baseline", "baseline", "spread_of"]

_MOST_PEOPLE = 1e9
_Z95 = 1.96

Baseline = tuple[str, float, float | None]
"""Scale, mean and spread before treatment; None where no spread is told."""

_Score = tuple[float, float | None, float]
"""Mean, spread and number of people."""


def baseline(study: Study, family: Family) -> Baseline | None:
    """Return scale, mean and spread before treatment on the most used scale, pooled over arms.

    They come from the arms' first scores, else from a score and its change, else from what is said of the people.

    Parameters
    ----------
    study : Study
    family : str
        Family of scales that rates the condition; its scales come first.
    """
    used = Counter(row.scale.id for row in (*study.rows, *study.people.baseline) if row.scale)
    by_use = sorted(used, key=lambda name: (find_scale(name).family != family, _is_weak(name), -used[name], name))
    sources: tuple[Callable[[StudyArm, str], _Score | None], ...] = (_earliest, _undone)
    for found_in in sources:
        for name in by_use:
            scores = [score for arm in study.arms if (score := found_in(arm, name))]
            if scores:
                return (name, *_pooled(scores))
    for name in by_use:
        scores = _stated(study.people.baseline, name)
        if scores:
            return (name, *_pooled(scores))
    return None


def _is_weak(scale: str) -> bool:
    """Say whether no table ties a scale to the severity of its family."""
    return LINKS[scale].kind in ("bands", "assumed")


def _is_on(row: Row, scale: str) -> bool:
    return row.scale is not None and row.scale.id == scale


def _inside(scale: str, mean: float) -> bool:
    return find_scale(scale).low < mean < find_scale(scale).high


def _people(row: Row) -> float | None:
    return None if row.n is None or row.n > _MOST_PEOPLE else float(row.n)


def _score(row: Row, scale: str) -> _Score:
    spread, instrument = spread_of(row), find_scale(scale)
    if spread is None or not 0 < spread < instrument.high - instrument.low:
        spread = None
    return row.mean or 0.0, spread, _people(row) or 1.0


def spread_of(row: Row) -> float | None:
    """Return the SD of a row, from its standard error or interval where only that is given."""
    n = _people(row)
    if row.sd:
        return row.sd
    if row.se and n:
        return row.se * math.sqrt(n)
    if row.ci95 is None or not n or row.ci95[1] <= row.ci95[0]:
        return None
    return (row.ci95[1] - row.ci95[0]) / (2 * _Z95) * math.sqrt(n)


def _stated(rows: Iterable[Row], scale: str) -> list[_Score]:
    scores = [_score(row, scale) for row in rows if _is_on(row, scale)]
    return [score for score in scores if _inside(scale, score[0])]


def _earliest(arm: StudyArm, scale: str) -> _Score | None:
    """Return an arm's first score, up to its first dose, or the baseline that it states."""
    found: list[tuple[float, _Score]] = []
    for row in arm.observations:
        day = 0.0 if row.day_word == "baseline" else row.day
        if row.kind == "score" and _is_on(row, scale) and day is not None and day <= 0:
            score = _score(row, scale)
            if _inside(scale, score[0]):
                found.append((day, score))
    return min(found, key=lambda pair: pair[0])[1] if found else next(iter(_stated(arm.baseline, scale)), None)


def _undone(arm: StudyArm, scale: str) -> _Score | None:
    """Return the baseline that a score and the change up to it leave."""
    rows = [row for row in arm.observations if _is_on(row, scale) and row.mean is not None]
    for change in (row for row in rows if row.kind == "change_from_baseline"):
        for row in (row for row in rows if row.kind == "score"):
            before = (row.mean or 0.0) - (change.mean or 0.0)
            together = (row.day, row.day_word, row.n) == (change.day, change.day_word, change.n)
            if together and _inside(scale, before):
                return round(before, 3), None, _people(row) or 1.0
    return None


def _pooled(scores: Sequence[_Score]) -> tuple[float, float | None]:
    people = sum(n for _, _, n in scores)
    mean = sum(mean * n for mean, _, n in scores) / people
    told = [(m, sd, n) for m, sd, n in scores if sd]
    if not told:
        return round(mean, 3), None
    variance = sum((sd**2 + (m - mean) ** 2) * n for m, sd, n in told) / sum(n for _, _, n in told)
    return round(mean, 3), round(math.sqrt(variance), 3)
