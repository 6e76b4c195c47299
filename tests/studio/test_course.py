"""Pages show the numbers of the command line, and what is planned beside an arm leaves its numbers alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from afterglow.posterior import shipped_posteriors
from afterglow.protocol import Protocol
from afterglow.results.plain import plain_object
from afterglow.runs import simulate
from afterglow.studio.compare.comparison import Comparison, compare
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.design import Design, PlannedSession, protocol_of
from afterglow.studio.designs.result import QUICK, result_of
from afterglow.studio.explore.certainty import Certainty, _headline, certainty_of
from afterglow.studio.explore.course import ArmCourse, course_of, course_shown
from afterglow.version import __version__


def small(medicine: str = "psilocybin", **update: object) -> Design:
    return choices().starters[medicine].model_copy(update={"participants": 64, "horizon_days": 84.0, **update})


AS_QUICK: Any = {"draws": QUICK.draws, "parts": QUICK.parts_of(small())}


def with_sessions(design: Design, sessions: tuple[PlannedSession, ...]) -> Design:
    arm = design.arms[0].model_copy(update={"sessions": sessions})
    return design.model_copy(update={"arms": (arm,)})


def beside(design: Design) -> Design:
    """The design with a second arm that is prepared earlier, dosed otherwise, and followed as long."""
    other = choices().starters["mdma"].arms[0]
    early = PlannedSession(day=-40, kind="preparation", hours=2)
    changed = {"sessions": (early, *other.sessions), "practice": (), "dosing_days": (0.0, 20.5, 50.0)}
    other = other.model_copy(update=changed)
    return design.model_copy(update={"arms": (*design.arms, other)})


# The numbers are those of the command line


@pytest.fixture(scope="module")
def sure() -> Certainty:
    return certainty_of(small())


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What `afterglow simulate` says of the exported file."""
    protocol = Protocol.from_yaml(protocol_of(small()).to_yaml())
    return plain_object(simulate(protocol, participants=64), __version__)


def of_scale(rows: list[dict[str, Any]], scale: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["scale"] == scale]


def test_explore_shows_the_numbers_of_the_exported_file(sure: Certainty, told: dict[str, Any]) -> None:
    [arm] = sure.course.arms
    own, twin = told["arms"]
    scale = sure.course.scale.id
    assert (sure.course.participants, sure.course.draws) == (told["participants"], told["draws"])
    for row, full, without in zip(arm.scores, own["scores"], twin["scores"], strict=True):
        assert (row.scale, row.day, row.mean, row.response) == tuple(
            full[k] for k in ("scale", "day", "mean", "response")
        )
        assert (row.low, row.high) == (full["q05"], full["q95"])
        assert (row.twin_mean, row.twin_response) == (without["mean"], without["response"])
    for row, full in zip(arm.relapse, own["relapse"], strict=True):
        assert (row.day, row.share) == (full["day"], full["share"])
    lasting = of_scale(own["lasting"], scale)[0]
    assert (arm.lasting.from_day, arm.lasting.share) == (lasting["from_day"], lasting["share"])
    assert [w.closes for w in arm.windows] == [row["closes_day"]["median"] for row in own["windows"]]
    for band, full in zip(sure.bands, of_scale(own["scores"], scale)[1:], strict=True):
        assert band.model_dump(exclude={"arm"}) == {
            name: full[name] for name in type(band).model_fields if name != "arm"
        }


def test_what_integration_adds_is_the_contrast_of_the_exported_file(sure: Certainty, told: dict[str, Any]) -> None:
    rows = of_scale(told["contrasts"], sure.course.scale.id)
    assert {row["versus"] for row in rows} == {"arm1|no integration"}
    for contrast, row in zip(sure.contrasts, rows, strict=True):
        assert (contrast.day, contrast.difference) == (row["day"], row["mean_difference"])
        assert (contrast.low, contrast.high) == (row["credible_low"], row["credible_high"])


def test_compare_shows_the_numbers_of_the_exported_file(told: dict[str, Any]) -> None:
    found = Comparison.model_validate(compare(small(), lambda share: None))
    own = told["arms"][0]
    rows = of_scale(own["scores"], found.scale)
    [arm] = found.arms
    assert [v.mean for v in arm.visits] == [row["mean"] for row in rows]
    assert [v.mean_low for v in arm.visits] == [row["mean_low"] for row in rows]
    assert (arm.response_low, arm.response_high) == (rows[-1]["response_low"], rows[-1]["response_high"])
    lasting = of_scale(own["lasting"], found.scale)[0]
    assert (arm.lasting_response_low, arm.hours_low) == (lasting["credible_low"], lasting["hours_credible_low"])
    assert [p.share for p in arm.relapse] == [row["share"] for row in own["relapse"]]
    assert found.contrasts == []


def test_one_explanation_alone_is_the_run_of_that_explanation() -> None:
    found = certainty_of(small(rival="additive"))
    result = simulate(protocol_of(small()), participants=64, rival="additive")
    assert found.course.rival == "additive"
    last = [row for row in result.rows["contrasts"] if row["scale"] == "MADRS"][-1]
    assert found.contrasts[-1].difference == last["mean_difference"]
    assert [r.id for r in found.rivals if r.difference is not None] == ["additive"]
    assert found.headline.startswith("If the explanation “Drug plus therapy” holds")
    assert "Each explanation alone" not in found.headline


# A first answer


def test_a_first_answer_has_few_draws_and_the_same_people(sure: Certainty) -> None:
    first = course_of(small())
    assert (first.draws, sure.course.draws, first.participants) == (QUICK.draws, 64, sure.course.participants)
    assert str(first.draws) in first.note
    assert "quick answer" in first.note
    assert "command line" in sure.course.note
    assert (first.full, sure.course.full) == (False, True)
    last, full = first.arms[0].scores[-1], sure.course.arms[0].scores[-1]
    assert last.mean == pytest.approx(full.mean, abs=1.5)  # draws differ by several points from each other
    assert last.mean != full.mean
    assert first.arms[0].windows[0].closes == pytest.approx(sure.course.arms[0].windows[0].closes, rel=0.3)


def test_the_number_of_threads_changes_nothing() -> None:
    alone = simulate(protocol_of(small()), participants=64, **AS_QUICK, seed=small().seed, workers=1, store=False)
    assert course_shown(alone, small()) == course_of(small())


# What a second arm, a slider or a page changes in the first arm's numbers is nothing


def assert_same_arm(one: ArmCourse, other: ArmCourse) -> None:
    parts = {"id", "label", "dosing_days", "extrapolated", "scores", "relapse", "lasting", "therapy_hours"}
    assert one.model_dump(include=parts) == other.model_dump(include=parts)
    for own, seen in zip(one.windows, other.windows, strict=True):
        assert own.open_share == seen.open_share
        # A window's end is read between the days that are kept, of which another arm adds some.
        assert (own.opens, own.closes) == pytest.approx((seen.opens, seen.closes), abs=1e-3)
    assert one.twin is not None
    assert other.twin is not None
    shared = sorted(set(one.days) & set(other.days))
    assert len(shared) > len(one.days) / 2
    for name, curve in one.curves.items():
        for mean, then in ((curve.mean, other.curves[name].mean), (one.twin.curves[name], other.twin.curves[name])):
            before = [mean[one.days.index(day)] for day in shared]
            assert before == [then[other.days.index(day)] for day in shared], name


def test_a_second_arm_changes_nothing_in_the_first(sure: Certainty) -> None:
    both = certainty_of(beside(small()))
    assert len(both.course.arms) == 2
    assert_same_arm(sure.course.arms[0], both.course.arms[0])
    for name in ("bands", "contrasts"):
        assert [row for row in getattr(both, name) if row.arm == "arm1"] == getattr(sure, name), name
    assert both.headline == sure.headline
    assert both.rivals == sure.rivals
    quick, with_another = course_of(small()), course_of(beside(small()))
    assert_same_arm(quick.arms[0], with_another.arms[0])


def test_a_slider_of_the_second_arm_changes_nothing_in_the_first() -> None:
    design = beside(small("mdma", horizon_days=182.0))
    moved = design.arms[1].model_copy(update={"dose": 55.0, "dosing_days": (0.0, 33.0), "group_size": 4})
    before, after = course_of(design), course_of(design.model_copy(update={"arms": (design.arms[0], moved)}))
    assert before.arms[1].scores != after.arms[1].scores
    assert_same_arm(before.arms[0], after.arms[0])


def test_compare_and_explore_say_the_same_of_an_arm(sure: Certainty) -> None:
    found = Comparison.model_validate(compare(beside(small()), lambda share: None)).arms[0]
    own = sure.course.arms[0]
    rows = [row for row in own.scores if row.scale == sure.course.scale.id]
    assert [v.mean for v in found.visits] == [row.mean for row in rows]
    assert (found.lasting_from_day, found.lasting_response) == (own.lasting.from_day, own.lasting.share)
    assert (found.score_low, found.score_high) == (sure.bands[-1].mean_low, sure.bands[-1].mean_high)


def test_each_arm_is_first_rated_on_its_own_first_day() -> None:
    late, early = course_of(beside(small())).arms
    assert (late.scores[0].day, early.scores[0].day) == (-7, -40)


# What is drawn


def test_curves_share_their_days_and_lie_inside_their_bands() -> None:
    [arm] = course_of(small()).arms
    assert arm.days == sorted(arm.days)
    assert arm.twin is not None
    assert set(arm.twin.curves) == set(arm.curves)
    for name, curve in arm.curves.items():
        assert len(curve.mean) == len(curve.low) == len(curve.high) == len(arm.days), name
        assert len(arm.twin.curves[name]) == len(arm.days), name
        assert np.all(np.array(curve.low) <= np.array(curve.high) + 1e-9), name
        assert max(curve.high) > 1.1 * max(curve.mean) > 0, name
    assert max(arm.curves["concentration"].mean) > 5
    people = arm.curves["severity_score"]
    assert 15 < people.high[-1] - people.low[-1] < 45  # nine in ten people, about 3.3 SDs of 10 points


def test_new_synapses_are_those_that_fade_and_those_that_stay() -> None:
    design = small()
    [arm] = course_of(design).arms
    result = simulate(protocol_of(design), participants=64, **AS_QUICK)
    parts = [result.course(name, "arm1") for name in ("labile_spines", "stable_spines")]
    assert all(part is not None and part.mean.max() > 0.01 for part in parts)
    together = sum(part.mean for part in parts if part is not None)
    np.testing.assert_allclose(arm.curves["synapses"].mean, together, rtol=1e-3, atol=1e-9)


def test_a_placebo_has_no_concentration() -> None:
    arm = small().arms[0].model_copy(update={"medicine": "placebo"})
    [seen] = course_of(small(arms=(arm,))).arms
    assert seen.curves["concentration"].mean == [0.0] * len(seen.days)
    assert seen.windows == []


def test_the_line_runs_through_the_mean_ratings(sure: Certainty) -> None:
    [arm] = sure.course.arms
    line = arm.curves["severity_score"].mean
    rows = [row for row in arm.scores if row.scale == sure.course.scale.id]
    assert len(rows) > 8
    missed = [line[arm.days.index(row.day)] - row.mean for row in rows]
    assert np.abs(missed[1:]).max() < 0.01
    # The first rating is that of inclusion: of a bad day, and with the error that brought people in.
    assert -6 < missed[0] < -1


def test_uneven_dosings_stay_where_they_are() -> None:
    arm = choices().starters["mdma"].arms[0].model_copy(update={"dosing_days": (0.0, 21.0, 63.0)})
    [seen] = course_of(small("mdma", arms=(arm,), horizon_days=119.0)).arms
    assert seen.dosing_days == [0, 21, 63]
    assert [w.dose_day for w in seen.windows] == [0, 21, 63]
    hours = [day + 2 / 24 for day in (0, 21, 63)]
    assert min(np.interp(hours, seen.days, seen.curves["concentration"].mean)) > 20


def test_moving_a_session_moves_the_arm_and_not_its_twin() -> None:
    design = small()
    sessions = design.arms[0].sessions
    moved = (*sessions[:-1], sessions[-1].model_copy(update={"day": 60.0}))
    [before], [after] = course_of(design).arms, course_of(with_sessions(design, moved)).arms
    assert before.twin is not None
    assert after.twin is not None
    assert before.twin == after.twin
    assert [row.twin_mean for row in before.scores] == [row.twin_mean for row in after.scores]
    assert before.curves["severity_score"].mean[-1] != after.curves["severity_score"].mean[-1]


def test_an_arm_with_nothing_to_leave_out_has_no_twin() -> None:
    design = with_sessions(small(), ())
    arm = design.arms[0].model_copy(update={"practice": ()})
    [seen] = course_of(design.model_copy(update={"arms": (arm,)})).arms
    assert seen.twin is None
    assert all(row.twin_mean is None for row in seen.scores)


def test_the_story_covers_every_day_and_names_its_sources() -> None:
    for medicine in choices().starters:
        [arm] = course_of(small(medicine, horizon_days=120.0)).arms
        for day in np.arange(-5, 84, 0.5):
            told = [p for p in arm.story if p.from_day <= day < p.to_day]
            assert any(p.topic == "brain" for p in told), (medicine, day)
        sourced = [p for p in arm.story if p.sources]
        assert len(sourced) > len(arm.story) / 2
        assert {key for p in sourced for key in p.sources} == {source.key for source in arm.sources}
        assert len({source.citation for source in arm.sources}) == len(arm.sources), "each is told once"
        assert len([p for p in arm.story if p.topic == "work"]) >= len(design_sessions(medicine))


def design_sessions(medicine: str) -> tuple[PlannedSession, ...]:
    return tuple(s for s in choices().starters[medicine].arms[0].sessions)


def test_a_session_in_the_window_is_told_apart_from_one_after_it() -> None:
    sessions = (
        PlannedSession(day=2, kind="integration", hours=1),
        PlannedSession(day=70, kind="integration", hours=1),
    )
    [arm] = course_of(with_sessions(small(), sessions)).arms
    texts = {p.from_day: p.text for p in arm.story if p.topic == "work" and p.text.startswith("Integration")}
    assert "is open today" in texts[2]
    assert "is not open today" in texts[70]


def test_a_dose_above_the_studied_range_is_marked() -> None:
    design = small()
    arm = design.arms[0].model_copy(update={"dose": 50.0})
    assert course_of(design.model_copy(update={"arms": (arm,)})).arms[0].extrapolated
    assert not course_of(design).arms[0].extrapolated


# How sure it is


def test_the_interval_is_wide_enough_for_explanations_that_differ(sure: Certainty) -> None:
    last = sure.contrasts[-1]
    said = {r.id: r.difference for r in sure.rivals}
    assert set(said) == set(shipped_posteriors().weights)
    weights = shipped_posteriors().weights
    mean = sum(weights[name] * (difference or 0.0) for name, difference in said.items())
    assert last.difference == pytest.approx(mean, abs=1e-6)  # the weighted answer is the mean of the explanations'
    # The explanations alone differ, and two trials of one by more.
    values = [difference for difference in said.values() if difference is not None]
    assert max(values) - min(values) > 1
    assert last.high - last.low > max(values) - min(values)
    for rival in sure.rivals:
        assert rival.low is not None
        assert rival.high is not None
        assert rival.high - rival.low < 1.3 * (last.high - last.low)
    assert said["drug_only"] == max(values) == pytest.approx(0, abs=1), "hope alone, while the course goes on"


def test_the_headline_says_when_the_model_cannot_tell(sure: Certainty) -> None:
    last = sure.contrasts[-1]
    assert last.low < 0 < last.high
    assert "the model cannot tell" in sure.headline
    for rival in sure.rivals:
        assert f"{rival.label.lower()} " in sure.headline
        assert f"({100 * rival.weight:.0f} %)" in sure.headline
    said = " ".join([sure.headline, *sure.sentences])
    assert "90 % sure" not in said


def test_the_headline_does_not_shrug_where_the_interval_leaves_zero_out() -> None:
    found = certainty_of(small("mdma", rival="window", horizon_days=182.0))
    clear = found.contrasts[-1].model_copy(update={"difference": -4.0, "low": -6.0, "high": -1.0})
    said = _headline(result_of(small("mdma", rival="window", horizon_days=182.0)), clear, found.rivals, "CAPS-5")
    assert "cannot tell" not in said
    assert "−4.0" in said
    assert said.count("−") >= 3


def test_without_integration_the_headline_is_the_mean_and_its_interval() -> None:
    design = with_sessions(small(), ())
    arm = design.arms[0].model_copy(update={"practice": ()})
    found = certainty_of(design.model_copy(update={"arms": (arm,)}))
    assert found.contrasts == []
    assert all(rival.difference is None for rival in found.rivals)
    assert "no integration to leave out" in found.headline
    last = found.course.arms[0].scores[-1]
    assert f"{last.mean:.1f}, 90 % interval {found.bands[-1].mean_low:.1f} to" in found.headline


def test_a_comparison_counts_what_lasts_and_tells_its_progress() -> None:
    design = small()
    bare = design.arms[0].model_copy(update={"sessions": (), "practice": (), "label": "alone"})
    told: list[float] = []
    found = Comparison.model_validate(compare(design.model_copy(update={"arms": (design.arms[0], bare)}), told.append))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert [a.label for a in found.arms] == ["arm1", "alone"]
    for arm in found.arms:
        assert arm.lasting_response_low is not None
        assert arm.lasting_response_high is not None
        assert 0 <= arm.lasting_response_low <= arm.lasting_response <= arm.response
        assert arm.lasting_response < arm.lasting_response_high <= 1
        assert arm.hours_per_lasting_response is not None
        assert arm.hours_low is not None
        assert arm.hours_low < arm.hours_per_lasting_response
        assert arm.curve.days[-1] == found.day == 84
    assert found.arms[0].therapy_hours > found.arms[1].therapy_hours == 7.0
    pair = found.contrasts[-1]
    assert pair.difference == pytest.approx(found.arms[0].score - found.arms[1].score)
    result = simulate(protocol_of(design.model_copy(update={"arms": (design.arms[0], bare)})), participants=64)
    row = [r for r in result.rows["contrasts"] if r["versus"] == "arm2" and r["scale"] == found.scale][-1]
    assert (pair.low, pair.high) == (row["credible_low"], row["credible_high"])
