"""Designs of trials as statistics: when to look, what to ask of the evidence at each look, and how many people."""

from __future__ import annotations
