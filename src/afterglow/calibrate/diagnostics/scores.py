"""How well published numbers are foretold: coverage, error, CRPS, width and slope, by group and beside baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from afterglow.calibrate.diagnostics.comparisons import GROUPS
from afterglow.results.mixture import Z90

__all__ = ["FIGURES", "Gain", "Row", "gain_over_baseline", "rows_as_json", "summary"]

FIGURES = ("rows", "studies", "coverage90", "mae_sd", "mae_sd_by_study", "crps", "width_sd", "slope")
"""What is told of the model and of each baseline."""

_BASELINES = ("medicine", "condition")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One published number and what was foretold of it.

    Parameters
    ----------
    study, arm, versus, scale, kind, group : str
        `kind` as it was published, such as "score", "change_from_baseline", "difference" or "response"; `group` is
        means, differences, shares or relapse.
    medicine, studied, control : str
        What the arm is given ("none" for therapy alone and for controls); what the trial studies, "therapy" where no
        arm gets a medicine; what the control arm of a difference got.
    day : float
    n : int or None
    published, predicted, low, high : float
        In points, SDs or as a share; the 90 % interval of the published number.
    inside : bool
    sd : float
        Of people in points, published or typical of the scale; of a share the change when scores shift by one SD.
    origin : float
        The number as it would be without any change; 0 for all but scores.
    spread : float
        SD of the prediction.
    large_trial : float or None
        The prediction without what small trials publish in excess: what the model says of the medicine itself. None
        where it was not worked out.
    baselines : mapping of str to (mean, sd)
        The same number by the plain baselines: "medicine", and "condition" for the means of arms.
    """

    study: str
    arm: str
    versus: str = ""
    scale: str
    kind: str
    group: str = "means"
    medicine: str = "none"
    studied: str = "therapy"
    control: str = ""
    day: float
    n: int | None
    published: float
    predicted: float
    low: float
    high: float
    inside: bool
    sd: float
    origin: float = 0.0
    spread: float
    large_trial: float | None = None
    baselines: Mapping[str, tuple[float, float]]

    def in_sds(self, value: float) -> float:
        """Return a number of this row in SDs between people, from what it would be without any change."""
        return (value - self.origin) / self.sd


@dataclass(frozen=True)
class Gain:
    """How much smaller the model's error is than that of the better plain baseline, in SDs between people.

    Parameters
    ----------
    error, baseline : float
        Mean absolute errors, each study counting once.
    gain, low, high : float
        Their difference with its 90 % interval; an interval that holds zero tells neither apart.
    """

    error: float
    baseline: float
    gain: float
    low: float
    high: float


def rows_as_json(rows: Sequence[Row], told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return rows as plain objects.

    Parameters
    ----------
    rows : sequence of Row
    told : mapping
        Their summary; each row's `baseline` is the one that the summary of its group calls the better.
    """
    found = []
    for row in rows:
        means = {name: row.baselines[name][0] for name in row.baselines}
        plain = {name: value for name, value in asdict(row).items() if name != "baselines"}
        better = told[row.group]["baseline"]["name"]
        found.append(
            {**plain, "baseline": means[better], **{f"baseline_{name}": means.get(name) for name in _BASELINES}}
        )
    return found


def gain_over_baseline(rows: Sequence[Row], baseline: str) -> Gain:
    """Compare the model's errors with those of a baseline; each study counts once, as in `mae_sd_by_study`.

    Parameters
    ----------
    rows : sequence of Row
        Of one group.
    baseline : str
        Its name in `Row.baselines`.

    Notes
    -----
    Rows of a study err together, so that studies are what is drawn: the interval is that of a mean over m studies,
    whose standard error is their SD over the root of m.
    """
    own = np.array([abs(row.published - row.predicted) / row.sd for row in rows])
    plain = np.array([abs(row.published - row.baselines[baseline][0]) / row.sd for row in rows])
    _, place, count = np.unique([row.study for row in rows], return_inverse=True, return_counts=True)
    own, plain = (np.bincount(place, weights=one) / count for one in (own, plain))
    gained = plain - own
    wide = Z90 * float(np.std(gained, ddof=1) / np.sqrt(len(gained))) if len(gained) > 1 else np.nan
    gain = float(np.mean(gained))
    return Gain(float(np.mean(own)), float(np.mean(plain)), gain, gain - wide, gain + wide)


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Return `FIGURES` of each group, of the model and of its baseline, for all rows and by the medicine studied.

    Returns
    -------
    dict
        By group: the model's figures, those of `baseline`, the better by its error a study, of `baseline_medicine` and
        of `baseline_condition`, which arms' means alone have, and under `by_medicine` the same for each medicine.
        `without_excess` has the model's figures with the predictions of `Row.large_trial`, where they were worked out.

    Notes
    -----
    All errors are in SDs between people. `mae_sd` is the mean absolute error over rows and `mae_sd_by_study` the mean
    over studies of each study's own; `crps` is the continuous ranked probability score of a normal with the
    prediction's mean and SD (gneiting2007); `width_sd` is the mean width of the 90 % intervals. `slope` is that of
    published on predicted numbers along the line through zero, where nothing changes or differs, by least squares in
    which each study counts once: below 1, predictions are too large. A line with an intercept would hang on which arm
    of a contrast is named first; this one does not.
    """
    return {name: _group([row for row in rows if row.group == name]) for name in GROUPS}


def _group(rows: Sequence[Row]) -> dict[str, Any]:
    found = _beside_baselines(rows)
    studied = sorted({row.studied for row in rows})
    found["by_medicine"] = {name: _beside_baselines([r for r in rows if r.studied == name]) for name in studied}
    return found


def _beside_baselines(rows: Sequence[Row]) -> dict[str, Any]:
    if not rows:
        empty: dict[str, Any] = {**dict.fromkeys(FIGURES), "rows": 0, "studies": 0}
        return {**empty, "baseline": {"name": "medicine", **empty}, "baseline_medicine": dict(empty)}
    found = _figures(
        rows,
        mean=np.array([row.predicted for row in rows]),
        sd=np.array([row.spread for row in rows]),
        inside=np.array([row.inside for row in rows]),
        width=np.array([row.high - row.low for row in rows]),
    )
    if all(row.large_trial is not None for row in rows):
        large = np.array([row.large_trial for row in rows], dtype=np.float64)
        moved = large - [row.predicted for row in rows]
        inside = np.array([row.low + m <= row.published <= row.high + m for row, m in zip(rows, moved, strict=True)])
        sd, width = np.array([row.spread for row in rows]), np.array([row.high - row.low for row in rows])
        found["without_excess"] = _figures(rows, mean=large, sd=sd, inside=inside, width=width)
    by: dict[str, dict[str, Any]] = {}
    for name in _BASELINES:
        if all(name in row.baselines for row in rows):
            mean, sd = np.array([row.baselines[name] for row in rows]).T
            inside = np.abs([row.published for row in rows] - mean) <= Z90 * sd
            by[name] = _figures(rows, mean=mean, sd=sd, inside=inside, width=2 * Z90 * sd)
    better = min(by, key=lambda name: float(by[name]["mae_sd_by_study"]))
    found["baseline"] = {"name": better, **by[better]}
    return found | {f"baseline_{name}": figures for name, figures in by.items()}


def _figures(
    rows: Sequence[Row],
    *,
    mean: NDArray[np.float64],
    sd: NDArray[np.float64],
    inside: NDArray[np.bool_],
    width: NDArray[np.float64],
) -> dict[str, Any]:
    unit = np.array([row.sd for row in rows])
    published, origin = (np.array([getattr(row, name) for row in rows]) for name in ("published", "origin"))
    _, place, counts = np.unique([row.study for row in rows], return_inverse=True, return_counts=True)
    once = 1.0 / counts[place]  # each study counts once
    error = np.abs(published - mean) / unit
    z = (published - mean) / sd
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    crps = sd * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))
    x, y = (mean - origin) / unit, (published - origin) / unit
    square = float(np.sum(once * x**2))
    return {
        "rows": len(rows),
        "studies": len(counts),
        "coverage90": float(np.mean(inside)),
        "mae_sd": float(np.mean(error)),
        "mae_sd_by_study": float(np.average(error, weights=once)),
        "crps": float(np.mean(crps / unit)),
        "width_sd": float(np.mean(width / unit)),
        "slope": float(np.sum(once * x * y)) / square if square else None,
    }
