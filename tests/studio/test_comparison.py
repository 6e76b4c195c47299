"""Compare: differences by day and explanation, the grid of dose and hours, and the archive that is taken away."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from afterglow.errors import ProtocolError
from afterglow.protocol import Protocol
from afterglow.report.bundle.bundle import bundle_bytes
from afterglow.report.bundle.dictionary import described
from afterglow.results.differences import difference_of
from afterglow.results.tables import TABLES
from afterglow.runs import Result
from afterglow.studio.compare.comparison import Comparison, comparison_of
from afterglow.studio.compare.grid import Grid, GridQuestion, check_grid, grid_of
from afterglow.studio.compare.share import MAP_LEFT_OUT, SharedPage, page_text
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.design import Design
from afterglow.studio.designs.limits import DESIGN
from afterglow.studio.designs.result import result_of


def three_arms() -> Design:
    design = choices().starters["psilocybin"].model_copy(update={"participants": 64, "horizon_days": 84.0})
    full = design.arms[0]
    bare = full.model_copy(update={"sessions": (), "practice": (), "label": "=bare"})
    low = full.model_copy(update={"dose": 5.0, "label": "low"})
    return design.model_copy(update={"arms": (full, bare, low)})


@pytest.fixture(scope="module")
def result() -> Result:
    return result_of(three_arms())


@pytest.fixture(scope="module")
def found() -> Comparison:
    return comparison_of(three_arms())


def test_differences_by_day_are_those_of_the_run_under_each_explanation(found: Comparison, result: Result) -> None:
    assert {(c.arm, c.versus) for c in found.contrasts} == {("arm1", "arm2"), ("arm1", "arm3"), ("arm2", "arm3")}
    for pair in found.contrasts:
        own = difference_of(result, pair.arm, pair.versus, pair.day)
        assert own is not None
        assert (pair.difference, pair.low, pair.high) == (own.points, own.low, own.high)
        alone = {u.rival: (u.points, u.low, u.high) for u in own.by_rival}
        assert {u.rival: (u.difference, u.low, u.high) for u in pair.under} == alone
    assert {r.id for r in found.rivals} == {u.rival for u in found.contrasts[0].under}
    assert {c.day for c in found.contrasts} >= {42.0, 84.0}


def test_a_difference_turned_round_is_the_same_one_with_the_other_sign(result: Result) -> None:
    one, other = (difference_of(result, *arms, 42.0) for arms in (("arm1", "arm2"), ("arm2", "arm1")))
    assert one is not None
    assert other is not None
    assert (other.arm, other.versus) == ("arm2", "arm1")
    assert (other.points, other.low, other.high) == (-one.points, -one.high, -one.low)
    assert other.probability_lower == pytest.approx(1 - one.probability_lower)


def test_the_picture_goes_through_the_numbers_of_the_table(found: Comparison) -> None:
    for arm in found.arms:
        at = {day: k for k, day in enumerate(arm.curve.days)}
        assert len(arm.curve.low) == len(arm.curve.mean)
        for visit in arm.visits[1:]:
            assert arm.curve.mean[at[visit.day]] == pytest.approx(visit.mean, abs=0.06)


def test_eight_arms_fit_and_nine_do_not() -> None:
    design = three_arms()
    arm = design.arms[0].model_dump()
    assert len(Design.model_validate({**design.model_dump(), "arms": [arm] * DESIGN.arms}).arms) == 8
    with pytest.raises(ValueError, match="at most 8"):
        Design.model_validate({**design.model_dump(), "arms": [arm] * 9})


# The grid


def asked(**update: object) -> GridQuestion:
    given = {"design": three_arms(), "arm": 0, "versus": 1, "doses": (5.0, 25.0), "hours": (0.0, 6.0), "day": 42.0}
    return GridQuestion.model_validate({**given, **update})


def test_a_cell_is_the_arm_that_compare_would_show(found: Comparison) -> None:
    grid = Grid.model_validate(grid_of(asked(), lambda share: None))
    assert [(c.dose, c.hours) for c in grid.cells] == [(5, 0), (5, 6), (25, 0), (25, 6)]
    cell = grid.cells[3]
    visit = next(v for v in found.arms[0].visits if v.day == 42)
    pair = next(c for c in found.contrasts if (c.arm, c.versus, c.day) == ("arm1", "arm2", 42))
    assert (cell.mean, cell.low, cell.high) == (visit.mean, visit.mean_low, visit.mean_high)
    assert (cell.difference, cell.difference_low, cell.difference_high) == (pair.difference, pair.low, pair.high)
    assert grid.best == min(range(4), key=lambda k: grid.cells[k].mean)
    assert grid.cells[grid.best].behind == 0
    for k, other in enumerate(grid.cells):
        assert other.behind == pytest.approx(other.mean - grid.cells[grid.best].mean, abs=1e-9)
        assert other.told_apart == (k != grid.best and not other.behind_low <= 0 <= other.behind_high)


@pytest.mark.parametrize(
    ("update", "sentence"),
    [
        ({"arm": 1}, "no integration session"),
        ({"day": 41.0}, "nobody is rated on day 41"),
        ({"hours": (0.0, 100.0)}, "do not fit into 4"),
    ],
)
def test_a_grid_that_cannot_be_run_is_refused_in_a_sentence(update: dict[str, object], sentence: str) -> None:
    with pytest.raises(ProtocolError, match=sentence):
        check_grid(asked(**update))


def test_a_grid_without_a_dose_is_refused() -> None:
    design = three_arms()
    none = design.arms[0].model_copy(update={"medicine": "none"})
    with pytest.raises(ProtocolError, match="gives no dose"):
        check_grid(asked(design=design.model_copy(update={"arms": (none, *design.arms[1:])})))


def test_a_list_that_falls_or_an_arm_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="they rise, and none stands twice"):
        asked(doses=(25.0, 5.0))
    with pytest.raises(ValueError, match="there is no arm 4; the design has 3"):
        asked(versus=3)


# What is taken away


def test_the_archive_explains_every_column_and_its_protocol_makes_the_same_run(result: Result) -> None:
    archive = zipfile.ZipFile(io.BytesIO(bundle_bytes(result, created="now")))
    texts = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    said = {(row["file"], row["column"]): row for row in csv.DictReader(io.StringIO(texts["data_dictionary.csv"]))}
    for table in TABLES:
        head, *rows = csv.reader(io.StringIO(texts[f"{table}.csv"]))
        assert len(rows) == len(result.rows[table])
        assert {(f"{table}.csv", column) for column in head} <= set(said)
    assert said["scores.csv", "mean_low"]["meaning"].startswith("low end; 90 % interval")
    assert "people" in said["scores.csv", "q05"]["meaning"]
    assert (said["scores.csv", "mean"]["unit"], said["exposure.csv", "tmax_h_median"]["unit"]) == ("points", "hours")
    scores = list(csv.DictReader(io.StringIO(texts["scores.csv"])))
    assert float(scores[3]["mean_low"]) == result.rows["scores"][3]["mean_low"]
    assert "arm2,'=bare," in texts["arms.csv"], "no text is read as a formula"
    assert Protocol.from_yaml(texts["protocol.yaml"]) == result.protocol
    assert f"--participants 64 --seed {result.seed}" in texts["README.txt"]
    assert f"seed {result.seed}, run {result.run.spec.key}" in texts["methods.txt"]
    assert "<script" not in texts["report.html"]
    assert set(texts) == {
        "README.txt",
        *(
            line.split(":")[0].strip()
            for line in texts["README.txt"].split("Files")[1].splitlines()
            if line.startswith("  ") and line.split(":")[0].strip() in texts
        ),
    }


def test_the_page_to_share_has_the_differences_looked_at_and_the_map_that_was_run(
    found: Comparison, result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERGLOW_RUNS", str(tmp_path))
    monkeypatch.setenv("AFTERGLOW_RUNS_MB", "200")
    grid = Grid.model_validate(grid_of(asked(), lambda share: None))
    text = unescape(page_text(SharedPage(design=three_arms(), versus=1, days=(42.0, 43.0), grid=asked()), result))
    assert text.count('id="fig-arms"') == text.count('id="fig-map"') == 1
    arms, cells = (text.split(f'id="fig-{key}"')[1].split("</table>")[0] for key in ("arms", "map"))
    pair = next(c for c in found.contrasts if (c.arm, c.versus, c.day) == ("arm1", "arm2", 42))
    drawn = f"{pair.difference:+.1f} ({pair.low:+.1f} to {pair.high:+.1f})".replace("-", "−")
    assert drawn in arms, "the picture says what Compare says"
    assert {under.rival for under in pair.under} == set(result.by_rival)
    assert arms.count("minus =bare, day") == 2, "two days next to each other are one day of rating, with two arms"
    assert f"{grid.cells[grid.best].mean:.1f}" in cells
    assert "Dose (mg)" in cells
    never_run = page_text(SharedPage(design=three_arms(), grid=asked(doses=(1.0, 2.0))), result)
    assert ("fig-map" in never_run, never_run.count(MAP_LEFT_OUT)) == (False, 1), "what is missing is said"
    assert MAP_LEFT_OUT not in text


def test_a_column_of_which_nothing_is_said_is_a_fault() -> None:
    with pytest.raises(KeyError, match="no_such"):
        described("scores", "no_such")


def test_addresses_of_compare_answer_and_refuse(sqlite_url: str, start: Callable[..., TestClient]) -> None:
    page = start(sqlite_url)
    design = three_arms().model_copy(update={"participants": 20}).model_dump(mode="json")
    answer = page.post("/api/comparison", json=design)
    assert answer.status_code == 200
    assert Comparison.model_validate(answer.json()).participants == 20
    shared = page.post("/api/export/html", json={"design": design, "versus": 1, "days": [42]})
    assert shared.headers["content-disposition"] == 'attachment; filename="afterglow-comparison.html"'
    assert "127.0.0.1" not in shared.text
    assert "x-afterglow-note" not in shared.headers
    grid = {"design": design, "doses": [5], "hours": [3], "day": 42}
    without = page.post("/api/export/html", json={"design": design, "grid": grid})
    assert without.headers["x-afterglow-note"] == MAP_LEFT_OUT
    refused = page.post("/api/export/html", json={"design": design, "versus": 3})
    assert (refused.status_code, "there is no arm 4" in refused.json()["error"]) == (422, True)
    assert page.post("/api/comparison", json={**design, "arms": []}).status_code == 422
    job = page.post(
        "/api/jobs", json={"kind": "grid", "asked": {"design": design, "doses": [5], "hours": [3], "day": 41}}
    )
    assert (job.status_code, job.json()["error"].startswith("nobody is rated on day 41")) == (422, True)
