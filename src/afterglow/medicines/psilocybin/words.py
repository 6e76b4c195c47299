"""What is known of psilocybin, in sentences."""

from __future__ import annotations

from afterglow.medicines.words import BrainPhase, Cited, Target, Words

__all__ = ["WORDS"]

_OVER_DAY = 6 / 24

WORDS = Words(
    target=Target(
        quantity="occupancy_psilocybin",
        label="5-HT2A receptors occupied",
        known=Cited(
            "Psilocin, into which psilocybin turns, sits on 5-HT2A receptors: in people PET saw up to 72 % taken.",
            ("madsen2019",),
        ),
    ),
    brain=(
        BrainPhase(
            0.0,
            _OVER_DAY,
            (
                "Psilocin, into which psilocybin turns, occupies 5-HT2A receptors; how strong the experience is "
                "follows how many. The experience lasts about five hours."
            ),
            ("madsen2019", "ley2023"),
        ),
        BrainPhase(
            _OVER_DAY,
            2.0,
            "In mice the spines of nerve cells grow denser, by about a tenth within a day of one dose.",
            ("shao2021",),
        ),
        BrainPhase(
            2.0,
            30.0,
            (
                "In mice part of the new spines is still there a month later. In people, cognitive flexibility was "
                "raised for at least four weeks after psilocybin therapy."
            ),
            ("shao2021", "doss2021"),
        ),
    ),
    reopened=Cited("In mice one dose reopened a learning period for about two weeks.", ("nardou2023",)),
    reopened_for="about two weeks",
    prepared=Cited(
        "A trial of one psilocybin dose held at least three preparation meetings before it.", ("goodwin2022-comp001",)
    ),
    supported=Cited("Support lasted six to eight hours on the dosing day of a trial.", ("goodwin2022-comp001",)),
    next_day=Cited("A trial met on the next day and again a week later.", ("goodwin2022-comp001",)),
)
