"""A quick run for a page: every arm's curves, windows and scores beside those of the same people without integration.

Each arm and each twin is solved once and kept: dragging a session changes the arm alone, so the twin is at hand.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from scipy.special import ndtri

from afterglow.cohort.streams import normals
from afterglow.observation.fluctuation import fluctuated_evenly
from afterglow.posterior import shipped
from afterglow.protocol import Arm, Protocol
from afterglow.safety.check import check_protocol
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import family_of, severity_to_score
from afterglow.scales.scale import Scale
from afterglow.simulate import Result, simulate
from afterglow.simulate.schedule import without_integration
from afterglow.simulate.solve import Accuracy
from afterglow.studio.designs.design import ArmDesign, Design, protocol_of
from afterglow.studio.explore.story import Passage, story_of

__all__ = ["QUICK", "ArmCourse", "Course", "Curve", "ScaleFacts", "Summary", "course_of", "summaries"]

QUICK = Accuracy(relative=1e-3, absolute=1e-4)
"""Errors up to 0.03 points of a score, measured against 1e-9: below what a screen shows."""

_HOURS_DRAWN = (0, 0.5, 1, 2, 3, 6, 12, 36)
"""Hours after a dose, beside whole days, that a screen can tell apart over months."""

_PAIRED_FROM = 256
"""From so many people on, an arm and its twin are solved side by side; with fewer, threads cost more than they give."""

_KEPT = 96
"""Summaries kept in memory, about 60 kB each."""

_NOTE = (
    "Lines are means over {people} virtual people; shading holds nine in ten of them. The calibration on published "
    "trials sets the sizes; how sure it is stands beside the picture."
)


class Curve(BaseModel):
    """Mean over people, and the 5th and 95th percentile of them."""

    label: str
    unit: str
    mean: list[float]
    low: list[float]
    high: list[float]


class Window(BaseModel):
    """When the window of one dosing day is half open and half closed, in the median person."""

    medicine: str
    dose_day: float
    opens: float | None
    closes: float | None
    open_share: float


class ScoreRow(BaseModel):
    """Scores of one visit."""

    scale: str
    day: float
    mean: float
    low: float
    high: float
    response: float
    remission: float | None
    twin_mean: float | None
    twin_response: float | None


class RelapseRow(BaseModel):
    """Share of responders that have relapsed by a day."""

    day: float
    share: float
    twin_share: float | None


class Lasting(BaseModel):
    """Share who respond at every visit from a day to the end, and the hours of therapy for each of them."""

    from_day: float
    share: float
    hours_each: float | None


class Twin(BaseModel):
    """The same people without integration."""

    curves: dict[str, Curve]


class ArmCourse(BaseModel):
    """One arm."""

    id: str
    label: str
    medicine: str
    extrapolated: bool
    dosing_days: list[float]
    windows: list[Window]
    days: list[float]
    curves: dict[str, Curve]
    twin: Twin | None
    scores: list[ScoreRow]
    relapse: list[RelapseRow]
    lasting: Lasting
    therapy_hours: float
    story: list[Passage]


class ScaleFacts(BaseModel):
    """The scale that is drawn."""

    id: str
    label: str
    low: float
    high: float
    higher_is_worse: bool = True


class Caution(BaseModel):
    """A published warning that meets the design."""

    level: str
    sentence: str
    source: str | None


class Course(BaseModel):
    """What a design comes to."""

    key: str
    participants: int
    rival: str
    calibrated: bool
    scale: ScaleFacts
    first_day: float
    last_day: float
    arms: list[ArmCourse]
    warnings: list[Caution]
    note: str


@dataclass(frozen=True)
class Summary:
    """One arm, summed up over people.

    Parameters
    ----------
    days : array (times,)
    curves : mapping of str to Curve
    scores, relapse, lasting, windows : list of mapping
        Rows of the result's tables.
    """

    days: NDArray[np.float64]
    curves: dict[str, Curve]
    scores: list[dict[str, Any]]
    relapse: list[dict[str, Any]]
    lasting: list[dict[str, Any]]
    windows: list[dict[str, Any]]


class _Memory:
    """The summaries used last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[str, Summary] = OrderedDict()
        self._lock = Lock()

    def __contains__(self, key: str) -> bool:
        with self._lock:
            return key in self._held

    def get(self, key: str, make: Callable[[], Summary]) -> Summary:
        """Return what is held under a key, or make it."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        made = make()
        with self._lock:
            self._held[key] = made
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return made


_MEMORY = _Memory(_KEPT)
_PAIR = ThreadPoolExecutor(4, thread_name_prefix="afterglow-pair")
"""Two runs at once, an arm and its twin each; nothing that runs in it waits for it."""


def course_of(design: Design) -> Course:
    """Simulate a design for a page.

    Raises
    ------
    ProtocolError
        If the design cannot be simulated.
    """
    protocol = protocol_of(design)
    shown = protocol.assessments[0].scale
    facts = find_scale(shown)
    arms = []
    warnings: dict[str, Caution] = {}
    for wish, arm in zip(design.arms, protocol.arms, strict=True):
        own, twin = summaries(protocol, arm, design)
        arms.append(_arm(wish, arm, own, twin, protocol))
    for warning in _warnings(protocol):
        warnings.setdefault(warning.sentence, warning)
    return Course(
        key=_key(protocol, design, "course"),
        participants=design.participants,
        rival=design.rival,
        calibrated=True,
        scale=ScaleFacts(id=facts.id, label=facts.id, low=facts.low, high=facts.high),
        first_day=min(arm.days[0] for arm in arms),
        last_day=protocol.horizon_days,
        arms=arms,
        warnings=list(warnings.values()),
        note=_NOTE.format(people=design.participants),
    )


def summaries(protocol: Protocol, arm: Arm, design: Design) -> tuple[Summary, Summary | None]:
    """Return one arm of a protocol summed up, and its twin without integration."""
    twin = without_integration(arm)
    first = min([s.day for s in arm.sessions] + [-1.0])
    followed = max((d.day for one in protocol.arms for d in one.doses), default=0.0)
    asked = [_alone(protocol, one, first) for one in (arm, twin) if one is not None]
    missing = sum(_key(one, design, f"arm {followed}") not in _MEMORY for one in asked)
    if missing < 2 or design.participants < _PAIRED_FROM:
        found = [_summary(one, design, followed, threads=None) for one in asked]
    else:  # side by side, one core each: what is not solving overlaps too
        found = list(_PAIR.map(lambda one: _summary(one, design, followed, threads=1), asked))
    return found[0], found[1] if twin is not None else None


def _alone(protocol: Protocol, arm: Arm, first: float) -> Protocol:
    own = arm.model_copy(update={"id": "arm", "label": ""})
    rated = tuple(a.model_copy(update={"days": (first, *a.days[1:])}) for a in protocol.assessments)
    return protocol.model_copy(update={"arms": (own,), "assessments": rated})


def _summary(alone: Protocol, design: Design, followed: float, *, threads: int | None) -> Summary:
    return _MEMORY.get(_key(alone, design, f"arm {followed}"), lambda: _solved(alone, design, followed, threads))


def _solved(protocol: Protocol, design: Design, followed: float, threads: int | None) -> Summary:
    result = simulate(
        protocol,
        participants=design.participants,
        seed=design.seed,
        rival=design.rival,
        typical=shipped(design.rival).centre,
        calibrated=False,  # the calibrated values are given; bands are asked for apart
        twins=False,
        accuracy=QUICK,
        hours=_HOURS_DRAWN,
        followed_from=followed,
        threads=threads,
    )
    rows = result.rows
    return Summary(
        days=result.curve_days,
        curves=_curves(result),
        scores=rows["scores"],
        relapse=rows["relapse"],
        lasting=rows["lasting"],
        windows=rows["windows"],
    )


def _key(protocol: Protocol, design: Design, what: str) -> str:
    text = f"{what} {design.rival} {design.seed} {design.participants} {protocol.model_dump_json()}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _curves(result: Result) -> dict[str, Curve]:
    held = np.ascontiguousarray(result.curves[0].transpose(1, 2, 0))
    row = {name: held[k] for k, name in enumerate(result.curve_names)}
    given = [name for name in result.curve_names if name.startswith("concentration_")]
    scale = find_scale(result.protocol.assessments[0].scale)
    return {
        "concentration": _curve("Concentration in blood", "ng/mL", row[given[0]] if given else 0 * row["symptom"]),
        "window": _curve("Window of plasticity", "share open", row["window"]),
        "synapses": _curve("New synapses", "share of all possible", row["labile_spines"] + row["stable_spines"]),
        "practice": _curve("Practice", "share of a habit", row["practice"]),
        "new_pattern": _curve("New pattern", "strength", row["new_pattern"]),
        "old_pattern": _curve("Old pattern", "strength", row["old_pattern"]),
        "severity_score": _curve(scale.id, "points", _scored(result, scale, row["symptom"])),
    }


def _scored(result: Result, scale: Scale, symptom: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what people would be rated, (times, people), with the ups and downs of ratings, so that lines meet dots.

    The draws are spread evenly, so that the line is as smooth as the course.
    """
    cohort = result.cohort
    order = normals(cohort.seed, "drawn", 0, symptom.shape[1])[:, 0].argsort().argsort()
    lived = fluctuated_evenly(
        np.clip(symptom.T, 0, 1),
        result.curve_days,
        ndtri((order + 0.5) / len(order)),
        sd=cohort.value("fluctuation_sd"),
        time_constant_days=cohort.value("fluctuation_days"),
    )
    score = severity_to_score(scale, lived.T, family=family_of(result.protocol.population.condition))
    return score.astype(np.float32)


def _curve(label: str, unit: str, values: NDArray[np.float32]) -> Curve:
    """Sum values, (times, people), up over people."""
    last = values.shape[1] - 1
    ends = (round(0.05 * last), round(0.95 * last))
    ordered = np.sort(values, axis=1)  # faster than two partitions
    return Curve(
        label=label,
        unit=unit,
        mean=_short(values.mean(axis=1, dtype=np.float64)),
        low=_short(ordered[:, ends[0]]),
        high=_short(ordered[:, ends[1]]),
    )


def _short(values: NDArray[Any]) -> list[float]:
    """Keep four significant digits: what a screen can show."""
    exact = np.asarray(values, dtype=np.float64)
    size = 10.0 ** (3 - np.floor(np.log10(np.maximum(np.abs(exact), 1e-9))))
    return list((np.round(exact * size) / size).tolist())


def _arm(wish: ArmDesign, arm: Arm, own: Summary, twin: Summary | None, protocol: Protocol) -> ArmCourse:
    windows = [
        Window(
            medicine=row["drug"],
            dose_day=row["dose_day"],
            opens=_number(row["open_from_day_median"]),
            closes=_number(row["closes_day_median"]),
            open_share=row["open_share"],
        )
        for row in own.windows
    ]
    return ArmCourse(
        id=arm.id,
        label=arm.label or wish.medicine,
        medicine=wish.medicine,
        extrapolated=any(d.extrapolated for d in arm.doses),
        dosing_days=list(wish.dosed_on),
        windows=windows,
        days=[round(float(d), 4) for d in own.days],
        curves=own.curves,
        twin=None if twin is None else Twin(curves=_on(own.days, twin)),
        scores=_scores(own, twin),
        relapse=_relapse(own, twin),
        lasting=_lasting(own, protocol.assessments[0].scale),
        therapy_hours=sum(s.hours for s in arm.sessions),
        story=story_of(wish, [(w.dose_day, w.opens, w.closes) for w in windows], protocol.horizon_days),
    )


def _on(days: NDArray[np.float64], twin: Summary) -> dict[str, Curve]:
    """Read a twin's curves on the arm's days; they share almost all of them."""
    if len(days) == len(twin.days) and np.array_equal(days, twin.days):
        return twin.curves
    found = {}
    for name, curve in twin.curves.items():
        parts = {key: np.interp(days, twin.days, getattr(curve, key)) for key in ("mean", "low", "high")}
        found[name] = Curve(label=curve.label, unit=curve.unit, **{key: _short(v) for key, v in parts.items()})
    return found


def _scores(own: Summary, twin: Summary | None) -> list[ScoreRow]:
    without = {} if twin is None else {(r["scale"], r["day"]): r for r in twin.scores}
    return [
        ScoreRow(
            scale=r["scale"],
            day=r["day"],
            mean=round(r["mean"], 3),
            low=r["q05"],
            high=r["q95"],
            response=round(r["response"], 4),
            remission=_number(r["remission"]),
            twin_mean=_number(without.get((r["scale"], r["day"]), {}).get("mean")),
            twin_response=_number(without.get((r["scale"], r["day"]), {}).get("response")),
        )
        for r in own.scores
    ]


def _relapse(own: Summary, twin: Summary | None) -> list[RelapseRow]:
    without = {} if twin is None else {r["day"]: r["share"] for r in twin.relapse}
    return [
        RelapseRow(day=r["day"], share=round(r["share"], 4), twin_share=_number(without.get(r["day"])))
        for r in own.relapse
    ]


def _lasting(own: Summary, scale: str) -> Lasting:
    row = next(row for row in own.lasting if row["scale"] == scale)
    return Lasting(
        from_day=row["from_day"], share=round(row["share"], 4), hours_each=_number(row["hours_per_lasting_response"])
    )


def _number(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), 4)


def _warnings(protocol: Protocol) -> list[Caution]:
    return [
        Caution(level=str(w.level), sentence=str(w.sentence), source=w.source or None) for w in check_protocol(protocol)
    ]
