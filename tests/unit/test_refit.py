"""True refits without a study, beside the linear short cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests import protocols as plan

from afterglow.calibrate.diagnostics.refit import Refit, refits, widest_studies
from afterglow.calibrate.fit import Mode, Problem, departures, find_mode
from afterglow.calibrate.free_parameters import FreeParameters
from afterglow.calibrate.likelihood import LEANING, trial_noise
from afterglow.calibrate.rivals import leave_one_out
from afterglow.calibrate.run import problem_of
from afterglow.calibrate.targets import Target, Trial, calibration_trials
from afterglow.errors import ParameterError
from afterglow.posterior import Posterior
from afterglow.protocol import Protocol

FREE = FreeParameters(("session_gain", "spine_weight", "expectancy_weight"))
PSILOCYBIN = Protocol.made(plan.comp001())


def target(value: float, arm: int, kind: str = "change") -> Target:
    unit = 0.0 if kind == "log_sd" else 10.0
    finding: Any = SimpleNamespace(scale="MADRS", day=7.0, kind=kind, counts="")
    return Target(finding=finding, kind=kind, arm=arm, versus=-1, value=value, se=1.0, unit=unit)


@dataclass(frozen=True)
class Bent(Problem):
    """A model whose numbers move along parabolas, by trial: at the prior's centre, by parameter, by what departs."""

    oddness: tuple[float, ...] = (1.0,)
    at: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    slope: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    lean: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    bend: float = 0.0

    def predicted_at(
        self, points: NDArray[np.float64], others: Sequence[Mapping[str, float]] = ()
    ) -> NDArray[np.float64]:
        return np.stack([self._at(*point) for point in zip(points, others or [{}] * len(points), strict=True)])

    def _at(self, z: NDArray[np.float64], more: Mapping[str, float]) -> NDArray[np.float64]:
        departs = np.log([more.get(name, 1.0) for name in LEANING])
        straight = {trial.name: self.slope[trial.name] @ z for trial in self.trials}
        return np.concatenate(
            [self.at[name] + y + self.bend * y**2 + self.lean[name] @ departs for name, y in straight.items()]
        )


def bent(bend: float) -> Bent:
    """Six made-up trials, of which the first alone sees the third parameter."""
    rng = np.random.default_rng(3)
    at = {f"s{k}": rng.normal(-10, 3, 5) for k in range(6)}
    slope = {name: rng.normal(0, 6, (5, 3)) * [1, 1, name == "s0"] for name in at}
    lean = {name: rng.normal(0, 4, (5, 3)) for name in at}
    trials = []
    for name in at:
        y = slope[name] @ np.array([0.5, -0.5, 1.5])
        values = at[name] + y + bend * y**2 + rng.normal(0, 1, 5)
        kinds = [(0, "change"), (0, "change"), (1, "change"), (1, "change"), (1, "log_sd")]
        rows = [target(float(value), *kind) for value, kind in zip(values, kinds, strict=True)]
        trials.append(Trial(name, PSILOCYBIN, tuple(rows)))
    return Bent(tuple(trials), "window", FREE, at=at, slope=slope, lean=lean, bend=bend)


def posterior_of(problem: Problem, mode: Mode) -> Posterior:
    left = leave_one_out(problem, mode)
    diagnostics = {
        "studies": [trial.name for trial in problem.trials],
        "mode": dict(zip(problem.free.names, mode.z.tolist(), strict=True)),
        "left_out_mean": {one.study: one.mean.tolist() for one in left},
        "left_out_sampling": {one.study: one.noise.sampling.tolist() for one in left},
        "left_out_departure": {one.study: one.noise.departure.tolist() for one in left},
    }
    return Posterior(problem.rival, {name: np.zeros(2) for name in problem.free.names}, vars(mode.spread), diagnostics)


def test_a_refit_of_a_straight_model_is_what_the_other_studies_say() -> None:
    problem = bent(0.0)
    posterior = posterior_of(problem, find_mode(problem, rounds=4))
    for found in refits(problem, posterior, ("s0", "s3"), rounds=5):
        own = next(trial for trial in problem.trials if trial.name == found.study)
        others = replace(problem, trials=tuple(trial for trial in problem.trials if trial is not own))
        slope, lean, at = (
            np.concatenate([part[trial.name] for trial in others.trials])
            for part in (problem.slope, problem.lean, problem.at)
        )
        spread = departures(
            others, np.zeros(3), at, slope, lean, np.ones(5)
        )  # to which the rounds of a fit go, halfway each
        noise = np.zeros((25, 25))
        for k, trial in enumerate(others.trials):
            own_noise = trial_noise(trial.targets, spread, problem.lean[trial.name])
            noise[5 * k : 5 * k + 5, 5 * k : 5 * k + 5] = own_noise.at(1.0)
        spread_of_z = np.linalg.inv(slope.T @ np.linalg.solve(noise, slope) + np.eye(3))
        z = spread_of_z @ slope.T @ np.linalg.solve(noise, others.published - at)
        turn = problem.slope[found.study]
        mean = problem.at[found.study] + turn @ z
        around = trial_noise(own.targets, spread, problem.lean[found.study]).at(1.0)
        sd = np.sqrt(np.diag(turn @ spread_of_z @ turn.T + around))
        np.testing.assert_allclose(found.mean, mean[:4], atol=0.1)
        np.testing.assert_allclose(found.sd, sd[:4], rtol=0.02)
        assert len(found.unit) == 4  # the log SD moves with no score
        assert found.gap < 0.02


def test_the_short_cut_is_found_wanting_where_the_model_bends() -> None:
    gaps = []
    for bend in (0.0, 0.02):
        problem = bent(bend)
        posterior = posterior_of(problem, find_mode(problem, rounds=4))
        gaps += [one.gap for one in refits(problem, posterior, ("s0",), rounds=4)]
    assert gaps[1] > 2 * gaps[0]


def test_gaps_are_counted_in_sds_between_people() -> None:
    numbers = [np.array(row) for row in ([10.0, 0.35], [-10.0, 0.5], [4.0, 0.1], [-12.0, 0.43], [5.0, 0.1])]
    found = Refit("s", *numbers)
    assert found.gap == pytest.approx(0.2)
    assert found.sd_gap == pytest.approx(0.1)


def test_a_posterior_of_other_studies_is_refused() -> None:
    problem = bent(0.0)
    posterior = posterior_of(problem, find_mode(problem, rounds=1))
    fewer = replace(problem, trials=problem.trials[1:])
    with pytest.raises(ParameterError, match="other studies"):
        next(refits(fewer, posterior, ("s1",)))
    with pytest.raises(ParameterError, match="'s6' is not among"):
        next(refits(problem, posterior, ("s6",)))


def test_real_trials_are_refitted() -> None:
    names = ("lii2023-anaesthesia", "murrough2013-midazolam", "singh2016-frequency")
    trials = tuple(trial for trial in calibration_trials() if trial.name in names)
    problem = replace(
        problem_of("window", trials=trials, people=16), free=FreeParameters(("signal_weight", "expectancy_weight"))
    )
    assert widest_studies(problem, 1) == ("lii2023-anaesthesia",)
    posterior = posterior_of(problem, find_mode(problem, rounds=2))
    told: list[str] = []
    (found,) = refits(problem, posterior, ("singh2016-frequency",), rounds=2, told=told.append)
    assert told == [found.study] == ["singh2016-frequency"]
    assert np.isfinite([*found.mean, *found.sd]).all()
    assert 0 < found.gap < 1
