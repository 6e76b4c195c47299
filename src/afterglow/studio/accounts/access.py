"""Who asks, and whether they may: dependencies of the routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from afterglow.studio.accounts.accounts import Account, owner_of
from afterglow.studio.accounts.cookie import token_in
from afterglow.studio.accounts.sessions import hash_of, session_account
from afterglow.studio.database.database import Database
from afterglow.studio.refusals import Refused
from afterglow.studio.settings import Settings

__all__ = ["Editor", "Viewer", "Visitor", "database_of", "editor", "settings_of", "viewer", "visitor"]


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who asks.

    Parameters
    ----------
    account : Account or None
        None without a login.
    token : str or None
        Of the browser's cookie.
    login_required : bool
    """

    account: Account | None
    token: str | None
    login_required: bool

    @property
    def saves_as(self) -> str:
        """Owner of what is saved: the user, or this machine when nobody has to log in."""
        return owner_of(self.account.id) if self.account else "local"

    @property
    def calculates_as(self) -> str:
        """Owner of the jobs: the user, or this browser when nobody has to log in."""
        if self.account:
            return owner_of(self.account.id)
        return f"browser:{hash_of(self.token)}" if self.token else "nobody"

    @property
    def may_edit(self) -> bool:
        """Whether this visitor may save and start long calculations."""
        return self.account.role == "editor" if self.account else not self.login_required


def settings_of(request: Request) -> Settings:
    """Return the app's settings."""
    found = request.app.state.settings
    assert isinstance(found, Settings)
    return found


def database_of(request: Request) -> Database:
    """Return the app's database."""
    found = request.app.state.database
    assert isinstance(found, Database)
    return found


def visitor(request: Request) -> Visitor:
    """Find out who asks."""
    settings = settings_of(request)
    token = token_in(request.scope, settings)
    account = session_account(database_of(request), token) if token and settings.login_required else None
    return Visitor(account=account, token=token, login_required=settings.login_required)


async def viewer(found: Annotated[Visitor, Depends(visitor)]) -> Visitor:
    """Let in whoever may look; async, as it waits for nothing and needs no thread.

    Raises
    ------
    Refused
        401 without a login where one is needed.
    """
    if found.login_required and found.account is None:
        raise Refused(401, "Please log in first.")
    return found


async def editor(found: Annotated[Visitor, Depends(viewer)]) -> Visitor:
    """Let in whoever may save and start long calculations; async like `viewer`.

    Raises
    ------
    Refused
        401 without a login, 403 for a viewer.
    """
    if not found.may_edit:
        raise Refused(403, "You may look, but not save or start long calculations; ask for the role 'editor'.")
    return found


Viewer = Annotated[Visitor, Depends(viewer)]
Editor = Annotated[Visitor, Depends(editor)]
