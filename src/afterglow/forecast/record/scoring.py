"""Single answers -> total, where the rules of scoring are public."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from afterglow.errors import ParameterError

__all__ = ["RULES", "Rule", "total_of"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How a scale is scored.

    Parameters
    ----------
    highest : tuple of int
        Highest answer to each item; the lowest is 0.
    total : callable
        From the answers to the total.
    reference : str
        Key of its source in ``references.bib``.
    """

    highest: tuple[int, ...]
    total: Callable[[Sequence[int]], int] = sum
    reference: str


def _domains_of_qids(answers: Sequence[int]) -> int:
    """Add the nine domains: of sleep (1-4), appetite and weight (6-9) and pace (15-16) the worst answer counts."""
    sleep, appetite, pace = max(answers[0:4]), max(answers[5:9]), max(answers[14:16])
    return sleep + appetite + pace + answers[4] + sum(answers[9:14])


_HAM_D17 = (4, 4, 4, 2, 2, 2, 4, 4, 4, 4, 4, 2, 2, 2, 4, 2, 2)

RULES = MappingProxyType(
    {
        "PHQ-9": Rule(highest=(3,) * 9, reference="kroenke2001"),
        "GAD-7": Rule(highest=(3,) * 7, reference="spitzer2006"),
        "QIDS-SR16": Rule(highest=(3,) * 16, total=_domains_of_qids, reference="rush2003"),
        "PCL-5": Rule(highest=(4,) * 20, reference="blevins2015"),
        "CAPS-5": Rule(highest=(4,) * 20, reference="weathers2018"),
        "MADRS": Rule(highest=(6,) * 10, reference="montgomery1979"),
        "HAM-D17": Rule(highest=_HAM_D17, reference="hamilton1960"),
        "GRID-HAMD": Rule(highest=_HAM_D17, reference="hamilton1960"),
    }
)
"""Scales whose rules of scoring are public; of any other the total has to be given."""


def total_of(name: str, answers: Sequence[float | None]) -> int:
    """Return the total of a scale.

    Parameters
    ----------
    name : str
        Of the scale.
    answers : sequence of float or None
        In the order of the form, whole numbers; none may be missing.

    Raises
    ------
    ParameterError
        If the rules are not public, an answer is missing or impossible, or their number is wrong.
    """
    if name not in RULES:
        raise ParameterError(
            f"the answers of a {name} are not scored here; give its total (scored are {', '.join(RULES)})"
        )
    rule = RULES[name]
    if len(answers) != len(rule.highest):
        raise ParameterError(f"a {name} has {len(rule.highest)} items, but there are {len(answers)} answers")
    whole: list[int] = []
    for number, (answer, highest) in enumerate(zip(answers, rule.highest, strict=True), 1):
        if answer is None:
            raise ParameterError(f"item {number} of the {name} was not answered, so it has no total")
        if isinstance(answer, bool) or answer != int(answer) or not 0 <= answer <= highest:
            raise ParameterError(f"item {number} of the {name} is {answer:g}, but runs from 0 to {highest}")
        whole.append(int(answer))
    return rule.total(whole)
