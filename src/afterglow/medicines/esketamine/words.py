"""What is known of esketamine, in sentences; much of it is known of ketamine, its parent medicine."""

from __future__ import annotations

from afterglow.medicines.ketamine.words import WORDS as KETAMINE
from afterglow.medicines.words import Cited, Target, Words

__all__ = ["WORDS"]

WORDS = Words(
    target=Target(
        quantity="drive_esketamine",
        label="Glutamate surge",
        known=Cited(
            (
                "NMDA receptors are blocked first on the cells that hold others back, and glutamate surges; at higher "
                "levels it falls. Measured in rats; in people it is inferred from images."
            ),
            ("moghaddam1997", "abdallah2018"),
        ),
    ),
    brain=KETAMINE.brain,
    reopened=Cited(
        "In mice one dose of ketamine, its parent medicine, reopened a learning period for about two days.",
        ("nardou2023",),
    ),
    reopened_for="about two days after ketamine",
    prepared=Cited("Trials of the spray seldom say how people were prepared; the number of meetings is assumed."),
    supported=Cited("People are observed for at least two hours after the spray.", ("blackboxrx-spravato",)),
    next_day=Cited(
        (
            "After ketamine, its parent medicine: training that began the day after one infusion kept the gain for a "
            "month, where sham training did not; from the fourth month on no difference was left."
        ),
        KETAMINE.next_day.sources,
    ),
)
