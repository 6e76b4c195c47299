"""Tables of the page Evidence: how well the model foretells, the rivals, the parameters, and what all rests on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from afterglow.calibrate.diagnostics.left_out import left_out_predictions
from afterglow.calibrate.diagnostics.scores import Row, summary
from afterglow.parameters import PARAMETERS, PARTS, Parameter
from afterglow.results.mixture import Z90
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.source import Source, source_of
from afterglow.studio.evidence.pages import studies

__all__ = [
    "EvidenceFacts",
    "ParameterRow",
    "Rivals",
    "Scoreboard",
    "evidence_facts",
    "parameters",
    "rivals",
    "scoreboard",
]


class Measure(BaseModel):
    """How well something foretells published numbers.

    Parameters
    ----------
    group : str
        means, differences, shares or relapse.
    coverage90 : float
        Share of published numbers inside their 90 % intervals.
    mae_sd : float
        Mean absolute error, in SDs between people.
    crps : float
        Continuous ranked probability score, in SDs between people.
    """

    group: str

    id: str
    label: str
    rows: int
    coverage90: float
    mae_sd: float
    crps: float


class ScoreboardRow(BaseModel):
    """One published mean and what was foretold of it."""

    study: str
    arm: str
    scale: str
    kind: str
    day: float
    n: int | None
    published: float
    predicted: float
    low: float
    high: float
    inside: bool
    sd: float


class Scoreboard(BaseModel):
    """Every fitted study foretold from the others, beside plain baselines; studies and rows are those of arms' means.

    Parameters
    ----------
    measures : list of Measure
        The model and its baselines, group by group.
    """

    sentence: str
    units: dict[str, str]
    measures: list[Measure]
    studies: list[Measure]
    rows: list[ScoreboardRow]


class RivalRow(BaseModel):
    """One rival explanation."""

    id: str
    label: str
    sentence: str
    weight: float
    log_density: float
    behind: float
    behind_se: float


class MovingStudy(BaseModel):
    """A study, the rival that it favours, and how much."""

    study: str
    favours: str
    over: str
    log_ratio: float


class Rivals(BaseModel):
    """The rivals weighed against each other."""

    sentence: str
    verdict: str
    rivals: list[RivalRow]
    studies: list[MovingStudy]


class Interval(BaseModel):
    """A value and its 5 to 95 % range."""

    value: float
    low: float
    high: float


class ParameterRow(BaseModel):
    """One constant of the model.

    Parameters
    ----------
    part : str
        The medicine or process that it belongs to.
    value : float
        As published or assumed, before calibration.
    between_subject_sd : float
        Between people, on `scale`.
    prior, posterior : Interval or None
        None where the constant is taken as it is, and where it was not calibrated.
    shrinkage : float or None
        One minus the posterior's SD over the prior's.
    """

    name: str
    part: str
    meaning: str
    unit: str
    scale: str
    value: float
    between_subject_sd: float
    prior: Interval | None
    posterior: Interval | None
    shrinkage: float | None
    rests_on_prior: bool
    assumed: bool
    verified: bool
    where: str
    sources: list[Source]


class EvidenceFacts(BaseModel):
    """What the calibration rests on."""

    studies: int
    studies_fitted: int
    rows: int
    people: int
    draws: int
    pareto_k: float
    effective_draws: float
    departures: dict[str, float]
    parameters: int
    parameters_assumed: int
    sentences: list[str]


_MEASURES = {
    "means": {
        "model": "means of arms: the model",
        "baseline_medicine": "mean of the medicine's arms",
        "baseline_condition": "mean of the condition's arms",
    },
    "differences": {
        "model": "differences between arms: the model",
        "baseline_medicine": "mean difference of the medicine against that kind of control",
    },
    "shares": {"model": "shares of people: the model", "baseline_medicine": "mean share in the medicine's arms"},
    "relapse": {"model": "relapse: the model", "baseline_medicine": "mean relapse in the medicine's arms"},
}


@cache
def scoreboard() -> Scoreboard:
    """Return how well each study is foretold from the others, with the measures of the page on calibration."""
    found = left_out_predictions()
    measures = [
        _measure(group, key, label, told if key == "model" else told[key])
        for group, labels in _MEASURES.items()
        if (told := found.summary[group])["rows"]
        for key, label in labels.items()
    ]
    means: dict[str, list[Row]] = {}
    for row in found.rows:
        if row.group == "means":
            means.setdefault(row.study, []).append(row)
    model, gaps = found.summary["means"], found.summary["differences"]
    return Scoreboard(
        sentence=(
            f"Each of {model['studies']} studies that report means was foretold from the others: "
            f"{model['coverage90']:.0%} of {model['rows']} published means lie inside their 90 % intervals. The error "
            f"is {model['mae_sd']:.2f} SDs between people on average, against "
            f"{model['baseline_medicine']['mae_sd']:.2f} for the mean of the medicine's other arms. Of "
            f"{gaps['rows']} differences between arms {gaps['coverage90']:.0%} lie inside; the error is "
            f"{gaps['mae_sd']:.2f}, against {gaps['baseline']['mae_sd']:.2f} for the mean of such differences."
        ),
        units={
            "coverage90": "share of published numbers inside their 90 % intervals",
            "mae_sd": "mean absolute error, in SDs between people",
            "crps": "continuous ranked probability score, in SDs between people; lower is better",
        },
        measures=measures,
        studies=[_measure("means", name, name, summary(rows)["means"]) for name, rows in means.items()],
        rows=[
            ScoreboardRow(**{key: getattr(row, key) for key in ScoreboardRow.model_fields})
            for rows in means.values()
            for row in rows
        ],
    )


def _measure(group: str, name: str, label: str, values: Mapping[str, Any]) -> Measure:
    told = {key: values[key] for key in ("rows", "coverage90", "mae_sd", "crps")}
    return Measure(group=group, id=name, label=label, **told)


@cache
def rivals() -> Rivals:
    """Return the rivals with their weights, the verdict, and the studies that move it."""
    weighed = left_out_predictions().rivals
    words = {choice.id: choice for choice in choices().rivals}
    return Rivals(
        sentence=(
            "Weights by stacking on the log predictive density of each study, foretold from all others. A weight is "
            "not a proof: all rivals share the same simplifications."
        ),
        verdict=weighed["verdict"],
        rivals=[
            RivalRow(
                id=row["rival"],
                label=words[row["rival"]].label,
                sentence=words[row["rival"]].sentence,
                **{key: row[key] for key in ("weight", "log_density", "behind", "behind_se")},
            )
            for row in weighed["rivals"]
        ],
        studies=[MovingStudy(**row) for row in weighed["studies"]],
    )


# Parameters


@cache
def parameters() -> tuple[ParameterRow, ...]:
    """Return every constant of the model, calibrated or not."""
    fitted = {row["name"]: row for row in left_out_predictions().parameters}
    return tuple(_parameter(part, p, fitted.get(p.name)) for part, own in PARTS.items() for p in own)


def _parameter(part: str, p: Parameter, fitted: Mapping[str, Any] | None) -> ParameterRow:
    switch = p.where.startswith("a switch")
    prior = _prior(p) if p.prior_sd and not switch else None
    return ParameterRow(
        name=p.name,
        part=part,
        meaning=p.meaning,
        unit=p.unit,
        scale=p.scale,
        value=p.value,
        between_subject_sd=p.between_subject_sd,
        prior=prior if fitted is None else Interval(**fitted["prior"]),
        posterior=None if fitted is None else Interval(**fitted["posterior"]),
        shrinkage=None if fitted is None else fitted["shrinkage"],
        rests_on_prior=False if fitted is None else fitted["rests_on_prior"],
        assumed=p.assumed,
        verified=p.verified,
        where=p.where,
        sources=[source_of(key.strip()) for key in p.source.split(";") if key.strip()],
    )


def _prior(p: Parameter) -> Interval:
    low, high = p.moved(p.value, [-Z90 * p.prior_sd, Z90 * p.prior_sd])
    return Interval(value=p.value, low=float(low), high=float(high))


@cache
def evidence_facts() -> EvidenceFacts:
    """Return what the calibration rests on, in numbers and sentences."""
    facts = left_out_predictions().facts
    every = studies()
    assumed = [p for p in PARAMETERS.values() if p.assumed]
    calibrated = left_out_predictions().parameters
    resting = [row for row in calibrated if row["rests_on_prior"]]
    apart = [one for one in every if not one.fitted]
    return EvidenceFacts(
        studies=len(every),
        studies_fitted=len(facts["studies"]),
        rows=int(facts["rows"]),
        people=int(facts["people"]),
        draws=int(facts["draws"]),
        pareto_k=facts["pareto_k"],
        effective_draws=facts["effective_draws"],
        departures=dict(facts["spread"]),
        parameters=len(PARAMETERS),
        parameters_assumed=len(assumed),
        sentences=[
            (
                f"The model was fitted to {facts['rows']} numbers of {len(facts['studies'])} studies; {len(apart)} "
                "more are in the package and were kept apart, each with its reason."
            ),
            (
                f"Pareto k is {facts['pareto_k']:.2f} (below 0.7 the weights of the draws can be trusted), with "
                f"{facts['effective_draws']:.0f} effective draws."
            ),
            (
                f"{len(resting)} of {len(calibrated)} calibrated parameters rest on their prior: the trials "
                "say little about them."
            ),
        ],
    )
