"""Addresses of the model: what can be chosen, quick runs, how sure they are, and files to take away."""

from __future__ import annotations

import csv
import io
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel

from afterglow.posterior import shipped
from afterglow.safety.purpose import PURPOSE
from afterglow.studio.designs.choices import Choices, choices
from afterglow.studio.designs.design import Design, protocol_of
from afterglow.studio.explore.certainty import Certainty, Facts, certainty_of
from afterglow.studio.explore.course import Course, course_of
from afterglow.studio.jobs.quick import QuickRuns, quick_runs
from afterglow.version import __version__

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["model"])

Gate = Annotated[QuickRuns, Depends(quick_runs)]

_CROWDED, _FEW = 2, 80
"""From so many waiting requests on, so many virtual people are simulated."""

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
    made = shipped("window").diagnostics
    return About(
        version=__version__,
        purpose=PURPOSE,
        licence="Apache-2.0",
        citation=_CITATION,
        calibrated=Facts(
            studies=len(made["studies"]),
            rows=int(made["rows"]),
            pareto_k=round(float(made["pareto_k"]), 2),
            effective_draws=round(float(made["effective_draws"])),
        ),
    )


@router.post("/course")
def post_course(design: Design, gate: Gate) -> Course:
    """Simulate a design: curves, windows, scores, and the same people without integration.

    When many people wait, fewer virtual people are simulated; the answer says how many.
    """
    return gate.run(lambda: course_of(_fitting(design, gate)))


@router.post("/certainty")
def post_certainty(design: Design, gate: Gate) -> Certainty:
    """Return credible bands of a design, what the rivals say, and how sure the model is."""
    return gate.run(lambda: certainty_of(_fitting(design, gate)))


@router.post("/export/yaml", response_class=Response, responses={200: {"content": {"application/yaml": {}}}})
def post_yaml(design: Design) -> Response:
    """Return the design as a protocol file for the command line."""
    return _file(protocol_of(design).to_yaml(), "application/yaml", "afterglow-protocol.yaml")


@router.post("/export/csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def post_csv(design: Design, gate: Gate) -> Response:
    """Return the scores of every arm and visit as a table."""
    course = gate.run(lambda: course_of(design))
    text = io.StringIO()
    columns = ["arm", "scale", "day", "mean", "low", "high", "response", "remission", "twin_mean", "twin_response"]
    table = csv.writer(text)
    table.writerow(columns)
    for arm in course.arms:
        for row in arm.scores:
            table.writerow([_safe(arm.label), *(getattr(row, name) for name in columns[1:])])
    return _file(text.getvalue(), "text/csv", "afterglow-scores.csv")


def _fitting(design: Design, gate: QuickRuns) -> Design:
    if gate.waiting < _CROWDED:
        return design
    return design.model_copy(update={"participants": min(design.participants, _FEW)})


def _safe(label: str) -> str:
    """Keep a spreadsheet from reading a label as a formula."""
    return f"'{label}" if label[:1] in ("=", "+", "-", "@", "\t", "\r") else label


def _file(text: str, kind: str, name: str) -> Response:
    return Response(
        text.encode("utf-8"),
        media_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
