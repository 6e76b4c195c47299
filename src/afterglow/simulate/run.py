"""Run a protocol: draw the people, solve every arm and its twin, rate the scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.cohort import Cohort
from afterglow.cohort.streams import BLOCK, normals
from afterglow.errors import ParameterError, SolverError
from afterglow.medicines import WINDOW_MEDICINES
from afterglow.observation.fluctuation import fluctuate
from afterglow.observation.noise import observe
from afterglow.posterior import Posterior, shipped
from afterglow.protocol import Arm, Protocol
from afterglow.safety.check import check_protocol
from afterglow.scales.instruments import scale
from afterglow.scales.links import family_of, severity_to_score
from afterglow.simulate.grid import AFTER_DOSE_HOURS, curve_days
from afterglow.simulate.result import Result, ScaleScores
from afterglow.simulate.schedule import schedule, without_integration
from afterglow.simulate.solve import Accuracy, padded, solve_arm

__all__ = ["simulate"]

CHUNK = 2 * BLOCK
"""Participants solved together; memory grows with it, results do not depend on it."""

_CURVES = (
    "felt",
    "window",
    "signal",
    "labile_spines",
    "stable_spines",
    "insight",
    "plan",
    "practice",
    "alliance",
    "expectancy",
    "group_support",
    "new_pattern",
    "old_pattern",
    "symptom",
)


def simulate(
    protocol: Protocol,
    *,
    participants: int = 500,
    seed: int = 1,
    rival: str = "window",
    typical: Mapping[str, float] | None = None,
    calibrated: bool = True,
    posterior: Posterior | None = None,
    twins: bool = True,
    keep: int = 4096,
    threads: int | None = None,
    accuracy: Accuracy | None = None,
    hours: ArrayLike = AFTER_DOSE_HOURS,
    followed_from: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Simulate every arm of a protocol on the same virtual people.

    Parameters
    ----------
    protocol : Protocol
    participants : int
        People per arm; the arms are counterfactual twins.
    seed : int
        Same seed, same numbers, whatever the number of threads.
    rival : str
        Explanation to simulate: window, additive, drug_only or expectancy_only.
    typical : mapping of str to float, optional
        Typical parameter values that replace the calibrated, published or assumed ones.
    calibrated : bool
        Whether parameters come from the calibration on published trials; else from facts and the centres of priors.
    posterior : Posterior, optional
        A calibration of your own; by default the rival's that comes with the package.
    twins : bool
        Whether each arm also runs without integration.
    keep : int
        Most participants whose curves are kept; scores are kept for all.
    threads : int, optional
        Default: one per core.
    accuracy : Accuracy, optional
        Error allowed per step.
    hours : array_like
        Hours after each dosing at which curves are kept, beside every day of a month, every week and every visit.
    followed_from : float, optional
        Day from which relapse and lasting responses count; by default the last dosing day of any arm.
    progress : callable, optional
        Told how many participant-arms are done, and of how many.

    Returns
    -------
    Result

    Raises
    ------
    ProtocolError
        If the protocol cannot be simulated.
    ParameterError
        If the cohort is impossible.
    SolverError
        If a participant could not be integrated; names the participants.
    """
    posterior = _posterior(posterior, rival) if calibrated else None
    fitted = posterior.centre if posterior is not None else {}
    cohort = Cohort(
        population=protocol.population,
        participants=participants,
        seed=seed,
        rival=rival,
        typical={**fitted, **(typical or {})},
    )
    arms = _with_twins(protocol) if twins else list(protocol.arms)
    plans = [schedule(arm, protocol) for arm in arms]
    begin = min(plan.begin for plan in plans)
    plans = [replace(plan, begin=begin) for plan in plans]
    days = {a.scale: _assessment_days(a.days, begin) for a in protocol.assessments}
    dosing = sorted({day for plan in plans for day in plan.dosing_days})
    if followed_from is None:
        followed_from = dosing[-1] if dosing else 0.0
    medicines = tuple(dict.fromkeys(d.medicine for arm in protocol.arms for d in arm.doses if d.medicine != "placebo"))
    names = (
        *_CURVES,
        *(f"concentration_{m}" for m in medicines),
        *(f"window_{m}" for m in medicines if m in WINDOW_MEDICINES),
    )
    rated = np.unique(np.concatenate([np.asarray(d) for d in days.values()]))
    curves_on = np.union1d(curve_days(begin, protocol.horizon_days, dosing, hours), rated)
    severity = np.empty((len(arms), participants, len(rated)))
    baseline_severity, baseline_score = np.empty(participants), np.empty(participants)
    kept = min(keep, CHUNK, participants)
    curves = np.empty((len(arms), len(names), len(curves_on), kept), np.float32).transpose(0, 3, 1, 2)
    done = 0
    for first in range(0, participants, CHUNK):
        count = min(CHUNK, participants - first)
        people = cohort.people(first, max(padded(count, plan.group_size) for plan in plans))
        baseline_severity[first : first + count] = people.baseline_severity[:count]
        baseline_score[first : first + count] = people.baseline_score[:count]
        for k, plan in enumerate(plans):
            own = people.head(padded(count, plan.group_size))
            if first == 0 and kept:
                seen = solve_arm(plan, own, days=curves_on, names=names, accuracy=accuracy, threads=threads)
                curves[k] = seen.values[:kept]
                values = seen.values[:count, names.index("symptom"), np.searchsorted(curves_on, rated)]
            else:
                seen = solve_arm(plan, own, days=rated, names=("symptom",), accuracy=accuracy, threads=threads)
                values = seen.values[:count, 0]
            _report_failures(seen.status[:count], first, arms[k])
            severity[k, first : first + count] = np.clip(values, 0.0, 1.0)  # rounding may leave -1e-14
            done += count
            if progress is not None:
                progress(done, participants * len(plans))

    def again(other: Mapping[str, float], people: int) -> Result:
        return simulate(
            protocol,
            participants=people,
            seed=seed,
            rival=rival,
            typical=other,
            calibrated=False,
            twins=twins,
            threads=threads,
            accuracy=accuracy,
            hours=hours,
            followed_from=followed_from,
        )

    scores = _rate(protocol, cohort, days, rated, severity, (baseline_severity, baseline_score))
    return Result(
        protocol=protocol,
        cohort=cohort,
        arms=tuple(arms),
        plans=tuple(plans),
        curve_names=names,
        curve_days=curves_on,
        curves=curves,
        rated=scores,
        followed_from=followed_from,
        warnings=check_protocol(protocol),
        threads=threads,
        posterior=posterior,
        again=again,
    )


def _posterior(given: Posterior | None, rival: str) -> Posterior:
    if given is None:
        return shipped(rival)
    if given.rival != rival:
        raise ParameterError(f"the posterior was fitted under '{given.rival}', not under '{rival}'")
    return given


def _with_twins(protocol: Protocol) -> list[Arm]:
    twins = [without_integration(arm) for arm in protocol.arms]
    return [*protocol.arms, *(twin for twin in twins if twin is not None)]


def _assessment_days(days: tuple[float, ...], begin: float) -> tuple[float, ...]:
    """Return the days rated; the first is before any dose."""
    return days if days[0] <= 0 else (begin, *days)


def _report_failures(status: NDArray[np.int64], first: int, arm: Arm) -> None:
    failed = np.flatnonzero(status)
    if len(failed):
        named = ", ".join(str(first + i) for i in failed[:10])
        more = f" and {len(failed) - 10} more" if len(failed) > 10 else ""
        raise SolverError(
            f"arm '{arm.id}': {len(failed)} of {len(status)} participants could not be integrated ({named}{more}); "
            "their parameter values are too extreme for the model",
            participants=tuple(int(first + i) for i in failed),
        )


def _rate(
    protocol: Protocol,
    cohort: Cohort,
    days: Mapping[str, tuple[float, ...]],
    rated: NDArray[np.float64],
    severity: NDArray[np.float64],
    inclusion: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> tuple[ScaleScores, ...]:
    """See the latent severities through each scale, with the same ups and downs and errors in every arm.

    `inclusion` is everybody's true severity and score at inclusion. The first rating on the scale of
    inclusion carries that rating's error, so that it regresses to the mean; what preparation has eased by
    then is eased in it too.
    """
    family = family_of(protocol.population.condition)
    lived = np.empty_like(severity)
    for block in range(0, cohort.participants, CHUNK):
        stop = min(block + CHUNK, cohort.participants)
        lived[:, block:stop] = fluctuate(
            severity[:, block:stop],
            rated,
            normals(cohort.seed, "fluctuation", block, stop - block, each=len(rated)),
            sd=cohort.value("fluctuation_sd"),
            time_constant_days=cohort.value("fluctuation_days"),
        )
    found = []
    for name, own in days.items():
        instrument = scale(name)
        on = np.searchsorted(rated, own)
        predicted = severity_to_score(instrument, severity[:, :, on], family=family)
        observed = np.empty_like(predicted)
        for block in range(0, cohort.participants, CHUNK):
            stop = min(block + CHUNK, cohort.participants)
            z = normals(cohort.seed, f"rating {name}", block, stop - block, each=len(own))
            observed[:, block:stop] = observe(instrument, lived[:, block:stop, on], z, family=family)
        if name == protocol.population.scale:
            at_inclusion = severity_to_score(instrument, inclusion[0], family=family)
            first = inclusion[1] + predicted[:, :, 0] - at_inclusion
            observed[:, :, 0] = instrument.whole(np.clip(first, instrument.low, instrument.high))
        found.append(ScaleScores(name, np.asarray(own), predicted.astype(np.float32), observed.astype(np.float32)))
    return tuple(found)
