"""Routes of the page Follow. Scores come in the body of a POST alone; none is kept, logged, or in an address."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from afterglow.errors import AfterglowError
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
from afterglow.studio.quick_runs import QuickRuns, quick_runs
from afterglow.studio.refusals import FAULT, Refused

__all__ = ["router"]

router = APIRouter(prefix="/api/follow", tags=["follow"])

Gate = Annotated[QuickRuns, Depends(quick_runs)]
T = TypeVar("T")
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


@router.post("/bank")
def post_bank(asked: FollowRequest, gate: Gate) -> BankMade:
    """Make the bank of a plan, so that the first answer does not wait for it; lines are not looked at."""
    return gate.run(lambda: bank_made(asked))


@router.post("/read")
def post_read(pasted: PastedText, response: Response) -> Pasted:
    """Find the lines of scores in a text; nothing is worked out."""
    response.headers["Cache-Control"] = "no-store"
    return _unsaid(lambda: pasted_lines(pasted.text, scale=pasted.scale))


@router.post("")
def post_follow(asked: FollowRequest, gate: Gate, response: Response) -> Answer:
    """Forecast from the lines that can be read; of each line it is said how it was read."""
    response.headers["Cache-Control"] = "no-store"
    return gate.run(lambda: _unsaid(lambda: follow_of(asked)))


@router.post("/more")
def post_more(asked: FollowRequest, gate: Gate, response: Response) -> Answer:
    """Return the same forecast, and what one thing more would change."""
    response.headers["Cache-Control"] = "no-store"
    return gate.run(lambda: _unsaid(lambda: follow_of(asked, what_if=True)))


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
