"""Which studies of the package the model may be fitted to at the same time, and why not the others."""

from __future__ import annotations

from functools import cache

from afterglow.errors import AfterglowError
from afterglow.evidence.arms import study as study_data
from afterglow.evidence.arms import study_names
from afterglow.evidence.catalogue import POOLED, RETRACTED, SAME_PEOPLE
from afterglow.evidence.reading import all_findings, findings
from afterglow.protocol.study import study_arms
from afterglow.scales.links import family_of

__all__ = ["left_out", "usable_studies"]


def usable_studies(*, follow_ups: bool = False) -> tuple[str, ...]:
    """Return the studies of the package that the model may be fitted to at the same time.

    Parameters
    ----------
    follow_ups : bool
        Whether to add the follow-ups in `SAME_PEOPLE`, whose people are in the set already.

    Returns
    -------
    tuple of str
        In alphabetical order; nobody is in it twice, and nothing retracted.
    """
    added = SAME_PEOPLE if follow_ups else {}
    return tuple(name for name in study_names() if not left_out(name) or (name in added and not _why_useless(name)))


def left_out(name: str) -> str:
    """Say why a study of the package is not one that the model may be fitted to; empty when it is."""
    if name in RETRACTED:
        return "marked as retracted where it was read"
    if name in POOLED and not _stands_in(name):
        return f"holds, or may hold, the people of {', '.join(POOLED[name])}"
    for pool, members in POOLED.items():
        if name in members and pool not in RETRACTED and _stands_in(pool):
            return f"its people are in {pool}, of which more was read"
    return _why_useless(name)


def _stands_in(pool: str) -> bool:
    """Return True if only the pooled report has verified numbers."""
    rows = [f for f in all_findings()[0] if f.verified and not f.baseline]
    return not any(f.study in POOLED[pool] for f in rows) and any(f.study == pool for f in rows)


@cache
def _why_useless(name: str) -> str:
    data = study_data(name)
    try:
        family_of(str(data.get("condition")))
        arms = {arm.id for arm in study_arms(data).data["arms"]}
    except AfterglowError as error:
        return str(error).split(";")[0]
    if not arms:
        return "no arm of it can be simulated"
    rows = [f for f in findings(data, name=name)[0] if not f.baseline]
    rows = [f for f in rows if f.arm in arms and (not f.versus or f.versus in arms)]
    if not rows:
        return "no number of an arm that can be simulated"
    return "" if any(not f.after_crossover for f in rows) else "every number is after a crossover"
