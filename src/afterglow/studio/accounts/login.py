"""Logging in: one way through lock-out, password and a new session."""

from __future__ import annotations

from typing import cast

from sqlalchemy import select, update

from afterglow.studio.accounts.accounts import Account, Role
from afterglow.studio.accounts.lockout import forget_tries, note_try, note_wrong
from afterglow.studio.accounts.passwords import hash_password, needs_rehash, verify_password
from afterglow.studio.accounts.sessions import begin_session
from afterglow.studio.database.database import Database
from afterglow.studio.database.tables import UserRow
from afterglow.studio.refusals import Refused

__all__ = ["log_in"]


def log_in(database: Database, name: str, password: str, address: str) -> tuple[Account, str]:
    """Check a password and begin a session.

    Parameters
    ----------
    database : Database
    name : str
        As it is kept.
    password, address : str

    Returns
    -------
    Account, str
        Who it is, and the new token.

    Raises
    ------
    Refused
        401 if name or password is wrong, without saying which; 429 if the name or the address is locked.
    """
    number = note_try(database, name, address)
    with database.reading() as session:
        row = session.scalar(select(UserRow).where(UserRow.name == name))
        kept = row.password if row else None
        account = Account(id=row.id, name=row.name, role=cast("Role", row.role)) if row else None
    if not verify_password(kept, password) or account is None or kept is None:
        note_wrong(database, number)
        raise Refused(401, "The name or the password is wrong.")
    if needs_rehash(kept):
        hashed = hash_password(password)
        with database.writing() as session:
            session.execute(
                update(UserRow).where(UserRow.id == account.id, UserRow.password == kept).values(password=hashed)
            )
    forget_tries(database, name, address)
    return account, begin_session(database, account.id)
