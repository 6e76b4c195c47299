"""The rows of one study, and the findings in those of its arms."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from afterglow.errors import ProtocolError
from afterglow.evidence.catalogue import SHARES, PublishedRow, arm_sizes, first_day, published_rows
from afterglow.evidence.definitions import DEFINED, definition
from afterglow.evidence.finding import KINDS, POINTS, Finding, Kind
from afterglow.protocol.study import arm_id
from afterglow.scales.instruments import scale as find_scale

__all__ = ["StudyRows", "notes_of", "people_behind", "standard_error"]

_WITHIN_ARM = ("effect_difference", "hedges_g")
_95 = 3.92
"""Width of a 95 % interval in standard errors."""

_SUBSTANCE = re.compile(r"abstin|alcohol|drink|craving|cocaine|heroin|opioid|smok|cigarette|use or dropout")
_CROSSED = re.compile(r"(?:after|including) (?:the |a )?cross-?over|after (?:[\w-]+ )*open-label")
_EVERYBODY = re.compile(r"crossover pooled|\ball groups\b")
_AMONG = re.compile(r"among (?:the )?(?:\d+ )?(?:responders|remitters)")
_KEPT = re.compile(r"\bkept to\b|\bkept through\b|\bkept at least\b")


@dataclass(frozen=True)
class StudyRows:
    """The rows of one study and what they share: turns those of an arm into findings.

    Parameters
    ----------
    name : str
        What the study is called.
    study : mapping
        As in the evidence format.
    """

    name: str
    study: Mapping[str, Any]

    @cached_property
    def rows(self) -> tuple[PublishedRow, ...]:
        """Every observation and contrast."""
        return tuple(published_rows(self.study))

    @cached_property
    def first_day(self) -> float:
        """First day that the study lays out."""
        return first_day(self.study)

    @cached_property
    def people(self) -> dict[str, int | None]:
        """By arm, how many people it had."""
        return arm_sizes(self.study)

    @cached_property
    def everybody(self) -> set[str]:
        """Arms that hold the people of the others after a crossover."""
        arms = self.study.get("arms")
        rows = [arm for arm in arms if isinstance(arm, Mapping)] if isinstance(arms, list) else []
        return {arm_id(str(arm.get("id"))) for arm in rows if _EVERYBODY.search(str(arm.get("label")).lower())}

    @cached_property
    def crossed_from(self) -> dict[str, float]:
        """By arm, the first day that the file puts after a crossover."""
        found: dict[str, float] = {}
        for row in self.rows:
            day = row.number("day")
            if day is not None and _says_crossed(row):
                found[row.arm] = min(day, found.get(row.arm, day))
        return found

    @cached_property
    def definitions(self) -> dict[tuple[str, str], str]:
        """By scale and kind, how the study defines response or remission, where its words say so."""
        found: dict[tuple[str, str], str] = {}
        for row in self.rows:
            kind, scale = KINDS.get(str(row.data.get("kind"))), row.scale
            if scale is not None and kind in DEFINED:
                said = definition(kind, f"{row.words('where', 'note')}; {self._explained(row, kind)}", scale)
                if said is not None:
                    found.setdefault((scale.id, kind), said)
        return found

    def _explained(self, row: PublishedRow, kind: str) -> str:
        """Return what the notes of the study say of response, or of remission on a row's scale."""
        parts = re.split(r"[.;] ", " ".join(str(self.study.get("notes") or "").lower().split()))
        if kind != "remission":
            return "; ".join(part for part in parts if "response" in part)
        name = row.words("scale")
        return "; ".join(part[part.index(name) :] for part in parts if "remission" in part and name in part)

    def observation(self, row: PublishedRow) -> Finding:
        """Return what a row of an arm found.

        Raises
        ------
        ProtocolError
            If it cannot be used; the sentence is the reason.
        """
        said = str(row.data.get("kind") or "")
        if said in _WITHIN_ARM:
            raise ProtocolError("an effect size within one arm, whose unit is not told")
        if said not in KINDS:
            raise ProtocolError(f"'{said.replace('_', ' ')}' is not modelled" if said else "the row says no kind")
        kind = KINDS[said]
        scale, day = self.scale_of(row, kind), self.day_of(row)
        return self.points(row, kind, scale, day) if kind in POINTS else self._count(row, kind, scale, day)

    def scale_of(self, row: PublishedRow, kind: str) -> str:
        """Return the id of a row's scale; empty for relapse that no scale defines."""
        if row.scale is not None:
            return row.scale.id
        word = str(row.data.get("scale") or "")
        if str(self.study.get("condition")).endswith("_use") or _SUBSTANCE.search(word.lower()):
            raise ProtocolError("measures the use of a substance, which no scale here rates")
        if kind == "relapse":
            return ""
        raise ProtocolError(f"no scale here is called '{word[:60]}'" if word else "the row names no scale")

    def day_of(self, row: PublishedRow) -> float:
        """Return the study day of a row."""
        day, number = row.data.get("day"), row.number("day")
        if number is not None:
            return number
        if day is None:
            raise ProtocolError("no day is given")
        word = str(day).strip().lower()
        if word == "baseline":
            return self.first_day
        if word == "event-driven" and row.number("median_days") is not None:
            return 0.0
        raise ProtocolError(f"the day is given in words, as '{word}'")

    def points(self, row: PublishedRow, kind: Kind, scale: str, day: float) -> Finding:
        """Return the mean or the change that a row gives."""
        value = row.number("mean")
        if value is None:
            raise ProtocolError("no mean is given")
        notes, n, sd, se, t = (
            notes_of(row),
            people_behind(row),
            row.number("sd"),
            standard_error(row, "ci95"),
            row.number("t"),
        )
        if se is None and sd is None and t and value:
            se = abs(value / t)
            notes.append("standard error from the mean and t")
        if sd is None and se is not None and n:
            sd = se * math.sqrt(n)
            notes.append("SD from the standard error")
        if se is None and sd is not None and n:
            se = sd / math.sqrt(n)
        return self.made(row, scale, day, kind, value, notes, sd=sd, se=se, n=n)

    def _count(self, row: PublishedRow, kind: Kind, scale: str, day: float) -> Finding:
        if kind != "relapse" and _AMONG.search(row.words("where", "note")):
            raise ProtocolError("counts only those who had got better before, not the arm")
        notes, n, events = notes_of(row), people_behind(row), row.number("events")
        value = events / n if events is not None and n else _share(row)
        median = row.number("median_days")
        if kind == "relapse" and median is not None and (value is None or row.number("day") is None):
            told = "" if events is None else f", and {events:g} of {n} by the end"
            notes.append(f"half had relapsed by the median of {median:g} days{told}")
            day, value, events = day + median, 0.5, None
        if value is None:
            raise ProtocolError("events without a number of people" if events is not None else "no share is given")
        if row.data.get("kind") == "diagnosis_kept":
            value, events = 1 - value, None
            notes.append("one less the share that kept the diagnosis")
        if n and events is None:
            events = value * n
        se = standard_error(row, "ci95", unit=100.0 if row.number("percent") is not None else 1.0)
        if n and events is not None:
            p = (events + 0.5) / (n + 1)
            se = math.sqrt(p * (1 - p) / n)
        threshold = self._threshold(row, kind, scale)
        return self.made(row, scale, day, kind, value, notes, se=se, n=n, events=events, threshold=threshold)

    def _threshold(self, row: PublishedRow, kind: str, scale: str) -> str:
        if kind not in DEFINED or not scale:
            return ""
        words = row.words("where", "note")
        if kind != "sustained_response" and _KEPT.search(words):
            return "sustained"
        own = definition(kind, words, find_scale(scale))
        said = own if own is not None else self.definitions.get((scale, kind))
        if said is None:
            return "not_said" if kind == "remission" and find_scale(scale).remission is None else ""
        return said

    def made(
        self, row: PublishedRow, scale: str, day: float, kind: Kind, value: float, notes: Sequence[str], **more: Any
    ) -> Finding:
        """Make the finding of a row, with whether it is after a crossover."""
        crossed = _says_crossed(row) or day > max(self.crossed_from.get(row.arm, math.inf), 0.0)
        return Finding(
            study=self.name,
            arm=row.arm,
            scale=scale,
            day=day,
            kind=kind,
            value=value,
            verified=row.data.get("verified") is True,
            where=" ".join(str(row.data.get("where") or "").split()),
            after_crossover=crossed or (row.arm in self.everybody and day > 0),
            note="; ".join(notes),
            **more,
        )


def people_behind(row: PublishedRow) -> int | None:
    """Return how many people a row says are behind it."""
    number = row.number("n")
    return None if number is None else int(number)


def standard_error(row: PublishedRow, *intervals: str, unit: float = 1.0) -> float | None:
    """Return a standard error as given, or from the first interval."""
    if (given := row.number("se")) is not None:
        return given / unit
    ends = row.interval(*intervals)
    return (ends[1] - ends[0]) / _95 / unit if ends and ends[1] > ends[0] else None


def _share(row: PublishedRow) -> float | None:
    percent = row.number("percent")
    shares = (value for key in SHARES if (value := row.number(key)) is not None)
    return next(shares, None if percent is None else percent / 100)


def notes_of(row: PublishedRow) -> list[str]:
    """Return what a row says beside its number."""
    given = [" ".join(str(row.data[key]).split()) for key in ("note", "subgroup") if row.data.get(key)]
    return given + ["its n is recalled"] * (row.data.get("n_verified") is False)


def _says_crossed(row: PublishedRow) -> bool:
    return row.data.get("after_crossover") is True or bool(_CROSSED.search(row.words("where")))
