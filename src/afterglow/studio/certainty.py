"""How sure the calibrated model is of a design: credible bands, what the rivals say, and a few plain sentences."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel

from afterglow.calibrate.foretold import foretold
from afterglow.cohort import RIVALS
from afterglow.posterior import Posterior, shipped
from afterglow.protocol import Protocol
from afterglow.simulate import simulate
from afterglow.studio.choices import choices
from afterglow.studio.course import QUICK
from afterglow.studio.design import Design, protocol_of

__all__ = ["Certainty", "certainty_of"]

_PEOPLE = 64
"""People simulated for each draw and each rival: differences are between the same people, so few will do."""
_TWIN = "|no integration"


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

    Raises
    ------
    ProtocolError
        If the design cannot be simulated.
    """
    protocol = protocol_of(design)
    shown = protocol.assessments[0].scale
    result = simulate(protocol, participants=_PEOPLE, seed=design.seed, rival=design.rival, accuracy=QUICK)
    posterior = result.posterior
    assert posterior is not None
    bands = [
        Band(
            arm=row["arm"],
            scale=row["scale"],
            day=row["day"],
            **{name: round(float(row[name]), 4) for name in ("mean_low", "mean_high", "response_low", "response_high")},
        )
        for row in result.rows["scores"]
        if np.isfinite(row["mean_low"])
    ]
    contrasts = [
        Contrast(
            arm=row["arm"],
            day=row["day"],
            difference=round(row["mean_difference"], 3),
            low=round(row["credible_low"], 3),
            high=round(row["credible_high"], 3),
        )
        for row in result.rows["contrasts"]
        if row["versus"] == f"{row['arm']}{_TWIN}" and row["scale"] == shown and np.isfinite(row["credible_low"])
    ]
    rivals = _rivals(protocol, design, shown, contrasts)
    return Certainty(
        bands=bands,
        contrasts=contrasts,
        rivals=rivals,
        sentences=_sentences(contrasts, rivals, posterior, shown),
        facts=Facts(
            studies=len(posterior.facts["studies"]),
            rows=int(posterior.facts["rows"]),
            pareto_k=round(float(posterior.facts["pareto_k"]), 2),
            effective_draws=round(float(posterior.facts["effective_draws"])),
        ),
    )


def _rivals(protocol: Protocol, design: Design, shown: str, contrasts: list[Contrast]) -> list[RivalView]:
    """Return the last day's difference of the first arm under every rival, the heaviest first."""
    labels = {rival.id: rival for rival in choices().rivals}
    own = {c.arm: c.difference for c in contrasts}
    first = protocol.arms[0].id
    alone = protocol.model_copy(update={"arms": protocol.arms[:1]})
    found = []
    for name in RIVALS:
        difference = own.get(first) if name == design.rival else None
        if first in own and name != design.rival:
            seen = simulate(
                alone,
                participants=_PEOPLE,
                seed=design.seed,
                rival=name,
                typical=shipped(name).centre,
                calibrated=False,
                accuracy=QUICK,
            )
            rows = [r for r in seen.rows["contrasts"] if r["versus"].endswith(_TWIN) and r["scale"] == shown]
            difference = round(float(rows[-1]["mean_difference"]), 3)
        found.append(RivalView(id=name, label=labels[name].label, weight=labels[name].weight, difference=difference))
    return sorted(found, key=lambda rival: -rival.weight)


def _sentences(contrasts: list[Contrast], rivals: list[RivalView], posterior: Posterior, shown: str) -> list[str]:
    found = []
    last = {c.arm: c for c in contrasts}
    for c in list(last.values())[:1]:
        away = "lower" if c.difference < 0 else "higher"
        found.append(
            f"On day {c.day:g} these people score {abs(c.difference):.1f} {shown} points {away} than the same people "
            f"without integration; the model is 90 % sure of {c.low:+.1f} to {c.high:+.1f}."
        )
        said = [r.difference for r in rivals if r.difference is not None]
        if said:
            found.append(f"Asked one by one, the rival explanations say {max(said):+.1f} to {min(said):+.1f}.")
    found.append(str(foretold().rivals["verdict"]))
    found.append(
        f"The sizes come from {len(posterior.facts['studies'])} published studies with {posterior.facts['rows']} "
        "numbers. Most constants rest on their priors as much as on trials."
    )
    return found
