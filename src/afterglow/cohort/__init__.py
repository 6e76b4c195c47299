"""Who the participants are: covariates, variability between people, and named random streams."""

from __future__ import annotations

from afterglow.cohort.cohort import RIVALS, Cohort, People, known_rival
from afterglow.cohort.draws import Draw, people_at_draws
from afterglow.cohort.streams import SEEDS, known_seed

__all__ = ["RIVALS", "SEEDS", "Cohort", "Draw", "People", "known_rival", "known_seed", "people_at_draws"]
