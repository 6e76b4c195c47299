"""``afterglow trial``: its own commands, and what it does with the file of a trial where no command is named."""

from __future__ import annotations

import typer

from afterglow.cli.output.groups import group_with_default
from afterglow.cli.trial.analyse import analyse_command
from afterglow.cli.trial.boundaries import boundaries_command
from afterglow.cli.trial.mmrm import mmrm_command
from afterglow.cli.trial.run import run_command
from afterglow.cli.trial.size import size_command

__all__ = ["trial_app"]

trial_app = typer.Typer(
    cls=group_with_default("run", of="trial"),
    help="Design a trial: its looks, its size, its analysis.",
    no_args_is_help=True,
)
trial_app.command("boundaries")(boundaries_command)
trial_app.command("mmrm")(mmrm_command)
trial_app.command("analyse")(analyse_command)
trial_app.command("run", hidden=True)(run_command)
trial_app.command("size")(size_command)
