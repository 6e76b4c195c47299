"""A folder of evidence, whatever it holds: studies, files of facts, or both, in folders of their own or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from afterglow.errors import AfterglowError, FileError
from afterglow.evidence.check import Row, check_folder, check_study
from afterglow.evidence.facts import TOPICS, FactFile, holds_facts, read_facts, shipped_facts
from afterglow.protocol.files.file_text import file_text
from afterglow.protocol.files.yaml_text import plain_yaml

__all__ = ["Evidence", "check_evidence"]

_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a folder holds.

    Parameters
    ----------
    studies : tuple of Row
    facts : tuple of FactFile
    """

    studies: tuple[Row, ...]
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
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in _ENDINGS and file.is_file())
    if not files:
        raise FileError(f"the folder '{folder}' holds no evidence; the names of studies and facts end in .yaml")
    facts = [file for file in files if _holds_facts(file)]
    return Evidence(
        studies=tuple(check_study(file) for file in files if file not in facts),
        facts=tuple(read_facts(file) for file in facts),
    )


def _holds_facts(file: Path) -> bool:
    try:
        return holds_facts(plain_yaml(file_text(file)).data)
    except AfterglowError:
        return file.stem in TOPICS
