"""The numbers that a registered trial will report, foretold at its own size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterglow.predictions.positive import probability_of_positive
from afterglow.predictions.registration import Registration
from afterglow.results.contrasts import gap_of
from afterglow.results.mixture import LOGIT_PER_SD, SHARE_PER_SD, Mixture
from afterglow.results.tables import Tables
from afterglow.scales.instruments import scale
from afterglow.simulate.run import Run

__all__ = ["numbers_of"]


def numbers_of(tables: Tables, registration: Registration) -> dict[str, Any]:
    """Return what the trial will report on the day of its primary outcome.

    Each number is told as ``value``, ``low`` and ``high`` of the 90 % interval, and ``sd`` of what the trial will
    find: parameters, explanations, departures of trials and the sampling of its own people together. `unit` is the SD
    between people of the change, in which a forecast is scored. Everybody who is allocated is taken to be analysed.
    Numbers are foretold as they will be published, at the trial's own size: small trials publish more than large ones.
    `without_excess` has each contrast as the model says it of the medicine itself.

    Parameters
    ----------
    tables : Tables
        Of a calibrated run; all explanations by their weights, or one of them.
    registration : Registration
    """
    told = _Told(tables.run, tables.mixture, registration)
    own = tables.protocol.arms
    return {
        "unit": told.unit,
        "arms": [told.arm(k) for k in range(len(own))],
        "contrasts": [told.contrast(k) for k in range(len(own)) if k != told.control],
    }


class _Told:
    """One run, seen on the scale and the day of the primary outcome; arrays are (draws,)."""

    def __init__(self, run: Run, mixture: Mixture, registration: Registration) -> None:
        self.run, self.mixture, self.registration = run, mixture, registration
        self.scale = scale(registration.scale)
        self.control = next(k for k, arm in enumerate(run.arms) if arm.id == registration.control)
        self.at = int(np.searchsorted(run.visits[self.scale.id][0], registration.day))
        self.apart = run.apart("mean")
        self.share_apart = run.apart("share")
        self.excess = np.array([draw.value("small_trial_excess") for draw in run.draws])
        observed = run.scores[self.scale.id].observed.astype(np.float64)
        change = observed[..., self.at] - observed[..., 0]
        self.change_sd: NDArray[np.float64] = change.std(axis=2, ddof=1)

    @property
    def unit(self) -> float:
        own = len(self.run.spec.protocol.arms)
        return float(np.sqrt(self.mixture.mean((self.change_sd[:, :own] ** 2).mean(axis=1))))

    def n(self, arm: int) -> int:
        n = self.run.arms[arm].n
        assert n is not None  # a registered trial says it
        return n

    def arm(self, k: int) -> dict[str, Any]:
        counts, n = self.run.counts[self.scale.id][k], self.n(k)
        sd, more = self.change_sd[:, k], self.more(k)
        mean = counts.mean[:, self.at] - more * self.pooled(k)
        change = mean - counts.mean[:, 0]
        departed = self.apart * sd
        sampled = np.hypot(departed, sd / np.sqrt(n))
        shares = {"response": counts.responders, "remission": counts.remitters}
        if self.scale.remission is None:
            del shares["remission"]
        return {
            "arm": self.run.arms[k].id,
            "n": n,
            "baseline": float(self.mixture.mean(counts.mean[:, 0])),
            "mean": self._points(mean, sampled),
            "change": self._points(change, sampled),
            **{
                name: self._share(
                    np.clip(found[:, self.at] / counts.people + SHARE_PER_SD * more, 0.0, 1.0), counts.people, n
                )
                for name, found in shares.items()
            },
        }

    def more(self, k: int) -> NDArray[np.float64]:
        """Return how much more an arm gains in a trial of this size than in a large one, in SDs, (draws,)."""
        own, other = self.n(k), self.n(self.control)
        return self.excess * (0.0 if k == self.control else float(np.sqrt(1 / own + 1 / other)))

    def pooled(self, k: int) -> NDArray[np.float64]:
        """Return the SD of the change of an arm and the control arm together, (draws,)."""
        return np.asarray(np.sqrt((self.change_sd[:, k] ** 2 + self.change_sd[:, self.control] ** 2) / 2))

    def contrast(self, k: int) -> dict[str, Any]:
        gap = gap_of(self.run, self.scale.id, k, self.control)
        difference, departed = gap.difference[:, self.at], gap.departed[:, self.at]
        sd, n = self.pooled(k), (self.n(k), self.n(self.control))
        return {
            "arm": self.run.arms[k].id,
            "versus": self.registration.control,
            "primary": self.run.arms[k].id == self.registration.active,
            **self._difference(difference - self.more(k) * sd, sd, departed, n),
            "without_excess": self._difference(difference, sd, departed, n),
        }

    def _difference(
        self,
        difference: NDArray[np.float64],
        sd: NDArray[np.float64],
        departed: NDArray[np.float64],
        n: tuple[int, int],
    ) -> dict[str, Any]:
        positive = probability_of_positive(difference, sd, departed, n, alpha=self.registration.alpha)
        low, high = self.mixture.interval(positive, low=0.0, high=1.0)
        return {
            "difference": self._points(difference, np.hypot(departed, sd * np.sqrt(1 / n[0] + 1 / n[1]))),
            "effect_size_d": float(self.mixture.mean(difference) / np.sqrt(self.mixture.mean(sd**2))),
            "positive": {"probability": float(self.mixture.mean(positive)), "low": float(low), "high": float(high)},
        }

    def _points(self, values: NDArray[np.float64], sd: NDArray[np.float64]) -> dict[str, float]:
        low, high = self.mixture.interval(values, sd)
        return _number(self.mixture, values, sd, float(low), float(high))

    def _share(self, shares: NDArray[np.float64], people: NDArray[np.int64], n: int) -> dict[str, float]:
        """Tell a share; sampling acts on the logit scale, as departures do, so that it stays between 0 and 1."""
        inside = (shares * people + 0.5) / (people + 1)
        sampled = 1 / np.sqrt(n * inside * (1 - inside)) / LOGIT_PER_SD
        low, high = self.mixture.share_interval(shares, np.hypot(self.share_apart, sampled), people)
        sd = LOGIT_PER_SD * np.hypot(self.share_apart, sampled) * inside * (1 - inside)
        return _number(self.mixture, shares, sd, float(low), float(high))


def _number(
    mixture: Mixture, values: NDArray[np.float64], sd: NDArray[np.float64], low: float, high: float
) -> dict[str, float]:
    middle = float(mixture.mean(values))
    spread = float(np.sqrt(mixture.mean(sd**2 + (values - middle) ** 2)))
    return {"value": middle, "low": low, "high": high, "sd": spread}
