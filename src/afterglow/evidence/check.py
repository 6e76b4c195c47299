"""Check evidence studies: what is wrong in each file, what is used of it, and what is not and why."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from afterglow.errors import AfterglowError, FileError
from afterglow.evidence.findings.finding import KINDS, Finding, Unused
from afterglow.evidence.findings.of_study import findings_of
from afterglow.evidence.findings.selection import left_out
from afterglow.evidence.studies.as_protocol import LoadedArm, load_arms
from afterglow.evidence.studies.library import study, study_files, study_names
from afterglow.evidence.studies.reading import study_from
from afterglow.evidence.studies.study import Place, Row, Study, placed
from afterglow.protocol.files.file_text import file_text
from afterglow.protocol.files.yaml_text import YamlText, plain_yaml
from afterglow.scales.instruments import SCALES
from afterglow.scales.others import other_scale

__all__ = ["CheckedStudy", "Summary", "check_folder", "check_study", "check_text", "summaries", "unreadable"]

_ALIKE = 0.8
_OTHER_KINDS = ("dropout", "effect_difference", "hedges_g", "percent_change", "global_rating", "completed")


@dataclass(frozen=True, kw_only=True)
class CheckedStudy:
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
    held : Study or None
        The study; None when the file cannot be read.
    """

    study: str
    file: str
    arms: tuple[LoadedArm, ...] = ()
    findings: tuple[Finding, ...] = ()
    unused: tuple[Unused, ...] = ()
    errors: tuple[str, ...] = ()
    held: Study | None = None

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
    return [_summary(study(name)) for name in study_names()]


def _summary(held: Study) -> Summary:
    used, unused = findings_of(held)
    return Summary(
        study=held.name,
        condition=held.condition,
        arms=len(held.arms),
        n=held.people.n,
        medicines=tuple(dict.fromkeys(word for arm in held.arms for word in arm.medicines)),
        rows=len(used) + len(unused),
        used=len(used),
        verified_fraction=sum(f.verified for f in used) / len(used) if used else None,
        left_out=left_out(held.name),
    )


def check_folder(path: str | Path | None = None) -> list[CheckedStudy]:
    """Check every study file of a folder.

    Parameters
    ----------
    path : str or Path, optional
        By default the studies that come with the package.

    Returns
    -------
    list of CheckedStudy
        One for each file, in alphabetical order; a file with mistakes has them in `errors`.

    Raises
    ------
    FileError
        If the folder does not exist or holds no study file.
    """
    if path is None:
        return [_checked(study(name)) for name in study_names()]
    files = study_files(path)
    if not files:
        raise FileError(f"the folder '{path}' holds no study file; their names end in .yaml")
    return [check_study(file) for file in files]


def check_study(file: Path) -> CheckedStudy:
    """Check one study file; one with mistakes has them in `errors`."""
    try:
        return check_text(plain_yaml(file_text(file)), file)
    except AfterglowError as error:
        return unreadable(file, error)


def unreadable(file: Path, error: AfterglowError) -> CheckedStudy:
    """Return what is said of a study file that cannot be read."""
    told = str(error).replace(str(file), file.name)
    return CheckedStudy(study=file.stem, file=file.name, errors=(f"{file.name}: {told}",))


def check_text(read: YamlText, file: Path) -> CheckedStudy:
    """Check a study file that was parsed before.

    Raises
    ------
    ProtocolError
        If it is no mapping.
    """
    return _checked(study_from(read, name=file.stem, file=file.name))


def _checked(held: Study) -> CheckedStudy:
    used, unused = findings_of(held)
    return CheckedStudy(
        study=held.name,
        file=held.file,
        arms=tuple(load_arms(held)),
        findings=tuple(used),
        unused=tuple(unused),
        errors=tuple(_sentence(held, place, message) for place, message in _mistakes(held)),
        held=held,
    )


def _sentence(held: Study, place: Place, message: str) -> str:
    line = f", line {held.lines[place]}" if place in held.lines else ""
    return ": ".join(part for part in (held.file + line, placed(place), message) if part)


def _mistakes(held: Study) -> Iterator[tuple[Place, str]]:
    """Go through what is wrong in a study, with its place."""
    yield from ((mistake.place, mistake.message) for mistake in held.mistakes)
    for row in held.rows:
        yield from ((row.path, message) for message in (*row.mistakes, *_misspelt(row)))


def _misspelt(row: Row) -> Iterator[str]:
    """Name the scale or the kind that a word was probably meant for."""
    scale, kind = row.scale_word, row.kind
    if scale and row.scale is None and other_scale(scale) is None:
        known = {_plain(name): one.id for one in SCALES.values() for name in (one.id, *one.aliases)}
        close = difflib.get_close_matches(_plain(scale), known, n=1, cutoff=_ALIKE)
        if close:
            yield f"unknown scale '{scale[:60]}'; did you mean '{known[close[0]]}'?"
    if kind and kind not in KINDS and kind not in _OTHER_KINDS and not row.is_contrast:
        alike = difflib.get_close_matches(kind.lower(), KINDS, n=1, cutoff=_ALIKE)
        if alike:
            yield f"unknown kind '{kind[:60]}'; did you mean '{alike[0]}'?"


def _plain(name: str) -> str:
    return "".join(c for c in name.upper() if c.isalnum())
