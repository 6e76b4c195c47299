"""``afterglow forecast``: its commands, and what it does with scores where no command is named."""

from __future__ import annotations

import typer

from afterglow.cli.forecast.person import person_command
from afterglow.cli.forecast.validate import validate_command
from afterglow.cli.output.groups import group_with_default
from afterglow.safety.purpose import ONE_PERSON

__all__ = ["forecast_app"]

forecast_app = typer.Typer(
    cls=group_with_default("person", of="forecast"),
    help=f"Forecast one person from their own scores, or judge such forecasts on a table. {ONE_PERSON}",
    no_args_is_help=True,
    rich_markup_mode=None,
)
forecast_app.command("person")(person_command)
forecast_app.command("validate")(validate_command)
