"""Who gets into a trial: true severities whose noisy baseline score passes the threshold.

True scores of the people screened are logit-normal on the scale's range (normal log-odds of the
score's place between floor and ceiling). Its centre and width are solved for, so that among the people
whose noisy score reaches the threshold the mean and spread of that score are the published ones. A
later rating of the same people has fresh errors and is lower on average: regression to the mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError, ProtocolError
from afterglow.observation.noise import error_sd, rate
from afterglow.scales.links import score_to_severity
from afterglow.scales.scale import Family, Scale

__all__ = ["Screening", "baseline", "candidates_needed", "screen"]

_NODES = np.linspace(-6.0, 6.0, 241)
_WEIGHTS = np.exp(-0.5 * _NODES**2) / np.exp(-0.5 * _NODES**2).sum()
_STEPS_WHEN_CONTINUOUS = 400
_TOLERANCE = 0.01
_FEWEST_ACCEPTED = 1e-3


@dataclass(frozen=True, kw_only=True)
class Screening:
    """The people screened and what the threshold makes of them.

    Parameters
    ----------
    scale : Scale
        Scale of the threshold.
    centre, width : float
        Mean and standard deviation of the log-odds of the true score's place in the range.
    inclusion_min : float or None
        Lowest observed score that is included.
    accepted : float
        Share of the screened whose observed score is included.
    observed_mean, observed_sd : float
        Observed baseline score of the included.
    true_mean, true_sd : float
        True score of the included.
    """

    scale: Scale
    centre: float
    width: float
    inclusion_min: float | None
    accepted: float
    observed_mean: float
    observed_sd: float
    true_mean: float
    true_sd: float

    @property
    def regression_to_mean(self) -> float:
        """Expected fall, in points, from the baseline rating to a second one when nobody changes."""
        return self.observed_mean - self.true_mean

    def true_score(self, standard_normal: ArrayLike) -> NDArray[np.float64]:
        """Turn standard normal draws into true scores of screened people, same shape."""
        return _true_score(self.scale, self.centre, self.width, np.asarray(standard_normal, dtype=np.float64))


def _true_score(scale: Scale, centre: float, width: float, z: NDArray[np.float64]) -> NDArray[np.float64]:
    place = 1.0 / (1.0 + np.exp(-np.clip(centre + width * z, -700.0, 700.0)))
    return np.asarray(scale.low + (scale.high - scale.low) * place)


def _moments(scale: Scale, centre: float, width: float, inclusion_min: float | None) -> Screening:
    """Exact moments of the included, by quadrature over true scores and summation over observed ones."""
    from scipy.special import ndtr

    true = _true_score(scale, centre, width, _NODES)
    step = 1.0 if scale.integer else (scale.high - scale.low) / _STEPS_WHEN_CONTINUOUS
    score = np.arange(scale.low, scale.high + step / 2, step)
    sd = np.maximum(error_sd(scale, true), 1e-9)[:, None]
    below = ndtr((score[None, 1:] - step / 2 - true[:, None]) / sd)
    chance = np.diff(below, axis=1, prepend=0.0, append=1.0) * _WEIGHTS[:, None]
    if inclusion_min is not None:
        chance = chance * (score >= inclusion_min)
    accepted = float(chance.sum())
    share = chance / max(accepted, 1e-300)
    by_score, by_true = share.sum(axis=0), share.sum(axis=1)
    mean, true_mean = float(by_score @ score), float(by_true @ true)
    return Screening(
        scale=scale,
        centre=centre,
        width=width,
        inclusion_min=inclusion_min,
        accepted=accepted,
        observed_mean=mean,
        observed_sd=float(np.sqrt(by_score @ (score - mean) ** 2)),
        true_mean=true_mean,
        true_sd=float(np.sqrt(by_true @ (true - true_mean) ** 2)),
    )


def _check(scale: Scale, mean: float, sd: float, inclusion_min: float | None) -> None:
    if not (np.isfinite(mean) and scale.low < mean < scale.high):
        raise ProtocolError(
            f"baseline mean of {mean:g} lies outside the {scale.id} range of {scale.low:g} to {scale.high:g}"
        )
    widest = float(np.sqrt((mean - scale.low) * (scale.high - mean)))
    if not (np.isfinite(sd) and 0 < sd < widest):
        raise ProtocolError(
            f"baseline sd of {sd:g} on the {scale.id} is impossible with a mean of {mean:g}: "
            f"expected above 0 and below {widest:.3g}"
        )
    if inclusion_min is None:
        return
    if not scale.low <= inclusion_min <= scale.high:
        raise ProtocolError(
            f"inclusion threshold of {inclusion_min:g} lies outside the {scale.id} range of "
            f"{scale.low:g} to {scale.high:g}"
        )
    if mean <= inclusion_min:
        raise ProtocolError(
            f"baseline mean of {mean:g} on the {scale.id} is not above the inclusion threshold of {inclusion_min:g}, "
            "so nobody could have been kept out; raise the mean or lower the threshold"
        )


def screen(scale: Scale, mean: float, sd: float, inclusion_min: float | None = None) -> Screening:
    """Find the people screened, given the published baseline of the people included.

    Parameters
    ----------
    scale : Scale
        Scale of the baseline and of the threshold.
    mean, sd : float
        Published mean and standard deviation of the included people's baseline score.
    inclusion_min : float, optional
        Lowest observed score that was included.

    Returns
    -------
    Screening
        Distribution of the screened and what is expected of the included.

    Raises
    ------
    ProtocolError
        If no distribution gives this mean and spread above this threshold; the sentence says why.
    """
    _check(scale, mean, sd, inclusion_min)
    found = _solve(scale, mean, sd, inclusion_min)
    if found is None:
        raise ProtocolError(_why_impossible(scale, mean, sd, inclusion_min))
    return found


def _newton(
    gap: Callable[[NDArray[np.float64]], NDArray[np.float64]], start: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move two unknowns until both gaps close; halve a step that makes them larger.

    Two smooth equations do not justify loading scipy's optimisers, which take half a second to import.
    """
    x, missed = start, gap(start)
    for _ in range(40):
        if np.abs(missed).max() < 1e-6:
            break
        step = 1e-5
        columns = [(gap(x + step * np.eye(2)[k]) - missed) / step for k in range(2)]
        slope = np.array(columns).T
        if not np.isfinite(slope).all() or abs(np.linalg.det(slope)) < 1e-12:
            break
        move = np.clip(-np.linalg.solve(slope, missed), -1.0, 1.0)
        for _ in range(12):
            tried = gap(x + move)
            if np.hypot(*tried) < np.hypot(*missed):
                break
            move = move / 2
        else:
            break
        x, missed = x + move, tried
    return x


@lru_cache(maxsize=64)
def _solve(scale: Scale, mean: float, sd: float, inclusion_min: float | None) -> Screening | None:
    """Screened people who give the published baseline; None when there are none, or hardly any pass."""
    span = scale.high - scale.low
    place = (mean - scale.low) / span
    true_sd = np.sqrt(max(sd**2 - scale.measurement_sd**2, 0.04 * sd**2))

    def moments(unknown: NDArray[np.float64]) -> Screening:
        return _moments(scale, float(unknown[0]), float(np.exp(np.clip(unknown[1], -9.0, 3.0))), inclusion_min)

    def gap(unknown: NDArray[np.float64]) -> NDArray[np.float64]:
        found = moments(unknown)
        return np.array([found.observed_mean - mean, found.observed_sd - sd])

    for factor in (1.0, 1.5, 2.5, 0.3):
        start = np.array([np.log(place / (1 - place)), np.log(factor * true_sd / (span * place * (1 - place)))])
        found = moments(_newton(gap, start))
        close = max(abs(found.observed_mean - mean), abs(found.observed_sd - sd)) < _TOLERANCE
        if close and found.accepted > _FEWEST_ACCEPTED:
            return found
    return None


def _why_impossible(scale: Scale, mean: float, sd: float, inclusion_min: float | None) -> str:
    what = f"baseline of {mean:g} (sd {sd:g}) on the {scale.id}"
    for narrower in np.linspace(0.95, 0.3, 14) * sd if inclusion_min is not None else ():
        if _solve(scale, mean, float(narrower), inclusion_min) is not None:
            return (
                f"{what} is too wide for a mean so close to the inclusion threshold of {inclusion_min:g}: "
                f"expected an sd of about {narrower:.2g} or less, or a lower threshold"
            )
    for wider in np.linspace(1.05, 3.0, 14) * sd:
        if _solve(scale, mean, float(wider), inclusion_min) is not None:
            return (
                f"{what} is narrower than the error of one rating ({scale.measurement_sd:g} points) allows: "
                f"expected an sd of about {wider:.2g} or more"
            )
    return f"{what} cannot be reached by any spread of true scores; check the mean, the sd and the threshold"


def candidates_needed(accepted: float, participants: int, *, miss_probability: float = 1e-6) -> int:
    """Candidates to draw per participant so that hardly any cohort lacks one who passes.

    Parameters
    ----------
    accepted : float
        Share of the screened who pass, from `Screening.accepted`.
    participants : int
        Size of the cohort.
    miss_probability : float
        Accepted probability that anybody in the cohort finds no candidate.
    """
    if not 0 < accepted <= 1 or participants < 1:
        raise ParameterError(
            f"accepted share {accepted} must lie in (0, 1] and participants {participants} be 1 or more"
        )
    if accepted > 1 - 1e-12:
        return 1
    return max(1, int(np.ceil(np.log(miss_probability / participants) / np.log1p(-accepted))))


def baseline(
    scale: Scale,
    mean: float,
    sd: float,
    inclusion_min: float | None,
    candidates_z: NDArray[np.float64],
    *,
    family: Family | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the included people's true severities and observed baseline scores.

    Parameters
    ----------
    scale : Scale
        Scale of the baseline and of the threshold.
    mean, sd : float
        Published mean and standard deviation of the included people's baseline score.
    inclusion_min : float or None
        Lowest observed score that was included.
    candidates_z : ndarray, shape (participant, candidate, 2)
        Standard normal draws: true score and error of each candidate. A participant is the first of
        their own candidates who passes, so a larger cohort keeps the first participants unchanged.
    family : {"depression", "ptsd", "anxiety"}, optional
        Whose severity is wanted; by default that of the scale's own family.

    Returns
    -------
    true_severity : ndarray, shape (participant,)
        Latent severity in (0, 1).
    observed_score : ndarray, shape (participant,)
        Noisy baseline score, at or above the threshold.

    Raises
    ------
    ProtocolError
        If the published baseline is impossible.
    ParameterError
        If none of a participant's candidates passes.
    """
    z = np.asarray(candidates_z, dtype=np.float64)
    if z.ndim != 3 or z.shape[1] < 1 or z.shape[2] != 2:
        raise ParameterError(f"candidates have shape {z.shape} but (participant, candidate, 2) was expected")
    screening = screen(scale, mean, sd, inclusion_min)
    true = screening.true_score(z[:, :, 0])
    score = rate(scale, true, z[:, :, 1])
    passes = score >= inclusion_min if inclusion_min is not None else np.ones(score.shape, dtype=np.bool_)
    missed = int(np.count_nonzero(~passes.any(axis=1)))
    if missed:
        raise ParameterError(
            f"{missed} participants had no candidate at or above the {scale.id} inclusion threshold of "
            f"{inclusion_min:g} among {z.shape[1]}; one in {1 / screening.accepted:.3g} screened people passes, so "
            f"draw {candidates_needed(screening.accepted, max(len(z), 1))} candidates each"
        )
    first = passes.argmax(axis=1)
    row = np.arange(len(z))
    return score_to_severity(scale, true[row, first], family=family), score[row, first]
