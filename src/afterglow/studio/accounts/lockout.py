"""Slows guessing down: after a few wrong passwords a name is locked for the address that they came from.

Whoever guesses locks nobody else out: the right person comes from another address. Guesses from many addresses at one
name are slowed down by a brake that lets a try through every few seconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from afterglow.studio.database.database import Database
from afterglow.studio.database.tables import LoginTry, now
from afterglow.studio.refusals import Refused

__all__ = [
    "BRAKE",
    "PER_ADDRESS",
    "PER_NAME",
    "PER_PAIR",
    "WINDOW",
    "forget_tries",
    "kept_name",
    "note_try",
    "note_wrong",
]

PER_PAIR = 5
"""Wrong passwords for one name from one address."""
PER_ADDRESS = 100
"""From one address for all names: a class or a clinic may sit behind it."""
PER_NAME = 100
"""For one name from all addresses, before the brake."""
WINDOW = timedelta(minutes=15)
BRAKE = timedelta(seconds=5)
"""Between two tries at a name that is being guessed from many addresses."""
_AHEAD = timedelta(minutes=1)
_LOOKED_AT_WITHIN = timedelta(seconds=30)
"""A password is looked at in a tenth of a second."""


def kept_name(name: str) -> str:
    """Return what is kept of a name that was tried: a hash, as people sometimes type their password there."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()


def note_try(database: Database, name: str, address: str) -> int:
    """Count a try before the password is looked at, so that many at once cannot slip through; returns its number.

    One that nobody said was wrong (`note_wrong`) soon counts no more: its server process was killed meanwhile.

    Parameters
    ----------
    database : Database
    name : str
        As it is kept, whether or not there is such a user.
    address : str

    Raises
    ------
    Refused
        If the name is locked for the address, the address is locked, or the name is braked.
    """
    own, from_here = LoginTry.name == kept_name(name), LoginTry.address == address
    with database.writing("logins") as session:
        moment = now()
        # Tries of a clock that was ahead are no tries: they would lock for as long as it was.
        session.execute(delete(LoginTry).where((LoginTry.at < moment - 2 * WINDOW) | (LoginTry.at > moment + _AHEAD)))
        until = max(
            _free_at(session, (own, from_here), PER_PAIR, WINDOW, moment),
            _free_at(session, (from_here,), PER_ADDRESS, WINDOW, moment),
            _free_at(session, (own,), PER_NAME, BRAKE, moment),
        )
        if until <= moment:
            own_try = LoginTry(name=kept_name(name), address=address, at=moment, wrong=False)
            session.add(own_try)
            session.flush()
            return own_try.id
    left = (until - moment).total_seconds()
    minutes = max(1, -(-int(left) // 60))
    wait = "a few seconds" if left <= BRAKE.total_seconds() else f"{minutes} minute{'s' * (minutes > 1)}"
    raise Refused(429, f"Too many wrong passwords; try again in {wait}.", retry_after_s=int(left) + 1)


def note_wrong(database: Database, number: int) -> None:
    """Note that the password of a try was wrong."""
    with database.writing("logins") as session:
        session.execute(update(LoginTry).where(LoginTry.id == number).values(wrong=True))


def forget_tries(database: Database, name: str, address: str) -> None:
    """Forget a name's tries from an address after the right password; others keep theirs."""
    with database.writing("logins") as session:
        session.execute(delete(LoginTry).where(LoginTry.name == kept_name(name), LoginTry.address == address))


def _free_at(
    session: Session, which: Sequence[ColumnElement[bool]], most: int, wait: timedelta, moment: datetime
) -> datetime:
    """Return when some tries leave room: `wait` after the last of `most` tries within `WINDOW`, else now."""
    counts = LoginTry.wrong | (LoginTry.at > moment - _LOOKED_AT_WITHIN)
    newest = list(session.scalars(select(LoginTry.at).where(counts, *which).order_by(LoginTry.at.desc()).limit(most)))
    if len(newest) == most and newest[0] - newest[-1] <= WINDOW:
        return newest[0] + wait
    return moment
