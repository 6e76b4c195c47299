"""What the studio answers when it cannot do what was asked: a status and one sentence, always ``{"error": ...}``."""

from __future__ import annotations

import json
import logging
import re

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from afterglow.errors import AfterglowError, ProtocolError
from afterglow.studio.field_names import place_in_words, wrong_in_words

__all__ = ["FAULT", "ErrorAnswer", "Refused", "answer", "handle_refusals", "mistake_in_words"]

FAULT = "This is a fault of the program, not of your design; please report it."
_NO_DATABASE = "The database cannot be reached just now; try again in a moment."
_FULL = "The disk that holds the database is full; nothing was saved. Whoever runs the studio has to make room."
_READ_ONLY = "The database may only be read here; nothing was saved. Whoever runs the studio has to change that."
_SENTENCES = {
    400: "The request could not be read.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
}
_LOG = logging.getLogger("afterglow.studio")


class ErrorAnswer(BaseModel):
    """Why it was refused, in one sentence."""

    error: str


class Refused(AfterglowError):  # noqa: N818 (an answer, not a fault)
    """A request that is answered with a sentence.

    Parameters
    ----------
    status : int
        HTTP status.
    sentence : str
    retry_after_s : int or None
        Seconds after which trying again makes sense.
    """

    def __init__(self, status: int, sentence: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.retry_after_s = retry_after_s


def answer(status: int, sentence: str, *, retry_after_s: int | None = None) -> Response:
    """Return the answer to a refused request."""
    headers = {"Retry-After": str(retry_after_s)} if retry_after_s is not None else None
    body = json.dumps({"error": sentence}).encode("ascii")
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def handle_refusals(app: FastAPI) -> None:
    """Make an app answer every error with one sentence.

    Parameters
    ----------
    app : FastAPI
    """
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(AfterglowError, _mistake)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeoutError, _database)
    app.add_exception_handler(Exception, _fault)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return answer(error.status, str(error), retry_after_s=error.retry_after_s)


def _mistake(request: Request, error: Exception) -> Response:
    assert isinstance(error, AfterglowError)
    return answer(422, mistake_in_words(error))


def mistake_in_words(error: AfterglowError) -> str:
    """Return what is told of a mistake that a person can put right."""
    return _protocol_in_words(error) if isinstance(error, ProtocolError) and error.where else str(error)


def _protocol_in_words(error: ProtocolError) -> str:
    """Name the place as people do: sessions are counted with dosing days in a protocol, so that no number is said."""
    parts: list[int | str] = [int(p) if p.isdigit() else p for p in re.findall(r"\w+", error.where)]
    inside = next((k for k, part in enumerate(parts) if part in ("sessions", "doses", "practice")), len(parts) - 1)
    said = f"{place_in_words(parts[: inside + 1])}: {error.message}".rstrip(".")
    return f"{said[:1].upper()}{said[1:]}."


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer(422, wrong_in_words(error.errors()))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    plain = error.detail.endswith(".")
    found = answer(error.status_code, error.detail if plain else _SENTENCES.get(error.status_code, f"{error.detail}."))
    for name, value in (error.headers or {}).items():
        found.headers[name] = value
    return found


def _database(request: Request, error: Exception) -> Response:
    told = str(getattr(error, "orig", "")).lower()
    if "disk is full" in told or "no space left" in told or "disk i/o" in told:
        _LOG.error("the database's disk is full")
        return answer(507, _FULL)
    if "readonly database" in told or "read-only" in told:
        _LOG.error("the database may only be read")
        return answer(503, _READ_ONLY)
    if isinstance(error, PoolTimeoutError) or _is_gone(error):
        _LOG.warning("the database cannot be reached: %s", type(error).__name__)
        return answer(503, _NO_DATABASE, retry_after_s=5)
    return _fault(request, error)


def _is_gone(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and type(error).__name__ in ("OperationalError", "InterfaceError")


def _fault(request: Request, error: Exception) -> Response:
    _LOG.error("%s %r failed", request.method, request.url.path, exc_info=error)
    return answer(500, FAULT)
