"""The one reader of a study: plain data of a file as a `Study`, with what is wrong in it.

A field that the file has is taken as it is; `prose` is asked only where one is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from afterglow.errors import ProtocolError
from afterglow.evidence.studies import prose
from afterglow.evidence.studies.across import crossed_over, defined, starts_well
from afterglow.evidence.studies.beside import background, healers, starts_one
from afterglow.evidence.studies.given import arm_id, first_day, given, lists_nothing
from afterglow.evidence.studies.mistakes import (
    checked_flag,
    checked_word,
    people_mistakes,
    shown,
)
from afterglow.evidence.studies.row import row_of
from afterglow.evidence.studies.study import (
    BLINDINGS,
    COMPARATORS,
    Mistake,
    People,
    Place,
    Row,
    Study,
    StudyArm,
)
from afterglow.evidence.studies.words import arm_in_words
from afterglow.evidence.values import as_line, entries, mappings, number, whole
from afterglow.protocol.arm import Background
from afterglow.protocol.files.yaml_text import YamlText
from afterglow.protocol.vocabulary import SETTINGS

__all__ = ["study_from"]

T = TypeVar("T")

_USUAL_APPROACH = {"ptsd": "trauma_focused"}
"""By condition, the approach that its psychotherapy has without a word; in every other it is the cognitive one."""


def study_from(read: YamlText | Mapping[str, Any], *, name: str = "", file: str = "") -> Study:
    """Read a study.

    Parameters
    ----------
    read : YamlText or mapping
        What a file holds, or plain data as in the evidence format.
    name : str
        What the study is called.
    file : str
        Name of the file.

    Raises
    ------
    ProtocolError
        If it is no mapping. Every other mistake stands in `Study.mistakes` and in `Row.mistakes`.
    """
    data, lines = (read.data, read.lines) if isinstance(read, YamlText) else (read, {})
    if not isinstance(data, Mapping):
        kind = "a list" if isinstance(data, list) else "a single value"
        raise ProtocolError(f"a study must be a mapping with citation, condition and arms, but the file holds {kind}")
    return _Reader(data).study(name=name or as_line(data.get("id")), file=file, lines=lines)


class _Reader:
    """Reads one study and gathers its mistakes."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.mistakes: list[Mistake] = []
        self.first_day = min((first_day(arm) for arm in mappings(data.get("arms"))), default=0.0)

    def study(self, *, name: str, file: str, lines: Mapping[Place, int]) -> Study:
        data = self.data
        if not data.get("arms") and not data.get("contrasts"):
            self._wrong((), "the study has neither arms nor contrasts")
        self._lists(data, ("arms",), ("contrasts",))
        design = as_line(data.get("design"))
        blinding = self._field(("blinding",), lambda: checked_word(data, "blinding", BLINDINGS))
        retracted = self._field(("retracted",), lambda: checked_flag(data, "retracted"))
        overlaps = self._field(("overlaps",), lambda: _names(data.get("overlaps")))
        follow_up_of = self._field(("follow_up_of",), lambda: _name(data.get("follow_up_of")))
        pooled = self._field(("pooled",), lambda: checked_flag(data, "pooled"))
        well = self._field(("starts_well",), lambda: checked_flag(data, "starts_well"))
        arms = self._arms()
        contrasts = tuple(
            row_of(row, ("contrasts", k), arm=arm_id(str(_mapping(row).get("arm") or "")), first_day=self.first_day)
            for k, row in enumerate(entries(data.get("contrasts")))
        )
        sources = entries(data.get("sources"))
        found = Study(
            name=name,
            file=file,
            id=as_line(data.get("id")),
            citation=as_line(data.get("citation")),
            doi=as_line(data.get("doi")),
            registration=as_line(data.get("registration")),
            condition=as_line(data.get("condition")),
            design=design,
            notes=as_line(data.get("notes")),
            sources=tuple(line for one in sources if (line := as_line(one))),
            people=self._people(),
            arms=arms,
            contrasts=contrasts,
            blinding=blinding or prose.blinding(design),
            pooled=prose.pooled(design) if pooled is None else pooled,
            retracted=bool(retracted),
            overlaps=overlaps or (),
            follow_up_of=follow_up_of or "",
            lines=lines,
            _data=data,
        )
        found = defined(crossed_over(found))
        found = self._with_courses(replace(found, starts_well=starts_well(found) if well is None else well))
        return replace(found, mistakes=tuple(self.mistakes))

    def _with_courses(self, found: Study) -> Study:
        """Lay out what each arm is given, what goes on beside it, and what made people well."""
        told = _mapping(self.data.get("population"))
        everybody = as_line(told.get("concomitant"))
        data = [one for one in entries(self.data.get("arms")) if isinstance(one, Mapping)]
        healed = self._field(("population", "recovered_by"), lambda: healers(data, told, found.design))
        common, own = healed if healed and found.starts_well else ("", ("",) * len(data))
        any_starts = any(starts_one(one) for one in data)
        usual = _USUAL_APPROACH.get(found.condition, "cognitive_behavioural")
        arms = []
        for k, (arm, one) in enumerate(zip(found.arms, data, strict=True)):
            beside = self._field(
                ("arms", k, "background"),
                lambda arm=arm, one=one: background(  # type: ignore[misc]
                    one,
                    everybody=everybody,
                    comparator=arm.comparator,
                    well=found.starts_well,
                    another_starts=any_starts,
                ),
            )
            arm = replace(arm, background=beside or Background(), recovered_by=own[k])
            if not arm.why_not:
                arm = _laid_out(arm, one, well=found.starts_well, usual=usual)
            arms.append(arm)
        return replace(found, arms=tuple(arms), people=replace(found.people, recovered_by=common))

    def _wrong(self, place: Place, message: str) -> None:
        self.mistakes.append(Mistake(place=place, message=message))

    def _field(self, place: Place, read: Callable[[], T]) -> T | None:
        """Return a field; None, and a mistake more, when its value is impossible."""
        try:
            return read()
        except ProtocolError as wrong:
            self._wrong(place, wrong.message)
            return None

    def _lists(self, data: Mapping[str, Any], *places: Place) -> None:
        for place in places:
            value = data.get(str(place[-1]))
            if value is not None and not isinstance(value, list):
                self._wrong(place, f"'{place[-1]}' must be a list")

    def _people(self) -> People:
        told = _mapping(self.data.get("population"))
        ssri = number(told.get("ssri_fraction"))
        treatments = [as_line(arm.get("other_treatment")) for arm in mappings(self.data.get("arms"))]
        if told.get("ssri_fraction") is None and prose.continued_ssri(treatments):
            ssri = 1.0
        return People(
            n=whole(told.get("n")),
            age_mean=number(told.get("age_mean")) or number(told.get("age_median")),
            age_sd=number(told.get("age_sd")),
            female_fraction=number(told.get("female_fraction")),
            ssri_fraction=ssri,
            weight_mean_kg=number(told.get("weight_mean_kg")),
            weight_sd_kg=number(told.get("weight_sd_kg")),
            setting=self._setting(told),
            episode_mean=number(told.get("episode_mean")),
            baseline=self._baseline(told, ("population",), ""),
        )

    def _setting(self, told: Mapping[str, Any]) -> str:
        own = self._field(("population", "setting"), lambda: checked_word(told, "setting", SETTINGS))
        labels = [as_line(arm.get("label")) for arm in mappings(self.data.get("arms"))]
        words = (self.data.get("design"), self.data.get("citation"), told.get("concomitant"), *labels)
        return own or prose.setting("; ".join(as_line(word) for word in words))

    def _arms(self) -> tuple[StudyArm, ...]:
        found: list[StudyArm] = []
        seen: set[str] = set()
        for k, data in enumerate(entries(self.data.get("arms"))):
            place: Place = ("arms", k)
            if not isinstance(data, Mapping):
                self._wrong(place, "an arm must be a mapping with id, doses, sessions and observations")
                continue
            name = str(data.get("id") or "").strip()
            if not name:
                self._wrong(place, "the arm has no id")
            elif name in seen:
                self._wrong(place, f"the id '{name}' stands twice; give each arm its own")
            seen.add(name)
            for message in people_mistakes(data):
                self._wrong(place, message)
            self._lists(data, (*place, "observations"))
            found.append(self._arm(data, place, arm_id(str(data.get("id") or f"arm {k + 1}"))))
        return tuple(found)

    def _arm(self, data: Mapping[str, Any], place: Place, name: str) -> StudyArm:
        label = str(data.get("label") or "")
        comparator, why_not = "", ""
        try:
            comparator = checked_word(data, "comparator", COMPARATORS)
        except ProtocolError as wrong:
            self._wrong((*place, "comparator"), wrong.message)
            why_not = wrong.message
        if not comparator and not why_not and lists_nothing(data):
            comparator = prose.comparator(name, label)
        doses = mappings(data.get("doses"))
        return StudyArm(
            id=name,
            label=label,
            n=whole(data.get("n")),
            why_not=why_not,
            in_words=tuple(arm_in_words(data)),
            medicines=tuple(word for row in doses if (word := as_line(row.get("drug", row.get("medicine"))))),
            comparator=comparator,
            other_treatment=as_line(data.get("other_treatment")),
            group_size=number(data.get("group_size")),
            first_day=first_day(data),
            baseline=self._baseline(data, place, name),
            observations=tuple(
                row_of(row, (*place, "observations", k), arm=name, first_day=self.first_day)
                for k, row in enumerate(entries(data.get("observations")))
            ),
        )

    def _baseline(self, data: Mapping[str, Any], place: Place, arm: str) -> tuple[Row, ...]:
        """Return what an arm, or the population, says of its scores before treatment."""
        told = data.get("baseline")
        rows = [told] if isinstance(told, Mapping) else mappings(told)
        if number(data.get("baseline_mean")) is not None:
            scale = data.get("baseline_scale", data.get("scale"))
            mean, sd = data["baseline_mean"], data.get("baseline_sd")
            rows = [*rows, {"scale": scale, "mean": mean, "sd": sd, "n": data.get("n")}]
        found = [row_of(row, (*place, "baseline", k), arm=arm, first_day=self.first_day) for k, row in enumerate(rows)]
        return tuple(row for row in found if row.mean is not None)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _name(value: object) -> str:
    if value is not None and not isinstance(value, str):
        raise ProtocolError(f"'follow_up_of' is {shown(value)} but must be the name of a study")
    return as_line(value)


def _names(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(name, str) and name.strip() for name in value):
        raise ProtocolError(f"'overlaps' is {shown(value)} but must be a list of names of studies")
    return tuple(as_line(name) for name in value)


def _laid_out(arm: StudyArm, data: Mapping[str, Any], *, well: bool, usual: str) -> StudyArm:
    try:
        laid, assumed = given(
            data, name=arm.id, comparator=arm.comparator, background=arm.background, well=well, usual=usual
        )
    except ProtocolError as wrong:
        return replace(arm, why_not=str(wrong))
    return replace(arm, given=laid, assumed=assumed)
