"""Constants of the group."""

from __future__ import annotations

from afterglow.parameter import Parameter

__all__ = ["GROUP"]

GROUP = (
    Parameter(
        name="group_days",
        value=30.0,
        unit="days",
        meaning="Time constant at which felt support fades without meetings",
        prior_sd=0.5,
        where="assumed: weeks",
    ),
    Parameter(
        name="company_gain",
        value=0.1,
        unit="1/h",
        meaning="Support per hour by the mere company of others",
        prior_sd=0.5,
        where="assumed",
    ),
    Parameter(
        name="progress_gain",
        value=0.2,
        unit="1/h",
        meaning="Support per hour by the progress of others",
        prior_sd=0.5,
        where="assumed",
    ),
    Parameter(
        name="communitas_gain",
        value=0.2,
        unit="1/h",
        meaning="Support per hour by what the others felt with one",
        prior_sd=0.5,
        where="assumed: communitas goes with wellbeing, r 0.22 (row communitas_wellbeing)",
    ),
    Parameter(
        name="group_alliance",
        value=0.3,
        unit="fraction",
        meaning="Share of a group's lift that reaches the alliance",
        prior_sd=0.6,
        scale="logit",
        where="assumed",
    ),
    Parameter(
        name="group_adherence",
        value=0.4,
        unit="fraction",
        meaning="Share of missing adherence that full support makes up",
        prior_sd=0.6,
        scale="logit",
        where="assumed",
    ),
    Parameter(
        name="group_hold",
        value=1.0,
        unit="ratio",
        meaning="How much longer habit lasts under full support",
        prior_sd=0.5,
        where="assumed",
    ),
)
