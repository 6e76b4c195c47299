"""The one cookie: a random token that no script can read and no other site can send."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

from afterglow.studio.settings import Settings

__all__ = ["cookie_name", "is_encrypted", "set_cookie", "token_in"]

_LONGEST = 200


def is_encrypted(scope: Scope) -> bool:
    """Say whether the browser came by https, to the studio itself or to a proxy that is trusted."""
    return str(scope.get("scheme", "http")) == "https"


def cookie_name(scope: Scope, settings: Settings) -> str:
    """Return the cookie's name; cookies do not know ports, so two studios on one machine differ in the name."""
    return "__Host-afterglow" if is_encrypted(scope) else f"afterglow_{settings.port}"


def set_cookie(response: Response, scope: Scope, settings: Settings, token: str) -> None:
    """Give the browser a token, until it is closed or the session ends."""
    response.set_cookie(
        cookie_name(scope, settings),
        token,
        path="/",
        secure=is_encrypted(scope),
        httponly=True,
        samesite="strict",
    )


def token_in(scope: Scope, settings: Settings) -> str | None:
    """Return the token that came with a request."""
    found = HTTPConnection(scope).cookies.get(cookie_name(scope, settings))
    return found if found and len(found) <= _LONGEST else None
