"""What a published study is: its people, its arms, and the numbers it reports."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from afterglow.protocol.arm import Arm, Background
from afterglow.scales.scale import Scale

__all__ = [
    "AMONG",
    "BLINDINGS",
    "COMPARATORS",
    "SIZES",
    "Mistake",
    "People",
    "Place",
    "Row",
    "Study",
    "StudyArm",
    "placed",
]

Place = tuple[str | int, ...]
"""Keys and numbers that lead to a part of a file, such as ``("arms", 0, "observations", 2)``."""

BLINDINGS = ("open", "single", "double", "triple", "quadruple")
"""Who does not know the arm: nobody, the raters alone, or the participants as well."""

COMPARATORS = ("waiting_list", "usual_care", "untreated", "minimal_contact", "placebo", "active")
"""What a control arm got; the first four are nothing that counts."""

AMONG = ("all", "responders", "remitters")
"""Whom a share counts: everybody of the arm, or only those who had got better before."""

SIZES: Mapping[str, str] = {
    "hazard_ratio": "a hazard ratio",
    "odds_ratio": "an odds ratio",
    "risk_ratio": "a risk ratio",
    "risk_difference": "a risk difference",
    "risk_reduction": "a risk reduction",
    "percent_difference": "a difference in percent",
    "standardized_beta": "a standardised coefficient",
    "correlation_r": "a correlation",
    "d_range": "a range of effect sizes over several scales",
    "proportion": "a proportion",
}
"""Sizes of a contrast beside a difference and an effect size, in words; the model is not asked for them."""


def placed(place: Place) -> str:
    """Write a place as ``arms[0].observations[2]``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One thing that is wrong in a study's file.

    Parameters
    ----------
    place : tuple
        Where; empty for the whole file.
    message : str
        One sentence.
    """

    place: Place
    message: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One published number: an arm's own, or of two arms.

    Parameters
    ----------
    path : tuple
        Where it stands in the file.
    told : mapping
        The row as the file has it.
    arm, versus : str
        Ids of the arms in the study's protocol; `versus` is empty for an arm's own number.
    what : str
        What was observed, in words.
    scale : Scale or None
        None when the scale is not known here.
    scale_word : str
        The scale as the file calls it.
    kind : str
        As the file has it, such as ``change_from_baseline``.
    day : float or None
        Study day; None where it is told in words, as a range, or not at all.
    day_word : str or None
        The day where it is told in words, in lower case.
    study_day : float or None
        `day`, or what its words stand for, the last day of a range; None where that cannot be said.
    from_day : float or None
        First of the days that the number is an average over; None for a number of one day.
    mean, sd, se, t : float or None
        Points of the scale, for t its own unit.
    ci95 : pair of float or None
        95 % interval of the number that is told.
    n : int or None
        People behind the number.
    events : float or None
        People counted.
    fraction, percent : float or None
        A share as a fraction, or out of 100.
    median_days : float or None
        Days after `day` on which half have had the event.
    mean_difference : float or None
        In points.
    effect_size : float or None
        In SDs, with the sign that the study gives it; `effect_ci95` is its 95 % interval.
    sizes : mapping of str to float or pair of float
        By key of `SIZES`.
    favours : str
        Beginning of the id of the arm that did better, in lower case; empty when not told.
    verified : bool
        Whether it was read on a source's page.
    computed : bool
        Whether it was worked out from public individual records.
    where, note : str
    remarks : tuple of str
        What the row says beside its number.
    baseline : bool
        Whether it is called the score before treatment.
    after_crossover : bool
        Whether the arm had been given something else by then.
    definition : str
        How response or remission was defined where that is not usual for the scale: ``fall_30_percent``, ``fall_12``,
        ``at_most_6``, ``sustained`` or ``not_said``.
    among : str
        One of `AMONG`; where a row of relapse does not say, those who had got better.
    mistakes : tuple of str
        What is impossible in it; such a row is not used.
    """

    path: Place
    told: Mapping[str, Any] = field(repr=False, compare=False)
    arm: str = ""
    versus: str = ""
    what: str = ""
    scale: Scale | None = None
    scale_word: str = ""
    kind: str = ""
    day: float | None = None
    day_word: str | None = None
    study_day: float | None = None
    from_day: float | None = None
    mean: float | None = None
    sd: float | None = None
    se: float | None = None
    t: float | None = None
    ci95: tuple[float, float] | None = None
    n: int | None = None
    events: float | None = None
    fraction: float | None = None
    percent: float | None = None
    median_days: float | None = None
    mean_difference: float | None = None
    effect_size: float | None = None
    effect_ci95: tuple[float, float] | None = None
    sizes: Mapping[str, float | tuple[float, float]] = field(default_factory=dict)
    favours: str = ""
    verified: bool = False
    computed: bool = False
    where: str = ""
    note: str = ""
    remarks: tuple[str, ...] = ()
    baseline: bool = False
    after_crossover: bool = False
    definition: str = ""
    among: str = "all"
    mistakes: tuple[str, ...] = ()

    @property
    def is_contrast(self) -> bool:
        """Whether it compares two arms."""
        return self.path[0] == "contrasts"

    @property
    def place(self) -> str:
        """Where it stands, such as ``arms[0].observations[2]``."""
        return placed(self.path)

    @property
    def share(self) -> float | None:
        """The share that the row tells, from 0 to 1; None where only events are counted."""
        if self.fraction is None and self.percent is not None:
            return self.percent / 100
        return self.fraction

    @property
    def counted(self) -> float | None:
        """The share of people, from the events where they are counted."""
        return self.events / self.n if self.events is not None and self.n else self.share

    @property
    def is_median(self) -> bool:
        """Whether all that it says of relapse is the day on which half have relapsed."""
        told = self.counted is not None and self.day is not None
        return self.kind == "relapse" and self.median_days is not None and not told

    @property
    def reached_day(self) -> float | None:
        """The study day that its number is about: a median is reached that long after the row's day."""
        later = (self.median_days or 0.0) if self.is_median else 0.0
        return None if self.study_day is None else self.study_day + later


@dataclass(frozen=True, kw_only=True)
class StudyArm:
    """One arm of a study.

    Parameters
    ----------
    id : str
        As in the study's protocol.
    label : str
    n : int or None
    given : Arm or None
        Its doses, sessions and groups as an arm of a protocol; None where they cannot be laid out.
    why_not : str
        Why they cannot; empty when they can.
    in_words : tuple of str
        What it was given, a line for each medicine and each kind of session.
    medicines : tuple of str
        As the file calls them, in the order given.
    comparator : str
        One of `COMPARATORS`; empty when not told.
    background : Background
        What goes on beside: a conventional antidepressant, care as usual.
    recovered_by : str
        What made its people well who are well at the start: therapy, antidepressant, ect or ketamine.
    assumed : tuple of str
        What its schedule rests on that the study does not say, a clause each.
    other_treatment : str
        What everybody of the arm stays on.
    group_size : float or None
        People who meet together.
    first_day : float
        Day on which its schedule begins; 0 at the latest.
    baseline : tuple of Row
        Scores before treatment that it states beside its observations.
    observations : tuple of Row
    """

    id: str
    label: str = ""
    n: int | None = None
    given: Arm | None = None
    why_not: str = ""
    in_words: tuple[str, ...] = ()
    medicines: tuple[str, ...] = ()
    comparator: str = ""
    background: Background = field(default_factory=Background)
    recovered_by: str = ""
    assumed: tuple[str, ...] = ()
    other_treatment: str = ""
    group_size: float | None = None
    first_day: float = 0.0
    baseline: tuple[Row, ...] = ()
    observations: tuple[Row, ...] = ()


@dataclass(frozen=True, kw_only=True)
class People:
    """Whom a study includes.

    Parameters
    ----------
    n : int or None
    age_mean, age_sd : float or None
        Years; the median where no mean is told.
    female_fraction, ssri_fraction : float or None
        From 0 to 1.
    weight_mean_kg, weight_sd_kg : float or None
    setting : str
        inpatient or outpatient; empty when not told.
    recovered_by : str
        What made people well who are well at the start; empty when not told, or when it differs between the arms.
    episode_mean : float or None
        Their mean score when they were ill.
    baseline : tuple of Row
        Scores before treatment of all arms together.
    """

    n: int | None = None
    age_mean: float | None = None
    age_sd: float | None = None
    female_fraction: float | None = None
    ssri_fraction: float | None = None
    weight_mean_kg: float | None = None
    weight_sd_kg: float | None = None
    setting: str = ""
    recovered_by: str = ""
    episode_mean: float | None = None
    baseline: tuple[Row, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Study:
    """A published study.

    Parameters
    ----------
    name, file : str
        File name without and with its ending.
    id, citation, doi, registration, condition, design, notes : str
        Empty when not told.
    sources : tuple of str
        Where its numbers were read.
    people : People
    arms : tuple of StudyArm
    contrasts : tuple of Row
    blinding : str
        One of `BLINDINGS`; empty when not told.
    starts_well : bool
        Whether it waits for relapse in people who are well at the start.
    pooled : bool
        Whether it puts several trials together.
    retracted : bool
        Whether it was marked as retracted where it was read.
    overlaps : tuple of str
        Names of the studies whose people it holds, or may hold; never fitted together with it.
    follow_up_of : str
        Name of the trial whose people it saw again, later than that trial did.
    mistakes : tuple of Mistake
        What is wrong in the file beside its rows.
    lines : mapping of tuple to int
        Line of each entry of the file, by its place.
    """

    name: str
    file: str = ""
    id: str = ""
    citation: str = ""
    doi: str = ""
    registration: str = ""
    condition: str = ""
    design: str = ""
    notes: str = ""
    sources: tuple[str, ...] = ()
    people: People = People()
    arms: tuple[StudyArm, ...] = ()
    contrasts: tuple[Row, ...] = ()
    blinding: str = ""
    starts_well: bool = False
    pooled: bool = False
    retracted: bool = False
    overlaps: tuple[str, ...] = ()
    follow_up_of: str = ""
    mistakes: tuple[Mistake, ...] = ()
    lines: Mapping[Place, int] = field(default_factory=dict, repr=False, compare=False)
    _data: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every observation and contrast, in the order of the file."""
        return (*(row for arm in self.arms for row in arm.observations), *self.contrasts)

    @cached_property
    def first_day(self) -> float:
        """Day on which the schedule begins; 0 at the latest."""
        return min((arm.first_day for arm in self.arms), default=0.0)

    def arm(self, name: str) -> StudyArm | None:
        """Return an arm by its id."""
        return next((arm for arm in self.arms if arm.id == name), None)

    def as_data(self) -> dict[str, Any]:
        """Return the file's plain data; new ones each time."""
        return copy.deepcopy(dict(self._data))
