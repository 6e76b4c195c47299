"""One participant's course through one arm as SBML Level 3, for any simulator that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.dom.minidom import Document, Element, parseString

import sympy
from sympy.printing.mathml import MathMLContentPrinter

from afterglow.model.course import course
from afterglow.model.symbols import symbol
from afterglow.parameters import PARAMETERS
from afterglow.simulate.one_person.impulses import impulses
from afterglow.simulate.schedule import Schedule
from afterglow.version import __version__

__all__ = ["to_sbml"]

_SBML = "http://www.sbml.org/sbml/level3/version1/core"
_MATHML = "http://www.w3.org/1998/Math/MathML"
_TIME = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time"> time </csymbol>'


class _Printer(MathMLContentPrinter):
    """Content MathML with the model's words as they are."""

    def _print_Symbol(self, sym: sympy.Symbol) -> Element:
        item: Element = self.dom.createElement("ci")
        item.appendChild(self.dom.createTextNode(sym.name))
        return item


def _math(document: Document, expression: sympy.Expr) -> Element:
    math: Element = document.createElement("math")
    math.setAttribute("xmlns", _MATHML)
    math.appendChild(document.importNode(_Printer()._print(sympy.sympify(expression)), True))
    return math


def to_sbml(plan: Schedule, values: Mapping[str, float], *, weight_kg: float) -> str:
    """Write one participant's equations, parameters and events as SBML Level 3 Version 1.

    Time is in days from the start of the schedule (``plan.begin``), amounts in mg, concentrations in ng/mL.

    Parameters
    ----------
    plan : Schedule
    values : mapping of str to float
        Every parameter and covariate, by name.
    weight_kg : float

    Returns
    -------
    str

    Raises
    ------
    ProtocolError
        If the arm meets in groups.
    """
    model = course()
    document = Document()
    root = document.createElement("sbml")
    root.setAttribute("xmlns", _SBML)
    root.setAttribute("level", "3")
    root.setAttribute("version", "1")
    document.appendChild(root)
    body = document.createElement("model")
    body.setAttribute("id", "afterglow")
    root.appendChild(body)
    _notes(document, body, f"Afterglow {__version__}. Time in days; 0 is day {plan.begin:g} of the protocol.")
    lists = {}
    for name in ("listOfParameters", "listOfRules", "listOfEvents"):
        lists[name] = document.createElement(name)
        body.appendChild(lists[name])
    parameters, rules = lists["listOfParameters"], lists["listOfRules"]
    known = {symbol(name): value for name, value in values.items()}
    for name in model.parameter_names:
        about = PARAMETERS[name].meaning + f" [{PARAMETERS[name].unit}]" if name in PARAMETERS else "covariate"
        parameters.appendChild(_parameter(document, name, values[name], about, constant=True))
    for layer in model.layers:
        for state in layer.states:
            start = float(sympy.sympify(state.start).subs(known))
            about = f"{state.meaning} [{state.unit}]"
            parameters.appendChild(_parameter(document, state.name, start, about, constant=False))
            rules.appendChild(_rule(document, "rateRule", state.name, state.derivative))
        for given in layer.inputs:
            parameters.appendChild(_parameter(document, given.name, 0.0, given.meaning, constant=False))
    for quantity in model.quantities:
        about = f"{quantity.meaning} [{quantity.unit}]"
        parameters.appendChild(_parameter(document, quantity.name, None, about, constant=False))
        rules.appendChild(_rule(document, "assignmentRule", quantity.name, quantity.expression))
    events = impulses(plan, values, weight_kg=weight_kg)
    for k, impulse in enumerate(events):
        event = _event(document, f"event_{k}", impulse.day - plan.begin, len(events) - k)
        assignments = document.createElement("listOfEventAssignments")
        for name, change in impulse.changes.items():
            assignment = document.createElement("eventAssignment")
            assignment.setAttribute("variable", name)
            assignment.appendChild(_math(document, change))
            assignments.appendChild(assignment)
        event.appendChild(assignments)
        lists["listOfEvents"].appendChild(event)
    if not events:
        body.removeChild(lists["listOfEvents"])
    return document.toprettyxml(indent=" ", encoding="UTF-8").decode("utf-8")


def _notes(document: Document, parent: Element, text: str) -> None:
    notes = document.createElement("notes")
    paragraph = document.createElement("p")
    paragraph.setAttribute("xmlns", "http://www.w3.org/1999/xhtml")
    paragraph.appendChild(document.createTextNode(text))
    notes.appendChild(paragraph)
    parent.appendChild(notes)


def _parameter(document: Document, name: str, value: float | None, about: str, *, constant: bool) -> Element:
    item = document.createElement("parameter")
    item.setAttribute("id", name)
    item.setAttribute("constant", str(constant).lower())
    if value is not None:
        item.setAttribute("value", repr(float(value)))
    _notes(document, item, about)
    return item


def _rule(document: Document, kind: str, name: str, expression: sympy.Expr) -> Element:
    rule = document.createElement(kind)
    rule.setAttribute("variable", name)
    rule.appendChild(_math(document, expression))
    return rule


def _event(document: Document, name: str, time: float, priority: int) -> Element:
    """Return an event at `time`; of several at the same time the one with the higher priority comes first."""
    event = document.createElement("event")
    event.setAttribute("id", name)
    event.setAttribute("useValuesFromTriggerTime", "false")
    trigger = document.createElement("trigger")
    trigger.setAttribute("initialValue", "false")
    trigger.setAttribute("persistent", "true")
    condition = f'<math xmlns="{_MATHML}"><apply><geq/>{_TIME}<cn>{time!r}</cn></apply></math>'
    written: Any = parseString(condition).documentElement
    trigger.appendChild(document.importNode(written, True))
    event.appendChild(trigger)
    order = document.createElement("priority")
    order.appendChild(_math(document, sympy.Integer(priority)))
    event.appendChild(order)
    return event
