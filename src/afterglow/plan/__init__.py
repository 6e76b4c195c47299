"""Choosing a schedule: what may move, what counts, what it costs, and how sure the choice is."""

from __future__ import annotations

from afterglow.plan.answer import Answer
from afterglow.plan.optimise import optimise
from afterglow.plan.question import Question
from afterglow.plan.strip import Strip, session_strip

__all__ = ["Answer", "Question", "Strip", "optimise", "session_strip"]
