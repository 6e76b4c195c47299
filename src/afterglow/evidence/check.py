"""Check a folder of evidence studies: what is wrong in each file, what is used of it, and what is not and why."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from afterglow.errors import AfterglowError, FileError
from afterglow.evidence.arms import LoadedArm, load_arms, study_files, study_names
from afterglow.evidence.arms import study as study_data
from afterglow.evidence.catalogue import PublishedRow, faults, first_day, people_faults, published_rows
from afterglow.evidence.findings import KINDS, Finding, Unused, findings, left_out
from afterglow.protocol.files.file_text import file_text
from afterglow.protocol.files.yaml_text import YamlText, plain_yaml
from afterglow.scales.instruments import SCALES

__all__ = ["Row", "Summary", "check_folder", "check_study", "summaries"]

Place = tuple[str | int, ...]

_OTHER_SCALES = {
    *("CAPS", "CAPS-CA", "CAPS-6", "PSS", "PSS-I", "PSS-I-5", "PDS", "PDS-5", "IES-R", "IES", "DTS", "PCL-C", "PCL-M"),
    *("HADS", "HADS-A", "HADS-D", "HDRS-6", "HDRS-21", "HDRS-24", "HDRS-28", "HAM-D6", "HAM-D21", "HAM-D24", "HAM-D28"),
    *("HAMD6", "HRSD-21", "HRSD-24", "HRSD-28", "IDS", "IDS-C", "IDS-SR", "QIDS-C", "QIDS-C16", "MADRS-S", "BDI-FS"),
    *("PHQ-2", "PHQ-4", "PHQ-8", "PHQ-15", "GAD-2", "CES-D", "GDS", "EPDS", "DS-II", "BAI", "STAI", "STAI-S", "STAI-T"),
    *("LSAS", "OASIS", "BSI", "DASS", "DASS-21", "CGI", "CGI-I", "CGI-S", "SHAPS", "ZSDS", "SDSS", "GAF", "WHODAS"),
}
"""Instruments that exist and are not modelled, so that their names are no misspelling of one that is."""

_ALIKE = 0.8
_OTHER_KINDS = ("dropout", "effect_difference", "hedges_g", "percent_change", "global_rating")


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one study file holds.

    Parameters
    ----------
    study : str
        File name without its ending.
    file : str
        File name.
    arms : tuple of LoadedArm
        Whether each arm can be simulated, and why not.
    findings : tuple of Finding
    unused : tuple of Unused
        Rows that are not used, with the reason.
    errors : tuple of str
        Mistakes, a sentence each that names the file and the place.
    """

    study: str
    file: str
    arms: tuple[LoadedArm, ...] = ()
    findings: tuple[Finding, ...] = ()
    unused: tuple[Unused, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def verified(self) -> int:
        """How many findings were read on a source's page."""
        return sum(finding.verified for finding in self.findings)

    @property
    def kinds(self) -> dict[str, int]:
        """How many findings there are of each kind."""
        return dict(Counter(finding.kind for finding in self.findings).most_common())

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows are not used for each reason."""
        return dict(Counter(unused.reason for unused in self.unused).most_common())


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One study of the package on one line.

    Parameters
    ----------
    study, condition : str
    arms : int
    n : int or None
        People.
    medicines : tuple of str
        What its arms were given.
    rows, used : int
        Published rows, and those of them that are findings.
    verified_fraction : float or None
        Share of the findings that were read on a source's page.
    left_out : str
        Why the model is not fitted to it; empty when it may be.
    """

    study: str
    condition: str
    arms: int
    n: int | None
    medicines: tuple[str, ...]
    rows: int
    used: int
    verified_fraction: float | None
    left_out: str


def summaries() -> list[Summary]:
    """Return a line for each study that comes with the package, in alphabetical order."""
    return [_summary(name) for name in study_names()]


def _summary(name: str) -> Summary:
    data = study_data(name)
    used, unused = findings(data, name=name)
    arms = [arm for arm in data.get("arms") or [] if isinstance(arm, Mapping)]
    doses = [dose for arm in arms for dose in arm.get("doses") or [] if isinstance(dose, Mapping)]
    people = (data.get("population") or {}).get("n")
    return Summary(
        study=name,
        condition=str(data.get("condition")),
        arms=len(arms),
        n=people if isinstance(people, int) else None,
        medicines=tuple(dict.fromkeys(str(dose.get("drug", dose.get("medicine"))) for dose in doses)),
        rows=len(used) + len(unused),
        used=len(used),
        verified_fraction=sum(f.verified for f in used) / len(used) if used else None,
        left_out=left_out(name),
    )


def check_folder(path: str | Path | None = None) -> list[Row]:
    """Check every study file of a folder.

    Parameters
    ----------
    path : str or Path, optional
        By default the studies that come with the package.

    Returns
    -------
    list of Row
        A row for each file, in alphabetical order; a file with mistakes has them in `errors`.

    Raises
    ------
    FileError
        If the folder does not exist or holds no study file.
    """
    files = study_files(path)
    if not files:
        raise FileError(f"the folder '{path}' holds no study file; their names end in .yaml")
    return [check_study(file) for file in files]


def check_study(file: Path) -> Row:
    """Check one study file.

    Returns
    -------
    Row
        One with mistakes has them in `errors`.
    """
    arms = tuple(load_arms(file))
    try:
        read = plain_yaml(file_text(file))
    except AfterglowError as error:
        told = str(error).replace(str(file), file.name)
        return Row(study=file.stem, file=file.name, errors=(f"{file.name}: {told}",))
    errors = tuple(_sentence(file.name, read, place, message) for place, message in _mistakes(read.data))
    if not isinstance(read.data, Mapping):
        return Row(study=file.stem, file=file.name, errors=errors)
    used, unused = findings(read.data, name=file.stem)
    return Row(
        study=file.stem, file=file.name, arms=arms, findings=tuple(used), unused=tuple(unused), errors=tuple(errors)
    )


def _sentence(file: str, read: YamlText, place: Place, message: str) -> str:
    where = PublishedRow(place, "", {}).place if place else ""
    line = f", line {read.lines[place]}" if place in read.lines else ""
    return ": ".join(part for part in (file + line, where, message) if part)


def _mistakes(data: Any) -> Iterator[tuple[Place, str]]:
    """Go through what is wrong in a study, with its place."""
    if not isinstance(data, Mapping):
        kind = "a list" if isinstance(data, list) else "a single value"
        yield (), f"a study must be a mapping with citation, condition and arms, but the file holds {kind}"
        return
    if not data.get("arms") and not data.get("contrasts"):
        yield (), "the study has neither arms nor contrasts"
    yield from _lists(data, ("arms",), ("contrasts",))
    arms = data.get("arms")
    yield from _arm_mistakes(arms if isinstance(arms, list) else [])
    start = first_day(data)
    for row in published_rows(data):
        yield from ((row.path, message) for message in (*faults(row, first_day=start), *_misspelt(row)))


def _lists(data: Mapping[str, Any], *places: Place) -> Iterator[tuple[Place, str]]:
    for place in places:
        value = data.get(str(place[-1]))
        if value is not None and not isinstance(value, list):
            yield place, f"'{place[-1]}' must be a list"


def _arm_mistakes(arms: list[Any]) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    for k, arm in enumerate(arms):
        if not isinstance(arm, Mapping):
            yield ("arms", k), "an arm must be a mapping with id, doses, sessions and observations"
            continue
        name = str(arm.get("id") or "").strip()
        if not name:
            yield ("arms", k), "the arm has no id"
        elif name in seen:
            yield ("arms", k), f"the id '{name}' stands twice; give each arm its own"
        seen.add(name)
        yield from ((("arms", k), message) for message in people_faults(arm))
        yield from _lists(arm, ("arms", k, "observations"))


def _misspelt(row: PublishedRow) -> Iterator[str]:
    """Name the scale or the kind that a word was probably meant for."""
    scale = str(row.data.get("scale") or "")
    if scale and row.scale is None and _plain(scale) not in {_plain(name) for name in _OTHER_SCALES}:
        known = {_plain(name): one.id for one in SCALES.values() for name in (one.id, *one.aliases)}
        close = difflib.get_close_matches(_plain(scale), known, n=1, cutoff=_ALIKE)
        if close:
            yield f"unknown scale '{scale[:60]}'; did you mean '{known[close[0]]}'?"
    kind = str(row.data.get("kind") or "")
    if kind and kind not in KINDS and kind not in _OTHER_KINDS and not row.is_contrast:
        alike = difflib.get_close_matches(kind.lower(), KINDS, n=1, cutoff=_ALIKE)
        if alike:
            yield f"unknown kind '{kind[:60]}'; did you mean '{alike[0]}'?"


def _plain(name: str) -> str:
    return "".join(c for c in name.upper() if c.isalnum())
