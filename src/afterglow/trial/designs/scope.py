"""The designs that are in scope, by name, and the sentence that refuses those which are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from afterglow.errors import ProtocolError, nearest
from afterglow.trial.designs.boundaries import KINDS
from afterglow.trial.designs.design import BlindedReestimation, Design, DropTheLoser, Fixed, GroupSequential
from afterglow.trial.designs.lasting import DelayedStart, EarlyAgainstLate, RandomisedWithdrawal

__all__ = ["DESIGNS", "OUT_OF_SCOPE", "AnyDesign", "read_design", "refusal"]

AnyDesign = Annotated[
    Fixed
    | GroupSequential
    | BlindedReestimation
    | DropTheLoser
    | DelayedStart
    | RandomisedWithdrawal
    | EarlyAgainstLate,
    Field(discriminator="kind"),
]
"""For a field of a part that holds a design."""

DESIGNS: Mapping[str, type[Design]] = {
    "fixed": Fixed,
    "group-sequential": GroupSequential,
    "blinded-re-estimation": BlindedReestimation,
    "drop-the-loser": DropTheLoser,
    "delayed-start": DelayedStart,
    "randomised-withdrawal": RandomisedWithdrawal,
    "early-against-late": EarlyAgainstLate,
}

OUT_OF_SCOPE: Mapping[str, tuple[str, ...]] = {
    "response-adaptive randomisation": ("adaptive randomi", "response adaptive", "bandit", "play the winner"),
    "a platform trial": ("platform", "basket", "umbrella", "master protocol"),
    "Bayesian borrowing": ("borrowing", "historical control", "external control", "synthetic control", "power prior"),
    "a Bayesian design": ("bayesian",),
    "enrichment": ("enrichment", "biomarker"),
    "non-inferiority": ("non inferiority", "noninferiority", "equivalence"),
    "a crossover": ("crossover", "cross over", "n of 1"),
    "cluster randomisation": ("cluster", "stepped wedge"),
    "dose escalation": ("escalation", "continual reassessment", "3+3", "boin"),
    "a seamless phase 2/3 trial": ("seamless",),
    "unblinded re-estimation of the size": ("unblinded", "promising zone"),
    "a sequential multiple assignment trial": ("smart", "sequential multiple assignment"),
    "sequential parallel comparison": ("sequential parallel", "spcd"),
}
"""What is refused by name, and words that mean it."""

_ALIASES = {
    "randomized-withdrawal": "randomised-withdrawal",
    "withdrawal": "randomised-withdrawal",
    "pick-the-winner": "drop-the-loser",
    "drop-the-losers": "drop-the-loser",
    "blinded-reestimation": "blinded-re-estimation",
    "sample-size-re-estimation": "blinded-re-estimation",
    "early-against-late-integration": "early-against-late",
}


def refusal(name: str) -> str | None:
    """Return the sentence that refuses a design out of scope; None for any other name."""
    word = _plain(name).replace("-", " ")
    for what, words in OUT_OF_SCOPE.items():
        if _plain(what).replace("-", " ").removeprefix("a ") in word or any(mark in word for mark in words):
            return f"{what} is out of scope; in scope are {', '.join(DESIGNS)}"
    return None


def read_design(data: str | Mapping[str, Any]) -> Design:
    """Return a design from its name or from plain data.

    Parameters
    ----------
    data : str or mapping
        A name, or a mapping whose ``kind`` is one. That of a boundary, such as pocock, is a group sequential design.

    Raises
    ------
    ProtocolError
        If it is unknown, out of scope or impossible.
    """
    fields = {"kind": data} if isinstance(data, str) else dict(data)
    name = fields.get("kind", "")
    if not isinstance(name, str) or not name.strip():
        raise ProtocolError(f"a design needs a kind; known: {', '.join(DESIGNS)}")
    word = _ALIASES.get(_plain(name), _plain(name))
    if word in KINDS:
        fields, word = {**fields, "boundary": word}, "group-sequential"
    if word not in DESIGNS:
        raise ProtocolError(refusal(name) or f"no design is called '{name[:60]}'; {nearest(word, [*DESIGNS, *KINDS])}")
    return DESIGNS[word].made({**fields, "kind": word})


def _plain(name: str) -> str:
    return "-".join(name.strip().lower().replace("'", "").replace("_", " ").replace("-", " ").split())
