"""Fill the tables of the tutorials and how-to pages from real runs, and redraw the picture of the README.

``python docs/reference/generate_tutorial_tables.py`` follows every page as a reader would: it writes the protocols
that the page writes with ``afterglow new``, makes the changes that the page shows as a diff, simulates, and writes the
mean change and the responders between the marks ``<!-- table ... -->`` and ``<!-- end of table -->``.
"""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

from afterglow import Protocol, Result, read_protocol, simulate
from afterglow.figures.catalogue import figure_cards, render, score_key
from afterglow.protocol import starter

PARTICIPANTS, SEED = 500, 1
DOCS = Path(__file__).resolve().parents[1]
TABLE = re.compile(r"(<!-- table days (?P<days>[^:]+): (?P<rows>.+?) -->\n).*?(<!-- end of table -->)", re.S)
BLOCK = re.compile(r"^```(sh|diff)\n(.*?)^```", re.S | re.M)
NEW = re.compile(r"afterglow new (\w+) -o (\S+)")


def changed(text: str, diff: str) -> str:
    """Apply a page's diff to a protocol; each change must be found."""
    for hunk in re.split(r"^@@.*\n", diff.split("\n", 1)[1], flags=re.M):
        lines = hunk.splitlines()
        old = "".join(f"{line[1:]}\n" for line in lines if line[:1] in "- ")
        new = "".join(f"{line[1:]}\n" for line in lines if line[:1] in "+ ")
        if old not in text:
            raise SystemExit(f"the protocol does not hold:\n{old}")
        text = text.replace(old, new, 1)
    return text


def files_of(page: str) -> dict[str, str]:
    """Return the protocols that a page ends with, by file name."""
    files: dict[str, str] = {}
    for kind, body in BLOCK.findall(page):
        if kind == "sh":
            files |= {name: starter(medicine) for medicine, name in NEW.findall(body)}
        else:
            name = body.split("\n", 1)[0].removeprefix("--- ").strip()
            files[name] = changed(files[name], body)
    return files


@cache
def run(source: str) -> Result:
    """Simulate a protocol given as text, or as the path of a file."""
    protocol = Protocol.from_yaml(source) if "\n" in source else read_protocol(source)
    return simulate(protocol, participants=PARTICIPANTS, seed=SEED)


def row(files: dict[str, str], spec: str, days: list[float]) -> str:
    """Return one line of a table: ``FILE ARM [rival NAME] = LABEL``, or ``published VALUES = LABEL``."""
    where, label = (part.strip() for part in spec.split("="))
    if where.startswith("published "):
        return f"| {label} | {' | '.join(cell.strip() for cell in where.removeprefix('published ').split(','))} |"
    where, _, rival = where.partition(" rival ")
    name, arm = where.split(" ", 1)
    result = run(files.get(name) or str(DOCS.parent / name))
    scores = (result.by_rival[rival.strip()] if rival else result).scores
    own = scores[(scores["arm"] == arm.strip()) & (scores["scale"] == result.protocol.population.scale)]
    own = own.set_index("day")
    cells = [f"{own.loc[d, 'change_mean']:+.1f} ({own.loc[d, 'response']:.0%})".replace("-", "−") for d in days]
    return f"| {label} | {' | '.join(cells)} |"


def filled(page: str) -> str:
    """Return the page with its tables written anew."""
    files = files_of(page)

    def table(found: re.Match[str]) -> str:
        days = [float(day) for day in found["days"].split(",")]
        head = ["| | " + " | ".join(f"day {day:g}" for day in days) + " |", "|---|" + "---|" * len(days)]
        rows = [row(files, spec, days) for spec in found["rows"].split(";")]
        return "\n".join([found[1].rstrip("\n"), *head, *rows, found[4]])

    return TABLE.sub(table, page)


def picture(protocol: Path, target: Path) -> None:
    """Draw the README's picture: the score of every arm beside the same people without integration."""
    result = simulate(read_protocol(protocol), participants=PARTICIPANTS, seed=SEED)
    card = next(c for c in figure_cards(result) if c.key == score_key(result.scales[0]))
    target.write_bytes(render(result, card).png)


def main() -> None:
    """Fill the tables of every page, then draw the picture."""
    pages = [path for folder in ("tutorials", "how-to", "explanation") for path in DOCS.glob(f"{folder}/*.md")]
    for path in sorted(pages):
        before = path.read_text(encoding="utf-8")
        if not TABLE.search(before):
            continue
        after = filled(before)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False) as part:
            part.write(after)
        Path(part.name).replace(path)
        path.chmod(0o644)
        print(f"{path.relative_to(DOCS)}: {len(TABLE.findall(after))} tables")
    picture(DOCS.parent / "examples" / "comp001.yaml", DOCS / "images" / "comp001.png")


if __name__ == "__main__":
    main()
