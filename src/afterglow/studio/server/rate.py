"""How often one person, and one address, may ask."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from afterglow.studio.accounts.address import address_of
from afterglow.studio.accounts.cookie import token_in
from afterglow.studio.accounts.sessions import LiveSessions, hash_of
from afterglow.studio.allowance import Allowance
from afterglow.studio.quick_runs import WHO
from afterglow.studio.refusals import answer
from afterglow.studio.settings import Settings

__all__ = ["LOGIN", "RateLimit"]

LOGIN = "/api/login"
_SENTENCE = "Too many requests; wait a moment."
_LOGIN_SENTENCE = "Too many tries to log in from this address; wait a minute."
_PART = 4096
"""Bytes of a request that count as one request more: reading a large one holds everybody up."""
_LARGEST = 2
"""Of the largest requests, so many a second."""
_SAVED_UP_S = 6
"""So many seconds' requests may come at once: a page that opens, somebody who drags and rests."""
_HELD_S, _REFUSALS_PER_S = 0.5, 10
"""How long a refusal waits at least, and how many go out to one person a second: from more places each waits longer."""
_PAGES, _PAGES_SAVED_UP_S, _PAGE_HELD_S = 4, 10, 0.05
"""So many times as often may an address ask for pages and their files, so many seconds' at once; each more comes so
much later. Of a class behind one address that opens the studio for the first time each has her hundred files within a
second more, as a browser asks for six at once."""
_STRANGERS = 3
"""So many times as often as one who is logged in may an address ask for all others: a class opens the pages at once."""
_GUESSES_PER_S = 20
"""So many tokens of one address that belong to nobody are looked up in a second; then all count for the address."""


class RateLimit:
    """Refuses those who ask too often; pages and their files come later then.

    Whoever is logged in is counted alone, so that a class behind one address has the rate of each. All others count for
    their address, which has more.

    Parameters
    ----------
    app : ASGIApp
    settings : Settings
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._settings = settings
        each, strangers, logins = settings.request_rate, _STRANGERS * settings.request_rate, settings.logins_per_minute
        self._each, self._strangers = (Allowance(rate, rate * _SAVED_UP_S) for rate in (each, strangers))
        self._logins, self._guesses = Allowance(logins / 60, logins), Allowance(_GUESSES_PER_S, _GUESSES_PER_S)
        pages = _PAGES * settings.request_rate
        self._pages = Allowance(pages, pages * _PAGES_SAVED_UP_S)
        self._live: LiveSessions | None = None
        self._held: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and str(scope["path"]).startswith("/api/"):
            address = address_of(scope)
            who = await self._who(scope, address)
            scope[WHO] = who
            limit = self._strangers if who == address else self._each
            if not limit.take(who, _cost(scope, self._settings)):
                await self._refuse(who, answer(429, _SENTENCE, retry_after_s=1), scope, receive, send)
                return
            if scope["path"] == LOGIN and not self._logins.take(address):
                await self._refuse(who, answer(429, _LOGIN_SENTENCE, retry_after_s=60), scope, receive, send)
                return
            if who != address:
                scope["app"].state.quick_runs.seen(who)
        elif scope["type"] == "http" and not self._pages.take(address_of(scope)):
            await asyncio.sleep(_PAGE_HELD_S)
        await self.app(scope, receive, send)

    async def _refuse(self, who: str, refusal: Response, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse after a while, so that whoever asks without pause is held up and not the server."""
        self._held[who] += 1
        try:
            await asyncio.wait_for(_hung_up(receive), max(_HELD_S, self._held[who] / _REFUSALS_PER_S))
        except TimeoutError:
            await refusal(scope, receive, send)
        finally:
            self._held[who] -= 1
            if not self._held[who]:
                del self._held[who]

    async def _who(self, scope: Scope, address: str) -> str:
        """Return whom a request counts for: the session where it belongs to somebody, else the address."""
        token = token_in(scope, self._settings)
        if token is None:
            return address
        if not self._settings.login_required:  # this machine alone: each browser counts for itself
            return f"browser {hash_of(token)}"
        if self._live is None:
            self._live = LiveSessions(scope["app"].state.database)
        lives = self._live.remembered(token)
        if lives is None and self._guesses.left(address) >= 1:
            with suppress(SQLAlchemyError):
                lives = await to_thread.run_sync(self._live.ask, token)
            if not lives:
                self._guesses.take(address)
        if lives is None:  # beside somebody who guesses, a class that has been here counts one by one still
            lives = self._live.remembered(token, however_long_ago=True)
        return f"session {hash_of(token)}" if lives else address


async def _hung_up(receive: Receive) -> None:
    """Wait until the browser has gone; a body that is still coming is not read."""
    while (message := await receive())["type"] != "http.disconnect":
        if message.get("more_body", False):
            await asyncio.Event().wait()


def _cost(scope: Scope, settings: Settings) -> int:
    """Return as how many requests one counts: more where the body is large, or its length unknown."""
    headers, most = Headers(scope=scope), max(1, settings.request_rate // _LARGEST)
    length = headers.get("content-length", "")
    if length.isdecimal():
        return min(most, 1 + int(length[:12]) // _PART)
    return most if "transfer-encoding" in headers else 1
