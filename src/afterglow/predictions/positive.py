"""The probability that a trial of a given size comes out positive."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, stdtrit

__all__ = ["probability_of_positive"]


def probability_of_positive(
    difference: ArrayLike, sd: ArrayLike, departed: ArrayLike, n: tuple[int, int], *, alpha: float = 0.05
) -> NDArray[np.float64]:
    """Return the probability of a significant difference in favour of the first arm, the shape of the inputs.

    Parameters
    ----------
    difference : array_like
        What the model says of the mean change of the first arm minus that of the second, in points; a lower score is
        better.
    sd : array_like
        SD between people of the change, in points.
    departed : array_like
        SD with which the difference departs from the model from trial to trial, in points.
    n : pair of int
        People in each arm.
    alpha : float
        Two-sided level.

    Notes
    -----
    With the standard error s = sd sqrt(1/n1 + 1/n2), the trial finds a difference D that is normal with the mean
    `difference` and the variance departed^2 + s^2: what is true of this trial, and its sampling. It is positive when
    D < -c s, with c the 1 - alpha/2 quantile of Student's t with n1 + n2 - 2 degrees of freedom. So

        P = Phi((-c s - difference) / sqrt(departed^2 + s^2)).

    Without a departure this is the usual power. Over draws of the parameters it is averaged by their weights.
    """
    s = np.asarray(sd, dtype=np.float64) * np.sqrt(1 / n[0] + 1 / n[1])
    critical = stdtrit(n[0] + n[1] - 2, 1 - alpha / 2)
    spread = np.hypot(np.asarray(departed, dtype=np.float64), s)
    return np.asarray(ndtr((-critical * s - np.asarray(difference, dtype=np.float64)) / spread))
