"""Every row of a study as a finding, or with the reason why it is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from afterglow.errors import ProtocolError
from afterglow.evidence.findings.contrast import contrast
from afterglow.evidence.findings.finding import Finding, Unused
from afterglow.evidence.findings.observation import observation
from afterglow.evidence.studies.library import study as study_of
from afterglow.evidence.studies.library import study_names
from afterglow.evidence.studies.study import Row, Study

__all__ = ["all_findings", "findings_of", "read_rows"]


def read_rows(study: Study) -> list[tuple[Row, Finding | Unused]]:
    """Read every observation and contrast of a study, in the order of its file.

    Returns
    -------
    list of (Row, Finding or Unused)
    """
    found: list[tuple[Row, Finding | Unused]] = []
    for row in study.rows:
        try:
            found.append((row, _read(study, row)))
        except ProtocolError as why:
            found.append((row, Unused(study=study.name, arm=row.arm, what=row.what, reason=why.message)))
    first = _baselines([(row, result) for row, result in found if isinstance(result, Finding)])
    return [
        (row, replace(one, baseline=True) if isinstance(one, Finding) and row.path in first else one)
        for row, one in found
    ]


def _read(study: Study, row: Row) -> Finding:
    if row.mistakes:
        raise ProtocolError(row.mistakes[0])
    return contrast(study, row) if row.is_contrast else observation(study, row)


def _baselines(rows: Sequence[tuple[Row, Finding]]) -> set[tuple[str | int, ...]]:
    """Return the paths of the rows before treatment: by arm and scale the earliest, one called baseline first."""
    first: dict[tuple[str, str], tuple[Row, Finding]] = {}
    for row, f in rows:
        if f.kind == "mean" and f.day <= 0:
            key = (f.arm, f.scale)
            first[key] = min(first.get(key, (row, f)), (row, f), key=lambda pair: (not pair[0].baseline, pair[1].day))
    return {row.path for row, _ in first.values()}


def findings_of(study: Study) -> tuple[list[Finding], list[Unused]]:
    """Turn the rows of a study into findings, and say of every other row why it is not used.

    Returns
    -------
    tuple of (list of Finding, list of Unused)
        Together as many as the study has rows; one `Unused` for a study that has none.
    """
    read = [result for _, result in read_rows(study)]
    if not read:
        return [], [Unused(study=study.name, arm="", what="the study", reason="reports no number")]
    used = [result for result in read if isinstance(result, Finding)]
    return used, [result for result in read if isinstance(result, Unused)]


@cache
def all_findings() -> tuple[tuple[Finding, ...], tuple[Unused, ...]]:
    """Return the findings of the studies that come with the package, and the rows that are not used."""
    read = [findings_of(study_of(name)) for name in study_names()]
    return tuple(f for used, _ in read for f in used), tuple(u for _, unused in read for u in unused)
