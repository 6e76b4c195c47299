"""``afterglow forecast validate``: how good forecasts are on a table of people."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from afterglow.cli.forecast.person import ScaleOption
from afterglow.cli.options import FormatOption, JsonOption, WideOption, tables_option
from afterglow.cli.output.progress import progress
from afterglow.cli.output.tables import Table, check_tables, chosen_format, number, print_json, show, words

__all__ = ["validate_command"]


def validate_command(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Columns person, scale, day (or date), score; arm.")],
    scale: ScaleOption = None,
    as_json: JsonOption = False,
    form: FormatOption = None,
    wide: WideOption = False,
    only: Annotated[list[str] | None, tables_option()] = None,
) -> None:
    """Judge forecasts on TABLE: each score foretold from the ones before, by horizon, beside plain baselines."""
    form = chosen_format(form, as_json, only)
    judgement = import_module("afterglow.forecast.validate.judgement")

    def begin(scales: tuple[str, ...]) -> None:
        check_tables(only, [name for of in scales for name in _table_names(of)])

    with progress() as told:
        found = judgement.validate(table, scale=scale, begin=begin, progress=told)
    if form == "json":
        first, *others = [v.to_json() for v in found]
        print_json({**first, "kind": judgement.NO_MEDICINE, "other_scales": others})
        return
    parts: list[Table | str] = [judgement.NO_MEDICINE]
    for held in found:
        parts += _judged(held)
    show(*parts, form=form, wide=wide, only=only)


def _table_names(scale: str) -> tuple[str, str, str]:
    return scale, f"{scale} from the first score", f"{scale} alone"


def _judged(held: Any) -> list[Table | str]:
    later, first, alone = _table_names(held.scale)
    columns = [
        words("days ahead", lambda row: f"{row['from_day']:g}–{row['to_day']:g}"),
        number("n", "n"),
        *(number(f"in {share} %", f"coverage{share}", ".2f") for share in (50, 80, 90)),
        number("CRPS", "crps", ".2f"),
        number("last value", "crps_last_value", ".2f"),
        number("with spread", "crps_with_spread", ".2f", wide=True),
        number("cohort mean", "crps_cohort_mean", ".2f"),
        number("autoregression", "crps_autoregression", ".2f"),
        number("RMSE", "rmse", ".2f"),
        number("last value", "rmse_last_value", ".2f"),
        number("cohort mean", "rmse_cohort_mean", ".2f", wide=True),
        number("autoregression", "rmse_autoregression", ".2f"),
    ]
    worse = held.deterioration
    alarm = (
        f"Getting worse ({worse['reliable_change']:g} points or more above the first score; {worse['worse']} scores of "
        f"{worse['people_worse']} people): sensitivity {_two(worse['sensitivity'])}, specificity "
        f"{_two(worse['specificity'])}, area under the curve {_two(worse['area_under_curve'])}."
    )
    pit = ", ".join(f"{share:.2f}" for share in held.pit)
    return [
        Table(
            later,
            [_flat(row) for row in held.horizons],
            columns,
            title=f"{held.scale}: {held.people} people, {held.forecasts} forecasts from two scores or more",
        ),
        f"Ranks (tenths of what was foretold; 0.10 each if right): {pit}.",
        alarm,
        Table(
            first,
            [_flat(row) for row in held.from_first_score],
            columns,
            title=f"{held.scale}, from the first score alone",
        ),
        Table(
            alone,
            [_flat(row) for row in held.alone],
            columns,
            title=f"{held.scale}, with nothing learned from anybody else in the table",
        ),
        *(f"note: {note}" for note in held.notes),
    ]


def _flat(row: Any) -> dict[str, Any]:
    base = row["baselines"]
    found = {name: value for name, value in row.items() if name not in ("baselines", "pit")}
    for name, own in base.items():
        found |= {f"crps_{name}": own["crps"], f"rmse_{name}": own["rmse"]}
    return {**found, "crps_with_spread": base["last_value"]["crps_with_spread"]}


def _two(value: float | None) -> str:
    return "not known" if value is None else f"{value:.2f}"
