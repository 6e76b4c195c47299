"""Every row of a study as a finding, or with the reason why it is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from afterglow.errors import ProtocolError
from afterglow.evidence.arms import study as study_data
from afterglow.evidence.arms import study_names
from afterglow.evidence.catalogue import PublishedRow, faults
from afterglow.evidence.contrasts import contrast
from afterglow.evidence.finding import Finding, Unused
from afterglow.evidence.study_rows import StudyRows

__all__ = ["all_findings", "findings", "read_rows"]


def read_rows(study: Mapping[str, Any], *, name: str) -> list[tuple[PublishedRow, Finding | Unused]]:
    """Read every observation and contrast of a study, in the order of its file.

    Parameters
    ----------
    study : mapping
        As in the evidence format.
    name : str
        What the study is called.

    Returns
    -------
    list of (PublishedRow, Finding or Unused)
    """
    reader = StudyRows(name, study)
    found: list[tuple[PublishedRow, Finding | Unused]] = []
    for row in reader.rows:
        try:
            found.append((row, _read(reader, row)))
        except ProtocolError as why:
            found.append((row, Unused(study=name, arm=row.arm, what=row.what, reason=why.message)))
    first = _baselines([result for _, result in found if isinstance(result, Finding)])
    return [(row, replace(f, baseline=True) if isinstance(f, Finding) and id(f) in first else f) for row, f in found]


def _read(rows: StudyRows, row: PublishedRow) -> Finding:
    wrong = faults(row, first_day=rows.first_day)
    if wrong:
        raise ProtocolError(wrong[0])
    return contrast(rows, row) if row.is_contrast else rows.observation(row)


def _baselines(rows: Sequence[Finding]) -> set[int]:
    """Return the identities of the rows before treatment: by arm and scale the earliest, one called baseline first."""
    first: dict[tuple[str, str], Finding] = {}
    for f in rows:
        if f.kind == "mean" and f.day <= 0:
            key = (f.arm, f.scale)
            first[key] = min(first.get(key, f), f, key=lambda one: ("baseline" not in one.where.lower(), one.day))
    return {id(f) for f in first.values()}


def findings(study: Mapping[str, Any], *, name: str) -> tuple[list[Finding], list[Unused]]:
    """Turn the rows of a study into findings, and say of every other row why it is not used.

    Parameters
    ----------
    study : mapping
        As in the evidence format.
    name : str
        What the study is called.

    Returns
    -------
    tuple of (list of Finding, list of Unused)
        Together as many as the study has rows; one `Unused` for a study that has none.
    """
    read = [result for _, result in read_rows(study, name=name)]
    if not read:
        return [], [Unused(study=name, arm="", what="the study", reason="reports no number")]
    used = [result for result in read if isinstance(result, Finding)]
    return used, [result for result in read if isinstance(result, Unused)]


@cache
def all_findings() -> tuple[tuple[Finding, ...], tuple[Unused, ...]]:
    """Return the findings of the studies that come with the package, and the rows that are not used."""
    read = [findings(study_data(name), name=name) for name in study_names()]
    return tuple(f for used, _ in read for f in used), tuple(u for _, unused in read for u in unused)
