"""Simulated trials as files: the people of some trials as others can read them, and the characteristics of all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from afterglow.errors import FileError, ParameterError
from afterglow.files import write_text_atomically
from afterglow.spreadsheet import csv_text
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.characteristics.operating import Characteristics
from afterglow.trial.characteristics.simulate import SimulatedTrials
from afterglow.trial.simulation.batch import Batch
from afterglow.trial.simulation.lives import UNSURE, Lives
from afterglow.trial.simulation.outcomes import Outcomes
from afterglow.trial.tables import write_adam, write_table

__all__ = ["DATASETS", "flat_rows", "write_characteristics", "write_datasets"]

DATASETS = 10
"""Trials that are written where nobody says how many."""

_MOST = 1000
_ENDINGS = (".csv", ".parquet", ".json")


def write_datasets(simulated: SimulatedTrials, folder: str | Path, *, count: int = DATASETS) -> list[Path]:
    """Write the people of the first trials, of the largest size, as ADaM-like tables in three formats.

    Each trial is a CSV, a Parquet and a Dataset-JSON file, ``trial-0001`` and so on. Scores are those that were rated;
    ``ANL01FL`` says which of them the estimand counts as they are, and a column for each intercurrent event the day of
    the visit at which it had happened. ``trials.csv`` says which explanation each trial is, and what is true in it.

    Parameters
    ----------
    simulated : SimulatedTrials
    folder : str or Path
        Made if it is not there.
    count : int
        How many trials; no more than were simulated.

    Raises
    ------
    ParameterError
        If the number is impossible.
    FileError
        If the folder cannot be made or written.
    """
    if not 1 <= count <= _MOST:
        raise ParameterError(f"the people of 1 to {_MOST} trials can be written, not {count}")
    place = _folder(folder)
    trial, own = simulated.trial, min(count, simulated.count)
    places = np.arange(own) % len(simulated.bank.draws)
    needed = np.unique(places)
    batch = Batch(
        trial,
        simulated.bank.at(needed.tolist()),
        tuple(np.searchsorted(needed, places).tolist()),
        tuple(range(own)),
        (simulated.sizes[-1],),
        simulated.spec.seed,
    )
    lives, found = batch.people()
    days = simulated.bank.days
    written = []
    for k in range(own):
        data, options = _trial_data(simulated, lives, found, k)
        for ending in _ENDINGS:
            path = place / f"trial-{k + 1:04d}{ending}"
            written.append(
                write_adam(
                    path,
                    data,
                    parameter=trial.scale.id,
                    parameter_label=f"{trial.scale.id} total score",
                    days=days[1:].tolist(),
                    baseline_day=float(days[0]),
                    **options,
                )
            )
    rows = [
        {
            "trial": k + 1,
            "explanation": simulated.bank.draws[places[k]].rival,
            "draw": int(places[k]) + 1,
            **{f"departure_{arm.id}_sd": simulated.held["departure"][k, j] for j, arm in enumerate(trial.arms)},
        }
        for k in range(own)
    ]
    table = pd.DataFrame(rows)
    written.append(write_table(table, place / "trials.csv", name="TRIALS", label="Simulated trials", labels={}))
    return written


def write_characteristics(found: Characteristics, folder: str | Path) -> list[Path]:
    """Write the characteristics as ``characteristics.json`` and, a row for each design, as ``designs.csv``.

    Raises
    ------
    FileError
        If the folder cannot be made or written.
    """
    place, rows = _folder(folder), flat_rows(found)
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [
        write_text_atomically(place / "characteristics.json", json.dumps(found.to_json(), indent=1) + "\n"),
        write_text_atomically(
            place / "designs.csv", csv_text([names, *([row.get(name) for name in names] for row in rows)])
        ),
    ]


def flat_rows(found: Characteristics) -> list[dict[str, Any]]:
    """Return the rows with a name for every number, such as ``power.window`` and its error ``power.window.se``."""
    return [_flat(row.to_json()) for row in found.rows]


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in row.items():
        held = {str(k): each for k, each in enumerate(value)} if isinstance(value, list) else value
        if isinstance(held, dict) and set(held) == {"value", "se"}:
            flat |= {key: held["value"], f"{key}.se": held["se"]}
        elif isinstance(held, dict):
            flat |= {f"{key}.{name}": each for name, each in _flat(held).items()}
        else:
            flat[key] = held
    return flat


def _folder(folder: str | Path) -> Path:
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileError(f"{place} is a file, not a folder; name another place") from None
    except OSError as error:
        raise FileError(f"cannot make the folder {place}: {error.strerror}") from None
    return place


def _trial_data(
    simulated: SimulatedTrials, lives: list[Lives], found: list[Outcomes], k: int
) -> tuple[TrialData, dict[str, Any]]:
    """Return the people of trial `k` as they were rated, what they guess and which ratings count."""
    trial, days = simulated.trial, simulated.bank.days
    counts = [held.scores.shape[1] for held in lives]
    visits = np.arange(1, len(days))
    scores = np.concatenate([
        np.where(visits >= held.dropped[k][:, None], np.nan, held.scores[k, :, 1:]) for held in lives
    ])  # fmt: skip
    as_rated = np.concatenate([
        (held.every[k] == own.scores[k, :, 1:]) & held.counted[k][:, None]
        for own, held in zip(lives, found, strict=True)
    ])  # fmt: skip
    covariates: dict[str, np.ndarray[Any, Any]] = {}
    sites = trial.section.expectancy.sites
    if sites:
        covariates["site"] = np.array([site.id for site in sites])[np.concatenate([held.site[k] for held in lives])]
    when = np.array([*(f"{day:g}" for day in days), ""])
    for j, event in enumerate(trial.section.intercurrent_events):
        covariates[f"day_of_{event.id}"] = when[np.concatenate([held.events[j, k] for held in lives])]
    said = np.concatenate([held.guess[k] for held in lives])
    data = TrialData(
        arm=np.repeat(np.arange(len(lives)), counts),
        arms=[arm.id for arm in trial.arms],
        visits=[f"Day {day:g}" for day in trial.visits],
        outcomes=scores,
        baseline=np.concatenate([held.scores[k, :, 0] for held in lives]),
        covariates=covariates,
        people=[f"T{k + 1:04d}-{person:04d}" for person in range(1, sum(counts) + 1)],
    )
    guess = np.where(said == UNSURE, "unsure", np.where(said == 1, "active", "control"))
    return data, {"guess": guess, "counts": as_rated}
