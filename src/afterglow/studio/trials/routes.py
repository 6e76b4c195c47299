"""Addresses of Design: the trial as a file; the calculation itself is a job."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from afterglow.studio.trials.question import TrialQuestion, trial_file

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["design"])


@router.post("/export/trial", response_class=Response, responses={200: {"content": {"application/yaml": {}}}})
def post_trial(asked: TrialQuestion) -> Response:
    """Return the trial as a protocol file with a trial section, for the command line."""
    return Response(
        trial_file(asked).encode("utf-8"),
        media_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="trial.yaml"'},
    )
