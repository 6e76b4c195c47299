"""Where a run came from: everything needed to repeat it."""

from __future__ import annotations

import hashlib
import platform
from datetime import UTC, datetime

from afterglow.figures.words import explanations_text
from afterglow.protocol import Protocol
from afterglow.results.tables import Tables

__all__ = ["protocol_hash", "provenance"]


def protocol_hash(protocol: Protocol) -> str:
    """Give the SHA-256 of a protocol's YAML."""
    return hashlib.sha256(protocol.to_yaml().encode()).hexdigest()


def provenance(tables: Tables, *, created: str | None = None) -> dict[str, str]:
    """List what a reader needs to repeat a run.

    Parameters
    ----------
    tables : Tables
        The run.
    created : str, optional
        Date and time to print; now (UTC) if left out.

    Returns
    -------
    dict of str to str
        Plain words to plain words.
    """
    spec = tables.run.spec
    lines = {
        "Run key": spec.key,
        "Software": f"afterglow-sim {spec.version}, Python {platform.python_version()}",
        "Seed": str(spec.seed),
        "Simulated people": f"{spec.participants:,} in each arm, {spec.people_per_draw:,} of them at each draw",
        "Draws of the parameters": str(spec.draws),
        "Explanations": explanations_text(tables),
        "Arms": ", ".join(arm.id for arm in spec.protocol.arms),
        "Calibrated": "yes" if tables.calibrated else "no",
        "Equations and constants": spec.model,
        "Protocol, SHA-256": protocol_hash(spec.protocol),
        "Report written": created or datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }
    if tables.calibrated:
        lines["Posteriors"] = ", ".join(f"{e.rival} {e.posterior}" for e in spec.explanations)
    if spec.overrides:
        lines["Values set by hand"] = ", ".join(f"{name} {value:g}" for name, value in spec.overrides)
    return lines
