"""Routes of the page Follow. Scores come in the body of a POST alone; none is kept, logged, or in an address."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from afterglow.errors import AfterglowError
from afterglow.studio.answer_process import written
from afterglow.studio.answers import Answers, answers
from afterglow.studio.follow.answer import (
    Answer,
    BankMade,
    FollowFacts,
    FollowRequest,
    bank_made,
    follow_facts,
    follow_of,
)
from afterglow.studio.follow.pasted import Pasted, pasted_lines
from afterglow.studio.refusals import FAULT, Refused

__all__ = ["router"]

router = APIRouter(prefix="/api/follow", tags=["follow"])

Quick = Annotated[Answers, Depends(answers)]
T = TypeVar("T")
_BANK_YEARS, _LINE_YEARS = 4000.0, 80.0
"""What a forecast costs beside a run, and each line more: four hundred take five seconds."""
_LOG = logging.getLogger("afterglow.studio")


class PastedText(BaseModel):
    """What was pasted, or the text of a file; and the scale where it names none."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=200_000)]
    scale: Annotated[str, Field(max_length=60)] = ""


@router.get("/facts")
def get_facts() -> FollowFacts:
    """Return the scales that can be forecast, and what such a forecast is for."""
    return follow_facts()


@router.post("/bank", response_model=BankMade)
def post_bank(asked: FollowRequest, quick: Quick) -> Response:
    """Make the bank of a plan, so that the first answer does not wait for it; lines are not looked at."""
    return _told(quick.find("", partial(bank_of_plan, asked), years=_BANK_YEARS))


@router.post("/read")
def post_read(pasted: PastedText, response: Response) -> Pasted:
    """Find the lines of scores in a text; nothing is worked out."""
    response.headers["Cache-Control"] = "no-store"
    return _unsaid(lambda: pasted_lines(pasted.text, scale=pasted.scale))


@router.post("", response_model=Answer)
def post_follow(asked: FollowRequest, quick: Quick) -> Response:
    """Forecast from the lines that can be read; of each line it is said how it was read."""
    return _told(quick.find("", partial(followed, asked), years=_years(asked)))


@router.post("/more", response_model=Answer)
def post_more(asked: FollowRequest, quick: Quick) -> Response:
    """Return the same forecast, and what one thing more would change."""
    return _told(quick.find("", partial(followed, asked, what_if=True), years=2 * _years(asked)))


def bank_of_plan(asked: FollowRequest, *, progress: Callable[[int, int], None]) -> BankMade:
    """Make the bank of a plan, where answers are found."""
    return bank_made(asked)


def followed(asked: FollowRequest, *, what_if: bool = False, progress: Callable[[int, int], None]) -> bytes:
    """Return the answer to somebody's scores, as it is sent."""
    return written(_unsaid(lambda: follow_of(asked, what_if=what_if)))


def _years(asked: FollowRequest) -> float:
    return _BANK_YEARS + _LINE_YEARS * len(asked.lines)


def _told(answer: bytes) -> Response:
    return Response(answer, media_type="application/json", headers={"Cache-Control": "no-store"})


def _unsaid(work: Callable[[], T]) -> T:
    """Do work on somebody's scores; should it fail, the log names the place in the program and no value."""
    try:
        return work()
    except AfterglowError:
        raise
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        _LOG.error("%s in %s, line %s", type(error).__name__, place.name, place.lineno)
        raise Refused(500, FAULT) from None
