"""A person of a run, exported: the run's own numbers elsewhere, units on everything, an archive that others open."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from xml.dom.minidom import parseString

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from tests import protocols as plan
from typer.testing import CliRunner

from afterglow import Protocol, Result, simulate
from afterglow.cli.main import app
from afterglow.errors import AfterglowError
from afterglow.simulate.one_person.omex import to_omex
from afterglow.simulate.one_person.person import Person, person_of
from afterglow.simulate.one_person.sbml import to_sbml
from afterglow.simulate.one_person.units import PARTS, units_of_words

roadrunner = pytest.importorskip("roadrunner")
libsbml = pytest.importorskip("libsbml")

WITHIN = 1e-3
"""Errors of a run are up to 0.03 points, 5e-4 of a scale of 60."""

SPEC = {
    **plan.protocol(
        plan.RESISTANT,
        [-1, 7, 28],
        ketamine={
            "doses": [plan.ketamine(0), plan.ketamine(3)],
            "sessions": [plan.session(-1, "preparation"), *plan.training(1), plan.session(5)],
            "practice": [{"from_day": 1, "to_day": 20, "hours_per_week": 3}],
        },
        psilocybin={"doses": [plan.psilocybin()], "sessions": [plan.sit(0), plan.session(1)]},
    ),
    "title": "Zwei µ & <Arme>",
    "horizon_days": 30,
}


@pytest.fixture(scope="module")
def run() -> Result:
    return simulate(Protocol.made(SPEC), participants=9, draws=8, seed=5)


@pytest.fixture(scope="module")
def person(run: Result) -> Person:
    return person_of(run.run.spec, run.run.draws, arm="ketamine", draw=2, participant=7)


def sbml_of(person: Person) -> str:
    return to_sbml(person.plan, person.values, weight_kg=person.weight_kg, about=person.about)


def severity(run: Result, person: Person) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Days and severity of a person in the run."""
    values = run.run.severity[person.draw_number, run.run.places[person.arm.id], person.participant]
    inside = run.run.times >= person.plan.begin
    return run.run.times[inside], values[inside]


@pytest.mark.parametrize(
    ("arm", "draw", "participant"),
    [("psilocybin", 0, 3), ("ketamine|no integration", 5, 8)],
)
def test_elsewhere_a_person_has_the_course_of_the_run(run: Result, arm: str, draw: int, participant: int) -> None:
    one = person_of(run.run.spec, run.run.draws, arm=arm, draw=draw, participant=participant)
    days, expected = severity(run, one)
    model = roadrunner.RoadRunner(sbml_of(one))
    model.timeCourseSelections = ["protocol_day", "symptom"]
    found = np.array(model.simulate(times=np.unique([0.0, *(days - one.plan.begin)])))[-len(days) :]
    assert np.allclose(found[:, 0], days)
    assert np.abs(found[:, 1] - expected).max() <= WITHIN
    others = [person_of(run.run.spec, run.run.draws, arm=arm, draw=k, participant=participant) for k in (1, 3)]
    assert all(np.abs(severity(run, other)[1] - found[:, 1]).max() > WITHIN for other in others)


def test_a_larger_cohort_is_parted_and_the_person_is_still_that_of_the_run() -> None:
    spec = {**SPEC, "arms": SPEC["arms"][1:]}
    parted = simulate(Protocol.made(spec), participants=256, draws=4, twins=False)
    assert {draw.replicate for draw in parted.run.draws} == {0, 1, 2, 3}
    for draw in range(4):
        one = person_of(parted.run.spec, parted.run.draws, arm=None, draw=draw, participant=63)
        days, expected = severity(parted, one)
        assert np.abs(one.course(days)[0] - expected).max() <= WITHIN


def test_the_format_finds_no_fault_of_units(person: Person) -> None:
    text = sbml_of(person)
    assert text.isascii()
    assert faults(text) == []
    wrong = text.replace('sbml:units="h_per_day"', 'sbml:units="day"')
    assert faults(wrong)
    notes = {node.firstChild.data for node in parseString(text).getElementsByTagName("p")}
    assert set(person.about) <= notes


def faults(text: str) -> list[str]:
    document = libsbml.readSBMLFromString(text)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, True)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_MODELING_PRACTICE, True)
    document.checkConsistency()
    return [document.getError(k).getMessage() for k in range(document.getNumErrors())]


def test_numbers_in_the_equations_are_conversions_of_known_units(person: Person) -> None:
    """The one number that converts nothing is the hour of homework a day that counts as all of a practice."""
    model = libsbml.readSBMLFromString(sbml_of(person)).getModel()
    found = {
        (rule.getVariable() if node.getUnits() == "day_per_h" else "", node.getUnits())
        for rule in (model.getRule(k) for k in range(model.getNumRules()))
        for node in numbers(rule.getMath())
    }
    conversions = {("", unit) for unit in ("dimensionless", "h_per_day", "L_ng_per_mL_mg", "day")}
    assert found == conversions | {("activity", "day_per_h")}
    assert {name for unit in units_of_words().values() for name, _ in unit.powers} <= set(PARTS)
    parameters = [model.getParameter(k) for k in range(model.getNumParameters())]
    assert all(parameter.isSetUnits() for parameter in parameters)
    assert model.getParameter("symptom_days").getUnits() == "day"
    assert model.getParameter("concentration_ketamine").getUnits() == "ng_per_mL"


def numbers(node: object) -> list[object]:
    if node.isNumber():
        return [node]
    return [found for k in range(node.getNumChildren()) for found in numbers(node.getChild(k))]


def test_an_archive_opens_elsewhere_and_gives_the_same_curve(run: Result, person: Person, tmp_path: Path) -> None:
    libcombine, libsedml = pytest.importorskip("libcombine"), pytest.importorskip("libsedml")
    path = tmp_path / "person.omex"
    path.write_bytes(to_omex(person, run.run.times))
    archive = libcombine.CombineArchive()
    assert archive.initializeFromArchive(str(path))
    master = archive.getMasterFile().getLocation()
    about = archive.getMetadataForLocation(".")
    assert f"participant {person.participant} at draw {person.draw_number}" in about.getDescription()
    assert run.run.spec.key in about.getDescription()
    sedml = libsedml.readSedMLFromString(archive.extractEntryToString(master))
    assert sedml.getNumErrors() == 0, sedml.getErrorLog().toString()
    task, course = sedml.getTask(0), sedml.getSimulation(0)
    source = sedml.getModel(task.getModelReference()).getSource()
    model = roadrunner.RoadRunner(archive.extractEntryToString(f"./{source}"))
    report = next(o for o in (sedml.getOutput(k) for k in range(sedml.getNumOutputs())) if o.isSedReport())
    columns = [report.getDataSet(k).getLabel() for k in range(report.getNumDataSets())]
    assert {"protocol_day", "symptom", "concentration_ketamine", "concentration_norketamine"} <= set(columns)
    model.timeCourseSelections = columns
    settings = course.getAlgorithm()
    values = {p.getKisaoID(): float(p.getValue()) for p in map(settings.getAlgorithmParameter, range(3))}
    integrator = model.getIntegrator()
    integrator.relative_tolerance, integrator.absolute_tolerance = values["KISAO:0000209"], values["KISAO:0000211"]
    integrator.maximum_num_steps = int(values["KISAO:0000415"])
    points = course.getNumberOfPoints() + 1
    found = np.array(model.simulate(course.getOutputStartTime(), course.getOutputEndTime(), points))
    told = list(csv.DictReader(io.StringIO(archive.extractEntryToString("./course.csv"))))
    days = np.array([float(row["protocol_day"]) for row in told])
    symptom = np.array([float(row["symptom"]) for row in told])
    hours = np.isclose(days * 24, np.round(days * 24), atol=1e-4)
    assert hours.sum() > 30
    shown = np.interp(days[hours], found[:, columns.index("protocol_day")], found[:, columns.index("symptom")])
    assert np.abs(shown - symptom[hours]).max() <= WITHIN


def test_what_cannot_be_exported_is_said(run: Result) -> None:
    spec, draws = run.run.spec, run.run.draws
    for asked, said in (
        ({"arm": "ketamin", "draw": 0, "participant": 0}, "did you mean 'ketamine'"),
        ({"arm": None, "draw": 8, "participant": 0}, "there is no draw 8: the run has draws 0 to 7"),
        ({"arm": None, "draw": 0, "participant": 9}, "there is no participant 9: the run has participants 0 to 8"),
    ):
        with pytest.raises(AfterglowError, match=said):
            person_of(spec, draws, **asked)


def test_the_command_exports_the_person_of_a_file_or_of_the_same_options(tmp_path: Path) -> None:
    protocol, saved, out = tmp_path / "p.yaml", tmp_path / "result.nc", tmp_path / "one.omex"
    protocol.write_text(yaml.safe_dump(SPEC, allow_unicode=True), encoding="utf-8")
    simulate(Protocol.made(SPEC), participants=3, draws=2, seed=9, rival="additive").save(saved)
    place = ["--arm", "psilocybin", "--draw", "1", "--participant", "2"]

    def said(*arguments: str) -> str:
        found = CliRunner().invoke(app, ["export", *arguments], catch_exceptions=True)
        if found.exit_code:
            raise found.exception or AssertionError(found.output)
        return found.output

    options = ["-n", "3", "--draws", "2", "--seed", "9", "--rival", "additive"]
    text = said("sbml", str(protocol), *place, *options)
    assert text == said("sbml", str(saved), *place)
    assert "calibrated on published trials, explanation additive; seed 9, 3 people" in text
    with pytest.raises(AfterglowError, match=r"is a run already, so leave out .*: seed"):
        said("sbml", str(saved), "--seed", "9")
    assert "not calibrated" in said("sbml", str(protocol), "--uncalibrated")
    assert said("omex", str(saved), "-o", str(out), *place) == f"Archive: {out}\n"
    with zipfile.ZipFile(out) as archive:
        assert archive.read("person.xml").decode() == text
