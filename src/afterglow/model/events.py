"""What an event tells the model: the arguments of its jumps, shared by the layers that answer it."""

from __future__ import annotations

__all__ = ["GUESS_ARGUMENTS", "MEETING_ARGUMENTS", "SESSION_ARGUMENTS"]

SESSION_ARGUMENTS = (
    "contact_hours",
    "preparation_hours",
    "insight_hours",
    "step_hours",
    "practice_hours",
    "learning_hours",
    "psychotherapy_hours",
    "trauma_focused_hours",
    "supportive_hours",
    "training_hours",
    "together",
)
GUESS_ARGUMENTS = ("given", "told", "blinded")
MEETING_ARGUMENTS = ("meeting_hours", "others_share", "others_progress", "others_felt")
