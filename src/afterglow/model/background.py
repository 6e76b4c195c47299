"""What goes on beside the course: a conventional antidepressant, a hospital's shelter, and an earlier recovery."""

from __future__ import annotations

from afterglow.model.symbols import Input, Layer, Quantity, State, symbol

__all__ = ["background"]


def background() -> Layer:
    """Equations of what goes on beside the course, and the relief that it gives."""
    effect, settled, recovery = symbol("antidepressant_effect"), symbol("settled"), symbol("recovery")
    return Layer(
        name="background",
        meaning="A conventional antidepressant, admission to hospital, and what an earlier treatment has left",
        states=(
            State(
                name="antidepressant_effect",
                unit="fraction",
                meaning="Effect of a newly started conventional antidepressant, as a share of the full one",
                derivative=(symbol("antidepressant") - effect) / symbol("antidepressant_days"),
                vanishes=True,
            ),
            State(
                name="settled",
                unit="fraction",
                meaning="How far people have settled after admission to hospital",
                derivative=(symbol("admitted") - settled) / symbol("settling_days"),
                vanishes=True,
            ),
            State(
                name="recovery",
                unit="ratio",
                meaning="Relief that an earlier treatment has left in people who are well at the start",
                start=symbol("recovered"),
                derivative=-recovery * (1 - symbol("held_share") * symbol("held")) / symbol("recovery_days"),
                vanishes=True,
            ),
        ),
        quantities=(
            Quantity(
                name="background_relief",
                unit="ratio",
                meaning="Relief by an antidepressant and by shelter",
                expression=symbol("antidepressant_weight") * effect + symbol("shelter_weight") * settled,
            ),
        ),
        inputs=(
            Input(name="antidepressant", unit="fraction", meaning="1 while a newly started antidepressant is taken"),
            Input(name="admitted", unit="fraction", meaning="1 from the admission of people who begin in hospital"),
            Input(name="held", unit="fraction", meaning="1 while the treatment that made people well is taken on"),
        ),
    )
