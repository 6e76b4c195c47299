"""How much a row of an event table gives, and over what time."""

from __future__ import annotations

import math

from afterglow.protocol.events.row import Row
from afterglow.units import convert, units_of

__all__ = ["amount_fields", "infusion_h"]

_DIGITS = 9
_ROUNDING = 0.01
"""Share by which two columns may differ that tell the same infusion time, as 40 min and 0.667 h do."""


def amount_fields(row: Row) -> tuple[str, float]:
    """Return which field of a dose AMT fills, and with how much: mg, or mg/kg where its unit is one by weight.

    Raises
    ------
    ProtocolError
        If AMT is no number, or its unit none of an amount.
    """
    unit = row.unit("AMT") or "mg"
    field, inside = ("dose_mg_per_kg", "mg/kg") if "/" in unit else ("dose_mg", "mg")
    try:
        return field, convert(row.value("AMT", 0.0), unit.replace(" ", ""), inside, what="an amount")
    except ValueError as error:
        raise row.wrong(str(error)) from None


def infusion_h(row: Row, *, has_amount: bool) -> float | None:
    """Return the hours over which a row's dose runs, from RATE or from the columns of infusion times; None for at once.

    Parameters
    ----------
    row : Row
    has_amount : bool
        False for a placebo, which has no rate.

    Raises
    ------
    ProtocolError
        If they differ, or RATE asks for a modelled rate or time that no column tells.
    """
    told = {
        column.name: row.hours(row.number_in(column), "DURATION", column)
        for column in row.header.durations
        if row.cell(column)
    }
    told["HOURS"] = row.value("HOURS", 0.0)
    modelled = row.header.read.get("MODELLED RATE")
    if modelled and has_amount:
        told[modelled.name] = _over_rate(row, "MODELLED RATE")
    told = {name: hours for name, hours in told.items() if hours}
    negative = next((name for name, hours in told.items() if hours < 0), None)
    if negative:
        raise row.wrong(f"{negative[:40]} must be at least 0")
    rate = row.value("RATE", math.nan)
    if rate < 0 and (rate not in (-1, -2) or not told):
        raise row.wrong(f"RATE {rate:g} asks for a modelled rate, which is not read; give mg per hour")
    if rate > 0 and not has_amount:
        raise row.wrong("RATE needs an AMT; give the infusion time of a placebo in a column DUR")
    if rate == 0 and told and has_amount:
        name, hours = next(iter(told.items()))
        raise row.wrong(f"RATE 0 gives the dose at once but {name[:40]} says {hours:g} h; leave one empty")
    if rate > 0:
        told = {"RATE": _over_rate(row, "RATE"), **told}
    if not told:
        return None
    (first, hours), *others = told.items()
    for name, other in others:
        if not math.isclose(hours, other, rel_tol=_ROUNDING):
            raise row.wrong(f"{first[:40]} and {name[:40]} say different infusion times, {hours:g} h and {other:g} h")
    return hours


def _over_rate(row: Row, role: str) -> float:
    """Return the hours in which AMT runs at a rate; 0 without one."""
    rate = row.value(role, 0.0)
    if rate <= 0:
        return 0.0
    unit = row.unit(role)
    if not unit:
        return round(row.hours(row.value("AMT", 0.0) / rate, "TIME"), _DIGITS)
    mass, _, time = unit.replace(" ", "").rpartition("/")
    field, amount = amount_fields(row)
    inside = "mg" if field == "dose_mg" else "mg/kg"
    if mass.lower() not in units_of(inside):
        raise row.wrong(f"RATE is in '{unit[:20]}' but must be in {inside} per time, as AMT is in {inside}")
    try:
        per_hour = convert(rate, mass, inside, what="a rate") / convert(1.0, time, "h", what="the time of a rate")
    except ValueError as error:
        raise row.wrong(str(error)) from None
    if not per_hour > 0:
        raise row.wrong(f"RATE is too small, got {rate:g} {unit[:20]}")
    return round(amount / per_hour, _DIGITS)
