"""What a file holds before it is a protocol, and whether it is one, a published study, or a NONMEM event table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from afterglow.errors import ExtrapolationError, FileError, ProtocolError
from afterglow.medicines import MEDICINES
from afterglow.protocol.events.reading import Compartments, event_table_from
from afterglow.protocol.files.file_text import TABLES, file_text, is_ordinary
from afterglow.protocol.files.unfilled import unfilled
from afterglow.protocol.files.yaml_text import plain_yaml
from afterglow.protocol.typical import typical_population
from afterglow.protocol.vocabulary import FURTHEST_DAY

__all__ = ["Source", "file_source", "is_study", "protocol_source"]

_YAML = (".yaml", ".yml", ".json")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_FOLLOWED_DAYS = 28.0


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a file holds, before it is a protocol.

    Parameters
    ----------
    data : Any
        Fields of a protocol.
    lines : dict of tuple to int
        Line of each entry, by its path; empty when there is none.
    notes : tuple of str
        What had to be assumed or left out.
    """

    data: Any
    lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def line_of(self, where: str) -> int | None:
        """Return the line of a place such as ``arms[0].doses[1].route``, or of the nearest one above it."""
        place: tuple[str | int, ...] = tuple(int(k) if k else word for word, k in _STEP.findall(where))
        while place:
            if place in self.lines:
                return self.lines[place]
            place = place[:-1]
        return None

    def still_missing(self) -> tuple[ProtocolError | None, list[str]]:
        """Return one sentence that names every entry that is still empty, and their places; None when there is none."""
        places = unfilled(self.data)
        if not places:
            return None, []
        named = [f"{where} (line {line})" if (line := self.line_of(where)) else where for where in places]
        advice = "; an arm that gets nothing has steps: []" if any(".steps" in where for where in places) else ""
        return ProtocolError(f"still to be filled in: {', '.join(named)}{advice}"), places

    def placed(self, error: ProtocolError) -> ProtocolError:
        """Return the mistake with its line at the end of the sentence, when that is known."""
        line = self.line_of(error.where)
        if line is None:
            return error
        kind = ExtrapolationError if isinstance(error, ExtrapolationError) else ProtocolError
        return kind(f"{error.message} (line {line})", where=error.where)


def is_study(data: object) -> bool:
    """Say whether a file's data are a published study rather than a protocol."""
    if not isinstance(data, Mapping):
        return False
    arms = data.get("arms")
    rows = arms if isinstance(arms, list) else []
    return "citation" in data or any(isinstance(arm, Mapping) and "observations" in arm for arm in rows)


def protocol_source(path: str | Path) -> Source:
    """Read what a protocol file or an event table holds.

    Raises
    ------
    FileError
        If the file cannot be read, or its ending is not .yaml, .yml, .json or .csv.
    ProtocolError
        If the text is not YAML or not a table of events, or the file is a published study.
    """
    source = file_source(path)
    if is_study(source.data):
        raise ProtocolError(f"'{path}' is a published study, not a protocol; afterglow.read_protocol reads both")
    return source


def file_source(path: str | Path, *, cmt: Compartments | None = None) -> Source:
    """Read what a file holds: the fields of a protocol, a published study as it stands, or a table of events.

    Parameters
    ----------
    path : str or Path
    cmt : mapping, optional
        What the compartments of an event table are, such as ``{1: "ketamine_iv"}``.

    Raises
    ------
    FileError
        If the file cannot be read, or its ending is not .yaml, .yml, .json or .csv.
    ProtocolError
        If the text is not YAML, or not a table of events, or there are compartments for a file that is no table.
    """
    name = Path(path)
    ending = name.suffix.lower()
    if ending not in (*_YAML, *TABLES) and is_ordinary(name):
        raise FileError(
            f"'{name}' does not end in .yaml, .yml, .json or .csv, so it is not taken for a protocol; an event table "
            f"ends in {', '.join(TABLES[:-1])} or {TABLES[-1]}"
        )
    text = file_text(name)
    if ending in TABLES:
        return _table_source(text, name.stem, cmt)
    if cmt:
        raise ProtocolError(f"compartments belong to an event table, but '{name}' is none")
    read = plain_yaml(text)
    if not isinstance(read.data, dict):
        kind = "a list" if isinstance(read.data, list) else "a single value"
        raise ProtocolError(f"a protocol is a mapping with population, arms and assessments, but the file holds {kind}")
    return Source(data=read.data, lines=read.lines)


def _table_source(text: str, title: str, cmt: Compartments | None) -> Source:
    table = event_table_from(text, cmt=cmt)
    arms = table.arms
    medicines = [dose.medicine for arm in arms for dose in arm.doses]
    conditions = [MEDICINES[name].condition for name in medicines if MEDICINES[name].condition]
    population, note = typical_population(conditions[0] if conditions else "major_depression")
    ends = [row.day for arm in arms for row in arm.timed] + [row.to_day for arm in arms for row in arm.practice]
    horizon = min(max(365.0, max(ends, default=0.0) + _FOLLOWED_DAYS), FURTHEST_DAY)
    assessments = [{"scale": population["scale"], "days": [-1.0, 7.0, 28.0, 84.0, 182.0, horizon]}]
    data = {
        "title": title,
        "horizon_days": horizon,
        "population": population,
        "arms": list(arms),
        "assessments": assessments,
        "blinding": {"design": "blinded" if "placebo" in medicines else "open"},
        "allow_extrapolation": any(dose.extrapolated for arm in arms for dose in arm.doses),
    }
    return Source(data=data, notes=("an event table says nothing of people or visits", note, *table.notes))
