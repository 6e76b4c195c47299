"""Statistics of trials: arrays in, estimates out; nothing here knows of a run or a protocol."""

from __future__ import annotations

from afterglow.trial.analysis.ancova import ancova
from afterglow.trial.analysis.data import TrialData
from afterglow.trial.analysis.estimate import Estimate, estimate
from afterglow.trial.analysis.factorial import EFFECTS, factorial
from afterglow.trial.analysis.mmrm import Mmrm, mmrm
from afterglow.trial.analysis.registry import ANALYSES, analyse
from afterglow.trial.analysis.responders import responders, responses

__all__ = [
    "ANALYSES",
    "EFFECTS",
    "Estimate",
    "Mmrm",
    "TrialData",
    "analyse",
    "ancova",
    "estimate",
    "factorial",
    "mmrm",
    "responders",
    "responses",
]
