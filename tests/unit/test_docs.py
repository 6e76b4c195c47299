"""The documentation is true: examples run, changes apply, numbers come from runs, links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib as mpl
import pytest
import typer.main
from typer.testing import CliRunner

from afterglow.cli.main import app
from afterglow.safety.purpose import PURPOSE

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
BLOCK = re.compile(r"^```(python|sh|diff)\n(.*?)^```", re.S | re.M)
LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?\)")
CELL = re.compile(r"([+−]\d+\.\d) \((\d+)%\)")
FEW = ["-n", "16", "--draws", "8"]

mpl.use("Agg")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def having(*marks: str) -> list[Any]:
    return [pytest.param(p, id=name_of(p)) for p in PAGES if any(mark in text_of(p) for mark in marks)]


def generator() -> ModuleType:
    path = DOCS / "reference" / "generate_tutorial_tables.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    return generator()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a reader's own, with the examples in it."""
    if (ROOT / "examples").exists():  # a page that needs them fails without
        shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: str, *, report: bool) -> None:
    """Run one command line of a page, with few participants and draws, and its report only if wanted."""
    words = shlex.split(command)[1:]
    if words[0] in ("simulate", "optimise"):
        words += FEW
        if words[0] == "simulate" and not report and "--out" in words:
            at = words.index("--out")
            del words[at : at + 2]
    if words[0] == "trial" and words[1] not in ("analyse", "boundaries", "mmrm"):
        words += [*FEW, "--trials", "16"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, f"{command}: {done.exception or done.output}"


@pytest.mark.parametrize("page", having("```sh", "```python", "```diff"))
def test_every_example_runs(page: Path, folder: Path, tables: ModuleType) -> None:
    shared: dict[str, Any] = {"__name__": name_of(page)}
    for kind, body in BLOCK.findall(text_of(page)):
        if kind == "python":
            exec(compile(body, name_of(page), "exec"), shared)
        elif kind == "diff":
            file = folder / body.split("\n", 1)[0].removeprefix("--- ").strip()
            file.write_text(tables.changed(text_of(file), body), encoding="utf-8")
        else:
            for command in body.splitlines():
                assert command.startswith("afterglow "), f"only commands of Afterglow are run: {command}"
                run(command, report=page.name == "README.md")
    if page.name == "README.md":
        assert (folder / "mine" / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize("page", having("<!-- table "))
def test_tables_hold_the_numbers_of_real_runs(page: Path, tables: ModuleType) -> None:
    text = text_of(page)
    files = tables.files_of(text)
    checked = ""
    for found in tables.TABLE.finditer(text):
        days = [float(day) for day in found["days"].split(",")]
        specs = [spec.strip() for spec in found["rows"].split(";")]
        printed = found[0].split("-->\n", 1)[1].splitlines()[2:-1]
        assert len(printed) == len(specs)
        for spec, line in zip(specs, printed, strict=True):
            assert line.split("|")[1].strip() == spec.split("=")[1].strip()
            file = spec.split()[0]
            checked = checked or file  # one protocol of each page, to save time
            if file != checked or " rival " in spec:
                continue
            now, then = CELL.findall(tables.row(files, spec, days)), CELL.findall(line)
            assert len(now) == len(then) == len(days)
            for (change, share), (old_change, old_share) in zip(now, then, strict=True):
                moved = abs(float(change.replace("−", "-")) - float(old_change.replace("−", "-")))
                assert moved < 0.15, f"{spec}: run 'make docs', the numbers have changed"
                assert abs(int(share) - int(old_share)) <= 1


def slugs(text: str) -> set[str]:
    """Anchors of a page's headings, as code hosts make them."""
    heads = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", having("]("))
def test_every_relative_link_resolves(page: Path) -> None:
    broken = []
    for target in LINK.findall(re.sub(r"^```.*?^```", "", text_of(page), flags=re.S | re.M)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        missing = not file.exists() or (anchor and anchor not in slugs(text_of(file)))
        broken += [target] * bool(missing)
    assert not broken


def test_every_page_can_be_reached() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or not page.exists():
            continue
        reached.add(page)
        targets = (target.partition("#")[0] for target in LINK.findall(text_of(page)))
        waiting += [(page.parent / t).resolve() for t in targets if t.endswith(".md") and ":" not in t]
    assert {name_of(p) for p in PAGES} - {name_of(p) for p in reached} == set()


def test_readme_names_every_command_and_only_those() -> None:
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    assert set(re.findall(r"^\| `afterglow ([\w-]+)", text_of(ROOT / "README.md"), re.M)) == commands


def test_make_targets_that_pages_name_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.M))
    named = {name for page in PAGES for name in re.findall(r"`make ([a-z]+)`", text_of(page))}
    assert {"demo", "test"} <= named <= targets


def test_readme_says_what_it_is_for_and_how_far_to_trust_it() -> None:
    words = " ".join(text_of(ROOT / "README.md").split())
    assert PURPOSE in words
    assert "## How far to trust it" in words


def test_picture_of_the_readme_is_there_and_small() -> None:
    picture = DOCS / "images" / "comp001.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 200_000
