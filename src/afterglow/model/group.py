"""Layer 6: the group: what the others reach and felt lifts each member; one alone is individual therapy."""

from __future__ import annotations

import sympy

from afterglow.model.events import MEETING_ARGUMENTS
from afterglow.model.symbols import Jump, Layer, State, symbol

__all__ = ["group"]


def group() -> Layer:
    """Equations of the group's support, raised at each meeting by the other members."""
    support, alliance = symbol("group_support"), symbol("alliance")
    warmth = symbol("others_share") * (
        symbol("company_gain")
        + symbol("progress_gain") * symbol("others_progress")
        + symbol("communitas_gain") * symbol("others_felt")
    )
    lift = 1 - sympy.exp(-symbol("meeting_hours") * warmth)
    return Layer(
        name="group",
        meaning="Support by the other members of the group",
        states=(
            State(
                name="group_support",
                unit="fraction",
                meaning="Support felt from the group",
                derivative=-support / symbol("group_days"),
                vanishes=True,
            ),
        ),
        jumps=(
            Jump(
                event="meeting",
                arguments=MEETING_ARGUMENTS,
                changes={
                    "group_support": support + (1 - support) * lift,
                    "alliance": alliance + (1 - alliance) * symbol("group_alliance") * lift,
                },
            ),
        ),
    )
