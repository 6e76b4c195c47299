"""``afterglow forecast SCORES``: one person from their own scores."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from afterglow.cli.options import SEED, FormatOption, JsonOption, WideOption
from afterglow.cli.output.tables import Table, chosen_format, interval, number, print_json, say, show, words
from afterglow.errors import FileError, ParameterError
from afterglow.protocol.files.file_text import is_ordinary
from afterglow.safety.purpose import ONE_PERSON

__all__ = ["ScaleOption", "person_command"]

ScaleOption = Annotated[str | None, typer.Option("--scale", help="Scale to forecast; default: the one rated most.")]


def person_command(
    scores: Annotated[
        str, typer.Argument(metavar="SCORES", help="A file (CSV, JSON, FHIR), or scores such as 'PHQ-9 0:18 14:15'.")
    ],
    protocol: Annotated[
        Path | None, typer.Option("--protocol", "-p", help="The plan; without one, a course without any medicine.")
    ] = None,
    arm: Annotated[str | None, typer.Option("--arm", help="The person's arm; default: the first.")] = None,
    scale: ScaleOption = None,
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
            *([words("date", "date")] if told.record.start is not None else []),
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
        if record is None and not (scores.strip() and Path(scores).exists()):
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
