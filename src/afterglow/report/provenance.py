"""Where a run came from: everything needed to repeat it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from afterglow.report.reading import ResultLike, arms_of

__all__ = ["protocol_hash", "provenance", "software_version"]


def software_version() -> str:
    """Give the version of the installed package; ``"not installed"`` when run from a bare checkout."""
    try:
        return version("afterglow-sim")
    except PackageNotFoundError:
        return "not installed"


def protocol_hash(protocol: Any) -> str:
    """Give the SHA-256 of a protocol's YAML, or of its printed form when it has none."""
    text = protocol.to_yaml() if hasattr(protocol, "to_yaml") else repr(protocol)
    return hashlib.sha256(text.encode()).hexdigest()


def provenance(result: ResultLike, *, created: str | None = None) -> dict[str, str]:
    """List what a reader needs to repeat a run.

    Parameters
    ----------
    result : ResultLike
        The run. A mapping ``result.provenance`` is added to the list if there is one.
    created : str, optional
        Date and time to print; now (UTC) if left out.

    Returns
    -------
    dict of str to str
        Plain words to plain words.
    """
    lines = {
        "Software": f"afterglow-sim {software_version()}",
        "Python": platform.python_version(),
        "Seed": str(result.seed),
        "Simulated people": str(result.participants),
        "Arms": ", ".join(view.id for view in arms_of(result)),
        "Explanation": result.rival,
        "Calibrated": "yes" if result.calibrated else "no",
        "Protocol, SHA-256": protocol_hash(result.protocol),
        "Report written": created or datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }
    if parameters := getattr(result, "parameters_hash", ""):
        lines["Parameters, SHA-256"] = str(parameters)
    extra = getattr(result, "provenance", None)
    if isinstance(extra, Mapping):
        lines |= {
            str(key): value if isinstance(value, str) else json.dumps(value, default=str)
            for key, value in extra.items()
        }
    return lines
