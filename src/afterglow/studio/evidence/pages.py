"""What the page Evidence shows of the studies: who was given what, and each number with what was foretold of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel

from afterglow.calibrate.diagnostics.left_out import foretold
from afterglow.calibrate.targets import trial_of
from afterglow.errors import AfterglowError
from afterglow.evidence.arms import LoadedArm, load_report, study, study_names
from afterglow.evidence.catalogue import RETRACTED, PublishedRow, arm_in_words
from afterglow.evidence.findings import POOLED, Finding, Unused, left_out, read_rows
from afterglow.protocol.study import arm_id
from afterglow.protocol.vocabulary import MEDICINES, SPELLINGS

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
    standing : str
        fitted; pooled or retracted, and so kept apart; or apart for another reason.
    why : str
        Why it was not fitted to; empty when it was.
    rows, rows_read, rows_fitted : int
        Numbers in its file, those read on a source's page, and those fitted.
    """

    name: str
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
def _data(name: str) -> Mapping[str, Any]:
    return study(name)


@cache
def studies() -> tuple[StudySummary, ...]:
    """Return every study of the package in alphabetical order, those that were not fitted to as well."""
    loaded: dict[str, list[LoadedArm]] = {}
    for arm in load_report():
        loaded.setdefault(arm.study, []).append(arm)
    return tuple(_summary(name, loaded.get(name, [])) for name in study_names())


def _summary(name: str, loaded: Sequence[LoadedArm]) -> StudySummary:
    data = _data(name)
    doi = str(data["doi"]) if data.get("doi") else None
    sources = _sources(data)
    arms = [_arm(arm, k, loaded) for k, arm in enumerate(_mappings(data.get("arms")))]
    standing, why = _standing(name)
    read = read_rows(data, name=name)
    population = data.get("population")
    n = _whole(population.get("n")) if isinstance(population, Mapping) else None
    return StudySummary(
        name=name,
        citation=_text(data.get("citation")) or name,
        doi=doi,
        url=f"https://doi.org/{doi}" if doi else next(iter(sources), None),
        condition=_text(data.get("condition")).replace("_", " "),
        design=_text(data.get("design")),
        medicines=list(dict.fromkeys(_medicines(data))),
        arms=arms,
        n=n or sum(arm.n or 0 for arm in arms) or None,
        standing=standing,
        fitted=standing == "fitted",
        why=why,
        rows=len(read),
        rows_read=sum(row.data.get("verified") is True for row, _ in read),
        rows_fitted=len(foretold().studies.get(name, {})),
    )


def _standing(name: str) -> tuple[Standing, str]:
    if name in foretold().facts["studies"]:
        return "fitted", ""
    why = left_out(name)
    if name in RETRACTED:
        return "retracted", why
    if name in POOLED and why:
        return "pooled", why
    if why:
        return "apart", why
    try:
        reasons = dict.fromkeys(reason for _, reason in trial_of(_data(name), name=name).unused)
    except AfterglowError as error:
        return "apart", str(error)
    return "apart", "; ".join(reasons) or "no number of it was fitted"


def _arm(arm: Mapping[str, Any], k: int, loaded: Sequence[LoadedArm]) -> StudyArm:
    name = arm_id(str(arm.get("id") or f"arm {k + 1}"))
    found = next((one for one in loaded if one.arm == name), next((one for one in loaded if not one.arm), None))
    return StudyArm(
        id=name,
        label=_text(arm.get("label")),
        n=_whole(arm.get("n")),
        given=arm_in_words(arm),
        simulated=found is not None and found.loads,
        note="" if found is None else found.reason,
    )


def _medicines(data: Mapping[str, Any]) -> Iterator[str]:
    """Go through the medicines given, by their names here; comparators come last."""
    given = []
    for arm in _mappings(data.get("arms")):
        for dose in _mappings(arm.get("doses")):
            word = _text(dose.get("drug", dose.get("medicine"))).lower()
            if word:
                given.append(SPELLINGS.get(word, word))
    known = list(MEDICINES)
    yield from sorted(given, key=lambda name: known.index(name) if name in known else len(known))


@cache
def study_detail(name: str) -> StudyDetail:
    """Return a study with every row of its file.

    Raises
    ------
    ProtocolError
        If the package holds no study of that name.
    """
    data = _data(name)
    found = next(one for one in studies() if one.name == name.strip().lower())
    sources = _sources(data)
    reasons = _reasons(found, data)
    predictions = foretold().studies.get(found.name, {})
    read = read_rows(data, name=found.name)
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
        registration=_text(data.get("registration")) or None,
        notes=_text(data.get("notes")),
        sources=sources,
        rows=rows,
    )


def _reasons(found: StudySummary, data: Mapping[str, Any]) -> dict[Finding, str]:
    """Say of a study's findings why they were not fitted, as far as that is about the row alone."""
    if not found.fitted:
        return {}
    return dict(trial_of(data, name=found.name).unused)


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
    row: PublishedRow,
    result: Finding | Unused,
    sources: Sequence[str],
    prediction: Mapping[str, Any] | None,
    why_not: str,
) -> StudyRow:
    where = _text(row.data.get("where"))
    told: dict[str, Any] = {
        "place": row.place,
        "what": row.what,
        "as_published": _as_published(row),
        "arm": row.arm,
        "versus": arm_id(_text(row.data.get("versus"))) if row.data.get("versus") else "",
        "verified": row.data.get("verified") is True,
        "where": where,
        "url": _source_of_row(where, sources),
        "prediction": None if prediction is None else Prediction.model_validate(prediction),
        "why_not": why_not,
    }
    if isinstance(result, Unused):
        return StudyRow(
            **told,
            scale=row.scale.id if row.scale else _text(row.data.get("scale")),
            kind="",
            day=row.number("day"),
            published=None,
            unit="",
            sd=row.number("sd"),
            se=row.number("se"),
            n=_whole(row.data.get("n")),
            baseline=False,
            note=_text(row.data.get("note")),
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


def _as_published(row: PublishedRow) -> str:
    given = ((key, value) for key, value in row.data.items() if key not in _NOT_A_NUMBER and value is not None)
    return ", ".join(f"{key.replace('_', ' ')} {_shown(value)}" for key, value in given)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " to ".join(_shown(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else _text(value)


def _source_of_row(where: str, sources: Sequence[str]) -> str | None:
    """Return the address of a row's source, where it is certain: the only one, or the data set that the row names."""
    if len(sources) == 1:
        return sources[0]
    named = [source for source in sources if "metapsy" in source.lower()]
    return named[0] if len(named) == 1 and "metapsy" in where.lower() else None


def _sources(data: Mapping[str, Any]) -> list[str]:
    """Return the addresses that a study was read on; what stands behind an address is left out."""
    listed = data.get("sources")
    texts = [str(text).split()[0] for text in listed if str(text).strip()] if isinstance(listed, list) else []
    return [text for text in texts if text.startswith(("http://", "https://"))]


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 1 else None
