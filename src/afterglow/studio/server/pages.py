"""The pages: one file for every address a person may open, and the files it needs."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache, lru_cache
from pathlib import Path

from fastapi import APIRouter
from starlette.datastructures import Headers
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from afterglow.studio.refusals import Refused

__all__ = ["STATIC", "Elsewhere", "StaticPages", "edition", "router"]

STATIC = Path(__file__).parents[1] / "static"
_PAGES = ("/", "/explore", "/teach", "/compare", "/design", "/plan", "/follow", "/evidence", "/about", "/login")

# A machine's own table may say otherwise, and browsers run no module of another kind.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("text/css", ".css")
mimetypes.add_type("image/svg+xml", ".svg")
mimetypes.add_type("font/woff2", ".woff2")

router = APIRouter(include_in_schema=False)


@cache
def edition() -> str:
    """Return the fingerprint of all files; it stands in their addresses, so that browsers may keep them for good."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        digest.update(file.relative_to(STATIC).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


class StaticPages(StaticFiles):
    """The files: kept for good under their edition's address, asked about each time under the plain one."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Send a file; names that begin with a dot are not there."""
        if any(part.startswith(".") for part in Path(path).parts if part != "."):
            raise Refused(404, "There is nothing at this address.")
        head, _, rest = path.partition("/")
        dated = head == edition()
        found = await super().get_response(rest if dated else path, scope)
        if isinstance(found, FileResponse) and found.status_code == 200 and _takes_packed(scope):
            found = _packed(found)
        found.headers["Cache-Control"] = "public, max-age=31536000, immutable" if dated else "no-cache"
        return found


def _takes_packed(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return scope["method"] == "GET" and "gzip" in headers.get("accept-encoding", "") and "range" not in headers


def _packed(found: FileResponse) -> Response:
    """Return a file as it is kept packed: packing the largest takes 5 ms, in which nobody else is answered."""
    kept = {name: value for name, value in found.headers.items() if name != "content-length"}
    body = _packed_file(Path(found.path))
    return Response(body, headers={**kept, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"})


@lru_cache(maxsize=256)
def _packed_file(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


class Elsewhere:
    """What stands at every other address: a page that says so to a person, one sentence to a program.

    Parameters
    ----------
    otherwise : ASGIApp
        Answers what no person opened in a browser.
    """

    def __init__(self, otherwise: ASGIApp) -> None:
        self.otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if _is_opened_by_a_person(scope):
            await _index(404)(scope, receive, send)
        else:
            await self.otherwise(scope, receive, send)


def _is_opened_by_a_person(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or scope["path"].startswith("/api/"):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")


def _index(status_code: int = 200) -> HTMLResponse:
    return HTMLResponse(_entry(), status_code=status_code, headers={"Cache-Control": "no-store"})


@cache
def _entry() -> str:
    page = STATIC / "index.html"
    if not page.is_file():
        raise Refused(404, "The pages are missing from this installation; install Afterglow again.")
    return page.read_text(encoding="utf-8").replace('"/static/', f'"/static/{edition()}/')


async def _page() -> HTMLResponse:
    return _index()  # async, as it waits for nothing


for _address in _PAGES:
    router.add_api_route(_address, _page, methods=["GET", "HEAD"], response_class=HTMLResponse)
