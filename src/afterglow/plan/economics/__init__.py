"""Money: what a course costs, what health is worth, and the ratios that payers ask for."""

from __future__ import annotations
