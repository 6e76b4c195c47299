"""Headers of every answer, and the sentence for what nobody foresaw."""

from __future__ import annotations

import logging

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from afterglow.studio.accounts.cookie import is_encrypted
from afterglow.studio.refusals import FAULT, answer

__all__ = ["CONTENT_SECURITY_POLICY", "SafeHeaders"]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Nothing from elsewhere, no inline script or style, in nobody's frame."""

_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
}
_A_YEAR_S = 31_536_000
_LOG = logging.getLogger("afterglow.studio")


class SafeHeaders:
    """Puts the headers on every answer, and answers in one sentence when something broke.

    Parameters
    ----------
    app : ASGIApp
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _add(MutableHeaders(scope=message), scope)
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception:
            _LOG.exception("%s %r failed", scope["method"], scope["path"])
            if not started:
                await answer(500, FAULT)(scope, receive, sending)


def _add(headers: MutableHeaders, scope: Scope) -> None:
    for name, value in _ALWAYS.items():
        headers[name] = value
    if is_encrypted(scope):
        headers["Strict-Transport-Security"] = f"max-age={_A_YEAR_S}"
    if str(scope["path"]).startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")
