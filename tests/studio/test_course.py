"""Quick runs say what the simulator says, and dragging a session leaves the twin as it was."""

from __future__ import annotations

import numpy as np
import pytest

from afterglow.posterior import shipped
from afterglow.simulate import simulate
from afterglow.studio.compare.comparison import Comparison, compare
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.design import Design, PlannedSession, protocol_of
from afterglow.studio.explore.certainty import certainty_of
from afterglow.studio.explore.course import course_of


def small(medicine: str = "psilocybin", **update: object) -> Design:
    return choices().starters[medicine].model_copy(update={"participants": 64, "horizon_days": 84.0, **update})


def with_sessions(design: Design, sessions: tuple[PlannedSession, ...]) -> Design:
    arm = design.arms[0].model_copy(update={"sessions": sessions})
    return design.model_copy(update={"arms": (arm,)})


def test_a_course_agrees_with_the_simulator() -> None:
    design = small()
    course = course_of(design)
    result = simulate(protocol_of(design), participants=64, seed=design.seed)
    last = next(r for r in course.arms[0].scores if r.day == 84)
    full = {r["arm"]: r["mean"] for r in result.rows["scores"] if r["day"] == 84}
    assert last.mean == pytest.approx(full["arm1"], abs=0.2)
    assert last.twin_mean == pytest.approx(full["arm1|no integration"], abs=0.2)
    [window] = course.arms[0].windows
    opened = result.rows["windows"][0]
    assert window.closes == pytest.approx(opened["closes_day_median"], rel=0.01)


def test_curves_share_their_days_and_lie_inside_their_bands() -> None:
    [arm] = course_of(small()).arms
    assert arm.days == sorted(arm.days)
    assert arm.twin is not None
    for curves in (arm.curves, arm.twin.curves):
        for name, curve in curves.items():
            assert len(curve.mean) == len(curve.low) == len(curve.high) == len(arm.days), name
            assert np.all(np.array(curve.low) <= np.array(curve.high) + 1e-9), name
    assert max(arm.curves["concentration"].mean) > 5
    assert max(arm.curves["window"].mean) > 0.9
    people = arm.curves["severity_score"]
    assert 15 < people.high[-1] - people.low[-1] < 45  # nine in ten people, about 3.3 SDs of 10 points


def test_the_line_runs_through_the_mean_ratings() -> None:
    design = small(participants=500)
    course = course_of(design)
    [arm] = course.arms
    line = arm.curves["severity_score"].mean
    rows = [row for row in arm.scores if row.scale == course.scale.id]
    assert len(rows) > 8
    for row in rows:
        assert line[arm.days.index(row.day)] == pytest.approx(row.mean, abs=1.2)  # three errors of 500 ratings
    missed = [line[arm.days.index(row.day)] - row.mean for row in rows]
    assert abs(float(np.mean(missed))) < 0.5


def test_uneven_dosings_stay_where_they_are() -> None:
    arm = choices().starters["mdma"].arms[0].model_copy(update={"dosing_days": (0.0, 21.0, 63.0)})
    [seen] = course_of(small("mdma", arms=(arm,), horizon_days=119.0)).arms
    assert seen.dosing_days == [0, 21, 63]
    assert [w.dose_day for w in seen.windows] == [0, 21, 63]
    hours = [day + 2 / 24 for day in (0, 21, 63)]
    assert min(np.interp(hours, seen.days, seen.curves["concentration"].mean)) > 20


def test_what_lasts_is_counted_alike_in_quick_and_long_runs() -> None:
    design = small("psilocybin", participants=200)
    late = design.arms[0].model_copy(update={"dosing_days": (0.0, 30.0), "label": "twice"})
    both = design.model_copy(update={"arms": (design.arms[0], late)})
    quick = course_of(both).arms
    long = Comparison.model_validate(compare(both, lambda share: None))
    for seen, found in zip(quick, long.arms, strict=True):
        assert seen.lasting.from_day == long.lasting_from_day >= 44
        assert seen.lasting.share == pytest.approx(found.lasting_response, abs=0.02)
        assert seen.relapse[-1].share == pytest.approx(found.relapse[-1].share, abs=0.03)
        assert seen.therapy_hours == found.therapy_hours


def test_moving_a_session_moves_the_arm_and_not_its_twin() -> None:
    design = small()
    sessions = design.arms[0].sessions
    moved = (*sessions[:-1], sessions[-1].model_copy(update={"day": 60.0}))
    [before], [after] = course_of(design).arms, course_of(with_sessions(design, moved)).arms
    assert before.twin is not None
    assert after.twin is not None
    days = [0.0, 7.0, 28.0, 84.0]
    twins = [np.interp(days, arm.days, arm.twin.curves["severity_score"].mean) for arm in (before, after) if arm.twin]
    np.testing.assert_allclose(twins[0], twins[1], atol=0.05)
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
        assert all(s.citation for p in sourced for s in p.sources)
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


def test_certainty_gives_bands_a_contrast_and_every_rival() -> None:
    found = certainty_of(small())
    own = [b for b in found.bands if b.arm == "arm1" and b.scale == "MADRS"]
    # At least as wide as trials lie apart, in SDs between people (6 to 13 points here); parameters add to that.
    apart = 2 * 1.645 * shipped().between_trial_sd
    for band in own:
        assert 0.6 < (band.mean_high - band.mean_low) / (apart * 9.5) < 2.5, band.day
        assert 0.6 < (band.response_high - band.response_low) / (apart * 0.35) < 2.5, band.day
    last = found.contrasts[-1]
    for away in (last.difference - last.low, last.high - last.difference):
        assert 0.6 < away / (1.645 * shipped().between_trial_sd_of_difference * 9.5) < 2.5
    assert sum(r.weight for r in found.rivals) == pytest.approx(1, abs=0.01)
    by_name = {r.id: r for r in found.rivals}
    assert by_name["drug_only"].difference == pytest.approx(0, abs=1.5)
    assert by_name["window"].difference == last.difference
    assert len(found.sentences) >= 3


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
    [pair] = found.contrasts
    assert pair.difference == pytest.approx(found.arms[0].score - found.arms[1].score, abs=0.01)
    assert pair.low is not None
    assert pair.low < pair.difference
