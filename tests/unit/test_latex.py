"""The printed equations say what the symbols say: read back, they give the same numbers."""

from __future__ import annotations

import math
import random
import re
import runpy
from pathlib import Path

import pytest
import sympy

from afterglow.compile.latex import layer_equations, to_latex
from afterglow.model.course import course
from afterglow.model.symbols import Layer
from afterglow.parameters import PARAMETERS

ROOT = Path(__file__).resolve().parents[2]
LAYERS = [layer for layer in course().layers if layer_equations(layer)]
RATE = r"\\frac\{d\\,\\mathrm\{(?P<rate>[^}]+)\}\}\{dt\}"
LEFT = re.compile(rf"^(?:{RATE}|\\mathrm\{{(?P<word>[^}}]+)\}}(?P<when>\\Big.*)?)$")


def group(text: str, at: int) -> int:
    """Place after the brace that closes the one at `at`."""
    depth = 0
    for k in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[k], 0)
        if depth == 0:
            return k + 1
    raise AssertionError(f"a brace stays open in {text}")


def python(text: str) -> str:
    """Arithmetic that Python can evaluate, from the LaTeX of one expression."""
    while (at := text.find(r"\frac{")) >= 0:
        middle = group(text, at + 5)
        end = group(text, middle)
        text = f"{text[:at]}(({text[at + 6 : middle - 1]})/({text[middle + 1 : end - 1]})){text[end:]}"
    text = re.sub(r"\\math(?:rm|it)\{([^}]+)\}", lambda m: m[1].replace("\\_", "_"), text)
    text = re.sub(r"A_\{(\d+)\}", r"A_\1", text)
    while (at := text.find("^{")) >= 0:
        end = group(text, at + 1)
        text = f"{text[:at]}**({text[at + 2 : end - 1]}){text[end:]}"
    text = text.replace(r"\log{", "log{").replace("{", "(").replace("}", ")")
    text = text.replace(r"\left", "").replace(r"\right", "").replace(r"\cdot", "*")
    assert "\\" not in text, text
    return text


def read_back(layer: Layer) -> tuple[dict[tuple[str, str], str], dict[str, str]]:
    """Printed right-hand sides of a layer by (word, when), and its named parts."""
    equations: dict[tuple[str, str], str] = {}
    parts: dict[str, str] = {}
    for line in re.split(r"\s*\\\\\n\s*", " \\\\\n".join(layer_equations(layer))):
        if line.startswith(r"&\quad\text{with } "):
            name, right = line.removeprefix(r"&\quad\text{with } ").split(" = ", 1)
            where, key = parts, re.sub(r"[{}]", "", name)
            parts[key] = right
        elif line.startswith(r"&\quad"):
            where[key] += " " + re.sub(r"^&(\\quad)+", "", line)  # type: ignore[index]
        else:
            left, right = line.split(" &= ", 1)
            found = LEFT.match(left)
            assert found, left
            when = "rate" if found["rate"] else re.sub(r".*text\{(.*)\}\}$", r"\1", found["when"] or "")
            where, key = equations, ((found["rate"] or found["word"]).replace("\\_", "_"), when)  # type: ignore[assignment]
            assert key not in equations
            equations[key] = right  # type: ignore[index]
    return equations, parts


def symbols_of(layer: Layer) -> dict[tuple[str, str], sympy.Expr]:
    expected = {(q.name, ""): q.expression for q in layer.quantities}
    expected |= {(s.name, "rate"): s.derivative for s in layer.states}
    expected |= {(s.name, "start"): sympy.sympify(s.start) for s in layer.states if s.start != 0}
    expected |= {(name, f"after {j.event}"): change for j in layer.jumps for name, change in j.changes.items()}
    return expected


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_printed_equations_read_back_to_the_symbols(layer: Layer) -> None:
    equations, parts = read_back(layer)
    expected = symbols_of(layer)
    assert set(equations) == set(expected)
    draw = random.Random(layer.name)
    values = {s.name: draw.uniform(0.1, 0.9) for x in expected.values() for s in x.free_symbols}
    scope = {"exp": math.exp, "e": math.e, "log": math.log, **values}
    left = {name: python(text) for name, text in parts.items()}
    while left:  # a part may hold others, but never itself
        ready = [name for name, text in left.items() if not left.keys() & re.findall(r"A_\d+", text)]
        assert ready, f"parts hold each other: {left}"
        for name in ready:
            scope[name] = eval(left.pop(name), {}, scope)
    for key, right in equations.items():
        exact = float(expected[key].subs({s: values[s.name] for s in expected[key].free_symbols}))
        assert eval(python(right), {}, scope) == pytest.approx(exact, rel=1e-9), key


def test_the_document_is_balanced_and_whole() -> None:
    text = to_latex()
    assert text.isascii()
    opened = re.findall(r"\\begin\{([^}]+)\}", text)
    assert sorted(opened) == sorted(re.findall(r"\\end\{([^}]+)\}", text))
    assert text.count("{") == text.count("}")
    for line in text.splitlines():
        assert line.count(r"\left") == line.count(r"\right"), f"a bracket is split over lines: {line}"
    for parameter in PARAMETERS.values():
        assert parameter.name.replace("_", r"\_") + " & " in text, parameter.name


def test_no_line_runs_off_the_page() -> None:
    for layer in LAYERS:
        for line in " \\\\\n".join(layer_equations(layer)).splitlines():
            shown = re.sub(r"\\(mathrm|mathit|text|left|right|cdot|frac|quad|Big)|[{}\\&]", "", line)
            assert len(shown) < 150, line


def test_the_equations_page_is_up_to_date() -> None:
    page = runpy.run_path(str(ROOT / "docs" / "reference" / "generate_equations.py"))
    fresh = "\n".join([page["INTRO"], page["_layers"](), page["_constants"]()])
    assert page["PAGE"].read_text(encoding="utf-8") == fresh, "run 'make docs'"
