"""The evidence: nothing is dropped, predictions are those of the posteriors, and a stale file is refused."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi import FastAPI

from afterglow.calibrate.diagnostics.left_out import (
    LeftOutPredictions,
    left_out_predictions,
    read_left_out,
    write_left_out,
)
from afterglow.calibrate.diagnostics.scores import FIGURES, Row, gain_over_baseline, summary
from afterglow.cohort import RIVALS
from afterglow.errors import FileError
from afterglow.evidence import study, study_names, usable_studies
from afterglow.parameters import PARAMETERS
from afterglow.posterior import Posterior, shipped
from afterglow.predictions.frozen import digest_of
from afterglow.predictions.record import text_on_record
from afterglow.studio.evidence.board import facts_board, trials_recorded
from afterglow.studio.evidence.foretold import foretold
from afterglow.studio.evidence.names import human_name
from afterglow.studio.evidence.pages import StudySummary, studies, study_detail
from afterglow.studio.evidence.routes import router
from afterglow.studio.evidence.tables import evidence_facts, parameters, rivals
from afterglow.studio.quick_runs import QuickRuns
from afterglow.studio.refusals import handle_refusals

CALIBRATION_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "calibration.md"


@pytest.fixture
def posteriors() -> dict[str, Posterior]:
    return {rival: shipped(rival) for rival in RIVALS}


def fitted() -> list[StudySummary]:
    return [one for one in studies() if one.fitted]


# The file


def test_the_file_is_read_as_it_was_written(tmp_path: Path, posteriors: dict[str, Posterior]) -> None:
    again = read_left_out(write_left_out(left_out_predictions(), tmp_path / "again.json"), posteriors)
    assert again == left_out_predictions()


def test_a_file_of_another_posterior_is_refused(tmp_path: Path, posteriors: dict[str, Posterior]) -> None:
    path = write_left_out(left_out_predictions(), tmp_path / "foretold.json")
    window = posteriors["window"]
    name = next(iter(window.draws))
    moved = replace(window, draws={**window.draws, name: window.draws[name] * 1.0001})
    with pytest.raises(FileError, match="made for other posteriors"):
        read_left_out(path, {**posteriors, "window": moved})


def test_a_file_of_other_constants_is_refused(tmp_path: Path, posteriors: dict[str, Posterior]) -> None:
    path = write_left_out(replace(left_out_predictions(), fingerprint="0" * 16), tmp_path / "foretold.json")
    with pytest.raises(FileError, match="other equations or constants"):
        read_left_out(path, posteriors)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"rows": []}', '{"rows": [{"study": "a"}], "parameters": []}'])
def test_something_else_is_refused(text: str, tmp_path: Path, posteriors: dict[str, Posterior]) -> None:
    path = tmp_path / "foretold.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match="holds no predictions"):
        read_left_out(path, posteriors)
    with pytest.raises(FileError, match="could not be read"):
        read_left_out(tmp_path / "missing.json", posteriors)


def test_the_page_on_calibration_is_written_from_the_file() -> None:
    text = CALIBRATION_PAGE.read_text(encoding="utf-8")
    for group, total in left_out_predictions().summary.items():
        shown = [f"{total[name]:.2f}" for name in FIGURES[2:]]
        assert f"| **{group}, the model** | {total['rows']} | {total['studies']} | {' | '.join(shown)} |" in text
    assert left_out_predictions().rivals["verdict"] in text
    assert text.count("\n| ") > len(left_out_predictions().rows)


def test_the_summary_is_that_of_its_rows() -> None:
    again = summary(left_out_predictions().rows)
    for group, total in left_out_predictions().summary.items():
        assert set(again[group]) == set(total)
        for name in FIGURES:
            assert again[group][name] == pytest.approx(total[name], rel=1e-3)
            assert again[group]["baseline"][name] == pytest.approx(total["baseline"][name], rel=1e-3)


# The studies


def test_every_study_is_listed_with_its_standing() -> None:
    found = {one.name: one for one in studies()}
    assert tuple(found) == study_names()
    assert {name for name, one in found.items() if one.fitted} == set(shipped().diagnostics["studies"])
    assert {one.name for one in fitted()} <= set(usable_studies())
    assert all(bool(one.why) != one.fitted for one in found.values())
    assert {one.name for one in found.values() if one.standing == "retracted"} == {
        name for name in study_names() if study(name).retracted
    }
    assert found["gukasyan2022-followup"].standing == "pooled"
    assert "davis2021-mdd" in found["gukasyan2022-followup"].why
    assert all(one.citation and one.url and one.rows >= one.rows_read for one in found.values())


def test_a_study_says_who_was_given_what() -> None:
    found = next(one for one in studies() if one.name == "mitchell2021-mapp1")
    assert found.medicines == ["mdma"]
    assert found.n == 90
    assert found.url == "https://doi.org/10.1038/s41591-021-01336-3"
    assert [(arm.id, arm.n, arm.simulated) for arm in found.arms] == [("mdma", 46, True), ("placebo", 44, True)]


def test_predictions_stand_beside_the_rows_that_were_fitted() -> None:
    rows = {(row.study, row.arm, row.versus, row.scale, row.day, row.kind): row for row in left_out_predictions().rows}
    met: set[tuple[object, ...]] = set()
    for one in fitted():
        told = [row for row in study_detail(one.name).rows if row.prediction is not None]
        assert len(told) == one.rows_fitted > 0
        for row in told:
            assert row.prediction is not None
            assert row.published is not None
            assert row.prediction.low < row.prediction.high
            assert row.prediction.inside == (row.prediction.low <= row.published <= row.prediction.high)
            assert row.verified
            # The page has a row in other words where a ratio was turned into the share of its own arm.
            alike = {k: r for k, r in rows.items() if (k[0], k[1], k[4]) == (one.name, row.arm, row.day)}
            own = {
                key
                for key, found in alike.items()
                if found.predicted == pytest.approx(row.prediction.predicted, rel=1e-4)
                and found.published == pytest.approx(row.published, rel=1e-4)
                and found.high == pytest.approx(row.prediction.high, rel=1e-4)
            }
            assert own, (one.name, row.arm, row.scale, row.day)
            met |= own
    paired = {key for key, row in rows.items() if row.kind == "difference" and key not in met}
    assert met | paired == set(rows)
    both = {(row.study, row.arm, row.scale, row.day) for row in left_out_predictions().rows if row.group == "means"}
    assert all((study, arm, scale, day) in both for study, arm, _, scale, day, _ in paired)


def test_every_row_without_a_prediction_says_why() -> None:
    for name in ("mitchell2021-mapp1", "jerome2020-ltfu", "cuijpers2013-dose", "price2022-asat"):
        for row in study_detail(name).rows:
            assert bool(row.why_not) == (row.prediction is None), (name, row.place)


def test_shares_stay_shares() -> None:
    for one in fitted():
        for row in study_detail(one.name).rows:
            if row.unit == "share" and row.prediction is not None:
                assert 0 <= row.prediction.low <= row.prediction.high <= 1
                assert row.published is not None
                assert 0 <= row.published <= 1


# The tables


def test_every_foretold_number_is_in_the_picture_as_the_file_has_it() -> None:
    found, rows = foretold(), left_out_predictions().rows
    assert len(found.numbers) == len(rows)
    for number, row in zip(found.numbers, rows, strict=True):
        assert found.studies[number.study].name == row.study
        assert (number.published, number.predicted, number.inside) == (row.published, row.predicted, row.inside)
        assert number.low_sd <= number.high_sd
        inside = number.low_sd <= number.published_sd <= number.high_sd
        assert inside == row.inside
        away = abs(number.published_sd - number.predicted_sd)
        assert away == pytest.approx(abs(row.published - row.predicted) / row.sd)


def test_the_measures_are_those_of_the_file_and_gains_are_their_differences() -> None:
    found, total = foretold(), left_out_predictions().summary
    measures = {(m.group, m.id): m for m in found.measures}
    for (group, name), measure in measures.items():
        told = total[group] if name == "model" else total[group][f"baseline_{name}"]
        assert (measure.rows, measure.mae_sd_by_study) == (told["rows"], told["mae_sd_by_study"])
    for gain in found.gains:
        told = total[gain.group]
        assert gain.error == pytest.approx(told["mae_sd_by_study"], rel=1e-4)
        assert gain.baseline == pytest.approx(told["baseline"]["mae_sd_by_study"], rel=1e-4)
        assert gain.gain == pytest.approx(gain.baseline - gain.error)
        holds_zero = gain.low <= 0 <= gain.high
        assert holds_zero == ("cannot be told" in gain.sentence)


def test_a_gain_has_the_interval_of_a_mean_over_studies() -> None:
    def row(study_name: str, published: float) -> Row:
        told = {"scale": "MADRS", "kind": "score", "arm": "a", "day": 1.0, "n": 9, "inside": True, "low": 0.0}
        baselines = {"medicine": (0.0, 1.0)}
        numbers = {"predicted": 1.0, "high": 1.0, "sd": 2.0, "spread": 1.0, "baselines": baselines}
        return Row(study=study_name, published=published, **told, **numbers)

    # Errors of the model 0, 0.5 and of the baseline 0.5, 1.0: the model is nearer by half an SD each time.
    alike = gain_over_baseline([row("a", 1.0), row("b", 2.0)], "medicine")
    assert (alike.error, alike.baseline, alike.gain, alike.low, alike.high) == (0.25, 0.75, 0.5, 0.5, 0.5)
    # Nearer by 0.5 in one study and farther by 0.5 in the other: standard error sqrt(2 (0.25 + 0.25)) / 2 = 0.5.
    apart = gain_over_baseline([row("a", 1.0), row("b", 0.0)], "medicine")
    assert apart.gain == 0.0
    assert apart.high == pytest.approx(1.6448536 * 0.5)
    # Two rows of one study say no more than one of it.
    twice = gain_over_baseline([row("a", 1.0), row("a", 1.0), row("b", 0.0)], "medicine")
    assert twice == apart
    three = gain_over_baseline([row("a", 1.0), row("c", 1.0), row("b", 0.0)], "medicine")
    assert three.gain == pytest.approx(0.5 / 3)


def test_studies_have_names_that_people_use() -> None:
    assert human_name(study("goodwin2022-comp001")) == "Goodwin 2022, COMP001, n 233"
    assert human_name(study("otalora2018-boulder")) == "Ot'alora 2018, Boulder, n 28"
    assert human_name(study("carhartharris2018-trd-followup")) == "Carhart-Harris 2018, TRD follow-up, n 20"
    assert human_name(study("mcinnes2022-clinics")).startswith("McInnes 2022")
    labels = [one.label for one in studies()]
    assert len(set(labels)) == len(labels)
    assert not [label for label in labels if not label[0].isupper()]


def test_the_board_is_that_of_the_reference_page() -> None:
    found = facts_board()
    page = (CALIBRATION_PAGE.parent / "facts-board.md").read_text(encoding="utf-8")
    assert f"**{found.passed} of {len(found.facts)} pass**, {found.clear} of them clear." in page
    assert all(fact.words in page for fact in found.facts)
    assert {bool(fact.why) for fact in found.facts if not fact.passed} == {True}
    assert all(fact.label and (fact.study or fact.label) for fact in found.facts)


def test_predictions_on_record_are_whole_and_name_their_arms() -> None:
    found = trials_recorded()
    assert len(found) >= 3
    for trial in found:
        assert trial.whole
        assert "_" not in trial.positive
        assert {c.explanation for c in trial.contrasts} == {"weighted", *RIVALS}
        for contrast in trial.contrasts:
            assert contrast.difference.low <= contrast.difference.value <= contrast.difference.high
            assert 0 <= contrast.positive.low <= contrast.positive.value <= contrast.positive.high <= 1


def test_the_rivals_are_all_weighed() -> None:
    found = rivals()
    assert {row.id for row in found.rivals} == set(RIVALS)
    assert sum(row.weight for row in found.rivals) == pytest.approx(1, abs=1e-4)
    assert {row.study for row in found.studies} == {one.name for one in fitted()}
    assert all(row.label and row.sentence for row in found.rivals)


def test_every_parameter_is_told_with_what_it_rests_on() -> None:
    told = parameters()
    found = {row.name: row for row in told}
    assert len(found) == len(told), "each once"
    assert set(found) == set(PARAMETERS)
    for row in found.values():
        assert row.assumed == (not row.sources)
        assert row.where or row.sources
        if row.prior is not None:
            assert row.prior.low < row.prior.value < row.prior.high
    calibrated = {name for name, row in found.items() if row.posterior is not None}
    assert calibrated == set(shipped().draws)
    assert all(found[name].rests_on_prior == ((found[name].shrinkage or 0) < 0.3) for name in calibrated)


def test_the_facts_count_what_is_there() -> None:
    facts = evidence_facts()
    assert facts.studies == len(study_names())
    assert facts.studies_fitted == len(fitted())
    assert facts.parameters_assumed == sum(p.assumed for p in PARAMETERS.values())


# The routes


def answered(path: str) -> httpx.Response:
    app = FastAPI()
    app.include_router(router)
    app.state.quick_runs = QuickRuns()
    handle_refusals(app)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://studio") as client:
            return await client.get(path)

    return asyncio.run(ask())


PARTS = ("facts", "studies", "studies/davis2021-mdd", "foretold", "board", "record", "rivals", "parameters")


@pytest.mark.parametrize("page", PARTS)
def test_each_page_is_plain_json(page: str) -> None:
    answer = answered(f"/api/evidence/{page}")
    assert answer.status_code == 200
    json.dumps(answer.json(), allow_nan=False)


def test_an_unknown_study_is_not_found() -> None:
    answer = answered("/api/evidence/studies/mitchel2021")
    assert answer.status_code == 404
    assert "mitchell2021-mapp1" in answer.json()["error"]


def test_a_frozen_forecast_is_handed_out_to_the_letter() -> None:
    answer = answered("/api/evidence/record/NCT06308653")
    assert answer.text == text_on_record("NCT06308653")
    held = answer.json()
    assert digest_of(held) == held["digest"] == next(t.digest for t in trials_recorded() if t.number == "NCT06308653")
    missing = answered("/api/evidence/record/NCT00000000")
    assert missing.status_code == 404
    assert "NCT06308653" in missing.json()["error"]


def test_the_file_holds_no_more_than_its_fields() -> None:
    assert set(left_out_predictions().as_json()) == set(LeftOutPredictions.__dataclass_fields__)
