"""``afterglow forecast``: one person from their own scores, and how good such forecasts are."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from afterglow.cli.options import SEED, FormatOption, JsonOption, WideOption
from afterglow.cli.output.groups import group_with_default
from afterglow.cli.output.tables import Table, chosen_format, interval, number, print_json, say, show, words
from afterglow.errors import FileError, ParameterError
from afterglow.protocol.files.file_text import is_ordinary
from afterglow.safety.purpose import ONE_PERSON

__all__ = ["forecast_app"]

forecast_app = typer.Typer(
    cls=group_with_default("person", of="forecast"),
    help=f"Forecast one person from their own scores, or judge such forecasts on a table. {ONE_PERSON}",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_ScaleOption = Annotated[str | None, typer.Option("--scale", help="Scale to forecast; default: the one rated most.")]


@forecast_app.command()
def person(
    scores: Annotated[
        str, typer.Argument(metavar="SCORES", help="A file (CSV, JSON, FHIR), or scores such as 'PHQ-9 0:18 14:15'.")
    ],
    protocol: Annotated[
        Path | None, typer.Option("--protocol", "-p", help="The plan; without one, a course without any medicine.")
    ] = None,
    arm: Annotated[str | None, typer.Option("--arm", help="The person's arm; default: the first.")] = None,
    scale: _ScaleOption = None,
    day: Annotated[
        str | None, typer.Option("--day", help="Day or date to forecast to; default: 12 weeks from the last score.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--start", help="Date of day 0 of the plan, for scores with dates.")
    ] = None,
    person: Annotated[str | None, typer.Option("--person", help="Which person of a table of several.")] = None,
    cohort: Annotated[
        Path | None,
        typer.Option("--cohort", help="Table of other people of the same place, to learn from; without a plan."),
    ] = None,
    what_if: Annotated[bool, typer.Option(help="Also ask what one thing more would change.")] = True,
    seed: Annotated[int, SEED] = 1,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for page, chart, table and JSON.")] = None,
    as_json: JsonOption = False,
    form: FormatOption = None,
    wide: WideOption = False,
) -> None:
    """Forecast one person: SCORES, or just `afterglow forecast SCORES`. Nothing is kept unless --out asks for it."""
    form = chosen_format(form, as_json)
    told = _told(
        scores, protocol=protocol, arm=arm, scale=scale, day=day, start=start, who=person, cohort=cohort,
        what_if=what_if, seed=seed,
    )  # fmt: skip
    page = import_module("afterglow.report.person.page")
    written = page.write_person(told, out) if out is not None else None
    if form == "json":
        print_json(told.to_json())
        return
    for caution in told.cautions:
        say(
            f"{'ACT NOW' if caution.level == 'urgent' else 'CAUTION'}: {caution.sentence}",
            style="bold",
            err=form is not None,
        )
    bands = Table(
        "bands",
        page.rows_of_bands(told),
        [
            number("day", "day"),
            number("middle", "median"),
            interval("50 %", "low50", "high50", "g"),
            interval("80 %", "low80", "high80", "g"),
            interval("90 %", "low90", "high90", "g"),
        ],
        title=f"{told.scale}, {told.label}",
    )
    after = [
        f"{name} {before:.0%} -> {now:.0%}" for name, (before, now) in told.followed.rivals.items() if before >= 0.005
    ]
    known = [f"Weights of the explanations before and after: {', '.join(after)}."] if protocol is not None else []
    kind = "A course after a medicine." if told.with_medicine else "A course without any medicine."
    notes = [f"note: {note}" for note in told.notes]
    saved = [f"Page: {written.page}"] if written is not None else []
    show(bands, *page.forecast_sentences(told), *known, kind, *notes, ONE_PERSON, *saved, form=form, wide=wide)


def _told(
    scores: str,
    *,
    protocol: Path | None,
    arm: str | None,
    scale: str | None,
    day: str | None,
    start: str | None,
    who: str | None,
    cohort: Path | None,
    what_if: bool,
    seed: int,
) -> Any:
    readings = import_module("afterglow.forecast.record.readings")
    record = None
    if not is_ordinary(Path(scores)):
        record = readings.typed(scores, scale=scale, start=start)
        if record is None and not Path(scores).exists():
            raise FileError(f"there is no file '{scores}', and it is no scores such as 'PHQ-9 0:18 14:15'")
    if record is None:
        record = readings.record_from_file(scores, scale=scale, person=who, start=start)
    plan = import_module("afterglow.evidence").read_protocol(protocol) if protocol is not None else None
    if arm is not None and plan is None:
        raise ParameterError("--arm names an arm of a plan; name the plan with --protocol")
    belief = None
    if cohort is not None:
        if plan is not None:
            raise ParameterError("--cohort tells of a course without a plan; leave out --protocol or --cohort")
        name = scale or record.scales[0]
        belief = import_module("afterglow.forecast.validate.judgement").belief_of_table(cohort, name)
    until = import_module("afterglow.forecast.record.days").day_of(day, start=record.start) if day is not None else None
    return import_module("afterglow.forecast.person").forecast(
        record, protocol=plan, arm=arm, scale=scale, day=until, belief=belief, what_if=what_if, seed=seed
    )


@forecast_app.command()
def validate(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Columns person, scale, day (or date), score; arm.")],
    scale: _ScaleOption = None,
    as_json: JsonOption = False,
    form: FormatOption = None,
    wide: WideOption = False,
) -> None:
    """Judge forecasts on TABLE: each score foretold from the ones before, by horizon, beside plain baselines."""
    form = chosen_format(form, as_json)
    judgement = import_module("afterglow.forecast.validate.judgement")
    found = judgement.validate(table, scale=scale)
    if form == "json":
        first, *others = [v.to_json() for v in found]
        print_json({**first, "kind": judgement.NO_MEDICINE, "other_scales": others})
        return
    parts: list[Table | str] = [judgement.NO_MEDICINE]
    for held in found:
        parts += _judged(held)
    show(*parts, form=form, wide=wide)


def _judged(held: Any) -> list[Table | str]:
    columns = [
        words("days ahead", lambda row: f"{row['from_day']:g} to {row['to_day']:g}"),
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
            held.scale,
            [_flat(row) for row in held.horizons],
            columns,
            title=f"{held.scale}: {held.people} people, {held.forecasts} forecasts from two scores or more",
        ),
        f"Ranks (tenths of what was foretold; 0.10 each if right): {pit}.",
        alarm,
        Table(
            f"{held.scale} from the first score",
            [_flat(row) for row in held.from_first_score],
            columns,
            title=f"{held.scale}, from the first score alone",
        ),
        Table(
            f"{held.scale} alone",
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
