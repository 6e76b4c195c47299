"""What a clinical scale is: its range, its cut-offs, its error of measurement, and where each was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError

__all__ = ["Band", "Cutoff", "Family", "MeasurementError", "Rater", "ResponseRule", "Scale"]

Family = Literal["depression", "ptsd", "anxiety", "disability"]
Rater = Literal["self", "clinician"]


@dataclass(frozen=True, kw_only=True)
class Band:
    """A named range of severity, both ends included.

    Parameters
    ----------
    name : str
        Word for the range, such as ``"moderate"``.
    low, high : float
        First and last score inside the range.
    """

    name: str
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class ResponseRule:
    """How large a fall from baseline counts as response.

    Parameters
    ----------
    kind : {"fraction", "points"}
        Whether `fall` is a share of the baseline score or a number of points.
    fall : float
        Smallest fall that counts.
    source : str
        URL or citation key; empty when assumed.
    verified : bool
        True when the rule was read on a page named in the source.
    note : str
        Who uses the rule.
    """

    kind: Literal["fraction", "points"]
    fall: float
    source: str = ""
    verified: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Cutoff:
    """A score at or below which somebody counts as well.

    Parameters
    ----------
    at_most : float
        Highest score that counts.
    needs_diagnosis_loss : bool
        True when the rule also asks for loss of the diagnosis.
    source : str
        URL, citation key, or the data the cut-off was derived from; empty when assumed.
    verified : bool
        True when the rule was read on a page named in the source.
    note : str
        Who uses the rule, or how it was derived.
    """

    at_most: float
    needs_diagnosis_loss: bool = False
    source: str = ""
    verified: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class MeasurementError:
    """Standard error of one rating of one person whose true severity stands still.

    Parameters
    ----------
    sd : float
        Standard deviation in points of the scale.
    derivation : str
        Arithmetic from published reliability and spread to `sd`.
    source : str
        URL or citation key of the reliability; empty when assumed.
    verified : bool
        True when every number in the arithmetic was read on its source's page.
    prior_sd : float
        Standard deviation of our knowledge of log `sd`.
    """

    sd: float
    derivation: str
    source: str = ""
    verified: bool = False
    prior_sd: float = 0.2


@dataclass(frozen=True, kw_only=True)
class Scale:
    """One rating scale. A higher score is worse on every scale here.

    Parameters
    ----------
    id : str
        Name used in protocols and results.
    family : {"depression", "ptsd", "anxiety", "disability"}
        What the scale measures.
    rater : {"self", "clinician"}
        Who fills it in.
    items : int
        Number of items in the total.
    low, high : float
        Ends of the total score.
    error : MeasurementError
        Error of one rating.
    response : ResponseRule
        Usual definition of response.
    remission : Cutoff or None
        Usual definition of remission, None where the field has none.
    diagnosis_loss : Cutoff or None
        Total score that stands for no longer meeting the diagnosis, None where it does not apply.
    bands : tuple of Band
        Severity bands from mildest to worst.
    aliases : tuple of str
        Other names that mean this scale.
    integer : bool
        True when only whole scores occur.
    sources : tuple of str
        Keys into ``references.bib``, or the URL of a page that has none.
    unverified : tuple of str
        Fields known from the publication but not read again.

    Raises
    ------
    ParameterError
        If the range is empty, the error is not above zero, or the bands overlap or leave the range.
    """

    id: str
    family: Family
    rater: Rater
    items: int
    low: float
    high: float
    error: MeasurementError
    response: ResponseRule
    remission: Cutoff | None = None
    diagnosis_loss: Cutoff | None = None
    bands: tuple[Band, ...] = ()
    aliases: tuple[str, ...] = ()
    integer: bool = True
    direction: Literal["higher_is_worse"] = "higher_is_worse"
    sources: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ParameterError(f"scale '{self.id}' runs from {self.low} to {self.high} but must have a width")
        if not self.error.sd > 0:
            raise ParameterError(f"scale '{self.id}' has a measurement error of {self.error.sd} but it must be above 0")
        edges = [edge for band in self.bands for edge in (band.low, band.high)]
        if edges != sorted(edges) or (edges and (edges[0] < self.low or edges[-1] > self.high)):
            raise ParameterError(f"scale '{self.id}' has severity bands that overlap or leave its range")

    @property
    def measurement_sd(self) -> float:
        """Standard error of one rating, in points."""
        return self.error.sd

    @property
    def verified(self) -> bool:
        """True when no field of the scale rests on memory alone."""
        return not self.unverified

    def whole(self, score: ArrayLike) -> NDArray[np.float64]:
        """Round to the nearest score that can occur (halves go up); NaN stays NaN."""
        values = np.asarray(score, dtype=np.float64)
        return np.floor(values + 0.5) if self.integer else values

    def at_most(self, score: ArrayLike, threshold: float) -> NDArray[np.bool_]:
        """Say where a score is at or below a published threshold.

        Thresholds are published for whole scores, so a noise-free score between two of them is
        rounded first: predicted and observed scores then meet the same rule.
        """
        return np.asarray(self.whole(score) <= threshold)

    def band(self, score: float) -> str:
        """Name the severity band of one score; empty when the scale has no bands."""
        whole = float(self.whole(score))
        return next((band.name for band in reversed(self.bands) if whole >= band.low), "")
