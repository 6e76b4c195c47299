"""What a page asks for: a design of one to eight arms, and the protocol it stands for."""

from __future__ import annotations

import itertools
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator, model_validator

from afterglow.medicines import MEDICINES
from afterglow.medicines.usual_course import UsualCourse
from afterglow.protocol import Protocol
from afterglow.protocol.typical import typical_population
from afterglow.scales.instruments import scale as find_scale
from afterglow.simulate.spec import PEOPLE
from afterglow.studio.asked import Asked
from afterglow.studio.designs.limits import DESIGN
from afterglow.studio.designs.one_of import OneOf

__all__ = [
    "OFFERED",
    "WEIGHTED",
    "ArmDesign",
    "Design",
    "PlannedPractice",
    "PlannedSession",
    "protocol_of",
    "refuse_unknown_arms",
]

OFFERED: tuple[str, ...] = tuple(m.id for m in MEDICINES.values() if m.usual)
"""Medicines that a design may give."""

Medicine = Annotated[str, OneOf((*OFFERED, "none"))]
Condition = Literal["treatment_resistant_depression", "major_depression", "ptsd", "anxiety", "cancer_distress"]
Rival = Literal["weighted", "window", "additive", "drug_only", "expectancy_only"]
Day = Annotated[float, Field(ge=-180, le=1095, allow_inf_nan=False)]

WEIGHTED: Final = "weighted"
"""All explanations by their weights."""
_RATED_AFTER = (1, 3, 7, 14, 21, 28, 42, 56, 84, 112, 140, 182, 238, 300, 364, 546, 728, 910, 1094)


class PlannedSession(Asked):
    """One meeting with a therapist."""

    day: Day
    kind: Literal["preparation", "integration", "psychotherapy", "training", "education"]
    hours: Annotated[float, Field(gt=0, le=12)]
    format: Literal["individual", "group", "digital"] = "individual"
    tasks: tuple[Literal["insights", "steps", "practice"], ...] = ("insights", "steps", "practice")


class PlannedPractice(Asked):
    """Practice asked between two days."""

    from_day: Day
    to_day: Day
    hours_per_week: Annotated[float, Field(gt=0, le=40)]


class ArmDesign(Asked):
    """What one arm gives.

    Parameters
    ----------
    label : str
    medicine : str
        "none" gives neither a dose nor a dosing day.
    route : str
        Empty: the usual one.
    dose : float
        In the unit of the course that is usual by that route. Ignored for placebo and none.
    dosing_days : tuple of float
        The first is day 0; then rising, at least a day apart. Ignored for none.
    sessions, practice : tuple
    group_size : int
    group_dosing, group_integration, community : bool
    adherence : float
        Share of the asked practice that is done.
    """

    label: Annotated[str, Field(max_length=80)] = ""
    medicine: Medicine
    route: Annotated[str, Field(max_length=40)] = ""
    dose: Annotated[float, Field(gt=0, le=1000)] = 25.0
    dosing_days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=DESIGN.dosings)] = (0.0,)
    sessions: Annotated[tuple[PlannedSession, ...], Field(max_length=DESIGN.sessions)] = ()
    practice: Annotated[tuple[PlannedPractice, ...], Field(max_length=DESIGN.practice)] = ()
    group_size: Annotated[int, Field(ge=1, le=DESIGN.group_size)] = 1
    group_dosing: bool = False
    group_integration: bool = False
    community: bool = False
    adherence: Annotated[float, Field(ge=0, le=1)] = 0.6

    @field_validator("dosing_days")
    @classmethod
    def _rising(cls, days: tuple[float, ...]) -> tuple[float, ...]:
        if days[0] != 0:
            raise ValueError(f"the first dosing is on day 0, not on day {days[0]:g}")
        for earlier, later in itertools.pairwise(days):
            if later - earlier < 1:
                raise ValueError(f"dosing days rise by a day or more, but {later:g} follows {earlier:g}")
        return days

    @model_validator(mode="after")
    def _offered(self) -> ArmDesign:
        if self.route and self.medicine != "none":
            routes = [way.route for way in MEDICINES[self.medicine].ways]
            if self.route not in routes:
                raise ValueError(f"{self.medicine} is not offered {self.route}; known routes: {', '.join(routes)}")
        return self

    @property
    def way(self) -> UsualCourse | None:
        """How the medicine is usually given by the route; None without a medicine."""
        ways = () if self.medicine == "none" else MEDICINES[self.medicine].ways
        return next((way for way in ways if self.route in ("", way.route)), None)

    @property
    def dosed_on(self) -> tuple[float, ...]:
        """Days on which something is given."""
        return () if self.medicine == "none" else self.dosing_days


class Design(Asked):
    """One to eight arms for the same people.

    Parameters
    ----------
    condition : str
    scale : str
        Empty: the usual one of the condition.
    baseline_mean : float or None
        None: that of a typical trial.
    horizon_days : float
    blinded : bool
    ssri : bool
        Whether everybody takes an SSRI; else nobody does.
    rival : str
        All explanations by their weights, or one alone.
    participants : int
        Virtual people in each arm.
    seed : int
        Up to 53 bits, which a browser holds exactly.
    arms : tuple of ArmDesign
    """

    condition: Condition = "treatment_resistant_depression"
    scale: Annotated[str, Field(max_length=20)] = ""
    baseline_mean: Annotated[float, Field(ge=0, le=200)] | None = None
    horizon_days: Annotated[float, Field(ge=14, le=DESIGN.horizon_days)] = 182.0
    blinded: bool = False
    ssri: bool = False
    rival: Rival = WEIGHTED
    participants: Annotated[int, Field(ge=10, le=DESIGN.participants)] = PEOPLE
    seed: Annotated[int, Field(ge=0, le=2**53 - 1)] = 1
    arms: Annotated[tuple[ArmDesign, ...], Field(min_length=1, max_length=DESIGN.arms)]


def refuse_unknown_arms(design: Design, *places: int | None) -> None:
    """Refuse places of arms, counted from 0, that a design does not have; None is no place.

    Raises
    ------
    ValueError
        With the first of them, in one sentence.
    """
    last = len(design.arms)
    for place in places:
        if place is not None and place >= last:
            raise ValueError(f"there is no arm {place + 1}; the design has {last}")


def protocol_of(design: Design) -> Protocol:
    """Write a design out as a protocol.

    Visits are named after day 0 alone: each arm is first rated on its own first day, whatever the other arms do.

    Raises
    ------
    ProtocolError
        With the first mistake, in one sentence.
    """
    population, _ = typical_population(design.condition)
    shown = find_scale(design.scale or population["scale"]).id
    if design.baseline_mean is not None:
        population["baseline_mean"] = design.baseline_mean
    population["ssri_fraction"] = float(design.ssri)
    days = [*(float(d) for d in _RATED_AFTER if d < design.horizon_days), design.horizon_days]
    scales = dict.fromkeys((shown, population["scale"]))
    asked = {
        "title": "Designed in the studio",
        "horizon_days": design.horizon_days,
        "population": population,
        "arms": [_arm(arm, k) for k, arm in enumerate(design.arms)],
        "assessments": [{"scale": name, "days": days} for name in scales],
        "blinding": {"design": "blinded" if design.blinded else "open"},
        "allow_extrapolation": True,
    }
    protocol, problems = Protocol.parse(asked)
    if protocol is None:
        raise problems[0]
    return protocol


def _arm(arm: ArmDesign, place: int) -> dict[str, object]:
    usual = arm.way
    doses = [dose for day in arm.dosed_on for dose in _doses(arm, usual, day)] if usual else []
    return {
        "id": f"arm{place + 1}",
        "label": arm.label,
        "doses": doses,
        "sessions": _one_after_another(arm, usual.support_h if usual else 0.0),
        "practice": [p.model_dump() for p in arm.practice],
        "group": {
            "size": arm.group_size,
            "dosing": arm.group_dosing,
            "integration": arm.group_integration,
            "community": arm.community,
        },
        "adherence": arm.adherence,
    }


def _one_after_another(arm: ArmDesign, support_h: float) -> list[dict[str, object]]:
    """Lay out dosing days and sessions: a session that would overlap another starts when that one has ended."""
    found: list[tuple[float, dict[str, object]]] = [
        (24 * day, {"day": day, "kind": "dosing", "hours": support_h, "format": "individual"}) for day in arm.dosed_on
    ]
    busy = [(at, at + support_h) for at, _ in found]
    for s in sorted(arm.sessions, key=lambda s: s.day):
        start = 24 * s.day
        for begins, ends in sorted(busy):
            if begins - s.hours < start < ends:
                start = ends
        busy.append((start, start + s.hours))
        day, hour = (s.day, 0.0) if start == 24 * s.day else divmod(round(start, 6), 24)
        tasks = list(s.tasks) if s.kind == "integration" else []
        found.append(
            (start, {"day": day, "hour": hour, "kind": s.kind, "hours": s.hours, "format": s.format, "tasks": tasks})
        )
    return [session for _, session in sorted(found, key=lambda row: row[0])]


def _doses(arm: ArmDesign, usual: UsualCourse, day: float) -> list[dict[str, object]]:
    dose: dict[str, object] = {"day": day, "medicine": arm.medicine, "route": usual.route}
    if not usual.unit:
        return [dose]
    field = "dose_mg_per_kg" if usual.unit == "mg/kg" else "dose_mg"
    doses = [{**dose, field: arm.dose, "duration_h": usual.infusion_h}]
    if usual.supplement is not None:
        second = {"hour": usual.supplement.hour, field: arm.dose * usual.supplement.fraction}
        doses.append({**doses[0], **second})
    return doses
