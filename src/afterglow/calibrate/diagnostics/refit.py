"""Each study foretold from a true refit without it, beside the linear short cut of the calibration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from afterglow.calibrate.fit import Problem, find_mode, slopes
from afterglow.calibrate.likelihood import Heterogeneity, trial_noise
from afterglow.errors import ParameterError
from afterglow.posterior import Posterior

__all__ = ["Refit", "refits", "widest_studies"]


@dataclass(frozen=True, eq=False)
class Refit:
    """One study foretold twice from the others, (targets,) each; targets whose unit is 0 are left out.

    Parameters
    ----------
    study : str
    unit : array
        Change of each number when scores shift by one SD between people, above 0.
    mean, sd : array
        From the mode refitted without the study; the SD is that of a trial whose oddness is 1.
    linear_mean, linear_sd : array
        Along the straight line through the mode of all studies.
    """

    study: str
    unit: NDArray[np.float64]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    linear_mean: NDArray[np.float64]
    linear_sd: NDArray[np.float64]

    @property
    def gap(self) -> float:
        """Largest gap between the means, in SDs between people."""
        return float(np.max(np.abs(self.mean - self.linear_mean) / self.unit))

    @property
    def sd_gap(self) -> float:
        """Largest gap between the SDs, in SDs between people."""
        return float(np.max(np.abs(self.sd - self.linear_sd) / self.unit))


def widest_studies(problem: Problem, count: int) -> tuple[str, ...]:
    """Return the names of the studies with the most published numbers, which move the mode most when left out."""
    order = sorted(problem.trials, key=lambda trial: (-len(trial.targets), trial.name))
    return tuple(trial.name for trial in order[:count])


def refits(
    problem: Problem,
    posterior: Posterior,
    studies: Sequence[str],
    *,
    rounds: int = 3,
    told: Callable[[str], None] | None = None,
) -> Iterator[Refit]:
    """Fit the mode without each study in turn, from the mode of all, and foretell the study.

    Parameters
    ----------
    problem : Problem
        What `posterior` was fitted to.
    posterior : Posterior
        With the mode of all studies and the linear short cut in its diagnostics.
    studies : sequence of str
    rounds : int
        Slopes computed on the way to each mode.
    told : callable, optional
        Told the name of each study before it is left out.

    Raises
    ------
    ParameterError
        If a study is not among those of the problem, or the posterior is one of other studies or parameters.
    """
    held = posterior.diagnostics
    if list(held["studies"]) != [trial.name for trial in problem.trials] or set(held["mode"]) != set(
        problem.free.names
    ):
        raise ParameterError("the posterior was fitted to other studies or parameters; run afterglow calibrate again")
    start = np.array([held["mode"][name] for name in problem.free.names])
    for study in studies:
        own = tuple(trial for trial in problem.trials if trial.name == study)
        if not own:
            raise ParameterError(f"'{study}' is not among the studies that were fitted")
        if told is not None:
            told(study)
        others = replace(problem, trials=tuple(trial for trial in problem.trials if trial.name != study))
        mode = find_mode(others, start=start, spread=Heterogeneity(**posterior.spread), rounds=rounds)
        alone = replace(problem, trials=own)
        mean = alone.predicted(mode.z)
        slope, lean = slopes(alone, mode.z, mean)
        noise = trial_noise(own[0].targets, mode.spread, lean)
        around = slope @ mode.covariance @ slope.T + noise.at(1.0)
        linear = np.array(held["left_out_sampling"][study]) + np.array(held["left_out_departure"][study])
        unit = np.array([abs(t.unit) for t in own[0].targets])
        moved = unit > 0
        found = (mean, np.sqrt(np.diag(around)), held["left_out_mean"][study], np.sqrt(np.diag(linear)))
        yield Refit(study, unit[moved], *(np.asarray(numbers)[moved] for numbers in found))
