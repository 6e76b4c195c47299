"""Who gets in, what other sites can make a browser do, and what is never told."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from tests.studio.conftest import ORIGIN, another, log_in, settings_for

from afterglow.errors import AfterglowError
from afterglow.studio.accounts import accounts, passwords
from afterglow.studio.accounts.accounts import add_account, change_password, remove_account
from afterglow.studio.accounts.address import address_of
from afterglow.studio.accounts.cookie import cookie_name
from afterglow.studio.accounts.lockout import BRAKE, PER_ADDRESS, PER_NAME, PER_PAIR, kept_name, note_try
from afterglow.studio.accounts.sessions import IDLE, LONGEST, begin_session, csrf_of, session_account
from afterglow.studio.allowance import Allowance
from afterglow.studio.database.database import Database
from afterglow.studio.database.tables import LoginTry, SessionRow, UserRow, now
from afterglow.studio.quick_runs import WHO, QuickRuns
from afterglow.studio.refusals import Refused, answer
from afterglow.studio.server import rate
from afterglow.studio.server.body import BodyLimit
from afterglow.studio.server.headers import CONTENT_SECURITY_POLICY
from afterglow.studio.server.origin import CSRF_HEADER

Start = Callable[..., TestClient]
PASSWORD = "correct horse battery"
USUAL = passwords.PasswordHasher()
SAVE = {"name": "x", "page": "plan", "state": {}}


def database_of(client: TestClient) -> Database:
    return client.app.state.database  # type: ignore[attr-defined,no-any-return]


@pytest.fixture
def local(sqlite_url: str, start: Start) -> TestClient:
    """The studio as somebody starts it at home."""
    return start(sqlite_url)


@pytest.fixture
def shared(sqlite_url: str, start: Start) -> TestClient:
    """The studio of a clinic, with ann (editor) and ben (viewer)."""
    client = start(sqlite_url, host="0.0.0.0", logins_per_minute=1000, requests_per_second=1000)
    add_account(database_of(client), "ann", "editor", PASSWORD)
    add_account(database_of(client), "ben", "viewer", PASSWORD)
    return client


class TestAtHome:
    def test_no_login_is_needed(self, local: TestClient) -> None:
        account = local.get("/api/account").json()
        assert account == {"login_required": False, "user": None, "csrf": local.headers[CSRF_HEADER], "notice": None}
        assert local.post("/api/saved", json=SAVE).status_code == 201
        assert log_in(local, "ann", PASSWORD).status_code == 409

    @pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:9000", "LOCALHOST", "[::1]:8765", "127.0.0.1"])
    def test_it_answers_to_this_machine(self, local: TestClient, host: str) -> None:
        assert local.get("/healthz", headers={"Host": host}).json() == {"ok": True}

    @pytest.mark.parametrize(
        "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8765", "", "127.0.0.1@evil.example", "[::1"]
    )
    def test_a_name_that_was_pointed_here_gets_nothing(self, local: TestClient, host: str) -> None:
        answer = local.get("/api/account", headers={"Host": host})
        assert answer.status_code == 421
        assert "set-cookie" not in answer.headers

    @pytest.mark.parametrize(
        "added",
        [
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "X-Forwarded-Anything",
            "Forwarded",
            "Via",
            "X-Real-IP",
            "CF-Connecting-IP",
        ],
    )
    def test_a_proxy_in_front_has_to_be_told(self, local: TestClient, added: str) -> None:
        answer = local.get("/healthz", headers={added: "8.8.8.8"})
        assert answer.status_code == 403
        assert "--login" in answer.json()["error"]

    @pytest.mark.parametrize("said", ["close", "Close", "foo, close"])
    def test_what_no_browser_says_came_through_a_proxy(self, local: TestClient, said: str) -> None:
        assert local.get("/", headers={"Connection": said}).status_code == 403


class TestForgedRequests:
    @pytest.mark.parametrize(
        "headers",
        [
            {CSRF_HEADER: ""},
            {CSRF_HEADER: "a" * 43},
            {CSRF_HEADER: "ü"},
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://127.0.0.1:9999"},
            {"Origin": "http://[::1"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    def test_they_are_refused(self, local: TestClient, headers: dict[str, str]) -> None:
        sent = {name: value.encode() for name, value in headers.items()}
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            answer = local.request(method, "/api/saved", json=SAVE, headers=sent)  # type: ignore[arg-type]
            assert answer.status_code == 403

    def test_the_page_itself_is_let_through(self, local: TestClient) -> None:
        headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
        assert local.post("/api/saved", json=SAVE, headers=headers).status_code == 201

    def test_the_word_belongs_to_one_browser(self, local: TestClient) -> None:
        other = another(local)
        assert other.headers[CSRF_HEADER] != local.headers[CSRF_HEADER]
        stolen = {CSRF_HEADER: local.headers[CSRF_HEADER]}
        assert other.post("/api/saved", json=SAVE, headers=stolen).status_code == 403
        other.cookies.clear()
        assert other.post("/api/saved", json=SAVE).status_code == 403

    def test_every_unsafe_address_is_guarded(self, local: TestClient) -> None:
        local.headers.pop(CSRF_HEADER)
        for path, methods in local.get("/api/openapi.json").json()["paths"].items():
            for method in set(methods) - {"get", "head"}:
                answer = local.request(method, path.replace("{", "").replace("}", ""), json={})
                assert answer.status_code == 403, (method, path)


class TestLogin:
    def test_nothing_is_shown_without_it(self, shared: TestClient) -> None:
        account = shared.get("/api/account").json()
        assert (account["login_required"], account["user"]) == (True, None)
        open_to_all = {"/api/account", "/api/login", "/api/logout", "/healthz"}
        assert shared.get("/api/openapi.json").status_code == 401
        assert isinstance(shared.app, FastAPI)
        for path, methods in shared.app.openapi()["paths"].items():
            for method in methods:
                if path not in open_to_all:
                    address = re.sub(r"{\w+_id}", "0" * 32, re.sub(r"{name}", "x", path))
                    answer = shared.request(method, address, json={} if method != "get" else None)
                    assert answer.status_code == 401, (method, path)
                    assert answer.json() == {"error": "Please log in first."}

    def test_roles(self, shared: TestClient) -> None:
        ben = another(shared)
        assert log_in(shared, " ANN ", PASSWORD).json()["user"] == {"name": "ann", "role": "editor"}
        assert log_in(ben, "ben", PASSWORD).json()["user"] == {"name": "ben", "role": "viewer"}
        assert shared.post("/api/saved", json=SAVE).status_code == 201
        assert ben.get("/api/saved").json() == []
        assert ben.post("/api/saved", json=SAVE).status_code == 403
        assert ben.post("/api/jobs", json={}).status_code == 403
        assert ben.get("/api/choices").status_code == 200

    def test_the_token_is_new_after_it_and_only_its_hash_is_kept(self, shared: TestClient) -> None:
        before = shared.cookies["afterglow_8765"]
        answer = log_in(shared, "ann", PASSWORD)
        token = shared.cookies["afterglow_8765"]
        assert token != before
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "path=/" in cookie
        assert "secure" not in cookie
        with database_of(shared).reading() as session:
            (row,) = session.scalars(select(SessionRow)).all()
            kept = session.scalars(select(UserRow.password).where(UserRow.name == "ann")).one()
        assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
        assert kept.startswith("$argon2id$")
        assert shared.headers[CSRF_HEADER] == csrf_of(token)

    def test_logging_out_ends_it_on_the_server(self, shared: TestClient) -> None:
        log_in(shared, "ann", PASSWORD)
        token = shared.cookies["afterglow_8765"]
        answer = shared.post("/api/logout")
        assert answer.json()["user"] is None
        assert shared.cookies["afterglow_8765"] != token
        thief = TestClient(shared.app, base_url=ORIGIN, cookies={"afterglow_8765": token})
        assert thief.get("/api/saved").status_code == 401

    def test_https_gets_a_secure_cookie_and_no_notice(self, shared: TestClient) -> None:
        assert "TLS" in shared.get("/api/account").json()["notice"]
        safe = TestClient(shared.app, base_url="https://studio.example")
        answer = safe.get("/api/account")
        assert answer.json()["notice"] is None
        assert answer.headers["set-cookie"].startswith("__Host-afterglow=")
        assert "secure" in answer.headers["set-cookie"].lower()
        assert "max-age" in answer.headers["strict-transport-security"]

    def test_a_removed_user_is_out_at_once(self, shared: TestClient) -> None:
        log_in(shared, "ann", PASSWORD)
        remove_account(database_of(shared), "ann")
        assert shared.get("/api/saved").status_code == 401

    def test_another_password_ends_the_sessions(self, shared: TestClient) -> None:
        log_in(shared, "ann", PASSWORD)
        change_password(database_of(shared), "ann", "another good one")
        assert shared.get("/api/saved").status_code == 401
        assert log_in(shared, "ann", PASSWORD).status_code == 401
        assert log_in(shared, "ann", "another good one").status_code == 200

    def test_old_hashes_are_renewed(self, shared: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(passwords, "_HASHER", USUAL)
        assert log_in(shared, "ann", PASSWORD).status_code == 200
        with database_of(shared).reading() as session:
            assert "m=8," not in session.scalars(select(UserRow.password).where(UserRow.name == "ann")).one()
        assert log_in(shared, "ann", PASSWORD).status_code == 200

    @pytest.mark.parametrize("password", ["guess", "\u0000", "x" * 500])
    def test_odd_names_and_passwords_are_only_wrong(self, database_url: str, start: Start, password: str) -> None:
        client = start(database_url, login=True, logins_per_minute=1000)
        for name in ("nobody", "a\u0000", "', 1=1 --", "\ufdfa" * 60, "x" * 500, "", "{}", "\uff21nn"):
            answer = client.post("/api/login", json={"name": name, "password": password})
            assert answer.status_code in (401, 422)
            assert set(answer.json()) == {"error"}
            assert password not in answer.text


class TestGuessing:
    @pytest.mark.parametrize("name", ["ann", "nobody"])
    def test_a_name_is_locked_after_five_whether_it_exists_or_not(self, shared: TestClient, name: str) -> None:
        codes = [log_in(shared, name, f"wrong {k}").status_code for k in range(5)]
        assert codes == [401] * 5
        locked = log_in(shared, name, PASSWORD)  # even the right one
        assert locked.status_code == 429
        assert "15 minutes" in locked.json()["error"]
        assert 800 < int(locked.headers["retry-after"]) <= 901
        elsewhere = log_in(another(shared, "10.0.0.9"), name, PASSWORD).status_code
        assert elsewhere == (200 if name == "ann" else 401), "who guesses locks nobody else out"
        assert log_in(shared, "ben", PASSWORD).status_code == 200

    def test_guesses_from_many_addresses_are_braked_and_let_through(self, database: Database) -> None:
        moment = now()
        with database.writing() as session:
            for k in range(PER_NAME):
                session.add(LoginTry(name=kept_name("ann"), address=f"10.1.{k}.1", at=moment))
        with pytest.raises(Refused, match="a few seconds"):
            note_try(database, "ann", "10.9.9.9")
        note_try(database, "ben", "10.9.9.9")
        with database.writing() as session:
            for row in session.scalars(select(LoginTry).where(LoginTry.name == kept_name("ann"))):
                row.at -= BRAKE + timedelta(seconds=1)
        note_try(database, "ann", "10.9.9.9")

    def test_tries_of_a_clock_that_was_ahead_lock_nobody(self, database: Database) -> None:
        with database.writing() as session:
            for _ in range(PER_PAIR):
                session.add(LoginTry(name=kept_name("ann"), address="10.0.0.1", at=now() + timedelta(days=365)))
        note_try(database, "ann", "10.0.0.1")

    def test_tries_that_nobody_lived_to_look_at_lock_nobody_for_long(self, shared: TestClient) -> None:
        database = database_of(shared)
        log_in(shared, "ann", "wrong")
        with database.reading() as session:
            here = session.scalars(select(LoginTry.address)).one()
        for _ in range(PER_PAIR - 1):
            note_try(database, "ann", here)  # and the server process is killed
        assert log_in(shared, "ann", PASSWORD).status_code == 429, "they count as long as they may be looked at"
        self._let_pass(shared, timedelta(seconds=31))
        assert log_in(shared, "ann", "wrong").status_code == 401
        for _ in range(PER_PAIR - 2):
            assert log_in(shared, "ann", "wrong").status_code == 401
        assert log_in(shared, "ann", PASSWORD).status_code == 429, "wrong ones count on"

    def test_the_lock_opens_after_a_quarter_of_an_hour(self, shared: TestClient) -> None:
        for k in range(5):
            log_in(shared, "ann", f"wrong {k}")
        self._let_pass(shared, timedelta(minutes=14, seconds=55))
        assert log_in(shared, "ann", PASSWORD).status_code == 429
        self._let_pass(shared, timedelta(seconds=6))
        assert log_in(shared, "ann", PASSWORD).status_code == 200

    def test_slow_mistakes_do_not_add_up(self, shared: TestClient) -> None:
        for k in range(9):
            assert log_in(shared, "ann", f"wrong {k}").status_code == 401
            self._let_pass(shared, timedelta(minutes=4))
        assert log_in(shared, "ann", PASSWORD).status_code == 200

    def test_the_right_password_forgets_the_wrong_ones(self, shared: TestClient) -> None:
        for _ in range(3):
            for k in range(4):
                assert log_in(shared, "ann", f"wrong {k}").status_code == 401
            assert log_in(shared, "ann", PASSWORD).status_code == 200

    def test_an_address_is_locked_after_many_names(self, shared: TestClient) -> None:
        moment = now()
        log_in(shared, "first", "wrong")
        with database_of(shared).writing() as session:
            here = session.scalar(select(LoginTry.address))
            for k in range(PER_ADDRESS - 2):
                session.add(LoginTry(name=kept_name(f"name{k}"), address=here, at=moment))
        codes = [log_in(shared, f"other{k}", "wrong").status_code for k in range(2)]
        assert codes == [401, 429]
        assert log_in(another(shared, "10.0.0.9"), "ann", PASSWORD).status_code == 200

    def test_many_at_once_do_not_slip_through(self, database: Database) -> None:
        def guess(_: int) -> bool:
            try:
                note_try(database, "ann", "10.0.0.1")
            except AfterglowError:
                return False
            return True

        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(guess, range(16))) == 5

    def test_names_that_were_tried_are_not_kept(self, shared: TestClient) -> None:
        log_in(shared, "my-password-by-mistake", "x")
        with database_of(shared).reading() as session:
            (row,) = session.scalars(select(LoginTry)).all()
        assert "mistake" not in row.name

    @staticmethod
    def _let_pass(client: TestClient, time_passed: timedelta) -> None:
        with database_of(client).writing() as session:
            for row in session.scalars(select(LoginTry)):
                row.at -= time_passed


def test_unknown_names_take_as_long_as_known_ones(shared: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", USUAL)
    change_password(database_of(shared), "ann", PASSWORD)

    def seconds(name: str) -> float:
        found = []
        for k in range(3):
            began = time.process_time()
            assert log_in(shared, name, f"wrong {k}").status_code == 401
            found.append(time.process_time() - began)
        return min(found)

    log_in(shared, "first", "wrong")
    known, unknown = seconds("ann"), seconds("nobody")
    assert 0.4 < known / unknown < 2.5


class TestSessions:
    def test_they_end_after_twelve_idle_hours_or_seven_days(self, database: Database) -> None:
        user = add_account(database, "ann", "editor", PASSWORD)
        token = begin_session(database, user.id)
        assert session_account(database, token) == user

        def aged(seen: timedelta, created: timedelta) -> object:
            with database.writing() as session:
                session.execute(update(SessionRow).values(seen=now() - seen, created=now() - created))
            return session_account(database, token)

        minute = timedelta(minutes=1)
        assert aged(IDLE - minute, IDLE) == user
        assert aged(IDLE + minute, IDLE + minute) is None
        assert aged(minute, LONGEST - minute) == user
        assert aged(minute, LONGEST + minute) is None
        begin_session(database, user.id)
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(SessionRow)) == 1

    def test_use_keeps_them_alive(self, database: Database) -> None:
        user = add_account(database, "ann", "editor", PASSWORD)
        token = begin_session(database, user.id)
        with database.writing() as session:
            session.execute(update(SessionRow).values(seen=now() - timedelta(hours=11)))
        assert session_account(database, token) == user
        with database.reading() as session:
            assert now() - session.scalars(select(SessionRow.seen)).one() < timedelta(minutes=1)

    @pytest.mark.parametrize("token", ["", "x" * 5000, "' OR 1=1", "\u0000"])
    def test_odd_tokens_belong_to_nobody(self, database: Database, token: str) -> None:
        assert session_account(database, token) is None


class TestAccounts:
    @pytest.mark.parametrize("name", ["", " ", "a b", "../x", "x" * 65, "-x", "a\u0000b", "<b>"])
    def test_names(self, database: Database, name: str) -> None:
        with pytest.raises(AfterglowError, match="user name"):
            add_account(database, name, "viewer", PASSWORD)

    @pytest.mark.parametrize("password", ["short", "x" * 201, "aaaaaaaaaaaa", "annabellaanna"])
    def test_passwords(self, database: Database, password: str) -> None:
        with pytest.raises(AfterglowError):
            add_account(database, "AnnaBellaAnna", "viewer", password)
        assert accounts.accounts(database) == []

    def test_a_name_is_taken_once(self, database: Database) -> None:
        add_account(database, "Ann", "viewer", PASSWORD)
        with pytest.raises(AfterglowError, match="already"):
            add_account(database, "ann ", "viewer", PASSWORD)
        with pytest.raises(AfterglowError, match="did you mean 'editor'"):
            add_account(database, "ben", "editr", PASSWORD)
        with pytest.raises(AfterglowError, match="did you mean 'ann'"):
            remove_account(database, "anne")


class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/", "/api/account", "/healthz", "/nothing", "/static/nothing.js", "/api/saved/x"]
    )
    def test_every_answer_has_them(self, local: TestClient, path: str) -> None:
        headers = local.get(path).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
        assert "camera=()" in headers["permissions-policy"]
        assert "server" not in headers
        assert "access-control-allow-origin" not in headers
        if path.startswith("/api/"):
            assert headers["cache-control"] == "no-store"

    def test_a_fault_is_one_sentence_with_the_same_headers(
        self, local: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(*_: object) -> None:
            raise ZeroDivisionError("a secret detail")

        monkeypatch.setattr("afterglow.studio.saved.routes.list_saved", broken)
        answer = local.get("/api/saved")
        assert answer.status_code == 500
        assert set(answer.json()) == {"error"}
        assert "secret" not in answer.text
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert "a secret detail" in caplog.text  # for whoever runs it

    def test_a_database_that_is_gone_is_said_so(self, local: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        def gone(*_: object) -> None:
            raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))

        monkeypatch.setattr("afterglow.studio.saved.routes.list_saved", gone)
        answer = local.get("/api/saved")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "database" in answer.json()["error"]


class TestLimits:
    def test_a_large_request_is_refused(self, local: TestClient) -> None:
        answer = local.post("/api/saved", content=b"x" * (256 * 1024 + 1))
        assert answer.status_code == 413
        assert "256 KB" in answer.json()["error"]

    def test_also_in_pieces_and_when_it_lies_about_its_length(self, local: TestClient) -> None:
        taken = []

        def pieces() -> Iterator[bytes]:
            for k in range(100):
                taken.append(k)
                yield b"x" * 16 * 1024

        assert local.post("/api/saved", content=pieces()).status_code == 413
        for length in ("9" * 400, "-1", "x", "²"):
            headers = {"Content-Length": length.encode()}
            answer = local.post("/api/saved", content=b"x" * 300_000, headers=headers)  # type: ignore[arg-type]
            assert answer.status_code == 413

    @pytest.fixture
    def still(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let nothing come back, and refuse at once."""
        monkeypatch.setattr("afterglow.studio.allowance.time", SimpleNamespace(monotonic=lambda: 0.0))
        monkeypatch.setattr(rate, "_HELD_S", 0.0)

    @pytest.mark.usefixtures("still")
    def test_too_many_requests_are_refused(self, sqlite_url: str, start: Start) -> None:
        client = start(sqlite_url, requests_per_second=5)
        codes = [client.get("/api/account").status_code for _ in range(40)]
        assert codes.count(200) >= 25, "six seconds' at once"
        assert codes[-10:] == [429] * 10
        assert client.get("/api/account").headers["retry-after"] == "1"
        assert client.get("/healthz").status_code == 200  # pages and files are not counted

    @pytest.mark.usefixtures("still")
    def test_an_address_has_more_for_all_who_are_not_logged_in_yet(self, sqlite_url: str, start: Start) -> None:
        client = start(sqlite_url, login=True, requests_per_second=1)
        codes = [client.get("/api/account").status_code for _ in range(20)]
        assert codes.count(200) in (17, 18), "three times six, of which the page that was opened took one"
        assert codes[-1] == 429

    def test_whoever_asks_without_pause_waits_for_each_refusal(
        self, sqlite_url: str, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rate, "_HELD_S", 0.2)
        client = start(sqlite_url, login=True, logins_per_minute=1)
        assert client.post("/api/login", json={}).status_code == 422
        began = time.monotonic()
        assert [client.post("/api/login", json={}).status_code for _ in range(2)] == [429, 429]
        assert time.monotonic() - began >= 0.4

    @pytest.mark.usefixtures("still")
    def test_refusals_to_one_who_asks_from_many_places_go_out_one_by_one(
        self, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told, waits, wait_for = list[str](), list[float](), asyncio.wait_for

        async def noted(what: Any, seconds: float) -> Any:
            waits.append(seconds)
            return await wait_for(what, seconds)

        monkeypatch.setattr(rate, "asyncio", SimpleNamespace(wait_for=noted, Event=asyncio.Event))

        async def go() -> None:
            limit = rate.RateLimit(None, settings_for(sqlite_url, login=True))  # type: ignore[arg-type]
            hangs_up = asyncio.Event()

            async def ask(who: str, *, leaves: bool) -> None:
                async def receive() -> Any:
                    await (hangs_up if leaves else asyncio.Event()).wait()
                    return {"type": "http.disconnect"}

                async def send(message: Any) -> None:
                    if message["type"] == "http.response.start":
                        told.append(who)

                await limit._refuse(who, answer(429, "Too many."), {"type": "http"}, receive, send)

            asked = [ask("ann", leaves=False) for _ in range(8)] + [ask("ben", leaves=False)]
            leaving = [asyncio.ensure_future(ask("cy", leaves=True)) for _ in range(50)]
            asyncio.get_running_loop().call_later(0.1, hangs_up.set)
            await asyncio.gather(*asked, *leaving)
            assert not limit._held

        asyncio.run(go())
        assert waits[50:] == [k / 10 for k in (*range(1, 9), 1)], "another does not wait for the first one's"
        assert sorted(told) == ["ann"] * 8 + ["ben"], "whoever has gone is told nothing, and takes no place"

    @pytest.mark.usefixtures("still")
    def test_large_requests_count_as_many(self, sqlite_url: str, start: Start) -> None:
        client = start(sqlite_url, requests_per_second=21)
        large = {"state": "x" * 250_000}
        codes = [client.post("/api/saved", json=large).status_code for _ in range(13)]
        assert codes == [422] * 12 + [429]
        assert client.post("/api/saved", content=iter([b"{}"])).status_code == 429, "nobody knows how long it will be"
        assert client.get("/api/account").status_code == 200, "small ones go on"

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("plan/calendar", {"items": [0] * 15_000, "dates": []}),
            ("plan/calendar/team", {"plans": [{"items": [{}] * 200, "dates": []}] * 12}),
            ("plan/conflicts", {"people": [{"items": [{}] * 200}] * 12}),
            ("course", {f"k{k}": 0 for k in range(15_000)}),
        ],
    )
    def test_mistakes_without_end_are_not_listed(self, local: TestClient, path: str, body: dict[str, Any]) -> None:
        answer = local.post(f"/api/{path}", json=body)
        assert answer.status_code == 422
        assert "more than 50 things are wrong" in answer.json()["error"]

    def test_values_without_end_are_not_read(self, local: TestClient) -> None:
        for body in (b"[" + b"0," * 100_000 + b"0]", b'{"a":' + b'{"b":0},' * 20_000 + b"0}"):
            answer = local.post("/api/saved", content=body)
            assert (answer.status_code, "too many values" in answer.json()["error"]) == (400, True)
        text = {"name": "x", "page": "plan", "state": {"text": ",[{" * 30_000}}
        assert local.post("/api/saved", json=text).status_code == 201, "signs in a text are no values"

    def test_a_class_behind_one_address_counts_one_by_one_beside_one_who_guesses(
        self, database: Database, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user = add_account(database, "ann", "editor", PASSWORD)
        tokens = [begin_session(database, user.id) for _ in range(4)]
        settings = settings_for(sqlite_url, login=True)
        gate, seen = QuickRuns(), []
        app = SimpleNamespace(state=SimpleNamespace(database=database, quick_runs=gate))

        async def inside(scope: Any, *_: Any) -> None:
            seen.append(scope[WHO])

        async def go() -> None:
            limit = rate.RateLimit(inside, settings)

            async def ask(token: str) -> None:
                cookie = f"{cookie_name(scope, settings)}={token}".encode()
                await limit(scope | {"headers": [(b"cookie", cookie)]}, None, None)  # type: ignore[arg-type]

            scope: Any = {"type": "http", "method": "GET", "path": "/api/x", "headers": [], "client": ("10.0.0.1", 1)}
            scope |= {"app": app, "scheme": "http", "query_string": b"", "server": ("x", 80)}
            monkeypatch.setattr(limit, "_guesses", Allowance(1 / 3600, 1))
            for token in tokens[:3]:
                await ask(token)
            monkeypatch.setattr("afterglow.studio.accounts.sessions._REMEMBERED_S", -1.0)
            for token in [*tokens[:3], "guess", *tokens]:
                await ask(token)

        asyncio.run(go())
        assert len({*seen[:3], "10.0.0.1"}) == 4
        assert seen[3:7] == [*seen[:3], "10.0.0.1"]
        assert seen[7:] == [*seen[:3], "10.0.0.1"], "who was never looked up counts for the address"
        assert gate.crowd.asked_per_core == 3, "strangers make no crowd"

    def test_halves_of_requests_from_one_address_have_an_end(self, sqlite_url: str) -> None:
        sent: list[int] = []

        async def forever() -> Any:
            await asyncio.sleep(30)

        async def send(message: Any) -> None:
            sent.extend([message["status"]] if "status" in message else [])

        def asked(address: str) -> Any:
            return {"type": "http", "method": "POST", "path": "/api/saved", "headers": [], "client": (address, 1)}

        async def go() -> None:
            guard = BodyLimit(lambda *_: asyncio.sleep(0), settings_for(sqlite_url))  # type: ignore[arg-type,return-value]
            halves = [asyncio.ensure_future(guard(asked("10.0.0.1"), forever, send)) for _ in range(60)]
            await asyncio.sleep(0)
            await guard(asked("10.0.0.1"), forever, send)
            other = asyncio.ensure_future(guard(asked("10.0.0.2"), forever, send))
            await asyncio.sleep(0)
            assert sent == [429]
            assert not other.done(), "others are read on"
            for half in (*halves, other):
                half.cancel()
            await asyncio.gather(*halves, other, return_exceptions=True)
            assert not guard._coming

        asyncio.run(go())

    @pytest.mark.usefixtures("still")
    def test_too_many_logins_are_refused(self, sqlite_url: str, start: Start) -> None:
        client = start(sqlite_url, login=True, logins_per_minute=3)
        codes = [client.post("/api/login", json={}).status_code for _ in range(4)]
        assert codes == [422, 422, 422, 429]

    @pytest.mark.parametrize(
        ("client", "counted"),
        [
            (("10.0.0.1", 1), "10.0.0.1"),
            (("::ffff:10.0.0.1", 1), "10.0.0.1"),
            (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
            (("fe80::1%eth0", 1), "fe80::/64"),
            (("testclient", 1), "testclient"),
            (None, "unknown"),
        ],
    )
    def test_whom_a_request_is_counted_for(self, client: Any, counted: str) -> None:
        assert address_of({"type": "http", "client": client}) == counted


def test_nothing_secret_is_logged(
    sqlite_url: str, start: Start, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    client = start(sqlite_url, login=True)
    add_account(database_of(client), "ann", "editor", PASSWORD)
    secrets = {PASSWORD, "wrong-password-7", client.cookies["afterglow_8765"], client.headers[CSRF_HEADER]}
    log_in(client, "ann", "wrong-password-7")
    log_in(client, "ann", PASSWORD)
    client.post("/api/login", json={"name": "ann", "password": [PASSWORD]})
    secrets |= {client.cookies["afterglow_8765"], client.headers[CSRF_HEADER]}
    with database_of(client).reading() as session:
        secrets |= set(session.scalars(select(UserRow.password))) | set(session.scalars(select(SessionRow.token_hash)))
    client.post("/api/saved", json=SAVE)
    client.post("/api/logout")
    out, err = capfd.readouterr()
    text = caplog.text + out + err
    assert len(secrets) == 8
    assert not [s for s in secrets if s in text]
