"""Writes the arms of a protocol as a NONMEM event table; the columns are described in `columns`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import ArrayLike

from afterglow.errors import ProtocolError
from afterglow.medicines import MEDICINES
from afterglow.protocol.arm import Arm
from afterglow.protocol.dose import Dose
from afterglow.protocol.events.columns import COLUMNS, EXTRAPOLATED, PRACTICE, SESSION
from afterglow.protocol.session import Practice, Session
from afterglow.protocol.timeline import beyond_reported
from afterglow.spreadsheet import guarded
from afterglow.units import DAY_H, number_text

__all__ = ["event_table"]


def event_table(arms: Sequence[Arm], *, weight_kg: ArrayLike | None = None, ids: Sequence[int] | None = None) -> str:
    """Write arms as a NONMEM event table in CSV, one ID an arm, or one an arm and person.

    Parameters
    ----------
    arms : sequence of Arm
    weight_kg : float or array_like, shape (participant,), optional
        Body weight, which turns doses in mg/kg into mg; the table then has a WT column. With several weights every
        arm is written once for each person.
    ids : sequence of int, optional
        One for each arm and person, arm by arm; by default they count from 1.

    Returns
    -------
    str
        Regular repeats of a dose stand in one row with ADDL and II. A dose that is above the largest one reported, by
        itself or in mg at that weight, has the KIND extrapolated; a protocol that does not allow it has none.

    Raises
    ------
    ProtocolError
        If a dose is in mg/kg and no weight is given, a weight is not above 0, or the ids are not as many as the arms
        and people, distinct and above 0.
    """
    weights = _weights(weight_kg)
    numbers = _numbers(ids, len(arms) * len(weights))
    stream = io.StringIO()
    columns = COLUMNS if weight_kg is None else (*COLUMNS, "WT")
    writer = csv.DictWriter(stream, columns, restval=".", lineterminator="\n")
    writer.writeheader()
    people = [(index, arm, weight) for index, arm in enumerate(arms) for weight in weights]
    for number, (index, arm, weight) in zip(numbers, people, strict=True):
        extra = {} if weight is None else {"WT": number_text(weight)}
        for time, row in _rows(arm, index, weight):
            writer.writerow({"ID": str(number), "TIME": number_text(time), **row, "ARM": guarded(arm.id), **extra})
    return stream.getvalue()


def _weights(weight_kg: ArrayLike | None) -> list[float | None]:
    if weight_kg is None:
        return [None]
    weights = np.atleast_1d(np.asarray(weight_kg, dtype=np.float64))
    if weights.ndim != 1 or not weights.size:
        raise ProtocolError(f"weight_kg must be one weight or a list of them, got an array of shape {weights.shape}")
    wrong = weights[~(np.isfinite(weights) & (weights > 0))]
    if wrong.size:
        raise ProtocolError(f"the weight must be above 0 kg, got {wrong[0]:g}")
    return [float(weight) for weight in weights]


def _numbers(ids: Sequence[int] | None, count: int) -> Sequence[int]:
    if ids is None:
        return range(1, count + 1)
    if len(ids) != count:
        raise ProtocolError(f"ids must be one for each arm and person, {count} in all, got {len(ids)}")
    if len(set(ids)) != count or any(number < 1 or number != int(number) for number in ids):
        raise ProtocolError("ids must be whole numbers above 0, each of them once")
    return ids


def _rows(arm: Arm, index: int, weight_kg: float | None) -> list[tuple[float, dict[str, str]]]:
    """Return the rows of one person in an arm, with their times, in order of time."""
    rows = [
        *_dose_rows(arm, index, weight_kg),
        *(_session_row(session) for session in arm.sessions),
        *(_practice_row(practice) for practice in arm.practice),
    ]
    nothing = [(0.0, {"AMT": "0", "EVID": "0"})]  # an arm that gets nothing still has a row
    return sorted(rows or nothing, key=lambda pair: pair[0])


def _dose_rows(arm: Arm, index: int, weight_kg: float | None) -> Iterator[tuple[float, dict[str, str]]]:
    """Write each run of equal doses at equal distances as one row."""
    written = tuple(_in_mg(dose, f"arms[{index}].doses[{k}]", weight_kg) for k, dose in enumerate(arm.doses))
    refused = {k for k in beyond_reported(arm) if not arm.doses[k].extrapolated}
    allowed = beyond_reported(arm.model_copy(update={"doses": written})) - refused
    timed = []
    for k, dose in enumerate(written):
        kind = (("KIND", EXTRAPOLATED),) if k in allowed else ()
        timed.append(((*_written(dose), *kind), dose.time_h))
    for fields, group in groupby(sorted(timed, key=lambda pair: (pair[0], pair[1])), key=lambda pair: pair[0]):
        times = [time for _, time in group]
        while times:
            count, gap = _run(times) if dict(fields)["EVID"] == "1" else (1, 0.0)
            repeats = {"ADDL": str(count - 1), "II": number_text(gap)} if count > 1 else {"ADDL": "0", "II": "0"}
            yield times[0], {**dict(fields), **repeats}
            times = times[count:]


def _run(times: Sequence[float]) -> tuple[int, float]:
    """Return how many of the first times stand at one distance, and the distance."""
    if len(times) < 2:
        return 1, 0.0
    gap = times[1] - times[0]
    count = 2
    while count < len(times) and times[0] + count * gap == times[count]:
        count += 1
    return count, gap


def _in_mg(dose: Dose, where: str, weight_kg: float | None) -> Dose:
    """Return a dose by weight as the fixed one of a person of that weight."""
    if dose.dose_mg_per_kg is None or MEDICINES[dose.medicine].is_inert:
        return dose
    if weight_kg is None:
        raise ProtocolError(f"{dose.amount} needs a weight to be written in mg; give weight_kg", where=where)
    return dose.model_copy(update={"dose_mg": dose.dose_mg_per_kg * weight_kg, "dose_mg_per_kg": None})


def _written(dose: Dose) -> tuple[tuple[str, str], ...]:
    amount = dose.dose_mg or 0.0
    fields = {"AMT": number_text(amount), "EVID": "1", "CMT": f"{dose.medicine}_{dose.route}", "RATE": "0"}
    if MEDICINES[dose.medicine].is_inert:  # NONMEM refuses a dose of nothing, so it travels as a mark
        fields |= {"EVID": "2", "KIND": "dose", "HOURS": number_text(dose.duration_h or 0.0)}
    elif dose.duration_h:
        fields["RATE"] = repr(amount / dose.duration_h)
    return tuple(fields.items())


def _session_row(session: Session) -> tuple[float, dict[str, str]]:
    fields = {"AMT": "0", "EVID": "2", "CMT": SESSION, "RATE": "0", "ADDL": "0", "II": "0"}
    fields |= {"KIND": session.kind, "HOURS": number_text(session.hours), "FORMAT": session.format}
    return session.time_h, {**fields, "TASKS": " ".join(session.tasks) or ".", "APPROACH": session.approach or "."}


def _practice_row(practice: Practice) -> tuple[float, dict[str, str]]:
    fields = {"AMT": "0", "EVID": "2", "CMT": SESSION, "RATE": "0", "ADDL": "0", "II": "0", "KIND": PRACTICE}
    fields |= {"HOURS": number_text(practice.hours_per_week), "UNTIL": number_text(practice.to_day * DAY_H)}
    return practice.from_day * DAY_H, fields
