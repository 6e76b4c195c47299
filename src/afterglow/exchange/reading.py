"""Tell what a file of the field is, and read it as a protocol or as one to be completed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from afterglow.errors import FileError, nearest
from afterglow.exchange.clinical_trials import number_of, registry_skeleton
from afterglow.exchange.skeleton import Skeleton, skeleton_yaml
from afterglow.exchange.usdm.reading import usdm_protocol
from afterglow.exchange.usdm.skeleton import usdm_skeleton
from afterglow.protocol import Protocol
from afterglow.protocol.files.file_text import file_text

__all__ = ["Imported", "import_file"]

_MOST_BYTES = 100_000_000
_SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class Imported:
    """A protocol from another program's file.

    Parameters
    ----------
    text : str
        YAML that ``afterglow check`` reads.
    is_complete : bool
        Whether nothing is asked for.
    """

    text: str
    is_complete: bool


def import_file(path: str | Path, *, study: str | None = None) -> Imported:
    """Read a ClinicalTrials.gov record (JSON, API v2) or a USDM v4 file.

    Parameters
    ----------
    path : str or Path
    study : str, optional
        Number of the study, such as ``NCT01234567``, in a file that holds several.

    Raises
    ------
    FileError
        If the file cannot be read, is neither of these, or holds several studies and none was named.
    """
    name = Path(path)
    data = _json(name)
    if isinstance(data, Mapping) and isinstance(data.get("study"), Mapping) and "protocolSection" in data["study"]:
        data = data["study"]  # a record in an envelope
    if isinstance(data, Mapping) and isinstance(data.get("study"), Mapping):
        if study is not None:
            raise FileError(f"'{name}' holds one study in USDM, so leave --study out")
        return _from_usdm(data, name)
    return _asked_for(registry_skeleton(_one_record(data, name, study)))


def _asked_for(skeleton: Skeleton) -> Imported:
    return Imported(text=skeleton_yaml(skeleton), is_complete=False)


def _from_usdm(data: Mapping[str, Any], name: Path) -> Imported:
    protocol: Protocol | None = usdm_protocol(data)
    if protocol is not None:
        return Imported(text=protocol.to_yaml(), is_complete=True)
    return _asked_for(usdm_skeleton(data, file=name.name))


def _json(name: Path) -> Any:
    text = file_text(name, most_bytes=_MOST_BYTES, what="a record")
    try:
        return json.loads(text)
    except RecursionError:
        raise FileError(f"'{name}' nests too deeply to be a record of a trial") from None
    except ValueError as error:
        raise FileError(f"'{name}' is not JSON{_looks_like(name, text)}: {error}") from None


def _looks_like(name: Path, text: str) -> str:
    start = text.lstrip()[:200].lower()
    if name.suffix.lower() in (".yaml", ".yml"):
        return " but YAML, which is how protocols are kept (afterglow check reads them)"
    if start.startswith("<"):
        return " but XML or HTML; download the record as JSON, from https://clinicaltrials.gov/api/v2/studies/NCT..."
    if start.startswith(("nct number", '"nct number')):
        return " but a table of search results; download the record as JSON, from its page"
    return ""


def _one_record(data: Any, name: Path, study: str | None) -> Mapping[str, Any]:
    records = _records(data, name)
    numbers = [number_of(record) or f"record {k}" for k, record in enumerate(records, start=1)]
    if study is not None:
        wanted = study.strip().upper()
        found = next((r for r, number in zip(records, numbers, strict=True) if number.upper() == wanted), None)
        if found is None:
            raise FileError(f"'{name}' holds no study {wanted[:40]}: {nearest(wanted, numbers)}")
        return found
    if len(records) > 1:
        shown = ", ".join(numbers[:_SHOWN]) + (f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else "")
        raise FileError(f"'{name}' holds {len(records)} studies ({shown}); name one with --study")
    return records[0]


def _records(data: Any, name: Path) -> list[Mapping[str, Any]]:
    _refuse_others(data, name)
    rows = data.get("studies", [data]) if isinstance(data, Mapping) else data
    records = [row for row in rows if isinstance(row, Mapping) and isinstance(row.get("protocolSection"), Mapping)]
    if not records:
        if isinstance(rows, list) and not rows:
            raise FileError(f"'{name}' holds an empty list of studies")
        raise FileError(f"'{name}' is JSON but neither a ClinicalTrials.gov record (protocolSection) nor USDM (study)")
    if len(records) < len(rows):
        raise FileError(
            f"'{name}' holds {len(rows)} entries, but {len(rows) - len(records)} of them are no study record"
        )
    return records


_LEGACY = ("FullStudiesResponse", "FullStudies", "FullStudy", "Study", "ProtocolSection", "StudyFieldsResponse")


def _refuse_others(data: Any, name: Path) -> None:
    """Refuse by name what is known and not read."""
    if not isinstance(data, (Mapping, list)):
        raise FileError(f"'{name}' holds a single value, not the record of a trial")
    if not isinstance(data, Mapping):
        return
    if any(key in data for key in _LEGACY):
        number = _legacy_number(data)
        raise FileError(
            f"'{name}' is in the form of ClinicalTrials.gov's old API, which ended in 2024; download the record "
            f"anew from https://clinicaltrials.gov/api/v2/studies/{number or 'NCT...'}"
        )
    if "resourceType" in data:
        kind = str(data["resourceType"])[:40]
        raise FileError(
            f"'{name}' is FHIR ({kind}), which is written but not read; read a USDM or registry file instead"
        )
    if "clinicalStudy" in data or "studyDesigns" in data:
        raise FileError(f"'{name}' is a part of USDM or an older form of it; a USDM v4 file begins with study")
    if "arms" in data and "population" in data:
        raise FileError(f"'{name}' is a protocol already; afterglow check reads it")


def _legacy_number(held: Any, depth: int = 0) -> str:
    if isinstance(held, Mapping) and depth < 12:
        if isinstance(held.get("NCTId"), str):
            return str(held["NCTId"])[:20]
        return next((found for inner in held.values() if (found := _legacy_number(inner, depth + 1))), "")
    if isinstance(held, list) and depth < 12:
        return next((found for inner in held[:1] if (found := _legacy_number(inner, depth + 1))), "")
    return ""
