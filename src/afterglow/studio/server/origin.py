"""Refuses what other sites try to make a browser do here."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from afterglow.studio.accounts.cookie import token_in
from afterglow.studio.accounts.sessions import csrf_of
from afterglow.studio.refusals import answer
from afterglow.studio.settings import Settings

__all__ = ["CSRF_HEADER", "SameOrigin"]

CSRF_HEADER = "X-Afterglow-CSRF"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_PROXIED = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip"})
_PROXIED_FROM = ("x-forwarded", "x-original-", "cf-", "x-envoy-", "x-amzn-", "x-appengine-", "fastly-", "x-azure-")
"""Headers, and beginnings of headers, that proxies add."""


class SameOrigin:
    """Checks the host's name, the origin and the word against forged requests.

    A page elsewhere can let its name point at this machine (DNS rebinding), so that without a login only this
    machine's own names are answered.

    Parameters
    ----------
    app : ASGIApp
    settings : Settings
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http":
            problem = self._problem(scope)
            if problem is not None:
                await answer(*problem)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _problem(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if not self.settings.login_required:
            found = _not_local(scope, headers, self.settings)
            if found is not None:
                return found
        if scope["method"] in _SAFE:
            return None
        if not _same_origin(headers):
            return 403, "This request came from another site."
        token = token_in(scope, self.settings)
        sent = headers.get(CSRF_HEADER, "")
        if token is None or not hmac.compare_digest(csrf_of(token).encode(), sent.encode("utf-8", "replace")):
            return 403, f"The header {CSRF_HEADER} does not fit; reload the page."
        return None


def _not_local(scope: Scope, headers: Headers, settings: Settings) -> tuple[int, str] | None:
    if _host_name(headers.get("host", "")) not in _HERE | {settings.host}:
        return 421, "Without a login the studio answers only to 127.0.0.1 and localhost."
    if any(name in _PROXIED or name.startswith(_PROXIED_FROM) for name in set(headers)) or _speaks_as_proxy(
        scope, headers
    ):
        return 403, "This request came through a proxy; start the studio with --login."
    return None


def _speaks_as_proxy(scope: Scope, headers: Headers) -> bool:
    """Say whether a request is one as plain nginx and its like pass on, which add no header: no browser sends such."""
    words = {word.strip().lower() for word in headers.get("connection", "").split(",")}
    return scope.get("http_version") == "1.0" or "close" in words


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _same_origin(headers: Headers) -> bool:
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:  # not a browser, or an old one; the word must fit anyway
        return True
    try:
        found = urlsplit(origin)
    except ValueError:
        return False
    return found.scheme in ("http", "https") and found.netloc.lower() == headers.get("host", "").lower()
