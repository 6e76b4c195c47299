"""What the page Evidence shows of the studies: who was given what, and each number with what was foretold of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel

from afterglow.calibrate.diagnostics.left_out import left_out_predictions
from afterglow.calibrate.targets import trial_of
from afterglow.errors import AfterglowError
from afterglow.evidence.findings.finding import Finding, Unused
from afterglow.evidence.findings.of_study import read_rows
from afterglow.evidence.findings.selection import left_out
from afterglow.evidence.studies.as_protocol import LoadedArm, load_arms
from afterglow.evidence.studies.library import study, study_names
from afterglow.evidence.studies.study import Row, Study
from afterglow.evidence.studies.study import StudyArm as PublishedArm
from afterglow.evidence.values import as_line
from afterglow.medicines import MEDICINES
from afterglow.protocol.vocabulary import SPELLINGS
from afterglow.studio.evidence.names import human_name, people_of

__all__ = ["Prediction", "StudyArm", "StudyDetail", "StudyRow", "StudySummary", "studies", "study_detail"]

Standing = Literal["fitted", "pooled", "retracted", "apart"]
Unit = Literal["points", "share", "SDs", ""]

_POINTS = ("mean", "change", "difference")
_NOT_A_NUMBER = (
    "scale",
    "day",
    "arm",
    "versus",
    "kind",
    "verified",
    "n_verified",
    "where",
    "note",
    "subgroup",
    "timing",
    "after_crossover",
    "definition",
    "among",
    "baseline",
)


class StudyArm(BaseModel):
    """One arm: what it gave, and whether it can be simulated."""

    id: str
    label: str
    n: int | None
    given: list[str]
    simulated: bool
    note: str


class StudySummary(BaseModel):
    """One study.

    Parameters
    ----------
    label : str
        As people call it.
    standing : str
        fitted; pooled or retracted, and so kept apart; or apart for another reason.
    why : str
        Why it was not fitted to; empty when it was.
    rows, rows_read, rows_fitted : int
        Numbers in its file, those read on a source's page, and those fitted.
    """

    name: str
    label: str
    citation: str
    doi: str | None
    url: str | None
    condition: str
    design: str
    medicines: list[str]
    arms: list[StudyArm]
    n: int | None
    standing: Standing
    fitted: bool
    why: str
    rows: int
    rows_read: int
    rows_fitted: int


class Prediction(BaseModel):
    """A number foretold from the other studies, and its 90 % interval."""

    predicted: float
    low: float
    high: float
    inside: bool


class StudyRow(BaseModel):
    """One published number.

    Parameters
    ----------
    place : str
        Where it stands in the study's file.
    what, as_published : str
        In words, and the numbers as the file has them.
    kind : str
        As the model is asked for it; empty where it cannot be.
    published, sd, se : float or None
        In `unit`; the value as the model is asked for it.
    prediction : Prediction or None
        For numbers that were fitted, each foretold without its study.
    why_not : str
        Why it was not fitted; empty when it was.
    """

    place: str
    what: str
    as_published: str
    arm: str
    versus: str
    scale: str
    kind: str
    day: float | None
    published: float | None
    unit: Unit
    sd: float | None
    se: float | None
    n: int | None
    baseline: bool
    verified: bool
    where: str
    url: str | None
    note: str
    prediction: Prediction | None
    why_not: str


class StudyDetail(BaseModel):
    """A study with all its numbers."""

    study: StudySummary
    registration: str | None
    notes: str
    sources: list[str]
    rows: list[StudyRow]


# Studies


@cache
def studies() -> tuple[StudySummary, ...]:
    """Return every study of the package in alphabetical order, those that were not fitted to as well."""
    return tuple(_summary(study(name)) for name in study_names())


def _summary(held: Study) -> StudySummary:
    sources = _sources(held)
    loaded = load_arms(held)
    arms = [_arm(arm, loaded) for arm in held.arms]
    standing, why = _standing(held)
    return StudySummary(
        name=held.name,
        label=human_name(held),
        citation=held.citation or held.name,
        doi=held.doi or None,
        url=f"https://doi.org/{held.doi}" if held.doi else next(iter(sources), None),
        condition=held.condition.replace("_", " "),
        design=held.design,
        medicines=_medicines(held),
        arms=arms,
        n=people_of(held),
        standing=standing,
        fitted=standing == "fitted",
        why=why,
        rows=len(held.rows),
        rows_read=sum(row.verified for row in held.rows),
        rows_fitted=len(left_out_predictions().studies.get(held.name, {})),
    )


def _standing(held: Study) -> tuple[Standing, str]:
    if held.name in left_out_predictions().facts["studies"]:
        return "fitted", ""
    why = left_out(held.name)
    if held.retracted:
        return "retracted", why
    if held.overlaps and why:
        return "pooled", why
    if why:
        return "apart", why
    try:
        reasons = dict.fromkeys(reason for _, reason in trial_of(held).unused)
    except AfterglowError as error:
        return "apart", str(error)
    return "apart", "; ".join(reasons) or "no number of it was fitted"


def _arm(arm: PublishedArm, loaded: Sequence[LoadedArm]) -> StudyArm:
    found = next((one for one in loaded if one.arm == arm.id), next((one for one in loaded if not one.arm), None))
    return StudyArm(
        id=arm.id,
        label=as_line(arm.label),
        n=arm.n,
        given=list(arm.in_words),
        simulated=found is not None and found.loads,
        note="" if found is None else found.reason,
    )


def _medicines(held: Study) -> list[str]:
    """Return the medicines given, by their names here; comparators come last."""
    words = [word.lower() for arm in held.arms for word in arm.medicines]
    given = dict.fromkeys(SPELLINGS.get(word, word) for word in words)
    known = list(MEDICINES)
    return sorted(given, key=lambda name: known.index(name) if name in known else len(known))


@cache
def study_detail(name: str) -> StudyDetail:
    """Return a study with every row of its file.

    Raises
    ------
    ProtocolError
        If the package holds no study of that name.
    """
    held = study(name)
    found = next(one for one in studies() if one.name == held.name)
    sources = _sources(held)
    reasons = dict(trial_of(held).unused) if found.fitted else {}
    predictions = left_out_predictions().studies.get(found.name, {})
    read = read_rows(held)
    fitted = [one for row, one in read if isinstance(one, Finding) and row.place in predictions]
    rows = []
    for row, result in read:
        prediction = predictions.get(row.place)
        why_not = ""
        if isinstance(result, Unused):
            why_not = result.reason
        elif prediction is None:
            why_not = _why_not(found, result, reasons, fitted)
        rows.append(_row(row, result, sources, prediction, why_not))
    return StudyDetail(
        study=found,
        registration=held.registration or None,
        notes=held.notes,
        sources=sources,
        rows=rows,
    )


def _why_not(found: StudySummary, result: Finding, reasons: Mapping[Finding, str], fitted: Sequence[Finding]) -> str:
    if result.baseline:
        return "the score before treatment"
    if not found.fitted:
        return "its study was kept apart"
    if result in reasons:
        return reasons[result]
    same = {(f.arm, f.versus, f.scale, f.day) for f in fitted if f.kind in _POINTS}
    if result.kind in _POINTS and (result.arm, result.versus, result.scale, result.day) in same:
        return "another row tells the same"
    return "not among the numbers that the posterior was fitted to"


def _row(
    row: Row,
    result: Finding | Unused,
    sources: Sequence[str],
    prediction: Mapping[str, Any] | None,
    why_not: str,
) -> StudyRow:
    told: dict[str, Any] = {
        "place": row.place,
        "what": row.what,
        "as_published": _as_published(row),
        "arm": row.arm,
        "versus": row.versus,
        "verified": row.verified,
        "where": row.where,
        "url": _source_of_row(row.where, sources),
        "prediction": None if prediction is None else Prediction.model_validate(prediction),
        "why_not": why_not,
    }
    if isinstance(result, Unused):
        return StudyRow(
            **told,
            scale=row.scale.id if row.scale else row.scale_word,
            kind="",
            day=row.day,
            published=None,
            unit="",
            sd=row.sd,
            se=row.se,
            n=row.n,
            baseline=False,
            note=row.note,
        )
    return StudyRow(
        **told,
        scale=result.scale,
        kind=result.kind,
        day=result.day,
        published=result.value,
        unit="SDs" if result.kind == "effect_size" else "points" if result.kind in _POINTS else "share",
        sd=result.sd,
        se=result.se,
        n=result.n,
        baseline=result.baseline,
        note=result.note,
    )


def _as_published(row: Row) -> str:
    given = ((key, value) for key, value in row.told.items() if key not in _NOT_A_NUMBER and value is not None)
    return ", ".join(f"{key.replace('_', ' ')} {_shown(value)}" for key, value in given)


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " to ".join(_shown(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else as_line(value)


def _source_of_row(where: str, sources: Sequence[str]) -> str | None:
    """Return the address of a row's source, where it is certain: the only one, or the data set that the row names."""
    if len(sources) == 1:
        return sources[0]
    named = [source for source in sources if "metapsy" in source.lower()]
    return named[0] if len(named) == 1 and "metapsy" in where.lower() else None


def _sources(held: Study) -> list[str]:
    """Return the addresses that a study was read on; what stands behind an address is left out."""
    texts = [text.split()[0] for text in held.sources]
    return [text for text in texts if text.startswith(("http://", "https://"))]
