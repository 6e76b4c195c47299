"""Load the arms of evidence studies as protocols, and say which do not load and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from afterglow.errors import AfterglowError, FileError
from afterglow.protocol.file_text import file_text
from afterglow.protocol.protocol import Protocol
from afterglow.protocol.source import Source
from afterglow.protocol.study import study_arms
from afterglow.protocol.yaml_text import plain_yaml

__all__ = ["LoadedArm", "load_report", "protocol_from_study"]


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


def protocol_from_study(study: str | Path | Mapping[str, Any]) -> Protocol:
    """Load the usable arms of an evidence study as a protocol.

    Parameters
    ----------
    study : str, Path or mapping
        The study's file, or its data.

    Raises
    ------
    FileError
        If the file cannot be read.
    ProtocolError
        If the condition is not modelled, or no arm can be used; the sentence gives each arm's reason.
    """
    return Protocol.from_evidence(study)


def load_report(folder: str | Path) -> list[LoadedArm]:
    """List every arm of every study in a folder, with whether it loads and why not.

    Raises
    ------
    FileError
        If the folder does not exist.
    """
    place = Path(folder)
    if not place.is_dir():
        raise FileError(f"'{place}' is not a folder of evidence studies; name one")
    return [row for path in sorted(place.glob("*.yaml")) for row in _rows(path)]


def _rows(path: Path) -> list[LoadedArm]:
    try:
        found = study_arms(plain_yaml(file_text(path)).data)
        arms = found.data["arms"]
        wrong = Protocol.tried(Source(data=found.data).data)[1] if arms else []
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
