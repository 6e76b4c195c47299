"""Addresses of the account: who is logged in, logging in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from afterglow.studio.accounts.access import Visitor, database_of, settings_of, visitor
from afterglow.studio.accounts.accounts import Account, Role, name_of
from afterglow.studio.accounts.address import address_of
from afterglow.studio.accounts.cookie import is_encrypted, set_cookie
from afterglow.studio.accounts.login import log_in
from afterglow.studio.accounts.passwords import LONGEST
from afterglow.studio.accounts.sessions import csrf_of, end_session, new_token
from afterglow.studio.quick_runs import GONE, QuickRuns
from afterglow.studio.refusals import Refused

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["account"])

Asking = Annotated[Visitor, Depends(visitor)]

_NO_TLS = (
    "This studio is reached without TLS: whoever sits on the way can read passwords and designs. "
    "Start it with --tls-cert and --tls-key, or behind a proxy that speaks https."
)


class UserView(BaseModel):
    """Who is logged in."""

    name: str
    role: Role


class AccountView(BaseModel):
    """What a page needs to know before it may ask for more; ``csrf`` goes into the header X-Afterglow-CSRF."""

    login_required: bool
    user: UserView | None
    csrf: str
    notice: str | None


def _printable(name: str) -> str:
    if not name.isprintable():
        raise ValueError("it holds signs that cannot be seen")
    return name_of(name)[:64]


class LoginRequest(BaseModel):
    """A name and its password."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_printable)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=LONGEST)]


@router.get("/account")
def get_account(request: Request, response: Response, asking: Asking) -> AccountView:
    """Return who is logged in, and give the browser its token."""
    token = asking.token
    if token is None:
        token = new_token()
        set_cookie(response, request.scope, settings_of(request), token)
    return _view(request, token, asking.account)


@router.post("/login")
def post_login(request: Request, response: Response, asked: LoginRequest, asking: Asking) -> AccountView:
    """Log in; the token is exchanged for a new one."""
    settings = settings_of(request)
    if not settings.login_required:
        raise Refused(409, "This studio needs no login.")
    gate = request.app.state.logins
    assert isinstance(gate, QuickRuns)
    database, address = database_of(request), address_of(request.scope)
    account, token = gate.asked_by(request.scope.get(GONE), address).run(
        lambda: log_in(database, asked.name, asked.password.get_secret_value(), address)
    )
    if asking.token is not None:
        end_session(database, asking.token)
    set_cookie(response, request.scope, settings, token)
    return _view(request, token, account)


@router.post("/logout")
def post_logout(request: Request, response: Response, asking: Asking) -> AccountView:
    """Log out; the token is exchanged for one that belongs to nobody."""
    if asking.token is not None:
        end_session(database_of(request), asking.token)
    token = new_token()
    set_cookie(response, request.scope, settings_of(request), token)
    return _view(request, token, None)


def _view(request: Request, token: str, account: Account | None) -> AccountView:
    required = settings_of(request).login_required
    return AccountView(
        login_required=required,
        user=UserView(name=account.name, role=account.role) if account else None,
        csrf=csrf_of(token),
        notice=_NO_TLS if required and not is_encrypted(request.scope) else None,
    )
