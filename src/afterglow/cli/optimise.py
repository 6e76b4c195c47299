"""``afterglow optimise`` and ``afterglow best-day``: choose a schedule, and see what one more session adds."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from afterglow.cli.options import (
    PARTICIPANTS,
    SEED,
    DrawsOption,
    EngineOption,
    FormatOption,
    JsonOption,
    RivalOption,
    WideOption,
    WorkersOption,
    tables_option,
)
from afterglow.cli.output.progress import progress
from afterglow.cli.output.tables import Table, chosen_format, interval, number, print_json, say, show, words
from afterglow.errors import FileError
from afterglow.evidence import read_protocol
from afterglow.files import write_bytes_atomically, write_text_atomically
from afterglow.report.writing import made_folder
from afterglow.simulate.spec import PEOPLE

__all__ = ["best_day", "optimise"]

_SHOWN = 12


def optimise(
    file: Annotated[Path, typer.Argument(help="A protocol with an optimise section.")],
    participants: Annotated[int, PARTICIPANTS] = PEOPLE,
    draws: DrawsOption = None,
    seed: Annotated[int, SEED] = 1,
    rival: RivalOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the protocol that is chosen, figures and tables.")
    ] = None,
    form: FormatOption = None,
    as_json: JsonOption = False,
    wide: WideOption = False,
    only: Annotated[list[str] | None, tables_option("plans", "money", "learning", "figures")] = None,
    engine: EngineOption = "threads",
    workers: WorkersOption = None,
) -> None:
    """Choose the schedule of an arm of FILE within its limits, under all explanations by their weights."""
    form = chosen_format(form, as_json, only)
    room = {name: import_module(f"afterglow.plan.{name}") for name in ("question", "optimise", "plain")}
    question = room["question"].Question.from_file(file)
    if out is not None:
        made_folder(out)
    with progress() as told:
        answer = room["optimise"].optimise(
            question,
            participants=participants,
            draws=draws,
            seed=seed,
            rival=rival,
            engine=engine,
            workers=workers,
            progress=lambda what, done: told(what, done, None),
        )
    if form == "json":
        print_json(room["plain"].plain_answer(answer))
    else:
        show(
            *_tables(answer, room["plain"], whole=wide or form == "csv" or "figures" in (only or ())),
            form=form,
            wide=wide,
            only=only,
        )
    if out is not None:
        _write(answer, out, room["plain"])
        if form is None:
            say(f"Written to {out}: chosen.yaml, which afterglow simulate reads, answer.json and figures.")


def best_day(
    file: Annotated[Path, typer.Argument(help="Protocol (YAML), evidence study or NONMEM table.")],
    arm: Annotated[str, typer.Option("--arm", help="Id of the arm; default: the first.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="Kind of the session that is added.")] = "integration",
    hours: Annotated[float, typer.Option("--hours", help="Its length.")] = 1.0,
    on_day: Annotated[float | None, typer.Option("--on-day", help="Day of the score; default: the last.")] = None,
    seed: Annotated[int, SEED] = 1,
    rival: RivalOption = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Where the figure is written, .png or .svg.")] = None,
    form: FormatOption = None,
    as_json: JsonOption = False,
    wide: WideOption = False,
    engine: EngineOption = "threads",
    workers: WorkersOption = None,
) -> None:
    """Say what one more session on each day adds to an arm of FILE."""
    form = chosen_format(form, as_json)
    if out is not None and out.suffix not in (".png", ".svg"):
        raise FileError(f"'{out}' should end in .png or .svg")
    strips, plain = (import_module(f"afterglow.plan.{name}") for name in ("strip", "plain"))
    strip = strips.session_strip(
        read_protocol(file), arm=arm, kind=kind, hours=hours, on_day=on_day, seed=seed, rival=rival, engine=engine,
        workers=workers,
    )  # fmt: skip
    if form == "json":
        print_json(plain.plain_strip(strip))
    else:
        show(_strip_table(strip, plain), *plain.strip_sentences(strip), form=form, wide=wide)
    if out is not None:
        _draw(import_module("afterglow.plan.drawing").draw_strip(strip), out)


def _tables(answer: Any, plain: Any, *, whole: bool) -> list[Table | str]:
    rows = plain.plan_rows(answer)
    shown = rows if whole else _chosen_rows(answer, rows)
    currency, goal = answer.prices.currency, answer.goal
    share = ".1%" if goal.what == "lasting responses" else ",.0f" if goal.unit == currency else ".1f"
    plans = Table(
        "plans",
        shown,
        [
            words("plan", lambda row: row["plan"] + ("".join(f" ({role})" for role in row["roles"][:1]))),
            words("schedule", "schedule"),
            number(goal.words, "aim", share),
            interval("90 % interval", "aim_low", "aim_high", share),
            number("therapist hours", "therapist_hours", ".1f"),
            number(f"cost, {currency}", "cost", ",.0f"),
            number("worst tenth", "worst_tenth", share),
            number("best in", "chance_best", ".0%"),
            number("behind", "behind", _fine(share), wide=True),
            number("its error", "behind_error", _fine(share), wide=True),
            number("regret", "regret", _fine(share), wide=True),
            *(
                number(f"regret, {e.rival.replace('_', ' ')}", f"regret_{e.rival}", _fine(share), wide=True)
                for e in answer.bank.spec.explanations
            ),
            number("lasting", "lasting", ".1%", wide=True),
            number("remission", "remission", ".1%", wide=True),
            number("cost per lasting response", "cost_per_lasting_response", ",.0f", wide=True),
            number("cost per remitter", "cost_per_remitter", ",.0f", wide=True),
            number("hours per lasting response", "hours_per_lasting_response", ".0f", wide=True),
        ],
        title=f"{answer.space.arm.id}: {goal.words}",
    )
    money = Table(
        "money",
        plain.money_rows(answer)[: None if whole else _SHOWN],
        [
            words("plan", "plan"),
            number(f"cost, {currency}", "cost", ",.0f"),
            number("QALYs", "qalys", ".4f"),
            number("more cost", "more_cost", ",.0f"),
            number("more QALYs", "more_qalys", ".4f"),
            number(f"{currency}/QALY", "icer", ",.0f"),
            words("among all", "status"),
            number("net benefit", "net_benefit", ",.0f"),
            number("acceptable", "acceptable", ".0%"),
            number("expected loss", "expected_loss", ",.0f"),
        ],
        title=plain.money_title(answer),
    )
    learn = Table(
        "learning",
        plain.learning_rows(answer)[: None if whole else _SHOWN],
        [
            words("if known", "words"),
            number(f"gain, {answer.goal.scale} points", "points", ".3f"),
            number(f"gain, {currency} a person", "money", ",.0f"),
            words("best for points then", "points_plans"),
            words("best for money then", "money_plans"),
        ],
        title="What to learn next",
    )
    parts: list[Table | str] = [
        plans, *plain.sentences(answer), money, *plain.money_sentences(answer), learn, *plain.learning_sentences(answer)
    ]  # fmt: skip
    if whole:
        parts.append(
            Table(
                "figures",
                plain.figure_rows(answer),
                [
                    words("figure", lambda row: row["name"].replace("_", " ")),
                    number("value", "value"),
                    *(words(name, name) for name in ("unit", "kind", "source", "note")),
                ],
                title="Costs and utilities",
            )
        )
    else:
        parts.append(plain.price_sentence(answer))
    return parts


def _fine(form: str) -> str:
    return {".1%": ".2%", ".1f": ".2f"}.get(form, form)


def _chosen_rows(answer: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows that a reader needs first: those with a role, the plan as written, then the front."""
    first = [row for row in rows if row["roles"] or row["plan"] == "as written"]
    front = [row for row in rows if row["front"] and row not in first]
    step = max(1, -(-len(front) // max(_SHOWN - len(first), 1)))
    kept = first + front[::step]
    return [row for row in rows if row in kept]


def _strip_table(strip: Any, plain: Any) -> Table:
    rivals = [under.rival for under in strip.days[0].by_rival]
    return Table(
        "days",
        plain.strip_rows(strip),
        [
            number("day", "day"),
            number("points", "points", "+.2f"),
            interval("90 % interval", "low", "high", "+.2f"),
            words("", lambda row: "alike" if row["alike"] else ""),
            number("its error", "mc_error", ".3f", wide=True),
            *(number(rival.replace("_", " "), f"points_{rival}", "+.2f") for rival in rivals),
        ],
        title=f"{strip.arm}: one more {strip.kind} of {strip.hours:g} h, {strip.scale} on day {strip.on_day:g}",
    )


def _write(answer: Any, out: Path, plain: Any) -> None:
    drawing = import_module("afterglow.plan.drawing")
    write_text_atomically(out / "chosen.yaml", answer.protocol.to_yaml(sentences=True))
    write_text_atomically(out / "answer.json", plain.json_text(answer))
    _draw(drawing.draw_front(answer), out / "front.png")
    _draw(drawing.draw_acceptability(answer), out / "acceptability.png")


def _draw(figure: Any, path: Path) -> None:
    svg = import_module("afterglow.figures.svg")
    data = svg.figure_svg(figure).encode() if path.suffix == ".svg" else svg.figure_png(figure)
    write_bytes_atomically(path, data)
