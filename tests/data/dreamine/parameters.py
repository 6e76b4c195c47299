"""Constants of dreamine, all of them invented."""

from __future__ import annotations

from afterglow.parameter import Parameter

__all__ = ["ENGAGEMENT", "KINETICS", "WINDOW"]


def _invented(name: str, value: float, unit: str, meaning: str, *, weight_exponent: float = 0.0) -> Parameter:
    return Parameter(
        name=name,
        value=value,
        unit=unit,
        meaning=meaning,
        between_subject_sd=0.2,
        prior_sd=0.3,
        where="assumed: the medicine is invented",
        weight_exponent=weight_exponent,
    )


KINETICS = (
    _invented("dreamine_absorption", 1.2, "1/h", "Rate constant of absorption"),
    _invented("dreamine_clearance", 30.0, "L/h", "Clearance", weight_exponent=0.75),
    _invented("dreamine_volume", 150.0, "L", "Volume of distribution", weight_exponent=1.0),
    _invented("nordreamine_clearance", 20.0, "L/h", "Clearance of nordreamine", weight_exponent=0.75),
    _invented("nordreamine_volume", 90.0, "L", "Volume of distribution of nordreamine", weight_exponent=1.0),
)

ENGAGEMENT = (
    _invented("felt_half_dreamine", 60.0, "ng/mL", "Level of half the greatest acute intensity"),
    _invented("drive_half_dreamine", 40.0, "ng/mL", "Level of half the greatest drive on plasticity"),
    _invented("tolerance_rate_dreamine", 2.0, "1/day", "Rate at which tolerance comes and goes"),
)

WINDOW = (
    _invented("opening_rate_dreamine", 60.0, "1/day", "Speed at which the drive of dreamine opens the window"),
    _invented("closing_days_dreamine", 9.0, "days", "Days from full opening by dreamine to half"),
    _invented("signal_gain_dreamine", 3.0, "ratio", "Plasticity signal per drive of dreamine"),
)
