"""Load the arms of evidence studies as protocols, and say which do not load and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from afterglow.errors import AfterglowError, FileError, ProtocolError, nearest
from afterglow.protocol.files.file_text import file_text
from afterglow.protocol.files.source import Source
from afterglow.protocol.files.yaml_text import plain_yaml
from afterglow.protocol.protocol import Protocol
from afterglow.protocol.study import study_arms

__all__ = ["LoadedArm", "load_arms", "load_report", "protocol_from_study", "study", "study_files", "study_names"]

_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, kw_only=True)
class LoadedArm:
    """Whether one arm of a study loads.

    Parameters
    ----------
    study : str
        File name without its ending.
    arm : str
        Empty when the study as a whole does not load.
    loads : bool
    reason : str
        Why it does not load, or what had to be assumed where it does.
    """

    study: str
    arm: str
    loads: bool
    reason: str = ""


def study_names() -> tuple[str, ...]:
    """Return the names of the studies that come with the package, in alphabetical order."""
    return _names()


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(item.name.removesuffix(".yaml") for item in _data().iterdir() if item.name.endswith(".yaml")))


def _data() -> Traversable:
    return files("afterglow.evidence").joinpath("data")


def study(name: str) -> Mapping[str, Any]:
    """Return the data of a study that comes with the package.

    Parameters
    ----------
    name : str
        Such as ``"mitchell2021-mapp1"``, in any case.

    Returns
    -------
    mapping
        As in the study's file; a new one each time.

    Raises
    ------
    ProtocolError
        If there is none of that name; the sentence names the nearest.
    """
    wanted = str(name).strip().lower()
    if wanted not in _names():
        raise ProtocolError(f"no study is called '{str(name)[:60]}': {_nearest(wanted)}")
    data: Mapping[str, Any] = plain_yaml(_data().joinpath(f"{wanted}.yaml").read_text(encoding="utf-8")).data
    return data


def _nearest(wanted: str) -> str:
    """Name the studies nearest to a word: those that hold it, else those spelt like it."""
    holding = [name for name in _names() if len(wanted) > 2 and wanted in name]
    if holding:
        return "did you mean " + " or ".join(f"'{name}'" for name in holding[:3]) + "?"
    close = nearest(wanted, _names())
    return close if close.startswith("did you mean") else f"study_names() lists all {len(_names())}"


def protocol_from_study(source: str | Path | Mapping[str, Any]) -> Protocol:
    """Load the usable arms of an evidence study as a protocol.

    Parameters
    ----------
    source : str, Path or mapping
        The name of a study that comes with the package, a study's file, or its data.

    Raises
    ------
    FileError
        If the file cannot be read.
    ProtocolError
        If no study has that name, the condition is not modelled, or no arm can be used; the sentence gives each
        arm's reason.
    """
    if isinstance(source, str) and not _is_path(source):
        return Protocol.from_evidence(study(source))
    return Protocol.from_evidence(source)


def _is_path(text: str) -> bool:
    return text.lower().endswith(_ENDINGS) or "/" in text or "\\" in text


def load_report(folder: str | Path | None = None) -> list[LoadedArm]:
    """List every arm of every study in a folder, with whether it loads and why not.

    Parameters
    ----------
    folder : str or Path, optional
        By default the studies that come with the package.

    Raises
    ------
    FileError
        If the folder does not exist.
    """
    return [row for path in study_files(folder) for row in load_arms(path)]


def study_files(folder: str | Path | None = None) -> list[Path]:
    """Return the study files of a folder, in alphabetical order.

    Parameters
    ----------
    folder : str or Path, optional
        By default the studies that come with the package.

    Raises
    ------
    FileError
        If the folder does not exist.
    """
    if folder is None:
        with as_file(_data()) as own:
            return study_files(own)
    place = Path(folder)
    if not place.is_dir():
        raise FileError(f"'{place}' is not a folder of evidence studies; name one")
    return sorted(path for path in place.iterdir() if path.suffix.lower() in _ENDINGS)


def load_arms(path: Path) -> list[LoadedArm]:
    """List the arms of one study file, with whether each loads and why not."""
    try:
        found = study_arms(plain_yaml(file_text(path)).data)
        arms = found.data["arms"]
        wrong = Protocol.parse(Source(data=found.data).data)[1] if arms else []
    except AfterglowError as error:
        return [LoadedArm(study=path.stem, arm="", loads=False, reason=str(error))]
    if not arms and not found.unusable:
        return [LoadedArm(study=path.stem, arm="", loads=False, reason="the study lists no arms")]
    if wrong:
        return [LoadedArm(study=path.stem, arm="", loads=False, reason=str(wrong[0]))]
    notes = "; ".join(found.notes)
    bare = "no doses or sessions are listed, so this is the natural course"
    return [
        *(
            LoadedArm(
                study=path.stem,
                arm=arm.id,
                loads=True,
                reason="; ".join(text for text in (notes, "" if arm.doses or arm.sessions else bare) if text),
            )
            for arm in arms
        ),
        *(LoadedArm(study=path.stem, arm=name, loads=False, reason=why) for name, why in found.unusable.items()),
    ]
