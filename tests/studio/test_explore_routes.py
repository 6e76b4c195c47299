"""What the server answers about a design: at once, in full, to a crowd, and as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from afterglow.posterior import shipped_posteriors
from afterglow.protocol import Protocol
from afterglow.runs import simulate
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.result import QUICK
from afterglow.studio.quick_runs import Crowd

PEOPLE = 32


@pytest.fixture
def client(start: Callable[..., TestClient], sqlite_url: str) -> TestClient:
    return start(sqlite_url)


@pytest.fixture
def design() -> dict[str, Any]:
    found = choices().starters["psilocybin"].model_dump(mode="json")
    return {**found, "participants": PEOPLE, "horizon_days": 84.0}


def ask(client: TestClient, path: str, design: dict[str, Any]) -> Any:
    answer = client.post(f"/api/{path}", json=design)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_first_answer_and_the_full_one_say_how_many_people_and_draws(
    client: TestClient, design: dict[str, Any]
) -> None:
    first, full = ask(client, "course", design), ask(client, "certainty", design)["course"]
    assert [(found["participants"], found["draws"]) for found in (first, full)] == [(PEOPLE, QUICK.draws), (PEOPLE, 64)]
    assert first["rival"] == full["rival"] == "weighted"


def test_a_number_with_a_comma_is_told_so(client: TestClient, design: dict[str, Any]) -> None:
    arm = design["arms"][0] | {"dose": "2,5"}
    answer = client.post("/api/course", json={**design, "arms": [arm]})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("The dose of arm 1: '2,5' has a decimal comma; write 2.5")


def test_a_second_arm_changes_nothing_in_the_first_answers(client: TestClient, design: dict[str, Any]) -> None:
    other = choices().starters["ketamine"].arms[0].model_dump(mode="json")
    other["sessions"].append({"day": -50.0, "kind": "preparation", "hours": 1.0})
    other["practice"] = []
    both = {**design, "arms": [*design["arms"], other]}
    for path in ("course", "certainty"):
        alone, beside = ask(client, path, design), ask(client, path, both)
        one, two = (found.get("course", found)["arms"][0] for found in (alone, beside))
        for name in ("scores", "relapse", "lasting", "story", "dosing_days"):
            assert one[name] == two[name], (path, name)
    assert alone["headline"] == beside["headline"]
    assert alone["rivals"] == beside["rivals"]
    assert alone["bands"] == [row for row in beside["bands"] if row["arm"] == "arm1"]
    assert alone["contrasts"] == [row for row in beside["contrasts"] if row["arm"] == "arm1"]


def test_a_crowd_gets_fewer_draws_and_a_larger_one_fewer_people_and_is_told(
    client: TestClient, design: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    more = design | {"participants": 256}
    assert not ask(client, "course", more)["crowded"]
    for waiting, people, draws in ((1, (128, 128), (4, 16)), (2, (64, 64), (4, 16)), (6, (32, 32), (16, 16))):
        monkeypatch.setattr("afterglow.studio.answers.Answers.crowd", Crowd(waiting))
        first, full = ask(client, "course", more), ask(client, "certainty", more)["course"]
        assert [found["participants"] for found in (first, full)] == list(people)
        assert [found["draws"] for found in (first, full)] == list(draws)
        assert (first == full) == (waiting == 6), "in the largest crowd one run answers both"
        assert first["crowded"]
        assert full["crowded"]
        assert not first["full"]
        assert not full["full"]
        for found in (first, full):
            whole = "64 draws" if found["participants"] == 256 else "256 people and 64 draws"
            assert f"{found['participants']} virtual people at {found['draws']} draws" in found["note"]
            assert f"the full run, that of the command line, has {whole}." in found["note"]


def test_the_exported_files_hold_the_same_run(client: TestClient, design: dict[str, Any]) -> None:
    design["arms"][0]["label"] = "=first"
    text = client.post("/api/export/yaml", json=design).text
    rows = simulate(Protocol.from_yaml(text), participants=PEOPLE).rows["scores"]
    table = list(csv.DictReader(io.StringIO(client.post("/api/export/csv", json=design).text)))
    assert len(table) == len(rows)
    for said, row in zip(table, rows, strict=True):
        assert (said["arm"], said["scale"], float(said["day"])) == (row["arm"], row["scale"], row["day"])
        assert [float(said[k]) for k in ("mean", "mean_low", "mean_high")] == [
            row[k] for k in ("mean", "mean_low", "mean_high")
        ]
    assert table[0]["label"] == "'=first"


def test_about_says_what_every_explanation_rests_on(client: TestClient) -> None:
    told = client.get("/api/about").json()["calibrated"]
    facts = [posterior.diagnostics for posterior in shipped_posteriors().by_rival.values()]
    assert told["pareto_k"] == pytest.approx(max(f["pareto_k"] for f in facts), abs=0.005)
    assert told["effective_draws"] == round(min(f["effective_draws"] for f in facts))
    assert {len(f["studies"]) for f in facts} == {told["studies"]}
    assert {f["rows"] for f in facts} == {told["rows"]}


def test_a_file_of_a_large_run_comes_from_the_long_calculation_alone(
    client: TestClient, design: dict[str, Any]
) -> None:
    arm = design["arms"][0]
    large = {**design, "participants": 3000, "horizon_days": 1095.0, "arms": [arm] * 8, "seed": 77}
    for path in ("export/bundle", "export/html", "export/csv", "comparison", "certainty"):
        answer = client.post(f"/api/{path}", json={"design": large} if path == "export/html" else large)
        assert answer.status_code == 422
        assert "start it on Compare as a long calculation" in answer.json()["error"]
