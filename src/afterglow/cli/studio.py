"""``afterglow studio`` and ``afterglow studio-user``: the web app, and who may log in to it."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from afterglow.cli.options import FormatOption
from afterglow.cli.output.groups import Group
from afterglow.cli.output.tables import Table, say, show, words
from afterglow.errors import AfterglowError

__all__ = ["studio", "studio_user_app"]

studio_user_app = typer.Typer(
    cls=Group, help="Who may log in to the studio, when it listens on more than this machine.", no_args_is_help=True
)

_EXTRA = "The studio needs a few more packages: install afterglow-sim[studio]."
Name = Annotated[str, typer.Argument(help="User name: letters, digits, dots, hyphens or @.", show_default=False)]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def studio(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; any but this machine's own demands a login. [127.0.0.1]")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one. [8765]")] = None,
    workers: Annotated[int | None, typer.Option(help="Server processes. [1]")] = None,
    processes: Annotated[int | None, typer.Option(help="Long calculations at once. [2]")] = None,
    login: Annotated[
        bool | None, typer.Option("--login", help="Demand a login on this machine too, as behind a proxy.")
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="File of the TLS certificate.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="File of its key.")] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Open the studio in the browser: see the window, compare designs, plan the integration.

    Data lies in a file of yours, or in the database that AFTERGLOW_DATABASE_URL names. Stop it with Ctrl-C.
    """
    settings = _module("afterglow.studio.settings").Settings.gather(
        {
            "host": host,
            "port": port,
            "workers": workers,
            "processes": processes,
            "login": login,
            "tls_cert": tls_cert,
            "tls_key": tls_key,
        }
    )
    _module("afterglow.studio.server.server").serve(settings, open_browser=open_browser)


@studio_user_app.command("add")
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="viewer looks; editor also saves and starts long calculations.")] = "viewer",
    password_stdin: FromInput = False,
) -> None:
    """Let somebody log in."""
    database = _database()
    account = _accounts().add_account(database, name, role, _password(password_stdin))
    typer.echo(f"{account.name} may log in as {account.role}.")


@studio_user_app.command("remove")
def remove(name: Name) -> None:
    """Take somebody's access away, with their saved designs."""
    _accounts().remove_account(_database(), name)
    typer.echo(f"{name} may not log in any more.")


@studio_user_app.command("role")
def role(name: Name, new: Annotated[str, typer.Argument(metavar="ROLE", help="viewer or editor.")]) -> None:
    """Let somebody do more, or less."""
    _accounts().change_role(_database(), name, new)
    typer.echo(f"{name} is {new} now.")


@studio_user_app.command("password")
def password(name: Name, password_stdin: FromInput = False) -> None:
    """Give somebody another password; their sessions end."""
    _accounts().change_password(_database(), name, _password(password_stdin))
    typer.echo(f"{name} has another password.")


@studio_user_app.command("list")
def list_users(form: FormatOption = None) -> None:
    """List who may log in."""
    found = _accounts().accounts(_database())
    if form is None and not found:
        say("Nobody may log in yet.")
        return
    rows = [{"name": account.name, "role": account.role} for account in found]
    show(Table("users", rows, [words("name", "name"), words("role", "role")]), form=form)


def _module(name: str) -> ModuleType:
    """Load a part of the studio, which the rest of the command line does without."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "afterglow":
            raise
        raise AfterglowError(_EXTRA) from error


def _accounts() -> ModuleType:
    return _module("afterglow.studio.accounts.accounts")


def _database() -> Any:
    settings = _module("afterglow.studio.settings").Settings.gather()
    database = _module("afterglow.studio.database.database").Database.opened(settings)
    _module("afterglow.studio.database.upgrade").upgrade(database)
    return database


def _password(from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise AfterglowError("a password is typed on a terminal; --password-stdin reads it from standard input")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
