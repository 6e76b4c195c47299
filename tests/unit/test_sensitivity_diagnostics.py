"""What would change our mind: how much a trial tells of the rivals, and which parameter drives durability."""

from __future__ import annotations

import numpy as np
import pytest
from tests import protocols as plan

from afterglow.calibrate.diagnostics.sensitivity import Candidate, _information, discrimination, durability
from afterglow.posterior import Posterior
from afterglow.protocol import Protocol

SPREAD = {
    "study": 0.4,
    "points": 0.0,
    "share": 0.0,
    "arm": 0.3,
    "row": 0.2,
    "hope": 0.0,
    "medicine": 0.0,
    "therapy": 0.0,
}
DRAWS = 12


def protocol(*, days: list[float]) -> Protocol:
    spec = plan.comp001()
    assessments = [{"scale": "MADRS", "days": days}]
    return Protocol.made({**spec, "arms": spec["arms"][:2], "assessments": assessments, "horizon_days": days[-1]})


def posterior(rival: str = "window", departs: float = 0.0, **draws: np.ndarray) -> Posterior:
    return Posterior(rival, draws, {**SPREAD, "medicine": departs})


def test_a_number_that_all_rivals_foretell_alike_tells_nothing() -> None:
    assert _information([(3.0, 2.0)] * 4) == pytest.approx(0.0, abs=1e-6)


def test_numbers_far_apart_settle_which_rival_is_right() -> None:
    assert _information([(100.0 * k, 1.0) for k in range(4)]) == pytest.approx(np.log(4), abs=1e-3)
    assert _information([(0.0, 1.0), (0.0, 1.0), (50.0, 1.0), (50.0, 1.0)]) == pytest.approx(np.log(2), abs=1e-3)


def test_two_normals_two_sds_apart_tell_a_third_of_a_nat() -> None:
    """Capacity of a binary signal at a signal-to-noise ratio of 1: 0.486 bits (Proakis, Digital Communications)."""
    assert _information([(-1.0, 1.0), (1.0, 1.0)]) == pytest.approx(0.486 * np.log(2), abs=1e-3)


def test_how_long_a_new_pattern_lasts_drives_durability() -> None:
    rng = np.random.default_rng(2)
    driving = np.geomspace(0.3, 3.0, DRAWS)
    made = posterior(
        new_pattern_days=180 * rng.permutation(driving),
        insight_weight=0.05 + 1e-4 * rng.standard_normal(DRAWS),
        signal_gain_ketamine=rng.permutation(driving),
    )
    left, ranked = durability(protocol(days=[-1.0, 21.0, 180.0]), made, early=21.0, late=180.0, draws=DRAWS)
    assert left.shape == (DRAWS,)
    assert np.all((left > 0.1) & (left < 0.9))
    assert [name for name, _ in ranked] == ["new_pattern_days", "insight_weight"], "no ketamine is given"
    assert ranked[0][1] > 0.9
    assert abs(ranked[1][1]) < 0.6
    assert left.max() > left.min() + 0.2


def test_a_trial_of_something_tells_more_than_one_of_nothing() -> None:
    own = protocol(days=[-1.0, 21.0])
    alike = own.model_copy(update={"arms": (own.arms[0], own.arms[0].model_copy(update={"id": "again"}))})
    rivals = {
        "window": posterior("window", session_gain=np.array([4.0, 4.4])),
        "expectancy_only": posterior("expectancy_only", session_gain=np.array([4.0, 4.4])),
    }
    candidates = [Candidate("nothing", alike, 21.0), Candidate("doses", own, 21.0)]
    found = discrimination(candidates, rivals, draws=2)
    assert [row["name"] for row in found] == ["doses", "nothing"]
    assert found[1]["information"] == pytest.approx(0.0, abs=1e-6)
    for mean, sd in found[1]["expected"].values():
        assert mean == pytest.approx(0.0, abs=1e-9)
        # 9.6 points between people, departures of sqrt(2 (0.3^2 + 0.2^2)), and 60 people an arm
        assert sd == pytest.approx(9.6 * np.hypot(np.sqrt(0.26), np.sqrt(2 / 60)), rel=1e-9)
    assert found[0]["information"] > 0.001
    assert set(found[0]["expected"]) == set(rivals)


def test_a_difference_is_less_sure_where_medicines_depart_from_trial_to_trial() -> None:
    own = protocol(days=[-1.0, 21.0])
    added = []
    for departs in (0.0, 0.6):
        made = posterior(departs=departs, session_gain=np.array([4.0, 4.0]))
        (found,) = discrimination([Candidate("doses", own, 21.0)], {"window": made}, draws=8)
        # the rest is noise, which departures of medicines are no part of
        added.append(found["expected"]["window"][1] ** 2 - 9.6**2 * (0.26 + 2 / 60))
    assert added[0] == pytest.approx(0.0, abs=1e-9), "the two draws are the same"
    assert added[1] > 0.05
