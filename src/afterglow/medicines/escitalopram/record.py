"""All that is special to escitalopram: studies that compare with it are read, but no arm that gives it is modelled."""

from __future__ import annotations

from afterglow.medicines.medicine import Medicine

__all__ = ["MEDICINE"]

MEDICINE = Medicine(
    id="escitalopram",
    display_name="escitalopram",
    order=80,
    kind="read, not modelled",
    routes=("oral",),
)
