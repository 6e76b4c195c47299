"""A made-up `Result` for the tests of the report: plausible curves from a few closed forms, no engine.

The numbers mean nothing. What matters is that every table and variable the report reads has the
shape, the names and the units that `afterglow.simulate.Result` promises.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from afterglow.safety.check import SafetyWarning

TWIN = "|no integration"
SCALES = {"MADRS": 60.0, "PHQ-9": 27.0}
ASSESSED = {"MADRS": (-1.0, 2.0, 7.0, 21.0, 42.0, 84.0, 168.0, 365.0), "PHQ-9": (-1.0, 7.0, 42.0, 168.0, 365.0)}
WINDOW_DAYS = {"psilocybin": 14.0, "mdma": 14.0, "ketamine": 2.0}
PEAK = {"psilocybin": 18.0, "mdma": 230.0, "ketamine": 190.0}
PEAK_H = {"psilocybin": 2.0, "mdma": 2.3, "ketamine": 0.67}
HALF_LIFE_H = {"psilocybin": 2.9, "mdma": 8.0, "ketamine": 2.5}


@dataclass(frozen=True)
class FakeDose:
    day: float
    medicine: str
    dose_mg: float | None = None
    dose_mg_per_kg: float | None = None
    route: str = "oral"
    hour: float = 0.0
    duration_h: float | None = None
    extrapolated: bool = False


@dataclass(frozen=True)
class FakeSession:
    day: float
    kind: str
    hours: float
    hour: float = 0.0
    format: str = "individual"
    tasks: tuple[str, ...] = ("insights", "steps", "practice")
    label: str = ""


@dataclass(frozen=True)
class FakePractice:
    from_day: float
    to_day: float
    hours_per_week: float


@dataclass(frozen=True)
class FakeGroup:
    size: int = 1
    dosing: bool = False
    integration: bool = False
    community: bool = False
    community_every_days: float = 14.0


@dataclass(frozen=True)
class FakeArm:
    id: str
    label: str
    doses: tuple[FakeDose, ...]
    sessions: tuple[FakeSession, ...]
    practice: tuple[FakePractice, ...] = ()
    group: FakeGroup = FakeGroup()
    n: int | None = None
    adherence: float = 0.6


@dataclass(frozen=True)
class FakePopulation:
    condition: str = "major_depression"
    scale: str = "MADRS"
    baseline_mean: float = 32.0
    baseline_sd: float = 5.0
    inclusion_min: float | None = 20.0
    ssri_fraction: float = 0.0
    medications: tuple[str, ...] = ()
    history: tuple[str, ...] = ()


@dataclass(frozen=True)
class FakeAssessment:
    scale: str
    days: tuple[float, ...]


@dataclass(frozen=True)
class FakeBlinding:
    design: str = "open"
    comparator: str = ""


@dataclass(frozen=True)
class FakeProtocol:
    title: str
    arms: tuple[FakeArm, ...]
    population: FakePopulation = FakePopulation()
    assessments: tuple[FakeAssessment, ...] = tuple(FakeAssessment(s, d) for s, d in ASSESSED.items())
    horizon_days: float = 365.0
    blinding: FakeBlinding = FakeBlinding()
    allow_extrapolation: bool = False


LITHIUM = SafetyWarning(
    id="psi_lithium",
    level="contraindication",
    sentence="Contraindication, psilocybin with 'lithium': seizures in online reports.",
    source="https://example.org/lithium?a=1&b=2",
    reference="",
    verified=True,
    arm="psilocybin-25",
)


@dataclass(frozen=True)
class FakeResult:
    protocol: FakeProtocol
    dataset: xr.Dataset
    exposure: pd.DataFrame
    windows: pd.DataFrame
    scores: pd.DataFrame
    relapse: pd.DataFrame
    lasting: pd.DataFrame
    contrasts: pd.DataFrame
    seed: int = 7
    participants: int = 120
    calibrated: bool = False
    rival: str = "window"
    citations: tuple[str, ...] = ("kamp2020", "hasan2021")
    warnings: tuple[SafetyWarning, ...] = (LITHIUM,)


def psilocybin_arm(*, integration: bool = True, label: str = "Psilocybin 25 mg", extrapolated: bool = False) -> FakeArm:
    sessions = [
        FakeSession(-14, "preparation", 2.0),
        FakeSession(-7, "preparation", 2.0),
        FakeSession(0, "dosing", 7.0),
    ]
    if integration:
        sessions += [FakeSession(day, "integration", 1.5) for day in (1, 7, 14, 28)]
    return FakeArm(
        id="psilocybin-25" if integration else "psilocybin-alone",
        label=label,
        doses=(FakeDose(0, "psilocybin", 25.0, extrapolated=extrapolated),),
        sessions=tuple(sessions),
        practice=(FakePractice(1, 56, 3.5),) if integration else (),
    )


def mdma_arm() -> FakeArm:
    doses, sessions = [], [FakeSession(day, "preparation", 1.5) for day in (-21, -14, -7)]
    for index, day in enumerate((0.0, 28.0, 56.0)):
        doses += [
            FakeDose(day, "mdma", (80.0, 120.0, 120.0)[index]),
            FakeDose(day, "mdma", (40.0, 60.0, 60.0)[index], hour=1.75),
        ]
        sessions += [FakeSession(day, "dosing", 8.0)] + [FakeSession(day + d, "integration", 1.5) for d in (1, 7, 14)]
    return FakeArm("mdma", "MDMA with therapy, three times", tuple(doses), tuple(sessions), (FakePractice(1, 84, 2.0),))


def ketamine_arm() -> FakeArm:
    days = (0, 2, 4, 7, 9, 11)
    sessions = [FakeSession(-3, "preparation", 1.0, format="group")]
    sessions += [FakeSession(day + 1, "training", 0.5, format="digital") for day in days]
    sessions += [FakeSession(day, "psychotherapy", 1.0) for day in (12, 19)]
    sessions += [FakeSession(26, "integration", 2.0, format="group")]
    return FakeArm(
        "ketamine",
        "Ketamine, six infusions",
        tuple(FakeDose(day, "ketamine", dose_mg_per_kg=0.5, route="iv", duration_h=0.667) for day in days),
        tuple(sessions),
        (FakePractice(1, 42, 2.0),),
        FakeGroup(size=6, integration=True, community=True),
    )


def placebo_arm() -> FakeArm:
    return FakeArm("placebo", "Placebo", (FakeDose(0, "placebo", 0.0),), (FakeSession(0, "dosing", 6.0),))


ALL_ARMS = (psilocybin_arm(), mdma_arm(), ketamine_arm(), placebo_arm())


def _time_grid(arm_days: list[float], horizon: float) -> np.ndarray:
    coarse = np.concatenate([np.arange(-21.0, 60.0, 0.5), np.arange(60.0, horizon + 1, 2.0)])
    fine = np.concatenate([day + np.linspace(-0.02, 1.5, 110) for day in arm_days] or [np.zeros(1)])
    return np.unique(np.round(np.concatenate([coarse, fine]), 5))


def _since(days: np.ndarray, event: float, tau: float) -> np.ndarray:
    return np.where(days >= event, np.exp(-np.clip(days - event, 0, None) / tau), 0.0)


def _states(
    arm: FakeArm, days: np.ndarray, rng: np.random.Generator, n: int, *, integrate: bool, sign: float
) -> dict[str, np.ndarray]:
    """Curves of one arm, each (participant, time)."""
    drug = next((d.medicine for d in arm.doses if d.medicine in PEAK), None)
    dose_days = sorted({d.day for d in arm.doses})
    spread = np.exp(rng.normal(0, 0.25, (n, 1)))
    out: dict[str, np.ndarray] = {}
    signal, window, felt = np.zeros((n, days.size)), np.zeros((n, days.size)), np.zeros((n, days.size))
    for medicine in PEAK:
        out[f"concentration_{medicine}"] = np.zeros((n, days.size))
    if drug:
        for dose in arm.doses:
            hours = np.clip((days - dose.day) * 24 - dose.hour, 0, None)
            ka, ke = 1.2 / PEAK_H[drug], np.log(2) / HALF_LIFE_H[drug]
            shape = (np.exp(-ke * hours) - np.exp(-3 * ka * hours)) * (hours > 0)
            amount = (dose.dose_mg or 100.0) / 100.0 if drug == "mdma" else 1.0
            out[f"concentration_{drug}"] += PEAK[drug] * amount * spread * shape
        for day in dose_days:
            signal = np.maximum(signal, spread * 0.6 * _since(days, day + 0.1, 1.2))
            close = WINDOW_DAYS[drug] * spread
            window = np.maximum(
                window, (days >= day + 0.1) / (1 + np.exp(np.clip((days - day - close) / (0.12 * close), -50, 50)))
            )
            felt = np.maximum(felt, _since(days, day + 0.05, 0.2))
    strength = 1.0 if drug else 0.15
    insight, plan, practice = np.zeros((n, days.size)), np.zeros((n, days.size)), np.zeros((n, days.size))
    for day in dose_days:
        insight = np.maximum(insight, np.clip(strength * 0.7 * spread * _since(days, day + 0.2, 10), 0, 1))
    alliance = np.full((n, days.size), 0.2)
    for session in arm.sessions:
        if session.kind == "integration" and not integrate:
            continue
        alliance = alliance + (1 - alliance) * 0.12 * (days >= session.day) * np.ones((n, 1))
        if session.kind == "integration":
            plan = plan + (1 - plan) * 0.35 * spread.clip(0, 1.5) * _since(days, session.day, 25)
    for block in arm.practice if integrate else ():
        rise = 1 - np.exp(-np.clip(np.minimum(days, block.to_day) - block.from_day, 0, None) / 25)
        practice = practice + 0.6 * spread.clip(0, 1.4) * rise * np.where(
            days > block.to_day, np.exp(-(days - block.to_day) / 200), 1
        )
    labile = strength * 0.3 * (spread * sum(_since(days, d + 0.5, 8) for d in dose_days)).clip(0, 2.5)
    stable = np.clip(0.3 * practice * np.clip(days, 0, 60) / 60 * strength, 0, 1)
    new = np.clip(sign * 0.9 * practice + 0.12 * strength * (days > 0), 0, 1)
    old = np.clip(0.75 - 0.4 * new - 0.2 * insight, 0, 1) * np.ones((n, 1))
    fade = strength * 0.3 * sum(_since(days, d, 25) for d in dose_days).clip(0, 1)
    symptom = np.clip(
        rng.normal(0.53, 0.07, (n, 1)) - fade * spread - 0.25 * new - 0.02 * np.sqrt(np.clip(days, 0, None) / 30),
        0.02,
        0.98,
    )
    out |= {"felt": felt, "window": window, "signal": signal, "labile_spines": labile, "stable_spines": stable}
    out |= {
        "insight": insight,
        "plan": plan.clip(0, 1),
        "practice": practice.clip(0, 1),
        "alliance": alliance.clip(0, 1),
    }
    out |= {
        "expectancy": 0.4 * np.exp(-np.clip(days, 0, None) / 30) * np.ones((n, 1)),
        "new_pattern": new,
        "old_pattern": old,
    }
    out["group_support"] = (
        0.4 * (days > 0) * np.ones((n, 1)) if integrate and arm.group.community else np.zeros((n, days.size))
    )
    out["symptom"] = symptom
    return out


def _quantiles(row: dict[str, Any], name: str, values: np.ndarray) -> dict[str, Any]:
    q05, median, q95 = np.quantile(values, [0.05, 0.5, 0.95])
    return {**row, f"{name}_median": median, f"{name}_q05": q05, f"{name}_q95": q95}


def make_result(
    *arms: FakeArm,
    title: str = "Made-up trial for the tests",
    sign: float = 1.0,
    people: int = 60,
    fine_grid: bool = True,
    **changes: Any,
) -> FakeResult:
    """Build a made-up result; `sign` below 0 makes integration harmful, 0 makes it do nothing."""
    chosen = arms or ALL_ARMS[:3]
    protocol = FakeProtocol(title=title, arms=chosen)
    rng = np.random.default_rng(1)
    dose_days = sorted({d.day for arm in chosen for d in arm.doses}) if fine_grid else []
    days = _time_grid(dose_days, protocol.horizon_days)
    ids, states = [], []
    for arm in chosen:
        has_twin = bool(arm.practice or arm.group.community or any(s.kind == "integration" for s in arm.sessions))
        for integrate in (True, False) if has_twin else (True,):
            ids.append(arm.id + ("" if integrate else TWIN))
            seeded = np.random.default_rng(abs(hash(arm.id.encode()[0])) % 1000)
            states.append(_states(arm, days, seeded, people, integrate=integrate, sign=sign))
    variables = {
        key: (("arm", "participant", "time"), np.stack([s[key] for s in states]).astype("float32")) for key in states[0]
    }
    coords: dict[str, Any] = {"arm": ids, "participant": np.arange(people), "time": days}
    for scale, top in SCALES.items():
        dim = f"assessment_day_{scale}"
        coords[dim] = list(ASSESSED[scale])
        picked = [int(np.argmin(np.abs(days - day))) for day in ASSESSED[scale]]
        predicted = variables["symptom"][1][:, :, picked] * top
        noise = rng.normal(0, 0.03 * top, predicted.shape)
        variables[f"predicted_{scale}"] = (("arm", "participant", dim), predicted)
        variables[f"observed_{scale}"] = (("arm", "participant", dim), np.clip(np.round(predicted + noise), 0, top))
    dataset = xr.Dataset(variables, coords=coords)
    tables = _tables(dataset, protocol, ids)
    return replace(FakeResult(protocol=protocol, dataset=dataset, participants=people, **tables), **changes)


def _tables(dataset: xr.Dataset, protocol: FakeProtocol, ids: list[str]) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(3)
    exposure, windows, scores, relapse, lasting, contrasts = [], [], [], [], [], []
    by_id = {arm.id: arm for arm in protocol.arms}
    for arm_id in ids:
        arm = by_id[arm_id.removesuffix(TWIN)]
        for day, drug in sorted({(d.day, d.medicine) for d in arm.doses if d.medicine in PEAK}):
            row: dict[str, Any] = {
                "arm": arm_id,
                "drug": drug,
                "analyte": "psilocin" if drug == "psilocybin" else drug,
                "dose_day": day,
            }
            for name, middle in (
                ("cmax_ng_per_ml", PEAK[drug]),
                ("tmax_h", PEAK_H[drug]),
                ("auc_ng_h_per_ml", PEAK[drug] * 5),
                ("half_life_h", HALF_LIFE_H[drug]),
            ):
                row = _quantiles(row, name, middle * np.exp(rng.normal(0, 0.25, 200)))
            exposure.append(row)
            row = {"arm": arm_id, "drug": drug, "dose_day": day}
            row = _quantiles(row, "open_from_day", day + 0.15 + rng.uniform(0, 0.1, 200))
            windows.append(_quantiles(row, "closes_day", day + WINDOW_DAYS[drug] * np.exp(rng.normal(0, 0.2, 200))))
        for scale in SCALES:
            observed = dataset[f"observed_{scale}"].sel(arm=arm_id).values
            limit = 10 if scale == "MADRS" else 4
            for index, day in enumerate(ASSESSED[scale]):
                now, start = observed[:, index], observed[:, 0]
                q05, q50, q95 = np.quantile(now, [0.05, 0.5, 0.95])
                scores.append(
                    {
                        "arm": arm_id,
                        "scale": scale,
                        "day": day,
                        "mean": now.mean(),
                        "sd": now.std(),
                        "q05": q05,
                        "q50": q50,
                        "q95": q95,
                    }
                    | {
                        "change_mean": (now - start).mean(),
                        "response": (now <= start / 2).mean(),
                        "remission": (now <= limit).mean(),
                    }
                )
            lasting.append({"arm": arm_id, "scale": scale, "from_day": 28.0, "to_day": 365.0, "share": 0.3})
            if not arm_id.endswith(TWIN) and arm_id + TWIN in ids:
                other = dataset[f"observed_{scale}"].sel(arm=arm_id + TWIN).values
                for index, day in enumerate(ASSESSED[scale]):
                    gap = observed[:, index] - other[:, index]
                    half = 1.96 * gap.std() / np.sqrt(gap.size)
                    contrasts.append(
                        {
                            "arm": arm_id,
                            "versus": arm_id + TWIN,
                            "scale": scale,
                            "day": day,
                            "mean_difference": gap.mean(),
                        }
                        | {
                            "low": gap.mean() - half,
                            "high": gap.mean() + half,
                            "effect_size_d": gap.mean() / (gap.std() + 1e-9),
                        }
                    )
        for day in np.linspace(14, 365, 40):
            share = (0.5 if arm_id.endswith(TWIN) else 0.3) * (1 - np.exp(-(day - 14) / 120))
            relapse.append(
                {"arm": arm_id, "day": day, "share": share, "low": max(0, share - 0.08), "high": min(1, share + 0.08)}
            )
    return {
        "exposure": pd.DataFrame(exposure),
        "windows": pd.DataFrame(windows),
        "scores": pd.DataFrame(scores),
        "relapse": pd.DataFrame(relapse),
        "lasting": pd.DataFrame(lasting),
        "contrasts": pd.DataFrame(contrasts),
    }
