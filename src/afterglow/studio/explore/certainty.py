"""How sure the calibrated model is of a design: credible bands, what the rivals say, and a few plain sentences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from afterglow.calibrate.diagnostics.left_out import left_out_predictions
from afterglow.cohort import RIVALS, Cohort
from afterglow.observation.noise import probability_at_most
from afterglow.outcomes.response import response_cut
from afterglow.posterior import Posterior, shipped
from afterglow.protocol import Arm, Protocol
from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import family_of, severity_to_score
from afterglow.simulate.bands import SHARE_PER_SD, Z90
from afterglow.simulate.draws import severity_at_draws
from afterglow.simulate.schedule import without_integration
from afterglow.studio.designs.choices import choices
from afterglow.studio.designs.design import Design, protocol_of
from afterglow.studio.explore.course import QUICK, summaries

__all__ = ["Certainty", "certainty_of"]

_DRAWS = 8
_PEOPLE = 40
_SMALL = 0.5
"""Draws of the posterior, and people simulated at each and for each rival: differences are between the same people,
so few will do. A report takes more."""


class Band(BaseModel):
    """90 % credible band of one visit: parameters and departures of trials."""

    arm: str
    scale: str
    day: float
    mean_low: float
    mean_high: float
    response_low: float
    response_high: float


class Contrast(BaseModel):
    """With integration minus without, on one day, and its 90 % credible band."""

    arm: str
    day: float
    difference: float
    low: float
    high: float


class RivalView(BaseModel):
    """What a rival says of the same difference on the last day."""

    id: str
    label: str
    weight: float
    difference: float | None


class Facts(BaseModel):
    """What the calibration rests on."""

    studies: int
    rows: int
    pareto_k: float
    effective_draws: float


class Certainty(BaseModel):
    """How sure the model is."""

    bands: list[Band]
    contrasts: list[Contrast]
    rivals: list[RivalView]
    sentences: list[str]
    facts: Facts


def certainty_of(design: Design) -> Certainty:
    """Simulate draws of the posterior and every rival for a design.

    Notes
    -----
    A few people are simulated at every draw; their means move as those of many would, because they are the same. What
    studies, arms and rows depart from the model is added, as in `afterglow.simulate.bands`.

    Raises
    ------
    ProtocolError
        If the design cannot be simulated.
    """
    protocol = protocol_of(design)
    shown = find_scale(protocol.assessments[0].scale)
    days = np.asarray(protocol.assessments[0].days)
    posterior = shipped(design.rival)
    arms, twins = _with_twins(protocol)
    cohorts = _cohorts(protocol, design, posterior)
    severity = severity_at_draws(protocol, arms, cohorts, days, accuracy=QUICK)
    score = severity_to_score(shown, severity, family=family_of(protocol.population.condition))
    drawn, at_centre = score[:, :_DRAWS], score[:, _DRAWS:]
    bands = [band for k, arm in enumerate(protocol.arms) for band in _bands(arm, protocol, design, drawn[k], posterior)]
    place = list(RIVALS).index(design.rival)
    contrasts, differences = [], {}
    for k, twin in twins.items():
        gap = drawn[k].mean(axis=1) - drawn[twin].mean(axis=1)
        middle = _difference(protocol, protocol.arms[k], design, shown.id)
        departed = posterior.between_trial_sd_of_difference * drawn[k].std(axis=1).mean(axis=0)
        half = Z90 * np.hypot(gap.std(axis=0, ddof=1), departed)
        for j in range(1, len(days)):
            low, high = middle[j] - half[j], middle[j] + half[j]
            contrasts.append(
                Contrast(
                    arm=protocol.arms[k].id,
                    day=float(days[j]),
                    difference=round(float(middle[j]), 3),
                    low=round(float(low), 3),
                    high=round(float(high), 3),
                )
            )
        if k == 0:
            few = at_centre[k, :, :, -1].mean(axis=1) - at_centre[twin, :, :, -1].mean(axis=1)
            # What the few say of each rival, in the proportion in which all the people differ from the few.
            told = few * (middle[-1] / few[place]) if abs(few[place]) > _SMALL else few
            differences = {name: round(float(told[i]), 3) for i, name in enumerate(RIVALS)}
    rivals = [
        RivalView(id=r.id, label=r.label, weight=r.weight, difference=differences.get(r.id)) for r in choices().rivals
    ]
    rivals.sort(key=lambda rival: -rival.weight)
    return Certainty(
        bands=bands,
        contrasts=contrasts,
        rivals=rivals,
        sentences=_sentences(contrasts, rivals, posterior, shown.id),
        facts=Facts(
            studies=len(posterior.diagnostics["studies"]),
            rows=int(posterior.diagnostics["rows"]),
            pareto_k=round(float(posterior.diagnostics["pareto_k"]), 2),
            effective_draws=round(float(posterior.diagnostics["effective_draws"])),
        ),
    )


def _difference(protocol: Protocol, arm: Arm, design: Design, scale: str) -> NDArray[np.float64]:
    """Return the mean score with integration minus that without, by visit, of all the people of the page."""
    means = [
        np.array([row["mean"] for row in summary.scores if row["scale"] == scale])
        for summary in summaries(protocol, arm, design)
        if summary is not None
    ]
    return np.asarray(means[0] - means[1])


def _with_twins(protocol: Protocol) -> tuple[list[Arm], dict[int, int]]:
    """Return the arms with their twins behind them, and the place of each arm's twin."""
    arms, places = list(protocol.arms), {}
    for k, arm in enumerate(protocol.arms):
        twin = without_integration(arm)
        if twin is not None:
            places[k] = len(arms)
            arms.append(twin)
    return arms, places


def _cohorts(protocol: Protocol, design: Design, posterior: Posterior) -> list[Cohort]:
    """Return the same people at draws of the posterior, then at the centre of every rival's."""
    typical: list[tuple[str, dict[str, float]]] = [
        (design.rival, posterior.draw(place)) for place in posterior.spaced(_DRAWS)
    ]
    typical += [(name, shipped(name).centre) for name in RIVALS]
    return [
        Cohort(population=protocol.population, participants=_PEOPLE, seed=design.seed, rival=rival, typical=values)
        for rival, values in typical
    ]


def _bands(
    arm: Arm, protocol: Protocol, design: Design, drawn: NDArray[np.float64], posterior: Posterior
) -> list[Band]:
    """Return the bands around an arm's means; `drawn` are scores, (draws, people, days)."""
    own, _ = summaries(protocol, arm, design)
    shown = protocol.assessments[0]
    scale = find_scale(shown.scale)
    departed = posterior.between_trial_sd * drawn.std(axis=1).mean(axis=0)
    mean_sd = np.hypot(drawn.mean(axis=1).std(axis=0, ddof=1), departed)
    responds = probability_at_most(scale, response_cut(scale, drawn[..., :1]), drawn).mean(axis=1)
    share_sd = np.hypot(responds.std(axis=0, ddof=1), posterior.between_trial_sd * SHARE_PER_SD)
    rows = {row["day"]: row for row in own.scores if row["scale"] == shown.scale}
    found = []
    for j, day in enumerate(shown.days):
        if j == 0 or day not in rows:
            continue
        row, sd, share = rows[day], float(Z90 * mean_sd[j]), float(Z90 * share_sd[j])
        found.append(
            Band(
                arm=arm.id,
                scale=shown.scale,
                day=day,
                mean_low=round(max(row["mean"] - sd, scale.low), 4),
                mean_high=round(min(row["mean"] + sd, scale.high), 4),
                response_low=round(max(row["response"] - share, 0.0), 4),
                response_high=round(min(row["response"] + share, 1.0), 4),
            )
        )
    return found


def _sentences(contrasts: list[Contrast], rivals: list[RivalView], posterior: Posterior, shown: str) -> list[str]:
    found = []
    last = {c.arm: c for c in contrasts}
    for c in list(last.values())[:1]:
        away = "lower" if c.difference < 0 else "higher"
        found.append(
            f"On day {c.day:g} these people score {abs(c.difference):.1f} {shown} points {away} than the same people "
            f"without integration; the model is 90 % sure of {_signed(c.low)} to {_signed(c.high)}."
        )
        said = [r.difference for r in rivals if r.difference is not None]
        if said:
            found.append(f"Asked one by one, the rival explanations say {_signed(max(said))} to {_signed(min(said))}.")
    verdict = str(left_out_predictions().rivals["verdict"])
    for rival in rivals:
        verdict = verdict.replace(rival.id, f"“{rival.label.lower()}”")
    found.append(verdict)
    studies, rows = posterior.diagnostics["studies"], posterior.diagnostics["rows"]
    found.append(
        f"The sizes come from {len(studies)} published studies with {rows} numbers. "
        "Most constants rest on their priors as much as on trials."
    )
    return found


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")
