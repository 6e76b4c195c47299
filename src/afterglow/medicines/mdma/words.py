"""What is known of MDMA, in sentences."""

from __future__ import annotations

from afterglow.medicines.words import BrainPhase, Cited, Target, Words

__all__ = ["WORDS"]

_OVER_DAY = 8 / 24

WORDS = Words(
    target=Target(
        quantity="serotonin_release",
        label="Serotonin released",
        known=Cited(
            (
                "MDMA pushes serotonin out of its stores. The stores run down, so that the effect fades before the "
                "level in blood does. Measured in tissue of rats."
            ),
            ("rothman2001",),
        ),
    ),
    brain=(
        BrainPhase(
            0.0,
            _OVER_DAY,
            (
                "MDMA releases serotonin, dopamine and noradrenaline, and oxytocin rises. Bad memories are felt as "
                "less bad, so that they can be looked at."
            ),
            ("rothman2001", "kirkpatrick2014", "carhartharris2014-memories"),
        ),
        BrainPhase(
            _OVER_DAY,
            3.0,
            (
                "Mood may dip while the stores fill again. In rats, MDMA given right after a memory was recalled "
                "weakened the fear bound to it for long; in people the finding is weaker."
            ),
            ("hake2019", "young2015"),
        ),
    ),
    reopened=Cited(
        "In mice one dose reopened a learning period for about two weeks, through oxytocin.",
        ("nardou2019", "nardou2023"),
    ),
    reopened_for="about two weeks",
    prepared=Cited(
        "Three preparation meetings of 90 minutes stood before the first dosing day of a phase 3 trial.",
        ("mitchell2021-mapp1",),
    ),
    supported=Cited(
        (
            "Dosing days of a phase 3 trial lasted eight hours, with half the dose again after one and a half to "
            "two and a half hours."
        ),
        ("mitchell2021-mapp1",),
    ),
    next_day=Cited(
        "A phase 3 trial met three times after each dosing day, first on the next morning and then weekly.",
        ("mitchell2021-mapp1",),
    ),
)
