"""A simulated trial as a table in the manner of ADaM, which SAS, R's mmrm and rbmi and this package read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from afterglow.errors import ParameterError
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.tables.files import write_table

__all__ = ["LABELS", "adam_table", "write_adam"]

LABELS: Mapping[str, str] = {
    "STUDYID": "Study identifier",
    "USUBJID": "Unique subject identifier",
    "TRTP": "Planned treatment",
    "TRTPN": "Planned treatment (N), reference 0",
    "PARAMCD": "Parameter code",
    "PARAM": "Parameter",
    "AVISIT": "Analysis visit",
    "AVISITN": "Analysis visit (N), 0 at baseline",
    "ADY": "Analysis relative day",
    "AVAL": "Analysis value",
    "BASE": "Baseline value",
    "CHG": "Change from baseline",
    "ABLFL": "Baseline record flag",
    "ANL01FL": "Analysis flag: counts for the estimand",
    "GUESS": "Arm that the person believes to be in",
}
"""What the columns hold, in at most 40 letters; covariates have columns of their own.

ADY is 1 on the day of the first dosing; as in all of CDISC there is no day 0.
"""

_BASELINE = "Baseline"


def adam_table(
    data: TrialData,
    *,
    parameter: str = "SCORE",
    parameter_label: str = "",
    study: str = "SIMULATED",
    days: Sequence[float] | None = None,
    baseline_day: float = 0.0,
    guess: ArrayLike | None = None,
    counts: ArrayLike | None = None,
) -> pd.DataFrame:
    """Return one row for each rating, the baseline included where it is held.

    Parameters
    ----------
    data : TrialData
        Of one trial.
    parameter, parameter_label : str
        Code and words of the outcome, such as MADRS.
    study : str
    days : sequence of float, optional
        Of the visits, counted from the first dosing (0).
    baseline_day : float
        In the same count.
    guess : array (people,) of str, optional
        Which arm each person believes to be in.
    counts : bool array (people, visits), optional
        Which ratings count for the estimand; by default all.

    Raises
    ------
    ParameterError
        If the data are of many trials, or an array has another shape.
    """
    if data.many:
        raise ParameterError("a table holds one trial; take one of them")
    people, visits = data.outcomes.shape
    names = list(data.people) or [f"{study}-{k:04d}" for k in range(1, people + 1)]
    flags = np.ones((people, visits), dtype=bool) if counts is None else np.asarray(counts, dtype=bool)
    believed = np.full(people, "") if guess is None else np.asarray(guess).astype(str)
    when = None if days is None else np.asarray(days, np.float64)
    for what, held, shape in (
        ("what counts", flags, (people, visits)),
        ("the guess", believed, (people,)),
        ("the days", when if when is not None else np.zeros(visits), (visits,)),
        ("the names", np.asarray(names), (people,)),
    ):
        if held.shape != shape:
            raise ParameterError(f"{what} must have shape {shape}, got {held.shape}")
    base = data.baseline if data.baseline is not None else np.full(people, np.nan)
    values = np.concatenate([base[:, None], data.outcomes], axis=1)
    person, place = np.nonzero(np.isfinite(values))
    aval = values[person, place]
    at_base = place == 0
    columns: dict[str, Any] = {
        "STUDYID": study,
        "USUBJID": np.asarray(names, dtype=object)[person],
        "TRTP": np.asarray(data.arms, dtype=object)[data.arm[person]],
        "TRTPN": data.arm[person],
        "PARAMCD": _code(parameter),
        "PARAM": parameter_label or parameter,
        "AVISIT": np.asarray([_BASELINE, *data.visits], dtype=object)[place],
        "AVISITN": place,
    }
    if when is not None:
        day = np.floor(np.concatenate([[baseline_day], when])).astype(np.int64)
        columns["ADY"] = np.where(day >= 0, day + 1, day)[place]
    columns |= {
        "AVAL": aval,
        "BASE": base[person],
        "CHG": np.where(at_base, np.nan, aval - base[person]),
        "ABLFL": np.where(at_base, "Y", ""),
        "ANL01FL": np.where(~at_base & flags[person, np.maximum(place - 1, 0)], "Y", ""),
    }
    if guess is not None:
        columns["GUESS"] = believed[person]
    for name, held in data.covariates.items():
        column = _code(name)
        if column in columns:
            raise ParameterError(f"a covariate cannot be called '{name[:60]}', which is a column of its own")
        columns[column] = held[person] if held.ndim == 1 else held[person, np.maximum(place - 1, 0)]
    return pd.DataFrame(columns)


def write_adam(path: str | Path, data: TrialData, *, made: datetime | None = None, **options: Any) -> Path:
    """Write the table of `adam_table` as CSV, Parquet or Dataset-JSON, by the ending of the name.

    Parameters
    ----------
    path : str or Path
    data : TrialData
    made : datetime, optional
        When, for Dataset-JSON; default: now.
    **options
        Of `adam_table`.

    Raises
    ------
    FileError
        If the ending is another, or the file cannot be written.
    """
    table = adam_table(data, **options)
    return write_table(table, path, name="ADQS", label="Simulated trial: ratings", labels=LABELS, made=made)


def _code(name: str) -> str:
    """Return a name as a column or code of ADaM has it: capitals, digits and underscores."""
    return re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_") or "X"
