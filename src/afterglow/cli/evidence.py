"""``afterglow evidence``: the published studies and facts, what is used of them and why the rest is not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from afterglow.errors import ProtocolError, nearest
from afterglow.evidence.check import CheckedStudy, Summary, summaries
from afterglow.evidence.facts.fact import FORMS, Fact
from afterglow.evidence.facts.fact_file import TOPICS, FactFile, UnusedFact, fact_file, facts_of, shipped_facts
from afterglow.evidence.findings.finding import Finding
from afterglow.evidence.findings.of_study import read_rows
from afterglow.evidence.folder import check_evidence
from afterglow.evidence.studies.library import study, study_names
from afterglow.evidence.studies.study import Study

__all__ = ["evidence_app"]

_MISTAKEN = 2

evidence_app = typer.Typer(help="List and check the published studies and facts.", no_args_is_help=True)

_AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@evidence_app.command()
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]",
            help="A folder of studies, of facts, or of both, also in folders of their own; default: the package's own.",
        ),
    ] = None,
    as_json: _AsJson = False,
) -> None:
    """Say what is wrong in each study and file of facts of DIR, what is used of it, and why the rest is not."""
    held = check_evidence(folder)
    if as_json:
        studies = [_checked_study(row) for row in held.studies]
        _print_json({"studies": studies, "facts": [_checked_facts(file) for file in held.facts]})
    else:
        table = Table("file", "kind", "usable", "verified", "arms", "not usable, and why", "mistakes", title="Evidence")
        _print_table(table, [*map(_study_cells, held.studies), *map(_fact_cells, held.facts)])
    for error in held.errors:
        typer.echo(error, err=True)
    if held.errors:
        raise typer.Exit(_MISTAKEN)


def _study_cells(row: CheckedStudy) -> tuple[str, ...]:
    used, verified = len(row.findings), row.verified
    arms = f"{sum(arm.loads for arm in row.arms)} of {sum(bool(arm.arm) for arm in row.arms)}"
    reasons = "; ".join(f"{count} {reason}" for reason, count in row.reasons.items())
    return row.file, "study", f"{used} of {used + len(row.unused)}", str(verified), arms, reasons, str(len(row.errors))


def _fact_cells(file: FactFile) -> tuple[str, ...]:
    reasons = "; ".join(f"{unused.id}: {unused.reason}" for unused in file.unused)
    usable = f"{len(file.facts)} of {len(file.facts) + len(file.unused)}"
    return file.file, "facts", usable, str(file.verified), "", reasons, str(len(file.errors))


def _counted_facts(file: FactFile) -> dict[str, Any]:
    return {
        "file": file.name,
        "usable": len(file.facts),
        "verified": file.verified,
        "unused": [asdict(unused) for unused in file.unused],
    }


def _checked_study(row: CheckedStudy) -> dict[str, Any]:
    fields = asdict(replace(row, held=None))
    del fields["held"]
    return {**fields, "kinds": row.kinds}


def _checked_facts(file: FactFile) -> dict[str, Any]:
    return {**_counted_facts(file), "errors": list(file.errors)}


@evidence_app.command("list")
def list_(
    facts: Annotated[bool, typer.Option("--facts", help="List every fact, not the studies.")] = False,
    topic: Annotated[
        str,
        typer.Option("--topic", metavar="TOPIC", help="List the facts of one file or topic, such as mdma or alliance."),
    ] = "",
    as_json: _AsJson = False,
) -> None:
    """List the studies and facts that come with the package, and which studies the model may be fitted to."""
    if facts or topic:
        _show_facts(_of_topic(topic) if topic else [one for file in shipped_facts() for one in file.facts], as_json)
        return
    rows, files = summaries(), shipped_facts()
    if as_json:
        _print_json({"studies": [asdict(row) for row in rows], "facts": [_counted_facts(file) for file in files]})
        return
    _print_table(
        Table("study", "condition", "arms", "n", "medicines", "rows", "verified", "for calibration", title="Evidence"),
        [_listed(row) for row in rows],
    )
    _print_table(
        Table("facts", "topics", "usable", "verified", title="Facts: --topic lists those of one file or topic"),
        [(file.name, _topics(file), str(len(file.facts)), str(file.verified)) for file in files],
    )


def _topics(file: FactFile) -> str:
    counts = Counter(fact.topic for fact in file.facts)
    return "; ".join(f"{count} {topic}" for topic, count in counts.items())


def _of_topic(word: str) -> Sequence[Fact]:
    found = facts_of(word)
    if not found:
        known = sorted({*TOPICS, *(fact.topic for file in shipped_facts() for fact in file.facts)})
        raise ProtocolError(f"no file or topic of facts is called '{word[:60]}'; {nearest(word, known)}")
    return found


@evidence_app.command()
def show(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help=f"A study, a fact, a topic of facts, or one of {', '.join(TOPICS)}."),
    ],
    as_json: _AsJson = False,
) -> None:
    """Show a study, a fact or a file of facts: every number with where it was read and whether it is used."""
    word = name.strip().lower()
    found = facts_of(word)
    if found and word not in study_names():
        unused = fact_file(word).unused if word in TOPICS else ()
        if len(found) == 1 and word not in TOPICS and not as_json:
            _show_one(found[0])
        else:
            _show_facts(found, as_json, unused)
        return
    held = _study_or_nearest(name)
    if as_json:
        rows = [asdict(result) for _, result in read_rows(held)]
        _print_json({"study": held.name, "data": held.as_data(), "rows": rows})
        return
    for line in _head(held):
        typer.echo(line)
    _print_table(Table("arm", "observed", "where it was read", "status", "used", title="Numbers"), _shown_rows(held))


def _study_or_nearest(name: str) -> Study:
    """Return a study; where there is none of that name, name a fact that is spelt like it."""
    try:
        return study(name)
    except ProtocolError as none:
        close = nearest(name, [*TOPICS, *(fact.id for file in shipped_facts() for fact in file.facts)])
        if "did you mean" in none.message or not close.startswith("did you mean"):
            raise
        raise ProtocolError(f"no study, fact or topic is called '{name[:60]}'; {close}") from None


def _show_facts(facts: Sequence[Fact], as_json: bool, unused: Sequence[UnusedFact] = ()) -> None:
    if as_json:
        shown = [{**asdict(fact), "status": fact.status} for fact in facts]
        _print_json({"facts": shown, "unused": [asdict(row) for row in unused]})
        return
    _print_table(
        Table("fact", "topic", "observed", "where it was read", "status", "used by", title="Facts"),
        [_fact_row(fact) for fact in facts],
    )
    for row in unused:
        typer.echo(f"not usable: {row.id}: {row.reason}")


def _fact_row(fact: Fact) -> tuple[str, ...]:
    said = f"{fact.what}: {fact.in_words}" if fact.what != fact.value else fact.in_words
    people = f" ({fact.population})" if fact.population else ""
    return fact.id, fact.topic, said + people, fact.source, fact.status, "; ".join(fact.used_by)


def _show_one(fact: Fact) -> None:
    """Print every field of a fact that says something, a line each."""
    conditions = "; ".join(f"{name} {value}" for name, value in fact.conditions.items())
    typer.echo(f"{fact.file}/{fact.id}: {fact.what}")
    for name, text in (
        *(("value", fact.in_words), ("form", f"{fact.form}: {FORMS[fact.form]}"), ("topic", fact.topic)),
        *(("given", conditions), ("people", fact.population), ("study", fact.study), ("source", fact.source)),
        *(("status", fact.status), ("note", fact.note), ("used by", "; ".join(fact.used_by) or "no link computed")),
    ):
        if text:
            typer.echo(f"  {name}: {text}")


def _head(held: Study) -> list[str]:
    lines = [held.citation, *([f"doi {held.doi}"] if held.doi else []), f"{held.condition}; {held.design}"]
    for arm in held.arms:
        n = f"n {arm.n}" if arm.n else "n not read"
        lines += [f"{arm.id}: {arm.label} ({n})", *(f"  {line}" for line in arm.in_words)]
    return [*lines, held.notes]


def _shown_rows(held: Study) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for row, result in read_rows(held):
        used = result.in_words if isinstance(result, Finding) else f"no: {result.reason}"
        found.append((row.arm, row.what, row.where, "verified" if row.verified else "recalled", used))
    return found


def _listed(row: Summary) -> tuple[str, ...]:
    verified = "" if row.verified_fraction is None else f"{row.verified_fraction:.0%}"
    n = "" if row.n is None else str(row.n)
    medicines = ", ".join(row.medicines) or "none"
    return (
        *(row.study, row.condition, str(row.arms), n, medicines),
        *(f"{row.used} of {row.rows}", verified, f"no: {row.left_out}" if row.left_out else "yes"),
    )


def _print_table(table: Table, rows: Sequence[tuple[str, ...]]) -> None:
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    Console().print(table)


def _print_json(data: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(data, indent=2, allow_nan=False, ensure_ascii=False))
