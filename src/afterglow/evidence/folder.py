"""A folder of evidence, whatever it holds: studies, files of facts, or both, in folders of their own or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from afterglow.errors import AfterglowError, FileError
from afterglow.evidence.check import CheckedStudy, check_folder, check_text, unreadable
from afterglow.evidence.facts.fact_file import TOPICS, FactFile, facts_in, holds_facts, shipped_facts, unreadable_facts
from afterglow.evidence.studies.library import YAML_ENDINGS
from afterglow.protocol.files.file_text import file_text
from afterglow.protocol.files.yaml_text import plain_yaml

__all__ = ["Evidence", "check_evidence"]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a folder holds.

    Parameters
    ----------
    studies : tuple of CheckedStudy
    facts : tuple of FactFile
    """

    studies: tuple[CheckedStudy, ...]
    facts: tuple[FactFile, ...]

    @property
    def errors(self) -> tuple[str, ...]:
        """Every mistake, a sentence each."""
        studies = [error for row in self.studies for error in row.errors]
        return (*studies, *(error for file in self.facts for error in file.errors))


def check_evidence(path: str | Path | None = None) -> Evidence:
    """Check every file of a folder and of the folders in it.

    Parameters
    ----------
    path : str or Path, optional
        By default what comes with the package.

    Returns
    -------
    Evidence
        Each file is in it once, in alphabetical order; one that cannot be read is a study, unless it has the name of
        a file of facts.

    Raises
    ------
    FileError
        If the folder does not exist or holds no evidence.
    """
    if path is None:
        return Evidence(studies=tuple(check_folder()), facts=shipped_facts())
    folder = Path(path)
    if not folder.is_dir():
        raise FileError(f"'{folder}' is not a folder of evidence; name one")
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in YAML_ENDINGS and file.is_file())
    if not files:
        raise FileError(f"the folder '{folder}' holds no evidence; the names of studies and facts end in .yaml")
    checked = [_checked(file) for file in files]
    return Evidence(
        studies=tuple(one for one in checked if isinstance(one, CheckedStudy)),
        facts=tuple(one for one in checked if isinstance(one, FactFile)),
    )


def _checked(file: Path) -> CheckedStudy | FactFile:
    try:
        read = plain_yaml(file_text(file))
        return facts_in(read, file.stem, file.name) if holds_facts(read.data) else check_text(read, file)
    except AfterglowError as error:
        return unreadable_facts(file, error) if file.stem in TOPICS else unreadable(file, error)
