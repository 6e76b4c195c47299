"""Every published number beside what was foretold of it from the other studies, and how well that went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel

from afterglow.calibrate.diagnostics.comparisons import GROUPS
from afterglow.calibrate.diagnostics.left_out import left_out_predictions
from afterglow.calibrate.diagnostics.scores import Row, gain_over_baseline
from afterglow.evidence.studies.library import study
from afterglow.studio.evidence.names import human_name

__all__ = ["Foretold", "foretold"]


class ForetoldNumber(BaseModel):
    """One published number and what was foretold of it.

    Parameters
    ----------
    study : int
        Place in the list of studies.
    group : str
        means, differences, shares or relapse.
    what, arm : str
        In words; `arm` names both arms of a difference.
    published, predicted, low, high : float
        In `unit`; the 90 % interval is that of the published number.
    published_sd, predicted_sd, low_sd, high_sd : float
        The same in SDs between people, counted from no change. Means and differences are turned round, so that better
        is more.
    """

    study: int
    group: str
    what: str
    arm: str
    scale: str
    day: float
    n: int | None
    unit: Literal["points", "share", "SDs"]
    published: float
    predicted: float
    low: float
    high: float
    inside: bool
    published_sd: float
    predicted_sd: float
    low_sd: float
    high_sd: float


class ForetoldStudy(BaseModel):
    """A study whose numbers were foretold."""

    name: str
    label: str


class Measure(BaseModel):
    """How well a group of numbers is foretold, by the model or by a plain baseline.

    Parameters
    ----------
    coverage90 : float
        Share of published numbers inside their 90 % intervals.
    mae_sd_by_study, crps : float
        Mean absolute error, each study counting once, and continuous ranked probability score, in SDs between people.
    """

    group: str
    id: str
    label: str
    rows: int
    studies: int
    coverage90: float
    mae_sd_by_study: float
    crps: float


class GroupGain(BaseModel):
    """How much smaller the model's error is than the baseline's, with its 90 % interval; in SDs between people.

    Each study counts once, as in the measures.
    """

    group: str
    label: str
    error: float
    baseline: float
    baseline_label: str
    gain: float
    low: float
    high: float
    sentence: str


class Foretold(BaseModel):
    """All that was foretold of studies left out."""

    sentence: str
    studies: list[ForetoldStudy]
    numbers: list[ForetoldNumber]
    measures: list[Measure]
    gains: list[GroupGain]


_LABELS: Mapping[str, str] = {
    "means": "means of arms",
    "differences": "differences between arms",
    "shares": "shares of people",
    "relapse": "relapse",
}
_BASELINES: Mapping[str, Mapping[str, str]] = {
    "means": {
        "medicine": "the mean of the medicine's other arms",
        "condition": "the mean of the condition's other arms",
    },
    "differences": {"medicine": "the mean difference of the medicine against that kind of control"},
    "shares": {"medicine": "the mean share in the medicine's other arms"},
    "relapse": {"medicine": "the mean relapse in the medicine's other arms"},
}
_KINDS = {"score": "mean score", "change_from_baseline": "change", "no_longer_meets_diagnosis": "without the diagnosis"}
_TURNED = ("means", "differences")


@cache
def foretold() -> Foretold:
    """Return every number that was foretold, and the measures of the page on calibration."""
    found = left_out_predictions()
    names = list(dict.fromkeys(row.study for row in found.rows))
    gains = [_gain(group, [row for row in found.rows if row.group == group], found.summary[group]) for group in GROUPS]
    inside = sum(row.inside for row in found.rows)
    return Foretold(
        sentence=(
            f"{len(found.rows)} published numbers of {len(names)} studies, each foretold from the other studies: "
            f"{inside} lie inside their 90 % intervals."
        ),
        studies=[ForetoldStudy(name=name, label=human_name(study(name))) for name in names],
        numbers=[_number(row, names.index(row.study)) for row in found.rows],
        measures=[
            _measure(
                group, key, label, found.summary[group] if key == "model" else found.summary[group][f"baseline_{key}"]
            )
            for group in GROUPS
            for key, label in {"model": "the model", **_BASELINES[group]}.items()
        ],
        gains=gains,
    )


def _number(row: Row, place: int) -> ForetoldNumber:
    sign = -1.0 if row.group in _TURNED else 1.0
    ends = sorted(sign * row.in_sds(value) for value in (row.low, row.high))
    labels = {arm.id: arm.label for arm in study(row.study).arms}
    arms = [labels.get(arm) or arm.replace("_", " ") for arm in (row.arm, row.versus) if arm]
    return ForetoldNumber(
        study=place,
        group=row.group,
        what=_KINDS.get(row.kind, row.kind.replace("_", " ")),
        arm=" minus ".join(arms),
        scale=row.scale,
        day=row.day,
        n=row.n,
        unit="SDs" if row.kind == "effect_size" else "points" if row.group in _TURNED else "share",
        **{name: getattr(row, name) for name in ("published", "predicted", "low", "high", "inside")},
        published_sd=sign * row.in_sds(row.published),
        predicted_sd=sign * row.in_sds(row.predicted),
        low_sd=ends[0],
        high_sd=ends[1],
    )


def _measure(group: str, name: str, label: str, values: Mapping[str, Any]) -> Measure:
    told = {key: values[key] for key in ("rows", "studies", "coverage90", "mae_sd_by_study", "crps")}
    return Measure(group=group, id=name, label=f"{_LABELS[group]}: {label}", **told)


def _gain(group: str, rows: Sequence[Row], told: Mapping[str, Any]) -> GroupGain:
    baseline = told["baseline"]["name"]
    found = gain_over_baseline(rows, baseline)
    label = _BASELINES[group][baseline]
    apart = found.low > 0 or found.high < 0
    verdict = (
        f"The model errs less than {label}."
        if apart and found.gain > 0
        else f"The model errs more than {label}."
        if apart
        else f"The interval holds zero: it cannot be told whether the model errs less than {label}."
    )
    return GroupGain(
        group=group,
        label=_LABELS[group],
        error=found.error,
        baseline=found.baseline,
        baseline_label=label,
        gain=found.gain,
        low=found.low,
        high=found.high,
        sentence=f"{verdict} {100 * told['coverage90']:.0f} % of {told['rows']} lie inside their 90 % intervals.",
    )
