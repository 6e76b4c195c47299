"""Equations as MathML in which every number has its unit.

The equations are written with bare numbers, as all in them is in days, hours, mg, L and ng/mL: 24 stands for the hours
of a day, 1000 for the ng/mL of a mg/L. What a product lacks in units is the unit of its number.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.dom.minidom import Document, Element

import sympy

from afterglow.simulate.one_person.units import NONE, Unit

__all__ = ["MATHML", "Writer"]

MATHML = "http://www.w3.org/1998/Math/MathML"


class Writer:
    """Writes expressions as content MathML of SBML.

    Parameters
    ----------
    document : Document
        Makes the elements.
    units : mapping of str to Unit
        Of each word.
    used : set of Unit
        Grows by the units of the numbers written.
    """

    def __init__(self, document: Document, units: Mapping[str, Unit], used: set[Unit]) -> None:
        self._document, self._units, self._used = document, units, used
        self._numbers: Mapping[str, float] = {}

    def math(self, expression: sympy.Expr, wanted: Unit, numbers: Mapping[str, float] | None = None) -> Element:
        """Return the element ``math`` of an expression in the unit `wanted`, with some words replaced by numbers."""
        self._numbers = numbers or {}
        return self.whole(self._written(sympy.sympify(expression), wanted))

    def whole(self, inside: Element) -> Element:
        """Return the element ``math`` around what was written."""
        found = self._element("math", inside)
        found.setAttribute("xmlns", MATHML)
        return found

    def apply(self, name: str, *arguments: Element) -> Element:
        """Return an operation on what was written."""
        return self._element("apply", self._document.createElement(name), *arguments)

    def number(self, value: float | sympy.Number, of: Unit) -> Element:
        """Return a number with its unit."""
        whole = isinstance(value, int | sympy.Integer)
        text = str(int(value)) if whole else repr(float(value))
        found: Element = self._document.createElement("cn")
        found.setAttribute("sbml:units", of.name)
        self._used.add(of)
        mantissa, power, exponent = text.partition("e")
        found.setAttribute("type", "e-notation" if power else "integer" if whole else "real")
        found.appendChild(self._document.createTextNode(mantissa))
        if power:
            found.appendChild(self._document.createElement("sep"))
            found.appendChild(self._document.createTextNode(str(int(exponent))))
        return found

    def _written(self, e: sympy.Expr, wanted: Unit) -> Element:
        if e.is_Number:
            return self.number(e, wanted)
        if e.is_Symbol:
            return self._product(sympy.S.One, [e], wanted)
        if e.is_Add:
            return self.apply("plus", *(self._written(term, wanted) for term in e.args))
        if e.is_Mul:
            number, rest = e.as_coeff_Mul()
            return self._product(number, list(sympy.Mul.make_args(rest)), wanted)
        return self._product(sympy.S.One, [e], wanted)

    def _product(self, number: sympy.Number, factors: list[sympy.Expr], wanted: Unit) -> Element:
        """Write a product; what it lacks in units goes to its number, or into a sum whose numbers can take it."""
        natural = [self._unit(factor) for factor in factors]
        lacking = wanted
        for own in natural:
            lacking = lacking / own
        lacks = lacking.size != NONE.size
        if number.is_negative:
            return self.apply("minus", self._product(-number, factors, wanted))
        if lacks and number == 1:
            loose = [k for k, factor in enumerate(factors) if factor.is_Add and not self._settled(factor)]
            if loose:
                natural[loose[0]] = natural[loose[0]] * lacking
                lacks = False
        above = [self.number(number, lacking if lacks else NONE)] if number != 1 or lacks else []
        below = []
        for factor, own in zip(factors, natural, strict=True):
            base, power = factor.as_base_exp()
            if power.is_Number and power.is_negative:
                below.append(self._factor(base**-power, own**-1))
            else:
                above.append(self._factor(factor, own))
        top = self._times(above) if above else self.number(1, NONE)
        return self.apply("divide", top, self._times(below)) if below else top

    def _factor(self, e: sympy.Expr, own: Unit) -> Element:
        if e.is_Symbol:
            known = self._numbers.get(e.name)
            return self._element("ci", e.name) if known is None else self.number(known, own)
        if e.is_Add or e.is_Number:
            return self._written(e, own)
        if isinstance(e, sympy.exp | sympy.log):
            return self.apply("exp" if isinstance(e, sympy.exp) else "ln", self._written(e.args[0], NONE))
        if e.is_Pow:
            base, power = e.args
            return self.apply("power", self._written(base, self._unit(base)), self._written(power, NONE))
        raise ValueError(f"{e} has no place in these equations")

    def _unit(self, e: sympy.Expr) -> Unit:
        """Return the unit that an expression has if the numbers in its products have none."""
        if e.is_Symbol:
            return self._units[e.name]
        if e.is_Add:
            terms = sorted((term for term in e.args if not term.is_Number), key=self._settled, reverse=True)
            return self._unit(terms[0])
        if e.is_Mul:
            found = NONE
            for factor in e.args:
                found = found * self._unit(factor)
            return found
        if e.is_Pow and e.args[1].is_Integer:
            return self._unit(e.args[0]) ** int(e.args[1])
        return NONE

    def _settled(self, e: sympy.Expr) -> bool:
        """Return whether no number in an expression could change its unit."""
        if e.is_Add:
            return any(self._settled(term) for term in e.args)
        if e.is_Mul:
            number, rest = e.as_coeff_Mul()
            return abs(number) == 1 and all(self._settled(factor) for factor in sympy.Mul.make_args(rest))
        if e.is_Pow:
            return self._settled(e.args[0])
        return not e.is_Number

    def _times(self, factors: list[Element]) -> Element:
        return factors[0] if len(factors) == 1 else self.apply("times", *factors)

    def _element(self, name: str, *inside: Element | str) -> Element:
        found: Element = self._document.createElement(name)
        for item in inside:
            found.appendChild(self._document.createTextNode(item) if isinstance(item, str) else item)
        return found
