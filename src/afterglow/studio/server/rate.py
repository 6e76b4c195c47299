"""How often one address may ask."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from afterglow.studio.server.errors import answer
from afterglow.studio.server.settings import Settings

__all__ = ["LOGIN", "RateLimit", "address_of"]

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


def address_of(scope: Scope) -> str:
    """Return whom to count a request for: the address, or the network of an IPv6 one, which has addresses to spare."""
    client = scope.get("client")
    host = str(client[0]) if client else "unknown"
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return host[:64]
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(IPv6Address(int(found) >> 64 << 64)) + "/64"
    return str(found)
