"""What the model is held to: forecasts of registered trials on record, and the board of stylised facts."""

from __future__ import annotations
