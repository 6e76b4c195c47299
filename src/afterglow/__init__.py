"""Afterglow: a simulator of psychedelic-assisted therapy, from dose to lasting change.

A research, teaching and planning instrument; no medical advice.
"""

# ruff: noqa: E402 (Ctrl-C is heeded before what takes a second to load)

from __future__ import annotations

from afterglow.loading import loading

loading()

from afterglow.citations import cite
from afterglow.cohort import Cohort
from afterglow.evidence import read_protocol
from afterglow.protocol import Protocol
from afterglow.runs import Result, simulate
from afterglow.version import __version__

__all__ = ["Cohort", "Protocol", "Result", "__version__", "cite", "read_protocol", "simulate"]
