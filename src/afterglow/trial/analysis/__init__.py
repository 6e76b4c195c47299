"""Statistics of trials: arrays in, estimates out; nothing here knows of a run or a protocol."""

from __future__ import annotations

from afterglow.trial.analysis.ancova import ancova
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.analysis.estimate import Estimate, estimate
from afterglow.trial.analysis.factorial import EFFECTS, factorial
from afterglow.trial.analysis.imputation import STRATEGIES, reference_based
from afterglow.trial.analysis.mmrm import Mmrm, mmrm
from afterglow.trial.analysis.registry import ANALYSES, OF_EVENTS, analyse
from afterglow.trial.analysis.responders import responders, responses
from afterglow.trial.analysis.survival import Survival, TimeToEvent, cox, kaplan_meier, log_rank

__all__ = [
    "ANALYSES",
    "EFFECTS",
    "OF_EVENTS",
    "STRATEGIES",
    "Estimate",
    "Mmrm",
    "Survival",
    "TimeToEvent",
    "TrialData",
    "analyse",
    "ancova",
    "cox",
    "estimate",
    "factorial",
    "kaplan_meier",
    "log_rank",
    "mmrm",
    "reference_based",
    "responders",
    "responses",
]
