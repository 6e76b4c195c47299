"""Tables of the page Evidence: the explanations, the parameters, and what all rests on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from afterglow.calibrate.diagnostics.left_out import left_out_predictions
from afterglow.evidence.studies.library import study
from afterglow.parameters import PARAMETERS, PARTS, Parameter
from afterglow.results.mixture import Z90
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.source import Source, source_of
from afterglow.studio.evidence.names import human_name
from afterglow.studio.evidence.pages import studies

__all__ = [
    "EvidenceFacts",
    "ParameterRow",
    "Rivals",
    "evidence_facts",
    "parameters",
    "rivals",
]


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
    label: str
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
        studies=[MovingStudy(label=human_name(study(row["study"])), **row) for row in weighed["studies"]],
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
