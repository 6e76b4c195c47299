"""How large a request may be, and that its text is text."""

from __future__ import annotations

import asyncio
import json
import re
import threading

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from afterglow.studio.quick_runs import GONE
from afterglow.studio.refusals import answer
from afterglow.studio.settings import Settings

__all__ = ["BodyLimit"]

_BARE = frozenset({"GET", "HEAD", "OPTIONS"})
_HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_DEEPEST = 40
"""Lists and objects within each other; the deepest design has six."""


class BodyLimit:
    """Reads the whole request before anybody works on it, and refuses one that is too large.

    While it is worked on, an event in the scope tells whether the browser still waits.

    Parameters
    ----------
    app : ASGIApp
    settings : Settings
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.limit = settings.body_limit
        self._too_large = f"The request is too large; at most {self.limit // 1024} KB are taken."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not _has_body(scope):
            await self.app(scope, receive, send)
            return
        body = await self._read(scope, receive)
        if body is None:
            await answer(413, self._too_large)(scope, receive, send)
            return
        wrong = _unreadable(body)
        if wrong:
            await answer(400, wrong)(scope, receive, send)
            return
        given, gone = False, threading.Event()
        watching = asyncio.ensure_future(_disconnected(receive, gone))

        async def replay() -> Message:
            nonlocal given
            if given:
                return await asyncio.shield(watching)
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        scope[GONE] = gone
        try:
            await self.app(scope, replay, send)
        finally:
            watching.cancel()

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length[:20]) > self.limit:
            return None
        parts = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return bytes(parts)
            parts += message.get("body", b"")
            if len(parts) > self.limit:
                return None
            if not message.get("more_body", False):
                return bytes(parts)


async def _disconnected(receive: Receive, gone: threading.Event) -> Message:
    """Wait until the browser has gone, or has its answer."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            gone.set()
            return message


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return scope["method"] not in _BARE or "content-length" in headers or "transfer-encoding" in headers


def _unreadable(body: bytes) -> str:
    """Say why a body is no text that could be kept and read again; empty where it is one."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return "The request is not written in UTF-8."
    if "\x00" in text:
        return "The request is not written in UTF-8."  # JSON in UTF-16 or UTF-32 has bytes of zero
    if _depth(body) > _DEEPEST:
        return f"The request is nested too deeply; at most {_DEEPEST} levels are read."
    if _has_half_characters(body):
        return "The request holds characters that are none (half of a pair)."
    return ""


def _depth(body: bytes) -> int:
    """Return how deep lists and objects lie within each other."""
    if body.count(b"[") + body.count(b"{") <= _DEEPEST:
        return 0
    deepest = now = 0
    for sign in _STRINGS.sub(b"", body):
        if sign in b"[{":
            now += 1
            deepest = max(deepest, now)
        elif sign in b"]}":
            now -= 1
    return deepest


def _has_half_characters(body: bytes) -> bool:
    """Say whether JSON escapes half of a surrogate pair: no database and no answer could hold that text."""
    if not _HALF_A_CHARACTER.search(body):
        return False
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    except (ValueError, RecursionError):
        return False
    return False
