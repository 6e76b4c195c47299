"""Which studies of the package the model may be fitted to at the same time, and why not the others."""

from __future__ import annotations

from functools import cache

from afterglow.errors import AfterglowError
from afterglow.evidence.findings.of_study import all_findings, findings_of
from afterglow.evidence.studies.as_protocol import study_arms
from afterglow.evidence.studies.library import study, study_names

__all__ = ["left_out", "usable_studies"]


def usable_studies(*, follow_ups: bool = False) -> tuple[str, ...]:
    """Return the studies of the package that the model may be fitted to at the same time.

    Parameters
    ----------
    follow_ups : bool
        Whether to add the follow-ups of a trial, whose people are in the set already.

    Returns
    -------
    tuple of str
        In alphabetical order; nobody is in it twice, and nothing retracted.
    """
    return tuple(name for name in study_names() if not left_out(name) or (follow_ups and _may_be_added(name)))


def _may_be_added(name: str) -> bool:
    return bool(study(name).follow_up_of) and not _why_useless(name)


def left_out(name: str) -> str:
    """Say why a study of the package is not one that the model may be fitted to; empty when it is."""
    own = study(name)
    if own.retracted:
        return "marked as retracted where it was read"
    if own.overlaps and not _stands_in(own.name):
        return f"holds, or may hold, the people of {', '.join(own.overlaps)}"
    for pool in map(study, study_names()):
        if own.name in pool.overlaps and not pool.retracted and _stands_in(pool.name):
            return f"its people are in {pool.name}, of which more was read"
    return _why_useless(own.name)


def _stands_in(pool: str) -> bool:
    """Return True if only the pooled report has verified numbers."""
    members = study(pool).overlaps
    rows = [f for f in all_findings()[0] if f.verified and not f.baseline]
    return not any(f.study in members for f in rows) and any(f.study == pool for f in rows)


@cache
def _why_useless(name: str) -> str:
    own = study(name)
    try:
        arms = {arm.id for arm in study_arms(own).data["arms"]}
    except AfterglowError as error:
        return str(error).split(";")[0]
    if not arms:
        return "no arm of it can be simulated"
    rows = [f for f in findings_of(own)[0] if not f.baseline]
    rows = [f for f in rows if f.arm in arms and (not f.versus or f.versus in arms)]
    if not rows:
        return "no number of an arm that can be simulated"
    return "" if any(not f.after_crossover for f in rows) else "every number is after a crossover"
