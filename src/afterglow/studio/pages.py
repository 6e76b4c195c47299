"""The pages: one file for every address a person may open, and the files it needs."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from afterglow.studio.refusals import Refused

__all__ = ["STATIC", "StaticPages", "router"]

STATIC = Path(__file__).parent / "static"
_PAGES = ("/", "/explore", "/compare", "/plan", "/evidence", "/about", "/login")

# A machine's own table may say otherwise, and browsers run no module of another kind.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("text/css", ".css")
mimetypes.add_type("image/svg+xml", ".svg")
mimetypes.add_type("font/woff2", ".woff2")

router = APIRouter(include_in_schema=False)


class StaticPages(StaticFiles):
    """Files that browsers keep but ask about each time: an update is seen at once, an unchanged file is not sent."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Send a file, or say that it is unchanged."""
        found = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        found.headers["Cache-Control"] = "no-cache"
        return found

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Send a file; names that begin with a dot are not there."""
        if any(part.startswith(".") for part in Path(path).parts if part != "."):
            raise Refused(404, "There is nothing at this address.")
        return await super().get_response(path, scope)


def _index() -> FileResponse:
    page = STATIC / "index.html"
    if not page.is_file():
        raise Refused(404, "The pages are missing from this installation; install Afterglow again.")
    return FileResponse(page, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"})


for _address in _PAGES:
    router.add_api_route(_address, _index, methods=["GET", "HEAD"], response_class=FileResponse)
