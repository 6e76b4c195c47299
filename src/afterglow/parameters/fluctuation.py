"""Constants of the ups and downs that no treatment explains."""

from __future__ import annotations

from afterglow.parameter import Parameter

__all__ = ["FLUCTUATION"]

FLUCTUATION = (
    Parameter(
        name="baseline_excess",
        value=0.25,
        unit="log-odds",
        meaning="How much worse than usual people who are ill are on the day on which a trial includes them",
        prior_sd=0.15,
        scale="linear",
        where="assumed: people enter on a bad day; waiting lists gain at once and then hardly (metapsy waiting lists)",
    ),
    Parameter(
        name="fluctuation_sd",
        value=0.7,
        unit="log-odds",
        meaning="Spread between people of the changes in severity that no treatment explains",
        prior_sd=0.3,
        where="assumed: gives inactive arms a change with an SD near the published 12 points of MADRS",
    ),
    Parameter(
        name="fluctuation_days",
        value=1.5,
        unit="days",
        meaning="Time over which such a change fades",
        prior_sd=0.7,
        where="assumed: days; changes over a day have nearly the spread of changes over weeks (goodwin2022-comp001)",
    ),
)
