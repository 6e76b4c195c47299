"""The tables of a run, each made once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

from afterglow.protocol import Arm, Protocol
from afterglow.results.contrasts import contrast_rows
from afterglow.results.courses import Course, curve_course, score_band, score_course
from afterglow.results.exposure import exposure_rows
from afterglow.results.lasting import lasting_rows, relapse_rows
from afterglow.results.mixture import Interval, Mixture
from afterglow.results.scores import Rows, score_rows
from afterglow.results.sources import sources
from afterglow.results.windows import window_rows
from afterglow.safety.check import SafetyWarning, check_protocol
from afterglow.simulate.run import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TABLES", "Tables"]

TABLES = ("scores", "contrasts", "relapse", "lasting", "windows", "exposure")

_COLUMNS = {
    "scores": ("arm", "scale", "day"),
    "contrasts": ("arm", "versus", "scale", "day", "mean_difference", "effect_size_d", "mc_error"),
    "relapse": ("arm", "scale", "day", "share", "responders"),
    "lasting": ("arm", "scale", "from_day", "to_day", "share", "therapy_hours", "hours_per_lasting_response"),
    "windows": ("arm", "drug", "dose_day", "open_from_day_median", "closes_day_median", "closes_day_q95"),
    "exposure": ("arm", "drug", "analyte", "dose_day", "cmax_ng_per_ml_median"),
}
"""Columns of a table that has no rows."""


class _Rows(Mapping[str, Rows]):
    """The rows of each table, made when they are first asked for."""

    def __init__(self, run: Run, mixture: Mixture) -> None:
        self._run, self._mixture = run, mixture
        self._made: dict[str, Rows] = {}

    def __getitem__(self, name: str) -> Rows:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Rows:
        if name == "exposure":
            return exposure_rows(self._run)
        makers = {
            "scores": score_rows,
            "contrasts": contrast_rows,
            "relapse": relapse_rows,
            "lasting": lasting_rows,
            "windows": window_rows,
        }
        return makers[name](self._run, self._mixture)

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)


@dataclass(frozen=True, eq=False)
class Tables:
    """What a run says, by default all explanations by their weights.

    Parameters
    ----------
    run : Run
    only : str
        The one explanation whose draws count; empty for all.
    """

    run: Run
    only: str = ""

    @cached_property
    def mixture(self) -> Mixture:
        """The draws that count."""
        return Mixture(self.run.draws, self.only)

    @cached_property
    def by_rival(self) -> Mapping[str, Self]:
        """The same run under each explanation alone."""
        return {e.rival: replace(self, only=e.rival) for e in self.run.spec.explanations}

    @property
    def protocol(self) -> Protocol:
        """The protocol that was run."""
        return self.run.spec.protocol

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The protocol's arms, then their twins without integration."""
        return self.run.arms

    @property
    def seed(self) -> int:
        """Seed of the random streams."""
        return self.run.spec.seed

    @property
    def participants(self) -> int:
        """People per arm."""
        return self.run.spec.participants

    @property
    def rival(self) -> str:
        """The explanation that was run, or "weighted"."""
        return self.only or self.run.spec.rival

    @property
    def calibrated(self) -> bool:
        """Whether the parameters come from the calibration on published trials."""
        return self.run.spec.calibrated

    @property
    def has_intervals(self) -> bool:
        """Whether scores and their differences have intervals: a calibrated run of two or more people."""
        return self.run.spec.has_intervals

    @property
    def scales(self) -> tuple[str, ...]:
        """The scales that were rated, that of the population first where it was."""
        main = self.protocol.population.scale
        return tuple(sorted(self.run.visits, key=lambda name: name != main))

    @cached_property
    def warnings(self) -> tuple[SafetyWarning, ...]:
        """Published warnings that the protocol meets."""
        return check_protocol(self.protocol)

    @cached_property
    def citations(self) -> tuple[str, ...]:
        """Keys of the sources this run relied on, sorted."""
        return sources(self.protocol)

    @cached_property
    def rows(self) -> Mapping[str, Rows]:
        """All tables as plain rows."""
        return _Rows(self.run, self.mixture)

    def frame(self, name: str) -> pd.DataFrame:
        """Return one of `TABLES` as a data frame."""
        import pandas as pd

        rows = self.rows[name]
        return pd.DataFrame(rows) if rows else pd.DataFrame(columns=list(_COLUMNS[name]))

    @property
    def scores(self) -> pd.DataFrame:
        """Observed scores by arm, scale and day: mean, sd, quantiles, change, response, remission."""
        return self.frame("scores")

    @property
    def contrasts(self) -> pd.DataFrame:
        """Differences between arms, and between each arm and its twin, with their 90 % intervals."""
        return self.frame("contrasts")

    @property
    def relapse(self) -> pd.DataFrame:
        """Share of responders relapsed so many days after their response, with its 90 % interval."""
        return self.frame("relapse")

    @property
    def lasting(self) -> pd.DataFrame:
        """Share who respond at every visit from two weeks after the last dose on, and hours of therapy for each."""
        return self.frame("lasting")

    @property
    def windows(self) -> pd.DataFrame:
        """Opening and closing day of each window: median and 5 to 95 % of people."""
        return self.frame("windows")

    @property
    def exposure(self) -> pd.DataFrame:
        """Cmax, tmax, AUC and half-life by arm, dosing day and analyte: median and 5 to 95 % of people.

        Times count from the day's first dose, areas are those that the day's doses add.
        """
        return self.frame("exposure")

    def course(self, name: str, arm: str) -> Course | None:
        """Return the course of a state, a quantity or (by the name of a scale) a score over time; None if unknown.

        Parameters
        ----------
        name : str
            Such as "window", "new_pattern", "concentration_mdma", "symptom" or "MADRS".
        arm : str
            Id of an arm or a twin.
        """
        place = self.run.places.get(arm)
        if place is None:
            return None
        if (name, arm) not in self._courses:
            made = score_course if name in self.run.visits else curve_course
            self._courses[name, arm] = made(self.run, self.mixture, name, place)
        return self._courses[name, arm]

    def band(self, scale: str, arm: str) -> Interval | None:
        """Return the 90 % interval of an arm's mean score over time, two arrays (times,); None where there is none."""
        if not self.has_intervals or scale not in self.run.visits or arm not in self.run.places:
            return None
        course = self.course(scale, arm)
        assert course is not None
        return score_band(self.run, self.mixture, scale, self.run.places[arm], course)

    @cached_property
    def _courses(self) -> dict[tuple[str, str], Course | None]:
        """Courses that were asked for."""
        return {}
