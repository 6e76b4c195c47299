"""Who the participants are: covariates, variability between people, and named random streams."""

from __future__ import annotations

from afterglow.cohort.cohort import RIVALS, Cohort, People, known_rival
from afterglow.cohort.draws import Draw, people_at_draws

__all__ = ["RIVALS", "Cohort", "Draw", "People", "known_rival", "people_at_draws"]
