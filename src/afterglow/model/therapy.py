"""Layer 4: therapy and integration: insight, plan, practice, alliance, expectancy."""

from __future__ import annotations

import sympy

from afterglow.model.events import GUESS_ARGUMENTS, SESSION_ARGUMENTS
from afterglow.model.symbols import Input, Jump, Layer, Quantity, State, sigmoid, symbol

__all__ = ["therapy"]


def _gain(per_hour: sympy.Expr, hours: sympy.Expr) -> sympy.Expr:
    """Share of what is still missing that a session of so many hours fills."""
    return 1 - sympy.exp(-per_hour * hours)


def _session() -> Jump:
    """One session: rapport, hope, and the three tasks of integration."""
    insight, plan, practice = symbol("insight"), symbol("plan"), symbol("practice")
    alliance, expectancy = symbol("alliance"), symbol("expectancy")
    working = symbol("session_switch") * alliance
    return Jump(
        event="session",
        arguments=SESSION_ARGUMENTS,
        changes={
            "alliance": alliance + (1 - alliance) * _gain(symbol("alliance_per_hour"), symbol("contact_hours")),
            "expectancy": expectancy
            + (1 - expectancy)
            * (
                1
                - sympy.exp(
                    -symbol("hope_per_preparation_hour") * symbol("preparation_hours")
                    - symbol("hope_per_contact_hour") * symbol("contact_hours")
                )
            ),
            "insight": insight
            + insight * (1 - insight) * _gain(symbol("insight_per_hour") * working, symbol("insight_hours")),
            "plan": plan + (1 - plan) * insight * _gain(symbol("plan_per_hour") * working, symbol("step_hours")),
            "practice": practice
            + (1 - practice)
            * plan
            * _gain(symbol("practice_per_hour") * working * symbol("kept_practice"), symbol("practice_hours")),
        },
    )


def _guess() -> Jump:
    """Hope and lift rise when something is given; hope moves again the morning after, when people guess what it was."""
    expectancy, lift = symbol("expectancy"), symbol("lift")
    belief = symbol("told") + symbol("blinded") * sigmoid(
        symbol("guess_slope") * (symbol("felt_memory") - symbol("guess_half"))
    )
    return Jump(
        event="guess",
        arguments=GUESS_ARGUMENTS,
        changes={
            "expectancy": expectancy
            + (1 - expectancy) * (symbol("dosing_hope") * symbol("given") + symbol("guess_hope") * belief)
            - expectancy * symbol("guess_disappointment") * symbol("blinded") * (1 - belief),
            "lift": lift + symbol("given") * (1 - lift),
        },
    )


def therapy() -> Layer:
    """Equations of therapy, integration and expectancy."""
    insight, plan, practice = symbol("insight"), symbol("plan"), symbol("practice")
    alliance, expectancy, felt = symbol("alliance"), symbol("expectancy"), symbol("felt")
    lift = symbol("lift")
    support = symbol("group_support")
    kept = symbol("kept_practice")
    beside = symbol("support") * 24 * symbol("dosing_gain")
    asked = plan + symbol("homework_gain") * symbol("homework")
    held_days = symbol("practice_days") * (1 + symbol("group_hold") * support)
    return Layer(
        name="therapy",
        meaning="The three tasks of integration, alliance, expectancy and the memory of what was felt",
        states=(
            State(
                name="insight",
                unit="fraction",
                meaning="Insight from the acute experience: fades unless it is worked through",
                derivative=symbol("insight_rate") * symbol("insight_switch") * felt * alliance * (1 - insight)
                - insight / symbol("insight_days"),
                vanishes=True,
            ),
            State(
                name="plan",
                unit="fraction",
                meaning="Concrete steps agreed on",
                derivative=-plan / symbol("plan_days"),
                vanishes=True,
            ),
            State(
                name="practice",
                unit="fraction",
                meaning="Steps carried out often enough to be habit",
                derivative=symbol("habit_rate")
                * symbol("session_switch")
                * kept
                * asked
                * (1 - symbol("symptom_drag") * symbol("symptom"))
                * (1 - practice)
                - practice / held_days,
                vanishes=True,
            ),
            State(
                name="alliance",
                unit="fraction",
                meaning="Working alliance with the therapist, and safety with others",
                start=symbol("alliance_start"),
                derivative=(symbol("prosocial_rate") * symbol("safety") + beside * symbol("alliance_per_hour"))
                * (1 - alliance)
                - (alliance - symbol("alliance_start")) / symbol("alliance_days"),
            ),
            State(
                name="expectancy",
                unit="fraction",
                meaning="Expectation of benefit",
                derivative=(
                    beside * symbol("hope_per_contact_hour")
                    + symbol("treatment_hope") * symbol("treated")
                    + symbol("usual_care_hope") * symbol("usual_care")
                )
                * (1 - expectancy)
                - expectancy / symbol("expectancy_days"),
                vanishes=True,
            ),
            State(
                name="lift",
                unit="fraction",
                meaning="Lift of the days after something was given, whatever it is",
                derivative=-lift / symbol("lift_days"),
                vanishes=True,
            ),
            State(
                name="felt_memory",
                unit="fraction",
                meaning="Memory of how strong the last experience was",
                derivative=symbol("felt_memory_rate") * felt * (1 - symbol("felt_memory"))
                - symbol("felt_memory") / symbol("felt_memory_days"),
                vanishes=True,
            ),
        ),
        quantities=(
            Quantity(
                name="kept_practice",
                unit="fraction",
                meaning="Share of the asked practice that is done; a group raises it",
                expression=symbol("adherence") + (1 - symbol("adherence")) * symbol("group_adherence") * support,
            ),
        ),
        inputs=(
            Input(name="homework", unit="h/day", meaning="Practice asked between sessions"),
            Input(name="treated", unit="fraction", meaning="1 while a course goes on, whatever it is"),
            Input(name="usual_care", unit="fraction", meaning="1 while care as usual goes on"),
        ),
        jumps=(_session(), _guess()),
    )
