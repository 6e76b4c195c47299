"""A trial: a protocol and its ``trial`` section, held against each other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from afterglow.errors import ProtocolError, nearest
from afterglow.medicines import MEDICINES
from afterglow.observation.dropout import share_seen, sources_of_dropout
from afterglow.protocol import Arm, Protocol
from afterglow.protocol.files.mistakes import moved
from afterglow.protocol.files.source import Source, file_source
from afterglow.protocol.files.yaml_text import plain_yaml
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import family_of, score_to_severity, severity_to_score
from afterglow.scales.scale import Scale
from afterglow.simulate.schedule import first_apart, schedule
from afterglow.trial.analysis.registry import OF_EVENTS
from afterglow.trial.designs.design import DropTheLoser
from afterglow.trial.specification.analysis import AnalysisPlan
from afterglow.trial.specification.comparisons import INTERACTION, Comparison, factorial_weights
from afterglow.trial.specification.events import Dropout
from afterglow.trial.specification.section import TrialSection

__all__ = ["Trial"]

_SECTION = "trial"
_ONE_ANSWER = ("factorial", "mcp-mod", *OF_EVENTS)
"""Analyses that do not compare one arm with another on a day."""


@dataclass(frozen=True, eq=False)
class Trial:
    """A protocol with what makes a trial of it.

    Parameters
    ----------
    protocol : Protocol
    section : TrialSection

    Raises
    ------
    ProtocolError
        If the section names what the protocol does not have, or asks for an analysis that its data cannot carry.
    """

    protocol: Protocol
    section: TrialSection

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise moved(problem, _SECTION)

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a protocol file that has a ``trial`` section.

        Raises
        ------
        FileError
            If the file cannot be read.
        ProtocolError
            If it says something impossible, with the line when that is known, or has no such section.
        """
        return cls.from_source(file_source(path))

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read a trial from YAML text; see `from_file`."""
        read = plain_yaml(text)
        return cls.from_source(Source(data=read.data, lines=read.lines))

    @classmethod
    def from_source(cls, source: Source) -> Self:
        """Make a trial from what a file holds; see `from_file`."""
        protocol = Protocol.from_source(source)
        data = source.data if isinstance(source.data, Mapping) else {}
        if not isinstance(data.get(_SECTION), Mapping):
            raise ProtocolError(
                "a trial needs a 'trial' section beside the protocol, with active, control, day and sizes; "
                "afterglow new --trial writes one to start from"
            )
        found, wrong = cls.parse(protocol, data[_SECTION])
        if found is None:
            raise source.placed(wrong[0])
        return found

    @classmethod
    def parse(cls, protocol: Protocol, data: Any) -> tuple[Self | None, list[ProtocolError]]:
        """Make a trial of a protocol and plain data; return it, or None and everything that is wrong with the data."""
        section, wrong = TrialSection.parse(data)
        if section is None:
            return None, [moved(error, _SECTION) for error in wrong]
        try:
            return cls(protocol, section), []
        except ProtocolError as error:
            return None, [error]

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of a trial file, for editors: that of a protocol, with its section spelt out."""
        found, section = Protocol.json_schema(), TrialSection.model_json_schema()
        parts = section.pop("$defs", {})
        for name in ("IntercurrentEvent", "Dropout", "AnalysisPlan", "DesignPlan", "Estimand"):
            parts[name] = {"anyOf": [parts[name], {"type": ["string", "array"], "description": "as a sentence"}]}
        for name in ("sizes", "active", "analyses", "designs", "intercurrent_events"):
            many = section["properties"][name]
            section["properties"][name] = {"anyOf": [many, many["items"]]}
        found["$defs"] |= parts
        found["properties"][_SECTION] = section
        found["required"] = [*found.get("required", []), _SECTION]
        return found

    @property
    def scale(self) -> Scale:
        """The scale of the primary outcome."""
        return find_scale(self.section.scale or self.protocol.population.scale)

    @cached_property
    def visits(self) -> tuple[float, ...]:
        """Days after the first dose on which it is rated, up to that of the primary outcome."""
        days = next((a.days for a in self.protocol.assessments if a.scale == self.scale.id), ())
        return tuple(day for day in days if 0 < day <= self.section.day)

    @cached_property
    def analysed_visits(self) -> tuple[float, ...]:
        """Those that are analysed: all, or those after responders were randomised."""
        begin = self.responders_from_day
        return self.visits if begin is None else tuple(day for day in self.visits if day > begin)

    @property
    def responders_from_day(self) -> float | None:
        """Day on which those who respond are randomised; None where all are, at the start."""
        return next((d for plan in self.section.designs if (d := plan.design.responders_from_day) is not None), None)

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """The arms that are simulated: control, active ones, then others of a factorial trial."""
        by_id = {arm.id: arm for arm in self.protocol.arms}
        names = [self.section.control, *self.section.active]
        if self.section.factors is not None:
            names += [arm.id for arm in self.protocol.arms if arm.id not in names]
        return tuple(by_id[name] for name in names)

    @property
    def cells(self) -> list[tuple[int, int]]:
        """Whether each arm has the first and the second factor of a factorial trial."""
        first, second = (self.section.factors or {"": (), " ": ()}).values()
        return [(int(arm.id in first), int(arm.id in second)) for arm in self.arms]

    @property
    def doses_mg(self) -> list[float]:
        """Total dose of the studied medicine in the control and in each active arm; 0 where there is none."""
        arms = self.arms[: 1 + len(self.section.active)]
        return [sum(d.dose_mg or 0.0 for d in arm.doses if d.medicine == self._medicine) for arm in arms]

    def comparisons(self, plan: AnalysisPlan) -> tuple[Comparison, ...]:
        """Return what an analysis compares, the primary difference first.

        Each active arm with the control on the primary day, then the first active arm on the other days that a design
        tests; or the effects of a factorial trial.
        """
        last, arms = f"{self.section.day:g}", len(self.arms)
        if plan.method == "factorial":
            effects = (*(self.section.factors or {}), INTERACTION)
            weights = factorial_weights(np.array(self.cells))
            every = tuple(range(arms))
            return tuple(
                Comparison(name, every, last, tuple(row), 0, effects)
                for name, row in zip(effects, weights.tolist(), strict=True)
            )
        unknown = (np.nan,) * arms
        active = range(1, 1 + len(self.section.active))
        if plan.method == "mcp-mod":
            return (Comparison("dose response", (0, *active), last, unknown, 0),)
        found: list[Comparison] = []
        for k in active:
            weights_of = tuple(float(arm == k) - float(arm == 0) for arm in range(arms))
            borrows = plan.method == "reference-based" and plan.imputation not in ("mar", "jr")
            borrows = borrows or (plan.jumps and "hypothetical" in self.section.estimand.strategies.values())
            untold = borrows or plan.method in OF_EVENTS or self.responders_from_day is not None
            own = unknown if untold else weights_of
            found.append(Comparison(self.arms[k].id, (0, k), last, own, len(found)))
        for day in self.test_days if plan.method not in OF_EVENTS else ():
            if day != self.section.day:
                found.append(Comparison(f"day {day:g}", (0, 1), f"{day:g}", unknown, len(found), (), False))
        return tuple(found)

    @property
    def test_days(self) -> tuple[float, ...]:
        """Days that designs test, rising."""
        return tuple(sorted({day for plan in self.section.designs for day in plan.design.test_days}))

    @property
    def most_comparisons(self) -> int:
        """Comparisons of the analysis that has most."""
        return max(len(self.comparisons(plan)) for plan in self.section.analyses)

    @cached_property
    def dropout(self) -> Dropout | None:
        """Who stops coming."""
        if self.section.dropout != "published":
            return self.section.dropout
        medicine = self._medicine or ""
        lost = [1 - share_seen(medicine, active=active, day=self.section.day) for active in (False, True)]
        return Dropout(
            share=lost[0],
            by_day=self.section.day,
            arms=dict.fromkeys(self.section.active, lost[1]),
            source=", ".join(sources_of_dropout(medicine)),
        )

    def people(self, size: int) -> tuple[int, ...]:
        """Return the people of each arm where the control arm has so many."""
        return tuple(max(1, round(size * self.section.allocation.get(arm.id, 1.0))) for arm in self.arms)

    @property
    def baseline_mean(self) -> float:
        """Mean of the primary scale at inclusion: of the population where that is its scale, else as its severity."""
        return self._baseline[0]

    @property
    def baseline_sd(self) -> float:
        """SD of the primary scale at inclusion, between people."""
        return self._baseline[1]

    @cached_property
    def _baseline(self) -> tuple[float, float]:
        held = self.protocol.population
        if held.scale == self.scale.id:
            return held.baseline_mean, held.baseline_sd
        family, own = family_of(held.condition), find_scale(held.scale)
        near = np.clip(held.baseline_mean + held.baseline_sd * np.array([-1.0, 0.0, 1.0]), own.low, own.high)
        low, middle, high = severity_to_score(self.scale, score_to_severity(own, near, family=family), family=family)
        return float(middle), float(high - low) / 2

    @property
    def _medicine(self) -> str | None:
        active = next(arm for arm in self.protocol.arms if arm.id == self.section.active[0])
        return next((dose.medicine for dose in active.doses if not MEDICINES[dose.medicine].is_comparator), None)

    def _problems(self) -> Iterator[ProtocolError]:
        yield from self._unknown_arms()
        yield from self._unknown_days()
        yield from self._late_baseline()
        yield from self._unfit_designs()
        yield from self._unfit_analyses()
        if self.section.dropout == "published" and share_seen(self._medicine or "", active=False, day=1.0) == 1.0:
            yield ProtocolError(
                f"no dropout is published for {self._medicine or 'an arm without a medicine'}; write such as "
                f"'10 % by day {self.section.day:g}'",
                where="dropout",
            )

    def _unknown_arms(self) -> Iterator[ProtocolError]:
        names = [arm.id for arm in self.protocol.arms]
        factors = self.section.factors or {}
        told = [
            ("active", self.section.active),
            ("control", [self.section.control]),
            ("allocation", self.section.allocation),
            ("expectancy.arms", self.section.expectancy.arms),
            *((f"factors.{factor}", held) for factor, held in factors.items()),
            *((f"intercurrent_events[{k}].arms", e.arms) for k, e in enumerate(self.section.intercurrent_events)),
            ("dropout.arms", self.section.dropout.arms if isinstance(self.section.dropout, Dropout) else ()),
        ]
        for where, named in told:
            for name in named:
                if name not in names:
                    yield ProtocolError(f"no arm is called '{name}': {nearest(name, names)}", where=where)
        if self.section.allocation.get(self.section.control, 1.0) != 1.0:
            yield ProtocolError("the control arm is what others are counted by; leave it out", where="allocation")

    def _unknown_days(self) -> Iterator[ProtocolError]:
        section = self.section
        rated = {a.scale: a.days for a in self.protocol.assessments}
        if section.scale:
            try:
                find_scale(section.scale)
            except ProtocolError as error:
                yield ProtocolError(error.message, where="scale")
                return
        if self.scale.id not in rated:
            known = ", ".join(rated)
            yield ProtocolError(f"{self.scale.id} is not assessed in the protocol; assessed: {known}", where="scale")
        elif section.day not in rated[self.scale.id]:
            days = ", ".join(f"{day:g}" for day in rated[self.scale.id])
            yield ProtocolError(
                f"{self.scale.id} is not assessed on day {section.day:g}; assessed on days {days}", where="day"
            )

    def _late_baseline(self) -> Iterator[ProtocolError]:
        """Find arms that differ before the score is rated from which changes are counted.

        Where no rating stands before the first dose, people are rated at inclusion, before anything happens.
        """
        own = schedule(self.arms[0], self.protocol)
        first = next(a.days for a in self.protocol.assessments if a.scale == self.scale.id)[0]
        begin = self.responders_from_day
        for arm in self.arms[1:]:
            apart = first_apart(own, schedule(arm, self.protocol))
            if apart < first <= 0:
                yield ProtocolError(
                    f"{self.scale.id} is first rated on day {first:g}, but {arm.id} and {self.section.control} differ "
                    f"from day {math.floor(apart):g}, so that the baseline would hold a part of the effect; rate it "
                    "before that day too",
                    where="day",
                )
            elif begin is not None and apart < begin:
                yield ProtocolError(
                    f"responders are randomised on day {begin:g}, but {arm.id} and {self.section.control} differ from "
                    f"day {math.floor(apart):g}; until then both are given the same",
                    where="designs",
                )

    def _unfit_analyses(self) -> Iterator[ProtocolError]:
        for k, plan in enumerate(self.section.analyses):
            where = f"analyses[{k}]"
            if plan.method in ("mmrm", "reference-based") and len(self.analysed_visits) < 2:
                since = "the first dose" if self.responders_from_day is None else "responders are randomised"
                yield ProtocolError(
                    f"an MMRM needs two visits or more after {since}, but {self.scale.id} is rated on one up to "
                    f"day {self.section.day:g}; use ancova",
                    where=where,
                )
            if plan.method in OF_EVENTS and self.responders_from_day is None:
                yield ProtocolError(
                    f"{plan.method} compares relapse among people who responded, so it needs the design "
                    "randomised-withdrawal",
                    where=where,
                )
            if plan.method == "mcp-mod" and (len(self.section.active) < 2 or len(set(self.doses_mg)) < 3):
                yield ProtocolError(
                    "a dose response needs two active arms or more, of the same medicine in mg and different doses; "
                    "list them under active",
                    where=where,
                )
            if plan.method == "responders" and plan.endpoint == "remission" and self.scale.remission is None:
                yield ProtocolError(
                    f"{self.scale.id} has no definition of remission, so nobody can be counted as remitted", where=where
                )
            if plan.method == "responders" and plan.fall is not None and plan.endpoint != "response":
                yield ProtocolError("a fall defines response, not remission; leave one out", where=where)
            if plan.method == "factorial":
                yield from self._unfit_factors(where)
            if "site" in plan.covariates and not self.section.expectancy.sites:
                yield ProtocolError("site is a covariate, but the trial names no sites", where=where)

    def _unfit_designs(self) -> Iterator[ProtocolError]:
        rated = ", ".join(f"{day:g}" for day in self.visits)
        for k, plan in enumerate(self.section.designs):
            where, design = f"designs[{k}]", plan.design
            begin = design.responders_from_day
            for day in (*design.test_days, *(() if begin is None else (begin,))):
                if day not in self.visits:
                    yield ProtocolError(
                        f"{self.scale.id} is not assessed on day {day:g} after the first dose and up to the primary "
                        f"day; assessed on days {rated}",
                        where=where,
                    )
            if design.test_days and design.test_days[-1] != self.section.day:
                yield ProtocolError(
                    f"the last test is on day {design.test_days[-1]:g}, but the primary outcome on day "
                    f"{self.section.day:g}; make them the same",
                    where=where,
                )
            if begin != self.responders_from_day:
                yield ProtocolError(
                    "one design randomises those who respond and another everybody, so they cannot share people; give "
                    "each a file of its own",
                    where=where,
                )
            unfit = next((a.method for a in self.section.analyses if a.method in _ONE_ANSWER), None)
            if unfit and (isinstance(design, DropTheLoser) or len(design.test_days) > 1):
                yield ProtocolError(
                    f"{plan.id} asks for the difference of each arm on each day it tests, which {unfit} does not tell; "
                    "use mmrm, ancova or responders",
                    where=where,
                )
            if isinstance(design, DropTheLoser) and len(self.section.active) < 2:
                yield ProtocolError(
                    "a design that drops the worse dose needs two active arms or more; list them under active",
                    where=where,
                )

    def _unfit_factors(self, where: str) -> Iterator[ProtocolError]:
        factors = self.section.factors
        if factors is None or len(factors) != 2:
            yield ProtocolError("a factorial analysis needs two factors, each with the arms that have it", where=where)
            return
        first, second = (set(arms) for arms in factors.values())
        held = sorted((arm.id in first, arm.id in second) for arm in self.protocol.arms)
        if held != [(False, False), (False, True), (True, False), (True, True)]:
            yield ProtocolError(
                "a 2 x 2 factorial trial has four arms: with neither factor, with each, and with both", where="factors"
            )
