"""The files of the pages: kept for good under their edition, asked about under the plain address."""

from __future__ import annotations

import re
from collections.abc import Callable

from fastapi.testclient import TestClient

from afterglow.studio.server.pages import STATIC, edition


def test_the_entry_names_the_edition_and_is_never_kept(start: Callable[..., TestClient], sqlite_url: str) -> None:
    client = start(sqlite_url)
    page = client.get("/explore")
    assert page.headers["Cache-Control"] == "no-store"
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert len(files) > 5
    for address in files:
        assert address.startswith(f"/static/{edition()}/")
        found = client.get(address)
        assert found.status_code == 200
        assert "immutable" in found.headers["Cache-Control"]
        assert found.content == (STATIC / address.split("/", 3)[3]).read_bytes()


def test_plain_addresses_are_asked_about_each_time(start: Callable[..., TestClient], sqlite_url: str) -> None:
    client = start(sqlite_url)
    first = client.get("/static/app/main.js")
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get("/static/app/main.js", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_nothing_else_can_be_reached(start: Callable[..., TestClient], sqlite_url: str) -> None:
    client = start(sqlite_url)
    for address in (
        "/static/0000/app/main.js",
        f"/static/{edition()}/../pages.py",
        "/static/.npmrc",
        "/static/%2e%2e/pages.py",
    ):
        assert client.get(address).status_code == 404
