"""One participant's course through one arm as SBML Level 3, for any simulator that reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.dom.minidom import Document, Element

import sympy

from afterglow.model.course import course
from afterglow.parameters import PARAMETERS
from afterglow.simulate.one_person.impulses import Impulse, impulses, value_of
from afterglow.simulate.one_person.mathml import Writer
from afterglow.simulate.one_person.units import NONE, PARTS, Unit, unit, units_of_words
from afterglow.simulate.schedule import Schedule
from afterglow.version import __version__

__all__ = ["DAY", "SBML", "to_sbml"]

SBML = "http://www.sbml.org/sbml/level3/version1/core"
"""Namespace of the files."""

DAY = "protocol_day"
"""Name of the quantity that holds the day of the protocol."""

_XHTML = "http://www.w3.org/1999/xhtml"
_DAYS, _MG, _LITRES = unit("days"), unit("mg"), unit("L")


def to_sbml(plan: Schedule, values: Mapping[str, float], *, weight_kg: float, about: Sequence[str] = ()) -> str:
    """Write one participant's equations, parameters and events as SBML Level 3 Version 1, with units.

    Time is in days from the start of the schedule (``plan.begin``), amounts in mg, concentrations in ng/mL.

    Parameters
    ----------
    plan : Schedule
    values : mapping of str to float
        Every parameter and covariate, by name.
    weight_kg : float
    about : sequence of str
        Sentences for the notes of the file: whose course it is.

    Returns
    -------
    str
        Letters outside ASCII are written as references, so that any console and any file holds it whole.

    Raises
    ------
    ProtocolError
        If the arm meets in groups.
    """
    events = impulses(plan, values, weight_kg=weight_kg)
    return _File(plan, values, events, about).text


class _File:
    """The file while it is written."""

    def __init__(
        self, plan: Schedule, values: Mapping[str, float], events: Sequence[Impulse], about: Sequence[str]
    ) -> None:
        self.document = Document()
        self.units = units_of_words()
        self.used: set[Unit] = {_DAYS, _MG, _LITRES}
        self.writer = Writer(self.document, self.units, self.used)
        self.lists = {
            name: self.document.createElement(f"listOf{name}")
            for name in ("UnitDefinitions", "Parameters", "Rules", "Events")
        }
        self._constants(values)
        self._equations(values)
        self._day(plan.begin)
        for k, impulse in enumerate(events):
            self.lists["Events"].appendChild(self._event(k, impulse, plan.begin, len(events) - k))
        for used in sorted(self.used - {NONE}, key=lambda one: one.name):
            self.lists["UnitDefinitions"].appendChild(self._definition(used))
        said = (f"Written by Afterglow {__version__}.", *about)
        self._model([*said, f"Time is in days; 0 is day {plan.begin:g} of the protocol."])

    @property
    def text(self) -> str:
        written = self.document.toprettyxml(indent=" ", encoding="UTF-8").decode("utf-8")
        return written.encode("ascii", "xmlcharrefreplace").decode("ascii")

    def _model(self, about: Sequence[str]) -> None:
        units = {"timeUnits": _DAYS, "substanceUnits": _MG, "extentUnits": _MG, "volumeUnits": _LITRES}
        body = self._element("model", id="afterglow", **{name: one.name for name, one in units.items()})
        self._notes(body, about)
        for items in self.lists.values():
            if items.hasChildNodes():
                body.appendChild(items)
        root = self._element("sbml", **{"xmlns": SBML, "xmlns:sbml": SBML, "level": "3", "version": "1"})
        root.appendChild(body)
        self.document.appendChild(root)

    def _constants(self, values: Mapping[str, float]) -> None:
        for name in course().parameter_names:
            about = PARAMETERS[name].meaning if name in PARAMETERS else "Of this person"
            self._parameter(name, values[name], about, constant=True)

    def _equations(self, values: Mapping[str, float]) -> None:
        for layer in course().layers:
            for state in layer.states:
                self._parameter(state.name, value_of(state.start, values), state.meaning)
                self._rule("rateRule", state.name, state.derivative, self.units[state.name] / _DAYS)
            for given in layer.inputs:
                self._parameter(given.name, 0.0, given.meaning)
        for quantity in course().quantities:
            self._parameter(quantity.name, None, quantity.meaning)
            self._rule("assignmentRule", quantity.name, quantity.expression, self.units[quantity.name])

    def _day(self, begin: float) -> None:
        """Add the day of the protocol, which is what all tables of a run are in."""
        self._parameter(DAY, None, "Days from the first dosing day", of=_DAYS)
        rule = self._element("assignmentRule", variable=DAY)
        rule.appendChild(self.writer.whole(self.writer.apply("plus", self._time(), self.writer.number(begin, _DAYS))))
        self.lists["Rules"].appendChild(rule)

    def _parameter(
        self, name: str, value: float | None, about: str, *, constant: bool = False, of: Unit | None = None
    ) -> None:
        own = self.units[name] if of is None else of
        self.used.add(own)
        number = {} if value is None else {"value": repr(float(value))}
        item = self._element("parameter", id=name, constant=str(constant).lower(), units=own.name, **number)
        self._notes(item, [about])
        self.lists["Parameters"].appendChild(item)

    def _rule(self, kind: str, name: str, expression: sympy.Expr, of: Unit) -> None:
        rule = self._element(kind, variable=name)
        rule.appendChild(self.writer.math(expression, of))
        self.lists["Rules"].appendChild(rule)

    def _event(self, place: int, impulse: Impulse, begin: float, priority: int) -> Element:
        """Return an event; of several at the same time the one with the higher priority comes first."""
        event = self._element("event", id=f"event_{place}", name=impulse.name, useValuesFromTriggerTime="false")
        trigger = self._element("trigger", initialValue="false", persistent="true")
        due = self.writer.apply("geq", self._time(), self.writer.number(impulse.day - begin, _DAYS))
        trigger.appendChild(self.writer.whole(due))
        order = self._element("priority")
        order.appendChild(self.writer.whole(self.writer.number(priority, NONE)))
        assignments = self._element("listOfEventAssignments")
        for name, change in impulse.changes.items():
            assignment = self._element("eventAssignment", variable=name)
            assignment.appendChild(self.writer.math(change, self.units[name], impulse.arguments))
            assignments.appendChild(assignment)
        for item in (trigger, order, assignments):
            event.appendChild(item)
        return event

    def _time(self) -> Element:
        time = self._element("csymbol", encoding="text", definitionURL="http://www.sbml.org/sbml/symbols/time")
        time.appendChild(self.document.createTextNode("time"))
        return time

    def _definition(self, one: Unit) -> Element:
        found = self._element("unitDefinition", id=one.name)
        parts = self._element("listOfUnits")
        for name, power in one.powers:
            kind, ten, times = PARTS[name]
            parts.appendChild(
                self._element("unit", kind=kind, exponent=str(power), scale=str(ten), multiplier=str(times))
            )
        found.appendChild(parts)
        return found

    def _notes(self, parent: Element, sentences: Sequence[str]) -> None:
        notes = self._element("notes")
        for sentence in sentences:
            paragraph = self._element("p", xmlns=_XHTML)
            paragraph.appendChild(self.document.createTextNode(sentence))
            notes.appendChild(paragraph)
        parent.appendChild(notes)

    def _element(self, tag: str, /, **attributes: str) -> Element:
        found: Element = self.document.createElement(tag)
        for key, value in attributes.items():
            found.setAttribute(key, value)
        return found
