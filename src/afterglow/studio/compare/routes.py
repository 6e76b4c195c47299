"""Addresses of Compare: the arms side by side, and files to take away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from afterglow.report.bundle.bundle import bundle_bytes
from afterglow.report.html import render_html
from afterglow.runs import Result
from afterglow.studio.compare.comparison import Comparison, comparison_of
from afterglow.studio.designs.design import Design
from afterglow.studio.designs.result import FEW_DRAWS, kept_result, result_of
from afterglow.studio.designs.size import MOST_YEARS, person_years, refuse_if_large, too_large
from afterglow.studio.quick_runs import QuickRuns, quick_runs

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["compare"])

Gate = Annotated[QuickRuns, Depends(quick_runs)]

_MOST_YEARS = 2 * MOST_YEARS
"""Of all arms together: eight usual ones have somewhat more than one quick answer may."""


@router.post("/comparison")
def post_comparison(design: Design, gate: Gate) -> Comparison:
    """Run a design in full and lay its arms side by side, with intervals and each explanation.

    When many people wait there are fewer draws; the answer says how many.
    """
    refuse_if_large(design, most=_MOST_YEARS)
    draws = FEW_DRAWS if gate.is_crowded else None
    return gate.run(lambda: comparison_of(design, draws=draws, progress=gate.heed), size="full")


@router.post("/export/bundle", response_class=Response, responses={200: {"content": {"application/zip": {}}}})
def post_bundle(design: Design, gate: Gate) -> Response:
    """Return the full run as one archive: tables, data dictionary, protocol, report and methods."""
    archive = gate.run(lambda: bundle_bytes(_result(design, gate)), size="full")
    return _file(archive, "application/zip", "afterglow-comparison.zip")


@router.post("/export/html", response_class=Response, responses={200: {"content": {"text/html": {}}}})
def post_html(design: Design, gate: Gate) -> Response:
    """Return the report of the full run as one page that needs nothing else."""
    page = gate.run(lambda: render_html(_result(design, gate)), size="full")
    return _file(page.encode("utf-8"), "text/html; charset=utf-8", "afterglow-comparison.html")


def _result(design: Design, gate: QuickRuns) -> Result:
    """Return a full run; one of many people has to be there already, made as a long calculation."""
    if person_years(design) <= _MOST_YEARS:
        return result_of(design, progress=gate.heed)
    kept = kept_result(design)
    if kept is None:
        raise too_large(design)
    return kept


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
