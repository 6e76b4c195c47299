"""The command ``afterglow``: registers the commands, and turns errors into one sentence and an exit code."""

from __future__ import annotations

import codecs
import gc
import io
import sys
import traceback
import unicodedata
import warnings
from typing import Annotated, Any, TextIO

import typer
from pydantic import ValidationError

from afterglow.cli.calibrate import calibrate, rivals, validate
from afterglow.cli.check import check
from afterglow.cli.cite import cite
from afterglow.cli.evidence import evidence_app
from afterglow.cli.exchange.export import export_app
from afterglow.cli.exchange.importing import import_
from afterglow.cli.medicines import medicines
from afterglow.cli.new import new
from afterglow.cli.optimise import best_day, optimise
from afterglow.cli.output.groups import Group
from afterglow.cli.predict import predict
from afterglow.cli.runs import runs_app
from afterglow.cli.simulate import simulate
from afterglow.cli.studio import studio, studio_user_app
from afterglow.cli.trial.group import trial_app
from afterglow.errors import AfterglowError, ParameterError
from afterglow.runs.store import StoreWarning
from afterglow.safety.purpose import PURPOSE
from afterglow.units import decimal_comma
from afterglow.version import __version__

__all__ = ["app", "run"]


class _Commands(Group):
    """All commands; says of a number with a comma that it has one, whatever option it was given to."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for.

        Raises
        ------
        ParameterError
            If a number of an option has a comma.
        """
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            cause = error.__cause__
            mistake = cause.errors()[0] if isinstance(cause, ValidationError) else None
            given = error.message if mistake is None else str(mistake["input"])
            if error.param is None or not decimal_comma(given):
                raise
            whole = mistake is None or not mistake["type"].startswith("float")
            message = f"must be a {'whole ' * whole}number, without a decimal comma or a mark between thousands"
            raise ParameterError(f"{error.param.opts[0]} {message}, got '{given[:40]}'") from None


app = typer.Typer(
    name="afterglow",
    cls=_Commands,
    help=f"Simulate psychedelic-assisted therapy, from dose to lasting change. {PURPOSE}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(simulate)
app.command()(check)
app.command()(new)
app.command("import")(import_)
app.command()(medicines)
app.command()(cite)
app.command()(calibrate)
app.command()(rivals)
app.command()(validate)
app.command()(predict)
app.command()(optimise)
app.command(name="best-day")(best_day)
app.command()(studio)
app.add_typer(export_app, name="export")
app.add_typer(evidence_app, name="evidence")
app.add_typer(runs_app, name="runs")
app.add_typer(trial_app, name="trial")
app.add_typer(studio_user_app, name="studio-user")


_IN_ASCII = {
    **dict.fromkeys("−\u2010\u2011–—", "-"),
    **dict.fromkeys("\u2018\u2019", "'"),
    **dict.fromkeys("“”«»", '"'),
    "…": "...",
    "→": "->",
    "×": "x",
    "±": "+/-",
    "µ": "u",
    "μ": "u",
    "≤": "<=",
    "≥": ">=",
}
"""What stands for a letter where a console does not know it; a minus must never be lost."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"afterglow {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of all commands."""


def run() -> None:
    """Run the command line: exit 0 done, 2 the user's mistake, 1 ours, 130 interrupted."""
    warnings.showwarning = _show_warning
    _print_anywhere()
    gc.freeze()  # what is imported stays: looking through it for garbage took a seventh of a usual command
    try:
        app()
    except AfterglowError as error:
        typer.echo(f"afterglow: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("afterglow: interrupted; no file was left half-written", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except Exception:
        traceback.print_exc()
        typer.echo("afterglow: this is a fault of the program, not of your protocol; please report it", err=True)
        sys.exit(1)


def _print_anywhere() -> None:
    """Let no letter that a console does not know end a command: it is replaced by the nearest that there is."""
    codecs.register_error("afterglow", _nearest_letters)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape", "backslashreplace"):
            stream.reconfigure(errors="afterglow")


def _nearest_letters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = ""
    for letter in error.object[error.start : error.end]:
        plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode("ascii")
        found += _IN_ASCII.get(letter) or plain or "?"
    return found, error.end


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning for the user as one line, any other as Python does."""
    own = issubclass(category, StoreWarning)
    said = f"afterglow: {message}\n" if own else warnings.formatwarning(message, category, filename, lineno, line)
    typer.echo(said, file=file, err=True, nl=False)


if __name__ == "__main__":
    run()
