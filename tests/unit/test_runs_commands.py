"""The commands on kept runs: what they list, show, compare and remove, and what they say to a wrong key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests import protocols as plan
from tests.runs import SMALL, protocol
from typer.testing import CliRunner

from afterglow import Result, simulate
from afterglow.cli.main import app
from afterglow.errors import FileError
from afterglow.runs.difference import difference
from afterglow.runs.store import RunStore, usual_store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setenv("AFTERGLOW_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("AFTERGLOW_RUNS_MB", "50")
    monkeypatch.setenv("COLUMNS", "200")
    found = usual_store()
    assert found is not None
    return found


@pytest.fixture
def two(store: RunStore) -> tuple[Result, Result]:
    """A run, and one with a smaller dose, another arm, another seed and another explanation."""
    less = protocol(
        "less",
        dosed={"doses": [plan.psilocybin(mg=10)], "sessions": [plan.sit(0), plan.session(1)]},
        waiting={"sessions": [plan.session(1)]},
    )
    return simulate(protocol(), **SMALL), simulate(less, **{**SMALL, "rival": "additive"}, seed=2)


def said(*words: str) -> str:
    done = CliRunner().invoke(app, ["runs", *words])
    assert done.exit_code == 0, done.exception
    return done.output


def told(*words: str) -> Any:
    return json.loads(said(*words, "--json"))


def refused(*words: str) -> str:
    done = CliRunner().invoke(app, ["runs", *words])
    assert isinstance(done.exception, FileError), done.output
    return str(done.exception)


def test_list_names_every_run_the_last_used_first(two: tuple[Result, Result], store: RunStore) -> None:
    first, second = (result.run.spec.key for result in two)
    found = told("list")
    assert [row["key"] for row in found["runs"]] == [second, first]
    assert (found["folder"], found["limit_mb"]) == (str(store.folder), 50)
    row = found["runs"][1]
    assert (row["title"], row["arms"]) == ("small", ["dosed", "infused"])
    assert (row["participants"], row["draws"]) == (6, 2)
    assert row["explanations"] == [{"rival": "window", "weight": 1.0}]
    assert row["bytes"] == store.path(first).stat().st_size
    shown = said("list", "--wide")
    assert all(word in shown for word in (first[:12], second[:12], "small", "dosed, infused", "additive"))
    assert "dosed, infused" not in said("list")
    assert f"{first}," in said("list", "--format", "csv")


def test_list_of_nothing(store: RunStore) -> None:
    assert said("list") == f"No run is kept in {store.folder} yet.\n"
    assert told("list")["runs"] == []


def test_list_passes_over_what_is_no_run(two: tuple[Result, Result], store: RunStore) -> None:
    store.path("0" * 32).write_bytes(b"nothing")
    (store.folder / "mine.nc").write_bytes(b"mine")
    assert len(told("list")["runs"]) == 2


def test_show_gives_the_specification_and_the_last_day(two: tuple[Result, Result]) -> None:
    result, _ = two
    key = result.run.spec.key
    found = told("show", key[:8])
    assert found["key"] == key
    assert found["spec"] == json.loads(result.run.spec.to_json())
    assert found["result"] == result.to_json()
    shown = said("show", key)
    last = next(row for row in result.rows["scores"] if row["arm"] == "infused" and row["day"] == 28)
    assert f"run: {key}" in shown
    assert f"{last['mean']:.1f}" in shown
    assert f"{last['mean_low']:.1f} to {last['mean_high']:.1f}" in shown


def test_path_is_where_it_lies(two: tuple[Result, Result], store: RunStore) -> None:
    key = two[0].run.spec.key
    assert said("path", key.upper()[:10]) == f"{store.path(key)}\n"


def test_remove_takes_the_named_and_leaves_the_others(two: tuple[Result, Result], store: RunStore) -> None:
    first, second = (result.run.spec.key for result in two)
    assert said("remove", first[:10], first) == "Removed 1 run.\n"
    assert store.keys() == [second]
    assert refused("remove") == refused("remove", second, "--all") == "name the runs to remove, or say --all"
    assert said("remove", "--all") == "Removed 1 run.\n"
    assert store.keys() == []


def test_a_wrong_key_is_answered_with_the_nearest(two: tuple[Result, Result], store: RunStore) -> None:
    key = two[0].run.spec.key
    wrong = key[:5] + ("0" if key[5] != "0" else "1") + key[6:9]
    assert refused("show", wrong) == f"no run is kept under '{wrong}'; did you mean {key[:12]}?"
    everyone = ", ".join(k[:12] for k in reversed(store.keys()))
    assert refused("show", "zzzz") == f"no run is kept under 'zzzz'; known: {everyone}"
    for k in ("0000a", "0000b"):
        store.path(k.ljust(32, "0")).write_bytes(b"")
    assert refused("path", "0000") == "'0000' may be any of 0000a0000000, 0000b0000000: give more of the key"
    said("remove", "--all")
    assert refused("path", "ab") == "no run is kept under 'ab'; none is kept yet"


def test_a_damaged_file_is_named_not_shown(two: tuple[Result, Result], store: RunStore) -> None:
    path = store.path(two[0].run.spec.key)
    path.write_bytes(path.read_bytes()[:-10])
    assert "damaged" in refused("show", path.stem)


def test_no_store_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERGLOW_RUNS_MB", "0")
    assert refused("list").startswith("no runs are kept here")


def test_diff_says_what_was_asked_and_what_came_out(two: tuple[Result, Result]) -> None:
    one, other = two
    found = told("diff", one.run.spec.key, other.run.spec.key)
    asked = found["spec"]
    assert asked["protocol.arms[dosed].doses[0].dose_mg"] == [25, 10]
    assert asked["protocol.title"] == ["small", "less"]
    assert asked["seed"] == [1, 2]
    assert asked["explanations[window].weight"] == [1.0, "absent"]
    assert asked["explanations[additive].weight"] == ["absent", 1.0]
    assert asked["protocol.arms[waiting].id"] == ["absent", "waiting"]
    assert not any(path.startswith(("protocol.arms[dosed].sessions", "version", "model", "draws")) for path in asked)
    assert (found["only_first"], found["only_second"]) == (["infused"], ["waiting"])
    (last,) = found["last"]
    rows = [next(r for r in x.rows["scores"] if (r["arm"], r["day"]) == ("dosed", 28)) for x in two]
    assert (last["arm"], last["day"], last["first"], last["second"]) == ("dosed", 28, rows[0]["mean"], rows[1]["mean"])
    assert last["first_interval"] == [rows[0]["mean_low"], rows[0]["mean_high"]]
    assert last["second_interval"] == [rows[1]["mean_low"], rows[1]["mean_high"]]
    means = [{r["day"]: r["mean"] for r in x.rows["scores"] if r["arm"] == "dosed"} for x in two]
    moved = {day: means[1][day] - means[0][day] for day in means[0]}
    assert abs(found["largest"]["change"]) == max(map(abs, moved.values()))
    assert moved[found["largest"]["day"]] == found["largest"]["change"]
    shown = said("diff", one.run.spec.key[:9], other.run.spec.key[:9])
    assert "protocol.arms[dosed].doses[0].dose_mg: 25.0 -> 10.0" in shown
    assert "only in the second: waiting" in shown
    assert "protocol.arms[waiting]" not in shown, "a whole arm is said in a line"
    assert said("diff", one.run.spec.key, other.run.spec.key, "--format", "csv").startswith(
        "arm,scale,day,first,second,"
    )


def test_a_run_does_not_differ_from_itself(two: tuple[Result, Result]) -> None:
    found = difference(two[0], two[0])
    assert (found.spec, found.only_first, found.only_second) == ({}, (), ())
    assert found.largest is not None
    assert found.largest["change"] == 0
    assert said("diff", two[0].run.spec.key, two[0].run.spec.key).startswith("The same run.\n")


def test_runs_without_a_common_arm_have_no_change(store: RunStore) -> None:
    one = simulate(protocol("a", one={"sessions": [plan.session(1)]}), **SMALL, calibrated=False)
    other = simulate(protocol("b", other={"sessions": [plan.session(1)]}), **SMALL, calibrated=False)
    found = told("diff", one.run.spec.key, other.run.spec.key)
    assert (found["last"], found["largest"]) == ([], None)
    assert (found["only_first"], found["only_second"]) == (["one"], ["other"])
