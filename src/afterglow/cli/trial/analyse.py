"""``afterglow trial analyse``: the analyses of trials on a table from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import typer

from afterglow.cli.options import FormatOption, JsonOption, WideOption, tables_option
from afterglow.cli.output.tables import Table, chosen_format, interval, number, print_json, say, show, words
from afterglow.cli.trial.of_table import (
    ArmOption,
    BaselineOption,
    ClassesOption,
    CovariatesOption,
    LevelOption,
    OutcomeOption,
    ParameterOption,
    ReferenceOption,
    SubjectOption,
    TableArgument,
    VisitOption,
    VisitsOption,
    checked_level,
    of_table,
    p_value,
    several,
)
from afterglow.errors import ParameterError, nearest
from afterglow.trial.analysis import (
    ANALYSES,
    EFFECTS,
    OF_EVENTS,
    Estimate,
    TimeToEvent,
    TrialData,
    analyse,
    ancova,
    kaplan_meier,
    mmrm,
    reference_based,
)
from afterglow.trial.analysis.covariance import STRUCTURES
from afterglow.trial.analysis.imputation import INFERENCES, STRATEGIES
from afterglow.trial.tables import events_of, holds_events, read_table

__all__ = ["analyse_command"]

Row = dict[str, Any]
_CHANGES = ("chg", "change", "pchg")
"""Names of columns that hold changes from baseline, in small letters."""
_OF_CURVES = [
    words("arm", "arm"),
    number("people", "people", "d"),
    number("events", "events", "d"),
    number("median", "median", "g"),
]


@dataclass(frozen=True)
class _Settings:
    """What the options say of single analyses."""

    covariates: list[str] | None
    strata: list[str]
    covariance: str
    df: str
    strategy: str
    inference: str
    fall: float | None
    at_most: float | None
    level: float


def analyse_command(
    table: TableArgument,
    analysis: Annotated[
        str | None, typer.Option("--analysis", metavar="NAMES", help=f"With commas, of {', '.join(ANALYSES)}.")
    ] = None,
    outcome: OutcomeOption = None,
    arm: ArmOption = None,
    visit: VisitOption = None,
    subject: SubjectOption = None,
    covariates: CovariatesOption = None,
    classes: ClassesOption = None,
    strata: Annotated[
        str | None, typer.Option("--strata", metavar="COLUMNS", help="Of responders (CMH), log-rank and cox.")
    ] = None,
    baseline: BaselineOption = None,
    event: Annotated[
        str | None, typer.Option("--event", metavar="COLUMN", help="1 where an event came; default: CNSR, 0 there.")
    ] = None,
    covariance: Annotated[str, typer.Option("--covariance", help=f"One of {', '.join(STRUCTURES)}.")] = "us",
    df: Annotated[str, typer.Option("--df", help="satterthwaite or kenward-roger.")] = "satterthwaite",
    strategy: Annotated[str, typer.Option("--strategy", help=f"Of imputation: {', '.join(STRATEGIES)}.")] = "jr",
    inference: Annotated[
        str, typer.Option("--inference", help=f"Of imputation: {', '.join(INFERENCES)}.")
    ] = "jackknife",
    fall: Annotated[
        float | None, typer.Option("--fall", help="Share of the baseline by which a responder's has fallen, as 0.5.")
    ] = None,
    at_most: Annotated[float | None, typer.Option("--at-most", help="Largest score of a responder.")] = None,
    reference: ReferenceOption = None,
    parameter: ParameterOption = None,
    visits: VisitsOption = None,
    level: LevelOption = 0.95,
    form: FormatOption = None,
    as_json: JsonOption = False,
    wide: WideOption = False,
    only: Annotated[list[str] | None, tables_option("analyses", "curves")] = None,
) -> None:
    """Compare the arms of TABLE by the analyses that trials use.

    By default a mixed model for repeated measures and an analysis of covariance at each visit, adjusted for the
    baseline where the table has one; of a table of times to an event (CNSR), the log-rank test and Cox's model.
    """
    form = chosen_format(form, as_json, only)
    checked_level(level)
    asked = _asked(analysis)
    own = [*several(covariates), *(name for name in several(strata) if name not in several(covariates))]
    held = read_table(table)
    of_events = event is not None or (outcome is None and visit is None and holds_events(held))
    settings = _Settings(
        several(covariates),
        several(strata),
        covariance.strip().lower(),
        df.strip().lower(),
        strategy.strip().lower(),
        inference.strip().lower(),
        fall,
        at_most,
        level,
    )
    if of_events:
        found = events_of(
            held,
            time=outcome,
            event=event,
            arm=arm,
            subject=subject,
            covariates=own,
            classes=several(classes),
            reference=reference,
            parameter=parameter,
        )
        _refuse_unused(settings, asked or list(OF_EVENTS))
        rows = _events(found.data, asked or list(OF_EVENTS), settings)
        _print(rows, found.data.arms[0], found.columns, found.notes, level, form, wide, only, _curves(found.data))
        return
    read = of_table(
        held,
        outcome=outcome,
        arm=arm,
        visit=visit,
        subject=subject,
        covariates=",".join(own),
        classes=classes,
        baseline=baseline,
        reference=reference,
        parameter=parameter,
        visits=visits,
        level=level,
        guess_baseline=True,
    )
    usual = ["mmrm", "ancova"] if len(read.data.visits) > 1 else ["ancova"]
    if fall is not None or at_most is not None:
        usual.append("responders")
    chosen = asked or usual
    if strata is not None and "responders" not in chosen:
        raise ParameterError("--strata are those of responders, log-rank and cox, none of which is asked for")
    if fall is not None and read.columns["outcome"].lower() in _CHANGES:
        raise ParameterError("--fall is counted on scores, and the outcome is a change from baseline; name the scores")
    _refuse_unused(settings, chosen)
    rows = _ratings(read.data, chosen, settings)
    _print(rows, read.data.arms[0], read.columns, read.notes, level, form, wide, only)


def _asked(text: str | None) -> list[str]:
    names = several(text)
    for name in names:
        if name not in ANALYSES:
            raise ParameterError(f"no analysis is called '{name[:40]}'; {nearest(name, ANALYSES)}")
    return names


def _refuse_unused(settings: _Settings, chosen: Sequence[str]) -> None:
    """Refuse an option that none of the analyses heeds.

    Raises
    ------
    ParameterError
    """
    for name, (usual, users) in _HEEDED_BY.items():
        if getattr(settings, name) != usual and not set(users) & set(chosen):
            option = f"--{name.replace('_', '-')}"
            raise ParameterError(f"{option} is for {' and '.join(users)}, not for {' and '.join(chosen)}; leave it out")


_HEEDED_BY: Mapping[str, tuple[str | None, tuple[str, ...]]] = {
    "covariance": ("us", ("mmrm", "factorial", "reference-based")),
    "df": ("satterthwaite", ("mmrm", "factorial")),
    "strategy": ("jr", ("reference-based",)),
    "inference": ("jackknife", ("reference-based",)),
    "fall": (None, ("responders",)),
    "at_most": (None, ("responders",)),
}
"""Options with their defaults, and the analyses that heed them."""


def _ratings(data: TrialData, names: Sequence[str], settings: _Settings) -> list[Row]:
    adjusted = [*(["baseline"] if data.baseline is not None else []), *(settings.covariates or [])]
    places = list(data.visits)
    model: dict[str, Any] = {"covariates": adjusted, "level": settings.level}
    repeated: dict[str, Any] = {**model, "covariance": settings.covariance, "df": settings.df}
    imputed: dict[str, Any] = {
        "strategy": settings.strategy,
        "inference": settings.inference,
        "covariance": settings.covariance,
    }
    made: dict[str, Callable[[], list[Row]]] = {
        "mmrm": lambda: _by_visit("mmrm", mmrm(data, **repeated).differences, data, places),
        "ancova": lambda: [
            row for visit in places for row in _rows("ancova", ancova(data, visit=visit, **model), data.arms[1:], visit)
        ],
        "responders": lambda: _rows(
            "responders (CMH)" if settings.strata else "responders",
            analyse(
                "responders",
                data,
                fall=settings.fall,
                at_most=settings.at_most,
                strata=settings.strata,
                level=settings.level,
            ),
            data.arms[1:],
            places[-1],
        ),
        "reference-based": lambda: _by_visit(
            STRATEGIES.get(settings.strategy, settings.strategy),
            reference_based(data, **model, **imputed),
            data,
            places,
        ),
        "factorial": lambda: _rows("factorial", analyse("factorial", data, **repeated), EFFECTS, places[-1]),
    }
    found: list[Row] = []
    for name in names:
        if name not in made:
            raise ParameterError(f"{name} needs times to an event: a table with CNSR, or the column that --event names")
        found += made[name]()
    return found


def _events(data: TimeToEvent, names: Sequence[str], settings: _Settings) -> list[Row]:
    found: list[Row] = []
    for name in names:
        if name not in OF_EVENTS:
            raise ParameterError(f"{name} needs ratings at visits, and the table holds times to an event")
        more: dict[str, Any] = {"covariates": settings.covariates or []} if name == "cox" else {}
        estimate = analyse(name, data, strata=settings.strata, level=settings.level, **more)
        rows = _rows(name, estimate, data.arms[1:], "")
        for row in rows:
            row |= {f"hazard_ratio{end}": float(np.exp(row[key])) for end, key in _ENDS.items()}
        found += rows
    return found


def _curves(data: TimeToEvent) -> list[Row]:
    """Return what the curve of Kaplan and Meier says of each arm."""
    found: list[Row] = []
    for k, arm in enumerate(data.arms):
        held = (data.arm == k) & np.isfinite(data.time)
        curve = kaplan_meier(data.time[held], data.event[held])
        row: Row = {"arm": arm, "people": int(held.sum()), "events": int(data.event[held].sum())}
        found.append({**row, "median": curve.median if np.isfinite(curve.median) else None})
    return found


_ENDS = {"": "estimate", "_low": "low", "_high": "high"}


def _by_visit(name: str, found: Estimate, data: TrialData, places: Sequence[str]) -> list[Row]:
    return [
        row for a, visit in enumerate(places) for row in _rows(name, found.at((slice(None), a)), data.arms[1:], visit)
    ]


def _rows(name: str, found: Estimate, arms: Sequence[str], visit: str) -> list[Row]:
    """Return a row for each arm of an estimate (arms,)."""
    return [
        {
            "analysis": name,
            "arm": arm,
            "visit": visit,
            "estimate": float(found.value[k]),
            "se": float(found.se[k]),
            "df": float(found.df[k]) if np.isfinite(found.df[k]) else None,
            "p": float(found.p[k]),
            "low": float(found.low[k]),
            "high": float(found.high[k]),
        }
        for k, arm in enumerate(arms)
    ]


def _print(
    rows: Sequence[Row],
    reference: str,
    columns: dict[str, str],
    notes: Sequence[str],
    level: float,
    form: Any,
    wide: bool,
    only: list[str] | None,
    curves: Sequence[Row] = (),
) -> None:
    if form == "json":
        held = {"reference": reference, "level": level, "columns": columns, "notes": list(notes)}
        print_json({**held, "analyses": list(rows), **({"curves": list(curves)} if curves else {})})
        return
    for note in notes:
        say(f"note: {note}", err=True)
    of_events = "event" in columns
    between = f"{level:.0%} interval"
    shown = [
        words("arm", "arm"),
        *([] if of_events else [words("visit", "visit")]),
        *(
            [
                number("hazard ratio", "hazard_ratio", ".3f"),
                interval(between, "hazard_ratio_low", "hazard_ratio_high", ".3f"),
            ]
            if of_events
            else [number("difference", "estimate", ".4f"), interval(between, "low", "high", ".3f")]
        ),
        number("SE", "se", ".4f"),
        *([] if of_events else [number("df", "df", ".1f")]),
        number("p", "p", p_value),
    ]
    what = f"{columns['outcome']} to {columns['event']}" if of_events else columns["outcome"]
    show(
        Table("analyses", list(rows), shown, title=f"{what}: against {reference}", by=("analysis",)),
        *([Table("curves", list(curves), _OF_CURVES, title="Kaplan and Meier")] if curves else []),
        *([] if of_events else [_adjusted(columns)]),
        form=form,
        wide=wide,
        only=only,
    )


def _adjusted(columns: dict[str, str]) -> str:
    if "baseline" in columns:
        return f"Adjusted for the baseline, {columns['baseline']}."
    return "Not adjusted for a baseline: the table has none that could be told; --baseline names one."
