"""``afterglow trial``: its own commands, and what it does with the file of a trial where no command is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from afterglow.cli.output.groups import Group
from afterglow.cli.trial.analyse import analyse_command
from afterglow.cli.trial.boundaries import boundaries_command
from afterglow.cli.trial.mmrm import mmrm_command
from afterglow.cli.trial.run import run_command
from afterglow.cli.trial.size import size_command
from afterglow.errors import FileError, nearest

__all__ = ["trial_app"]

_OF_A_FILE = "run"
"""The command that a file stands for; it need not be written."""


class _OrFile(Group):
    """Commands, or a file in the place of one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command that a file stands for before its name.

        Raises
        ------
        FileError
            If a word is neither a file nor a command, but nearly a command.
        """
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            close = nearest(args[0], set(self.commands) - {_OF_A_FILE})
            if not args[0].startswith("-") and not Path(args[0]).exists() and close.startswith("did you mean"):
                raise FileError(f"there is no file and no command of trial called '{args[0][:60]}'; {close}")
            if _OF_A_FILE in self.commands:
                args = [_OF_A_FILE, *args]
        return super().parse_args(ctx, args)


trial_app = typer.Typer(cls=_OrFile, help="Design a trial: its looks, its size, its analysis.", no_args_is_help=True)
trial_app.command("boundaries")(boundaries_command)
trial_app.command("mmrm")(mmrm_command)
trial_app.command("analyse")(analyse_command)
trial_app.command(_OF_A_FILE, hidden=True)(run_command)
trial_app.command("size")(size_command)
