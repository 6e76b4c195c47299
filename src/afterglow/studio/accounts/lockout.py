"""Slows guessing down: after a few wrong passwords a name, or an address, is locked for a while."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from afterglow.studio.database.database import Database
from afterglow.studio.database.tables import LoginTry, now
from afterglow.studio.refusals import Refused

__all__ = ["PER_ADDRESS", "PER_NAME", "WINDOW", "forget_tries", "kept_name", "note_try"]

PER_NAME, PER_ADDRESS = 5, 20
WINDOW = timedelta(minutes=15)


def kept_name(name: str) -> str:
    """Return what is kept of a name that was tried: a hash, as people sometimes type their password there."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()


def note_try(database: Database, name: str, address: str) -> None:
    """Count a try before the password is looked at, so that many at once cannot slip through.

    Parameters
    ----------
    database : Database
    name : str
        As it is kept, whether or not there is such a user.
    address : str

    Raises
    ------
    Refused
        If the name or the address is locked.
    """
    with database.writing("logins") as session:
        moment = now()
        session.execute(delete(LoginTry).where(LoginTry.at < moment - 2 * WINDOW))
        until = max(
            _free_at(session, LoginTry.name, kept_name(name), PER_NAME, moment),
            _free_at(session, LoginTry.address, address, PER_ADDRESS, moment),
        )
        if until <= moment:
            session.add(LoginTry(name=kept_name(name), address=address, at=moment))
    left = until - moment
    if left.total_seconds() > 0:
        minutes = max(1, -(-int(left.total_seconds()) // 60))
        raise Refused(
            429,
            f"Too many wrong passwords; try again in {minutes} {'minute' if minutes == 1 else 'minutes'}.",
            retry_after_s=int(left.total_seconds()) + 1,
        )


def forget_tries(database: Database, name: str) -> None:
    """Forget a name's tries after the right password; the address keeps those for other names."""
    with database.writing("logins") as session:
        session.execute(delete(LoginTry).where(LoginTry.name == kept_name(name)))


def _free_at(session: Session, column: InstrumentedAttribute[str], value: str, most: int, moment: datetime) -> datetime:
    """Return when a name or address is free: `WINDOW` after the last of `most` tries within `WINDOW`, else now."""
    newest = list(session.scalars(select(LoginTry.at).where(column == value).order_by(LoginTry.at.desc()).limit(most)))
    if len(newest) == most and newest[0] - newest[-1] <= WINDOW:
        return newest[0] + WINDOW
    return moment
