"""The files of the pages: kept for good under their edition, asked about under the plain address."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from fastapi.testclient import TestClient
from tests.studio.conftest import another

from afterglow.studio.server import pages
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


def test_an_unknown_address_is_a_page_for_people_and_a_sentence_for_programs(
    start: Callable[..., TestClient], sqlite_url: str
) -> None:
    client = start(sqlite_url)
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for address in ("/nonsense", "/explore/more", "/Explore"):
        page = client.get(address, headers=browser)
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert page.text == client.get("/explore").text
        assert page.headers["Content-Security-Policy"]
        assert client.get(address).json() == {"error": "There is nothing at this address."}
    assert client.get("/api/nonsense", headers=browser).json() == {"error": "There is nothing at this address."}
    assert client.post("/nonsense").status_code == 404


def test_what_is_sent_is_compressed_except_what_is_short(start: Callable[..., TestClient], sqlite_url: str) -> None:
    client = start(sqlite_url)
    packed = client.get("/static/app/main.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < len(packed.content) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]
    plain = client.get("/static/app/main.js", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.content == packed.content
    assert "Content-Encoding" not in client.get("/api/account", headers={"Accept-Encoding": "gzip"}).headers


def test_a_file_is_packed_once_and_comes_whole(start: Callable[..., TestClient], sqlite_url: str) -> None:
    client = start(sqlite_url)
    pages._packed_file.cache_clear()
    path = "/static/vendor/uPlot.esm.js"
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    packed = [client.get(path, headers={"Accept-Encoding": "gzip"}) for _ in range(3)]
    assert "content-encoding" not in plain.headers
    for found in packed:
        assert found.headers["content-encoding"] == "gzip"
        assert found.headers["etag"] == plain.headers["etag"]
        assert found.headers["content-type"] == plain.headers["content-type"]
        assert found.content == plain.content
        assert int(found.headers["content-length"]) < len(plain.content) / 2
    assert pages._packed_file.cache_info().misses == 1
    again = client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": plain.headers["etag"]})
    assert again.status_code == 304
    part = client.get(path, headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, plain.content[:10])


def test_whoever_asks_for_pages_without_pause_has_each_more_a_little_later(
    start: Callable[..., TestClient], sqlite_url: str
) -> None:
    client = start(sqlite_url, login=True, requests_per_second=1)

    def seconds(asking: TestClient, times: int) -> float:
        began = time.monotonic()
        for _ in range(times):
            assert asking.get("/explore").status_code == 200
        return time.monotonic() - began

    seconds(client, 40)
    assert seconds(client, 20) > 20 * 0.05 * 0.7, "all are answered, and four a second at once"
    elsewhere = another(client, "127.0.0.9")
    assert seconds(elsewhere, 5) < seconds(client, 5), "another address does not wait"
