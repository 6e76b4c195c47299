"""``afterglow trial``: a file a command, each thin."""

from __future__ import annotations
