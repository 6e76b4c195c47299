"""How often one address may ask."""

from __future__ import annotations

from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from afterglow.studio.accounts.address import address_of
from afterglow.studio.refusals import answer
from afterglow.studio.settings import Settings

__all__ = ["LOGIN", "RateLimit"]

LOGIN = "/api/login"
_SENTENCE = "Too many requests from this address; wait a moment."
_LOGIN_SENTENCE = "Too many tries to log in from this address; wait a minute."


class RateLimit:
    """Refuses addresses that ask too often; pages and their files are not counted.

    Parameters
    ----------
    app : ASGIApp
    settings : Settings
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._window = MovingWindowRateLimiter(MemoryStorage())
        self._all = RateLimitItemPerSecond(settings.request_rate)
        self._logins = RateLimitItemPerMinute(settings.logins_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and str(scope["path"]).startswith("/api/"):
            address = address_of(scope)
            if not self._window.hit(self._all, "all", address):
                await answer(429, _SENTENCE, retry_after_s=1)(scope, receive, send)
                return
            if scope["path"] == LOGIN and not self._window.hit(self._logins, "login", address):
                await answer(429, _LOGIN_SENTENCE, retry_after_s=60)(scope, receive, send)
                return
        await self.app(scope, receive, send)
