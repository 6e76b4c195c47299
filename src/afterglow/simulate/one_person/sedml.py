"""How to simulate an exported person, as SED-ML: over which days, with which solver, and what to show."""

from __future__ import annotations

from collections.abc import Sequence
from xml.dom.minidom import Document, Element

from afterglow.simulate.one_person.mathml import MATHML
from afterglow.simulate.one_person.sbml import DAY, SBML

__all__ = ["SEDML", "to_sedml"]

SEDML = "http://sed-ml.org/sed-ml/level1/version3"
"""Namespace of the files."""

_LANGUAGE = "urn:sedml:language:sbml.level-3.version-1"
_PER_DAY = 24
_CVODE = "KISAO:0000019"
_SETTINGS = {"KISAO:0000209": "1e-08", "KISAO:0000211": "1e-09", "KISAO:0000415": "200000"}
"""Of CVODE: relative and absolute tolerance, and most steps."""


def to_sedml(source: str, *, days: float, names: Sequence[str]) -> str:
    """Write a simulation of an exported person, a plot of the symptom and a table, as SED-ML Level 1 Version 3.

    Parameters
    ----------
    source : str
        Name of the SBML file beside this one.
    days : float
        How long, from the start of the schedule; shown every hour.
    names : sequence of str
        States and quantities of the table.
    """
    document = Document()

    def element(tag: str, /, *inside: Element, **attributes: str) -> Element:
        found: Element = document.createElement(tag)
        for key, value in attributes.items():
            found.setAttribute(key, value)
        for item in inside:
            found.appendChild(item)
        return found

    def generator(name: str) -> Element:
        target = f"/sbml:sbml/sbml:model/sbml:listOfParameters/sbml:parameter[@id='{name}']"
        variable = element("variable", id=f"{name}_found", taskReference="task", target=target)
        word = element("ci")
        word.appendChild(document.createTextNode(f"{name}_found"))
        shown = element("listOfVariables", variable)
        return element("dataGenerator", shown, element("math", word, xmlns=MATHML), id=name, name=name)

    shown = (DAY, *names)
    settings = (element("algorithmParameter", kisaoID=key, value=value) for key, value in _SETTINGS.items())
    solver = element("algorithm", element("listOfAlgorithmParameters", *settings), kisaoID=_CVODE)
    axes = {"xDataReference": DAY, "yDataReference": "symptom", "logX": "false", "logY": "false"}
    columns = (element("dataSet", id=f"column_{name}", label=name, dataReference=name) for name in shown)
    root = element(
        "sedML",
        element(
            "listOfSimulations",
            element(
                "uniformTimeCourse",
                solver,
                id="course",
                initialTime="0",
                outputStartTime="0",
                outputEndTime=repr(float(days)),
                numberOfPoints=str(max(1, round(days * _PER_DAY))),
            ),
        ),
        element("listOfModels", element("model", id="person", language=_LANGUAGE, source=source)),
        element("listOfTasks", element("task", id="task", modelReference="person", simulationReference="course")),
        element("listOfDataGenerators", *(generator(name) for name in shown)),
        element(
            "listOfOutputs",
            element("plot2D", element("listOfCurves", element("curve", id="curve", **axes)), id="plot", name="Symptom"),
            element("report", element("listOfDataSets", *columns), id="table", name="Course"),
        ),
        **{"xmlns": SEDML, "xmlns:sbml": SBML, "level": "1", "version": "3"},
    )
    document.appendChild(root)
    return document.toprettyxml(indent=" ", encoding="UTF-8").decode("utf-8")
