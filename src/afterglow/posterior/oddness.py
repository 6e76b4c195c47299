"""How odd a trial may be: most depart from the model by the usual amount, a few by far more."""

from __future__ import annotations

import numpy as np
from scipy.special import gammainccinv

__all__ = ["DEGREES", "ODDNESS"]

DEGREES = 5.0
"""Degrees of freedom of the departures of trials, which have the tails of a Student t (lange1989); assumed.

Each study foretold from the others, the log density is higher by 31 than that of a normal.
"""

ODDNESS = tuple(float(DEGREES / 2 / g) for g in gammainccinv(DEGREES / 2, (np.arange(10) + 0.5) / 10))
"""Factors on the variance of a trial's departures; each is equally likely."""
