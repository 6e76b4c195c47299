"""Addresses of saved designs: everybody's own only."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from afterglow.studio.accounts.access import Editor, Viewer, database_of
from afterglow.studio.saved.saved import Saved, SavedLine, delete_saved, list_saved, make_saved, read_saved, replace

__all__ = ["router"]

router = APIRouter(prefix="/api/saved", tags=["saved"])

Page = Literal["explore", "compare", "design", "plan", "evidence"]
SavedId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", min_length=32, max_length=32)]


def _one_line(name: str) -> str:
    found = " ".join(name.split())
    if not found or not found.isprintable():
        raise ValueError("give it a name of letters, digits and signs")
    return found


Name = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_one_line)]


class SaveRequest(BaseModel):
    """A design under the title of a design; names of people do not belong here."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    page: Page
    state: dict[str, Any]


class ReplaceRequest(SaveRequest):
    """A design in place of the version that was read."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]


@router.get("")
def get_all(request: Request, viewer: Viewer) -> list[SavedLine]:
    """Return what was saved, newest first, without the designs."""
    return list_saved(database_of(request), viewer.saves_as)


@router.post("", status_code=201)
def post_saved(request: Request, asked: SaveRequest, editor: Editor) -> Saved:
    """Save a design."""
    return make_saved(database_of(request), editor.saves_as, name=asked.name, page=asked.page, state=asked.state)


@router.get("/{saved_id}")
def get_saved(request: Request, saved_id: SavedId, viewer: Viewer) -> Saved:
    """Return a saved design."""
    return read_saved(database_of(request), viewer.saves_as, saved_id)


@router.put("/{saved_id}")
def put_saved(request: Request, saved_id: SavedId, asked: ReplaceRequest, editor: Editor) -> Saved:
    """Save over a design; 409 if it was saved elsewhere since it was read."""
    return replace(
        database_of(request),
        editor.saves_as,
        saved_id,
        name=asked.name,
        page=asked.page,
        state=asked.state,
        version=asked.version,
    )


@router.delete("/{saved_id}", status_code=204)
def delete(request: Request, saved_id: SavedId, editor: Editor) -> None:
    """Delete a saved design."""
    delete_saved(database_of(request), editor.saves_as, saved_id)
