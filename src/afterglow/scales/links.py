"""From latent severity to a score and back: published crosswalks made into strictly increasing curves.

Severity x lies in (0, 1) and is defined by one scale of each family: MADRS / 60 for depression,
CAPS-5 / 80 for PTSD, HAM-A / 56 for anxiety. Every other scale of the family is reached through the
pairs of a crosswalk, with the floor tied to the floor and the ceiling to the ceiling.

A scale of another family (a depression scale in PTSD) has no published link. Two people of equal
standing are then taken as equally ill: the log-odds of severity are shifted so that the typical
baseline of one family meets the typical baseline of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterglow.errors import ParameterError, ProtocolError, nearest
from afterglow.scales.hermite import MonotoneCurve
from afterglow.scales.instruments import SCALES
from afterglow.scales.scale import Family, Scale

__all__ = [
    "FAMILIES",
    "LINKS",
    "TYPICAL_BASELINE",
    "Link",
    "TypicalBaseline",
    "curve_from",
    "family_of",
    "score_to_severity",
    "severity_to_score",
    "tilt",
]

FAMILIES: tuple[Family, ...] = ("depression", "ptsd", "anxiety")
_LEUCHT = "leucht2018"
_FURUKAWA = "furukawa2019"
_QIDS_CHINA = "qids-china2014"
_QIDS_TABLE = "rush2003"
_KIM = "kim2023"
_MARX = "marx2022"
_MATZA = "https://pmc.ncbi.nlm.nih.gov/articles/PMC6878292"


@dataclass(frozen=True, kw_only=True)
class Link:
    """How one scale is tied to the severity of its family.

    Parameters
    ----------
    scale : str
        Identifier of the scale.
    reference : str
        Scale that defines severity in the family.
    pairs : tuple of (float, float)
        (reference score, scale score) between the floors and the ceilings, which are added.
    kind : {"reference", "crosswalk", "rescale", "bands", "assumed"}
        What the pairs rest on, from strongest to weakest.
    sources : tuple of str
        Keys into ``references.bib``, or the URL of a page that has none, for the pairs.
    note : str
        Judgement made in turning the source into pairs.
    verified : bool
        True when the pairs were read on the pages named.
    """

    scale: str
    reference: str
    pairs: tuple[tuple[float, float], ...] = ()
    kind: Literal["reference", "crosswalk", "rescale", "bands", "assumed"]
    sources: tuple[str, ...] = ()
    note: str = ""
    verified: bool = False


@dataclass(frozen=True, kw_only=True)
class TypicalBaseline:
    """Severity with which people of a family enter trials; ties the families to each other.

    Parameters
    ----------
    severity : float
        Typical severity in (0, 1).
    where : str
        What it was taken from.
    """

    severity: float
    where: str


TYPICAL_BASELINE: dict[Family, TypicalBaseline] = {
    "depression": TypicalBaseline(
        severity=32.5 / 60, where="MADRS 31.9 to 33.0 in the three arms of goodwin2022-comp001"
    ),
    "ptsd": TypicalBaseline(severity=44.1 / 80, where="CAPS-5 44.0 and 44.2 in the two arms of mitchell2021-mapp1"),
    "anxiety": TypicalBaseline(
        severity=23.7 / 56, where="HAM-A 23.7 in a trial of generalised anxiety (matza2010, PMC6878292)"
    ),
}


def _through_hamd(*pairs: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """Turn (HAM-D17, scale) pairs into (MADRS, scale) pairs along the Leucht crosswalk."""
    madrs = {score: reference for reference, score in _HAMD_PAIRS}
    return tuple((madrs[hamd], other) for hamd, other in pairs)


_HAMD_PAIRS = ((13.0, 10.0), (26.0, 20.0), (39.0, 30.0), (52.5, 40.0))

_PSS_PAIRS = ((13.8, 10.0), (27.6, 20.0), (41.5, 30.0), (55.3, 40.0))
"""CAPS-5 and PSS-I: CAPS-IV is 2.35 times the PSS-I, and the CAPS-5 is 80 / 136 of the CAPS-IV."""

LINKS: dict[str, Link] = {
    link.scale: link
    for link in (
        Link(scale="MADRS", reference="MADRS", kind="reference", verified=True),
        Link(
            scale="HAM-D17",
            reference="MADRS",
            pairs=_HAMD_PAIRS,
            kind="crosswalk",
            sources=(_LEUCHT,),
            note="equipercentile, 4388 patients; 40 was published as 52 to 53",
            verified=True,
        ),
        Link(
            scale="GRID-HAMD",
            reference="MADRS",
            pairs=_HAMD_PAIRS,
            kind="crosswalk",
            sources=(_LEUCHT,),
            note="taken as equal to the HAM-D17, whose items and range it shares",
            verified=True,
        ),
        Link(
            scale="QIDS-SR16",
            reference="MADRS",
            pairs=((8.25, 5.5), (17.5, 10.5), (24.5, 15.5), (33.5, 20.5), (44.4, 26.0)),
            kind="crosswalk",
            sources=(_QIDS_CHINA, _QIDS_TABLE, _LEUCHT),
            note="boundaries of matched severity bands (n=1164), each put halfway between the two whole scores it "
            "parts; above 21 the QIDS to HAM-D17 table (26 with 33 to 35) chained with the HAM-D17 crosswalk; in "
            "trials that pick people by a clinician's scale the QIDS at baseline lies 1 to 4 points below this link",
            verified=True,
        ),
        Link(
            scale="PHQ-9",
            reference="MADRS",
            pairs=((1.0, 1.0), (24.0, 15.0), (48.0, 26.6)),
            kind="crosswalk",
            sources=(_KIM,),
            note="equipercentile, older adults with resistant depression; the paper pairs 48 with the ceiling of 27, "
            "so 48 is put at 26.6, the first value that rounds to 27, and 27 itself at 60",
            verified=True,
        ),
        Link(
            scale="BDI-II",
            reference="MADRS",
            pairs=_through_hamd((10.0, 13.0), (20.0, 32.0), (30.0, 50.0)),
            kind="crosswalk",
            sources=(_FURUKAWA, _LEUCHT),
            note="HAM-D17 to BDI-II (683 patients) chained with HAM-D17 to MADRS",
            verified=True,
        ),
        Link(
            scale="BDI-1A",
            reference="MADRS",
            pairs=_through_hamd((10.0, 10.0), (20.0, 27.0), (30.0, 42.0)),
            kind="crosswalk",
            sources=(_FURUKAWA, _LEUCHT),
            note="the published table is for the BDI (369 patients); the 1A revision is taken as equal to it",
            verified=True,
        ),
        Link(scale="CAPS-5", reference="CAPS-5", kind="reference", verified=True),
        Link(
            scale="CAPS-IV",
            reference="CAPS-5",
            kind="rescale",
            sources=("weathers2018",),
            note="136 / 80: a change of unit, no published table; the two correlate at 0.83",
        ),
        Link(
            scale="PCL-5",
            reference="CAPS-5",
            pairs=((16.25, 30.0),),
            kind="assumed",
            sources=(_MARX, "lee-pcl5crosswalk", "mitchell2021-mapp1"),
            note="midpoint of the two matched thresholds at hand: the end points below which no PTSD becomes more "
            "likely (CAPS-5 8, PCL-5 28) and the edges of diagnosis (CAPS-5 24.5, PCL-5 32); it keeps the PCL-5 above "
            "the CAPS-5, as found in treated soldiers; the two correlate at only 0.66",
        ),
        Link(scale="HAM-A", reference="HAM-A", kind="reference", verified=True),
        Link(
            scale="GAD-7",
            reference="HAM-A",
            pairs=((7.5, 4.5), (14.5, 9.5), (23.5, 14.5)),
            kind="bands",
            sources=(_MATZA,),
            note="boundaries of the two scales' own severity bands are taken as equal; no crosswalk was found",
        ),
        Link(
            scale="HADS-D",
            reference="MADRS",
            pairs=((6.5, 7.5), (19.5, 10.5), (34.5, 14.5)),
            kind="bands",
            sources=("griffiths2016-cancer",),
            note="boundaries of the two scales' own severity bands are taken as equal; no crosswalk was found",
        ),
        Link(
            scale="HADS-A",
            reference="HAM-A",
            pairs=((7.5, 7.5), (14.5, 10.5), (23.5, 14.5)),
            kind="bands",
            sources=("griffiths2016-cancer",),
            note="boundaries of the two scales' own severity bands are taken as equal; no crosswalk was found",
        ),
        Link(
            scale="HADS",
            reference="MADRS",
            pairs=((6.5, 15.0), (19.5, 21.0), (34.5, 29.0)),
            kind="assumed",
            sources=("lii2023-belief",),
            note="twice the HADS-D: half of its items rate anxiety, which is taken to go along",
        ),
        Link(
            scale="HDRS-21",
            reference="MADRS",
            pairs=_through_hamd((10.0, 11.0), (20.0, 21.5), (30.0, 32.0), (40.0, 43.0)),
            kind="assumed",
            sources=(_LEUCHT, "zarate2006-trd"),
            note="the first 17 items are the HAM-D17; the other four are taken to add a twentieth to a tenth",
        ),
        Link(
            scale="DS-II",
            reference="MADRS",
            kind="assumed",
            sources=("anderson2020-group-aids",),
            note="32 / 60: demoralisation is taken as depression in another unit; nothing published links them",
        ),
        Link(
            scale="PSS-I",
            reference="CAPS-5",
            pairs=_PSS_PAIRS,
            kind="assumed",
            sources=("foa2018-massed-exposure", "foa2005-pe-pss"),
            note="a PSS-I of 29 to 34 stands beside a CAPS-IV of 70 to 78 in trials of chronic PTSD, so 2.35 CAPS-IV "
            "points a point; the items alone would say 2.67",
        ),
        Link(
            scale="PDS",
            reference="CAPS-5",
            pairs=_PSS_PAIRS,
            kind="assumed",
            sources=("oehen2013-swiss",),
            note="taken as equal to the PSS-I, whose items and range it shares",
        ),
        Link(
            scale="IES-R",
            reference="CAPS-5",
            kind="rescale",
            sources=("feder2014-ptsd",),
            note="88 / 80: a change of unit, no published table",
        ),
        Link(
            scale="SDS",
            reference="MADRS",
            pairs=((19.5, 7.5), (32.5, 20.0)),
            kind="assumed",
            sources=("https://pubmed.ncbi.nlm.nih.gov/20626541",),
            note="screening cut-off of 8 put at the edge of moderate depression, 20 (assumed) at the typical baseline "
            "of trials; disability is not a symptom, so the link is weak in every family",
        ),
    )
}

_CONDITIONS: dict[str, Family] = {
    "major_depression": "depression",
    "treatment_resistant_depression": "depression",
    "bipolar_depression": "depression",
    "cancer_distress": "depression",
    "demoralization": "depression",
    "suicidality": "depression",
    "ptsd": "ptsd",
    "anxiety": "anxiety",
    "social_anxiety": "anxiety",
    "generalized_anxiety": "anxiety",
}
_NO_SYMPTOM_SCALE = ("alcohol_use", "cocaine_use", "opioid_use", "tobacco_use")


def family_of(condition: str) -> Family:
    """Say which family's severity the latent symptom of a condition is.

    Raises
    ------
    ProtocolError
        If the condition is unknown, or is a substance use, whose severity no scale here measures.
    """
    if condition in _NO_SYMPTOM_SCALE:
        raise ProtocolError(
            f"condition '{condition}' is measured by use of a substance, which none of the scales here rates; "
            "expected a condition of depression, ptsd or anxiety"
        )
    if condition not in _CONDITIONS:
        raise ProtocolError(f"unknown condition '{condition}'; {nearest(condition, _CONDITIONS)}")
    return _CONDITIONS[condition]


@cache
def _curve(scale_id: str) -> MonotoneCurve:
    """Curve from severity of the link's own family to the fraction of the scale's range."""
    if scale_id not in LINKS:
        raise ParameterError(f"scale '{scale_id}' has no link to a severity; {nearest(scale_id, LINKS)}")
    link, scale = LINKS[scale_id], SCALES[scale_id]
    top = SCALES[link.reference].high
    x = (0.0, *(reference / top for reference, _ in link.pairs), 1.0)
    return MonotoneCurve(x, (scale.low, *(score for _, score in link.pairs), scale.high))


def curve_from(
    scale: Scale, severity: NDArray[np.floating], family: Family | None = None
) -> tuple[MonotoneCurve, float]:
    """Return the curve of a scale, and the factor on the odds of a family's severity at which it is read.

    Raises
    ------
    ParameterError
        If a severity lies outside [0, 1].
    """
    _inside(severity, 0.0, 1.0, "severity")
    return _curve(scale.id), float(np.exp(_shift(scale, family)))


def _shift(scale: Scale, family: Family | None) -> float:
    """Log-odds to add to the population's severity to reach that of the link's family."""
    home = SCALES[LINKS[scale.id].reference].family
    if family is None or family == home:
        return 0.0
    if family not in TYPICAL_BASELINE:
        raise ParameterError(f"unknown family '{family}'; {nearest(family, FAMILIES)}")
    here, there = TYPICAL_BASELINE[family].severity, TYPICAL_BASELINE[home].severity
    return float(np.log(there / (1 - there)) - np.log(here / (1 - here)))


def tilt(severity: NDArray[np.float64], shift: ArrayLike) -> NDArray[np.float64]:
    """Add `shift`, which broadcasts, to the log-odds of `severity`, exactly at 0 and 1 too."""
    weight = np.exp(shift)
    return np.minimum(weight * severity / (1 + (weight - 1) * severity), 1.0)


def _inside(values: NDArray[np.floating], low: float, high: float, what: str) -> None:
    outside = (values < low) | (values > high)
    if np.any(outside):
        worst = float(values[outside].flat[0])
        raise ParameterError(f"{what} is {worst:g} but must lie between {low:g} and {high:g}")


def severity_to_score(scale: Scale, severity: ArrayLike, *, family: Family | None = None) -> NDArray[np.float64]:
    """Noise-free score of people with a given latent severity.

    Parameters
    ----------
    scale : Scale
        Scale to read.
    severity : array_like
        Latent severity in [0, 1], any shape; NaN stays NaN.
    family : {"depression", "ptsd", "anxiety"}, optional
        Whose severity it is; by default that of the scale's own family.

    Returns
    -------
    ndarray
        Scores of the same shape, not rounded, strictly increasing in `severity`.

    Raises
    ------
    ParameterError
        If a severity lies outside [0, 1].
    """
    values = np.asarray(severity, dtype=np.float64)
    _inside(values, 0.0, 1.0, "severity")
    return _curve(scale.id)(tilt(values, _shift(scale, family)))


def score_to_severity(scale: Scale, score: ArrayLike, *, family: Family | None = None) -> NDArray[np.float64]:
    """Latent severity at which a scale reads `score`; the inverse of `severity_to_score`.

    Parameters
    ----------
    scale : Scale
        Scale that was read.
    score : array_like
        Scores inside the scale's range, any shape; NaN stays NaN.
    family : {"depression", "ptsd", "anxiety"}, optional
        Whose severity is wanted; by default that of the scale's own family.

    Returns
    -------
    ndarray
        Severity in [0, 1], same shape.

    Raises
    ------
    ParameterError
        If a score lies outside the scale's range.
    """
    values = np.asarray(score, dtype=np.float64)
    _inside(values, scale.low, scale.high, f"{scale.id} score")
    return tilt(_curve(scale.id).inverse(values), -_shift(scale, family))
