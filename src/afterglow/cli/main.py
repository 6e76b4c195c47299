"""The command ``afterglow``: registers the commands, and turns errors into one sentence and an exit code."""

from __future__ import annotations

import errno
import gc
import logging
import os
import signal
import sys
import threading
import traceback
import warnings
from contextlib import suppress
from typing import Annotated, Any, TextIO

import typer
from pydantic import ValidationError

from afterglow.cli.calibrate import calibrate, rivals, validate
from afterglow.cli.check import check
from afterglow.cli.cite import cite
from afterglow.cli.evidence import evidence_app
from afterglow.cli.exchange.export import export_app
from afterglow.cli.exchange.importing import import_
from afterglow.cli.forecast.group import forecast_app
from afterglow.cli.medicines import medicines
from afterglow.cli.new import new
from afterglow.cli.optimise import best_day, optimise
from afterglow.cli.output import streams
from afterglow.cli.output.groups import Group
from afterglow.cli.output.tables import say
from afterglow.cli.predict import predict
from afterglow.cli.runs import runs_app
from afterglow.cli.simulate import simulate
from afterglow.cli.studio import studio, studio_user_app
from afterglow.cli.trial.group import trial_app
from afterglow.compile.cache import CacheWarning
from afterglow.errors import AfterglowError, ParameterError
from afterglow.loading import begun
from afterglow.runs.store import StoreWarning
from afterglow.safety.purpose import PURPOSE
from afterglow.units import decimal_comma
from afterglow.version import __version__

__all__ = ["app", "run"]

_MISTAKEN, _INTERRUPTED = 2, 130
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_WARNED: list[type[Warning]] = []
"""The warning of this command: one is enough."""
_UsageError: Any = typer.BadParameter.__base__
"""A command that was misspelt: typer names only its kinds."""


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
app.add_typer(forecast_app, name="forecast")
app.add_typer(runs_app, name="runs")
app.add_typer(trial_app, name="trial")
app.add_typer(studio_user_app, name="studio-user")


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
    """Run the command line: exit 0 done, 2 the user's mistake or a place that is full, 1 ours, 130 interrupted."""
    warnings.showwarning = _show_warning
    _WARNED.clear()
    os.environ["MPLBACKEND"] = "agg"  # commands draw files alone; what else it said, or misspelt, is for other programs
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it warns of a cache of its own
    streams.open_streams()
    gc.freeze()  # what is imported stays: looking through it for garbage took a seventh of a usual command
    code = _code()
    failure = streams.failure()
    if failure and not code:
        code = _refused(failure)
    if code == _INTERRUPTED and threading.active_count() > 1:
        os._exit(code)  # threads at work would be waited for, and nobody wants what they do
    sys.exit(code)


def _code() -> int:
    """Run the command, say in one sentence what went wrong, and return the exit code."""
    try:
        begun()
        code = app(prog_name="afterglow", standalone_mode=False)
    except AfterglowError as error:
        return _refused(str(error))
    except _UsageError as error:
        return _misused(error)
    except typer.Abort as error:
        stopped = isinstance(error.__cause__ or error.__context__, KeyboardInterrupt)
        code = _INTERRUPTED if stopped else _refused("no answer was given, so nothing was done")
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except SystemExit as stop:
        code = stop.code
    except MemoryError:
        return _refused("there is not enough memory for this: ask for fewer people or draws")
    except OSError as error:
        if error.errno not in _NO_ROOM:
            return _faulty()
        return _refused(f"there is no room left: {error.strerror}" + (f": '{error.filename}'" * bool(error.filename)))
    except Exception:
        return _faulty()
    if code == _INTERRUPTED:
        with suppress(ValueError):  # a second Ctrl-C changes nothing; only the main thread may say so
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        typer.echo("afterglow: interrupted; no file was left half-written", err=True)
    return code if isinstance(code, int) else 0


def _refused(sentence: str) -> int:
    say(f"afterglow: {sentence}", err=True)
    return _MISTAKEN


def _faulty() -> int:
    traceback.print_exc()
    typer.echo("afterglow: this is a fault of the program, not of your protocol; please report it", err=True)
    return 1


def _misused(error: Any) -> int:
    """Say in a sentence how a command was misspelt; a command that was given nothing shows its help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return int(error.exit_code)
    said = " ".join(error.format_message().split()).rstrip(".?").replace(". Did", "; did")
    cause = error.__cause__
    given = f", got '{str(cause.errors()[0]['input'])[:40]}'" if isinstance(cause, ValidationError) else ""
    given = given if given[6:] not in said else ""
    said = said.replace(": Value error, ", ": ").replace(": Input should", ": it should")
    help_of = f"; see '{error.ctx.command_path} --help'" if error.ctx is not None else ""
    return _refused(f"{said[:1].lower()}{said[1:]}{given}{help_of}")


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning for the user as one line, any other as Python does."""
    own = issubclass(category, (CacheWarning, StoreWarning))
    if own and _WARNED:
        return  # a disk that is full for one is full for the other
    _WARNED.extend([category] if own else [])
    said = f"afterglow: {message}\n" if own else warnings.formatwarning(message, category, filename, lineno, line)
    typer.echo(said, file=file, err=True, nl=False)


if __name__ == "__main__":
    run()
