"""What the published studies found, as typed rows; a row that cannot be used says why."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, Literal

from afterglow.errors import AfterglowError, ProtocolError
from afterglow.evidence.arms import study as study_data
from afterglow.evidence.arms import study_names
from afterglow.evidence.catalogue import (
    EFFECT_INTERVALS,
    EFFECTS,
    OTHER_SIZES,
    POOLED,
    RETRACTED,
    SAME_PEOPLE,
    SHARES,
    PublishedRow,
    arm_sizes,
    faults,
    first_day,
    published_rows,
)
from afterglow.protocol.study import arm_id, study_arms
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import family_of
from afterglow.scales.scale import Scale

__all__ = [
    "KINDS",
    "POOLED",
    "RETRACTED",
    "SAME_PEOPLE",
    "Finding",
    "Kind",
    "Unused",
    "all_findings",
    "findings",
    "left_out",
    "read_rows",
    "usable_studies",
]

Kind = Literal[
    "mean",
    "change",
    "difference",
    "effect_size",
    "response",
    "remission",
    "no_longer_meets_diagnosis",
    "sustained_response",
    "relapse",
]

KINDS: Mapping[str, Kind] = {
    "score": "mean",
    "change_from_baseline": "change",
    "response": "response",
    "remission": "remission",
    "no_longer_meets_diagnosis": "no_longer_meets_diagnosis",
    "diagnosis_kept": "no_longer_meets_diagnosis",
    "sustained_response": "sustained_response",
    "relapse": "relapse",
}
"""By kind of an arm's row in the evidence format."""

_POINTS = ("mean", "change")
_SHARED = ("response", "remission", "no_longer_meets_diagnosis", "sustained_response", "relapse")
_DEFINED = ("response", "remission", "sustained_response")
_WITHIN_ARM = ("effect_difference", "hedges_g")
_95 = 3.92
"""Width of a 95 % interval in standard errors."""

_SUBSTANCE = re.compile(r"abstin|alcohol|drink|craving|cocaine|heroin|opioid|smok|cigarette|use or dropout")
_OWN = re.compile(r"own_|baseline")
_CROSSED = re.compile(r"(?:after|including) (?:the |a )?cross-?over|after (?:[\w-]+ )*open-label")
_EVERYBODY = re.compile(r"crossover pooled|\ball groups\b")
_AMONG = re.compile(r"among (?:the )?(?:\d+ )?(?:responders|remitters)")
_KEPT = re.compile(r"\bkept to\b|\bkept through\b|\bkept at least\b")
_FALL = re.compile(
    r"(?:fall|fell|drop|reduction|decrease|improvement)(?: of| by)? (?:more than |at least |>=? ?|≥ ?)?"
    r"(\d+(?:\.\d+)?) ?(%|percent|points?)"
    r"|(\d+(?:\.\d+)?) ?(%|percent|points?)(?: or more)? (?:fall|drop|reduction|decrease|improvement)"
)
_CUTOFF = re.compile(r"(?<!p )(?<!p)(<=|≤|at most|<|below|under) ?(\d+)(?![\d.])|(\d+) or (?:less|lower)")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One published number that the model can be asked for.

    Parameters
    ----------
    study : str
        Name of the study's file without its ending.
    arm : str
        Id of the arm in the study's protocol.
    versus : str
        Id of the other arm of a contrast; empty for an arm's own number.
    scale : str
        Id of the scale; empty for relapse that no scale defines.
    day : float
        Study day; the first dose, or the first session of a therapy, is on day 0.
    kind : str
        mean, change, difference, effect_size, response, remission, no_longer_meets_diagnosis, sustained_response or
        relapse.
    value : float
        Points; SDs for an effect size, negative where the arm is lower than the other; else a share from 0 to 1.
    sd : float or None
        Spread between people, in points; from the standard error where only that is given.
    se : float or None
        Standard error of `value`.
    n : int or None
        People behind `value`; those of both arms for a contrast.
    events : float or None
        People that a share counts; from the share where only that is given.
    baseline : bool
        Whether this is the arm's score before treatment on this scale.
    verified : bool
        Whether the number was read on a source's page, rather than recalled.
    where : str
        Where it was read.
    after_crossover : bool
        Whether the arm had been given something else by then.
    note : str
        How it was converted, and what the study says about it.
    threshold : str
        How response or remission was defined where that is not usual for the scale, such as ``fall_30_percent``,
        ``at_most_6``, ``sustained`` or ``not_said``.
    """

    study: str
    arm: str
    versus: str = ""
    scale: str
    day: float
    kind: Kind
    value: float
    sd: float | None = None
    se: float | None = None
    n: int | None = None
    events: float | None = None
    baseline: bool = False
    verified: bool = False
    where: str = ""
    after_crossover: bool = False
    note: str = ""
    threshold: str = ""

    @property
    def in_words(self) -> str:
        """The number as it is used, such as ``change -12 (SD 12.02, n 79)``."""
        name = self.kind.replace("_", " ")
        if self.kind in _SHARED:
            of = f" of {self.n}" if self.n else ""
            facts = [self.threshold.replace("_", " "), "after a crossover" * self.after_crossover]
            value = f"{name} {self.value:.1%}{of}"
        else:
            sizes = (("SD", self.sd), ("SE", None if self.sd else self.se), ("n", self.n))
            told = [f"{what} {number:.4g}" for what, number in sizes if number is not None]
            facts = [*told, "baseline" * self.baseline, "after a crossover" * self.after_crossover]
            value = f"{name} {self.value:.4g}"
        inside = ", ".join(fact for fact in facts if fact)
        return f"{value} ({inside})" if inside else value


@dataclass(frozen=True, kw_only=True)
class Unused:
    """A published row, or a whole study, that cannot be used.

    Parameters
    ----------
    study : str
    arm : str
        Empty for a contrast of no arm here and for a whole study.
    what : str
        What was observed, in words.
    reason : str
    """

    study: str
    arm: str
    what: str
    reason: str


@dataclass(frozen=True)
class _Reader:
    """Turns the rows of one study into findings."""

    name: str
    study: Mapping[str, Any]

    @cached_property
    def rows(self) -> tuple[PublishedRow, ...]:
        return tuple(published_rows(self.study))

    @cached_property
    def first_day(self) -> float:
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
            if scale is not None and kind in _DEFINED:
                said = _definition(kind, f"{row.words('where', 'note')}; {self._explained(row, kind)}", scale)
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

    def read(self, row: PublishedRow) -> Finding:
        """Return what a row found.

        Raises
        ------
        ProtocolError
            If it cannot be used; the sentence is the reason.
        """
        wrong = faults(row, first_day=self.first_day)
        if wrong:
            raise ProtocolError(wrong[0])
        return self._contrast(row) if row.is_contrast else self._observation(row)

    def _observation(self, row: PublishedRow) -> Finding:
        said = str(row.data.get("kind") or "")
        if said in _WITHIN_ARM:
            raise ProtocolError("an effect size within one arm, whose unit is not told")
        if said not in KINDS:
            raise ProtocolError(f"'{said.replace('_', ' ')}' is not modelled" if said else "the row says no kind")
        kind = KINDS[said]
        scale, day = self._scale(row, kind), self._day(row)
        return self._points(row, kind, scale, day) if kind in _POINTS else self._count(row, kind, scale, day)

    def _scale(self, row: PublishedRow, kind: str) -> str:
        if row.scale is not None:
            return row.scale.id
        word = str(row.data.get("scale") or "")
        if str(self.study.get("condition")).endswith("_use") or _SUBSTANCE.search(word.lower()):
            raise ProtocolError("measures the use of a substance, which no scale here rates")
        if kind == "relapse":
            return ""
        raise ProtocolError(f"no scale here is called '{word[:60]}'" if word else "the row names no scale")

    def _day(self, row: PublishedRow) -> float:
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

    def _points(self, row: PublishedRow, kind: Kind, scale: str, day: float) -> Finding:
        value = row.number("mean")
        if value is None:
            raise ProtocolError("no mean is given")
        notes, n, sd, se, t = _notes(row), _n(row), row.number("sd"), _se(row, "ci95"), row.number("t")
        if se is None and sd is None and t and value:
            se = abs(value / t)
            notes.append("standard error from the mean and t")
        if sd is None and se is not None and n:
            sd = se * math.sqrt(n)
            notes.append("SD from the standard error")
        if se is None and sd is not None and n:
            se = sd / math.sqrt(n)
        return self._made(row, scale, day, kind, value, notes, sd=sd, se=se, n=n)

    def _count(self, row: PublishedRow, kind: Kind, scale: str, day: float) -> Finding:
        if kind != "relapse" and _AMONG.search(row.words("where", "note")):
            raise ProtocolError("counts only those who had got better before, not the arm")
        notes, n, events = _notes(row), _n(row), row.number("events")
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
        se = _se(row, "ci95", unit=100.0 if row.number("percent") is not None else 1.0)
        if n and events is not None:
            p = (events + 0.5) / (n + 1)
            se = math.sqrt(p * (1 - p) / n)
        threshold = self._threshold(row, kind, scale)
        return self._made(row, scale, day, kind, value, notes, se=se, n=n, events=events, threshold=threshold)

    def _threshold(self, row: PublishedRow, kind: str, scale: str) -> str:
        if kind not in _DEFINED or not scale:
            return ""
        words = row.words("where", "note")
        if kind != "sustained_response" and _KEPT.search(words):
            return "sustained"
        own = _definition(kind, words, find_scale(scale))
        said = own if own is not None else self.definitions.get((scale, kind))
        if said is None:
            return "not_said" if kind == "remission" and find_scale(scale).remission is None else ""
        return said

    def _contrast(self, row: PublishedRow) -> Finding:
        versus = arm_id(str(row.data.get("versus") or ""))
        if not row.arm or not versus:
            raise ProtocolError("compares no two arms of the study")
        if _OWN.match(versus):
            raise ProtocolError("a change within one arm, not a contrast of arms")
        difference = row.number("mean_difference")
        effect = next((value for key in EFFECTS if (value := row.number(key)) is not None), None)
        if difference is None and effect is None:
            given = [name for key, name in OTHER_SIZES.items() if row.data.get(key) is not None]
            raise ProtocolError(f"gives only {given[0]}" if given else "gives no size of the difference")
        scale = self._scale(row, "")
        for name in (row.arm, versus):
            if name not in self.people:
                raise ProtocolError(f"the study lists no arm '{name}'")
        day = self._day(row)
        if difference is not None:
            return self._difference(row, versus, scale, day, difference, effect)
        return self._effect_size(row, versus, scale, day, effect or 0.0)

    def _difference(
        self, row: PublishedRow, versus: str, scale: str, day: float, value: float, effect: float | None
    ) -> Finding:
        notes, sd, se, sizes = _notes(row), row.number("sd"), _se(row, "ci95"), self._sizes(row.arm, versus)
        if sd is None and effect and value:
            sd = abs(value / effect)
            notes.append(f"SD from the effect size of {abs(effect):g}")
        if se is None and sd is not None and sizes:
            se = sd * math.sqrt(1 / sizes[0] + 1 / sizes[1])
        if se is None:
            own = [self._own(name, scale, day) for name in (row.arm, versus)]
            errors = [f.se for f in own if f is not None and f.se is not None]
            se = math.hypot(*errors) if len(errors) == 2 else None
        n = _n(row) or (sum(sizes) if sizes else None)
        return self._made(row, scale, day, "difference", value, notes, versus=versus, sd=sd, se=se, n=n)

    def _effect_size(self, row: PublishedRow, versus: str, scale: str, day: float, given: float) -> Finding:
        notes, se, sizes = _notes(row), _se(row, *EFFECT_INTERVALS, "ci95"), self._sizes(row.arm, versus)
        value = math.copysign(given, self._sign(row, versus, scale, day))
        if value * given < 0:
            notes.append(f"sign turned from {given:g}, since negative is lower on the scale")
        if se is None and sizes:
            se = math.sqrt(1 / sizes[0] + 1 / sizes[1] + value**2 / (2 * sum(sizes)))
        n = _n(row) or (sum(sizes) if sizes else None)
        return self._made(row, scale, day, "effect_size", value, notes, versus=versus, se=se, n=n)

    def _sign(self, row: PublishedRow, versus: str, scale: str, day: float) -> float:
        """Say whether the arm is lower: by the arms' own numbers, by the words of the row, else as it did better."""
        own, other = self._own(row.arm, scale, day), self._own(versus, scale, day)
        if own is not None and other is not None and own.kind == other.kind and own.value != other.value:
            return own.value - other.value
        favoured = arm_id(row.words("favours", "direction").removeprefix("favours "))
        better = [name for name in (row.arm, versus) if favoured.startswith(name.lower())]
        return 1.0 if max(better, key=len, default="") == versus else -1.0

    def _own(self, arm: str, scale: str, day: float) -> Finding | None:
        """Return an arm's own change, or score, on a day."""
        found: dict[str, Finding] = {}
        for row in self.rows:
            kind = KINDS.get(str(row.data.get("kind")))
            if row.is_contrast or kind not in _POINTS or row.arm != arm or row.number("day") != day:
                continue
            if row.scale and row.scale.id == scale and row.number("mean") is not None and not faults(row):
                found.setdefault(kind, self._points(row, kind, scale, day))
        return found.get("change", found.get("mean"))

    def _sizes(self, *arms: str) -> tuple[int, int] | None:
        first, second = (self.people.get(name) for name in arms)
        return (first, second) if first and second else None

    def _made(
        self, row: PublishedRow, scale: str, day: float, kind: Kind, value: float, notes: Sequence[str], **more: Any
    ) -> Finding:
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


def _n(row: PublishedRow) -> int | None:
    number = row.number("n")
    return None if number is None else int(number)


def _se(row: PublishedRow, *intervals: str, unit: float = 1.0) -> float | None:
    """Return a standard error as given, or from the first interval."""
    if (given := row.number("se")) is not None:
        return given / unit
    ends = row.interval(*intervals)
    return (ends[1] - ends[0]) / _95 / unit if ends and ends[1] > ends[0] else None


def _share(row: PublishedRow) -> float | None:
    percent = row.number("percent")
    shares = (value for key in SHARES if (value := row.number(key)) is not None)
    return next(shares, None if percent is None else percent / 100)


def _notes(row: PublishedRow) -> list[str]:
    given = [" ".join(str(row.data[key]).split()) for key in ("note", "subgroup") if row.data.get(key)]
    return given + ["its n is recalled"] * (row.data.get("n_verified") is False)


def _says_crossed(row: PublishedRow) -> bool:
    return row.data.get("after_crossover") is True or bool(_CROSSED.search(row.words("where")))


def _definition(kind: str, text: str, scale: Scale) -> str | None:
    """Return how a text defines response or remission; empty when that is usual, None when it does not say."""
    if kind == "remission":
        match = _CUTOFF.search(text)
        if match is None:
            return None
        strict = match[1] in ("<", "below", "under")
        most = float(match[2] or match[3]) - strict
        usual = scale.remission is not None and scale.remission.at_most == most
        return "" if usual else f"at_most_{most:g}"
    match = _FALL.search(text)
    if match is None:
        return None
    number, unit = float(match[1] or match[3]), match[2] or match[4]
    in_points = unit.startswith("point")
    usual_fall = scale.response.fall * (1 if scale.response.kind == "points" else 100)
    if in_points == (scale.response.kind == "points") and math.isclose(number, usual_fall):
        return ""
    return f"fall_{number:g}" if in_points else f"fall_{number:g}_percent"


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
    reader = _Reader(name, study)
    found: list[tuple[PublishedRow, Finding | Unused]] = []
    for row in reader.rows:
        try:
            found.append((row, reader.read(row)))
        except ProtocolError as why:
            found.append((row, Unused(study=name, arm=row.arm, what=row.what, reason=why.message)))
    first = _baselines([result for _, result in found if isinstance(result, Finding)])
    return [(row, replace(f, baseline=True) if isinstance(f, Finding) and id(f) in first else f) for row, f in found]


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
    """Whether no number of a pool's members was read on a page."""
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
