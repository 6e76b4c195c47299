"""Tables of trials: read from anywhere, and written so that others can read them."""

from __future__ import annotations

from afterglow.trial.tables.adam import adam_table, write_adam
from afterglow.trial.tables.events import EventTable, events_of, holds_events
from afterglow.trial.tables.files import read_table, write_table
from afterglow.trial.tables.reading import TrialTable, read_trial, trial_of

__all__ = [
    "EventTable",
    "TrialTable",
    "adam_table",
    "events_of",
    "holds_events",
    "read_table",
    "read_trial",
    "trial_of",
    "write_adam",
    "write_table",
]
