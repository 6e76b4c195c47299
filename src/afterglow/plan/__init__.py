"""Choosing a schedule: what may move, what counts, what it costs, and how sure the choice is."""

from __future__ import annotations
