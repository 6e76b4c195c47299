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

_FEWER_DRAWS = 4
"""Draws of a first answer while many people wait: one for each explanation."""

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


@router.post("/course")
def post_course(design: Design, gate: Gate) -> Course:
    """Simulate a design at few draws of the parameters: a first answer, while `certainty` is on its way.

    When many people wait there are fewer draws still; the answer says how many.
    """
    draws = _FEWER_DRAWS if gate.is_crowded else QUICK_DRAWS
    fewer = with_fewer_people(design, draws=draws)
    return gate.run(lambda: course_of(fewer, draws=draws, progress=gate.heed))


@router.post("/certainty")
def post_certainty(design: Design, gate: Gate) -> Certainty:
    """Run a design in full: its course, 90 % intervals, and what each explanation alone says.

    The numbers are those of the command line. When many people wait there are fewer draws; the answer says how many.
    """
    refuse_if_large(design)
    return gate.run(lambda: certainty_of(design, draws=FEW_DRAWS if gate.is_crowded else None, progress=gate.heed))


@router.post("/brain")
def post_brain(design: Design, gate: Gate) -> Brain:
    """Return what happens in the brains of the first arm's people, in hours and days, from the full run."""
    refuse_if_large(design)
    return gate.run(lambda: brain_of(design, progress=gate.heed))


@router.post("/why")
def post_why(design: Design, gate: Gate) -> Why:
    """Say why the score of the first arm falls: the parts of the fall, from the full run."""
    refuse_if_large(design)
    return gate.run(lambda: why_of(design, progress=gate.heed))


@router.post("/export/yaml", response_class=Response, responses={200: {"content": {"application/yaml": {}}}})
def post_yaml(design: Design) -> Response:
    """Return the design as a protocol file for the command line."""
    return _file(protocol_of(design).to_yaml(), "application/yaml", "afterglow-protocol.yaml")


@router.post("/export/csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def post_csv(design: Design, gate: Gate) -> Response:
    """Return the table of scores of the full run, each arm with and without integration."""
    refuse_if_large(design)
    result = gate.run(lambda: result_of(design, progress=gate.heed))
    labels = {arm.id: arm.label for arm in result.arms}
    rows = result.rows["scores"]
    text = csv_text([[*rows[0], "label"], *([*row.values(), labels[row["arm"]]] for row in rows)])
    return _file(text, "text/csv", "afterglow-scores.csv")


def _file(text: str, kind: str, name: str) -> Response:
    return Response(
        text.encode("utf-8"),
        media_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
