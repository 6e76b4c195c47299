"""How the studio is run: where it listens, where it keeps its data, and how much it takes on."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from afterglow.errors import AfterglowError
from afterglow.studio.field_names import wrong_in_words

__all__ = ["Settings", "StudioError"]

_PREFIX = "AFTERGLOW_STUDIO_"
_DATABASE = "AFTERGLOW_DATABASE_URL"
_FILE = "studio.sqlite3"


class StudioError(AfterglowError):
    """The studio cannot run as asked; the message says what to change."""


class Settings(BaseModel):
    """How the studio is run.

    Parameters
    ----------
    host, port : str, int
        Where it listens. Only an address of this machine itself needs no login.
    workers : int
        Server processes.
    login : bool
        Demands a login on this machine too, for instance behind a proxy.
    database_url : SecretStr
        SQLite or PostgreSQL.
    tls_cert, tls_key : Path or None
        Files of the certificate and its key.
    processes : int
        Long calculations at once, over all server processes (at least one each).
    waiting_jobs : int
        Long calculations that may wait.
    job_minutes : float
        A calculation that takes longer is stopped.
    silence_s : float
        A server process that has not told for so long that its calculation is alive counts as dead.
    warm_up : bool
        Runs each medicine once at the start, so that the first person does not wait for compiled code to be loaded.
    quick_at_once : int or None
        Quick runs of one server process; None takes 3, and 2 where the process has no more than one core.
    quick_waiting : int
        How many more may wait.
    body_limit : int
        Largest request, in bytes.
    requests_per_second : int or None
        Of one session, and six seconds' worth at once; an address has three times as many for all others. None takes 15
        with a login and 400 without.
    logins_per_minute : int
        Tries to log in from one address.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Annotated[str, Field(min_length=1, max_length=255)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8765
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    login: bool = False
    database_url: SecretStr
    tls_cert: Path | None = None
    tls_key: Path | None = None
    processes: Annotated[int, Field(ge=1, le=256)] = 2
    waiting_jobs: Annotated[int, Field(ge=1, le=1000)] = 8
    job_minutes: Annotated[float, Field(gt=0, le=1440)] = 30.0
    silence_s: Annotated[float, Field(ge=2, le=600)] = 15.0
    warm_up: bool = True
    quick_at_once: Annotated[int, Field(ge=1, le=256)] | None = None
    quick_waiting: Annotated[int, Field(ge=0, le=1000)] = 250
    body_limit: Annotated[int, Field(ge=1024, le=64 * 2**20)] = 256 * 1024
    requests_per_second: Annotated[int, Field(ge=1)] | None = None
    logins_per_minute: Annotated[int, Field(ge=1)] = 120

    @classmethod
    def gather(cls, given: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None) -> Settings:
        """Take what was given, else what the environment says, else the default.

        Parameters
        ----------
        given : mapping, optional
            By name of the setting; None counts as not given.
        environment : mapping, optional
            ``AFTERGLOW_DATABASE_URL`` and ``AFTERGLOW_STUDIO_`` with the setting's name; default: this process's.

        Raises
        ------
        StudioError
            If a value makes no sense.
        """
        found = os.environ if environment is None else environment
        values: dict[str, Any] = {
            name: found[_PREFIX + name.upper()] for name in cls.model_fields if found.get(_PREFIX + name.upper())
        }
        values.update({name: value for name, value in (given or {}).items() if value is not None})
        values.setdefault("database_url", found.get(_DATABASE) or _own_database())
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            raise StudioError(wrong_in_words(error.errors(include_url=False))) from None
        settings.check()
        return settings

    def environment(self) -> dict[str, str]:
        """Write the settings as variables, for the server processes."""
        found = {_DATABASE: self.database_url.get_secret_value()}
        for name, value in self.model_dump(exclude={"database_url"}, exclude_none=True).items():
            found[_PREFIX + name.upper()] = str(value)
        return found

    def check(self) -> None:
        """Refuse what cannot work.

        Raises
        ------
        StudioError
        """
        _ = self.database
        if (self.tls_cert is None) != (self.tls_key is None):
            raise StudioError("TLS needs both a certificate and its key: give --tls-cert and --tls-key.")
        if self.tls_cert is not None and self.tls_key is not None:
            try:
                ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(self.tls_cert, self.tls_key)
            except OSError as error:  # ssl.SSLError is one
                why = error.strerror or "they do not fit"
                raise StudioError(
                    f"The certificate '{self.tls_cert}' and key '{self.tls_key}' cannot be used: {why}."
                ) from error

    @property
    def database(self) -> URL:
        """The database's address, with the driver that is used."""
        try:
            url = make_url(self.database_url.get_secret_value())
        except ArgumentError:
            raise StudioError(
                f"{_DATABASE} is not an address of a database, such as postgresql://name:password@host/database."
            ) from None
        if "@" in (url.host or "") or "@" in (url.database or ""):
            raise StudioError(f"{_DATABASE} has a sign @ too many: write the one in a password as %40.")
        kind = url.get_backend_name()
        if kind in ("postgresql", "postgres"):
            return url.set(drivername="postgresql+psycopg")
        if kind != "sqlite":
            raise StudioError(f"{_DATABASE} names a database of the kind '{kind}'; known: postgresql, sqlite.")
        if not url.database or url.database == ":memory:" or url.query:
            raise StudioError(f"{_DATABASE} must name a file, such as sqlite:////home/me/studio.sqlite3.")
        return url.set(drivername="sqlite+pysqlite")

    @property
    def shown_database(self) -> str:
        """The database's address without what could be secret: a password, and all after a question mark."""
        shown = self.database.set(drivername=self.database.get_backend_name(), query={})
        return shown.render_as_string(hide_password=True)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may show: the password in each way of writing it, and all values of the address's query."""
        url = self.database
        values = [value for given in url.query.values() for value in ([given] if isinstance(given, str) else given)]
        found = {str(url.password or ""), *values}
        return tuple(sorted({*found, *(quote(word, safe="") for word in found)} - {""}, key=len, reverse=True))

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the studio."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def login_required(self) -> bool:
        """Whether people have to log in."""
        return self.login or not self.is_local

    @property
    def has_tls(self) -> bool:
        """Whether the studio itself speaks TLS."""
        return self.tls_cert is not None

    @property
    def request_rate(self) -> int:
        """Requests a second of one person."""
        return self.requests_per_second or (15 if self.login_required else 400)


def _own_database() -> str:
    folder = Path(platformdirs.user_data_dir("afterglow", appauthor=False))
    return URL.create("sqlite", database=str(folder / _FILE)).render_as_string()
