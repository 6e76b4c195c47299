"""The OpenAPI schema is true: whatever is sent, answers are as it says, and never a fault of the server."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.studio.conftest import settings_for
from tests.studio.labour import Task, labour

from afterglow.studio.accounts.accounts import Account, add_account, owner_of
from afterglow.studio.accounts.sessions import begin_session, csrf_of
from afterglow.studio.database.database import Database
from afterglow.studio.database.upgrade import upgrade
from afterglow.studio.jobs.pool import JobKind
from afterglow.studio.jobs.queue import Queue
from afterglow.studio.saved.saved import make_saved
from afterglow.studio.server.application import create_app
from afterglow.studio.server.origin import CSRF_HEADER

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PEOPLE = 10
"""Schemas allow many more people than this test has time for."""


EXAMPLES = 6
ADDRESSES = [
    (path, method.upper())
    for path, methods in create_app(settings_for("sqlite:////nowhere/studio.sqlite3")).openapi()["paths"].items()
    for method in methods
]


class Studio:
    """An app with one editor, who has saved a design and started a job."""

    def __init__(self, url: str) -> None:
        given = settings_for(url, login=True, requests_per_second=100_000, logins_per_minute=100_000, waiting_jobs=999)
        self.app: FastAPI = create_app(given, kinds={"compare": JobKind(Task, labour)})
        self.database = Database.opened(given)
        upgrade(self.database)
        self.editor: Account = add_account(self.database, "ann", "editor", "correct horse battery")
        owner = owner_of(self.editor.id)
        self.calls = count()
        self.real = {
            "saved_id": lambda: make_saved(self.database, owner, name=f"x{next(self.calls)}", page="plan", state={}).id,
            "job_id": lambda: Queue(self.database, places=999, per_owner=999).add(owner, "compare", "{}").id,
        }

    def address(self, parts: dict[str, Any]) -> None:
        """Every other time, put what is really there into an address."""
        for name, make in self.real.items():
            if name in parts and next(self.calls) % 2:
                parts[name] = make()

    def headers(self) -> dict[str, str]:
        """Log in anew, as the request before may have logged out."""
        token = begin_session(self.database, self.editor.id)
        return {"Cookie": f"afterglow_8765={token}", CSRF_HEADER: csrf_of(token)}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    found = Studio(f"sqlite:///{tmp_path_factory.mktemp('schema') / 'studio.sqlite3'}")
    yield found
    found.database.close()


@pytest.fixture(scope="module")
def api(studio: Studio) -> Any:
    return schemathesis.openapi.from_asgi("/api/openapi.json", studio.app, headers=studio.headers())


@pytest.mark.parametrize(("path", "method"), ADDRESSES, ids=lambda part: part)
def test_answers_are_as_the_schema_says(api: Any, studio: Studio, path: str, method: str) -> None:
    @given(case=api[path][method].as_strategy())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def tried(case: schemathesis.Case) -> None:
        design = case.body.get("design", case.body) if isinstance(case.body, dict) else None
        if isinstance(design, dict) and isinstance(design.get("participants", 0), int):
            design["participants"] = min(design.get("participants", PEOPLE), PEOPLE)
        studio.address(case.path_parameters)
        seen.add(case.call_and_validate(headers=studio.headers(), checks=CHECKS).status_code)

    seen: set[int] = set()
    tried()
    assert 401 not in seen or path == "/api/login"
    assert method not in ("GET", "DELETE") or path.endswith(("{name}", "{number}")) or min(seen) < 300


def test_the_schema_speaks_of_errors_in_one_way(studio: Studio) -> None:
    found = studio.app.openapi()
    assert "HTTPValidationError" not in found["components"]["schemas"]
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            assert operation["responses"]["4XX"]["content"]["application/json"]["schema"] == {
                "$ref": "#/components/schemas/ErrorAnswer"
            }, (method, path)
            assert "422" not in operation["responses"], (method, path)
            assert operation.get("description"), (method, path)
