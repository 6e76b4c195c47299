"""The board of stylised facts: what the field agrees on, beside what the model says of it."""

from __future__ import annotations

from afterglow.predictions.board.stylised import Published, Quantity, StylisedFact, read_facts
from afterglow.predictions.board.verdict import Verdict, passes, verdicts

__all__ = ["Published", "Quantity", "StylisedFact", "Verdict", "passes", "read_facts", "verdicts"]
