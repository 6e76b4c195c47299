"""What is known of ketamine, in sentences."""

from __future__ import annotations

from afterglow.medicines.words import BrainPhase, Cited, Target, Words

__all__ = ["WORDS"]

_SURGE_OVER_DAY = 3 / 24

WORDS = Words(
    target=Target(
        quantity="drive_ketamine",
        label="Glutamate surge",
        known=Cited(
            (
                "NMDA receptors are blocked first on the cells that hold others back, and glutamate surges; at higher "
                "levels it falls. Measured in rats; in people it is inferred from images."
            ),
            ("moghaddam1997", "abdallah2018"),
        ),
    ),
    brain=(
        BrainPhase(
            0.0,
            _SURGE_OVER_DAY,
            (
                "Ketamine blocks NMDA receptors, first on inhibitory cells, and glutamate surges; in people the "
                "surge is over within about three hours."
            ),
            ("moghaddam1997", "abdallah2018"),
        ),
        BrainPhase(
            _SURGE_OVER_DAY,
            1.0,
            (
                "Growth signals are raised. In mice new synapses appear 12 to 24 hours after the dose; the first "
                "relief comes before them, and they are needed to keep it."
            ),
            ("li2010", "modasava2019"),
        ),
        BrainPhase(
            1.0,
            14.0,
            (
                "New synapses are there but fade unless they are used: in mice their density stays raised for about "
                "two weeks after one dose."
            ),
            ("phoumthipphavong2016", "modasava2019"),
        ),
    ),
    reopened=Cited("In mice one dose reopened a learning period for about two days.", ("nardou2023",)),
    reopened_for="about two days",
    prepared=Cited("Trials of infusions seldom say how people were prepared; the number of meetings is assumed."),
    supported=Cited(
        (
            "An infusion over 40 minutes, as in a trial of two and three infusions a week; the hours until going home "
            "are assumed."
        ),
        ("singh2016-frequency",),
    ),
    next_day=Cited(
        (
            "Training that began the day after one infusion kept the gain for a month, where sham training did not; "
            "from the fourth month on no difference was left."
        ),
        ("price2022-asat",),
    ),
)
