"""What a simulation gives: labelled arrays, tidy tables, and where every number comes from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import Cohort
from afterglow.errors import FileError
from afterglow.files import write_bytes_atomically
from afterglow.parameters import PARAMETERS
from afterglow.posterior import Posterior
from afterglow.protocol import Arm, Protocol
from afterglow.safety.check import SafetyWarning
from afterglow.simulate import tables
from afterglow.simulate.bands import Bands, credible_bands
from afterglow.simulate.schedule import Schedule
from afterglow.simulate.sources import sources
from afterglow.version import __version__

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["Result", "ScaleScores"]

_UNITS = {"concentration": "ng/mL", "signal": "relative"}


@dataclass(frozen=True)
class ScaleScores:
    """Scores on one scale.

    Parameters
    ----------
    scale : str
    days : array (days,)
        The first is before any dose.
    predicted, observed : array (arms, participants, days)
        Without and with rating error.
    """

    scale: str
    days: NDArray[np.float64]
    predicted: NDArray[np.float32]
    observed: NDArray[np.float32]


_MAKERS = {
    "scores": tables.score_rows,
    "contrasts": tables.contrast_rows,
    "relapse": tables.relapse_rows,
    "lasting": tables.lasting_rows,
    "windows": tables.window_rows,
    "exposure": tables.exposure_rows,
}
_COLUMNS = {
    "scores": ("arm", "scale", "day"),
    "contrasts": ("arm", "versus", "scale", "day", "mean_difference", "low", "high", "effect_size_d"),
    "relapse": ("arm", "scale", "day", "share", "low", "high", "responders"),
    "lasting": ("arm", "scale", "from_day", "to_day", "share", "therapy_hours", "hours_per_lasting_response"),
    "windows": ("arm", "drug", "dose_day", "open_from_day_median", "closes_day_median", "closes_day_q95"),
    "exposure": ("arm", "drug", "analyte", "dose_day", "cmax_ng_per_ml_median"),
}
"""Columns of a table that has no rows."""


class _Tables(Mapping[str, tables.Rows]):
    """The tables of one result, each made once."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self._made: dict[str, tables.Rows] = {}

    def __getitem__(self, name: str) -> tables.Rows:
        if name not in self._made:
            self._made[name] = _MAKERS[name](self._result)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_MAKERS)

    def __len__(self) -> int:
        return len(_MAKERS)


@dataclass(frozen=True, eq=False)
class Result:
    """One simulation of a protocol; immutable.

    Parameters
    ----------
    protocol : Protocol
    cohort : Cohort
    arms : tuple of Arm
        The protocol's arms, then their twins without integration.
    plans : tuple of Schedule
    curve_names : tuple of str
    curve_days : array (times,)
    curves : array (arms, kept participants, names, times)
    rated : tuple of ScaleScores
    followed_from : float
        Day from which relapse and lasting responses count.
    warnings : tuple of SafetyWarning
    threads : int or None
    posterior : Posterior or None
        The calibration that was used; None when there was none.
    again : callable or None
        Simulates so many of the same people once more, uncalibrated, at other typical values.
    """

    protocol: Protocol
    cohort: Cohort
    arms: tuple[Arm, ...]
    plans: tuple[Schedule, ...]
    curve_names: tuple[str, ...]
    curve_days: NDArray[np.float64]
    curves: NDArray[np.float32]
    rated: tuple[ScaleScores, ...]
    followed_from: float
    warnings: tuple[SafetyWarning, ...]
    threads: int | None = None
    posterior: Posterior | None = None
    again: Callable[[Mapping[str, float], int], Result] | None = None

    @property
    def seed(self) -> int:
        """Seed of the random streams."""
        return self.cohort.seed

    @property
    def participants(self) -> int:
        """People per arm."""
        return self.cohort.participants

    @property
    def rival(self) -> str:
        """The explanation that was simulated."""
        return self.cohort.rival

    @property
    def calibrated(self) -> bool:
        """Whether the parameters come from the calibration on published trials."""
        return self.posterior is not None

    @cached_property
    def bands(self) -> Bands:
        """Credible bands of 90 % for every mean score, change, share and window."""
        return credible_bands(self)

    @property
    def citations(self) -> tuple[str, ...]:
        """Keys of the sources this run relied on, sorted."""
        return sources(self.protocol)

    @property
    def parameters_hash(self) -> str:
        """Fingerprint of every typical value and spread used."""
        used = {name: (p.value, p.between_subject_sd) for name, p in PARAMETERS.items()} | dict(self.cohort.typical)
        return hashlib.blake2b(repr(sorted(used.items())).encode(), digest_size=8).hexdigest()

    @cached_property
    def dataset(self) -> xr.Dataset:
        """Curves over (arm, participant, time) and scores over (arm, participant, day), with units."""
        import xarray as xr

        ids = [arm.id for arm in self.arms]
        kept = self.curves.shape[1]
        variables: dict[str, Any] = {
            name: (
                ("arm", "participant", "time"),
                self.curves[:, :, k],
                {"units": _UNITS.get(name.split("_")[0], "fraction")},
            )
            for k, name in enumerate(self.curve_names)
        }
        coordinates: dict[str, Any] = {
            "arm": ids,
            "participant": np.arange(kept),
            "time": ("time", self.curve_days, {"units": "days from the first dosing day"}),
        }
        for scores in self.rated:
            day = f"assessment_day_{scores.scale}"
            coordinates[day] = (day, scores.days, {"units": "days from the first dosing day"})
            for what in ("predicted", "observed"):
                values = getattr(scores, what)[:, :kept]
                variables[f"{what}_{scores.scale}"] = (("arm", "participant", day), values, {"units": "points"})
        return xr.Dataset(variables, coordinates, attrs=self.provenance)

    @property
    def provenance(self) -> dict[str, Any]:
        """Version, seed, parameters and sources of this run."""
        return {
            "title": self.protocol.title,
            "afterglow_version": __version__,
            "seed": self.seed,
            "participants": self.participants,
            "rival": self.rival,
            "calibrated": int(self.calibrated),
            "parameters_hash": self.parameters_hash,
            "citations": ", ".join(self.citations),
        }

    @cached_property
    def rows(self) -> Mapping[str, tables.Rows]:
        """All tables as plain rows, each made when it is first asked for."""
        return _Tables(self)

    @property
    def scores(self) -> pd.DataFrame:
        """Observed scores by arm, scale and day: mean, sd, quantiles, change, response, remission."""
        return self._frame("scores")

    @property
    def contrasts(self) -> pd.DataFrame:
        """Paired differences between arms, and between each arm and its twin, with 95 % intervals."""
        return self._frame("contrasts")

    @property
    def relapse(self) -> pd.DataFrame:
        """Share of responders relapsed by each assessment day, by Kaplan and Meier, with 95 % intervals."""
        return self._frame("relapse")

    @property
    def lasting(self) -> pd.DataFrame:
        """Share who respond at every visit from two weeks after the last dose on, and hours of therapy for each."""
        return self._frame("lasting")

    @property
    def windows(self) -> pd.DataFrame:
        """Opening and closing day of each window: median and 5 to 95 % of people."""
        return self._frame("windows")

    @property
    def exposure(self) -> pd.DataFrame:
        """Cmax, tmax, AUC and half-life by arm, dosing day and analyte: median and 5 to 95 % of people."""
        return self._frame("exposure")

    def _frame(self, name: str) -> pd.DataFrame:
        import pandas as pd

        rows = self.rows[name]
        return pd.DataFrame(rows) if rows else pd.DataFrame(columns=list(_COLUMNS[name]))

    def to_json(self) -> dict[str, Any]:
        """Return the run as one plain object."""
        return tables.plain_object(self, __version__)

    def save(self, path: str | Path) -> Path:
        """Write the dataset as NetCDF; the file appears whole or not at all.

        Raises
        ------
        FileError
            If the folder does not exist or cannot be written.
        """
        target = Path(path)
        if target.suffix != ".nc":
            raise FileError(f"{target.name} should end in .nc: the dataset is saved as NetCDF")
        return write_bytes_atomically(target, bytes(self.dataset.to_netcdf(engine="scipy")))
