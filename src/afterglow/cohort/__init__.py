"""Who the participants are: covariates, variability between people, and named random streams."""

from __future__ import annotations

from afterglow.cohort.cohort import RIVALS, Cohort, People, known_rival

__all__ = ["RIVALS", "Cohort", "People", "known_rival"]
