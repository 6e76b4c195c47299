"""``afterglow evidence``: the published studies and facts, what is used of them and why the rest is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from afterglow.cli.options import FormatOption, JsonOption, WideOption, tables_option
from afterglow.cli.output.groups import Group
from afterglow.cli.output.tables import Format, Table, chosen_format, number, print_json, say, show, words
from afterglow.errors import ProtocolError, nearest
from afterglow.evidence.check import CheckedStudy, summaries
from afterglow.evidence.facts.fact import FORMS, Fact
from afterglow.evidence.facts.fact_file import TOPICS, FactFile, UnusedFact, fact_file, facts_of, shipped_facts
from afterglow.evidence.findings.finding import Finding
from afterglow.evidence.findings.of_study import read_rows
from afterglow.evidence.folder import check_evidence
from afterglow.evidence.studies.library import study, study_names
from afterglow.evidence.studies.study import Study

__all__ = ["evidence_app"]

_MISTAKEN = 2

evidence_app = typer.Typer(cls=Group, help="List and check the published studies and facts.", no_args_is_help=True)


@evidence_app.command()
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]",
            help="A folder of studies, of facts, or of both, also in folders of their own; default: the package's own.",
        ),
    ] = None,
    as_json: JsonOption = False,
    form: FormatOption = None,
    wide: WideOption = False,
) -> None:
    """Say what is wrong in each study and file of facts of DIR, what is used of it, and why the rest is not."""
    form = chosen_format(form, as_json)
    held = check_evidence(folder)
    if form == "json":
        studies = [_checked_study(row) for row in held.studies]
        print_json({"studies": studies, "facts": [_checked_facts(file) for file in held.facts]})
    else:
        columns = [
            words("file", "file"),
            number("rows", "rows"),
            number("usable", "usable"),
            number("verified", "verified", wide=True),
            number("arms", "arms", wide=True),
            number("usable arms", "usable_arms", wide=True),
            number("mistakes", "mistakes"),
            words("not usable, and why", "not_usable"),
        ]
        rows = [*map(_study_row, held.studies), *map(_fact_file_row, held.facts)]
        show(Table("files", rows, columns, title="Evidence", by=("kind",)), form=form, wide=wide)
    for error in held.errors:
        say(error, err=True)
    if held.errors:
        raise typer.Exit(_MISTAKEN)


def _study_row(row: CheckedStudy) -> dict[str, Any]:
    return {
        "kind": "studies",
        "file": row.file,
        "rows": len(row.findings) + len(row.unused),
        "usable": len(row.findings),
        "verified": row.verified,
        "arms": sum(bool(arm.arm) for arm in row.arms),
        "usable_arms": sum(arm.loads for arm in row.arms),
        "mistakes": len(row.errors),
        "not_usable": "; ".join(f"{count} {reason}" for reason, count in row.reasons.items()),
    }


def _fact_file_row(file: FactFile) -> dict[str, Any]:
    return {
        "kind": "facts",
        "file": file.file,
        "rows": len(file.facts) + len(file.unused),
        "usable": len(file.facts),
        "verified": file.verified,
        "arms": None,
        "usable_arms": None,
        "mistakes": len(file.errors),
        "not_usable": "; ".join(f"{unused.id}: {unused.reason}" for unused in file.unused),
    }


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
    as_json: JsonOption = False,
    form: FormatOption = None,
    wide: WideOption = False,
    only: Annotated[list[str] | None, tables_option("studies", "facts")] = None,
) -> None:
    """List the studies and facts that come with the package, and which studies the model may be fitted to."""
    form = chosen_format(form, as_json, only)
    if facts or topic:
        found = _of_topic(topic) if topic else [one for file in shipped_facts() for one in file.facts]
        _show_facts(found, form=form, wide=wide, only=only)
        return
    rows, files = summaries(), shipped_facts()
    if form == "json":
        print_json({"studies": [asdict(row) for row in rows], "facts": [_counted_facts(file) for file in files]})
        return
    studies = [
        words("study", "study"),
        number("arms", "arms", wide=True),
        number("people", "n"),
        words("medicines", lambda row: ", ".join(row["medicines"]) or "none"),
        number("rows", "rows", wide=True),
        number("used", "used", wide=True),
        number("verified", "verified_fraction", ".0%", wide=True),
        words("calibration", lambda row: "no" if row["left_out"] else "yes"),
        words("why not", "left_out"),
    ]
    of_facts = [
        words("file", "file"),
        number("usable", "usable"),
        number("verified", "verified"),
        words("topics", "topics"),
    ]
    show(
        Table(
            "studies",
            [asdict(row) for row in sorted(rows, key=lambda row: row.condition)],
            studies,
            title="Studies",
            by=("condition",),
            heading=lambda row: row["condition"].replace("_", " "),
        ),
        Table("facts", [_topics(file) for file in files], of_facts, title="Facts: --topic lists those of one"),
        form=form,
        wide=wide,
        only=only,
    )


def _topics(file: FactFile) -> dict[str, Any]:
    counts = Counter(fact.topic for fact in file.facts)
    topics = "; ".join(f"{count} {topic}" for topic, count in counts.items())
    return {"file": file.name, "usable": len(file.facts), "verified": file.verified, "topics": topics}


def _of_topic(word: str) -> Sequence[Fact]:
    found = facts_of(word)
    if not found:
        known = sorted({*TOPICS, *(fact.topic for file in shipped_facts() for fact in file.facts)})
        raise ProtocolError(f"no file or topic of facts is called '{word[:60]}'; {nearest(word, known)}")
    return found


@evidence_app.command("show")
def show_(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help=f"A study, a fact, a topic of facts, or one of {', '.join(TOPICS)}."),
    ],
    as_json: JsonOption = False,
    form: FormatOption = None,
    wide: WideOption = False,
) -> None:
    """Show a study, a fact or a file of facts: every number with where it was read and whether it is used."""
    form = chosen_format(form, as_json)
    word = name.strip().lower()
    found = facts_of(word)
    if found and word not in study_names():
        unused = fact_file(word).unused if word in TOPICS else ()
        if len(found) == 1 and word not in TOPICS and form is None:
            _show_one(found[0])
        else:
            _show_facts(found, unused, form=form, wide=wide)
        return
    held = _study_or_nearest(name)
    if form == "json":
        rows = [asdict(result) for _, result in read_rows(held)]
        print_json({"study": held.name, "data": held.as_data(), "rows": rows})
        return
    columns = [
        words("observed", "observed"),
        words("used", "used"),
        words("status", "status"),
        words("where it was read", "where"),
    ]
    table = Table("numbers", _shown_rows(held), columns, title="Numbers", by=("arm",))
    show(*_head(held), table, form=form, wide=wide)


def _study_or_nearest(name: str) -> Study:
    """Return a study; where there is none of that name, name a fact that is spelt like it."""
    try:
        return study(name)
    except ProtocolError as none:
        close = nearest(name, [*TOPICS, *(fact.id for file in shipped_facts() for fact in file.facts)])
        if "did you mean" in none.message or not close.startswith("did you mean"):
            raise
        raise ProtocolError(f"no study, fact or topic is called '{name[:60]}'; {close}") from None


def _show_facts(
    facts: Sequence[Fact],
    unused: Sequence[UnusedFact] = (),
    *,
    form: Format | None,
    wide: bool,
    only: list[str] | None = None,
) -> None:
    if form == "json":
        shown = [{**asdict(fact), "status": fact.status} for fact in facts]
        print_json({"facts": shown, "unused": [asdict(row) for row in unused]})
        return
    columns = [
        words("fact", "fact"),
        words("observed", "observed"),
        words("status", "status", wide=True),
        words("used by", "used_by", wide=True),
        words("where it was read", "where", wide=True),
    ]
    show(
        Table("facts", [_fact_row(fact) for fact in facts], columns, title="Facts", by=("topic",)),
        *(f"not usable: {row.id}: {row.reason}" for row in unused),
        form=form,
        wide=wide,
        only=only,
    )


def _fact_row(fact: Fact) -> dict[str, str]:
    said = f"{fact.what}: {fact.in_words}" if fact.what != fact.value else fact.in_words
    people = f" ({fact.population})" if fact.population else ""
    return {
        "topic": fact.topic,
        "fact": fact.id,
        "observed": said + people,
        "status": fact.status,
        "used_by": "; ".join(fact.used_by),
        "where": fact.source,
    }


def _show_one(fact: Fact) -> None:
    """Print every field of a fact that says something, a line each."""
    conditions = "; ".join(f"{name} {value}" for name, value in fact.conditions.items())
    say(f"{fact.file}/{fact.id}: {fact.what}")
    for name, text in (
        *(("value", fact.in_words), ("form", f"{fact.form}: {FORMS[fact.form]}"), ("topic", fact.topic)),
        *(("given", conditions), ("people", fact.population), ("study", fact.study), ("source", fact.source)),
        *(("status", fact.status), ("note", fact.note), ("used by", "; ".join(fact.used_by) or "no link computed")),
    ):
        if text:
            say(f"  {name}: {text}")


def _head(held: Study) -> list[str]:
    lines = [held.citation, *([f"doi {held.doi}"] if held.doi else []), f"{held.condition}; {held.design}"]
    for arm in held.arms:
        n = f"n {arm.n}" if arm.n else "n not read"
        lines += [f"{arm.id}: {arm.label} ({n})", *(f"  {line}" for line in arm.in_words)]
    return [*lines, held.notes]


def _shown_rows(held: Study) -> list[dict[str, str]]:
    found = []
    for row, result in read_rows(held):
        used = result.in_words if isinstance(result, Finding) else f"no: {result.reason}"
        status = "verified" if row.verified else "recalled"
        found.append({"arm": row.arm, "observed": row.what, "used": used, "status": status, "where": row.where})
    return found
