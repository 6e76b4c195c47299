"""The studies that come with the package, and the files of others; each is read and parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from afterglow.errors import FileError, ProtocolError, nearest
from afterglow.evidence.studies.reading import study_from
from afterglow.evidence.studies.study import Study
from afterglow.protocol.files.file_text import file_text
from afterglow.protocol.files.yaml_text import plain_yaml

__all__ = ["YAML_ENDINGS", "read_study", "study", "study_file", "study_files", "study_names"]

YAML_ENDINGS = (".yaml", ".yml")


@cache
def study_names() -> tuple[str, ...]:
    """Return the names of the studies that come with the package, in alphabetical order."""
    held = files("afterglow.evidence").joinpath("data").iterdir()
    return tuple(sorted(item.name.removesuffix(".yaml") for item in held if item.name.endswith(".yaml")))


def study(name: str) -> Study:
    """Return a study that comes with the package.

    Parameters
    ----------
    name : str
        Such as ``"mitchell2021-mapp1"``, in any case.

    Raises
    ------
    ProtocolError
        If there is none of that name; the sentence names the nearest.
    """
    wanted = str(name).strip().lower()
    if wanted not in study_names():
        raise ProtocolError(f"no study is called '{str(name)[:60]}': {_nearest(wanted)}")
    return _shipped(wanted)


@cache
def _shipped(name: str) -> Study:
    with as_file(files("afterglow.evidence").joinpath("data", f"{name}.yaml")) as path:
        return study_file(path)


def _nearest(wanted: str) -> str:
    """Name the studies nearest to a word: those that hold it, else those spelt like it."""
    names = study_names()
    holding = [name for name in names if len(wanted) > 2 and wanted in name]
    if holding:
        return "did you mean " + " or ".join(f"'{name}'" for name in holding[:3]) + "?"
    close = nearest(wanted, names)
    return close if close.startswith("did you mean") else f"study_names() lists all {len(names)}"


def read_study(source: str | Path | Mapping[str, Any] | Study) -> Study:
    """Read a study.

    Parameters
    ----------
    source : str, Path, mapping or Study
        The name of a study that comes with the package, a study's file, its plain data, or one that was read before.

    Raises
    ------
    FileError
        If the file cannot be read.
    ProtocolError
        If no study has that name, or the file is not YAML or no mapping.
    """
    if isinstance(source, Study):
        return source
    if isinstance(source, Mapping):
        return study_from(source)
    if isinstance(source, str) and not _is_path(source):
        return study(source)
    return study_file(Path(source))


def _is_path(text: str) -> bool:
    return text.lower().endswith(YAML_ENDINGS) or "/" in text or "\\" in text


def study_file(path: Path) -> Study:
    """Read a study's file.

    Raises
    ------
    FileError
        If it cannot be read.
    ProtocolError
        If it is not YAML or no mapping.
    """
    return study_from(plain_yaml(file_text(path)), name=path.stem, file=path.name)


def study_files(folder: str | Path) -> list[Path]:
    """Return the study files of a folder, in alphabetical order.

    Raises
    ------
    FileError
        If the folder does not exist.
    """
    place = Path(folder)
    if not place.is_dir():
        raise FileError(f"'{place}' is not a folder of evidence studies; name one")
    return sorted(path for path in place.iterdir() if path.suffix.lower() in YAML_ENDINGS)
