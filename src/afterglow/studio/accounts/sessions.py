"""Sessions: a random token in a cookie, and only its hash in the database."""

from __future__ import annotations

import hashlib
import secrets
import time
from contextlib import suppress
from datetime import timedelta
from typing import cast

from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from afterglow.studio.accounts.accounts import Account, Role
from afterglow.studio.database.database import Database
from afterglow.studio.database.tables import SessionRow, UserRow, now

__all__ = [
    "IDLE",
    "LONGEST",
    "LiveSessions",
    "begin_session",
    "csrf_of",
    "end_session",
    "hash_of",
    "new_token",
    "session_account",
]

IDLE, LONGEST = timedelta(hours=12), timedelta(days=7)
_SEEN_EVERY = timedelta(minutes=1)
"""A session's last use is written at most this often."""
_AHEAD = timedelta(minutes=5)
"""How far the clock may be set back before a session that began later by it ends: else it could outlive its limits."""
_REMEMBERED_S, _MOST_REMEMBERED = 60.0, 10_000
_TOKEN_BYTES = 32


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def csrf_of(token: str) -> str:
    """Return the word that a page has to send along: bound to the token, and telling nothing about it."""
    return hashlib.sha256(b"afterglow csrf " + token.encode("utf-8", "replace")).hexdigest()[:43]


class LiveSessions:
    """Remembers for a minute which tokens belong to somebody, so that a request is counted without asking each time.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[float, bool]] = {}

    def remembered(self, token: str, *, however_long_ago: bool = False) -> bool | None:
        """Say whether a token belongs to somebody; None where that has to be asked."""
        found = self._known.get(hash_of(token))
        if found is None or not (however_long_ago or time.monotonic() - found[0] < _REMEMBERED_S):
            return None
        return found[1]

    def ask(self, token: str) -> bool:
        """Ask the database, and remember what it says."""
        lives = session_account(self._database, token) is not None
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[hash_of(token)] = (time.monotonic(), lives)
        return lives


def begin_session(database: Database, user_id: str) -> str:
    """Log somebody in and return the new token; ended sessions are cleared away."""
    token, moment = new_token(), now()
    with database.writing() as session:
        session.execute(
            delete(SessionRow).where(
                (SessionRow.seen < moment - IDLE)
                | (SessionRow.created < moment - LONGEST)
                | (SessionRow.seen > moment + _AHEAD)
            )
        )
        session.add(SessionRow(token_hash=hash_of(token), user_id=user_id, created=moment, seen=moment))
    return token


def end_session(database: Database, token: str) -> None:
    """Log out."""
    with database.writing() as session:
        session.execute(delete(SessionRow).where(SessionRow.token_hash == hash_of(token)))


def session_account(database: Database, token: str) -> Account | None:
    """Return who a token belongs to, or None if nobody or no longer."""
    moment, key = now(), hash_of(token)
    with database.reading() as session:
        found = session.execute(
            select(SessionRow, UserRow)
            .join(UserRow, UserRow.id == SessionRow.user_id)
            .where(
                SessionRow.token_hash == key,
                SessionRow.seen >= moment - IDLE,
                SessionRow.created >= moment - LONGEST,
                SessionRow.seen <= moment + _AHEAD,
            )
        ).first()
        if found is None:
            return None
        row, user = found
        stale = moment - row.seen > _SEEN_EVERY
        account = Account(id=user.id, name=user.name, role=cast("Role", user.role))
    if stale:
        with suppress(SQLAlchemyError), database.writing(at_once=True) as session:  # else with the next request
            session.execute(update(SessionRow).where(SessionRow.token_hash == key).values(seen=moment))
    return account
