"""What a simulation gives: the tables of a run, its labelled data, and where every number comes from."""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterglow.errors import FileError
from afterglow.figures.card import html_card, text_card
from afterglow.figures.catalogue import drawing, figure_cards
from afterglow.figures.svg import figure_svg
from afterglow.files import write_bytes_atomically
from afterglow.results.plain import plain_object
from afterglow.results.tables import Tables
from afterglow.runs.netcdf import bytes_of, dataset_of, read_run
from afterglow.version import __version__

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["Result"]


class Result(Tables):
    """One simulation of a protocol; immutable. See `Tables` for the tables and the parameters."""

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

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures that `plot` draws."""
        return tuple(card.key for card in figure_cards(self))

    def plot(self, name: str) -> Figure:
        """Draw one of `figures`, such as "overview" or "score-madrs".

        Returns
        -------
        matplotlib.figure.Figure
            Shown by itself at the end of a notebook's cell; ``savefig`` writes it.

        Raises
        ------
        ParameterError
            If this run has no such figure.
        """
        figure = drawing(self, name)
        figure._repr_svg_ = partial(figure_svg, figure)  # type: ignore[attr-defined]
        return figure

    def __repr__(self) -> str:
        return text_card(self)

    def _repr_html_(self) -> str:
        return html_card(self)

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
