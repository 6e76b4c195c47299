"""Simulate a protocol: specify the run, read it from the store or execute it, and say what came out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from typing import Literal

from afterglow.errors import ParameterError
from afterglow.posterior import Posterior, Posteriors, shipped_posteriors
from afterglow.protocol import Protocol
from afterglow.runs.cost import courses_of, refuse_too_large, seconds_of
from afterglow.runs.execute import Engine, EngineName, Executor, cores, results_of
from afterglow.runs.result import Result
from afterglow.runs.store import usual_store
from afterglow.simulate.run import Run, assembled, parts_of
from afterglow.simulate.spec import PEOPLE, Explanation, RunSpec, draws_of, explanations_of, usual_draws, usual_parts

__all__ = ["run_of", "simulate", "spec_of"]

_UNCALIBRATED = "window"
_LARGE = 200_000
"""Courses from which on a run takes so long that somebody may wish to know beforehand."""


def simulate(
    protocol: Protocol,
    *,
    participants: int = PEOPLE,
    draws: int | None = None,
    parts: int | None = None,
    seed: int = 1,
    rival: str | None = None,
    typical: Mapping[str, float] | None = None,
    calibrated: bool = True,
    posterior: Posterior | None = None,
    twins: bool = True,
    engine: EngineName = "threads",
    workers: int | None = None,
    scheduler: str | None = None,
    executor: Executor | None = None,
    store: bool | Literal["later"] = True,
    shown: Collection[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    forewarn: Callable[[float], None] | None = None,
) -> Result:
    """Simulate every arm of a protocol on the same virtual people.

    Parameters
    ----------
    protocol : Protocol
    participants : int
        People per arm; the arms are counterfactual twins.
    draws : int, optional
        Draws of the parameters, shared among the explanations by their weights; by default 64, fewer in a very large
        cohort.
    parts : int, optional
        Of the cohort, of which each draw is solved for one; by default eight, fewer where one would have less than 32
        people or no draw.
    seed : int
        Same seed, same numbers, whatever does the work.
    rival : str, optional
        One explanation to simulate: window, additive, drug_only or expectancy_only; by default all, weighted.
    typical : mapping of str to float, optional
        Typical parameter values that replace the calibrated, published or assumed ones.
    calibrated : bool
        Whether parameters come from the calibration on published trials; else from facts and the centres of priors,
        under one explanation.
    posterior : Posterior, optional
        A calibration of your own, of one explanation; by default those that come with the package.
    twins : bool
        Whether each arm also runs without integration.
    engine : str
        What does the work: threads, processes or dask.
    workers : int, optional
        By default one per core.
    scheduler : str, optional
        Address of a Dask cluster that is running; by default the engine dask starts one on this machine.
    executor : Executor, optional
        An engine that is running already, in place of one for this run alone.
    store : bool or "later"
        Whether a run that was made before is read, and a new one kept, at once or while its numbers are shown already;
        see `afterglow.runs.store`.
    shown : collection of str, optional
        The only states and quantities that are followed over time, and no exposure; such a run is not kept. By default
        all.
    progress : callable, optional
        Told how many courses (participants times draws) are done, and of how many.
    forewarn : callable, optional
        Told before a large run begins about how many seconds it will take on this machine.

    Returns
    -------
    Result

    Raises
    ------
    ProtocolError
        If the protocol cannot be simulated.
    ParameterError
        If the cohort, the number of draws or a parameter is impossible, or the run larger than the memory.
    SolverError
        If a participant could not be integrated; names the participants.
    """
    chosen = Engine(engine, workers, scheduler)
    spec, posteriors = spec_of(
        protocol,
        participants=participants,
        draws=draws,
        parts=parts,
        seed=seed,
        rival=rival,
        typical=typical,
        calibrated=calibrated,
        posterior=posterior,
        twins=twins,
    )
    kept = usual_store() if store and shown is None else None
    found = kept.read(spec.key) if kept is not None else None
    if found is None:
        if forewarn is not None and scheduler is None and courses_of(spec) > _LARGE:
            forewarn(seconds_of(spec, draws_of(spec, posteriors), min(workers or cores(), cores())))
        with nullcontext(executor) if executor is not None else chosen.running() as running:
            found = Result(run_of(spec, posteriors, executor=running, shown=shown, progress=progress))
        if kept is not None:
            (kept.write_later if store == "later" else kept.write)(found)
    return found


def spec_of(
    protocol: Protocol,
    *,
    participants: int = PEOPLE,
    draws: int | None = None,
    parts: int | None = None,
    seed: int = 1,
    rival: str | None = None,
    typical: Mapping[str, float] | None = None,
    calibrated: bool = True,
    posterior: Posterior | None = None,
    twins: bool = True,
) -> tuple[RunSpec, Posteriors]:
    """Return the specification of a run, and the posteriors that it names; see `simulate`."""
    posteriors = _posteriors(rival, posterior) if calibrated else Posteriors({}, {})
    explanations = explanations_of(posteriors) if calibrated else (Explanation(rival=rival or _UNCALIBRATED),)
    if draws is None:
        draws = usual_draws(participants) if calibrated else 1
    spec = RunSpec(
        protocol=protocol,
        explanations=explanations,
        participants=participants,
        draws=draws,
        parts=usual_parts(participants, draws) if parts is None else parts,
        overrides=tuple(sorted((typical or {}).items())),
        seed=seed,
        twins=twins,
    )
    refuse_too_large(spec)
    return spec, posteriors


def run_of(
    spec: RunSpec,
    posteriors: Posteriors,
    *,
    executor: Executor | None = None,
    shown: Collection[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Execute a run, by default on threads; see `simulate`."""
    chosen = draws_of(spec, posteriors)
    parts = parts_of(spec, chosen, shown)
    return assembled(spec, chosen, results_of(parts, executor=executor, progress=progress), shown)


def _posteriors(rival: str | None, given: Posterior | None) -> Posteriors:
    if given is None:
        return shipped_posteriors(rival)
    if rival is not None and given.rival != rival:
        raise ParameterError(f"the posterior was fitted under '{given.rival}', not under '{rival}'")
    return Posteriors.alone(given)
