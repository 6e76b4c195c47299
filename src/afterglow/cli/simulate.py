"""``afterglow simulate``: run a protocol and write what came out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from afterglow.cli.options import (
    PARTICIPANTS,
    SEED,
    CmtOption,
    DrawsOption,
    EngineOption,
    FormatOption,
    JsonOption,
    PosteriorOption,
    RivalOption,
    SchedulerOption,
    UncalibratedOption,
    WideOption,
    WorkersOption,
    compartments,
    tables_option,
)
from afterglow.cli.output.progress import progress
from afterglow.cli.output.tables import (
    Column,
    Form,
    Format,
    Row,
    Table,
    chosen_format,
    interval,
    number,
    print_json,
    say,
    show,
    sparkline,
    words,
)
from afterglow.evidence import read_with_notes
from afterglow.figures.reading import ArmView, arms_of, last_scores
from afterglow.figures.words import (
    conclusion_text,
    explanations_text,
    people_text,
    percent_text,
    points_text,
    rival_name,
    signed,
    twin_text,
    under_text,
)
from afterglow.posterior import read_posterior
from afterglow.protocol.timeline import extrapolations
from afterglow.report.writing import made_folder
from afterglow.results.differences import ArmDifference, check_compared, difference_of, main_difference
from afterglow.runs import Result
from afterglow.runs import simulate as run_simulation
from afterglow.runs.cost import courses_of
from afterglow.runs.simulate import spec_of
from afterglow.simulate.spec import PEOPLE, RunSpec

__all__ = ["simulate"]

_LONG = 100_000
"""Courses from which on progress is shown."""
_LONG_S = 20.0
"""Seconds from which on a run is announced."""
_CURVE = 24
"""Points of a small curve."""


def simulate(
    file: Annotated[Path, typer.Argument(help="Protocol (YAML), evidence study or NONMEM table.")],
    cmt: CmtOption = None,
    participants: Annotated[int, PARTICIPANTS] = PEOPLE,
    draws: DrawsOption = None,
    seed: Annotated[int, SEED] = 1,
    rival: RivalOption = None,
    uncalibrated: UncalibratedOption = False,
    posterior: PosteriorOption = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the report, tables and data.")] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="ARM", help="What the first arm is compared with at the end; default: the last."),
    ] = None,
    day: Annotated[float | None, typer.Option(help="Day of the differences; default: the last one rated.")] = None,
    as_json: JsonOption = False,
    form: FormatOption = None,
    wide: WideOption = False,
    only: Annotated[list[str] | None, tables_option("scores", "differences")] = None,
    twins: Annotated[bool, typer.Option(help="Also run each arm without integration.")] = True,
    engine: EngineOption = "threads",
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    store: Annotated[bool, typer.Option(help="Read the run if it was made before, else keep it.")] = True,
) -> None:
    """Simulate every arm of FILE on the same virtual people, under all explanations by their weights.

    Intervals of 90 % hold parameters, explanations and departures between trials. Points below zero: a lower score
    with integration than in the same people without.
    """
    form = chosen_format(form, as_json, only)
    protocol, notes = read_with_notes(file, cmt=compartments(cmt))
    for note in notes:
        say(f"note: {note}", err=True)
    check_compared(protocol, against, day)
    asked: dict[str, Any] = {
        "participants": participants,
        "seed": seed,
        "draws": draws,
        "rival": rival,
        "calibrated": not uncalibrated,
        "posterior": read_posterior(posterior) if posterior is not None else None,
        "twins": twins,
    }
    spec, _ = spec_of(protocol, **asked)  # an impossible run is refused before anything is written
    if out is not None:
        made_folder(out)
    with progress(shown=courses_of(spec) >= _LONG) as told:
        result = run_simulation(
            protocol,
            **asked,
            engine=engine,
            workers=workers,
            scheduler=scheduler,
            store=store,
            progress=lambda done, total: told("simulating", done, total),
            forewarn=lambda seconds: _forewarn(spec, seconds),
        )
    if form == "json":
        print_json(result.to_json())
    elif form == "csv":
        show(_scores(result), *_differences(result, day), form=form, only=only)
    else:
        _print(result, day, form=form, wide=wide, only=only)
    if out is not None:
        _write(result, out, quiet=form is not None)
    if form in (None, "markdown") and not only:
        show("", *_conclusion(result, against, day), form=form)


def _forewarn(spec: RunSpec, seconds: float) -> None:
    """Say what a long run will take, before it begins."""
    if seconds < _LONG_S:
        return
    took = duration_text(seconds)
    say(f"{spec.participants} people at {spec.draws} draws take about {took} on this machine; Ctrl-C ends it", err=True)


def duration_text(seconds: float) -> str:
    """Say how long something takes, in the largest unit of which it takes two or more.

    >>> duration_text(5400)
    '90 minutes'
    """
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _print(result: Result, day: float | None, *, form: Format | None, wide: bool, only: list[str] | None) -> None:
    if not result.calibrated:
        show("Not calibrated: sizes rest on pharmacology facts and priors, not on trials.", form=form)
    spec = result.run.spec
    draws = "1 draw" if spec.draws == 1 else f"{spec.draws} draws"
    show(
        _scores(result, every=wide),
        f"{people_text(spec.participants)}, {draws}; explanations: {explanations_text(result)}",
        *(f"extrapolation: arm '{arm.id}', {said}" for arm in result.protocol.arms for said in extrapolations(arm)),
        *_differences(result, day),
        form=form,
        wide=wide,
        only=only,
    )
    for warning in result.warnings:
        if warning.level in ("contraindication", "interaction"):
            say(f"{warning.level}: {warning.sentence} ({warning.source})", err=True)


def _scores(result: Result, *, every: bool = True) -> Table:
    """Return the scores by arm and day: every scale and the twins without integration too, or the main scale alone."""
    known, main = result.has_intervals, result.scales[0]
    own = {view.id for view in arms_of(result)}
    rows = [row for row in result.rows["scores"] if every or (row["arm"] in own and row["scale"] == main)]
    columns = [
        number("day", "day"),
        number("mean", "mean", ".1f"),
        *_between(known, "mean", ".1f"),
        number("change", "change_mean", signed),
        *_between(known, "change_mean", signed, wide=True),
        number("response", "response", ".0%"),
        *_between(known, "response", ".0%", wide=True),
        number("remission", "remission", ".0%", wide=True),
        *_between(known, "remission", ".0%", wide=True),
        number("SD", "sd", ".1f", wide=True),
        *(number(f"{share} % of people below", f"q{share:02d}", wide=True) for share in (5, 50, 95)),
        number("Monte-Carlo error", "mc_error", ".2f", wide=True),
    ]
    curves = {} if every else _curves(result)
    views = {view.id: view for view in arms_of(result)}

    def heading(row: Row) -> str:
        scale = f", {row['scale']}" if every else ""
        return f"{_name(row['arm'], views)}{scale}  {curves.get(row['arm'], '')}".rstrip()

    title = f"{main} by arm and day"
    if any(curves.values()):
        title += "; small curves run from the first day to the last"
    return Table("scores", rows, columns, title="Scores" if every else title, by=("arm", "scale"), heading=heading)


def _between(known: bool, name: str, form: Form, *, wide: bool = False) -> list[Column]:
    return [interval("90 % interval", f"{name}_low", f"{name}_high", form, wide=wide)] if known else []


def _name(arm: str, views: Mapping[str, ArmView]) -> str:
    view = views.get(arm)
    if view is None:
        own, _, _ = arm.partition("|")
        return f"{own}: {twin_text(arm)}"
    label = f": {view.arm.label}" if view.arm.label not in ("", arm) else ""
    return arm + label + (" (extrapolation)" if view.extrapolated else "")


def _curves(result: Result) -> dict[str, str]:
    """Draw each arm's mean on the main scale over time, all arms between the same bounds."""
    days = result.run.visits[result.scales[0]][0]
    at = np.linspace(days[0], days[-1], _CURVE)
    found = {}
    for arm in result.protocol.arms if sparkline([0.0], 0.0, 1.0) else ():
        course = result.course(result.scales[0], arm.id)
        if course is not None:
            found[arm.id] = np.interp(at, course.days, course.mean)
    low, high = (float(end(list(found.values()))) if found else 0.0 for end in (np.min, np.max))
    return {arm: sparkline(list(values), low, high) for arm, values in found.items()}


def _differences(result: Result, day: float | None) -> Iterator[Table]:
    """Give the differences on a day, each arm minus its twin and minus the arms after it."""
    pairs = [(row["arm"], row["versus"]) for row in result.rows["contrasts"]]
    found = [one for pair in dict.fromkeys(pairs) if (one := difference_of(result, *pair, day)) is not None]
    if not found:
        return
    rivals = {own.rival: own.weight for one in found for own in one.by_rival}
    columns = [
        words("minus", lambda row: "no integration" if "|" in row["versus"] else row["versus"]),
        number("points", "points", signed),
        *([interval("90 % interval", "low", "high", signed)] if result.has_intervals else []),
        *([number("P(lower)", "probability_lower", percent_text)] if result.has_intervals else []),
        *(number(f"{rival_name(rival)} ({weight:.2f})", rival, signed, wide=True) for rival, weight in rivals.items()),
        number("Monte-Carlo error", "mc_error", ".2f", wide=True),
    ]
    yield Table(
        "differences",
        [_difference_row(one) for one in found],
        columns,
        title=f"Differences in {found[0].scale} on day {found[0].day:g}, arm minus another: below zero is better",
        by=("arm",),
    )


def _difference_row(one: ArmDifference) -> dict[str, Any]:
    own = {name: getattr(one, name) for name in ("arm", "versus", "points", "low", "high", "probability_lower")}
    return {**own, **{under.rival: under.points for under in one.by_rival}, "mc_error": one.mc_error}


def _conclusion(result: Result, against: str | None, day: float | None) -> tuple[str, ...]:
    """Say what the explanations make of the main difference, and last the one sentence that matters."""
    found = main_difference(result, against, day)
    if found is None:
        return (_without_another(result),)
    said = conclusion_text(found, "" if found.by_rival else result.run.spec.explanations[0].rival)
    if not found.by_rival:
        return (said,)
    return f"{found.arm} minus {twin_text(found.versus)}, by explanation: {under_text(found)}.", said


def _without_another(result: Result) -> str:
    """Say what can be said where there is nothing to compare with."""
    row = last_scores(result)[result.protocol.arms[0].id]
    if len(result.run.visits[result.scales[0]][0]) == 1:
        return "Nobody is rated after the baseline, so there is no difference to tell."
    ends = (row.get("change_mean_low", np.nan), row.get("change_mean_high", np.nan))
    changed = f"{points_text(row['change_mean'], *ends)} {row['scale']} points"
    return (
        f"On day {row['day']:g}, the change from baseline in {row['arm']} is {changed}; there is no other arm, so "
        "what of it is due to the treatment cannot be said."
    )


def _write(result: Result, out: Path, *, quiet: bool) -> None:
    # The report is loaded only when one is written: a plain run answers sooner.
    paths = import_module("afterglow.report.html").write_report(result, out)
    import_module("afterglow.report.tables").write_tables(result, out)
    result.save(out / "result.nc")
    if not quiet:
        say(f"Report: {paths.report}")
    sys.stdout.flush()
