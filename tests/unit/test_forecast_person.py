"""One person followed: the same answer in any order, honest about what is not known, cautions before all else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests import protocols as plan
from typer.testing import CliRunner

from afterglow.cli.main import app
from afterglow.errors import AfterglowError
from afterglow.forecast import Forecast, Record, Score, forecast
from afterglow.forecast.bank import Bank, bank_of, care_bank
from afterglow.forecast.change import least_important_change, reliable_change
from afterglow.forecast.following import FEWEST, follow
from afterglow.forecast.likelihood import GRID, score_chances
from afterglow.forecast.outlook import track_of
from afterglow.forecast.person import cautions_of
from afterglow.forecast.plan import lived_arm, variants
from afterglow.forecast.record.score import Given
from afterglow.protocol import Protocol
from afterglow.report.person.page import forecast_sentences, person_page
from afterglow.safety.purpose import ONE_PERSON
from afterglow.safety.scores import WHERE_TO_TURN, cautions_of_score


def record(*pairs: tuple[float, float], scale: str = "PHQ-9") -> Record:
    return Record(scores=tuple(Score(day=day, scale=scale, value=value) for day, value in pairs))


@pytest.fixture(scope="module")
def care() -> Bank:
    return care_bank("PHQ-9", until_day=180)


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    arm = {"doses": [plan.psilocybin()], "sessions": [plan.sit(0), plan.session(1)]}
    return Protocol.made({**plan.protocol(plan.DEPRESSION, [-1, 7, 28], dosed=arm), "horizon_days": 90})


@pytest.fixture(scope="module")
def told(protocol: Protocol) -> Forecast:
    scale = protocol.population.scale
    return forecast(record((-1, 30), (7, 16), (28, 15), scale=scale), protocol=protocol, day=84)


# ---- the update --------------------------------------------------------------------------------------


def test_chances_of_scores_sum_to_one_and_rise_with_severity() -> None:
    chance = score_chances("PHQ-9", [0.2, 0.5])
    assert chance.shape == (2, 28, len(GRID))
    np.testing.assert_allclose(chance.sum(axis=1), 1.0)
    assert np.all(np.diff(np.arange(28) @ chance[0]) > -1e-9)


def test_a_score_added_later_gives_the_same_answer_as_all_at_once(care: Bank) -> None:
    pairs = [(0, 18), (14, 15), (28, 11), (56, 12)]
    whole = follow(care, record(*pairs))
    later = follow(care, record(*pairs[2:]).adding(*record(*pairs[:2]).scores))
    assert later.record.scores == whole.record.scores
    np.testing.assert_array_equal(later.chances("PHQ-9", 90), whole.chances("PHQ-9", 90))


def test_scores_move_the_forecast_their_way_and_narrow_it(care: Bank) -> None:
    points = np.arange(28)
    low, high, few = (
        follow(care, held).chances("PHQ-9", 56)
        for held in (record((0, 15), (14, 6), (28, 5)), record((0, 15), (14, 20), (28, 21)), record((0, 15)))
    )
    assert low @ points < few @ points < high @ points
    spread = [np.sqrt(chance @ points**2 - (chance @ points) ** 2) for chance in (low, few)]
    assert spread[0] < spread[1]


def test_bands_widen_with_time(care: Bank) -> None:
    held = follow(care, record((0, 15), (14, 14)))
    points = np.arange(28)
    spread = [c @ points**2 - (c @ points) ** 2 for c in (held.chances("PHQ-9", day) for day in (15, 40, 150))]
    assert spread[0] < spread[1] < spread[2]


def test_an_odd_score_moves_the_forecast_less_than_a_likely_one(care: Bank) -> None:
    points = np.arange(28)
    steady = [(0, 8), (7, 8), (14, 8), (21, 8), (28, 8)]
    means = [follow(care, record(*steady, (35, last))).chances("PHQ-9", 42) @ points for last in (8, 13, 20, 24)]
    per_point = [(means[1] - means[0]) / 5, (means[3] - means[2]) / 4]
    assert per_point[1] < per_point[0]


def test_a_bank_with_few_left_is_resampled_and_moved(care: Bank) -> None:
    pairs = [(7.0 * k, value) for k, value in enumerate([25, 25, 24, 26, 25, 2, 1, 2, 1, 1, 2, 1, 26, 25])]
    held = follow(care, record(*pairs))
    assert held.effective_size < FEWEST
    assert held.moved is not None
    assert 0 < held.moved < 1
    assert held.weights.size == 1024
    np.testing.assert_allclose(held.weights.sum(), 1.0)
    again = follow(care, record(*reversed(pairs)))
    np.testing.assert_array_equal(again.chances("PHQ-9", 120), held.chances("PHQ-9", 120))


def test_scores_on_two_scales_and_two_a_day_are_all_used(care: Bank) -> None:
    mixed = Record(scores=(*record((0, 15), (0, 17)).scores, *record((0, 20), (14, 9), scale="MADRS").scores))
    alone = follow(care, record((0, 15), (0, 17)))
    assert follow(care, mixed).chances("PHQ-9", 28) @ np.arange(28) < alone.chances("PHQ-9", 28) @ np.arange(28)


def test_weights_of_explanations_are_updated(told: Forecast) -> None:
    before, after = zip(*told.followed.rivals.values(), strict=True)
    assert sum(before) == pytest.approx(1)
    assert sum(after) == pytest.approx(1)
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) > 0.01


# ---- what it says ------------------------------------------------------------------------------------


def test_bands_hold_each_other_and_chances_are_chances(told: Forecast) -> None:
    for band in told.bands:
        ends = [band.low90, band.low80, band.low50, band.median, band.high50, band.high80, band.high90]
        assert ends == sorted(ends)
    for chance in vars(told.chances).values():
        assert chance is None or 0 <= chance <= 1
    assert told.day == told.last.day == 84


def test_a_difference_within_what_is_not_known_is_said_to_tell_nothing(told: Forecast) -> None:
    assert {row.what for row in told.what_if} == {"one more session", "a booster dosing", "3 h more practice a week"}
    for row in told.what_if:
        assert row.low <= row.points <= row.high
        assert row.clear == (row.low > 0 or row.high < 0)
    said = " ".join(forecast_sentences(told))
    assert ("it tells nothing" in said) == any(not row.clear for row in told.what_if)


def test_cannot_tell_yet_is_an_answer(care: Bank) -> None:
    one = follow(care, record((0, 15)))
    assert track_of(one, "PHQ-9").verdict == "cannot tell yet"
    same = follow(care, record((0, 15), (14, 15)))
    assert track_of(same, "PHQ-9").verdict == "cannot tell yet"


def test_on_and_off_track(care: Bank) -> None:
    assert track_of(follow(care, record((0, 15), (56, 6))), "PHQ-9").verdict == "on track"
    worse = track_of(follow(care, record((0, 10), (28, 25))), "PHQ-9")
    assert worse.verdict == "off track"
    assert worse.percent_lower is not None
    assert worse.percent_lower > 90


def test_changes_that_count_have_sources() -> None:
    assert (reliable_change("PHQ-9").points, reliable_change("GAD-7").points) == (6, 4)
    assert (reliable_change("PCL-5").points, reliable_change("CAPS-5").points) == (15, 12)
    assert reliable_change("MADRS").points == 7  # 1.96 * sqrt(2) * 2.4 = 6.65, the next whole point
    least = least_important_change("PHQ-9")
    assert least is not None
    assert least.fraction == 0.21
    assert least_important_change("PCL-5") is None


def test_a_wrong_plan_is_noticed(protocol: Protocol) -> None:
    scale = protocol.population.scale
    calm = forecast(record((-1, 30), (7, 14), (28, 12), scale=scale), protocol=protocol, what_if=False)
    assert calm.doubts == ()
    wild = forecast(record((-1, 30), (7, 2), (8, 58), (9, 1), (28, 57), scale=scale), protocol=protocol, what_if=False)
    assert any("very unlike" in doubt for doubt in wild.doubts)


def test_without_a_plan_a_course_without_medicine_is_forecast() -> None:
    told = forecast([{"day": 0, "scale": "GAD-7", "score": 12}, {"day": 21, "scale": "GAD-7", "score": 9}])
    assert not told.with_medicine
    assert told.day == 21 + 84
    assert told.what_if == ()
    with pytest.raises(AfterglowError, match="--protocol"):
        forecast({"scores": [{"day": 0, "scale": "GAD-7", "score": 1}], "given": [{"day": 0, "what": "ketamine"}]})


def test_impossible_wishes_are_refused(protocol: Protocol) -> None:
    held = record((0, 15), (14, 12))
    with pytest.raises(AfterglowError, match="before the last score"):
        forecast(held, day=7)
    with pytest.raises(AfterglowError, match="ten years"):
        forecast(held, day=5000)
    with pytest.raises(AfterglowError, match="no arm 'other'"):
        forecast(held, protocol=protocol, arm="other")


# ---- what was given ----------------------------------------------------------------------------------


def test_what_was_given_takes_the_place_of_what_was_planned(protocol: Protocol) -> None:
    arm = protocol.arms[0]
    held = Record(
        scores=record((-1, 20), (14, 12)).scores,
        given=(Given(day=3, what="psilocybin 10 mg oral"), Given(day=4, what="integration 60 min individual")),
    )
    lived = lived_arm(arm, held)
    assert [dose.day for dose in lived.doses] == [3]
    assert [session.day for session in lived.sessions] == [4]
    assert lived_arm(arm, record((0, 20))) is arm


def test_additions_lie_after_the_last_score(protocol: Protocol) -> None:
    found = variants(protocol.arms[0], now=28, until_day=84)
    assert max(dose.day for dose in found["a booster dosing"].doses) == 42
    assert max(session.day for session in found["one more session"].sessions) == 35
    assert variants(protocol.arms[0], now=84, until_day=84) == {}


# ---- safety ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "items", "levels"),
    [
        ("PHQ-9", 10, (1,) * 8 + (2,), ["urgent"]),
        ("PHQ-9", 20, (), ["caution"]),
        ("PHQ-9", 24, (3,) * 8 + (0,), ["caution"]),
        ("PHQ-9", 19, (), []),
        ("GAD-7", 15, (), ["caution"]),
        ("MADRS", 35, (), ["caution"]),
        ("BDI-II", 29, (), ["caution"]),
    ],
)
def test_scores_that_call_for_action(name: str, value: float, items: tuple[int, ...], levels: list[str]) -> None:
    found = cautions_of_score(name, value, items)
    assert [caution.level for caution in found] == levels
    assert all(WHERE_TO_TURN in caution.sentence for caution in found)


def test_the_caution_comes_before_anything_else(tmp_path: Path) -> None:
    answers = [3, 3, 3, 3, 3, 3, 3, 3, 2]
    path = tmp_path / "scores.json"
    path.write_text(json.dumps([{"day": 0, "scale": "PHQ-9", "items": answers}]))
    done = CliRunner().invoke(app, ["forecast", str(path), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("ACT NOW: Item 9 of the PHQ-9")
    page = (tmp_path / "out" / "forecast.html").read_text()
    assert page.index("Act now") < page.index("<figure>") < page.index("cannot tell yet".capitalize())


def test_an_answer_that_calls_for_action_holds_until_it_is_answered_anew() -> None:
    asked = Score(day=0, scale="PHQ-9", value=12, items=(2, 2, 2, 2, 1, 0, 0, 0, 3))
    total = Score(day=14, scale="PHQ-9", value=11)
    anew = Score(day=14, scale="PHQ-9", value=11, items=(2, 2, 2, 2, 1, 1, 1, 0, 0))
    assert [caution.level for caution in cautions_of(Record(scores=(asked, total)))] == ["urgent"]
    assert cautions_of(Record(scores=(asked, anew))) == ()


def test_scores_with_dates_are_forecast_with_dates(tmp_path: Path) -> None:
    found = run("PHQ-9 2026-03-05:18 2026-03-19:14", "--day", "2026-06-01", "--out", str(tmp_path), "--format", "csv")
    assert found.exit_code == 0
    assert found.stdout.splitlines()[-1].startswith("88.0,2026-06-01,")
    assert (tmp_path / "bands.csv").read_text().splitlines()[-1].startswith("88.0,2026-06-01,")
    assert "to day 88 (2026-06-01)" in (tmp_path / "forecast.html").read_text()
    assert json.loads((tmp_path / "forecast.json").read_text())["day_0"] == "2026-03-05"


def test_nothing_is_said_for_certain(told: Forecast) -> None:
    said = " ".join([*forecast_sentences(told), person_page(told)]).lower()
    assert not any(
        word in said for word in (" will respond", " will relapse", "guarantee", "certainly", "100 %", " 0 %")
    )
    assert ONE_PERSON.lower() in said


# ---- the command -------------------------------------------------------------------------------------


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["forecast", *words])


def test_a_file_needs_no_command_name(tmp_path: Path, protocol: Protocol) -> None:
    scores, file = tmp_path / "scores.csv", tmp_path / "plan.yaml"
    scale = protocol.population.scale
    scores.write_text(f"day,scale,score\n-1,{scale},30\n7,{scale},16\n")
    file.write_text(protocol.to_yaml())
    found = json.loads(run(str(scores), "--protocol", str(file), "--day", "60", "--no-what-if", "--json").output)
    assert (found["day"], found["scale"], found["with_medicine"]) == (60, scale, True)
    assert found["track"]["verdict"] in ("on track", "off track", "cannot tell yet")
    assert list(tmp_path.iterdir()) == [scores, file] or set(tmp_path.iterdir()) == {scores, file}


def test_scores_may_be_typed_on_the_command_line() -> None:
    done = run("PHQ-9 0:18 14:15")
    assert done.exit_code == 0, done.output
    assert "A course without any medicine." in done.output


def test_files_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    done = run("PHQ-9 0:18 14:15", "--out", str(tmp_path / "new"))
    assert done.exit_code == 0, done.output
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {"forecast.html", "forecast.svg", "forecast.png", "forecast.json", "bands.csv"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing.csv"], "there is no file 'missing.csv'"),
        (["PHQ-9 0:99"], "impossible"),
        (["PHQ-9 0:18", "--arm", "a"], "name the plan"),
        (["PHQ-9 0:18", "--day", "2026-03-05"], "is a date"),
        (["validat"], "did you mean 'validate'"),
        (["PHQ-9 0:18", "--day", "99999999"], "day 99999999 lies more than ten years on"),
        (["PHQ-9 0:18", "--scale", "GAD-7"], "--scale says GAD-7"),
    ],
)
def test_mistakes_get_one_sentence(words: list[str], said: str) -> None:
    done = run(*words)
    assert done.exit_code != 0
    assert isinstance(done.exception, AfterglowError)
    assert said in str(done.exception)


def test_a_bank_is_the_same_twice(protocol: Protocol) -> None:
    first, second = (bank_of(protocol, protocol.arms[0], until_day=60, store=False) for _ in range(2))
    np.testing.assert_array_equal(first.course, second.course)


def test_the_chances_of_scores_are_worked_out_once_for_all_days_of_a_forecast() -> None:
    first = score_chances("PHQ-9", [0.2, 0.3])
    assert score_chances("PHQ-9", np.array([0.2, 0.3])) is first
    assert not first.flags.writeable
    assert score_chances("PHQ-9", [0.2]).shape[0] == 1


def test_the_banks_of_a_plan_are_few_and_do_not_tell_the_days_of_a_person() -> None:
    ends = {bank.days[-1] for bank in (care_bank("PHQ-9", until_day=day) for day in (400, 401, 455))}
    assert ends == {455.0}
    assert care_bank("PHQ-9", until_day=30).days[-1] == 365.0


def test_the_bank_of_a_plan_is_kept_and_that_of_a_person_is_not(protocol: Protocol) -> None:
    first = bank_of(protocol, protocol.arms[0], until_day=30)
    assert bank_of(protocol, protocol.arms[0], until_day=31) is first
    assert bank_of(protocol, protocol.arms[0], until_day=30, seed=2) is not first
    assert bank_of(protocol, protocol.arms[0], until_day=30, store=False) is not first
