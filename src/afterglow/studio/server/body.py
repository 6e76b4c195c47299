"""How large a request may be, and that its text is text."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import Counter

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from afterglow.studio.accounts.address import address_of
from afterglow.studio.quick_runs import GONE
from afterglow.studio.refusals import answer
from afterglow.studio.settings import Settings

__all__ = ["BodyLimit"]

_BARE = frozenset({"GET", "HEAD", "OPTIONS"})
_HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SQUARE = bytes.maketrans(b"{}", b"[]")
_OTHERS = bytes(set(range(256)) - set(b"[]{},"))
_COMING_EACH = 60
"""Requests of one address that have begun and not come whole: a class of a hundred sends each in a moment."""
_SLOW = "Too many requests from this address have begun and not come whole; try again in a moment."
_DEEPEST = 40
"""Lists and objects within each other; the deepest design has six."""
_MOST_VALUES = 20_000
"""In all lists and objects; the plans of a team of twelve have ten thousand."""


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
        self._coming: Counter[str] = Counter()
        self._too_large = f"The request is too large; at most {self.limit // 1024} KB are taken."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not _has_body(scope):
            await self.app(scope, receive, send)
            return
        address = address_of(scope)
        if self._coming[address] >= _COMING_EACH:
            await answer(429, _SLOW, retry_after_s=5)(scope, receive, send)
            return
        self._coming[address] += 1
        try:
            body = await self._read(scope, receive)
        finally:
            self._coming[address] -= 1
            if not self._coming[address]:
                del self._coming[address]
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
    shape = _shape(body)
    if _is_deep(shape):
        return f"The request is nested too deeply; at most {_DEEPEST} levels are read."
    if shape.count(b",") >= _MOST_VALUES:
        return f"The request holds too many values; at most {_MOST_VALUES} are read."
    if _has_half_characters(body):
        return "The request holds characters that are none (half of a pair)."
    return ""


def _shape(body: bytes) -> bytes:
    """Return the signs of JSON that open, close and part, all kinds as [ ] and a comma, without what is in strings."""
    return _STRINGS.sub(b"", body).translate(_SQUARE, delete=_OTHERS)


def _is_deep(shape: bytes) -> bool:
    """Say whether lists and objects lie too deep within each other: the innermost are taken off in turns."""
    left = shape.replace(b",", b"")
    for _ in range(_DEEPEST):
        if b"[]" not in left:
            break
        left = left.replace(b"[]", b"")
    return b"[]" in left or left.count(b"[") > _DEEPEST


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
