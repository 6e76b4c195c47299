"""Constants of publication: they belong to what is published of a medicine, not to the medicine."""

from __future__ import annotations

from afterglow.parameter import Parameter

__all__ = ["PUBLICATION"]

PUBLICATION = (
    Parameter(
        name="small_trial_excess",
        value=0.5,
        unit="ratio",
        meaning="Excess of a published effect per its own standard error, both in SDs between people",
        prior_sd=0.6,
        scale="linear",
        where="assumed; the prior includes zero; early small trials find more than late large ones",
    ),
)
