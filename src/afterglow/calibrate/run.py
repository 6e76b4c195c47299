"""Calibration from start to file: mode, then draws; it can be stopped and taken up again."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, astuple, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.calibrate.fit import Mode, Problem, find_mode
from afterglow.calibrate.free_parameters import UNSEEN, FreeParameters, free_parameters
from afterglow.calibrate.likelihood import Heterogeneity
from afterglow.calibrate.predict import PEOPLE
from afterglow.calibrate.rivals import leave_one_out
from afterglow.calibrate.sample import Progress, sample_posterior
from afterglow.calibrate.targets import Trial, calibration_trials
from afterglow.cohort import RIVALS
from afterglow.errors import FileError, ParameterError
from afterglow.files import write_bytes_atomically
from afterglow.parameters import PARAMETERS
from afterglow.posterior import Posterior, fingerprint, write_posterior
from afterglow.runs.execute import Executor

__all__ = ["DRAWS", "ROUNDS", "calibrate", "problem_of"]

ROUNDS = 10
"""Slopes computed on the way to the mode; the last ones hardly move it."""

DRAWS = 440
"""Draws in the file where nobody says how many."""

_STAGE = tuple(f.name for f in fields(Progress))
_ARRAYS = tuple(f.name for f in fields(Mode) if f.name != "spread")

Told = Callable[[str, int, int], None]


def problem_of(
    rival: str,
    *,
    trials: Sequence[Trial] | None = None,
    people: int = PEOPLE,
    seed: int = 1,
    verified_only: bool = True,
    executor: Executor | None = None,
) -> Problem:
    """Return the calibration problem of a rival, by default on the package's evidence."""
    chosen = tuple(trials) if trials is not None else calibration_trials(verified_only=verified_only)
    return Problem(chosen, rival, free_parameters(rival), people, seed, executor=executor)


def calibrate(
    problem: Problem,
    *,
    out: str | Path | None = None,
    draws: int = DRAWS,
    rounds: int = ROUNDS,
    near: Posterior | None = None,
    told: Told | None = None,
) -> Posterior:
    """Fit the free parameters to published trials.

    Parameters
    ----------
    problem : Problem
    out : str or Path, optional
        File to write; work in progress is kept beside it and taken up again.
    draws : int
        Draws of the posterior.
    rounds : int
        Slopes computed on the way to the mode.
    near : Posterior, optional
        Where to start, such as the posterior of another explanation; fewer rounds are then enough.
    told : callable, optional
        Told the stage, how much of it is done, and of how much.

    Returns
    -------
    Posterior

    Raises
    ------
    ParameterError
        If there are too few draws or nothing to fit to.
    FileError
        If the file cannot be written.
    """
    if draws < 40:
        raise ParameterError(f"a posterior needs at least 40 draws, not {draws}")
    if not problem.trials:
        raise ParameterError("there is no trial to fit to")
    work = _Work(out, problem, draws)
    tell = told or (lambda stage, done, of: None)

    def kept(done: int, mode: Mode) -> None:
        work.keep_mode(mode, done + work.rounds_done + 1)
        tell("finding the mode", done + work.rounds_done + 1, rounds)

    left = rounds - work.rounds_done
    mode = work.mode
    if mode is None or left > 0:
        start, spread = _start(problem, near) if mode is None else (mode.z, mode.spread)
        mode = find_mode(problem, start=start, spread=spread, rounds=left, told=kept)

    def drawn_so_far(progress: Progress) -> None:
        work.keep_draws(mode, rounds, progress)
        tell("drawing", round(progress.share * draws), draws)

    sample = sample_posterior(problem, mode, draws, begun=work.progress, told=drawn_so_far)
    values = [problem.free.values(z) for z in sample.z]
    left_out = leave_one_out(problem, mode)
    deviations = np.sqrt(np.diag(mode.covariance))
    diagnostics: dict[str, Any] = {
        "studies": [trial.name for trial in problem.trials],
        "rows": len(problem.published),
        "people": problem.people,
        "seed": problem.seed,
        "draws": draws,
        "pareto_k": sample.pareto_k,
        "effective_draws": sample.effective,
        "tempering_steps": sample.steps,
        "accepted_moves": sample.accepted,
        "mode": dict(zip(problem.free.names, mode.z.tolist(), strict=True)),
        "laplace_sd": dict(zip(problem.free.names, deviations.tolist(), strict=True)),
        "left_out_log_density": {found.study: found.log_density for found in left_out},
        "left_out_mean": {found.study: found.mean.tolist() for found in left_out},
        "left_out_sampling": {found.study: found.noise.sampling.tolist() for found in left_out},
        "left_out_departure": {found.study: found.noise.departure.tolist() for found in left_out},
        "oddness": {t.name: float(k) for t, k in zip(problem.trials, mode.oddness, strict=True)},
    }
    drawn = {name: np.array([v[name] for v in values]) for name in problem.free.names}
    drawn |= _from_prior(problem, len(values))
    posterior = Posterior(problem.rival, drawn, asdict(mode.spread), diagnostics)
    if out is not None:
        write_posterior(posterior, out)
        work.finished()
    return posterior


def _start(problem: Problem, near: Posterior | None) -> tuple[NDArray[np.float64] | None, Heterogeneity | None]:
    """Return where the way to the mode begins, and with which departures of trials."""
    if near is None:
        return None, None
    centre = {name: near.centre.get(name, PARAMETERS[name].value) for name in problem.free.names}
    return np.maximum(problem.free.point(centre), problem.free.lower), Heterogeneity(**near.spread)


def _from_prior(problem: Problem, draws: int) -> dict[str, NDArray[np.float64]]:
    """Draw the parameters that no trial sees."""
    unseen = FreeParameters(tuple(name for name in UNSEEN if name not in RIVALS[problem.rival]))
    z = np.random.default_rng(problem.seed + 2).standard_normal((draws, len(unseen.names)))
    values = [unseen.values(row) for row in z]
    return {name: np.array([v[name] for v in values]) for name in unseen.names}


class _Work:
    """Work in progress beside the file that is being made; it is used only for the very same problem."""

    def __init__(self, out: str | Path | None, problem: Problem, draws: int) -> None:
        self.path = None if out is None else Path(out).with_name(f"{Path(out).name}.part")
        self.mark = _mark(problem, draws)
        self.mode: Mode | None = None
        self.rounds_done = 0
        self.progress: Progress | None = None
        if out is not None and not Path(out).resolve().parent.is_dir():
            raise FileError(f"the folder '{Path(out).parent}' does not exist; make it first or name another")
        if self.path is not None and self.path.is_file():
            self._take_up(self.path)

    def _take_up(self, path: Path) -> None:
        try:
            with np.load(path, allow_pickle=False) as held:
                if str(held["mark"]) != self.mark:
                    return
                spread = Heterogeneity(*(float(v) for v in held["spread"]))
                arrays = {name: held[name] for name in _ARRAYS}
                self.mode = Mode(spread=spread, **arrays)
                self.rounds_done = int(held["rounds"])
                own = {name: held[f"at_{name}"] for name in _STAGE if f"at_{name}" in held}
                if own:
                    self.progress = Progress(**{name: v if v.ndim else v.item() for name, v in own.items()})
        except (OSError, ValueError, KeyError):
            return

    def keep_mode(self, mode: Mode, rounds: int) -> None:
        self._keep(mode, rounds, {})

    def keep_draws(self, mode: Mode, rounds: int, at: Progress) -> None:
        self._keep(mode, rounds, {f"at_{name}": np.asarray(getattr(at, name)) for name in _STAGE})

    def _keep(self, mode: Mode, rounds: int, more: Mapping[str, Any]) -> None:
        if self.path is None:
            return
        held = io.BytesIO()
        np.savez(
            held,
            mark=np.array(self.mark),
            spread=np.array(astuple(mode.spread)),
            **{name: getattr(mode, name) for name in _ARRAYS},
            rounds=np.array(rounds),
            **more,
        )
        write_bytes_atomically(self.path, held.getvalue())

    def finished(self) -> None:
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _mark(problem: Problem, draws: int) -> str:
    """Fingerprint of a problem: constants, trials and settings."""
    digest = hashlib.blake2b(fingerprint().encode(), digest_size=8)
    settings = (problem.rival, problem.free.names, problem.people, problem.seed, problem.oddness, draws)
    digest.update(repr(settings).encode())
    for trial in problem.trials:
        digest.update(repr((trial.name, trial.protocol, trial.targets)).encode())
    return digest.hexdigest()
