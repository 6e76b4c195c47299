"""Read a file that holds a protocol, whatever it is: a protocol, a published study, or a NONMEM event table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from afterglow.errors import ProtocolError
from afterglow.evidence.studies.as_protocol import study_source
from afterglow.evidence.studies.reading import study_from
from afterglow.protocol.events.reading import Compartments
from afterglow.protocol.files.source import Source, file_source, is_study
from afterglow.protocol.files.yaml_text import YamlText
from afterglow.protocol.protocol import Protocol

__all__ = ["Mistake", "Reading", "read_protocol", "read_with_notes", "reading_of"]


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One thing that is wrong in a file.

    Parameters
    ----------
    where : str
        Place, such as ``arms[0].doses[1].route``.
    message : str
        One sentence, with the nearest valid word.
    line : int
        Line in the file; none when it is not known.
    """

    where: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        """Write line, place and sentence."""
        line = "" if self.line is None else f"line {self.line}"
        return ": ".join(part for part in (line, self.where, self.message) if part)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What reading a file gave.

    Parameters
    ----------
    protocol : Protocol
        None when there are mistakes.
    mistakes : tuple of Mistake
        In the order of the file.
    notes : tuple of str
        What had to be assumed or left out.
    source : Source
        What the file holds, sections of other readers too; None when it could not be read.
    """

    protocol: Protocol | None = None
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()
    source: Source | None = None


def read_protocol(path: str | Path, *, cmt: Compartments | None = None) -> Protocol:
    """Read a protocol, a published study or a NONMEM event table, told apart by what the file holds.

    Parameters
    ----------
    path : str or Path
    cmt : mapping of int or str to str, optional
        Medicine and route of each compartment of an event table, such as ``{1: "ketamine_iv"}``.

    Raises
    ------
    FileError
        If the file cannot be read.
    ProtocolError
        If it says something impossible, with the first mistake; `reading_of` lists them all.
    """
    return read_with_notes(path, cmt=cmt)[0]


def read_with_notes(path: str | Path, *, cmt: Compartments | None = None) -> tuple[Protocol, tuple[str, ...]]:
    """Read a file as `read_protocol` does, and say what had to be assumed or left out.

    Raises
    ------
    FileError, ProtocolError
        As `read_protocol` does.
    """
    source = _source(Path(path), cmt)
    return Protocol.from_source(source), source.notes


def reading_of(path: str | Path, *, cmt: Compartments | None = None) -> Reading:
    """Read a file and list every mistake in it.

    Parameters
    ----------
    path : str or Path
    cmt : mapping of int or str to str, optional
        As in `read_protocol`.

    Raises
    ------
    FileError
        If the file cannot be read.
    """
    try:
        source = _source(Path(path), cmt)
    except ProtocolError as error:
        return Reading(mistakes=(Mistake(where=error.where, message=error.message),))
    protocol, wrong = Protocol.parse(source.data)
    missing, places = source.still_missing()
    if missing is not None:
        protocol = None
        wrong = [missing, *(e for e in wrong if not any(e.where.startswith(place) for place in places))]
    found = [Mistake(where=e.where, message=e.message, line=source.line_of(e.where)) for e in wrong]
    found.sort(key=lambda mistake: mistake.line or 0)
    return Reading(protocol=protocol, mistakes=tuple(dict.fromkeys(found)), notes=source.notes, source=source)


def _source(path: Path, cmt: Compartments | None) -> Source:
    held = file_source(path, cmt=cmt)
    if not is_study(held.data):
        return held
    return study_source(study_from(YamlText(held.data, held.lines), name=path.stem, file=path.name))
