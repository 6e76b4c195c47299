"""A trial before it is run: its design, its analysis, and how often each says what is true."""

from __future__ import annotations
