"""Addresses of the model: what can be chosen, quick runs, how sure they are, and files to take away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel

from afterglow.safety.purpose import PURPOSE
from afterglow.spreadsheet import csv_text
from afterglow.studio.designs.choices import Choices, choices
from afterglow.studio.designs.design import Design, protocol_of
from afterglow.studio.designs.result import FEW_DRAWS, QUICK_DRAWS, result_of
from afterglow.studio.designs.size import refuse_if_large, with_fewer_people
from afterglow.studio.explore.brain import Brain, brain_of
from afterglow.studio.explore.certainty import Certainty, Facts, calibration_facts, certainty_of
from afterglow.studio.explore.course import Course, course_of
from afterglow.studio.explore.why import Why, why_of
from afterglow.studio.quick_runs import QuickRuns, quick_runs
from afterglow.version import __version__

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["model"])

Gate = Annotated[QuickRuns, Depends(quick_runs)]

_CITATION = (
    f"The Afterglow authors. Afterglow: an open simulator of psychedelic-assisted therapy. Version {__version__}, 2026."
)


class About(BaseModel):
    """What the studio is, and what it rests on."""

    version: str
    purpose: str
    licence: str
    citation: str
    calibrated: Facts


@router.get("/choices")
def get_choices() -> Choices:
    """Return what the pages offer."""
    return choices()


@router.get("/about")
def get_about() -> About:
    """Return version, purpose, citation and what the calibration rests on."""
    return About(
        version=__version__,
        purpose=PURPOSE,
        licence="Apache-2.0",
        citation=_CITATION,
        calibrated=calibration_facts(),
    )


@router.post("/course", response_model=Course)
def post_course(design: Design, gate: Gate) -> Response:
    """Simulate a design at few draws of the parameters: a first answer, while `certainty` is on its way."""
    fewer = with_fewer_people(design, draws=QUICK_DRAWS)
    question = _question("course", fewer)
    return _json(gate.answer(question, lambda: course_of(fewer, progress=gate.heed), size="first"))


@router.post("/certainty", response_model=Certainty)
def post_certainty(design: Design, gate: Gate) -> Response:
    """Run a design in full: its course, 90 % intervals, and what each explanation alone says.

    The numbers are those of the command line. When many people wait there are fewer draws; the answer says how many.
    """
    refuse_if_large(design)
    draws = FEW_DRAWS if gate.is_crowded else None
    question = _question("certainty", design, draws)
    return _json(gate.answer(question, lambda: certainty_of(design, draws=draws, progress=gate.heed), size="full"))


@router.post("/brain", response_model=Brain)
def post_brain(design: Design, gate: Gate) -> Response:
    """Return what happens in the brains of the first arm's people, in hours and days, from the full run."""
    refuse_if_large(design)
    return _json(gate.answer(_question("brain", design), lambda: brain_of(design, progress=gate.heed), size="full"))


@router.post("/why", response_model=Why)
def post_why(design: Design, gate: Gate) -> Response:
    """Say why the score of the first arm falls: the parts of the fall, from the full run."""
    refuse_if_large(design)
    return _json(gate.answer(_question("why", design), lambda: why_of(design, progress=gate.heed), size="full"))


@router.post("/export/yaml", response_class=Response, responses={200: {"content": {"application/yaml": {}}}})
def post_yaml(design: Design) -> Response:
    """Return the design as a protocol file for the command line."""
    return _file(protocol_of(design).to_yaml(), "application/yaml", "afterglow-protocol.yaml")


@router.post("/export/csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def post_csv(design: Design, gate: Gate) -> Response:
    """Return the table of scores of the full run, each arm with and without integration."""
    refuse_if_large(design)
    result = gate.run(lambda: result_of(design, progress=gate.heed), size="full")
    labels = {arm.id: arm.label for arm in result.arms}
    rows = result.rows["scores"]
    text = csv_text([[*rows[0], "label"], *([*row.values(), labels[row["arm"]]] for row in rows)])
    return _file(text, "text/csv", "afterglow-scores.csv")


def _question(what: str, design: Design, draws: int | None = None) -> str:
    """Return all that an answer depends on."""
    return f"{what} {draws} {design.model_dump_json()}"


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


def _file(text: str, kind: str, name: str) -> Response:
    return Response(
        text.encode("utf-8"),
        media_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
