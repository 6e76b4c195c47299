"""Finds quick answers: small ones at once, large ones and those of whoever asks much apart."""

from __future__ import annotations

import threading
import time

from fastapi import Request

from afterglow.studio.allowance import Allowance
from afterglow.studio.answer_process import Finder, Work
from afterglow.studio.apart import Apart
from afterglow.studio.quick_runs import GONE, WHO, Crowd, QuickRuns, Size

__all__ = ["Answers", "allowance", "answers"]

_YEARS_PER_S = 8000.0
"""Person-years of `designs.size` that a second of one core runs: 8,400 to 12,600 measured at 2.1 GHz."""
_LARGE_YEARS, _LARGE_FIRST_YEARS = 30_000.0, 4_500.0
"""From here on an answer is large: a full run of four arms with their twins has 20,000 to 30,000, a first answer to
eight arms 1,300 to 2,100."""
_REFILL, _MOST_S = 0.3, 6.0
"""Seconds of calculation that everybody has each second, and how many are saved up. Somebody who drags, waits for the
full answer and reads it takes 0.2 a second."""
_ALONE_S = 10.0
"""So long after the last question of anybody else there is nobody to give way to."""


def allowance() -> Allowance:
    """Return the seconds of calculation that each person has: whoever has none left gives way."""
    return Allowance(_REFILL, _MOST_S, alone_s=_ALONE_S)


class Answers:
    """Finds the answers to one request.

    Parameters
    ----------
    gate : QuickRuns
        Of this request.
    near : callable
        Finds small answers.
    apart : Apart
    allowance : Allowance
    gone : threading.Event, optional
        Set when the browser has gone.
    who : str
    """

    def __init__(
        self,
        gate: QuickRuns,
        near: Finder,
        apart: Apart,
        allowance: Allowance,
        gone: threading.Event | None,
        who: str,
    ) -> None:
        self._gate, self._near, self._apart, self._allowance = gate, near, apart, allowance
        self._gone, self._who = gone, who

    @property
    def crowd(self) -> Crowd:
        """How many full answers are wanted; where many are, each should ask for less."""
        return self._gate.crowd

    def find(self, question: str, work: Work, *, years: float, size: Size = "full") -> bytes:
        """Return what work gives, as JSON where it is a model.

        Parameters
        ----------
        question : str
            All that the answer depends on; empty: that is nobody else's, and the answer is not kept.
        work : callable
            A partial of a function at the top of a module, which takes ``progress``.
        years : float
            How much work it is; see `person_years`.
        size : str
            Whether it is a first answer.

        Raises
        ------
        Busy
            If nobody else may wait, or nothing more of this person.
        Refused
            If the browser went away; nobody reads this.
        """
        gate = self._gate
        if question and (kept := gate.kept(question)) is not None:
            return kept
        seconds = years / _YEARS_PER_S
        largest = _LARGE_FIRST_YEARS if size == "first" else _LARGE_YEARS
        if years > largest or not self._allowance.take(self._who, seconds):
            return self._apart.run(question, work, self._gone, self._who)

        def found() -> bytes:
            began = time.monotonic()
            answer = self._near(work, gate)
            self._allowance.give_back(self._who, seconds - (time.monotonic() - began))
            return answer

        return gate.answer(question, found, size=size) if question else gate.run(found, size=size)


async def answers(request: Request) -> Answers:
    """Return what finds the answers to a request, for ``Depends``; async, as it waits for nothing."""
    state, scope = request.app.state, request.scope
    gone, who = scope.get(GONE), scope.get(WHO, "")
    return Answers(state.quick_runs.asked_by(gone, who), state.near, state.apart, state.allowance, gone, who)
