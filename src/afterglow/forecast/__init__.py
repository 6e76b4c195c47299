"""One person: what their own scores say about what comes next."""

from __future__ import annotations

from afterglow.forecast.person import Forecast, forecast
from afterglow.forecast.record.score import Given, Record, Score
from afterglow.forecast.validate.judgement import Validation, validate

__all__ = ["Forecast", "Given", "Record", "Score", "Validation", "forecast", "validate"]
