"""A forecast on record: made once, written once, and checked ever after."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from afterglow.errors import FileError
from afterglow.files import write_text_atomically
from afterglow.posterior import fingerprint, shipped_posteriors
from afterglow.predictions.numbers import numbers_of
from afterglow.predictions.registration import RegisteredTrial
from afterglow.runs.execute import EngineName
from afterglow.runs.simulate import simulate
from afterglow.version import __version__

__all__ = ["DRAWS", "PEOPLE", "SCORING", "Check", "check", "digest_of", "forecast", "read_forecast", "write_forecast"]

PEOPLE = 256
DRAWS = 256

SCORING = (
    "Each published number: whether it lies inside its 90 % interval.",
    "Each mean, change and difference: the CRPS of a normal with its value and SD (gneiting2007), in SDs of `unit`.",
    "The primary outcome: the log score of what happened, log P if the trial was positive and log(1 - P) if not.",
)
"""How a forecast is scored, fixed when it is made."""

_KEYS = {"format", "trial", "positive", "made", "scoring", "weighted", "by_explanation", "digest"}
_FORMAT = 1
_SAME = 1e-6
"""Numbers that differ by less are the same: what another machine's arithmetic may change."""


def forecast(
    trial: RegisteredTrial,
    *,
    seed: int = 1,
    participants: int = PEOPLE,
    draws: int = DRAWS,
    made_on: date | None = None,
    engine: EngineName = "threads",
    workers: int | None = None,
) -> dict[str, Any]:
    """Foretell a registered trial, under each explanation and by their weights.

    Parameters
    ----------
    trial : RegisteredTrial
    seed, participants, draws : int
        See `simulate`.
    made_on : date, optional
        By default today.
    engine : str
    workers : int, optional

    Returns
    -------
    dict
        Plain data with its digest, which `write_forecast` keeps.

    Raises
    ------
    ProtocolError, ParameterError, SolverError
        As `simulate` does.
    """
    result = simulate(
        trial.protocol,
        participants=participants,
        draws=draws,
        seed=seed,
        twins=False,
        engine=engine,
        workers=workers,
        store=False,
    )
    spec = result.run.spec
    held = {
        "format": _FORMAT,
        "trial": trial.as_data(),
        "positive": trial.registration.positive,
        "made": {
            "date": (made_on or date.today()).isoformat(),
            "version": spec.version,
            "model": spec.model,
            "posteriors": {e.rival: e.posterior for e in spec.explanations},
            "weights": {e.rival: e.weight for e in spec.explanations},
            "seed": spec.seed,
            "draws": draws,
            "participants": participants,
            "run": spec.key,
        },
        "scoring": list(SCORING),
        "weighted": numbers_of(result, trial.registration),
        "by_explanation": {name: numbers_of(tables, trial.registration) for name, tables in result.by_rival.items()},
    }
    return {**held, "digest": digest_of(held)}


def digest_of(held: Mapping[str, Any]) -> str:
    """Return the digest of all that a forecast says, itself left out."""
    said = {key: value for key, value in held.items() if key != "digest"}
    text = json.dumps(said, sort_keys=True, allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def write_forecast(held: Mapping[str, Any], path: str | Path) -> Path:
    """Write a forecast as JSON; one that is there already is never replaced.

    Raises
    ------
    FileError
        If the file exists, or cannot be written.
    """
    return write_text_atomically(path, json.dumps(held, indent=1, allow_nan=False) + "\n", replace=False)


def read_forecast(path: str | Path) -> dict[str, Any]:
    """Read a forecast that `write_forecast` wrote, whole or not; `check` says whether it is.

    Raises
    ------
    FileError
        If it cannot be read or is no forecast.
    """
    try:
        held = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(
            f"'{path}' could not be read as a forecast: {getattr(error, 'strerror', None) or error}"
        ) from None
    if not isinstance(held, dict) or set(held) != _KEYS or held["format"] != _FORMAT:
        raise FileError(f"'{path}' is not a forecast that afterglow predict wrote")
    return held


@dataclass(frozen=True, kw_only=True)
class Check:
    """Whether a forecast is whole, and whether today's model says the same.

    Parameters
    ----------
    whole : bool
        Whether nothing was changed since it was made.
    made : mapping
        Date, version, model, posteriors, weights, seed, draws and people.
    same_version, same_model, same_posteriors : bool
        Whether version, equations and constants, and calibration are those of today.
    moved : mapping of str to (float, float) or None
        By number, what was foretold and what today's model says, where they differ; None where the forecast is not
        whole, so that it was not run again.
    """

    whole: bool
    made: Mapping[str, Any]
    same_version: bool
    same_model: bool
    same_posteriors: bool
    moved: Mapping[str, tuple[float, float]] | None

    @property
    def same_numbers(self) -> bool:
        """Whether today's model says the same."""
        return self.moved is not None and not self.moved


def check(held: Mapping[str, Any], *, engine: EngineName = "threads", workers: int | None = None) -> Check:
    """Check a forecast, and run it again with today's model.

    Raises
    ------
    ProtocolError, ParameterError, SolverError
        If today's model cannot run it.
    """
    whole, made = digest_of(held) == held["digest"], held["made"]
    moved = None
    if whole:
        again = forecast(
            RegisteredTrial.from_data(held["trial"]),
            seed=made["seed"],
            participants=made["participants"],
            draws=made["draws"],
            engine=engine,
            workers=workers,
        )
        then, now = (dict(_leaves(one["weighted"], "")) for one in (held, again))
        moved = {
            name: (value, now[name])
            for name, value in then.items()
            if isinstance(value, float) and abs(value - now.get(name, float("inf"))) > _SAME
        }
    return Check(
        whole=whole,
        made=made,
        same_version=made["version"] == __version__,
        same_model=made["model"] == fingerprint(),
        same_posteriors=made["posteriors"] == shipped_posteriors().digests,
        moved=moved,
    )


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every number with a name such as ``contrasts[psilocybin_25_mg].difference.value``."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, f"{path}[{item['arm']}]")
    else:
        yield path, value
