"""Designs that the benchmarks run."""

from __future__ import annotations

from typing import Any

__all__ = ["three_doses_twelve_sessions", "two_arms"]

_POPULATION = {"condition": "ptsd", "scale": "CAPS-5", "baseline_mean": 44, "baseline_sd": 6, "inclusion_min": 35}


def _doses(medicine: str, day: float) -> list[dict[str, Any]]:
    if medicine == "mdma":
        first = {"day": day, "medicine": "mdma", "dose_mg": 120, "route": "oral"}
        return [first, {**first, "hour": 1.75, "dose_mg": 60}]
    if medicine == "ketamine":
        return [{"day": day, "medicine": "ketamine", "dose_mg_per_kg": 0.5, "route": "iv", "duration_h": 0.667}]
    return [{"day": day, "medicine": medicine, "dose_mg": 25, "route": "oral"}]


def _arm(medicine: str) -> dict[str, Any]:
    sessions = [{"day": d, "kind": "preparation", "hours": 1.5} for d in (-14, -7, -3)]
    doses = []
    for first in (0, 28, 56):
        doses += _doses(medicine, first)
        sessions.append({"day": first, "kind": "dosing", "hours": 8})
        sessions += [{"day": first + k, "kind": "integration", "hours": 1.5} for k in (1, 7, 14)]
    return {"id": medicine, "doses": doses, "sessions": sessions}


def three_doses_twelve_sessions(medicine: str) -> dict[str, Any]:
    """A year with three doses, three preparation and nine integration sessions."""
    return {
        "title": f"three doses of {medicine}, twelve sessions",
        "horizon_days": 351.25,
        "population": _POPULATION,
        "arms": [_arm(medicine)],
        "assessments": [{"scale": "CAPS-5", "days": [-14, 28, 56, 112, 351]}],
    }


def two_arms() -> dict[str, Any]:
    """A year of two arms: three doses of psilocybin, or the sessions alone."""
    spec = three_doses_twelve_sessions("psilocybin")
    alone = {"id": "sessions", "sessions": spec["arms"][0]["sessions"]}
    return {**spec, "arms": [*spec["arms"], alone]}
