"""What a run gives in Python: plots, what it says of itself, explanations alone, pickles and files."""

from __future__ import annotations

import json
import pickle
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from tests.protocols import EVIL

from afterglow import Protocol, Result, simulate
from afterglow.errors import FileError, ParameterError
from afterglow.figures.catalogue import figure_cards
from afterglow.results.differences import integration_adds
from afterglow.results.tables import TABLES


def test_every_figure_can_be_drawn_by_its_key(small_run: Result) -> None:
    assert small_run.figures == tuple(card.key for card in figure_cards(small_run))
    figure = small_run.plot("score-madrs")
    assert isinstance(figure, Figure)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "Psilocybin 60 mg †", "MDMA with therapy, three times", "Placebo"
    ]  # fmt: skip
    assert figure._repr_svg_().count("<svg") == 1  # type: ignore[attr-defined]


def test_an_unknown_figure_is_refused_with_the_nearest(small_run: Result, placebo_run: Result) -> None:
    with pytest.raises(ParameterError, match="'score-madrs'"):
        small_run.plot("score-madr")
    with pytest.raises(ParameterError, match="nothing to draw for 'contrast'; it has overview, "):
        placebo_run.plot("contrast")


def test_a_result_says_what_it_holds_in_a_few_lines(small_run: Result, uncalibrated_run: Result) -> None:
    lines = repr(small_run).splitlines()
    assert len(lines) < 15
    assert lines[0] == " ".join(EVIL.split())
    assert small_run.run.spec.key in lines[-1]
    row = next(r for r in small_run.rows["scores"] if r["arm"] == "mdma" and r["scale"] == "MADRS" and r["day"] == 365)
    (told,) = (line for line in lines if "MDMA" in line)
    assert f"{row['mean']:.1f} ({row['mean_low']:.1f} to {row['mean_high']:.1f}); integration adds −" in told
    assert "16 people an arm, 8 draws" in lines[1]
    assert "not calibrated" in repr(uncalibrated_run)
    assert " to " not in repr(uncalibrated_run)


def test_a_result_of_many_arms_stays_short(small_run: Result) -> None:
    spec = json.loads(small_run.protocol.model_dump_json())
    spec["arms"] = [spec["arms"][-1] | {"id": f"placebo{k}", "label": "x" * 200} for k in range(12)]
    lines = repr(simulate(Protocol.made(spec), participants=2, calibrated=False, twins=False)).splitlines()
    assert len(lines) < 15
    assert "and 4 more arms" in lines[-2]
    assert max(map(len, lines)) < 130


def test_the_card_of_a_notebook_is_harmless_and_holds_the_table_and_the_picture(small_run: Result) -> None:
    html = small_run._repr_html_()
    seen: list[str] = []
    text: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append(tag)
            assert not any(name.startswith("on") for name, _ in attrs)

        def handle_data(self, data: str) -> None:
            text.append(data)

    Reader().feed(html)
    assert "script" not in seen
    assert seen.count("svg") == 1
    assert seen.count("td") == 9
    assert " ".join(EVIL.split()) in text
    assert any("MADRS (points)" in piece for piece in text)


def test_the_weighted_answer_is_the_mean_of_the_explanations(small_run: Result) -> None:
    for added in integration_adds(small_run):
        assert sum(own.weight for own in added.by_rival) == pytest.approx(1)
        assert sum(own.weight * own.points for own in added.by_rival) == pytest.approx(added.points)
    whole = small_run.scores.set_index(["arm", "scale", "day"])["mean"]
    parts = [
        explanation.weight * small_run.by_rival[explanation.rival].scores.set_index(["arm", "scale", "day"])["mean"]
        for explanation in small_run.run.spec.explanations
    ]
    np.testing.assert_allclose(sum(parts), whole)


def test_one_explanation_alone_is_a_result_of_its_own(small_run: Result) -> None:
    alone = small_run.by_rival["drug_only"]
    assert isinstance(alone, Result)
    assert alone.rival == "drug_only"
    assert "drug only alone" in repr(alone)
    assert "explanations" not in alone.figures


def test_json_holds_each_explanation(small_run: Result) -> None:
    found = json.loads(json.dumps(small_run.to_json(), allow_nan=False))["by_rival"]
    assert {name: own["weight"] for name, own in found.items()} == {
        explanation.rival: explanation.weight for explanation in small_run.run.spec.explanations
    }
    assert {(row["arm"], row["scale"]) for row in found["window"]["scores"]} == {
        (arm.id, scale) for arm in small_run.arms for scale in small_run.scales
    }
    assert found["window"]["contrasts"] == small_run.by_rival["window"].rows["contrasts"]


def test_a_result_can_be_pickled_with_tables_made_and_without(small_run: Result) -> None:
    for made in (Result(small_run.run), small_run):
        back = pickle.loads(pickle.dumps(made))
        assert back.run.spec == small_run.run.spec
        for name in TABLES:
            assert back.frame(name).equals(small_run.frame(name)), name


def test_a_saved_result_comes_back_whole(small_run: Result, tmp_path: Path) -> None:
    back = Result.load(small_run.save(tmp_path / "run.nc"))
    assert back.run.spec == small_run.run.spec
    for name in TABLES:
        assert back.frame(name).equals(small_run.frame(name)), name
    assert repr(back) == repr(small_run)
    for name in ("symptom", "new_pattern", "PHQ-9"):
        before, after = small_run.course(name, "mdma"), back.course(name, "mdma")
        assert before is not None
        assert after is not None
        np.testing.assert_array_equal(before.mean, after.mean)


def test_what_is_no_result_is_refused(tmp_path: Path, small_run: Result) -> None:
    (tmp_path / "mine.nc").write_text("no result")
    with pytest.raises(FileError, match="could not be read"):
        Result.load(tmp_path / "mine.nc")
    with pytest.raises(FileError, match=r"end in \.nc"):
        small_run.save(tmp_path / "mine.txt")
