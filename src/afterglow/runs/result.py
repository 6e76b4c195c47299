"""What a simulation gives: the tables of a run, its labelled data, and where every number comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterglow.errors import FileError
from afterglow.files import write_bytes_atomically
from afterglow.results.plain import plain_object
from afterglow.results.tables import Tables
from afterglow.runs.netcdf import bytes_of, dataset_of, read_run
from afterglow.version import __version__

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Result"]


class Result(Tables):
    """One simulation of a protocol; immutable. See `Tables` for the tables and the parameters."""

    @cached_property
    def by_rival(self) -> Mapping[str, Result]:
        """The same run under each explanation alone."""
        return {e.rival: replace(self, only=e.rival) for e in self.run.spec.explanations}

    @property
    def provenance(self) -> dict[str, Any]:
        """Version, seed, parameters and sources of this run."""
        spec = self.run.spec
        return {
            "title": self.protocol.title,
            "afterglow_version": __version__,
            "run": spec.key,
            "seed": str(self.seed),
            "participants": self.participants,
            "draws_of_parameters": spec.draws,
            "explanations": ", ".join(f"{e.rival} {e.weight:.3f}" for e in spec.explanations),
            "calibrated": int(self.calibrated),
            "model": spec.model,
            "citations": ", ".join(self.citations),
        }

    @cached_property
    def dataset(self) -> xr.Dataset:
        """Courses, scores and counts over draws, arms and participants, with units."""
        return dataset_of(self.run, self.provenance)

    def to_json(self) -> dict[str, Any]:
        """Return the tables as one plain object."""
        return plain_object(self, __version__)

    def save(self, path: str | Path) -> Path:
        """Write all of it as NetCDF, the protocol and the specification too; the file appears whole or not at all.

        Raises
        ------
        FileError
            If the folder does not exist or cannot be written.
        """
        target = Path(path)
        if target.suffix != ".nc":
            raise FileError(f"{target.name} should end in .nc: a result is saved as NetCDF")
        return write_bytes_atomically(target, bytes_of(self.run, self.provenance))

    @classmethod
    def load(cls, path: str | Path) -> Result:
        """Read a result that `save` wrote.

        Raises
        ------
        FileError
            If the file cannot be read, or holds no run.
        """
        try:
            return cls(read_run(Path(path).read_bytes())[0])
        except (OSError, FileError) as error:
            reason = getattr(error, "strerror", None) or error
            raise FileError(f"'{path}' could not be read as a result: {reason}") from None
