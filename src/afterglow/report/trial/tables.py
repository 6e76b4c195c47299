"""The operating characteristics as tables, each number with its Monte-Carlo error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from afterglow.figures.words import rival_name
from afterglow.report.markup import data_table
from afterglow.report.trial.wording import difference, plain, share, signed_share
from afterglow.trial.characteristics.average import WEIGHTED, Figure
from afterglow.trial.characteristics.operating import Characteristics, Row
from afterglow.trial.sensitivity.sensitivity import Sensitivity

__all__ = ["characteristics_tables", "guess_table", "guess_words", "power_rows", "sensitivity_frame"]


def characteristics_tables(found: Characteristics) -> str:
    """Write power, errors and costs, truth, and the effects of a factorial trial."""
    looks = max(len(row.stop) for row in found.rows)
    parts = [
        _table(
            found.rows,
            _power(found),
            "Power in %: the chance to say that the active arm is better. In brackets one Monte-Carlo error.",
        ),
        _table(
            found.rows,
            _costs(found.rows, looks),
            "Errors and costs: %, and people of the control arm. In brackets one Monte-Carlo error.",
        ),
        _table(
            found.rows,
            _truth(found),
            "Estimates: points; of responders, percentage points. In brackets one Monte-Carlo error.",
        ),
    ]
    return "".join([*parts, _effects(found.rows)])


def _table(rows: Sequence[Row], columns: Mapping[str, Sequence[str]], caption: str) -> str:
    head = {
        "Design": [row.id for row in rows],
        "n": [row.n for row in rows],
        "Analysis": [row.analysis for row in rows],
    }
    return data_table(pd.DataFrame({**head, **columns}), caption=caption)


def _power(found: Characteristics) -> dict[str, list[str]]:
    names = [*found.simulated.average.rivals, WEIGHTED]
    titles = {WEIGHTED: "Weighted (assurance)"}
    return {
        titles.get(name, rival_name(name).capitalize()): [share(row.power[name]) for row in found.rows]
        for name in names
    }


def _costs(rows: Sequence[Row], looks: int) -> dict[str, list[str]]:
    held = {
        "Type I error": [share(row.type1, digits=2) for row in rows],
        "Expected n": [plain(row.expected_n) for row in rows],
        "Expected people": [plain(row.expected_people) for row in rows],
    }
    if looks > 1:
        for k in range(looks):
            held[f"Stops at look {k + 1}"] = [share(row.stop[k]) if k < len(row.stop) > 1 else "–" for row in rows]
    if any(row.failed.value for row in rows):
        held["Not analysable"] = [share(row.failed) for row in rows]
    return held


def _truth(found: Characteristics) -> dict[str, list[str]]:
    rows = found.rows
    shares = {plan.id for plan in found.trial.section.analyses if plan.method == "responders"}

    def said(row: Row, held: Figure) -> str:
        return signed_share(held) if row.analysis in shares else difference(held)

    responds = {"Control responds, %": [share(row.control_share) for row in rows]} if shares else {}
    return {
        **responds,
        "Mean estimate": [said(row, row.estimate) for row in rows],
        "True difference": [said(row, row.truth) for row in rows],
        "Coverage, %": [share(row.coverage) for row in rows],
        "Bias from unblinding": [difference(row.bias_points) for row in rows],
        "Right guesses, %": [share(row.correct_guess) for row in rows],
    }


def _effects(rows: Sequence[Row]) -> str:
    own = [
        {
            "Design": row.id,
            "n": row.n,
            "Effect": name,
            "Power, weighted": share(held["power"][WEIGHTED]),
            "Type I error": share(held["type1"], digits=2),
            "Mean estimate": difference(held["estimate"]),
            "True difference": difference(held["truth"]),
        }
        for row in rows
        for name, held in row.effects.items()
    ]
    caption = "Both main effects, and the interaction beside them, which is tested on two sides."
    return data_table(pd.DataFrame(own), caption=caption) if own else ""


def guess_table(found: Characteristics) -> str:
    """Write the indices of blinding and the effect at one half of right guesses, a row for each size."""
    first = found.rows[0]
    rows = [row for row in found.rows if (row.id, row.analysis) == (first.id, first.analysis)]
    own = [
        {
            "n": row.n,
            "Right guesses, %": share(row.correct_guess),
            "James' index": plain(row.blinding["james"], digits=3),
            "Bang's index, control": plain(row.blinding["bang"]["control"], digits=3),
            "Bang's index, active": plain(row.blinding["bang"]["active"], digits=3),
            "Effect as they guess": difference(row.blinding["curve"].observed),
            "Effect at one half": difference(row.blinding["curve"].at_half),
        }
        for row in rows
    ]
    return data_table(pd.DataFrame(own), caption="Guesses, pooled over trials. In brackets one Monte-Carlo error.")


def guess_words(row: Row) -> str:
    """Say what the curve of correct guesses shows, and what it does not."""
    curve = row.blinding["curve"]
    if curve.at_half.value is None or curve.observed.value is None:
        return "Too few people name the wrong arm to say what would be left if half of the guesses were right."
    return (
        f"As people guess, the arms differ by {difference(curve.observed, digits=1)} points; if half of the guesses "
        f"were right, by {difference(curve.at_half, digits=1)}. Against the same people whose guesses are a toss of a "
        f"coin, unblinding adds {difference(row.bias_points, digits=2)} points. Who improves may guess right because "
        "of that: the curve then takes away some of the effect itself."
    )


def power_rows(told: Sensitivity) -> list[dict[str, Any]]:
    """Return the power against size, a row for each design and size."""
    rows = []
    for design, curve in told.curves.items():
        for at in curve:
            row: dict[str, Any] = {"design": design, "n": at.n, "people": at.people}
            row["of the plan"] = "yes" if at.planned else "no"
            for name, held in at.power.items():
                row |= {name: held.value, f"{name} MC error": held.se}
            rows.append(row)
    return rows


def _of_design(told: Sensitivity, name: str) -> str:
    return f"Power of {name}, %" if len(told.curves) > 1 else "Power, %"


def sensitivity_frame(told: Sensitivity) -> pd.DataFrame:
    """Return the weighted power as planned and in each scenario, with what dropout it has."""
    trial = told.found.trial
    rows = []
    for each in told.scenarios:
        lost = {f"dropped out, {arm.id}, %": share(held) for arm, held in zip(trial.arms, each.lost, strict=True)}
        rows.append(
            {
                "If": each.name,
                **{_of_design(told, name): share(power) for name, power in each.designs.items()},
                "Moves it by": signed_share(each.moves),
                **lost,
            }
        )
    return pd.DataFrame(rows)
