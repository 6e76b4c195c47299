"""Members of a group are really coupled; a group of one is individual therapy."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests import protocols as plan

from afterglow import Protocol, Result, simulate


def run(group: dict[str, Any], participants: int = 60, fmt: str = "group", **typical: float) -> Result:
    sessions = [*plan.prepared(), plan.sit(0), *(plan.session(d, format=fmt) for d in (1, 7, 14))]
    arm = {"doses": [plan.psilocybin()], "sessions": sessions, "group": group}
    spec = plan.protocol(plan.DEPRESSION, arm=arm)
    return simulate(
        Protocol.made(spec), participants=participants, seed=3, twins=False, typical=typical, calibrated=False
    )


def symptom(result: Result) -> np.ndarray:
    return result.run.severity[0, 0].astype(float)


def curve(result: Result, name: str, day: float) -> np.ndarray:
    at = int(np.argmin(np.abs(result.run.times - day)))
    return result.run.curves[0, 0, :, result.run.curve_names.index(name), at]


def test_a_group_of_one_equals_individual_therapy() -> None:
    one = run({"size": 1, "dosing": True, "integration": True, "community": True}, fmt="individual")
    alone = run({"size": 1}, fmt="individual")
    assert np.array_equal(symptom(one), symptom(alone))


def test_an_hour_that_is_shared_teaches_less() -> None:
    """By `group_hour_share`, and by nothing else where nobody supports anybody: with a share of one it is the same."""
    alone, shared = (run({"size": 1}, fmt=fmt) for fmt in ("individual", "group"))
    taught = [curve(found, "new_pattern", 20).mean() for found in (alone, shared)]
    assert taught[1] < 0.95 * taught[0]
    whole = run({"size": 1}, group_hour_share=1 - 1e-9)
    np.testing.assert_allclose(symptom(whole), symptom(alone), atol=1e-5)


def test_members_are_coupled_within_their_group_and_not_beyond() -> None:
    size = 6
    spec_group = {"size": size, "integration": True}
    support = curve(run(spec_group), "group_support", 30)
    assert (support > 0).all()
    assert (curve(run({"size": 1}), "group_support", 30) == 0).all()
    # in groups of two the partner's progress is the only difference between two people's lift
    two = run({"size": 2, "integration": True}, communitas_gain=1e-6, progress_gain=2.0)
    lifted = curve(two, "group_support", 30)
    assert not np.allclose(lifted, support)
    pairs, new = lifted.reshape(-1, 2), curve(two, "new_pattern", 30).reshape(-1, 2)
    more = new[:, 0] > new[:, 1]
    assert (pairs[more, 1] >= pairs[more, 0]).mean() > 0.8, "the one whose partner got further is lifted more"


def test_a_larger_cohort_leaves_complete_groups_unchanged() -> None:
    group = {"size": 5, "integration": True}
    assert np.array_equal(symptom(run(group, 50)), symptom(run(group, 60))[:50])
