"""A design of a page becomes a protocol, or one clear sentence."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from afterglow import medicines
from afterglow.errors import ProtocolError
from afterglow.medicines.usual_course import UsualCourse
from afterglow.posterior import shipped_posteriors
from afterglow.protocol import Protocol
from afterglow.simulate.schedule import schedule
from afterglow.simulate.spec import PEOPLE
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.design import ArmDesign, Design, PlannedPractice, PlannedSession, protocol_of
from afterglow.studio.designs.result import Effort, result_of

MEDICINES = ("ketamine", "esketamine", "psilocybin", "mdma")


@pytest.mark.parametrize("medicine", MEDICINES)
def test_a_starter_is_a_protocol_that_survives_yaml(medicine: str) -> None:
    protocol = protocol_of(choices().starters[medicine])
    assert Protocol.from_yaml(protocol.to_yaml()) == protocol
    arm = protocol.arms[0]
    assert {d.medicine for d in arm.doses} == {medicine}
    assert {d.day for d in arm.doses} == {s.day for s in arm.sessions if s.kind == "dosing"}


def test_mdma_has_its_half_dose_and_ketamine_its_infusion() -> None:
    mdma = protocol_of(
        Design(condition="ptsd", arms=(ArmDesign(medicine="mdma", dose=80, dosing_days=(0, 28, 56)),))
    ).arms[0]
    assert [(d.day, d.hour, d.dose_mg) for d in mdma.doses][:2] == [(0, 0, 80), (0, 1.75, 40)]
    assert [s.day for s in mdma.sessions] == [0, 28, 56]
    ketamine = protocol_of(Design(arms=(ArmDesign(medicine="ketamine", dose=0.5),))).arms[0]
    assert ketamine.doses[0].dose_mg_per_kg == 0.5
    assert ketamine.doses[0].duration_h == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("medicine", "way"),
    [(m.id, way) for m in medicines.MEDICINES.values() for way in m.ways],
    ids=lambda found: getattr(found, "route", found),
)
def test_a_medicine_can_be_given_as_clinics_give_it(medicine: str, way: UsualCourse) -> None:
    offered = {choice.id: choice for choice in next(m for m in choices().medicines if m.id == medicine).ways}
    assert offered[way.route].usual_dose == way.dose
    if way.unit:
        assert way.low <= way.dose <= offered[way.route].high
    days = tuple(k * max(1.0, way.every_days) for k in range(way.dosings))
    arm = ArmDesign(medicine=medicine, route=way.route, dose=way.dose, dosing_days=days)
    doses = protocol_of(Design(arms=(arm,))).arms[0].doses
    assert {dose.route for dose in doses} == {way.route}
    limit = doses[0].limit
    if limit:
        assert doses[0].extrapolated is (doses[0].share_of(limit.studied) > 1)
        assert doses[0].share_of(limit.reported) <= 1


def test_a_way_that_is_not_offered_is_refused() -> None:
    with pytest.raises(ValidationError, match="psilocybin is not offered sublingual; known routes: oral"):
        ArmDesign(medicine="psilocybin", route="sublingual")


def test_no_medicine_gives_neither_a_dose_nor_a_dosing_day() -> None:
    session = PlannedSession(day=3, kind="psychotherapy", hours=1)
    arm = protocol_of(Design(arms=(ArmDesign(medicine="none", sessions=(session,)),))).arms[0]
    assert not arm.doses
    assert [s.kind for s in arm.sessions] == ["psychotherapy"]


def test_visits_follow_the_first_day_and_end_at_the_horizon() -> None:
    early = PlannedSession(day=-20, kind="preparation", hours=1)
    design = Design(
        horizon_days=100,
        arms=(ArmDesign(medicine="psilocybin", sessions=(early,)), ArmDesign(medicine="psilocybin")),
    )
    protocol = protocol_of(design)
    for assessment in protocol.assessments:
        assert (assessment.days[0], assessment.days[-1]) == (1, 100)
    # Each arm is first rated where it begins: before its own preparation, or on the dosing day before the dose.
    assert [schedule(arm, protocol).begin for arm in protocol.arms] == [-20, 0]


def test_a_design_is_run_under_all_explanations_unless_one_is_named() -> None:
    design = Design(arms=(ArmDesign(medicine="psilocybin"),), participants=16, horizon_days=14)
    every = result_of(design, effort=Effort(8)).run.spec
    assert {e.rival: e.weight for e in every.explanations} == dict(shipped_posteriors().weights)
    one = result_of(design.model_copy(update={"rival": "additive"}), effort=Effort(8)).run.spec
    assert [(e.rival, e.weight) for e in one.explanations] == [("additive", 1.0)]
    assert (Design(arms=design.arms).participants, every.participants) == (PEOPLE, 16)


def test_eight_different_people_at_each_draw_tell_more_than_the_same_sixteen(monkeypatch: pytest.MonkeyPatch) -> None:
    design = choices().starters["psilocybin"].model_copy(update={"horizon_days": 84.0})

    def last(effort: Effort, seed: int) -> NDArray[np.float64]:
        rows = result_of(design.model_copy(update={"seed": seed}), effort=effort).rows
        [mean], [difference] = (
            [row[what] for row in rows[table] if row["arm"] == "arm1" and row["scale"] == "MADRS"][-1:]
            for table, what in (("scores", "mean"), ("contrasts", "mean_difference"))
        )
        return np.array([mean, difference])

    def misses(effort: Effort) -> NDArray[np.float64]:
        """Root mean square of what each cohort is off the mean over large ones."""
        return np.asarray(np.sqrt(np.mean([(last(effort, seed) - truth) ** 2 for seed in range(20, 36)], axis=0)))

    truth = np.mean([last(Effort(16), seed) for seed in range(8)], axis=0)
    parted = misses(Effort(16, 32))
    monkeypatch.setattr("afterglow.studio.designs.result.LESSER_PART", 64)
    assert (parted < 0.85 * misses(Effort(16, 16))).all()


def test_a_choice_of_explanation_has_the_weight_of_the_runs() -> None:
    offered = {choice.id: choice.weight for choice in choices().rivals}
    assert offered == pytest.approx(dict(shipped_posteriors().weights), abs=5e-4)
    assert all(starter.rival == "weighted" for starter in choices().starters.values())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scale": "MADRAS"}, "MADRS"),
        ({"baseline_mean": 90.0}, "outside"),
        ({"arms": (ArmDesign(medicine="psilocybin", dosing_days=(0, 600)),)}, "beyond the horizon"),
        (
            {
                "arms": (
                    ArmDesign(
                        medicine="psilocybin", practice=(PlannedPractice(from_day=9, to_day=3, hours_per_week=1),)
                    ),
                )
            },
            "end after it begins",
        ),
    ],
)
def test_an_impossible_design_is_one_sentence(change: dict[str, object], words: str) -> None:
    design = choices().starters["psilocybin"].model_copy(update=change)
    with pytest.raises(ProtocolError, match=words) as error:
        protocol_of(design)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"arms": []},
        {"arms": [{"medicine": "aspirin"}]},
        {"arms": [{"medicine": "mdma"}], "names": "x"},
        {"arms": [{"medicine": "mdma", "dosing_days": [1, 28]}]},
        {"arms": [{"medicine": "mdma", "dosing_days": [0, 28, 28.5]}]},
        {"arms": [{"medicine": "mdma", "dosing_days": []}]},
        {"arms": [{"medicine": "mdma"}], "rival": "luck"},
    ],
)
def test_what_is_not_a_design_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Design.model_validate(wrong)


@pytest.mark.parametrize("days", [(0.0,), (3.0, 3.0, 3.2), (28.0, 27.95), (-0.02, 56.1, 56.0)])
def test_sessions_on_one_day_follow_each_other(days: tuple[float, ...]) -> None:
    sessions = tuple(PlannedSession(day=d, kind="integration", hours=1.5) for d in days)
    arm = protocol_of(
        Design(condition="ptsd", arms=(ArmDesign(medicine="mdma", dosing_days=(0, 28, 56), sessions=sessions),))
    ).arms[0]
    held = sorted((s.time_h, s.time_h + s.hours) for s in arm.sessions)
    assert len(held) == 3 + len(days)
    assert all(before[1] <= after[0] + 1e-6 for before, after in itertools.pairwise(held))
    assert [s.day + s.hour / 24 for s in arm.sessions if s.kind == "dosing"] == [0, 28, 56]
    others = [s.time_h / 24 for s in arm.sessions if s.kind != "dosing"]
    assert np.abs(np.array(others) - np.sort(days)).max() < 0.6


def test_every_scale_offered_can_be_drawn() -> None:
    for condition in choices().conditions:
        for scale in condition.scales:
            design = (
                choices()
                .starters["psilocybin"]
                .model_copy(update={"condition": condition.id, "scale": scale.id, "baseline_mean": None})
            )
            assert protocol_of(design).assessments[0].scale == scale.id
