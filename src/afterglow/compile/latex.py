"""The equations as LaTeX, from the same symbols as everything else."""

from __future__ import annotations

from collections.abc import Iterable

import sympy
from sympy.printing.latex import LatexPrinter

from afterglow.model.course import course
from afterglow.model.symbols import Layer
from afterglow.parameters import PARAMETERS
from afterglow.version import __version__

__all__ = ["layer_equations", "to_latex"]

_GREATEST_WIDTH = 130


def _word(name: str) -> str:
    return name.replace("_", r"\_")


class _Printer(LatexPrinter):
    """States and quantities in upright words, parameters in slanted ones."""

    def __init__(self, parameters: Iterable[str]) -> None:
        super().__init__({"mul_symbol": "dot", "fold_short_frac": True})
        self._parameters = set(parameters)

    def _print_Symbol(self, expr: sympy.Symbol, style: str = "plain") -> str:
        face = "mathit" if expr.name in self._parameters else "mathrm"
        return rf"\{face}{{{_word(expr.name)}}}"


def _broken(left: str, expression: sympy.Expr, printer: _Printer) -> str:
    """Write ``left = expression``, one term a line when it is long."""
    whole = printer.doprint(expression)
    terms = sympy.Add.make_args(expression)
    if len(whole) < _GREATEST_WIDTH or len(terms) == 1:
        return f"{left} &= {whole}"
    printed = [printer.doprint(term) for term in terms]
    signed = [printed[0], *(t if t.startswith("-") else f"+ {t}" for t in printed[1:])]
    return f"{left} &= " + " \\\\\n  &\\quad ".join(signed)


def layer_equations(layer: Layer) -> list[str]:
    """Return the equations of one layer as lines of an ``aligned`` block."""
    printer = _Printer(course().parameter_names)
    name = printer.doprint
    lines = [_broken(name(sympy.Symbol(q.name)), q.expression, printer) for q in layer.quantities]
    for state in layer.states:
        rate = rf"\frac{{d\,{name(sympy.Symbol(state.name))}}}{{dt}}"
        lines.append(_broken(rate, state.derivative, printer))
    for jump in layer.jumps:
        for changed, change in jump.changes.items():
            new = rf"{name(sympy.Symbol(changed))}\Big|_{{\text{{after {_word(jump.event)}}}}}"
            lines.append(_broken(new, change, printer))
    return lines


def to_latex() -> str:
    """Return the whole model as a LaTeX document: equations by layer, and every parameter with its source."""
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
    parts += [r"\section*{Parameters}", r"\begin{longtable}{p{5cm}rlp{6cm}}"]
    for parameter in PARAMETERS.values():
        source = parameter.source or "assumed"
        parts.append(
            rf"{_text(parameter.name)} & {parameter.value:g} & {_text(parameter.unit)} & "
            rf"{_text(parameter.meaning)} ({_text(source)}) \\"
        )
    return "\n".join([*parts, r"\end{longtable}", r"\end{document}", ""])


def _text(words: str) -> str:
    for sign in "&%$#_{}":
        words = words.replace(sign, f"\\{sign}")
    return words.replace("~", r"\textasciitilde{}").replace("^", r"\textasciicircum{}")
