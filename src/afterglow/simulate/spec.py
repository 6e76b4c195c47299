"""What names a run wholly: the same specification gives the same numbers, on any machine and with any engine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from afterglow.cohort import Draw, known_rival, known_seed
from afterglow.errors import FileError, ParameterError, nearest
from afterglow.parameters import PARAMETERS
from afterglow.posterior import ODDNESS, Posterior, Posteriors, fingerprint
from afterglow.protocol import Arm, Protocol
from afterglow.simulate.grid import curve_days, visits_of
from afterglow.simulate.schedule import Schedule, schedule, without_integration
from afterglow.simulate.solve import Accuracy
from afterglow.version import __version__

__all__ = [
    "DRAWS",
    "ENSEMBLE_ACCURACY",
    "MOST_PEOPLE",
    "PEOPLE",
    "Explanation",
    "RunSpec",
    "draws_of",
    "explanations_of",
    "mixed_draws",
    "usual_draws",
    "usual_parts",
]

PEOPLE = 256
"""Virtual people per arm where nobody says how many."""

DRAWS = 64
"""Draws of the parameters, over all explanations, where nobody says how many."""

_PARTS = 8
"""Most parts of a cohort where nobody says how many; each draw is solved for one, so that more people count at the same
cost."""

_FEW_PARTS = 4
"""Most of them at so few draws that eight parts would not be seen at `_DRAWS_A_PART` each."""

_DRAWS_A_PART = 8
_PART_PEOPLE = 32
"""Fewest participants in a part of a cohort where nobody says how many."""

MOST_PEOPLE = 100_000_000
"""Most participants: files hold the counts of so many exactly, and chance tells nothing from far fewer."""

_MOST_COURSES = 4096 * DRAWS
"""Participants times draws up to which a larger cohort keeps all its draws."""

_FEWEST_DRAWS = 8
KEPT = 64
"""Participants of each draw whose own scores and courses are kept."""

_DEPARTING = {"hope": 3, "medicine": 5, "therapy": 7}
"""What departs from trial to trial, and the base in which its draws are laid out evenly."""

_EVEN_SHARE = 0.25
"""Share of the draws that is spread evenly over the explanations, so that each has an interval, whatever its weight."""

_ODDNESS_BASE = 11
"""The base in which the oddness of trials is laid out evenly."""

_NORMAL = NormalDist()

ENSEMBLE_ACCURACY = Accuracy(relative=1e-3, absolute=1e-4)
"""Errors up to 0.03 points of a score, measured against 1e-9: far below the Monte-Carlo error."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One explanation of what the medicines and the therapy do, and its share of the answer.

    Parameters
    ----------
    rival : str
    weight : float
        The weights of a run sum to one.
    posterior : str
        Digest of the posterior its draws come from; empty where nothing was calibrated.
    """

    rival: str
    weight: float = 1.0
    posterior: str = ""

    def __post_init__(self) -> None:
        known_rival(self.rival)


@dataclass(frozen=True, kw_only=True, eq=False)
class RunSpec:
    """A run, named wholly.

    Parameters
    ----------
    protocol : Protocol
    explanations : tuple of Explanation
    participants : int
        Virtual people in each arm.
    draws : int
        Draws of the parameters, shared among the explanations by their weights.
    overrides : tuple of (str, float)
        Typical values that replace those of every draw, sorted by name.
    seed : int
        Of the random streams, from 0 up to 64 bits.
    twins : bool
        Whether each arm also runs without integration.
    kept : int
        Most participants of each draw whose own scores and courses are kept.
    parts : int
        Of the cohort, of about as many participants each; each draw is solved for one.
    accuracy : Accuracy
    model, version : str
        Fingerprint of equations and constants, and version of the package.

    Raises
    ------
    ParameterError
        If a number is impossible, or a name is unknown.
    """

    protocol: Protocol
    explanations: tuple[Explanation, ...]
    participants: int = PEOPLE
    draws: int = DRAWS
    overrides: tuple[tuple[str, float], ...] = ()
    seed: int = 1
    twins: bool = True
    kept: int = KEPT
    parts: int = 1
    accuracy: Accuracy = ENSEMBLE_ACCURACY
    model: str = ""
    version: str = __version__

    def __post_init__(self) -> None:
        if self.participants < 1:
            raise ParameterError(f"a cohort needs at least 1 participant, not {self.participants}")
        if self.participants > MOST_PEOPLE:
            raise ParameterError(f"a cohort has at most {MOST_PEOPLE} participants, not {self.participants}")
        object.__setattr__(self, "seed", known_seed(self.seed))
        if self.kept < 1:
            raise ParameterError(f"a run keeps at least 1 participant of each draw, not {self.kept}")
        if not 1 <= self.parts <= self.participants:
            raise ParameterError(f"a cohort of {self.participants} has from 1 to as many parts, not {self.parts}")
        if self.draws < len(self.explanations):
            raise ParameterError(
                f"{len(self.explanations)} explanations need at least a draw each, not {self.draws}; "
                "ask for more draws or for one explanation"
            )
        for name, value in self.overrides:
            if name not in PARAMETERS:
                raise ParameterError(f"unknown parameter '{name}': {nearest(name, PARAMETERS)}")
            if not np.isfinite(value):
                raise ParameterError(f"parameter '{name}' must be a finite number, not {value}")
        if not self.model:
            object.__setattr__(self, "model", fingerprint())

    @cached_property
    def key(self) -> str:
        """Digest of all of it: the address of the run."""
        return hashlib.blake2b(self.to_json().encode(), digest_size=16).hexdigest()

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunSpec) and other.key == self.key

    @property
    def calibrated(self) -> bool:
        """Whether the parameters come from a calibration on published trials."""
        return all(explanation.posterior for explanation in self.explanations)

    @property
    def has_intervals(self) -> bool:
        """Whether scores have intervals: trials depart from the model by SDs between people, of whom it takes two."""
        return self.calibrated and self.people_per_draw > 1

    @property
    def rival(self) -> str:
        """The explanation that was run, or "weighted" where there are several."""
        return self.explanations[0].rival if len(self.explanations) == 1 else "weighted"

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """The arms of the protocol, then their twins without integration."""
        twins = [without_integration(arm) for arm in self.protocol.arms] if self.twins else []
        return (*self.protocol.arms, *(twin for twin in twins if twin is not None))

    @cached_property
    def plans(self) -> tuple[Schedule, ...]:
        """What happens in each arm."""
        return tuple(schedule(arm, self.protocol) for arm in self.arms)

    @cached_property
    def visits(self) -> tuple[Mapping[str, NDArray[np.float64]], ...]:
        """The days on which each arm is rated, by scale; the first is before any dose."""
        return tuple(visits_of(self.protocol, plan) for plan in self.plans)

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """The days on which courses are kept, visits among them, (times,)."""
        rated = [days for visits in self.visits for days in visits.values()]
        return np.unique(np.concatenate([*self.followed.values(), *rated]))

    @cached_property
    def followed(self) -> Mapping[str, NDArray[np.float64]]:
        """The days among them that follow the doses of each arm of the protocol, by its id."""
        begin = min(plan.begin for plan in self.plans)
        return {arm.id: curve_days(begin, self.protocol.horizon_days, arm) for arm in self.protocol.arms}

    @property
    def people_per_draw(self) -> int:
        """Participants solved at each draw."""
        return -(-self.participants // self.parts)

    def first_participant(self, part: int) -> int:
        """Return the number of the first participant of a part of the cohort."""
        return round(part * (self.participants - self.people_per_draw) / max(self.parts - 1, 1))

    def to_json(self) -> str:
        """Return the specification as JSON, keys sorted."""
        held = {
            "protocol": self.protocol.model_dump(mode="json"),
            "explanations": [vars(explanation) for explanation in self.explanations],
            "participants": self.participants,
            "draws": self.draws,
            "overrides": dict(self.overrides),
            "seed": self.seed,
            "twins": self.twins,
            "kept": self.kept,
            "parts": self.parts,
            "accuracy": vars(self.accuracy),
            "model": self.model,
            "version": self.version,
        }
        return json.dumps(held, sort_keys=True, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> RunSpec:
        """Read a specification.

        Raises
        ------
        FileError
            If it is none.
        """
        try:
            held = json.loads(text)
            if "parts" not in held:  # written before their number could be chosen
                held["parts"] = 4 if held["participants"] >= 4 * held.pop("part_people", 64) else 1
            return cls(
                protocol=Protocol.made(held.pop("protocol")),
                explanations=tuple(Explanation(**row) for row in held.pop("explanations")),
                overrides=tuple(sorted(held.pop("overrides").items())),
                accuracy=Accuracy(**held.pop("accuracy")),
                **held,
            )
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise FileError(f"this is no specification of a run ({error})") from None


def usual_parts(participants: int, draws: int, *, most: int = _PARTS, people: int = _PART_PEOPLE) -> int:
    """Return how many parts a cohort has where nobody says.

    Parameters
    ----------
    participants, draws : int
    most : int
    people : int
        Fewest in a part.
    """
    seen = max(min(draws, _FEW_PARTS), draws // _DRAWS_A_PART)
    return max(1, min(most, participants // people, seen))


def usual_draws(participants: int) -> int:
    """Return how many draws a run has where nobody says: fewer in a very large cohort, whose cost grows with both."""
    return int(np.clip(_MOST_COURSES // max(participants, 1) // _FEW_PARTS * _FEW_PARTS, _FEWEST_DRAWS, DRAWS))


def draws_of(spec: RunSpec, posteriors: Posteriors) -> tuple[Draw, ...]:
    """Return the draws of a run; see `mixed_draws`."""
    return mixed_draws(spec.explanations, posteriors, spec.draws, overrides=dict(spec.overrides), parts=spec.parts)


def explanations_of(posteriors: Posteriors) -> tuple[Explanation, ...]:
    """Return the explanations that posteriors stand for, by their weights."""
    return tuple(
        Explanation(rival=name, weight=posteriors.weights[name], posterior=held.digest)
        for name, held in posteriors.by_rival.items()
    )


def mixed_draws(
    explanations: Sequence[Explanation],
    posteriors: Posteriors,
    count: int,
    *,
    overrides: Mapping[str, float] | None = None,
    parts: int = 1,
) -> tuple[Draw, ...]:
    """Draw the parameters under several explanations, and mix them, so that parts of a cohort see all explanations.

    Parameters
    ----------
    explanations : sequence of Explanation
    posteriors : Posteriors
        Those that the explanations name.
    count : int
        Draws in all, shared by weight.
    overrides : mapping of str to float, optional
        Typical values that replace those of every draw.
    parts : int
        Of the cohort.

    Notes
    -----
    The draws of an explanation are spread evenly over its posterior, and with more draws in all each explanation keeps
    those it had with fewer. An explanation with one draw takes the centre of its posterior.
    """
    made = _kept_draws if count <= DRAWS else _kept_draws.__wrapped__
    return made(tuple(explanations), posteriors, count, tuple((overrides or {}).items()), parts)


@lru_cache(maxsize=16)
def _kept_draws(
    explanations: tuple[Explanation, ...],
    posteriors: Posteriors,
    count: int,
    overrides: tuple[tuple[str, float], ...],
    parts: int,
) -> tuple[Draw, ...]:
    rows: list[tuple[float, int, Draw]] = []
    shares = _shares([explanation.weight for explanation in explanations], count)
    for order, (explanation, own) in enumerate(zip(explanations, shares, strict=True)):
        posterior = posteriors.by_rival[explanation.rival] if explanation.posterior else None
        for k in range(own):
            draw = Draw(rival=explanation.rival, weight=explanation.weight / own, replicate=(k + order) % parts)
            if posterior is not None:
                draw = _drawn(draw, posterior, k, own)
            rows.append(((k + 0.5) / own, order, replace(draw, typical={**draw.typical, **dict(overrides)})))
    rows.sort(key=lambda row: row[:2])
    return tuple(draw for _, _, draw in rows)


def _drawn(draw: Draw, posterior: Posterior, k: int, count: int) -> Draw:
    """Return a draw with the k-th of so many parameters, and with how the trial that it stands for departs."""
    oddness = 1.0 if count == 1 else ODDNESS[int(_evenly(k, _ODDNESS_BASE) * len(ODDNESS))]
    apart = float(np.sqrt(oddness))
    typical = posterior.centre
    if count > 1:
        typical = posterior.draw(int(_evenly(k, 2) * len(posterior))) | _strengths(posterior, k, apart)
    return replace(
        draw,
        typical=typical,
        oddness=oddness,
        mean_apart=apart * posterior.between_trial_sd,
        share_apart=apart * posterior.between_trial_sd_of_share,
        difference_apart=apart * posterior.between_trial_sd_of_difference,
    )


def _strengths(posterior: Posterior, k: int, apart: float) -> dict[str, float]:
    """Return how much hope, medicine and therapy can do in the trial that a draw stands for: one in the median trial.

    As relief has a ceiling, what the model then says on average over trials is within a percent what it says of that
    one.
    """
    return {
        f"{kind}_strength": float(np.exp(apart * posterior.spread[kind] * _NORMAL.inv_cdf(_evenly(k, base))))
        for kind, base in _DEPARTING.items()
    }


def _evenly(k: int, base: int) -> float:
    """Return the k-th point of 1/2, 1/4, 3/4, 1/8 ... or of its like in another base.

    Any number of them lies evenly on (0, 1) (vandercorput1935).
    """
    place, step = 0.0, 1.0
    k += 1
    while k:
        step /= base
        place += step * (k % base)
        k //= base
    return place


def _shares(weights: Sequence[float], total: int) -> list[int]:
    """Share a total out: a part of it evenly, at least one each, the rest by weight and largest remainder."""
    least = max(1, int(_EVEN_SHARE * total / len(weights)))
    left = total - least * len(weights)
    exact = [weight * left / sum(weights) for weight in weights]
    counts = [int(share) for share in exact]
    for place in sorted(range(len(weights)), key=lambda k: counts[k] - exact[k])[: left - sum(counts)]:
        counts[place] += 1
    return [least + count for count in counts]
