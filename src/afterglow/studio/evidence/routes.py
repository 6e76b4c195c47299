"""Routes of the page Evidence: studies, predictions, rivals and parameters."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from afterglow.errors import ProtocolError
from afterglow.evidence.studies.library import study
from afterglow.studio.evidence import pages, tables
from afterglow.studio.evidence.pages import StudyDetail, StudySummary
from afterglow.studio.evidence.tables import EvidenceFacts, ParameterRow, Rivals, Scoreboard
from afterglow.studio.quick_runs import QuickRuns, quick_runs
from afterglow.studio.refusals import ErrorAnswer, Refused

__all__ = ["router"]

router = APIRouter(prefix="/api/evidence", tags=["evidence"])

Gate = Annotated[QuickRuns, Depends(quick_runs)]
Name = Annotated[str, Path(min_length=1, max_length=80)]


@router.get("/facts")
def facts(runs: Gate) -> EvidenceFacts:
    """Return what the calibration rests on."""
    return runs.run(tables.evidence_facts)


@router.get("/studies")
def studies(runs: Gate) -> list[StudySummary]:
    """List every study of the package, fitted to or kept apart."""
    return list(runs.run(pages.studies))


@router.get("/studies/{name}", responses={404: {"model": ErrorAnswer, "description": "No study has that name"}})
def study_detail(name: Name, runs: Gate) -> StudyDetail:
    """Return a study with all its numbers and, where it was fitted, what the other studies foretell of them."""
    try:
        study(name)
    except ProtocolError as error:
        raise Refused(404, str(error)) from None
    return runs.run(lambda: pages.study_detail(name.strip().lower()))


@router.get("/scoreboard")
def scoreboard(runs: Gate) -> Scoreboard:
    """Return how well each study is foretold from the others."""
    return runs.run(tables.scoreboard)


@router.get("/rivals")
def rivals(runs: Gate) -> Rivals:
    """Return the rival explanations and their weights."""
    return runs.run(tables.rivals)


@router.get("/parameters")
def parameters(runs: Gate) -> list[ParameterRow]:
    """List every constant of the model with prior, posterior and sources."""
    return list(runs.run(tables.parameters))
