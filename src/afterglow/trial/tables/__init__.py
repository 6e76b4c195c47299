"""Tables of trials: read from anywhere, and written so that others can read them."""

from __future__ import annotations

from afterglow.trial.tables.adam import adam_table, write_adam
from afterglow.trial.tables.files import read_table, write_table
from afterglow.trial.tables.reading import TrialTable, read_trial, trial_of

__all__ = ["TrialTable", "adam_table", "read_table", "read_trial", "trial_of", "write_adam", "write_table"]
