"""What calibration comes to, worked out once and kept as one file: each study foretold, the rivals, the parameters.

``docs/reference/generate_calibration.py`` writes the file after every calibration; pages read it, and refuse one that
was made for other posteriors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from afterglow.calibrate.diagnostics.parameter_table import parameter_rows
from afterglow.calibrate.diagnostics.scoreboard import Predictions, Row, left_out_rows, summary
from afterglow.calibrate.diagnostics.weigh import weigh
from afterglow.calibrate.free_parameters import FreeParameters
from afterglow.calibrate.targets import MEANS, Target, Trial, calibration_trials
from afterglow.cohort import RIVALS, Draw
from afterglow.errors import FileError, ParameterError
from afterglow.evidence.findings.finding import Finding
from afterglow.evidence.findings.of_study import read_rows
from afterglow.evidence.studies.library import study
from afterglow.files import write_bytes_atomically
from afterglow.posterior import Posterior, Posteriors, fingerprint, shipped
from afterglow.posterior.stacking import weighed
from afterglow.results.mixture import Z90

__all__ = [
    "LEFT_OUT_FILE",
    "LeftOutPredictions",
    "left_out_predictions",
    "predict_left_out",
    "read_left_out",
    "write_left_out",
]

LEFT_OUT_FILE = "foretold.json"
"""Name of the file, in the folder ``data`` of this part."""

_SHARES = ("response", "remission", "no_longer_meets_diagnosis", "sustained_response", "relapse")
_AGAIN = "run docs/reference/generate_calibration.py again"


@dataclass(frozen=True)
class LeftOutPredictions:
    """What the posteriors of the package say, in plain numbers.

    Parameters
    ----------
    fingerprint : str
        Of the equations and constants.
    posteriors : mapping of str to str
        By rival, the digest of its posterior.
    facts : mapping
        Studies, rows, people, draws, Pareto k, effective draws and departures of trials, of the posterior shown.
    parameters : tuple of mapping
        By free parameter: prior and posterior, each with its 5 to 95 % range, and shrinkage.
    summary : mapping
        Rows, coverage90, mae_sd and crps of the model and of both plain baselines.
    rows : tuple of Row
        Every published mean that was fitted, foretold from the other studies.
    studies : mapping of str to mapping
        By study and by the place of a row in its file: predicted, low, high and inside, in the unit of the row.
    rivals : mapping
        The weighing of the rivals: rivals, studies and verdict.
    """

    fingerprint: str
    posteriors: Mapping[str, str]
    facts: Mapping[str, Any]
    parameters: tuple[Mapping[str, Any], ...]
    summary: Mapping[str, Any]
    rows: tuple[Row, ...]
    studies: Mapping[str, Mapping[str, Mapping[str, Any]]]
    rivals: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return everything as one plain object."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def predict_left_out(posteriors: Mapping[str, Posterior]) -> LeftOutPredictions:
    """Work out everything from the posteriors of all rivals; parameters and facts are those of ``window``.

    Raises
    ------
    ParameterError
        If a rival has no posterior, the rivals were fitted to different studies, or to other rows than the package's.
    """
    missing = [rival for rival in RIVALS if rival not in posteriors]
    if missing:
        raise ParameterError(f"no posterior of {missing[0]}; run afterglow calibrate --rival {missing[0]}")
    window = posteriors["window"]
    every = weighed({rival: posteriors[rival] for rival in RIVALS})
    rows = left_out_rows(every)
    told = ("rows", "people", "seed", "draws", "pareto_k", "effective_draws")
    return LeftOutPredictions(
        fingerprint=fingerprint(),
        posteriors={rival: posteriors[rival].digest for rival in RIVALS},
        facts={
            "studies": list(window.diagnostics["studies"]),
            **{name: window.diagnostics[name] for name in told},
            "spread": dict(window.spread),
        },
        parameters=tuple(_parameters(window)),
        summary=summary(rows),
        rows=tuple(rows),
        studies={trial.name: _by_place(trial, every) for trial in calibration_trials() if _fitted(trial, window)},
        rivals=weigh(every).as_json(),
    )


def _fitted(trial: Trial, posterior: Posterior) -> bool:
    return trial.name in posterior.diagnostics["left_out_mean"]


def _parameters(posterior: Posterior) -> list[dict[str, Any]]:
    free = FreeParameters(tuple(posterior.draws))
    low, middle, high = (free.values(np.full(len(free.names), z)) for z in (-Z90, 0.0, Z90))
    found = []
    for row in parameter_rows(posterior):
        name = row["name"]
        q05, q50, q95 = np.quantile(posterior.draws[name], [0.05, 0.5, 0.95])
        found.append(
            {
                "name": name,
                "prior": {"value": middle[name], "low": low[name], "high": high[name]},
                "posterior": {"value": float(q50), "low": float(q05), "high": float(q95)},
                "shrinkage": row["shrinkage"],
                "rests_on_prior": bool(row["said"]),
            }
        )
    return found


def _by_place(trial: Trial, posteriors: Posteriors) -> dict[str, dict[str, Any]]:
    """Foretell every number of a study that was fitted, by the place of its row in the study's file."""
    places: dict[Finding, str] = {}
    for row, found in read_rows(study(trial.name)):
        if isinstance(found, Finding):
            places.setdefault(found, row.place)
    draws = [Draw(rival=rival, weight=posteriors.weights[rival]) for rival in posteriors.by_rival]
    held = [posterior.diagnostics for posterior in posteriors.by_rival.values()]
    means, sds = (np.array([facts[name][trial.name] for facts in held]) for name in ("left_out_mean", "left_out_sd"))
    mixed = Predictions.of(draws, means, sds)
    return {
        places[target.finding]: _interval(target, *(float(end[k]) for end in (mixed.mean, mixed.low, mixed.high)))
        for k, target in enumerate(trial.targets)
        if target.kind != "log_sd" and target.finding in places
    }


def _interval(target: Target, *numbers: float) -> dict[str, Any]:
    """Return a number foretold and its 90 % interval, as the row has it, never beyond what is possible."""
    finding, scale = target.finding, target.scale
    span = scale.high - scale.low
    start = target.baseline.value if finding.kind == "mean" and target.baseline is not None else 0.0
    floor, ceiling = -np.inf, np.inf
    if finding.kind == "mean":
        floor, ceiling = scale.low, scale.high
    elif finding.kind in (*MEANS, "difference"):
        floor, ceiling = -span, span
    elif finding.kind in _SHARES:
        floor, ceiling = 0.0, 1.0
    predicted, low, high = (float(np.clip(start + number, floor, ceiling)) for number in numbers)
    return {"predicted": predicted, "low": low, "high": high, "inside": bool(low <= finding.value <= high)}


def _plain(value: Any) -> Any:
    """Keep six significant digits of every number, far more than any table shows."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return value


def write_left_out(found: LeftOutPredictions, path: str | Path) -> Path:
    """Write the file, whole or not at all.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    text = json.dumps(found.as_json(), indent=1, allow_nan=False, ensure_ascii=False)
    return write_bytes_atomically(path, (text + "\n").encode())


def read_left_out(path: str | Path, posteriors: Mapping[str, Posterior]) -> LeftOutPredictions:
    """Read the file and hold it against the posteriors that it should have been made for.

    Raises
    ------
    FileError
        If it cannot be read, is no such file, or was made for other equations, constants or posteriors.
    """
    place = Path(path)
    try:
        data = place.read_bytes()
    except OSError as error:
        raise FileError(f"'{place}' could not be read ({error.strerror or error}); {_AGAIN}") from None
    return _parsed(data, place.name, posteriors)


def _parsed(data: bytes, name: str, posteriors: Mapping[str, Posterior]) -> LeftOutPredictions:
    try:
        held = json.loads(data)
        rows = tuple(_row(row) for row in held.pop("rows"))
        found = LeftOutPredictions(rows=rows, parameters=tuple(held.pop("parameters")), **held)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise FileError(f"'{name}' holds no predictions of studies ({error}); {_AGAIN}") from None
    if found.fingerprint != fingerprint():
        raise FileError(f"'{name}' was made for other equations or constants than those of this version; {_AGAIN}")
    if dict(found.posteriors) != {rival: posterior.digest for rival, posterior in posteriors.items()}:
        raise FileError(f"'{name}' was made for other posteriors than those of this version; {_AGAIN}")
    return found


def _row(row: dict[str, Any]) -> Row:
    return Row(**{**row, "medicine": tuple(row["medicine"]), "condition": tuple(row["condition"])})


@cache
def left_out_predictions() -> LeftOutPredictions:
    """Return what comes with the package.

    Raises
    ------
    FileError
        If it is missing, or was made for other posteriors than those of the package.
    """
    item = files("afterglow.calibrate").joinpath("data", LEFT_OUT_FILE)
    if not item.is_file():
        raise FileError(f"the package holds no '{LEFT_OUT_FILE}'; {_AGAIN}")
    return _parsed(item.read_bytes(), LEFT_OUT_FILE, {rival: shipped(rival) for rival in RIVALS})
