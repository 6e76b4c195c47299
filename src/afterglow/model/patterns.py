"""Layer 5: the new pattern against the old one, and the symptom that follows."""

from __future__ import annotations

import sympy

from afterglow.model.events import SESSION_ARGUMENTS
from afterglow.model.symbols import Input, Jump, Layer, Quantity, State, sigmoid, symbol

__all__ = ["patterns"]


def _learning() -> Jump:
    """Return what a session teaches, what it unlearns, and which new spines it uses."""
    new, old = symbol("new_pattern"), symbol("old_pattern")
    labile, stable = symbol("labile_spines"), symbol("stable_spines")
    rate = symbol("learning_rate") * symbol("session_switch")
    own = 1 - (1 - symbol("group_hour_share")) * symbol("together")
    worked = own * (
        symbol("learning_hours")
        + sum(
            symbol(f"{kind}_gain") * symbol(f"{kind}_hours")
            for kind in ("psychotherapy", "trauma_focused", "supportive")
        )
    )
    taught = symbol("session_gain") * symbol("taught") * worked
    trained = symbol("training_gain") * symbol("training_hours")
    active = symbol("session_switch") * (worked + symbol("training_use") * symbol("training_hours"))
    used = labile * (1 - sympy.exp(-symbol("spine_use_per_hour") * active))
    return Jump(
        event="session",
        arguments=SESSION_ARGUMENTS,
        changes={
            "new_pattern": new + (1 - new) * (1 - sympy.exp(-rate * (taught + trained))),
            "old_pattern": old * sympy.exp(-rate * symbol("unlearning_gain") * symbol("alliance") * worked),
            "labile_spines": labile - used,
            "stable_spines": stable + used,
        },
    )


def patterns() -> Layer:
    """Equations of the patterns and the symptom."""
    new, old, trait, symptom = symbol("new_pattern"), symbol("old_pattern"), symbol("trait"), symbol("symptom")
    rate, support = symbol("learning_rate"), symbol("support")
    in_session = symbol("session_switch") * support * 24 * symbol("dosing_gain")
    helped = (
        symbol("therapy_benefit") * symbol("new_weight") * new
        + symbol("medicine_benefit")
        * (
            symbol("spine_weight") * (symbol("labile_spines") + symbol("stable_spines"))
            + symbol("signal_weight") * symbol("signal")
            + symbol("insight_weight") * symbol("insight")
        )
        + symbol("hope_benefit")
        * (symbol("expectancy_weight") * symbol("expectancy") + symbol("lift_weight") * symbol("lift"))
        + symbol("background_relief")
    )
    most = symbol("relief_ceiling")
    pull = old + symbol("offset") - symbol("recovery") - most * (1 - sympy.exp(-helped / most))
    rigidity = symbol("rigidity") * (1 - symbol("relaxation") * symbol("felt_psilocybin"))
    return Layer(
        name="patterns",
        meaning="New pattern, old pattern, the trait behind it, and the symptom",
        states=(
            State(
                name="new_pattern",
                unit="fraction",
                meaning="Strength of the new pattern",
                derivative=rate
                * (
                    symbol("session_switch") * symbol("practice_gain") * symbol("practice")
                    + in_session * symbol("session_gain") * symbol("taught")
                )
                * (1 - new)
                - new / symbol("new_pattern_days"),
                vanishes=True,
            ),
            State(
                name="old_pattern",
                unit="fraction",
                meaning="Strength of the old pattern: negative self-view, or fear memory",
                start=symbol("trait_start"),
                derivative=symbol("reassert_rate") * symptom * (trait - old)
                - in_session
                * (
                    rate * symbol("unlearning_gain") * symbol("alliance")
                    + symbol("plasticity_switch") * symbol("reconsolidation_rate") * symbol("safety")
                )
                * old,
            ),
            State(
                name="trait",
                unit="fraction",
                meaning="Level to which the old pattern returns; eases slowly by itself",
                start=symbol("trait_start"),
                derivative=-trait / symbol("easing_days"),
            ),
            State(
                name="symptom",
                unit="fraction",
                meaning="Symptom severity as a share of the reference scale",
                start=sigmoid(symbol("rigidity") * (symbol("trait_start") + symbol("offset") - symbol("recovered"))),
                derivative=(sigmoid(rigidity * pull) - symptom) / symbol("symptom_days"),
                relaxes=True,
            ),
        ),
        quantities=(
            Quantity(
                name="learning_rate",
                unit="1/day",
                meaning="How fast the new pattern is learned: slow by itself, faster in the open window",
                expression=symbol("basal_learning") + symbol("window_learning") * symbol("window"),
            ),
            Quantity(
                name="taught",
                unit="fraction",
                meaning="How much of an hour with a therapist is taken in",
                expression=symbol("alliance")
                * (symbol("taught_share") + (1 - symbol("taught_share")) * symbol("insight")),
            ),
            Quantity(
                name="activity",
                unit="fraction",
                meaning="Activity of the new pattern, which keeps new spines",
                expression=symbol("resting_activity")
                + symbol("session_switch") * (symbol("practice") + symbol("kept_practice") * symbol("homework")),
            ),
        ),
        inputs=(Input(name="support", unit="fraction", meaning="1 while therapists sit with a dosing session"),),
        jumps=(_learning(),),
    )
