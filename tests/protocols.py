"""Protocols that the tests share: the eight behaviours of the model, as a clinician would plan them."""

from __future__ import annotations

from typing import Any

DEPRESSION = {
    "condition": "major_depression",
    "scale": "MADRS",
    "baseline_mean": 32.0,
    "baseline_sd": 5.0,
    "inclusion_min": 20,
}
RESISTANT = {**DEPRESSION, "condition": "treatment_resistant_depression"}
PTSD = {"condition": "ptsd", "scale": "CAPS-5", "baseline_mean": 44.0, "baseline_sd": 6.0, "inclusion_min": 35}
DAYS = [-1, 1, 2, 4, 7, 10, 14, 21, 28, 42, 60, 90, 120, 180, 270, 365]


def session(day: float, kind: str = "integration", hours: float = 1.5, **more: Any) -> dict[str, Any]:
    return {"day": day, "kind": kind, "hours": hours, **more}


def sit(day: float, hours: float = 8.0) -> dict[str, Any]:
    return session(day, "dosing", hours)


def prepared(first: float = -14) -> list[dict[str, Any]]:
    return [session(first + 5 * k, "preparation") for k in range(3)]


def ketamine(day: float, mg_per_kg: float = 0.5) -> dict[str, Any]:
    return {"day": day, "medicine": "ketamine", "dose_mg_per_kg": mg_per_kg, "route": "iv", "duration_h": 0.667}


def psilocybin(day: float = 0, mg: float = 25) -> dict[str, Any]:
    return {"day": day, "medicine": "psilocybin", "dose_mg": mg, "route": "oral"}


def mdma(day: float, mg: float = 120) -> list[dict[str, Any]]:
    return [
        {"day": day, "medicine": "mdma", "dose_mg": mg, "route": "oral"},
        {"day": day, "hour": 1.75, "medicine": "mdma", "dose_mg": mg / 2, "route": "oral"},
    ]


def training(first: float) -> list[dict[str, Any]]:
    return [session(first + k, "training", 0.33, format="digital", hour=hour) for k in range(4) for hour in (9.0, 15.0)]


def protocol(population: dict[str, Any], days: list[float] | None = None, **arms: Any) -> dict[str, Any]:
    """A protocol of the arms given as keywords."""
    return {
        "title": "behaviours",
        "horizon_days": 366,
        "population": population,
        "arms": [{"id": name, **arm} for name, arm in arms.items()],
        "assessments": [{"scale": population["scale"], "days": days or DAYS}],
    }


def mapp1() -> dict[str, Any]:
    sessions = prepared(-21)
    for first in (0, 28, 56):
        sessions += [sit(first), *(session(first + k) for k in (1, 8, 15))]
    sessions.sort(key=lambda s: s["day"])
    doses = [*mdma(0, 80), *mdma(28), *mdma(56)]
    days = [-14, 25, 53, 112, 180, 270, 365]
    return protocol(PTSD, days, mdma={"doses": doses, "sessions": sessions}, therapy={"sessions": sessions}) | {
        "blinding": {"design": "blinded"}
    }


def comp001() -> dict[str, Any]:
    sessions = [
        *(session(d, "preparation", 2) for d in (-14, -7, -1)),
        sit(0, 7),
        session(1),
        session(7),
    ]
    arms = {f"psilocybin_{mg}": {"doses": [psilocybin(0, mg)], "sessions": sessions} for mg in (25, 10, 1)}
    days = [-1, 1, 7, 21, 42, 63, 84, 180, 365]
    return protocol(RESISTANT, days, **arms) | {"blinding": {"design": "blinded"}}


def asat() -> dict[str, Any]:
    saline = {"day": 0, "medicine": "placebo", "route": "iv"}
    arms = {
        "ket_asat": {"doses": [ketamine(0)], "sessions": training(1)},
        "ket_sham": {"doses": [ketamine(0)]},
        "sal_asat": {"doses": [saline], "sessions": training(1)},
        "ket_late": {"doses": [ketamine(0)], "sessions": training(31)},
    }
    return protocol(RESISTANT, [-1, 1, 5, 10, 15, 30, 35, 60, 90, 180, 365], **arms) | {
        "blinding": {"design": "blinded"}
    }


EVIL = '<script>alert("x")</script>$\\frac{$ & "quoted"'


def three_arms() -> dict[str, Any]:
    """A plan with everything a report has to show: an extrapolated dose, three dosing days, placebo, two scales, a
    warning, and a title that means harm."""
    arms = {
        "psilocybin": (
            "Psilocybin 60 mg",
            "preparation 2 h individual on days -14 and -7",
            "dosing 7 h individual on day 0",
            "psilocybin 60 mg oral on day 0",
            "integration 90 min individual on days 1, 7, 14 and 28",
            "practice 3 h per week from day 2 to day 56",
        ),
        "mdma": (
            "MDMA with therapy, three times",
            "preparation 90 min individual on days -14 and -7",
            "mdma 80 mg oral on day 0",
            "mdma 120 mg oral on days 28 and 56",
            "dosing 8 h individual on days 0, 28 and 56",
            "integration 90 min individual on days 1, 29 and 57",
        ),
        "placebo": ("Placebo", "placebo oral on day 0", "dosing 6 h individual on day 0"),
    }
    return {
        "title": EVIL,
        "horizon_days": 365,
        "allow_extrapolation": True,
        "population": {**DEPRESSION, "medications": ["lithium"]},
        "arms": [{"id": name, "label": label, "steps": steps} for name, (label, *steps) in arms.items()],
        "assessments": [
            {"scale": "MADRS", "days": [-1, 2, 7, 21, 42, 84, 168, 365]},
            {"scale": "PHQ-9", "days": [-1, 7, 42, 168, 365]},
        ],
    }
