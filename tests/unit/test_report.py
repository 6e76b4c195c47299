"""The report: what it says, that it is safe to open, and that its files are whole."""

from __future__ import annotations

import importlib.util
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from afterglow import files
from afterglow.errors import FileError
from afterglow.figures import style
from afterglow.figures.catalogue import RenderedFigure, figure_cards, render
from afterglow.figures.scores import response_score
from afterglow.figures.timeline import open_spans
from afterglow.report.html import render_html, write_report
from afterglow.report.markup import esc, link, number
from afterglow.report.provenance import protocol_hash
from afterglow.figures.reading import arms_of, curve, thin
from afterglow.report.tables import TABLES, write_tables
from afterglow.report.words import arm_summaries

_SPEC = importlib.util.spec_from_file_location("report_fixture", Path(__file__).parents[1] / "report_fixture.py")
assert _SPEC is not None
assert _SPEC.loader is not None
fixture = importlib.util.module_from_spec(_SPEC)
sys.modules["report_fixture"] = fixture
_SPEC.loader.exec_module(fixture)

EVIL = '<script>alert("x")</script>$\\frac{$ & "quoted"'
VOID = {"meta", "br", "link", "img", "input", "hr"}
LOADING = {"src", "srcset", "poster", "data", "action", "background"}


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def result():
    return fixture.make_result(
        fixture.psilocybin_arm(extrapolated=True), fixture.mdma_arm(), fixture.placebo_arm(), title=EVIL, people=20
    )


@pytest.fixture(scope="module")
def figures(result) -> list[RenderedFigure]:
    drawn = [render(result, card) for card in figure_cards(result)]
    assert None not in drawn
    return drawn


@pytest.fixture(scope="module")
def text(result, figures) -> str:
    return render_html(result, figures, created="2026-01-01 00:00 UTC")


@pytest.fixture(scope="module")
def page(text) -> Page:
    return Page(text)


def test_every_tag_is_closed_and_every_id_is_used_once(page):
    assert page.open == []
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids)) > 50


def test_every_inner_link_and_svg_reference_has_a_target(page, text):
    ids = {attrs.get("id") for _, attrs in page.tags}
    targets = {attrs["href"][1:] for _, attrs in page.tags if (attrs.get("href") or "").startswith("#")}
    targets |= set(re.findall(r"url\(#([^)]+)\)", text))
    assert len(targets) > 20
    assert targets <= ids


def test_nothing_is_loaded_from_anywhere(page, text):
    tags = {tag for tag, _ in page.tags}
    assert tags.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "form", "foreignobject"})
    for tag, attrs in page.tags:
        assert LOADING.isdisjoint(attrs), (tag, attrs)
        for name in ("href", "xlink:href"):
            if name in attrs and tag != "a":
                assert attrs[name].startswith("#")
        assert not any(name.startswith("on") for name in attrs)
    assert "@import" not in text
    assert re.search(r"url\((?!#)", text) is None


def test_a_title_with_markup_is_harmless_and_readable(page, text):
    assert "<script" not in text
    assert EVIL in "".join(page.text)


def test_every_figure_has_a_description_a_caption_and_its_numbers(page, figures):
    pictures = [attrs for tag, attrs in page.tags if tag == "svg"]
    assert len(pictures) == len(figures) == 11
    for attrs in pictures:
        assert attrs["role"] == "img"
        assert len(attrs["aria-label"]) > 60
    for tag in ("figcaption", "details"):
        assert sum(found == tag for found, _ in page.tags) == len(figures)
    assert all(len(figure.numbers) > 0 for figure in figures)


def test_the_banner_is_there_until_calibrated(result, figures, text):
    assert 'id="not-calibrated"' in text
    calibrated = fixture.replace(result, calibrated=True)
    assert "not-calibrated" not in render_html(calibrated, figures)


def test_extrapolation_is_marked_on_the_arm_and_nowhere_else(result, text):
    assert [view.extrapolated for view in arms_of(result)] == [True, False, False]
    assert text.count('<span class="tag">extrapolation</span>') == 2
    plain = fixture.make_result(fixture.psilocybin_arm(), people=5)
    assert "†" not in "".join(view.label for view in arms_of(plain))


def test_safety_warnings_name_their_source(text):
    assert "seizures in online reports" in text
    assert 'href="https://example.org/lithium?a=1&amp;b=2"' in text


def test_axes_carry_units(figures):
    words = {figure.card.key: " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", figure.svg)) for figure in figures}
    assert "psilocin (ng/mL)" in words["concentration"]
    assert "Hours from" in words["concentration"]
    assert "MADRS (points)" in words["score-madrs"]
    assert "PHQ-9 (points)" in words["score-phq-9"]
    assert "People (MADRS), %" in words["responders"]
    assert "Free of relapse, %" in words["relapse"]
    assert "Difference in MADRS (points)" in words["contrast"]
    for key in words.keys() - {"overview", "concentration"}:
        assert "Days from first dose" in words[key], key


def test_score_axis_spans_the_published_range_and_shows_thresholds(result):
    figure = next(card for card in figure_cards(result) if card.key == "score-madrs").draw(result)
    axes = figure.axes[0]
    assert axes.get_ylim() == (0, 60)
    flat = {float(line.get_ydata()[0]) for line in axes.lines if len(set(np.asarray(line.get_ydata()))) == 1}
    own = result.scores.query("arm == 'psilocybin-25' and scale == 'MADRS'").sort_values("day")
    assert 10.0 in flat
    assert any(abs(value - own["mean"].iloc[0] / 2) < 1e-9 for value in flat)


def test_response_score_is_half_of_the_baseline():
    assert response_score("MADRS", 32.0) == 16.0


def test_relapse_curve_shows_who_is_still_well(result):
    figure = next(card for card in figure_cards(result) if card.key == "relapse").draw(result)
    drawn = np.asarray(figure.axes[0].lines[0].get_ydata())
    assert drawn[0] == pytest.approx(1.0)
    assert np.all(np.diff(drawn) <= 0)


def test_figures_stay_small(figures, text):
    assert max(len(figure.svg) for figure in figures) < 300_000
    assert len(text) < 3_000_000


def test_the_same_result_gives_the_same_bytes(result, figures):
    again = render(result, figures[0].card)
    assert again is not None
    assert again.svg == figures[0].svg


@pytest.mark.parametrize(
    ("sign", "words"), [(1.0, "points lower"), (-1.0, "so worse"), (0.0, "No clear difference")], ids=str
)
def test_the_summary_says_what_the_run_gave_good_or_bad(sign, words):
    shifted = fixture.make_result(fixture.psilocybin_arm(), people=5)
    table = shifted.contrasts.assign(mean_difference=-3.0 * sign, low=-3.0 * sign - 1, high=-3.0 * sign + 1)
    (told,) = arm_summaries(fixture.replace(shifted, contrasts=table))
    assert words in told.against_twin


def test_an_arm_without_integration_has_no_contrast_figure():
    alone = fixture.make_result(fixture.placebo_arm(), people=5)
    (told,) = arm_summaries(alone)
    assert "could be left out" in told.against_twin
    drawn = {card.key: card.draw(alone) for card in figure_cards(alone) if card.key in ("contrast", "concentration")}
    assert drawn == {"contrast": None, "concentration": None}


def test_a_coarse_time_grid_says_so_rather_than_drawing_a_wrong_peak():
    coarse = fixture.make_result(fixture.psilocybin_arm(), people=5, fine_grid=False)
    figure = next(card for card in figure_cards(coarse) if card.key == "concentration").draw(coarse)
    assert any("too far apart" in found.get_text() for found in figure.axes[0].texts)


def test_thinning_keeps_ends_order_and_the_peak():
    days = np.linspace(0, 365, 5000)
    values = np.exp(-(((days - 100.3) / 0.15) ** 2))
    keep = thin(days, values, limit=100)
    assert keep.size <= 100
    assert keep[0] == 0
    assert keep[-1] == 4999
    assert np.all(np.diff(keep) > 0)
    assert values[keep].max() == values.max()


def test_curve_bands_are_quantiles_of_people(result):
    found = curve(result, "old_pattern", "mdma", start=7.0, end=7.0)
    raw = result.dataset["old_pattern"].sel(arm="mdma", time=7.0).values.astype(float)
    assert found.low[0] == pytest.approx(np.quantile(raw, 0.05))
    assert found.high[0] == pytest.approx(np.quantile(raw, 0.95))
    assert curve(result, "no_such_state", "mdma") is None


def test_windows_that_touch_are_joined():
    made = fixture.make_result(fixture.mdma_arm(), people=5)
    assert len(open_spans(made, "mdma", "mdma")) == 3
    wide = made.windows.assign(closes_day_median=made.windows["dose_day"] + 40)
    ((opens, closes, _),) = open_spans(fixture.replace(made, windows=wide), "mdma", "mdma")
    assert opens < 1
    assert closes == 96


def test_files_are_written_and_nothing_else_is_left(result, tmp_path):
    paths = write_report(result, tmp_path, created="2026-01-01 00:00 UTC")
    assert paths.report.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert len(paths.figures) == 22
    assert all(path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" for path in paths.figures if path.suffix == ".png")
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "figures"}


def test_tables_come_back_as_they_were(result, tmp_path):
    written = write_tables(result, tmp_path)
    assert len(written) == 2 * len(TABLES)
    pd.testing.assert_frame_equal(pd.read_parquet(written["scores.parquet"]), result.scores)
    pd.testing.assert_frame_equal(pd.read_csv(written["contrasts.csv"]), result.contrasts)


@pytest.mark.parametrize("write", [write_report, write_tables])
def test_a_missing_folder_or_a_file_is_refused_in_a_sentence(result, tmp_path, write):
    with pytest.raises(FileError, match="does not exist"):
        write(result, tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="needs a folder"):
        write(result, tmp_path / "file")


def test_an_unknown_format_is_refused(result, tmp_path):
    with pytest.raises(FileError, match="parquet"):
        write_tables(result, tmp_path, formats=("parqet",))
    with pytest.raises(FileError, match="svg"):
        write_report(result, tmp_path, images=("sgv",))


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "report.html"
    target.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(FileError, match="No space left"):
        files.write_bytes_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_colours_of_the_themes_match_and_text_has_contrast():
    assert style.LIGHT.keys() == style.DARK.keys()
    for theme in (style.LIGHT, style.DARK):
        for ink, ground in (("ink", "page"), ("muted", "page"), ("accent", "surface"), ("warn-ink", "warn-surface")):
            assert _contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground)


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_small_pieces():
    assert esc("<a href='x'>\x00") == "&lt;a href=&#x27;x&#x27;&gt;\N{REPLACEMENT CHARACTER}"
    assert link("javascript:alert(1)") == "javascript:alert(1)"
    assert [number(v) for v in (float("nan"), 1234.5, 12.34, 0.5, -2.5)] == ["–", "1234", "12.3", "0.50", "−2.50"]
    assert number(0.456, percent=True) == "46"
    assert protocol_hash("a") != protocol_hash("b")
