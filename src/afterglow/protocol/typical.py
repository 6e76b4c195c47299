"""The people of a typical trial, for sources that do not describe theirs."""

from __future__ import annotations

from typing import Any

from afterglow.scales.instruments import scale as find_scale
from afterglow.scales.links import family_of, score_to_severity, severity_to_score
from afterglow.scales.scale import Family

__all__ = ["typical_population", "typical_spread", "well_population"]

_BASELINES: dict[Family, tuple[str, float, float, str]] = {
    "depression": ("MADRS", 32.5, 6.0, "goodwin2022-comp001"),
    "ptsd": ("CAPS-5", 44.1, 6.1, "mitchell2021-mapp1"),
    "anxiety": ("HAM-A", 23.7, 6.0, "matza2010, spread assumed"),
}
"""By family: scale, mean and spread at baseline, pooled over the arms of the study named."""


def typical_population(condition: str) -> tuple[dict[str, Any], str]:
    """Return the fields of a population and a sentence that says what they rest on.

    Raises
    ------
    ProtocolError
        If the condition is unknown or has no scale here.
    """
    scale, mean, sd, source = _BASELINES[family_of(condition)]
    fields = {"condition": condition, "scale": scale, "baseline_mean": mean, "baseline_sd": sd}
    return fields, f"the baseline is assumed: {scale} {mean:g} (SD {sd:g}), as in {source}"


_WELL = ("HAM-D17", 5.0, 3.0)
"""Scale, mean and spread of people in remission, assumed."""


def well_population(condition: str) -> tuple[dict[str, Any], str]:
    """Return the fields of a population of people who are well, and a sentence that says what they rest on.

    Raises
    ------
    ProtocolError
        If the condition is unknown or has no scale here.
    """
    family = family_of(condition)
    scale, mean, sd = _WELL
    if family != "depression":
        held = find_scale(scale)
        scale = _BASELINES[family][0]
        severity = score_to_severity(held, [mean - sd, mean, mean + sd], family=family)
        low, middle, high = severity_to_score(find_scale(scale), severity, family=family)
        mean, sd = round(float(middle), 1), round(float(high - low) / 2, 1)
    fields = {"condition": condition, "scale": scale, "baseline_mean": mean, "baseline_sd": sd}
    return fields, f"the baseline is assumed, as in remission: {scale} {mean:g} (SD {sd:g})"


def typical_spread(scale: str) -> float:
    """Return an assumed spread at baseline, in points: a tenth of the scale's range, as on the MADRS."""
    instrument = find_scale(scale)
    return round((instrument.high - instrument.low) / 10, 3)
