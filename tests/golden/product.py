"""Concentrations by the product's own path, on the time grid of the slow reference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from afterglow.cohort import Cohort
from afterglow.protocol import Dose, Population
from afterglow.simulate.schedule import Happening, Schedule
from afterglow.simulate.solve import solve_arm

ANALYTES = {
    "ketamine": ("ketamine", "norketamine"),
    "esketamine": ("esketamine", "noresketamine"),
    "mdma": ("mdma", "mda", "hmma"),
}


def levels(
    medicine: str,
    doses: Any,
    hours: float,
    weight_kg: float,
    people: int,
    covariates: Any,
    typical: Any,
    *,
    step_h: float,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return times (h) and each analyte's concentration (people, time)."""
    happenings = []
    for dose in (dict(d) for d in doses):
        hour = dose.pop("hour", 0.0)
        given = Dose.model_construct(
            day=0.0, hour=0.0, medicine=medicine, **{"dose_mg": None, "duration_h": None, **dose}
        )
        happenings.append(Happening(day=hour / 24, kind="dose", dose=given))
    plan = Schedule(
        begin=0.0,
        end=hours / 24 + 1e-9,
        happenings=tuple(happenings),
        dosing_days=(0.0,),
        group_size=1,
        adherence=0.6,
    )
    population = Population(
        condition="ptsd", scale="CAPS-5", baseline_mean=44, baseline_sd=6, weight_mean_kg=weight_kg, weight_sd_kg=0
    )
    cohort = Cohort(population=population, participants=people, seed=20, typical=dict(typical))
    drawn = cohort.people()
    other = {name: np.full(people, value) for name, value in dict(covariates).items()}
    drawn = replace(drawn, values={**drawn.values, "cyp2d6_activity": np.ones(people), **other})
    time = np.arange(round(hours / step_h) + 1) * step_h
    analytes = ANALYTES.get(medicine, (medicine,))
    seen = solve_arm(plan, drawn, days=time / 24, names=tuple(f"concentration_{a}" for a in analytes))
    return time, {a: seen.values[:, k] for k, a in enumerate(analytes)}
