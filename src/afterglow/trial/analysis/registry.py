"""The analyses by name, each a function of a trial's data that compares each arm with the reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from afterglow.errors import ParameterError, nearest
from afterglow.trial.analysis.ancova import ancova
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.analysis.estimate import Estimate
from afterglow.trial.analysis.factorial import factorial
from afterglow.trial.analysis.imputation import reference_based
from afterglow.trial.analysis.mmrm import mmrm
from afterglow.trial.analysis.responders import responders
from afterglow.trial.analysis.survival import TimeToEvent, cox, log_rank

__all__ = ["ANALYSES", "OF_EVENTS", "Analysis", "analyse"]

OF_EVENTS = ("log-rank", "cox")
"""Analyses of times to an event."""


Analysis: TypeAlias = Callable[..., Estimate]
"""Takes `TrialData` and settings; returns each arm against the reference, (arms - 1,) or (trials, arms - 1).

`factorial` returns `EFFECTS` in the place of arms.
"""


def _mmrm_at_visit(data: TrialData, /, *, visit: str | int = -1, **settings: Any) -> Estimate:
    return mmrm(data, **settings).differences.at((..., data.visit(visit)))


def _reference_based_at_visit(data: TrialData, /, *, visit: str | int = -1, **settings: Any) -> Estimate:
    return reference_based(data, **settings).at((..., data.visit(visit)))


ANALYSES: Mapping[str, Analysis] = {
    "mmrm": _mmrm_at_visit,
    "ancova": ancova,
    "responders": responders,
    "factorial": factorial,
    "reference-based": _reference_based_at_visit,
    "log-rank": log_rank,
    "cox": cox,
}
"""By name; settings are those of the functions, beside `visit`, which is the last one by default.

`log-rank` and `cox` take `TimeToEvent`, and the logarithm of the hazard ratio is their value.
"""


def analyse(name: str, data: TrialData | TimeToEvent, /, **settings: Any) -> Estimate:
    """Run an analysis by its name.

    Raises
    ------
    ParameterError
        If there is none of that name, the data are of another kind, or one trial's data cannot carry it.
    """
    if name not in ANALYSES:
        raise ParameterError(f"no analysis is called '{name[:40]}'; {nearest(name, ANALYSES)}")
    if (name in OF_EVENTS) != isinstance(data, TimeToEvent):
        needed = "times to an event" if name in OF_EVENTS else "ratings at visits"
        raise ParameterError(f"{name} needs {needed}, which these data are not")
    return ANALYSES[name](data, **settings)
