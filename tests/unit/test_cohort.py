"""Named random streams and the people drawn from them."""

from __future__ import annotations

import numpy as np
import pytest
from tests import protocols as plan

from afterglow import Cohort, Protocol, simulate
from afterglow.cohort import Draw, people_at_draws
from afterglow.cohort.streams import BLOCK, normals, uniforms
from afterglow.errors import ParameterError


def population():
    return Protocol.made(plan.comp001()).population


def test_a_longer_range_begins_with_the_same_draws() -> None:
    assert np.array_equal(normals(1, "x", 0, 50, each=3), normals(1, "x", 0, 900, each=3)[:50])
    across = normals(1, "x", 0, BLOCK + 10)
    assert np.array_equal(across[BLOCK:], normals(1, "x", BLOCK, 10))
    assert np.array_equal(across[BLOCK - 5 : BLOCK + 5], normals(1, "x", BLOCK - 5, 10))


def test_streams_are_independent_by_purpose_and_seed() -> None:
    a, b, c = normals(1, "x", 0, 4000)[:, 0], normals(1, "y", 0, 4000)[:, 0], normals(2, "x", 0, 4000)[:, 0]
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.06
    assert abs(np.corrcoef(a, c)[0, 1]) < 0.06
    assert abs(uniforms(1, "x", 0, 4000).mean() - 0.5) < 0.03


def test_a_larger_cohort_keeps_the_first_people() -> None:
    few, many = (Cohort(population=population(), participants=n, seed=4).people() for n in (40, 400))
    for name, value in few.values.items():
        assert np.array_equal(value, many.values[name][:40]), name
    assert np.array_equal(few.baseline_score, many.baseline_score[:40])


def test_people_at_the_same_draws_are_kept_and_others_are_their_own() -> None:
    at = [Draw(typical={"session_gain": 0.1}), Draw(typical={"session_gain": 0.2}, replicate=1)]
    people = people_at_draws(population(), 1, at, [0, 8], 8)
    assert people_at_draws(population(), 1, [Draw(typical={"session_gain": 0.1}), at[1]], (0, 8), 8) is people
    alone = Cohort(population=population(), participants=16, typical={"session_gain": 0.2}).people(8, 8)
    np.testing.assert_allclose(people.values["session_gain"][8:], alone.values["session_gain"])
    with pytest.raises(ValueError, match="read-only"):
        people.values["session_gain"][0] = 1.0
    others = (
        people_at_draws(population().model_copy(update={"weight_mean_kg": 90.0}), 1, at, [0, 8], 8),
        people_at_draws(population(), 2, at, [0, 8], 8),
        people_at_draws(population(), 1, at, [0, 16], 8),
        people_at_draws(population(), 1, [at[0], Draw(typical={"session_gain": 0.3})], [0, 8], 8),
    )
    kept = [people, *others]
    assert len({other.weight_kg.tobytes() + other.values["session_gain"].tobytes() for other in kept}) == len(kept)


def test_arms_are_twins_and_another_arm_changes_nothing() -> None:
    spec = plan.comp001()
    alone = {**spec, "arms": spec["arms"][:1]}
    both = simulate(Protocol.made(spec), participants=40, draws=8, twins=False).run.scores["MADRS"]
    one = simulate(Protocol.made(alone), participants=40, draws=8, twins=False).run.scores["MADRS"]
    assert np.array_equal(both.observed[:, 0], one.observed[:, 0])


def test_the_included_have_the_published_baseline() -> None:
    people = Cohort(population=population(), participants=3000, seed=4).people()
    assert people.baseline_score.mean() == pytest.approx(32, abs=0.4)
    assert people.baseline_score.std() == pytest.approx(5, abs=0.4)
    assert people.baseline_score.min() >= 20


@pytest.mark.parametrize(
    ("condition", "group"),
    [
        ("major_depression", ""),
        ("treatment_resistant_depression", "resistant"),
        ("ptsd", "ptsd"),
        ("cancer_distress", "illness"),
        ("demoralization", "illness"),
    ],
)
def test_what_can_be_done_is_that_of_the_trial_times_that_of_the_condition(condition: str, group: str) -> None:
    own = plan.PTSD if condition == "ptsd" else {**plan.DEPRESSION, "condition": condition}
    groups = {"resistant": 1.5, "ptsd": 0.7, "illness": 1.2}
    typical = {"medicine_strength": 0.8, "therapy_strength": 1.1, "hope_strength": 0.9}
    typical |= {f"{name}_{one}": value for name in list(typical) for one, value in groups.items()}
    people = Cohort(population=Protocol.made(plan.protocol(own, one={})).population, typical=typical).people()
    for kind in ("medicine", "therapy", "hope"):
        expected = typical[f"{kind}_strength"] * groups.get(group, 1.0)
        np.testing.assert_allclose(people.values[f"{kind}_benefit"], expected)


def test_people_who_are_ill_are_rated_on_a_bad_day() -> None:
    usual, rated = (
        Cohort(population=population(), participants=50, typical={"baseline_excess": excess}).people()
        for excess in (0.0, 0.4)
    )
    assert np.array_equal(usual.baseline_score, rated.baseline_score)
    np.testing.assert_allclose(usual.values["offset"] - rated.values["offset"], 0.4 / usual.values["rigidity"])
    np.testing.assert_allclose(rated.values["recovered"], 0.0)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"participants": 0}, "at least 1 participant"),
        ({"seed": -1}, "seed"),
        ({"rival": "windw"}, "did you mean 'window'"),
        ({"typical": {"habit_rte": 1.0}}, "did you mean 'habit_rate'"),
        ({"typical": {"habit_rate": float("nan")}}, "finite"),
    ],
)
def test_impossible_cohorts_are_refused(bad: dict, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        Cohort(population=population(), **bad)
