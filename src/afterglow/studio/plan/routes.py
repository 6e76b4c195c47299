"""Routes of the page Plan: lay out a plan, and give it as a calendar or a CarePlan. Nothing that is sent is kept."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from afterglow.studio.answers import Answers, answers
from afterglow.studio.plan import planning
from afterglow.studio.plan.best_day import BestDay, BestDayAsked, best_day_of, years_of
from afterglow.studio.plan.calendar_file import PlanEdited, TeamEdited, calendar_of
from afterglow.studio.plan.care_plan import CareAsked, care_plan_of
from afterglow.studio.plan.cautions import PlanWord, plan_words
from afterglow.studio.plan.conflicts import Conflict, PlansEdited, conflicts_of
from afterglow.studio.plan.dates import Country, countries
from afterglow.studio.plan.planning import Plan, plan_of
from afterglow.studio.plan.request import PlanRequest

__all__ = ["router"]

_CALENDAR = "text/calendar"
_FHIR = "application/fhir+json"

Quick = Annotated[Answers, Depends(answers)]

router = APIRouter(prefix="/api", tags=["plan"])


@router.get("/plan/words")
def words() -> list[PlanWord]:
    """List the words on medications and history that a plan may be asked with."""
    return list(plan_words())


@router.get("/plan/countries")
def known_countries() -> list[Country]:
    """List the countries whose public holidays are known, and their regions."""
    return list(countries())


@router.post("/plan", response_model=Plan)
def plan(request: PlanRequest, quick: Quick) -> Response:
    """Lay out a plan on dosing dates."""
    return _json(quick.find("", partial(plan_of, request), years=planning.years_of(request)))


@router.post("/plan/conflicts")
def conflicts(edited: PlansEdited) -> list[Conflict]:
    """Say what does not go together in the plans of one or several people."""
    return list(conflicts_of(edited))


@router.post("/plan/best-day", response_model=BestDay)
def best_day(asked: BestDayAsked, quick: Quick) -> Response:
    """Say what one more session on each day would add to a plan."""
    return _json(quick.find("", partial(best_day_of, asked), years=years_of(asked)))


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


def _file(media: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media: {"schema": {"type": "string"}}}, "description": "A file"}}


def _given(content: bytes | str, media: str, name: str) -> Response:
    return Response(
        content=content,
        media_type=f"{media}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@router.post("/plan/calendar", response_class=Response, responses=_file(_CALENDAR))
def calendar(edited: PlanEdited) -> Response:
    """Give a plan, as edited, as a calendar file."""
    return _given(calendar_of(edited), _CALENDAR, "integration-plan.ics")


@router.post("/plan/calendar/team", response_class=Response, responses=_file(_CALENDAR))
def team_calendar(team: TeamEdited) -> Response:
    """Give the plans of several people, as edited, as one calendar file for their team."""
    return _given(calendar_of(*team.plans), _CALENDAR, "team-plan.ics")


@router.post("/plan/care-plan", response_class=Response, responses=_file(_FHIR))
def care_plan(asked: CareAsked) -> Response:
    """Give a plan, as edited, as a CarePlan of FHIR R5."""
    return _given(care_plan_of(asked), _FHIR, "care-plan.json")
