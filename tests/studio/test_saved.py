"""Saved designs: own ones only, one version after another, and nothing that a database chokes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.studio.conftest import another, log_in

from afterglow.studio.accounts.accounts import add_account, change_role, remove_account
from afterglow.studio.saved import saved

Start = Callable[..., TestClient]
DESIGN = {"name": "Three dosings", "page": "explore", "state": {"arms": [{"medicine": "mdma"}], "day": 1.5}}
PASSWORD = "correct horse battery"


def test_a_design_is_saved_read_listed_replaced_and_deleted(database_url: str, start: Start) -> None:
    page = start(database_url)
    answer = page.post("/api/saved", json=DESIGN)
    assert answer.status_code == 201
    made = answer.json()
    assert {"id", "name", "page", "state", "version", "updated"} == set(made)
    assert made["state"] == DESIGN["state"]
    assert page.get(f"/api/saved/{made['id']}").json() == made
    (line,) = page.get("/api/saved").json()
    assert line == {name: value for name, value in made.items() if name != "state"}

    newer = page.put(f"/api/saved/{made['id']}", json={**DESIGN, "name": "Two", "version": 1})
    assert (newer.status_code, newer.json()["version"], newer.json()["name"]) == (200, 2, "Two")
    stale = page.put(f"/api/saved/{made['id']}", json={**DESIGN, "version": 1})
    assert stale.status_code == 409
    assert "saved elsewhere" in stale.json()["error"]
    assert page.get(f"/api/saved/{made['id']}").json()["name"] == "Two"

    assert page.delete(f"/api/saved/{made['id']}").status_code == 204
    for answer in (page.get(f"/api/saved/{made['id']}"), page.delete(f"/api/saved/{made['id']}")):
        assert answer.status_code == 404
        assert set(answer.json()) == {"error"}
    assert page.get("/api/saved").json() == []


def test_what_was_saved_is_there_after_a_restart(database_url: str, start: Start) -> None:
    made = start(database_url).post("/api/saved", json=DESIGN).json()
    assert start(database_url).get(f"/api/saved/{made['id']}").json() == made


def test_of_many_that_replace_one_version_one_wins(database_url: str, start: Start) -> None:
    page = start(database_url)
    made = page.post("/api/saved", json=DESIGN).json()

    def put(k: int) -> int:
        return page.put(f"/api/saved/{made['id']}", json={**DESIGN, "name": f"no {k}", "version": 1}).status_code

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(put, range(6))) == [200, *[409] * 5]


def test_designs_belong_to_their_owner(database_url: str, start: Start) -> None:
    ann = start(database_url, login=True)
    database = ann.app.state.database  # type: ignore[attr-defined]
    for name in ("ann", "ben"):
        add_account(database, name, "editor", PASSWORD)
    ben = another(ann)
    assert log_in(ann, "ann", PASSWORD).status_code == 200
    assert log_in(ben, "ben", PASSWORD).status_code == 200
    made = ann.post("/api/saved", json=DESIGN).json()
    address = f"/api/saved/{made['id']}"
    assert ben.get("/api/saved").json() == []
    assert ben.get(address).status_code == 404
    assert ben.put(address, json={**DESIGN, "version": 1}).status_code == 404
    assert ben.delete(address).status_code == 404
    assert ann.get(address).json() == made

    change_role(database, "ann", "viewer")  # holds from the next request on
    assert ann.get(address).status_code == 200
    for refused in (
        ann.post("/api/saved", json=DESIGN),
        ann.put(address, json={**DESIGN, "version": 1}),
        ann.delete(address),
    ):
        assert refused.status_code == 403
        assert "editor" in refused.json()["error"]

    remove_account(database, "ann")
    assert ann.get(address).status_code == 401
    add_account(database, "ann", "editor", PASSWORD)
    assert log_in(ann, "ann", PASSWORD).status_code == 200
    assert ann.get("/api/saved").json() == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": ""}, "The title"),
        ({"name": "  \t "}, "The title"),
        ({"name": "x" * 81}, "The title"),
        ({"name": "a\u0000b"}, "The title"),
        ({"name": "a\u202eb"}, "The title"),
        ({"page": "admin"}, "The page"),
        ({"state": [1]}, "The design"),
        ({"state": None}, "The design"),
        ({"owner": "user:1"}, "The owner"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_field(
    sqlite_url: str, start: Start, change: dict[str, Any], named: str
) -> None:
    answer = start(sqlite_url).post("/api/saved", json={**DESIGN, **change})
    assert answer.status_code == 422
    assert set(answer.json()) == {"error"}
    assert answer.json()["error"].startswith(named)
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "x", "page": "plan", "state": {"n": NaN}}',
        '{"name": "x", "page": "plan", "state": {"n": 1e999}}',
        '{"name": "x", "page": "plan", "state": {"half": "\\ud800"}}',
        '{"name": "\\udfff", "page": "plan", "state": {}}',
        '{"name": "x", "page": "plan", "state": ' + '{"a":' * 3000 + "1" + "}" * 3000 + "}",
        '{"name": "x", "page": "plan", "state": {"n": ' + "9" * 6000 + "}}",
        "not JSON",
        "",
        "[]",
        '"\\ud800"',
    ],
)
def test_odd_requests_are_refused_with_a_sentence(database_url: str, start: Start, text: str) -> None:
    page = start(database_url)
    answer = page.post("/api/saved", content=text, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    assert set(answer.json()) == {"error"}
    assert page.get("/api/saved").json() == []


@pytest.mark.parametrize("depth", [45, 300, 900])
def test_what_would_never_open_again_is_not_stored(sqlite_url: str, start: Start, depth: int) -> None:
    page, json_type = start(sqlite_url), {"Content-Type": "application/json"}
    deep = '{"name": "x", "page": "plan", "state": ' + '{"a":' * depth + "[]" + "}" * depth + "}"
    answer = page.post("/api/saved", content=deep, headers=json_type)
    assert (answer.status_code, "nested" in answer.json()["error"]) == (400, True)
    for encoding in ("utf-16", "utf-16-le", "utf-32"):
        body = '{"name": "x", "page": "plan", "state": {"a": "\ud800"}}'.encode(encoding, "surrogatepass")
        answer = page.post("/api/saved", content=body, headers=json_type)
        assert (answer.status_code, "UTF-8" in answer.json()["error"]) == (400, True)
    brackets = {**DESIGN, "state": {"text": "[[[[{{{{" * 40}}
    assert page.post("/api/saved", json=brackets).status_code == 201, "signs in a text are no nesting"


def test_signs_of_all_kinds_come_back_as_they_were(database_url: str, start: Start) -> None:
    page = start(database_url)
    odd = {"nul": "a\u0000b", "quote": "'; DROP TABLE saved; --", "wide": "ÄΩ 你好 😀", "": [None, True, 1e-300, {}]}
    name = "Robert'); DROP TABLE saved;-- 你好 😀"
    made = page.post("/api/saved", json={**DESIGN, "name": name, "state": odd}).json()
    found = page.get(f"/api/saved/{made['id']}").json()
    assert (found["name"], found["state"]) == (name, odd)


@pytest.mark.parametrize("wrong", ["1", "x" * 32, "0" * 31, "' OR 1=1 --", "..%2f..%2fetc%2fpasswd", "0" * 33])
def test_odd_addresses_find_nothing(sqlite_url: str, start: Start, wrong: str) -> None:
    answer = start(sqlite_url).get(f"/api/saved/{wrong}")
    assert answer.status_code in (404, 422)
    assert set(answer.json()) == {"error"}


def test_an_owner_keeps_a_limited_number(sqlite_url: str, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "MOST", 2)
    page = start(sqlite_url)
    codes = [page.post("/api/saved", json={**DESIGN, "name": f"no {k}"}).status_code for k in range(3)]
    assert codes == [201, 201, 409]


def test_the_largest_design_fits(database_url: str, start: Start) -> None:
    page = start(database_url)
    state = {"text": "x" * (256 * 1024 - 200)}
    made = page.post("/api/saved", json={**DESIGN, "state": state})
    assert made.status_code == 201
    assert len(json.dumps(page.get(f"/api/saved/{made.json()['id']}").json()["state"])) > 250_000
    assert page.post("/api/saved", json={**DESIGN, "state": {"text": "x" * 256 * 1024}}).status_code == 413


def test_two_designs_of_one_owner_have_two_titles(database_url: str, start: Start) -> None:
    page = start(database_url)
    first = page.post("/api/saved", json=DESIGN).json()
    second = page.post("/api/saved", json={**DESIGN, "name": "THREE  dosings"})
    assert second.status_code == 409
    assert "already" in second.json()["error"]
    other = page.post("/api/saved", json={**DESIGN, "name": "Other"}).json()
    taken = page.put(f"/api/saved/{other['id']}", json={**DESIGN, "version": 1})
    assert taken.status_code == 409
    assert page.put(f"/api/saved/{first['id']}", json={**DESIGN, "version": 1}).status_code == 200, "its own title"

    def post(_: int) -> int:
        return page.post("/api/saved", json={**DESIGN, "name": "At once"}).status_code

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(post, range(6))) == [201, *[409] * 5]
