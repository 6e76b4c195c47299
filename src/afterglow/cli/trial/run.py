"""``afterglow trial FILE``: what each design of a trial does."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from afterglow.cli.options import (
    SEED,
    EngineOption,
    FormatOption,
    JsonOption,
    RivalOption,
    SchedulerOption,
    WideOption,
    WorkersOption,
    tables_option,
)
from afterglow.cli.output.progress import progress
from afterglow.cli.output.tables import Table, check_tables, chosen_format, number, print_json, show, words
from afterglow.errors import ParameterError

__all__ = [
    "BankDrawsOption",
    "ParticipantsOption",
    "TrialsOption",
    "bank_sizes",
    "run_command",
]

_UNBLINDING = (
    "Unblinding: what it adds to the difference of mean scores, against the same people if everybody guessed their arm "
    "by a toss of a coin; below zero it favours the active arm."
)

_NAMED = ("id", "n", "people", "analysis")
_OWN = {
    "power": (*_NAMED, "power", "assurance", "type1"),
    "cost": (
        *_NAMED,
        *("expected_n", "expected_people", "stop", "estimate", "truth", "coverage", "control_share"),
        *("bias_points", "correct_guess", "failed"),
    ),
    "guesses": ("n", "people", "correct_guess", "blinding"),
}
"""Values of each table; its rows hold those of all."""

TrialsOption = Annotated[int | None, typer.Option("--trials", help="Simulated trials of each size; default: 2000.")]

ParticipantsOption = Annotated[
    int | None,
    typer.Option("--participants", "-n", help="Virtual people from whom trials are drawn; default: 1024."),
]
BankDrawsOption = Annotated[
    int | None, typer.Option("--draws", min=1, help="Draws of the parameters, one a trial; default: 256.")
]


def run_command(
    file: Annotated[Path, typer.Argument(help="A protocol with a trial section; afterglow new --trial writes one.")],
    trials: TrialsOption = None,
    participants: ParticipantsOption = None,
    draws: BankDrawsOption = None,
    seed: Annotated[int, SEED] = 1,
    rival: RivalOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the report, its figures and all numbers.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder for the people of some trials, as ADaM-like tables.")
    ] = None,
    datasets: Annotated[
        int | None, typer.Option("--datasets", help="How many trials --data writes; default: 10.")
    ] = None,
    form: FormatOption = None,
    as_json: JsonOption = False,
    wide: WideOption = False,
    only: Annotated[list[str] | None, tables_option("power", "cost", "guesses", "effects")] = None,
    engine: EngineOption = "threads",
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Say of each design and size of FILE how often it finds a difference, rightly and wrongly, and what it costs.

    An interrupted run goes on where it stopped when it is asked for again.
    """
    form = chosen_format(form, as_json, only)
    if datasets is not None and data is None:
        raise ParameterError("--datasets says how many trials --data writes; name its folder")
    room = import_module("afterglow.trial")  # loaded only when a trial is simulated: other commands answer sooner
    trial = room.Trial.from_file(file)
    is_factorial = any(plan.method == "factorial" for plan in trial.section.analyses)
    check_tables(only, [*_OWN, *(["effects"] if is_factorial else [])])
    for folder in (out, data):
        if folder is not None:
            import_module("afterglow.report.writing").made_folder(folder)
    with progress() as told:
        found = room.operating_characteristics(
            trial,
            trials=room.TRIALS if trials is None else trials,
            seed=seed,
            **bank_sizes(participants, draws),
            rival=rival,
            engine=engine,
            workers=workers,
            scheduler=scheduler,
            progress=lambda done, of: told("simulating trials", done, of),
        )
    written = _reported(found, out, {"engine": engine, "workers": workers, "scheduler": scheduler})
    written += _people(room, found, data, datasets)
    if form == "json":
        print_json(found.to_json())
    else:
        show(*_tables(found), *_sentences(found), *written, form=form, wide=wide, only=only)


def _reported(found: Any, out: Path | None, engine: dict[str, Any]) -> list[str]:
    """Write the report where it was asked for, and say where it lies."""
    if out is None:
        return []
    told = import_module("afterglow.trial").sensitivity_of(found, **engine)
    page, *others = import_module("afterglow.report.trial.page").write_trial_report(told, out)
    return [f"Report: {page}", f"Its figures and numbers: {len(others)} files in {out}"]


def _people(room: Any, found: Any, data: Path | None, datasets: int | None) -> list[str]:
    """Write the people of some trials where it was asked for, and say where they lie."""
    if data is None:
        return []
    count = {} if datasets is None else {"count": datasets}
    paths = room.write_datasets(found.simulated, data, **count)
    count_of_trials = len(paths) // 3
    return [f"People of {count_of_trials} trial{'s' * (count_of_trials != 1)}: {data}"]


def bank_sizes(participants: int | None, draws: int | None) -> dict[str, int]:
    """Return what is said of the bank from which trials are drawn."""
    return {name: value for name, value in (("people", participants), ("draws", draws)) if value is not None}


def _tables(found: Any) -> list[Table]:
    rows = import_module("afterglow.trial").flat_rows(found)
    rivals = [name for name in found.rows[0].power if name != "weighted"]
    head = [words("design", "id"), number("n", "n", "d"), words("analysis", "analysis")]
    power = Table(
        "power",
        rows,
        [
            *head,
            *(number(name.replace("_", " "), f"power.{name}", ".2f") for name in rivals),
            number("assurance", "assurance", ".3f"),
            number("MC error", "assurance.se", ".3f"),
            number("type I", "type1", ".4f"),
            number("MC error", "type1.se", ".4f"),
        ],
        title="Chance to find the active arm better",
        own=_OWN["power"],
    )
    looks = max(len(row.stop) for row in found.rows)
    rest = Table(
        "cost",
        rows,
        [
            *head,
            number("people", "people", "d"),
            number("expected n", "expected_n", ".1f"),
            *(number(f"stops at look {k + 1}", f"stop.{k}", ".2f") for k in range(looks) if looks > 1),
            number("estimate", "estimate", ".2f"),
            number("true", "truth", ".2f"),
            number("coverage", "coverage", ".3f"),
            number("unblinding", "bias_points", "+.2f"),
            number("right guesses", "correct_guess", ".2f"),
            *(
                number(f"MC error of {title}", f"{name}.se", ".3g", wide=True)
                for title, name in (
                    ("expected n", "expected_n"),
                    ("estimate", "estimate"),
                    ("coverage", "coverage"),
                    ("unblinding", "bias_points"),
                    ("right guesses", "correct_guess"),
                )
            ),
        ],
        title="What it costs and how true it is",
        own=_OWN["cost"],
    )
    guessing = Table(
        "guesses",
        [row for row in rows if (row["id"], row["analysis"]) == (rows[0]["id"], rows[0]["analysis"])],
        [
            number("n", "n", "d"),
            number("right guesses", "correct_guess", ".3f"),
            number("James", "blinding.james", ".3f"),
            number("Bang, control", "blinding.bang.control", ".3f"),
            number("Bang, active", "blinding.bang.active", ".3f"),
            number("effect", "blinding.curve.observed", ".2f"),
            *(number(f"at {k * 10} %", f"blinding.curve.effect.{k}", ".2f") for k in (3, 7)),
            number("at one half", "blinding.curve.at_half", ".2f"),
            number("MC error", "blinding.curve.at_half.se", ".2f"),
        ],
        title="Guesses, and the effect against the share of right ones",
        own=_OWN["guesses"],
    )
    return [power, *_effects(found), rest, guessing]


def _effects(found: Any) -> list[Table]:
    """Return the power of both main effects and of the interaction, side by side."""
    rows = [
        {
            "id": row.id,
            "n": row.n,
            "analysis": row.analysis,
            "effect": name,
            "assurance": held["power"]["weighted"].value,
            "assurance.se": held["power"]["weighted"].se,
            "type1": held["type1"].value,
            "estimate": held["estimate"].value,
            "truth": held["truth"].value,
            **{f"power.{rival}": figure.value for rival, figure in held["power"].items()},
        }
        for row in found.rows
        for name, held in row.effects.items()
    ]
    if not rows:
        return []
    rivals = [name for name in found.rows[0].power if name != "weighted"]
    columns = [
        words("design", "id"),
        number("n", "n", "d"),
        words("effect", "effect"),
        *(number(name.replace("_", " "), f"power.{name}", ".2f") for name in rivals),
        number("assurance", "assurance", ".3f"),
        number("MC error", "assurance.se", ".3f"),
        number("type I", "type1", ".4f"),
        number("estimate", "estimate", ".2f"),
        number("true", "truth", ".2f"),
    ]
    return [Table("effects", rows, columns, title="Main effects and their interaction, which is tested on two sides")]


def _sentences(found: Any) -> list[str]:
    weights = {e.rival: e.weight for e in found.simulated.spec.explanations}
    said = ", ".join(f"{rival} {weight:.2f}" for rival, weight in weights.items())
    section = found.trial.section
    primary, *others = section.active
    compared = (
        f"Unless a design or an analysis takes all arms, {primary} is compared with {section.control}: the first of "
        f"the active arms, before {' and '.join(others)}."
    )
    return [
        *([compared] if others and section.factors is None else []),
        f"{found.simulated.count} trials of each size; n is people of the control arm; explanations by weight: {said}.",
        f"Type I error: {found.null}.",
        f"Changes are counted from the score that is rated on day {found.baseline_day:g}.",
        *found.cautions,
        _UNBLINDING,
    ]
