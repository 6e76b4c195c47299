"""Constants of what goes on beside the course: antidepressants, hospital, and an earlier recovery."""

from __future__ import annotations

from afterglow.parameter import Parameter

__all__ = ["BACKGROUND"]


def _recovery(source: str, days: float, where: str) -> Parameter:
    return Parameter(
        name=f"recovery_days_{source}",
        value=days,
        unit="days",
        meaning=f"Time constant at which recovery by {source} fades once the treatment has ended",
        between_subject_sd=1.0,
        prior_sd=0.6,
        where=where,
    )


_RECOVERIES = {
    "therapy": _recovery("therapy", 900.0, "assumed: half relapse in two years (vittengl2007-relapse-after-ct)"),
    "antidepressant": _recovery(
        "antidepressant", 350.0, "assumed: sooner than after therapy (hollon2005-ct-vs-drug-relapse)"
    ),
    "ect": _recovery("ect", 250.0, "assumed: half relapse within a year (jelovac2013-relapse-after-ect)"),
    "ketamine": _recovery("ketamine", 150.0, "assumed: half relapse once on placebo (daly2019-sustain1)"),
}

BACKGROUND = (
    Parameter(
        name="antidepressant_weight",
        value=0.04,
        unit="ratio",
        meaning="Relief by the full effect of a newly started conventional antidepressant",
        between_subject_sd=0.8,
        prior_sd=0.5,
        where="assumed: about 2 points of the HAM-D over placebo (munkholm2019-antidepressant-size)",
    ),
    Parameter(
        name="antidepressant_days",
        value=12.0,
        unit="days",
        meaning="Time constant at which a conventional antidepressant comes to its full effect",
        prior_sd=0.4,
        where="assumed: a third of the effect in the first week (posternak2005-onset, taylor2006-ssri-onset)",
    ),
    Parameter(
        name="shelter_weight",
        value=0.08,
        unit="ratio",
        meaning="Relief by admission to hospital in a crisis, once people have settled",
        between_subject_sd=0.6,
        prior_sd=0.7,
        where="assumed: control arms of trials in hospital gain far more (canuso2018-persevere, fu2020-aspire1)",
    ),
    Parameter(
        name="settling_days",
        value=2.0,
        unit="days",
        meaning="Time constant at which people settle after admission",
        prior_sd=0.7,
        where="assumed: most of that gain is there within days",
    ),
    Parameter(
        name="held_share",
        value=0.5,
        unit="fraction",
        meaning="Share of the loss of recovery that taking on the treatment prevents",
        prior_sd=0.8,
        scale="logit",
        where="assumed: relapse about halves on maintenance (lewis2021-antler-discontinuation)",
    ),
    *_RECOVERIES.values(),
)
