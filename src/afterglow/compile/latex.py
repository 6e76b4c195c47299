"""The equations as LaTeX, from the same symbols as everything else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

import sympy
from sympy.printing.latex import LatexPrinter

from afterglow.model.course import course
from afterglow.model.symbols import Layer
from afterglow.parameters import PARAMETERS
from afterglow.version import __version__

__all__ = ["layer_equations", "to_latex"]

_WIDEST = 95
"""Letters that fit on a line."""

_WORTH_A_NAME = 30
"""Letters from which on a part of a long term is taken out and named."""

_PART = "A_"


def _word(name: str) -> str:
    return name.replace("_", r"\_")


class _Printer(LatexPrinter):
    """States and quantities in upright words, parameters in slanted ones; what is added before what is taken away."""

    def __init__(self, parameters: Iterable[str]) -> None:
        super().__init__({"mul_symbol": "dot", "fold_short_frac": True})
        self._parameters = set(parameters)

    def _print_Symbol(self, expr: sympy.Symbol, style: str = "plain") -> str:
        if expr.name.startswith(_PART):
            return f"A_{{{expr.name.removeprefix(_PART)}}}"
        face = "mathit" if expr.name in self._parameters else "mathrm"
        return rf"\{face}{{{_word(expr.name)}}}"

    def _as_ordered_terms(self, expr: sympy.Expr, order: str | None = None) -> list[sympy.Expr]:
        terms = super()._as_ordered_terms(expr, order=order)
        return sorted(terms, key=lambda term: bool(term.could_extract_minus_sign()))

    def terms(self, expression: sympy.Expr) -> list[sympy.Expr]:
        """Return the terms of a sum in the order in which they are printed."""
        return self._as_ordered_terms(expression) if expression.is_Add else [expression]


def _width(expression: sympy.Expr) -> int:
    return len(str(expression))


def _part_to_name(terms: list[sympy.Expr]) -> sympy.Expr | None:
    """Return the sum with the most terms inside the terms that are too long, or None."""
    inside = [
        part
        for term in terms
        if _width(term) > _WIDEST
        for part in sympy.preorder_traversal(term)
        if part.is_Add and _width(part) > _WORTH_A_NAME
    ]
    return max(inside, key=lambda part: (len(part.args), _width(part), str(part)), default=None)


def _broken(
    left: str, expression: sympy.Expr, printer: _Printer, numbers: Iterator[int], *, within: bool = False
) -> str:
    """Write ``left = expression``; when it is long one term a line, and a part that is still long by its own name.

    With `within` the line defines such a part and is set in from the equation it belongs to.
    """
    named: list[tuple[sympy.Symbol, sympy.Expr]] = []
    while (part := _part_to_name(printer.terms(expression))) is not None:
        name = sympy.Symbol(f"{_PART}{next(numbers)}", real=True)
        named.append((name, part))
        expression = expression.xreplace({part: name})
    equals = rf"&\quad\text{{with }} {left} = " if within else f"{left} &= "
    if _width(expression) <= _WIDEST:
        text = equals + printer.doprint(expression)
    else:
        first, *rest = [printer.doprint(term) for term in printer.terms(expression)]
        signed = [first, *(t if t.startswith("-") else f"+ {t}" for t in rest)]
        set_in = r"&\quad\quad" if within else r"&\quad"
        text = equals + f" \\\\\n  {set_in} ".join(signed)
    wheres = [_broken(printer.doprint(n), p, printer, numbers, within=True) for n, p in named]
    return " \\\\\n  ".join([text, *wheres])


def layer_equations(layer: Layer) -> list[str]:
    """Return the equations of one layer as lines of an ``aligned`` block.

    Quantities come first, then each state's rate, the states that do not start at 0, and the jumps at events.
    """
    printer = _Printer(course().parameter_names)
    numbers = count(1)

    def line(left: str, expression: sympy.Expr) -> str:
        return _broken(left, expression, printer, numbers)

    def name(word: str) -> str:
        return str(printer.doprint(sympy.Symbol(word)))

    lines = [line(name(q.name), q.expression) for q in layer.quantities]
    lines += [line(rf"\frac{{d\,{name(s.name)}}}{{dt}}", s.derivative) for s in layer.states]
    lines += [line(rf"{name(s.name)}\Big|_{{\text{{start}}}}", s.start) for s in layer.states if s.start != 0]
    for jump in layer.jumps:
        after = rf"\Big|_{{\text{{after {_word(jump.event)}}}}}"
        lines += [line(name(changed) + after, change) for changed, change in jump.changes.items()]
    return lines


def to_latex() -> str:
    """Return the whole model as a LaTeX document: equations by layer, ways of dosing, and the parameters."""
    parts = [
        r"\documentclass{article}",
        r"\usepackage{amsmath,longtable,array}",
        r"\usepackage[margin=2cm]{geometry}",
        r"\allowdisplaybreaks",
        r"\begin{document}",
        rf"\section*{{Afterglow {__version__}: the equations}}",
        r"Time in days, amounts in mg, concentrations in ng/mL. States and quantities upright, parameters slanted.",
    ]
    for layer in course().layers:
        lines = layer_equations(layer)
        if lines:
            body = " \\\\\n".join(lines)
            parts += [rf"\subsection*{{{_word(layer.name)}}}", _text(layer.meaning) + ".", r"\begin{align*}", body]
            parts += [r"\end{align*}"]
    return "\n".join([*parts, *_ways(), *_parameters(), r"\end{document}", ""])


def _ways() -> list[str]:
    """Return the table of how a dose enters."""
    printer = _Printer(PARAMETERS)
    parts = [r"\section*{How a dose enters}", r"\begin{longtable}{llp{3.5cm}p{6cm}}"]
    parts.append(r"medicine, route & into & part of the dose & delay, constant release \\ \hline")
    for (medicine, route), entries in course().entries.items():
        for entry in entries:
            when = f"{entry.lag_h or 'none'}, {entry.duration_h or 'as given'}"
            parts.append(
                rf"{_text(medicine)}, {_text(route)} & {_text(entry.state)} & "
                rf"${printer.doprint(sympy.sympify(entry.fraction))}$ & {_text(when)} \\"
            )
    return [*parts, r"\end{longtable}"]


def _parameters() -> list[str]:
    """Return the table of all parameters."""
    parts = [r"\section*{Parameters}", r"\begin{longtable}{p{5cm}rlp{6cm}}"]
    for parameter in PARAMETERS.values():
        source = parameter.source or "assumed"
        parts.append(
            rf"{_text(parameter.name)} & {parameter.value:g} & {_text(parameter.unit)} & "
            rf"{_text(parameter.meaning)} ({_text(source)}) \\"
        )
    return [*parts, r"\end{longtable}"]


def _text(words: str) -> str:
    for sign in "&%$#_{}":
        words = words.replace(sign, f"\\{sign}")
    return words.replace("~", r"\textasciitilde{}").replace("^", r"\textasciicircum{}")
