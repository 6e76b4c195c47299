"""``afterglow check``: says what is wrong with a protocol, where, and the nearest valid word."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from afterglow.cli.options import CmtOption, compartments
from afterglow.cli.output.tables import say
from afterglow.evidence import reading_of
from afterglow.evidence.protocol_file import Mistake
from afterglow.medicines import MEDICINES
from afterglow.protocol import Arm, Protocol
from afterglow.protocol.files.source import Source
from afterglow.protocol.timeline import extrapolations
from afterglow.safety.check import check_protocol

__all__ = ["check"]

_MISTAKEN = 2


def check(
    file: Annotated[Path, typer.Argument(help="A protocol, an evidence study (.yaml) or an event table (.csv).")],
    cmt: CmtOption = None,
) -> None:
    """Say what is wrong with FILE, or what it holds."""
    reading = reading_of(file, cmt=compartments(cmt))
    for mistake in reading.mistakes:
        say(f"{file}: {mistake}", err=True)
    if reading.protocol is None:
        raise typer.Exit(_MISTAKEN)
    trial = _trial(file, reading.protocol, reading.source)
    if _has("optimise", reading.source) and reading.source is not None:
        import_module("afterglow.plan").Question.from_data(reading.source.data, reading.source)
    for line in (*_summary(reading.protocol), *trial, *(f"note: {note}" for note in reading.notes)):
        say(line)
    for line in _warnings(reading.protocol):
        say(line, err=True)


def _summary(protocol: Protocol) -> list[str]:
    arms = len(protocol.arms)
    visits = "; ".join(f"{a.scale} on {_count(len(a.days), 'day')}" for a in protocol.assessments)
    title = protocol.title or "Protocol without a title"
    return [
        f"{title}: ok, {_count(arms, 'arm')} over {protocol.horizon_days:g} days, {visits}",
        *(f"  {arm.id}: {_held(arm)}" for arm in protocol.arms),
    ]


def _has(section: str, source: Source | None) -> bool:
    return source is not None and isinstance(source.data, Mapping) and section in source.data


def _trial(file: Path, protocol: Protocol, source: Source | None) -> list[str]:
    """Check the section of a trial, where the file has one, and say what it holds."""
    if source is None or not _has("trial", source):
        return []
    trial, wrong = import_module("afterglow.trial").Trial.parse(protocol, source.data["trial"])
    for error in wrong:
        line = source.line_of(error.where)
        say(f"{file}: {Mistake(where=error.where, message=error.message, line=line)}", err=True)
    if trial is None:
        raise typer.Exit(_MISTAKEN)
    section = trial.section
    designs, analyses = (", ".join(row.id for row in rows) for rows in (section.designs, section.analyses))
    compared = f"{' and '.join(section.active)} against {section.control}"
    day = f"{trial.scale.id} on day {section.day:g}"
    return [f"  trial: {compared}, {day}; {designs}; {analyses}; sizes {', '.join(map(str, section.sizes))}"]


def _held(arm: Arm) -> str:
    therapy = sum(session.hours for session in arm.sessions if session.kind != "dosing")
    support = sum(session.hours for session in arm.sessions if session.kind == "dosing")
    parts = [_count(len(arm.doses), "dose"), _count(len(arm.sessions), "session"), f"{therapy:.3g} h of therapy"]
    if support:
        parts.append(f"{support:.3g} h of support on dosing days")
    if arm.practice:
        asked = sum((p.to_day - p.from_day) / 7 * p.hours_per_week for p in arm.practice)
        parts.append(f"{asked:.3g} h of practice asked")
    if arm.group.size > 1:
        parts.append(f"groups of {arm.group.size}")
    if arm.background.antidepressant != "none":
        parts.append(f"antidepressant {arm.background.antidepressant}")
    if arm.background.care != "none":
        parts.append(f"care as {arm.background.care}")
    return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _warnings(protocol: Protocol) -> list[str]:
    found: list[str] = []
    for arm in protocol.arms:
        found += [f"extrapolation: arm '{arm.id}', {words}" for words in extrapolations(arm)]
        unknown = sorted({dose.medicine for dose in arm.doses if not MEDICINES[dose.medicine].is_modelled})
        if unknown:
            found.append(f"not modelled: arm '{arm.id}' gives {', '.join(unknown)}, so it cannot be simulated")
    return [*found, *(warning.sentence for warning in check_protocol(protocol))]
