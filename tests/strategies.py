"""Hypothesis strategies for valid protocols and their parts."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from afterglow.medicines import MEDICINES
from afterglow.protocol import Arm, Assessment, Blinding, Dose, Group, Population, Practice, Protocol, Session
from afterglow.protocol.vocabulary import FORMATS, SESSION_KINDS, TASKS
from afterglow.scales.instruments import SCALES

HORIZON_DAYS = 400.0

texts = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20).map(str.strip)
days = st.one_of(st.integers(-60, 380).map(float), st.integers(-240, 1500).map(lambda k: k / 4))
hours_of_day = st.one_of(st.just(0.0), st.sampled_from([1.75, 2.0, 6.0]), st.floats(0, 23.5))
lengths = st.one_of(st.sampled_from([0.33, 0.667, 1.0, 1.5, 8.0]), st.floats(0.01, 12))


@st.composite
def doses(draw: Any, *, at: Any = days) -> Dose:
    medicine = draw(st.sampled_from(list(MEDICINES)))
    route = draw(st.sampled_from(MEDICINES[medicine].routes))
    limit = MEDICINES[medicine].dose_limits.get(route)
    fields: dict[str, Any] = {"day": draw(at), "hour": draw(hours_of_day), "medicine": medicine, "route": route}
    if medicine == "placebo":
        fields["dose_mg"] = draw(st.sampled_from([None, 0.0]))
    else:
        key = draw(st.sampled_from(["dose_mg", "dose_mg_per_kg"]))
        most = 10.0 if limit is None else getattr(limit.reported, key.removeprefix("dose_"))
        fields[key] = draw(st.floats(most * 1e-3, most))
    if route == "iv":
        fields["duration_h"] = draw(st.one_of(st.none(), st.just(0.0), st.floats(0.01, 2)))
    return Dose(**fields)


@st.composite
def sessions(draw: Any, *, at: Any = days) -> Session:
    kind = draw(st.sampled_from(SESSION_KINDS))
    tasks = draw(st.lists(st.sampled_from(TASKS), min_size=1)) if kind == "integration" else ()
    return Session(
        day=draw(at),
        hour=draw(hours_of_day),
        kind=kind,
        hours=draw(lengths),
        format=draw(st.sampled_from(FORMATS)),
        tasks=tuple(tasks),
        label=draw(texts),
    )


@st.composite
def practices(draw: Any) -> Practice:
    start = draw(st.integers(-10, 200))
    length = draw(st.floats(0.5, 180))
    return Practice(from_day=start, to_day=start + length, hours_per_week=draw(st.floats(0.01, 20)))


@st.composite
def arms(draw: Any, *, name: str = "arm") -> Arm:
    """An arm whose rows stand apart: every dose and session has days of its own, integration after the first dose."""
    places = sorted(draw(st.sets(st.integers(0, 190), max_size=8)))
    given, held = [], []
    for place in places:
        day = st.just(float(2 * place))
        if draw(st.booleans()):
            given.append(draw(doses(at=day)))
        else:
            held.append(draw(sessions(at=day)))
    starts = [row.time_h for row in given] + [row.time_h for row in held if row.kind == "dosing"]
    held = [row for row in held if row.kind != "integration" or not starts or row.time_h >= min(starts)]
    size = draw(st.integers(1, 12))
    return Arm(
        id=name,
        label=draw(texts),
        n=draw(st.one_of(st.none(), st.integers(1, 500))),
        doses=tuple(given),
        sessions=tuple(held),
        practice=tuple(draw(st.lists(practices(), max_size=2))),
        group=Group(size=size, dosing=draw(st.booleans()), community=draw(st.booleans())),
        adherence=draw(st.floats(0, 1)),
    )


@st.composite
def populations(draw: Any) -> Population:
    scale = SCALES[draw(st.sampled_from(["MADRS", "CAPS-5", "PHQ-9", "HAM-A"]))]
    mean = draw(st.floats(scale.high * 0.3, scale.high * 0.9))
    return Population(
        condition=draw(st.sampled_from(["ptsd", "anxiety", "major_depression", "treatment_resistant_depression"])),
        scale=scale.id,
        baseline_mean=mean,
        baseline_sd=draw(st.floats(0.5, scale.high / 4)),
        inclusion_min=draw(st.one_of(st.none(), st.floats(0, mean * 0.9))),
        weight_mean_kg=draw(st.floats(45, 120)),
        female_fraction=draw(st.floats(0, 1)),
        ssri_fraction=draw(st.floats(0, 1)),
        medications=tuple(draw(st.lists(texts, max_size=2))),
    )


@st.composite
def protocols(draw: Any) -> Protocol:
    names = draw(
        st.lists(st.sampled_from(["a", "b c", "no", "1", "null", "x: y", "#1"]), min_size=1, unique=True, max_size=2)
    )
    scales = draw(st.lists(st.sampled_from(sorted(SCALES)), min_size=1, max_size=3, unique=True))
    rated = st.sets(st.integers(-30, 400), min_size=1, max_size=6).map(sorted)
    return Protocol(
        title=draw(texts),
        horizon_days=HORIZON_DAYS,
        population=draw(populations()),
        arms=tuple(draw(arms(name=name)) for name in names),
        assessments=tuple(Assessment(scale=scale, days=tuple(map(float, draw(rated)))) for scale in scales),
        blinding=Blinding(design=draw(st.sampled_from(["open", "blinded"])), comparator=draw(texts)),
    )
