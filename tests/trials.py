"""Data of trials that tests share."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from afterglow.trial.analysis import TrialData

FEV = Path(__file__).parent / "data" / "fev.csv"
"""Example data of the R package mmrm: 200 people, two arms, four visits; its licence is in NOTICE."""


@cache
def fev(*covariates: str, baseline: bool = False) -> TrialData:
    """The example trial, with PBO as the reference."""
    rows = pd.read_csv(FEV)
    people = rows.groupby("USUBJID").first()
    wide = rows.pivot(index="USUBJID", columns="AVISIT", values="FEV1")
    return TrialData(
        arm=(people["ARMCD"] == "TRT").to_numpy(int),
        arms=["PBO", "TRT"],
        visits=list(wide.columns),
        outcomes=wide.to_numpy(),
        baseline=people["FEV1_BL"].to_numpy() if baseline else None,
        covariates={name: people[name].to_numpy() for name in covariates},
        people=list(wide.index),
    )


def simulated(
    trials: int, *, per_arm: int = 60, visits: int = 4, effect: float = 0.0, dropout: float = 0.06, seed: int = 1
) -> TrialData:
    """Trials of two arms with compound symmetry, SD 8 and people who leave for good."""
    rng = np.random.default_rng(seed)
    people = 2 * per_arm
    arm = np.tile([0, 1], per_arm)
    scores = 20 + 8 * (np.sqrt(0.6) * rng.standard_normal((trials, people, 1)))
    scores = scores + 8 * np.sqrt(0.4) * rng.standard_normal((trials, people, visits + 1))
    outcomes = scores[:, :, 1:] + effect * arm[:, None] * np.arange(1, visits + 1) / visits
    gone = np.maximum.accumulate(rng.random(outcomes.shape) < dropout, axis=2)
    return TrialData(
        arm=arm,
        arms=["control", "treated"],
        visits=[f"week {week}" for week in range(1, visits + 1)],
        outcomes=np.where(gone, np.nan, outcomes),
        baseline=scores[:, :, 0],
    )


@cache
def antidepressant() -> TrialData:
    """The example trial of the R package rbmi: change of HAM-D17 at four visits, with PLACEBO as the reference."""
    rows = pd.read_csv(FEV.with_name("antidepressant.csv"))
    wide = rows.pivot(index="USUBJID", columns="AVISIT", values="AVAL")
    arm = rows.groupby("USUBJID")["TRTP"].first()
    base = wide.pop("Baseline").to_numpy(float)
    change = wide.to_numpy(float) - base[:, None]
    return TrialData((arm == "DRUG").to_numpy(int), ["PLACEBO", "DRUG"], list(wide.columns), change, base)
