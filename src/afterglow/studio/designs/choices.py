"""What can be chosen on the pages: medicines, conditions, kinds of session, rivals, and a design to start from."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel

from afterglow.medicines import MEDICINES, Medicine
from afterglow.medicines.usual_course import UsualCourse
from afterglow.posterior import shipped_posteriors
from afterglow.protocol.typical import typical_population
from afterglow.scales.instruments import SCALES, scale
from afterglow.scales.links import family_of
from afterglow.studio.designs.design import ArmDesign, Design, PlannedPractice, PlannedSession
from afterglow.studio.designs.limits import DESIGN, PLAN, Limits, PlanLimits

__all__ = ["Choices", "ScaleFacts", "choices"]


class ScaleFacts(BaseModel):
    """A scale that can be drawn."""

    id: str
    label: str
    low: float
    high: float
    higher_is_worse: bool = True


class WayChoice(BaseModel):
    """A way of giving a medicine and the doses that can be set; above `studied_high` kinetics are extrapolated."""

    id: str
    label: str
    unit: str
    low: float
    high: float
    studied_high: float
    step: float
    usual_dose: float
    usual_dosings: int
    usual_every_days: float


class MedicineChoice(WayChoice):
    """A medicine given the usual way, and the ways that it can be given, by route."""

    ways: list[WayChoice] = []


class ConditionChoice(BaseModel):
    """A condition, its usual scale and the scales that can be drawn."""

    id: str
    label: str
    scale: str
    scales: list[ScaleFacts]
    baseline_mean: float


class KindChoice(BaseModel):
    """A kind of session."""

    id: str
    label: str
    usual_hours: float


class WordChoice(BaseModel):
    """A word with the sentence that explains it."""

    id: str
    label: str
    sentence: str


class RivalChoice(WordChoice):
    """A rival explanation and its weight."""

    weight: float


class Choices(BaseModel):
    """Everything a page offers."""

    medicines: list[MedicineChoice]
    conditions: list[ConditionChoice]
    session_kinds: list[KindChoice]
    formats: list[str]
    tasks: list[WordChoice]
    rivals: list[RivalChoice]
    starters: dict[str, Design]
    limits: Limits
    plan_limits: PlanLimits


_CONDITIONS = {
    "treatment_resistant_depression": "Depression that resisted treatment",
    "major_depression": "Major depression",
    "ptsd": "Post-traumatic stress",
    "anxiety": "Anxiety",
    "cancer_distress": "Distress with cancer",
}
_KINDS = (
    ("preparation", "Preparation", 1.5),
    ("integration", "Integration", 1.5),
    ("psychotherapy", "Psychotherapy", 1.0),
    ("training", "Training at a computer", 0.5),
    ("education", "Education", 1.0),
)
_TASKS = (
    ("insights", "Insights", "Work through what came up."),
    ("steps", "Steps", "Turn it into concrete steps."),
    ("practice", "Practice", "Strengthen the new pattern."),
)
_RIVALS = {
    "window": ("The window", "The drug opens a window in which therapy and practice take hold faster."),
    "additive": ("Drug plus therapy", "Drug and therapy both help, and simply add."),
    "drug_only": ("The drug alone", "The drug does it; sessions change nothing."),
    "expectancy_only": ("Hope alone", "Hope and care do it; plasticity plays no part."),
}


_NO_MEDICINE = MedicineChoice(
    id="none",
    label="No medicine",
    unit="",
    low=0,
    high=0,
    studied_high=0,
    step=1,
    usual_dose=1,
    usual_dosings=1,
    usual_every_days=28,
)


@cache
def choices() -> Choices:
    """Return what the pages offer."""
    return Choices(
        medicines=[*(_medicine(m, m.usual) for m in MEDICINES.values() if m.usual), _NO_MEDICINE],
        conditions=[_condition(name, label) for name, label in _CONDITIONS.items()],
        session_kinds=[KindChoice(id=i, label=label, usual_hours=h) for i, label, h in _KINDS],
        formats=["individual", "group", "digital"],
        tasks=[WordChoice(id=i, label=label, sentence=s) for i, label, s in _TASKS],
        rivals=_rivals(),
        starters={m.id: _starter(m, m.usual) for m in MEDICINES.values() if m.usual and m.opens_window},
        limits=DESIGN,
        plan_limits=PLAN,
    )


def _medicine(medicine: Medicine, usual: UsualCourse) -> MedicineChoice:
    ways = [_way(medicine, way) for way in medicine.ways]
    return MedicineChoice(**{**_way(medicine, usual).model_dump(), "id": medicine.id, "ways": ways})


def _way(medicine: Medicine, usual: UsualCourse) -> WayChoice:
    limit = medicine.dose_limits.get(usual.route)
    by_weight = usual.unit == "mg/kg"
    known = [(limit.studied, limit.reported)] if limit else []
    studied, reported = next(((a.mg_per_kg, b.mg_per_kg) if by_weight else (a.mg, b.mg) for a, b in known), (0.0, 0.0))
    return WayChoice(
        id=usual.route,
        label=usual.label,
        unit=usual.unit,
        low=usual.low,
        high=round(1.5 * reported, 2),
        studied_high=round(studied, 2),
        step=usual.step,
        usual_dose=usual.dose,
        usual_dosings=usual.dosings,
        usual_every_days=usual.every_days,
    )


def _condition(name: str, label: str) -> ConditionChoice:
    fields, _ = typical_population(name)
    family = family_of(name)
    own = [s for s in SCALES.values() if s.family in (family, "depression")]
    own.sort(key=lambda s: (s.id != fields["scale"], s.family != family, s.id))
    return ConditionChoice(
        id=name,
        label=label,
        scale=scale(fields["scale"]).id,
        scales=[ScaleFacts(id=s.id, label=s.id, low=s.low, high=s.high) for s in own],
        baseline_mean=fields["baseline_mean"],
    )


def _rivals() -> list[RivalChoice]:
    return [
        RivalChoice(id=name, label=_RIVALS[name][0], sentence=_RIVALS[name][1], weight=round(weight, 3))
        for name, weight in shipped_posteriors().weights.items()
    ]


def _starter(medicine: Medicine, usual: UsualCourse) -> Design:
    """Return a design to start from: the usual dosings with preparation, integration and practice."""
    preparation = [PlannedSession(day=d, kind="preparation", hours=1.5) for d in (-7.0, -1.0)]
    integration = [PlannedSession(day=d, kind="integration", hours=1.5) for d in usual.integration_days]
    last = (usual.dosings - 1) * usual.every_days
    return Design.model_validate(
        {
            "condition": medicine.condition or "treatment_resistant_depression",
            "arms": (
                ArmDesign(
                    medicine=medicine.id,
                    dose=usual.dose,
                    dosing_days=tuple(k * usual.every_days for k in range(usual.dosings)),
                    sessions=(*preparation, *integration),
                    practice=(PlannedPractice(from_day=2.0, to_day=last + 60.0, hours_per_week=3.0),),
                ),
            ),
        }
    )
