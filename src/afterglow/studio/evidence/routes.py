"""Routes of the page Evidence: studies, predictions, the board, the record, explanations and parameters."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from afterglow.errors import FileError, ProtocolError
from afterglow.evidence.studies.library import study
from afterglow.predictions.record import text_on_record
from afterglow.studio.evidence import board, pages, tables
from afterglow.studio.evidence.board import FactsBoard, RecordedTrial
from afterglow.studio.evidence.foretold import Foretold, foretold
from afterglow.studio.evidence.pages import StudyDetail, StudySummary
from afterglow.studio.evidence.tables import EvidenceFacts, ParameterRow, Rivals
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


@router.get("/foretold")
def all_foretold(runs: Gate) -> Foretold:
    """Return every published number beside what the other studies foretell of it."""
    return runs.run(foretold)


@router.get("/board")
def facts_board(runs: Gate) -> FactsBoard:
    """Return the stylised facts beside what the model says of them."""
    return runs.run(board.facts_board)


@router.get("/record")
def record(runs: Gate) -> list[RecordedTrial]:
    """List the forecasts of registered trials that have not reported."""
    return list(runs.run(board.trials_recorded))


@router.get("/record/{number}", responses={404: {"model": ErrorAnswer, "description": "No such forecast"}})
def recorded(number: Name) -> Response:
    """Return one frozen forecast, to the letter, as a file to keep and to check."""
    try:
        text = text_on_record(number)
    except FileError as error:
        raise Refused(404, str(error)) from None
    kept = {"Content-Disposition": f'attachment; filename="{number}.json"'}
    return Response(text, media_type="application/json", headers=kept)


@router.get("/rivals")
def rivals(runs: Gate) -> Rivals:
    """Return the rival explanations and their weights."""
    return runs.run(tables.rivals)


@router.get("/parameters")
def parameters(runs: Gate) -> list[ParameterRow]:
    """List every constant of the model with prior, posterior and sources."""
    return list(runs.run(tables.parameters))
