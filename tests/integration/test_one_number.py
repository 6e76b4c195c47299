"""The same arm and day has one number: in the command line, the report, Explore and Compare."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from afterglow import Protocol, Result, simulate
from afterglow.cli.main import app
from afterglow.figures.catalogue import RenderedFigure, figure_cards
from afterglow.report.html import render_html
from afterglow.studio.compare.comparison import compare
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.design import Design, protocol_of
from afterglow.studio.designs.result import Effort
from afterglow.studio.explore.certainty import Certainty, certainty_of

STARTERS = ("ketamine", "esketamine", "psilocybin", "mdma")


def undrawn(result: Result) -> list[RenderedFigure]:
    """The figures of a report with their words and numbers, which are read here, and without their pictures."""
    return [
        RenderedFigure(card=card, svg='<svg viewBox="0 0 1 1"></svg>', png=b"", alt="", numbers=card.table(result))
        for card in figure_cards(result)
    ]


class Faces:
    """One design, seen four ways; the run itself is calculated once and read from the store by the others."""

    def __init__(self, medicine: str, folder: Path) -> None:
        self.design: Design = choices().starters[medicine]
        protocol = protocol_of(self.design)
        file = folder / f"{medicine}.yaml"
        file.write_text(protocol.to_yaml(), encoding="utf-8")
        said = CliRunner().invoke(app, ["simulate", str(file), "--json"])
        assert said.exit_code == 0, said.output
        self.command_line: dict[str, Any] = json.loads(said.stdout)
        self.result: Result = simulate(Protocol.from_file(file))
        self.report = re.sub(r"<[^>]+>", " ", render_html(self.result, undrawn(self.result)))
        self.explore: Certainty = certainty_of(self.design)
        self.compare = compare(self.design, lambda share: None)


@pytest.fixture(scope="module", params=STARTERS)
def faces(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Faces:
    folder = tmp_path_factory.mktemp("faces")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFTERGLOW_RUNS", str(folder / "runs"))
        patch.setenv("AFTERGLOW_RUNS_MB", "1000")
        return Faces(request.param, folder)


def test_the_run_is_the_same_and_was_calculated_once(faces: Faces, tmp_path: Path) -> None:
    assert faces.command_line["run"] == faces.result.run.spec.key
    assert faces.command_line["rival"] == "weighted"
    assert (faces.explore.course.participants, faces.explore.course.draws) == (256, 64)


def test_the_mean_and_its_interval(faces: Faces) -> None:
    arm = faces.command_line["arms"][0]
    scale = faces.explore.course.scale.id
    rows = [row for row in arm["scores"] if row["scale"] == scale]
    shown = [row for row in faces.explore.course.arms[0].scores if row.scale == scale]
    assert [(row["day"], row["mean"]) for row in rows] == [(row.day, row.mean) for row in shown]
    bands = {band.day: band for band in faces.explore.bands if band.arm == arm["id"] and band.scale == scale}
    for row in rows[1:]:
        band = bands[row["day"]]
        assert (band.mean_low, band.mean_high) == pytest.approx((row["mean_low"], row["mean_high"]), abs=5e-5)
    last, compared = rows[-1], faces.compare["arms"][0]
    assert compared["score"] == pytest.approx(last["mean"], abs=5e-4)
    ends = (compared["score_low"], compared["score_high"])
    assert ends == pytest.approx((last["mean_low"], last["mean_high"]), abs=5e-5)
    assert f"{last['mean']:.1f}" in faces.report
    assert f"{last['mean_low']:.1f} to {last['mean_high']:.1f}" in faces.report


def test_the_difference_that_integration_makes(faces: Faces) -> None:
    arm, scale = faces.command_line["arms"][0]["id"], faces.explore.course.scale.id
    rows = [
        row
        for row in faces.command_line["contrasts"]
        if (row["arm"], row["versus"], row["scale"]) == (arm, f"{arm}|no integration", scale)
    ]
    shown = {c.day: c for c in faces.explore.contrasts if c.arm == arm}
    for row in rows:
        one = shown[row["day"]]
        numbers = (row["mean_difference"], row["credible_low"], row["credible_high"])
        assert (one.difference, one.low, one.high) == pytest.approx(numbers, abs=5e-4)
    last = rows[-1]
    assert f"{abs(last['mean_difference']):.1f} points" in faces.report
    ends = [f"{last[name]:+.1f}".replace("-", "\u2212") for name in ("credible_low", "credible_high")]
    assert f"{ends[0]} to {ends[1]}" in faces.report
    under = {name: own["contrasts"][-1]["mean_difference"] for name, own in faces.command_line["by_rival"].items()}
    assert {r.id: r.difference for r in faces.explore.rivals} == pytest.approx(under, abs=5e-4)


def test_a_fresh_calculation_gives_what_the_store_gives(faces: Faces) -> None:
    if faces.design.arms[0].medicine != "psilocybin":
        pytest.skip("one is enough")
    again = simulate(faces.result.protocol, store=False)
    for table in ("scores", "contrasts", "relapse", "lasting", "windows", "exposure"):
        assert again.rows[table] == faces.result.rows[table], table


def test_fewer_draws_say_so_and_stay_within_their_error(faces: Faces) -> None:
    few = certainty_of(faces.design, effort=Effort(16))
    assert few.course.draws == 16
    scale = faces.explore.course.scale.id
    errors = {row["day"]: row["mc_error"] for row in faces.command_line["arms"][0]["scores"] if row["scale"] == scale}
    full = {row.day: row.mean for row in faces.explore.course.arms[0].scores if row.scale == scale}
    for row in few.course.arms[0].scores:
        if row.scale == scale:
            assert row.mean == pytest.approx(full[row.day], abs=5 * errors[row.day] + 0.2)
