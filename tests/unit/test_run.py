"""A run as data: what names it, how it is cut, and that nothing but its specification moves its numbers."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests import protocols as plan
from tests import runs as small

from afterglow import Protocol, Result, simulate
from afterglow.errors import FileError, ParameterError
from afterglow.posterior import ODDNESS, shipped_posteriors
from afterglow.runs.simulate import run_of, spec_of
from afterglow.runs.store import RunStore
from afterglow.simulate.run import Run, assembled, parts_of
from afterglow.simulate.solve import Accuracy
from afterglow.simulate.spec import RunSpec, draws_of, usual_draws, usual_parts


def protocol(**more: Any) -> Protocol:
    return Protocol.made({**plan.comp001(), **more})


def same(a: Any, b: Any) -> bool:
    """Whether two runs, or parts of them, hold the same numbers."""
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if hasattr(a, "__dataclass_fields__") and not isinstance(a, RunSpec):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    return bool(a == b)


# Specification


def test_a_large_seed_is_kept_whole_wherever_it_is_kept(tmp_path: Path) -> None:
    seed = np.uint64(2**64 - 1)
    done = simulate(small.protocol(), **small.SMALL, seed=seed)
    assert done.to_json()["seed"] == 2**64 - 1
    held = Result.load(done.save(tmp_path / "result.nc"))
    assert held.run.spec.seed == 2**64 - 1
    assert held.provenance["seed"] == done.provenance["seed"] == str(2**64 - 1)
    store = RunStore(tmp_path)
    store.write(done)
    assert store.runs()[0].spec.seed == 2**64 - 1
    small.assert_same(done.run.severity, held.run.severity)


def test_a_specification_comes_back_from_its_json() -> None:
    spec, _ = spec_of(protocol(), seed=2**64 - 1, typical={"session_gain": 0.5}, draws=16, parts=3)
    again = RunSpec.from_json(spec.to_json())
    assert again == spec
    assert hash(again) == hash(spec)
    assert (again.seed, again.parts) == (2**64 - 1, 3)
    assert again.protocol == spec.protocol
    with pytest.raises(FileError, match="no specification"):
        RunSpec.from_json("{}")


@pytest.mark.parametrize(
    ("held", "parts"),
    [({"participants": 256}, 4), ({"participants": 100}, 1), ({"participants": 32, "part_people": 8}, 4)],
)
def test_a_specification_from_before_parts_could_be_chosen_names_the_same_people(
    held: dict[str, int], parts: int
) -> None:
    kept = json.loads(spec_of(protocol())[0].to_json())
    del kept["parts"]
    assert RunSpec.from_json(json.dumps(kept | held)).parts == parts


@pytest.mark.parametrize(
    "change",
    [
        {"participants": 257},
        {"draws": 63},
        {"parts": 3},
        {"seed": 2},
        {"overrides": (("session_gain", 0.5),)},
        {"twins": False},
        {"kept": 32},
        {"accuracy": Accuracy(relative=1e-4)},
        {"protocol": protocol(horizon_days=380.0)},
        {"version": "9"},
        {"model": "other"},
    ],
)
def test_whatever_moves_the_numbers_is_part_of_the_name(change: dict[str, Any]) -> None:
    spec, _ = spec_of(protocol())
    assert replace(spec, **change).key != spec.key


def test_another_posterior_or_weight_is_another_run() -> None:
    spec, _ = spec_of(protocol())
    first, *rest = spec.explanations
    assert replace(spec, explanations=(replace(first, posterior="0" * 16), *rest)) != spec
    assert replace(spec, explanations=(replace(first, weight=0.9), *rest)) != spec


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"participants": 0}, "at least 1 participant"),
        ({"seed": -1}, "whole number from 0"),
        ({"seed": 2**64}, "whole number from 0 to 18446744073709551615, not 18446744073709551616"),
        ({"seed": 10**5000}, "not one of 16610 bits"),
        ({"seed": 1.5}, "whole number from 0"),
        ({"draws": 3}, "4 explanations need at least a draw each"),
        ({"typical": {"session_gian": 1.0}}, "did you mean 'session_gain'"),
        ({"typical": {"session_gain": float("inf")}}, "finite"),
        ({"rival": "windw"}, "did you mean 'window'"),
    ],
)
def test_an_impossible_run_is_refused_in_a_sentence(bad: dict[str, Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        simulate(protocol(), **bad)


# Draws


def test_draws_are_shared_by_weight_and_mixed() -> None:
    spec, posteriors = spec_of(protocol())
    draws = draws_of(spec, posteriors)
    weights = {rival: sum(d.weight for d in draws if d.rival == rival) for rival in posteriors.by_rival}
    assert weights == pytest.approx(posteriors.weights)
    counts = Counter(d.rival for d in draws)
    assert all(abs(counts[r] - (4 + 48 * posteriors.weights[r])) < 1 for r in counts), "a quarter is shared evenly"
    for first in range(0, 64, 16):
        here = Counter(d.rival for d in draws[first : first + 16])
        assert all(abs(here[r] - counts[r] / 4) < 2 for r in counts), "each quarter of the draws holds all by weight"
    parts = Counter(d.replicate for d in draws)
    assert set(parts) == set(range(8))
    assert max(parts.values()) - min(parts.values()) <= 4, "each explanation goes through the parts in turn"
    for rival in counts:
        own = Counter(d.replicate for d in draws if d.rival == rival).values()
        assert max(own) - min(own) <= 1


def test_a_cohort_has_as_many_parts_as_people_and_draws_fill() -> None:
    assert [usual_parts(people, 64) for people in (1, 63, 64, 100, 255, 256, 10**6)] == [1, 1, 2, 3, 7, 8, 8]
    assert [usual_parts(256, draws) for draws in (1, 4, 16, 48, 64, 256)] == [1, 4, 4, 6, 8, 8]


def test_fewer_draws_are_among_the_more() -> None:
    few = draws_of(*spec_of(protocol(), draws=16))
    many = draws_of(*spec_of(protocol(), draws=64))
    values = {(d.rival, d.typical["spine_weight"]) for d in many}
    counts = Counter(d.rival for d in few)
    assert sum(counts[d.rival] > 1 for d in few) > 12, "an explanation with one draw takes its centre"
    assert all((d.rival, d.typical["spine_weight"]) in values for d in few if counts[d.rival] > 1)


def test_hope_medicine_and_therapy_depart_from_draw_to_draw_as_from_trial_to_trial() -> None:
    names = [f"{kind}_strength" for kind in ("hope", "medicine", "therapy")]
    spec, posteriors = spec_of(protocol(), rival="window", draws=1024)
    posterior = posteriors.by_rival["window"]
    draws = draws_of(spec, posteriors)
    odd = np.array([d.oddness for d in draws])[:, None]
    strength = np.array([[d.typical[name] for name in names] for d in draws])
    spread = np.array([posterior.spread[name.removesuffix("_strength")] for name in names])
    apart = np.log(strength) / np.sqrt(odd)
    assert apart.mean(axis=0) == pytest.approx(np.zeros(3), abs=0.03 * max(spread))
    assert apart.std(axis=0) == pytest.approx(spread, rel=0.03)
    assert np.corrcoef(apart.T) == pytest.approx(np.eye(3), abs=0.06), "each by itself"
    assert sorted(Counter(odd.ravel()).values()) == pytest.approx([102.4] * len(ODDNESS), abs=2), "all equally likely"
    for draw in draws[:20]:
        assert draw.mean_apart == pytest.approx(np.sqrt(draw.oddness) * posterior.between_trial_sd)
        assert draw.share_apart == pytest.approx(np.sqrt(draw.oddness) * posterior.between_trial_sd_of_share)
        assert draw.difference_apart == pytest.approx(np.sqrt(draw.oddness) * posterior.between_trial_sd_of_difference)
    assert not set(names) & set(posterior.draws), "they are no parameters that a calibration frees"
    assert not set(names) & set(draws_of(*spec_of(protocol(), rival="window", draws=1))[0].typical)
    fixed = {names[0]: 1.25}
    held = draws_of(*spec_of(protocol(), rival="window", draws=4, typical=fixed))
    assert {d.typical[names[0]] for d in held} == {1.25}
    uncalibrated = draws_of(*spec_of(protocol(), calibrated=False))
    assert not any(set(names) & set(d.typical) for d in uncalibrated)


def test_one_draw_is_the_centre_of_the_posterior_and_overrides_hold_at_every_draw() -> None:
    spec, posteriors = spec_of(protocol(), rival="window", draws=1)
    assert draws_of(spec, posteriors)[0].typical == shipped_posteriors("window").by_rival["window"].centre
    spec, posteriors = spec_of(protocol(), typical={"session_gain": 0.123})
    assert {d.typical["session_gain"] for d in draws_of(spec, posteriors)} == {0.123}


def test_a_very_large_cohort_has_fewer_draws() -> None:
    assert [usual_draws(n) for n in (1, 256, 4096, 16_384, 10**7)] == [64, 64, 64, 16, 8]


@pytest.mark.parametrize("people", [2, 255, 256, 500, 4097])
def test_the_parts_of_a_cohort_hold_everybody(people: int) -> None:
    spec, _ = spec_of(protocol(), participants=people)
    seen = {spec.first_participant(k) + i for k in range(spec.parts) for i in range(spec.people_per_draw)}
    assert seen == set(range(people))


# Cutting and counting


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate(protocol(), participants=280, draws=8).run


def test_the_order_of_the_pieces_changes_nothing(run: Run) -> None:
    parts = parts_of(run.spec, run.draws)
    pieces = [part.calculate() for part in np.random.default_rng(1).permutation(np.array(parts, dtype=object))]
    assert same(assembled(run.spec, run.draws, pieces), run)


def test_the_cutting_changes_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("afterglow.simulate.run"), "_COURSES_PER_PART", 64)
    finer = parts_of(run.spec, run.draws)
    monkeypatch.undo()
    assert len(finer) > len(parts_of(run.spec, run.draws))
    assert same(assembled(run.spec, run.draws, [part.calculate() for part in finer]), run)


def test_people_who_are_not_kept_are_counted(run: Run) -> None:
    assert run.severity.shape[2] == 64 < run.spec.people_per_draw == 70
    counts = run.counts["MADRS"][0]
    assert (counts.people == 70).all()
    assert (counts.scores.sum(axis=2) == 70).all()


def test_the_kept_people_are_the_first_of_those_counted() -> None:
    spec, posteriors = spec_of(protocol(), participants=40, draws=4)
    whole = run_of(spec, posteriors)
    few = run_of(replace(spec, kept=16), posteriors)
    assert np.array_equal(few.scores["MADRS"].observed, whole.scores["MADRS"].observed[:, :, :16])
    observed = whole.scores["MADRS"].observed.astype(int)
    by_hand = np.stack([np.bincount(observed[0, 0, :, k], minlength=61) for k in range(observed.shape[3])])
    assert np.array_equal(whole.counts["MADRS"][0].scores[0], by_hand)


# Arms


def test_a_second_arm_moves_no_number_of_the_first() -> None:
    spec = plan.comp001()
    late = {
        "id": "late",
        "doses": [plan.psilocybin(), plan.psilocybin(90)],
        "sessions": [plan.session(-40, "preparation"), plan.sit(0), plan.sit(90), plan.session(100)],
    }
    alone = simulate(Protocol.made({**spec, "arms": spec["arms"][:1]}), participants=60, draws=8)
    both = simulate(Protocol.made({**spec, "arms": [spec["arms"][0], late]}), participants=60, draws=8)
    name = alone.arms[0].id
    for table in ("scores", "relapse", "lasting", "windows", "exposure"):
        own = [row for row in both.rows[table] if row["arm"] in (name, f"{name}|no integration")]
        if table == "windows":  # courses are kept on other days; between two of them a fall is exponential to 1e-6
            assert len(own) == len(alone.rows[table])
            for row, other in zip(own, alone.rows[table], strict=True):
                assert list(row) == list(other)
                for name_of, value in row.items():
                    assert value == (other[name_of] if isinstance(value, str) else pytest.approx(other[name_of]))
        else:
            assert own == alone.rows[table], table
    twin = [row for row in both.rows["contrasts"] if row["versus"] == f"{name}|no integration"]
    assert twin == [row for row in alone.rows["contrasts"] if row["versus"] == f"{name}|no integration"]


def test_arms_that_begin_apart_are_rated_first_on_their_own_day() -> None:
    late = {"id": "late", "sessions": [plan.session(-40, "preparation")]}
    spec = {**plan.protocol(plan.DEPRESSION, [7, 28], none={}), "arms": [{"id": "none"}, late]}
    run = simulate(Protocol.made(spec), participants=8, draws=4).run
    assert run.visits["MADRS"][:, 0].tolist() == [0.0, -40.0]
    assert (run.severity[:, 0, :, run.times < 0] == run.severity[:, 0, :, run.times == 0]).all()


def test_a_run_of_what_is_shown_has_the_same_numbers_and_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERGLOW_RUNS", str(tmp_path))
    shown = {"practice", "concentration_psilocybin", "nothing of that name"}
    few = simulate(small.protocol(), **small.SMALL, shown=shown)
    assert not list(tmp_path.iterdir())
    whole = simulate(small.protocol(), **small.SMALL)
    assert few.run.curve_names == ("practice", "concentration_psilocybin")
    for k, name in enumerate(few.run.curve_names):
        at = whole.run.curve_names.index(name)
        np.testing.assert_array_equal(few.run.curves[..., k, :], whole.run.curves[..., at, :])
    assert few.rows["scores"] == whole.rows["scores"]
    assert few.rows["windows"] == whole.rows["windows"]
    assert not few.rows["exposure"]
    assert whole.rows["exposure"]
