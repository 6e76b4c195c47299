"""What Design asks for: two arms of a design, and the trial that is made of them."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from afterglow.studio.asked import RISING, Asked
from afterglow.studio.designs.design import Design, protocol_of, refuse_unknown_arms
from afterglow.trial.specification.section import FEWEST, TrialSection
from afterglow.trial.specification.trial import Trial

__all__ = ["LOOKS", "TrialQuestion", "trial_file", "trial_of"]

LOOKS = {
    "none": "fixed",
    "half": "O'Brien-Fleming at 50 %",
    "thirds": "O'Brien-Fleming at 33 % and 67 %",
    "pocock": "Pocock at 50 %",
}
"""Looks by which an efficacy boundary is met, as they are written in a trial section."""

Size = Annotated[int, Field(ge=FEWEST, le=1000)]


class TrialQuestion(Asked):
    """A trial of two arms of a design.

    Parameters
    ----------
    design : Design
    active, control : int
        Places of the arms.
    day : float
        Of the primary outcome.
    sizes : tuple of int
        People of the control arm, rising; the active arm has as many.
    analysis : str
    looks : str
        One of `LOOKS`.
    dropout : float
        Share of the control arm that is lost by the primary day.
    alpha : float
        One-sided.
    trials : int
        Of each size.
    people : int
        Virtual people from whom trials are drawn.
    """

    design: Design
    active: Annotated[int, Field(ge=0)] = 0
    control: Annotated[int, Field(ge=0)] = 1
    day: Annotated[float, Field(gt=0, le=1095)] = 42.0
    sizes: Annotated[tuple[Size, ...], Field(min_length=1, max_length=10), RISING] = (20, 40, 80, 120, 200, 300)
    analysis: Literal["mmrm", "ancova", "responders"] = "mmrm"
    looks: Literal["none", "half", "thirds", "pocock"] = "none"
    dropout: Annotated[float, Field(ge=0, le=0.6)] = 0.1
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.025
    trials: Annotated[int, Field(ge=50, le=10_000)] = 400
    people: Annotated[int, Field(ge=32, le=4096)] = 512

    @model_validator(mode="after")
    def _two_arms(self) -> TrialQuestion:
        refuse_unknown_arms(self.design, self.active, self.control)
        if self.active == self.control:
            raise ValueError("a trial compares two different arms")
        return self


def trial_of(asked: TrialQuestion) -> Trial:
    """Make the trial.

    Raises
    ------
    ProtocolError
        With the first mistake, in one sentence.
    """
    section, wrong = TrialSection.parse(_section(asked))
    if section is None:
        raise wrong[0]
    return Trial(protocol_of(asked.design), section)


def trial_file(asked: TrialQuestion) -> str:
    """Write the trial as a file for ``afterglow trial``: the protocol, unchanged, and its section."""
    trial_of(asked)
    lines = "\n".join(f"  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in _section(asked).items())
    return f"{protocol_of(asked.design).to_yaml().rstrip()}\n\ntrial:\n{lines}\n"


def _section(asked: TrialQuestion) -> dict[str, Any]:
    scale = {"scale": asked.design.scale} if asked.design.scale else {}
    dropout = {"dropout": f"{100 * asked.dropout:g} % by day {asked.day:g}"} if asked.dropout else {}
    return {
        "active": f"arm{asked.active + 1}",
        "control": f"arm{asked.control + 1}",
        **scale,
        "day": asked.day,
        **dropout,
        "analyses": [asked.analysis],
        "sizes": list(asked.sizes),
        "designs": [LOOKS[asked.looks]],
        "alpha": asked.alpha,
    }
