"""Groups of commands, whose help says of each command all that its first sentence says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from typer.core import TyperGroup

from afterglow.errors import FileError, nearest

__all__ = ["Group", "group_with_default"]


class Group(TyperGroup):
    """Commands under one name."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write each command with its first sentence, which is not cut short."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, _first_sentence(command.help or "")) for name, command in found if command is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def group_with_default(default: str, *, of: str) -> type[Group]:
    """Return a group in which one command need not be named: ``trial FILE`` is ``trial run FILE``.

    Parameters
    ----------
    default : str
        The command that is meant where the first word names none.
    of : str
        Name of the group, for the error.
    """

    class WithDefault(Group):
        """Commands, or the words of one of them."""

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            """Put the default command before words that begin with none.

            Raises
            ------
            FileError
                If the first word is neither a file nor a command, but nearly a command.
            """
            if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
                close = nearest(args[0], set(self.commands) - {default})
                if not args[0].startswith("-") and not Path(args[0]).exists() and close.startswith("did you mean"):
                    raise FileError(f"there is no file and no command of {of} called '{args[0][:60]}'; {close}")
                if default in self.commands:
                    args = [default, *args]
            return super().parse_args(ctx, args)

    return WithDefault


def _first_sentence(text: str) -> str:
    paragraph = " ".join(text.partition("\n\n")[0].split())
    sentence, dot, _ = paragraph.partition(". ")
    return sentence + "." if dot else paragraph
