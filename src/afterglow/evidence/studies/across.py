"""Fields of a study's rows that rest on several rows, for files that do not tell them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from afterglow.evidence.studies import prose
from afterglow.evidence.studies.study import Row, Study

__all__ = ["crossed_over", "defined", "starts_well"]

_DEFINED = ("response", "remission", "sustained_response")
"""Kinds that a study may define in its own way."""

_SYMPTOM_KINDS = (
    *("score", "change_from_baseline", "response", "sustained_response", "remission", "no_longer_meets_diagnosis"),
    *("diagnosis_kept", "percent_change", "effect_difference", "hedges_g"),
)
_RELAPSE = ("relapse", "recurrence")


def starts_well(study: Study) -> bool:
    """Say whether a design waits for relapse, or the study rates nothing else."""
    if prose.starts_well(study.design):
        return True
    observed = [row for arm in study.arms for row in arm.observations]
    if any(row.kind == "relapse" and row.among == "all" for row in observed):
        return False  # the event includes never having got better
    relapses = any(word in f"{row.kind} {row.scale_word}" for row in study.rows for word in _RELAPSE)
    rated = any(row.kind in _SYMPTOM_KINDS for row in observed) or any(row.scale for row in study.contrasts)
    return relapses and not rated


def crossed_over(study: Study) -> Study:
    """Mark the rows of an arm that come later than one that is told to come after a crossover."""
    everybody = {arm.id for arm in study.arms if prose.holds_everybody(arm.label)}
    since: dict[str, float] = {}
    for row in study.rows:
        if row.after_crossover and row.day is not None:
            since[row.arm] = min(row.day, since.get(row.arm, row.day))

    def marked(row: Row) -> Row:
        day = row.reached_day
        if isinstance(row.told.get("after_crossover"), bool) or day is None:
            return row
        later = day > max(since.get(row.arm, math.inf), 0.0) or (row.arm in everybody and day > 0)
        return replace(row, after_crossover=row.after_crossover or later)

    return _with_rows(study, marked)


def defined(study: Study) -> Study:
    """Give each count of response or remission its definition: the row's own words, else those of the study."""
    said: dict[tuple[str, str], str] = {}
    for row in study.rows:
        if row.scale is not None and row.kind in _DEFINED:
            more = prose.part_that_defines(study.notes, row.kind, row.scale_word)
            words = prose.definition(row.kind, f"{row.where} {row.note}; {more}", row.scale)
            if words:
                said.setdefault((row.scale.id, row.kind), words)

    def own(row: Row) -> Row:
        if row.is_contrast or row.scale is None or row.kind not in _DEFINED:
            return row
        word = row.definition or _own_definition(row) or said.get((row.scale.id, row.kind), "")
        if not word and row.kind == "remission" and row.scale.remission is None:
            word = "not_said"
        return replace(row, definition="" if word == "usual" else word)

    return _with_rows(study, own)


def _own_definition(row: Row) -> str:
    words = f"{row.where} {row.note}"
    if row.kind != "sustained_response" and prose.is_kept(words):
        return "sustained"
    return "" if row.scale is None else prose.definition(row.kind, words, row.scale)


def _with_rows(study: Study, change: Callable[[Row], Row]) -> Study:
    arms = tuple(replace(arm, observations=tuple(map(change, arm.observations))) for arm in study.arms)
    return replace(study, arms=arms, contrasts=tuple(map(change, study.contrasts)))
