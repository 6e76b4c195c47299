"""Saved designs: read and written whole, each belonging to its owner."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from afterglow.studio.database.database import Database
from afterglow.studio.database.tables import SavedRow, now
from afterglow.studio.refusals import Refused

__all__ = ["MOST", "Saved", "SavedLine", "delete_saved", "list_saved", "make_saved", "read_saved", "replace"]

MOST = 200
"""Designs that one owner may keep; assumed."""
_GONE = "There is no such saved design; it may have been deleted."
_STALE = "This design was saved elsewhere in the meantime; open it again, or save yours under another name."


class SavedLine(BaseModel):
    """A saved design in the list."""

    id: str
    name: str
    page: str
    version: int
    updated: datetime


class Saved(SavedLine):
    """A saved design."""

    state: dict[str, Any]


def list_saved(database: Database, owner: str) -> list[SavedLine]:
    """Return an owner's designs, newest first."""
    columns = (SavedRow.id, SavedRow.name, SavedRow.page, SavedRow.version, SavedRow.updated)
    asked = select(*columns).where(SavedRow.owner == owner).order_by(SavedRow.updated.desc(), SavedRow.id)
    with database.reading() as session:
        return [SavedLine.model_validate(dict(row._mapping)) for row in session.execute(asked)]


def read_saved(database: Database, owner: str, saved_id: str) -> Saved:
    """Return one design.

    Raises
    ------
    Refused
        404 if the owner has no such design.
    """
    with database.reading() as session:
        return _view(_find(session, owner, saved_id))


def make_saved(database: Database, owner: str, *, name: str, page: str, state: dict[str, Any]) -> Saved:
    """Save a design.

    Raises
    ------
    Refused
        409 if the owner keeps too many, or has one of that title; 422 if the state is not JSON.
    """
    text, moment = _text(state), now()
    with database.writing("saved") as session:
        if (session.scalar(select(func.count()).where(SavedRow.owner == owner)) or 0) >= MOST:
            raise Refused(409, f"You have {MOST} saved designs, which is the most; delete some first.")
        _refuse_a_second(session, owner, name)
        row = SavedRow(
            id=uuid.uuid4().hex,
            owner=owner,
            name=name,
            page=page,
            state=text,
            version=1,
            created=moment,
            updated=moment,
        )
        session.add(row)
        session.flush()
        return _view(row)


def replace(
    database: Database, owner: str, saved_id: str, *, name: str, page: str, state: dict[str, Any], version: int
) -> Saved:
    """Save over the version that was read, or not at all.

    Raises
    ------
    Refused
        404 if the owner has no such design, 409 if it has another version by now or another one has the title.
    """
    text = _text(state)
    with database.writing("saved") as session:
        _refuse_a_second(session, owner, name, besides=saved_id)
        changed = session.execute(
            update(SavedRow)
            .where(SavedRow.id == saved_id, SavedRow.owner == owner, SavedRow.version == version)
            .values(name=name, page=page, state=text, version=version + 1, updated=now())
        )
        assert isinstance(changed, CursorResult)
        row = _find(session, owner, saved_id)
        if changed.rowcount != 1:
            raise Refused(409, _STALE)
        return _view(row)


def delete_saved(database: Database, owner: str, saved_id: str) -> None:
    """Delete a design.

    Raises
    ------
    Refused
        404 if the owner has no such design.
    """
    with database.writing() as session:
        _find(session, owner, saved_id)
        session.execute(delete(SavedRow).where(SavedRow.id == saved_id, SavedRow.owner == owner))


def _refuse_a_second(session: Session, owner: str, name: str, *, besides: str = "") -> None:
    """Refuse a title that another of the owner's designs has, large and small letters alike."""
    asked = select(SavedRow.name).where(SavedRow.owner == owner, SavedRow.id != besides)
    if name.casefold() in {held.casefold() for held in session.scalars(asked)}:
        raise Refused(409, f"You have a saved design “{name}” already; save over that one, or take another title.")


def _find(session: Session, owner: str, saved_id: str) -> SavedRow:
    row = session.scalar(select(SavedRow).where(SavedRow.id == saved_id, SavedRow.owner == owner))
    if row is None:
        raise Refused(404, _GONE)
    return row


def _text(state: dict[str, Any]) -> str:
    """Write the state as ASCII, so that no database has an opinion on what is in it."""
    try:
        return json.dumps(state, allow_nan=False, separators=(",", ":"))
    except (ValueError, RecursionError) as error:
        raise Refused(422, "state: it holds a number that is none.") from error


def _view(row: SavedRow) -> Saved:
    return Saved(
        id=row.id,
        name=row.name,
        page=row.page,
        version=row.version,
        updated=row.updated,
        state=json.loads(row.state),
    )
