"""Accounts: who may log in, and as what."""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from afterglow.errors import AfterglowError, nearest
from afterglow.studio.accounts.lockout import kept_name
from afterglow.studio.accounts.passwords import check_password, hash_password
from afterglow.studio.database.database import Database
from afterglow.studio.database.tables import JobRow, LoginTry, SavedRow, SessionRow, UserRow, now

__all__ = [
    "Account",
    "Role",
    "accounts",
    "add_account",
    "change_password",
    "change_role",
    "name_of",
    "owner_of",
    "remove_account",
]

Role = Literal["viewer", "editor"]
_NAME = re.compile(r"[\w][\w.@-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who may log in."""

    id: str
    name: str
    role: Role


def name_of(name: str) -> str:
    """Return a name as it is kept: without outer blanks, in small letters."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def owner_of(user_id: str) -> str:
    """Return what stands as the owner beside a user's rows."""
    return f"user:{user_id}"


def accounts(database: Database) -> list[Account]:
    """Return everybody who may log in, by name."""
    with database.reading() as session:
        return [_account(row) for row in session.scalars(select(UserRow).order_by(UserRow.name))]


def add_account(database: Database, name: str, role: str, password: str) -> Account:
    """Let somebody log in.

    Raises
    ------
    AfterglowError
        If the name, role or password will not do, or the name is taken.
    """
    kept = name_of(name)
    if not _NAME.fullmatch(kept):
        raise AfterglowError(
            "A user name has up to 64 letters, digits, dots, hyphens or @, and starts with a letter or digit."
        )
    known = _role(role)
    check_password(password, kept)
    hashed = hash_password(password)
    with database.writing("logins") as session:
        if _find(session, kept) is not None:
            raise AfterglowError(f"There is a user '{kept}' already.")
        row = UserRow(id=uuid.uuid4().hex, name=kept, role=known, password=hashed, created=now())
        session.add(row)
        session.flush()
        return _account(row)


def remove_account(database: Database, name: str) -> None:
    """Take somebody's access away, and with it their sessions, saved designs and jobs.

    Raises
    ------
    AfterglowError
        If there is no such user.
    """
    with database.writing("logins") as session:
        row = _known(session, name)
        for table in (SavedRow, JobRow):
            session.execute(delete(table).where(table.owner == owner_of(row.id)))
        session.execute(delete(SessionRow).where(SessionRow.user_id == row.id))
        session.execute(delete(LoginTry).where(LoginTry.name == kept_name(row.name)))
        session.delete(row)


def change_password(database: Database, name: str, password: str) -> None:
    """Give somebody another password and end their sessions.

    Raises
    ------
    AfterglowError
        If there is no such user, or the password will not do.
    """
    check_password(password, name_of(name))
    hashed = hash_password(password)
    with database.writing("logins") as session:
        row = _known(session, name)
        row.password = hashed
        session.execute(delete(SessionRow).where(SessionRow.user_id == row.id))
        session.execute(delete(LoginTry).where(LoginTry.name == kept_name(row.name)))


def change_role(database: Database, name: str, role: str) -> None:
    """Let somebody do more or less, from their next request on.

    Raises
    ------
    AfterglowError
        If there is no such user or role.
    """
    known = _role(role)
    with database.writing("logins") as session:
        _known(session, name).role = known


def _role(role: str) -> Role:
    for known in get_args(Role):
        if role == known:
            return known  # type: ignore[no-any-return]
    raise AfterglowError(f"There is no role '{role}'; {nearest(role, get_args(Role))}")


def _find(session: Session, name: str) -> UserRow | None:
    return session.scalar(select(UserRow).where(UserRow.name == name_of(name)))


def _known(session: Session, name: str) -> UserRow:
    row = _find(session, name)
    if row is None:
        names = list(session.scalars(select(UserRow.name)))
        hint = nearest(name, names) if names else "there are no users yet."
        raise AfterglowError(f"There is no user '{name_of(name)}'; {hint}")
    return row


def _account(row: UserRow) -> Account:
    return Account(id=row.id, name=row.name, role=_role(row.role))
