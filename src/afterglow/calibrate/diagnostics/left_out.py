"""What calibration comes to, worked out once and kept as one file: each study foretold, the rivals, the parameters.

``docs/reference/generate_calibration.py`` writes the file after every calibration; pages read it, and refuse one that
was made for other posteriors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from afterglow.calibrate.diagnostics.baselines import baselines_of
from afterglow.calibrate.diagnostics.comparisons import comparisons_of
from afterglow.calibrate.diagnostics.parameter_table import parameter_rows
from afterglow.calibrate.diagnostics.predictions import Predictions, foretold, rows_of
from afterglow.calibrate.diagnostics.scores import Row, summary
from afterglow.calibrate.diagnostics.weigh import weigh
from afterglow.calibrate.free_parameters import FreeParameters
from afterglow.calibrate.likelihood import TrialNoise
from afterglow.calibrate.targets import Trial, calibration_trials, placed
from afterglow.cohort import RIVALS, Draw
from afterglow.errors import FileError, ParameterError
from afterglow.evidence.findings.finding import Finding
from afterglow.evidence.findings.of_study import read_rows
from afterglow.evidence.studies.library import study
from afterglow.files import write_bytes_atomically
from afterglow.posterior import ODDNESS, Posterior, Posteriors, fingerprint, shipped
from afterglow.posterior.stacking import weighed
from afterglow.results.mixture import Z90

__all__ = [
    "LEFT_OUT_FILE",
    "LeftOutPredictions",
    "left_out_predictions",
    "left_out_rows",
    "predict_left_out",
    "read_left_out",
    "write_left_out",
]

LEFT_OUT_FILE = "foretold.json"
"""Name of the file, in the folder ``data`` of this part."""

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
        By group (means, differences, shares, relapse) how well they are foretold, as `scores.summary` has it.
    rows : tuple of Row
        Every published number that was fitted, and each difference between arms, foretold from the other studies.
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
    trials = _fitted(every)
    rows = _rows(trials, every)
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
        studies={trial.name: _by_place(trial, every) for trial in trials},
        rivals=weigh(every).as_json(),
    )


def left_out_rows(posteriors: Posteriors) -> list[Row]:
    """Foretell each study of the calibration from all others, as its fits left it; baselines leave it out as well.

    Raises
    ------
    ParameterError
        If a posterior was fitted to other rows than those of the package.
    """
    return _rows(_fitted(posteriors), posteriors)


def _rows(trials: Sequence[Trial], posteriors: Posteriors) -> list[Row]:
    plain = baselines_of(trials)
    return [
        row for trial in trials for row in rows_of(trial, _without_itself(trial, posteriors), plain.without(trial.name))
    ]


def _fitted(posteriors: Posteriors) -> tuple[Trial, ...]:
    """Return the trials that all explanations were fitted to."""
    held = [posterior.diagnostics["left_out_mean"] for posterior in posteriors.by_rival.values()]
    found = tuple(trial for trial in calibration_trials() if trial.name in held[0])
    for trial in found:
        if any(len(means.get(trial.name, ())) != len(trial.targets) for means in held):
            raise ParameterError(
                f"the posterior was fitted to other rows of {trial.name}; run afterglow calibrate again"
            )
    return found


def _without_itself(trial: Trial, posteriors: Posteriors) -> Predictions:
    """Foretell what a trial published from the fits without it, one draw for an explanation and an oddness."""
    draws, means, around = [], [], []
    for rival, posterior in posteriors.by_rival.items():
        told = [posterior.diagnostics[f"left_out_{part}"][trial.name] for part in ("mean", "sampling", "departure")]
        mean, noise = np.array(told[0]), TrialNoise(np.array(told[1]), np.array(told[2]))
        for kind in ODDNESS:
            draws.append(Draw(rival=rival, weight=posteriors.weights[rival] / len(ODDNESS), oddness=kind))
            means.append(mean)
            around.append(noise.at(kind))
    return foretold(trial, draws, np.stack(means), np.stack(around))


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
            places.setdefault(placed(found, trial.protocol), row.place)
    mixed = _without_itself(trial, posteriors)
    told = {}
    for k, c in enumerate(comparisons_of(trial)):
        if c.finding in places:
            low, high = float(mixed.low[k]), float(mixed.high[k])
            inside = bool(low <= c.finding.value <= high)
            told[places[c.finding]] = {"predicted": float(mixed.mean[k]), "low": low, "high": high, "inside": inside}
    return told


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
    return Row(**{**row, "baselines": {name: tuple(guess) for name, guess in row["baselines"].items()}})


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
