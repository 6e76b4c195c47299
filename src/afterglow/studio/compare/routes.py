"""Addresses of Compare: the arms side by side, and files to take away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from afterglow.report.bundle.bundle import bundle_bytes
from afterglow.runs import Result
from afterglow.studio.answers import Answers, answers
from afterglow.studio.compare.comparison import Comparison, comparison_of
from afterglow.studio.compare.share import MAP_LEFT_OUT, SharedPage, check_shared, page_text
from afterglow.studio.designs.design import Design
from afterglow.studio.designs.result import kept_result, result_of
from afterglow.studio.designs.size import MOST_YEARS, full_effort, person_years, refuse_if_large, too_large

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["compare"])

Quick = Annotated[Answers, Depends(answers)]
Progress = Callable[[int, int], None]

_MOST_YEARS = 2 * MOST_YEARS
"""Of all arms together: eight usual ones have somewhat more than one quick answer may."""


@router.post("/comparison", response_model=Comparison)
def post_comparison(design: Design, quick: Quick) -> Response:
    """Run a design in full and lay its arms side by side, with intervals and each explanation.

    When many people wait there are fewer draws and people; the answer says how many.
    """
    refuse_if_large(design, most=_MOST_YEARS)
    effort = full_effort(design, quick.crowd)
    question, years = f"comparison {effort} {design.model_dump_json()}", person_years(design, effort)
    found = quick.find(question, partial(comparison_of, design, effort=effort), years=years)
    return Response(found, media_type="application/json")


@router.post("/export/bundle", response_class=Response, responses={200: {"content": {"application/zip": {}}}})
def post_bundle(design: Design, quick: Quick) -> Response:
    """Return the full run as one archive: tables, data dictionary, protocol, report and methods."""
    question, years = f"bundle {design.model_dump_json()}", person_years(design)
    archive = quick.find(question, partial(bundle_of, design), years=years)
    return _file(archive, "application/zip", "afterglow-comparison.zip")


@router.post("/export/html", response_class=Response, responses={200: {"content": {"text/html": {}}}})
def post_html(asked: SharedPage, quick: Quick) -> Response:
    """Return the report of the full run as one page that needs nothing else, with the map that was run.

    What the page asked for and does not hold is said in it, and in the header ``X-Afterglow-Note``.
    """
    check_shared(asked)
    # A map is there or not as runs come and go, so that a page with one is not kept.
    question = f"html {asked.model_dump_json()}" if asked.grid is None else ""
    page = quick.find(question, partial(page_of, asked), years=person_years(asked.design))
    answer = _file(page, "text/html; charset=utf-8", "afterglow-comparison.html")
    if MAP_LEFT_OUT.encode() in page:
        answer.headers["X-Afterglow-Note"] = MAP_LEFT_OUT
    return answer


def bundle_of(design: Design, *, progress: Progress | None = None) -> bytes:
    """Return the archive of a design's full run."""
    return bundle_bytes(_result(design, progress))


def page_of(asked: SharedPage, *, progress: Progress | None = None) -> bytes:
    """Return the page to share of a design's full run."""
    return page_text(asked, _result(asked.design, progress)).encode()


def _result(design: Design, progress: Progress | None) -> Result:
    """Return a full run; one of many people has to be there already, made as a long calculation."""
    if person_years(design) <= _MOST_YEARS:
        return result_of(design, progress=progress)
    kept = kept_result(design)
    if kept is None:
        raise too_large(design)
    return kept


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
