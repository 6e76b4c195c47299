"""Keeps draws of the typical parameters in NetCDF, with the dimensions (chain, draw) that ArviZ expects."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import known_rival
from afterglow.errors import FileError
from afterglow.files import write_bytes_atomically
from afterglow.parameters import PARAMETERS
from afterglow.units import CONVENTIONS, cf_unit
from afterglow.version import __version__

__all__ = ["Posterior", "fingerprint", "read_posterior", "shipped", "write_posterior"]

_SPREAD = ("study", "points", "share", "arm", "row", "hope", "medicine", "therapy")


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws of the typical parameters, equally weighted.

    Parameters
    ----------
    rival : str
        The explanation that was fitted.
    draws : mapping of str to array (draws,)
        By parameter, in its unit.
    spread : mapping of str to float
        SDs around the model of studies, of their points and shares, of arms and rows, in SDs between people, and from
        trial to trial of how much hope, medicine and therapy can do, on the log scale; in a trial whose oddness is 1.
    diagnostics : mapping
        How it was made: studies, rows, people, seed, Pareto k, effective sample size, log predictive densities.
    """

    rival: str
    draws: Mapping[str, NDArray[np.float64]]
    spread: Mapping[str, float]
    diagnostics: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.draws.values())))

    @property
    def between_trial_sd(self) -> float:
        """SD of a published mean around what the model says of its trial, in SDs between people."""
        return self._together("study", "points", "arm", "row")

    @property
    def between_trial_sd_of_share(self) -> float:
        """SD of a published share around what the model says of its trial, in SDs between people."""
        return self._together("study", "share", "arm", "row")

    @property
    def between_trial_sd_of_difference(self) -> float:
        """SD of the difference of two arms of one study around the model, in SDs between people."""
        return float(np.sqrt(2)) * self._together("arm", "row")

    def _together(self, *names: str) -> float:
        return float(np.sqrt(sum(self.spread[name] ** 2 for name in names)))

    @cached_property
    def centre(self) -> dict[str, float]:
        """The typical draw of each parameter: its mean on the scale on which it varies."""
        return {name: PARAMETERS[name].mean(draws) for name, draws in self.draws.items()}

    @cached_property
    def digest(self) -> str:
        """Fingerprint of the draws, of the departures of trials and of how they were found."""
        found = hashlib.blake2b(self.rival.encode(), digest_size=8)
        for name in sorted(self.draws):
            found.update(name.encode())
            found.update(np.ascontiguousarray(self.draws[name], dtype="<f8").tobytes())
        found.update(json.dumps([dict(self.spread), dict(self.diagnostics)], sort_keys=True).encode())
        return found.hexdigest()

    def spaced(self, count: int) -> list[int]:
        """Return the places of at most `count` draws, evenly spaced."""
        return [int(k) for k in np.unique(np.linspace(0, len(self) - 1, min(count, len(self))).astype(int))]

    def draw(self, k: int) -> dict[str, float]:
        """Return draw `k` as typical values."""
        return {name: float(values[k]) for name, values in self.draws.items()}


@cache
def fingerprint() -> str:
    """Fingerprint of the equations and of every constant's value, spread and prior."""
    equations = files("afterglow.compile").joinpath("equations.py").read_bytes()
    digest = hashlib.blake2b(equations, digest_size=8)
    for p in PARAMETERS.values():
        digest.update(repr((p.name, p.value, p.between_subject_sd, p.prior_sd, p.scale)).encode())
    return digest.hexdigest()


def write_posterior(posterior: Posterior, path: str | Path) -> Path:
    """Write a posterior as NetCDF, whole or not at all.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    from scipy.io import netcdf_file

    held = io.BytesIO()
    out = netcdf_file(held, "w")
    out.createDimension("chain", 1)
    out.createDimension("draw", len(posterior))
    for name, draws in posterior.draws.items():
        variable = out.createVariable(name, "f8", ("chain", "draw"))
        variable[:] = draws[None, :]
        variable.units = cf_unit(PARAMETERS[name].unit)
        variable.long_name = PARAMETERS[name].meaning
    for name in _SPREAD:
        setattr(out, f"spread_{name}", np.float64(posterior.spread[name]))
    out.Conventions = CONVENTIONS
    out.rival = posterior.rival
    out.afterglow_version = __version__
    out.fingerprint = fingerprint()
    out.facts = json.dumps(dict(posterior.diagnostics), sort_keys=True)  # the name in files of every version
    out.flush()
    return write_bytes_atomically(path, held.getvalue())


def read_posterior(path: str | Path) -> Posterior:
    """Read a posterior.

    Raises
    ------
    FileError
        If the file cannot be read, is no posterior, or was made for other equations or constants.
    """
    place = Path(path)
    try:
        data = place.read_bytes()
    except OSError as error:
        raise FileError(f"'{place}' could not be read: {error.strerror or error}") from None
    return _parsed(data, str(place))


def _parsed(data: bytes, name: str) -> Posterior:
    from scipy.io import netcdf_file

    try:
        stored = netcdf_file(io.BytesIO(data), "r", mmap=False)
        made_by, mark = stored.afterglow_version.decode(), stored.fingerprint.decode()
        draws = {key: np.array(v[0], dtype=np.float64) for key, v in stored.variables.items()}
        spread = {key: float(getattr(stored, f"spread_{key}")) for key in _SPREAD}
        rival, diagnostics = stored.rival.decode(), json.loads(stored.facts.decode())
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, OSError) as error:
        raise FileError(f"'{name}' is not a posterior that afterglow calibrate wrote ({error})") from None
    if mark != fingerprint():
        raise FileError(
            f"'{name}' was made by Afterglow {made_by} for other equations or constants than those of this version "
            f"({__version__}); run afterglow calibrate again"
        )
    unknown = sorted(set(draws) - set(PARAMETERS))
    if unknown or not draws or any(not np.all(np.isfinite(v)) for v in draws.values()):
        raise FileError(f"'{name}' holds no usable draws{': unknown ' + ', '.join(unknown) if unknown else ''}")
    return Posterior(rival, draws, spread, diagnostics)


@cache
def shipped(rival: str = "window") -> Posterior:
    """Return the posterior that comes with the package for a rival.

    Raises
    ------
    FileError
        If there is none, or it was made for other equations or constants.
    """
    known_rival(rival)
    item = files("afterglow.posterior").joinpath("data", f"{rival}.nc")
    if not item.is_file():
        raise FileError(f"the package holds no posterior of '{rival}'; make one with afterglow calibrate")
    return _parsed(item.read_bytes(), f"{rival}.nc")
