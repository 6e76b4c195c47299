"""Addresses of the model: what can be chosen, quick runs, how sure they are, and files to take away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel
from pydantic_core import from_json, to_json

from afterglow.safety.purpose import PURPOSE
from afterglow.spreadsheet import csv_text
from afterglow.studio.answer_process import Work
from afterglow.studio.answers import Answers, answers
from afterglow.studio.designs.choices import Choices, choices
from afterglow.studio.designs.design import Design, protocol_of
from afterglow.studio.designs.result import FULL, Effort, result_of
from afterglow.studio.designs.size import first_effort, full_effort, person_years, refuse_if_large
from afterglow.studio.explore.brain import Brain, brain_of
from afterglow.studio.explore.certainty import Certainty, Facts, calibration_facts, certainty_of
from afterglow.studio.explore.course import Course, course_of
from afterglow.studio.explore.why import Why, why_of
from afterglow.studio.quick_runs import Size
from afterglow.version import __version__

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["model"])

Quick = Annotated[Answers, Depends(answers)]

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
def post_course(design: Design, quick: Quick) -> Response:
    """Simulate a design at few draws of the parameters: a first answer, while `certainty` is on its way.

    Where so many ask that both are the same run, the answer to `certainty` is made at once, and kept.
    """
    crowd = quick.crowd
    effort, full = first_effort(design, crowd), full_effort(design, crowd)
    if effort == full:
        return _json(to_json(from_json(_sure(design, quick, effort, size="first"))["course"]))
    crowded = full != FULL
    work, years = partial(course_of, design, effort=effort, crowded=crowded), person_years(design, effort)
    what = "course in a crowd" if crowded else "course"
    return _json(quick.find(_question(what, design, effort), work, years=years, size="first"))


@router.post("/certainty", response_model=Certainty)
def post_certainty(design: Design, quick: Quick) -> Response:
    """Run a design in full: its course, 90 % intervals, and what each explanation alone says.

    The numbers are those of the command line. When many people wait there are fewer draws and people; the answer says
    how many.
    """
    return _json(_sure(design, quick, full_effort(design, quick.crowd)))


@router.post("/brain", response_model=Brain)
def post_brain(design: Design, quick: Quick) -> Response:
    """Return what happens in the brains of the first arm's people, in hours and days, from the full run."""
    return _json(_in_full("brain", partial(brain_of, design), design, quick))


@router.post("/why", response_model=Why)
def post_why(design: Design, quick: Quick) -> Response:
    """Say why the score of the first arm falls: the parts of the fall, from the full run."""
    return _json(_in_full("why", partial(why_of, design), design, quick))


@router.post("/export/yaml", response_class=Response, responses={200: {"content": {"application/yaml": {}}}})
def post_yaml(design: Design) -> Response:
    """Return the design as a protocol file for the command line."""
    return _file(protocol_of(design).to_yaml().encode(), "application/yaml", "afterglow-protocol.yaml")


@router.post("/export/csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def post_csv(design: Design, quick: Quick) -> Response:
    """Return the table of scores of the full run, each arm with and without integration."""
    text = _in_full("csv", partial(scores_text, design), design, quick)
    return _file(text, "text/csv", "afterglow-scores.csv")


def scores_text(design: Design, *, progress: Callable[[int, int], None] | None = None) -> bytes:
    """Return the table of scores of the full run as comma-separated text."""
    result = result_of(design, progress=progress)
    labels = {arm.id: arm.label for arm in result.arms}
    rows = result.rows["scores"]
    return csv_text([[*rows[0], "label"], *([*row.values(), labels[row["arm"]]] for row in rows)]).encode()


def _sure(design: Design, quick: Answers, effort: Effort, *, size: Size = "full") -> bytes:
    return _in_full("certainty", partial(certainty_of, design, effort=effort), design, quick, effort, size=size)


def _in_full(
    what: str, work: Work, design: Design, quick: Answers, effort: Effort = FULL, *, size: Size = "full"
) -> bytes:
    refuse_if_large(design)
    return quick.find(_question(what, design, effort), work, years=person_years(design, effort), size=size)


def _question(what: str, design: Design, effort: Effort) -> str:
    """Return all that an answer depends on."""
    return f"{what} {effort} {design.model_dump_json()}"


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


def _file(text: bytes, kind: str, name: str) -> Response:
    return Response(
        text,
        media_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
