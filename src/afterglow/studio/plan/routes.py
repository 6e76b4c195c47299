"""Routes of the page Plan: lay out a plan, and give it as a calendar. Nothing that is sent is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from afterglow.studio.plan.calendar_file import PlanEdited, calendar_of
from afterglow.studio.plan.cautions import PlanWord, plan_words
from afterglow.studio.plan.planning import Plan, PlanRequest, plan_of
from afterglow.studio.quick_runs import QuickRuns, quick_runs

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["plan"])


@router.get("/plan/words")
def words() -> list[PlanWord]:
    """List the words on medications and history that a plan may be asked with."""
    return list(plan_words())


@router.post("/plan")
def plan(request: PlanRequest, runs: Annotated[QuickRuns, Depends(quick_runs)]) -> Plan:
    """Lay out a plan on dosing dates."""
    return runs.run(lambda: plan_of(request))


@router.post(
    "/plan/calendar",
    response_class=Response,
    responses={200: {"content": {"text/calendar": {"schema": {"type": "string"}}}, "description": "A calendar file"}},
)
def calendar(edited: PlanEdited) -> Response:
    """Give a plan, as edited, as a calendar file."""
    return Response(
        content=calendar_of(edited),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="integration-plan.ics"', "Cache-Control": "no-store"},
    )
