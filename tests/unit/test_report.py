"""The report and its figures: what they say, that they are safe to open, and that their files are whole."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests import protocols as plan
from tests.protocols import EVIL

from afterglow import Protocol, Result, files, simulate
from afterglow.errors import FileError
from afterglow.figures import style
from afterglow.figures.card import html_card, text_card
from afterglow.figures.catalogue import FIGURE_KEYS, RenderedFigure, figure_cards, render
from afterglow.figures.reading import arms_of, curve, thin
from afterglow.figures.scores import response_score
from afterglow.figures.timeline import open_spans
from afterglow.figures.words import conclusion_text, esc, interval, percent_text, signed
from afterglow.report.html import render_html, write_report
from afterglow.report.markup import data_table, link, number
from afterglow.report.provenance import protocol_hash
from afterglow.report.tables import write_tables
from afterglow.report.words import NOT_CALIBRATED, added_words, arm_summaries
from afterglow.results.differences import ArmDifference, DifferenceUnder, integration_adds, main_difference
from afterglow.results.tables import TABLES

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
def result(small_run: Result) -> Result:
    return small_run


@pytest.fixture(scope="module")
def figures(result: Result) -> list[RenderedFigure]:
    return [render(result, card) for card in figure_cards(result)]


@pytest.fixture(scope="module")
def text(result: Result, figures: list[RenderedFigure]) -> str:
    return render_html(result, figures, created="2026-01-01 00:00 UTC")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def drawn(result: Result, key: str) -> Any:
    return next(card for card in figure_cards(result) if card.key == key).draw(result)


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
    assert len(pictures) == len(figures) == 13
    for attrs in pictures:
        assert attrs["role"] == "img"
        assert len(attrs["aria-label"]) > 60
    for tag in ("figcaption", "details"):
        assert sum(found == tag for found, _ in page.tags) == len(figures)
    assert all(len(figure.numbers) > 0 for figure in figures)


def test_only_an_uncalibrated_run_says_so(text, uncalibrated_run):
    loud = NOT_CALIBRATED.partition(". ")[0]
    assert loud not in text
    page = render_html(uncalibrated_run, [])
    assert 'id="not-calibrated"' in page
    assert loud in page
    assert "90 %" not in page


def test_extrapolation_is_marked_on_the_arm_and_nowhere_else(result, text, placebo_run):
    assert [view.extrapolated for view in arms_of(result)] == [True, False, False]
    assert text.count('<span class="tag">extrapolation</span>') == 2
    assert [view.label for view in arms_of(placebo_run)] == ["Placebo"]


def test_safety_warnings_name_their_source_and_arm(result, text):
    (worst,) = (warning for warning in result.warnings if warning.level == "contraindication")
    assert esc(worst.sentence) in text
    assert f'href="{esc(worst.source)}"' in text
    assert "Concerns: Psilocybin 60 mg" in text


def test_the_report_says_how_many_draws_people_and_explanations_there_were(result, text):
    assert "16 people in each of 3 arms, 8 draws of the parameters" in text
    assert result.run.spec.key in text
    for explanation in result.run.spec.explanations:
        assert f"{explanation.rival.replace('_', ' ')} {explanation.weight:.2f}" in text
    row = next(r for r in result.rows["scores"] if r["arm"] == "mdma" and r["scale"] == "MADRS" and r["day"] == 365)
    assert f"Mean MADRS {row['mean']:.1f}" in text
    assert f"±{row['mc_error']:.1f} points Monte-Carlo error" in text


def test_no_sampling_interval_is_shown_and_nothing_is_called_sure(text):
    words = " ".join(Page(text).text)
    assert "95 % interval" not in words
    assert re.search(r"90 % (sure|certain|confiden)", words) is None


def test_the_table_of_explanations_is_that_of_the_same_run_by_weight(result, text):
    table = text[text.index("Under each explanation</h3>") :].partition("</table>")[0]
    names = re.findall(r"<th scope='row'>([^<]+)</th><td>([\d.]+)</td>", table)
    assert names[0] == ("weighted", "1.00")
    weights = [float(weight) for _, weight in names[1:]]
    assert weights == sorted(weights, reverse=True)
    assert sum(weights) == pytest.approx(1, abs=0.02)
    for added in integration_adds(result):
        for own in (added, *added.by_rival):
            assert f"<td>{signed(own.points)} ({interval(own.low, own.high)})</td>" in table


def test_one_explanation_alone_has_no_table_of_explanations(result):
    page = render_html(result.by_rival["additive"], [])
    assert "Under each explanation" not in page
    assert "under one explanation: medicine and therapy only add up" in page


def test_axes_carry_units(figures):
    words = {figure.card.key: " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", figure.svg)) for figure in figures}
    assert "psilocin (ng/mL)" in words["concentration"]
    assert "Hours from" in words["concentration"]
    assert "MADRS (points)" in words["score-madrs"]
    assert "PHQ-9 (points)" in words["score-phq-9"]
    assert "People (MADRS), %" in words["responders"]
    assert "Free of relapse, %" in words["relapse"]
    assert "Difference in MADRS (points)" in words["contrast"]
    assert "Difference in MADRS on day 365" in words["explanations"]
    assert "Difference in MADRS (points); left is lower" in words["arms"]
    for key in words.keys() - {"overview", "concentration", "explanations", "arms"}:
        assert "Days from first dose" in words[key], key


def test_captions_say_what_bands_and_bars_are(result, uncalibrated_run):
    captions = {card.key: card.caption for card in figure_cards(result)}
    assert "Shaded: nine in ten people, over all explanations" in captions["score-madrs"]
    assert "90 % interval of the mean of a trial yet to be run" in captions["score-madrs"]
    bare = {card.key: card.caption for card in figure_cards(uncalibrated_run)}
    assert "explanations" not in bare["score-madrs"]
    assert not any("90 %" in caption for caption in bare.values())


def test_score_axis_spans_the_published_range_and_shows_thresholds(result):
    axes = drawn(result, "score-madrs").axes[0]
    assert axes.get_ylim() == (0, 60)
    flat = {float(line.get_ydata()[0]) for line in axes.lines if len(set(np.asarray(line.get_ydata()))) == 1}
    own = result.scores.query("arm == 'psilocybin' and scale == 'MADRS'").sort_values("day")
    assert 10.0 in flat
    assert any(abs(value - own["mean"].iloc[0] / 2) < 1e-9 for value in flat)


def test_bars_of_the_score_figure_are_the_intervals_of_the_table(result):
    (bars,) = (c for c in drawn(result, "score-madrs").axes[0].collections if hasattr(c, "get_segments"))
    own = result.scores.query("arm == 'psilocybin' and scale == 'MADRS'").sort_values("day")
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    np.testing.assert_allclose(ends, own[["mean_low", "mean_high"]])


def test_response_score_is_half_of_the_baseline():
    assert response_score("MADRS", 32.0) == 16.0


def test_relapse_curve_shows_who_is_still_well_within_its_interval(result):
    axes = drawn(result, "relapse").axes[0]
    curve_drawn = np.asarray(axes.lines[0].get_ydata())
    assert curve_drawn[0] == pytest.approx(1.0)
    assert np.all(np.diff(curve_drawn) <= 1e-9)
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    own = result.relapse.query("arm == 'psilocybin'")
    assert band.min() == pytest.approx(1 - own["credible_high"].max())


def test_the_forest_shows_the_weighted_answer_first_then_each_explanation(result):
    axes = drawn(result, "explanations").axes[0]
    added = integration_adds(result)[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[0] == "weighted"
    assert len(labels) == 5
    dots = [float(line.get_xdata()[0]) for line in axes.lines if len(line.get_xdata()) == 1]
    assert dots == pytest.approx([added.points, *(own.points for own in added.by_rival)])


def test_figures_stay_small(figures, text):
    assert max(len(figure.svg) for figure in figures) < 300_000
    assert len(text) < 3_000_000


def test_the_same_result_gives_the_same_bytes(result, figures):
    assert render(result, figures[0].card).svg == figures[0].svg


def added(low: float, high: float, **more: Any) -> ArmDifference:
    return ArmDifference(arm="a", versus="a|no integration", scale="MADRS", day=84.0, points=(low + high) / 2, low=low,
                 high=high, mc_error=0.1, **more)  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-9.0, -1.0, "5.0 points lower than in the same people without it"),
        (1.0, 9.0, "5.0 points HIGHER, so worse, than in the same people without it"),
        (-9.0, 1.0, "The model cannot tell whether integration adds anything on day 84"),
        (np.nan, np.nan, "a run of one person or without calibration cannot say"),
    ],
)
def test_the_summary_says_what_the_run_gave_good_or_bad_or_nothing(low, high, words):
    told = added_words(added(low, high))
    assert words in told
    assert ("cannot" in told) == (not (low > 0 or high < 0))


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-9.0, -1.0, ("On day 84, a ends 5.0 MADRS points lower than b (90 % interval −9.0 to −1.0); the probability "
         "that a is lower is 97 % over all explanations by their weights.")),
        (1.0, 9.0, "On day 84, a ends 5.0 MADRS points higher than b (90 % interval +1.0 to +9.0)"),
        (-9.0, 1.0, ("On day 84, a and b cannot be told apart: they differ by −4.0 MADRS points, and the 90 % "
         "interval, −9.0 to +1.0, reaches zero")),
        (-9.0, -0.04, "cannot be told apart"),
        (0.0, 0.0, "On day 84, a and b do not differ"),
        (np.nan, np.nan, "no interval, so it cannot say how sure that is"),
    ],
)  # fmt: skip
def test_a_run_is_summed_up_in_one_sentence(low, high, words):
    found = replace(added(low, high), versus="b", probability_lower=0.974)
    assert words in conclusion_text(replace(found, points=5.0) if np.isnan(low) else found)


def test_the_sentence_names_the_explanation_and_the_same_people():
    told = conclusion_text(replace(added(-9, 1), probability_lower=0.001), only="drug_only")
    assert "a and the same people without integration cannot" in told
    assert told.endswith("is lower is under 1 % under the explanation drug only alone.")
    assert percent_text(0.9999) == "over 99 %"


def test_a_run_is_about_its_first_arm_and_another(result):
    first, *others = (arm.id for arm in result.protocol.arms)
    assert (main_difference(result).arm, main_difference(result).versus) == (first, others[-1])
    row = result.contrasts.query(f"arm == '{first}' and versus == '{others[0]}'").iloc[0]
    found = main_difference(result, others[0], row["day"])
    assert (found.points, found.low, found.probability_lower) == (
        row["mean_difference"], row["credible_low"], row["probability_lower"]
    )  # fmt: skip
    assert sum(own.weight * own.points for own in found.by_rival) == pytest.approx(found.points)


def test_the_summary_says_what_each_explanation_alone_says():
    under = (DifferenceUnder(rival="drug_only", weight=0.7, points=-0.2, low=-1, high=1),)
    assert "By explanation: drug only (0.70) −0.2 points." in added_words(added(-9, 1, by_rival=under))


def test_an_arm_without_integration_has_nothing_to_compare(placebo_run):
    (told,) = arm_summaries(placebo_run)
    assert "could be left out" in told.against_twin
    keys = {card.key for card in figure_cards(placebo_run)}
    assert keys & {"contrast", "explanations", "concentration"} == set()
    assert "score-madrs" in keys


def test_the_drawn_concentration_peaks_where_the_table_says(result):
    axes = drawn(result, "concentration").axes[0]
    row = next(row for row in result.rows["exposure"] if row["arm"] == "psilocybin")
    line = next(line for line in axes.lines if len(line.get_xdata()) > 5)
    peak = np.argmax(line.get_ydata())
    assert line.get_ydata()[peak] == pytest.approx(row["cmax_ng_per_ml_median"], rel=0.15)
    assert line.get_xdata()[peak] == pytest.approx(row["tmax_h_median"], abs=1.0)


def test_thinning_keeps_ends_order_and_the_peak():
    days = np.linspace(0, 365, 5000)
    values = np.exp(-(((days - 100.3) / 0.15) ** 2))
    keep = thin(days, values, limit=100)
    assert keep.size <= 100
    assert keep[0] == 0
    assert keep[-1] == 4999
    assert np.all(np.diff(keep) > 0)
    assert values[keep].max() == values.max()


def test_curve_bands_hold_nine_in_ten_people_by_the_weights_of_their_draws(result):
    found = curve(result, "old_pattern", "mdma", start=7.0, end=7.0)
    run = result.run
    values = run.curves[:, run.places["mdma"], :, run.curve_names.index("old_pattern"), run.times == 7.0][0]
    weights = np.array([run.draws[k].weight for k in run.curve_draws])
    weights = np.repeat(weights / weights.sum() / values.shape[1], values.shape[1]).reshape(values.shape)
    below, above = weights[values < found.low[0]].sum(), weights[values > found.high[0]].sum()
    assert 0.03 < below <= 0.05
    assert 0.03 < above <= 0.05
    assert found.mean[0] == pytest.approx((weights * values).sum())
    assert curve(result, "no_such_state", "mdma") is None


def test_windows_that_touch_are_joined():
    def windows(length: float) -> Any:
        days = {"open_from_day_median": 0.1, "closes_day_median": length, "closes_day_q95": length + 1}
        made = [{name: day + more for name, more in days.items()} | {"dose_day": day} for day in (0.0, 28.0, 56.0)]
        return SimpleNamespace(rows={"windows": [{"arm": "a", "drug": "mdma", **row} for row in made]})

    assert len(open_spans(windows(14), "a", "mdma")) == 3
    assert open_spans(windows(40), "a", "mdma") == [(0.1, 96.0, 97.0)]


def test_files_are_written_and_nothing_else_is_left(result, figures, tmp_path, monkeypatch):
    drawn_already = {figure.card.key: figure for figure in figures}
    monkeypatch.setattr("afterglow.report.html.render", lambda tables, card: drawn_already[card.key])
    paths = write_report(result, tmp_path, created="2026-01-01 00:00 UTC")
    assert paths.report.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert len(paths.figures) == 26
    assert all(path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" for path in paths.figures if path.suffix == ".png")
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "figures"}


def test_a_second_report_takes_the_figures_of_the_first_away_and_nothing_else(placebo_run, tmp_path):
    gallery = tmp_path / "figures"
    gallery.mkdir()
    foreign = {"mine.png", "contrast.txt", "score-of-my-own.svg"}
    for name in (*foreign, "contrast.png", "score-caps-5.svg", "overview.png"):
        (gallery / name).write_text("old")
    write_report(placebo_run, tmp_path, images=("png",))
    assert {path.name for path in gallery.iterdir()} == foreign | {
        f"{card.key}.png" for card in figure_cards(placebo_run)
    }
    assert (gallery / "overview.png").read_bytes()[:4] == b"\x89PNG"


def test_every_key_a_run_can_have_is_known(result):
    keys = {card.key for card in figure_cards(result)}
    assert keys == {key for key in FIGURE_KEYS if not key.startswith("score-")} | {"score-madrs", "score-phq-9"}


def test_ends_of_an_interval_share_a_column():
    table = pd.DataFrame({"day": [7.0], "response": [0.5], "response_low": [0.25], "response_high": [0.75]})
    written = data_table(table, caption="c")
    assert re.findall(r"<th[^>]*>([^<]+)</th>", written) == ["Day", "Response (%)", "Response (%), 90 % interval", "7"]
    assert ">25 to 75</td>" in written


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


def test_the_hash_of_a_protocol_changes_with_it(result, placebo_run):
    assert protocol_hash(result.protocol) != protocol_hash(placebo_run.protocol)


def test_small_pieces():
    assert esc("<a href='x'>\x00") == "&lt;a href=&#x27;x&#x27;&gt;\N{REPLACEMENT CHARACTER}"
    assert link("javascript:alert(1)") == "javascript:alert(1)"
    assert [number(v) for v in (float("nan"), 1234.5, 12.34, 0.5, -2.5)] == ["–", "1234", "12.3", "0.50", "−2.50"]
    assert [signed(v) for v in (-2.34, 0.04, -0.04, 3.0)] == ["−2.3", "+0.0", "+0.0", "+3.0"]
    assert number(0.456, percent=True) == "46"


@pytest.mark.parametrize("people", [1, 2])
def test_a_cohort_of_one_or_two_is_reported_without_a_spread_it_cannot_have(people, tmp_path):
    done = simulate(Protocol.made(plan.three_arms()), participants=people, draws=8)
    report = write_report(done, tmp_path).report.read_text(encoding="utf-8")
    write_tables(done, tmp_path)
    drawn = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "figures").glob("*.svg"))
    assert not re.search(r"\bnan\b", report + drawn + text_card(done) + html_card(done), re.IGNORECASE)
    assert ("1 person" in report) == (people == 1)
    scores = pd.read_csv(tmp_path / "scores.csv")
    assert scores["sd"].isna().all() == (people == 1)
    assert scores["mc_error"].isna().all() == (people == 1)
    assert ("mean_low" in scores) == (people > 1)
    assert pd.read_csv(tmp_path / "contrasts.csv")["effect_size_d"].isna().all()
    assert pd.read_csv(tmp_path / "exposure.csv")["cmax_ng_per_ml_q05"].isna().all() == (people == 1)
    assert json.loads(json.dumps(done.to_json(), allow_nan=False))["contrasts"][0]["effect_size_d"] is None
    assert simulate(Protocol.made(plan.three_arms()), participants=3, draws=8).contrasts["effect_size_d"].notna().any()
