"""Opens the database: SQLite or PostgreSQL, with transactions that either happen or do not."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from afterglow.studio.settings import Settings, StudioError

__all__ = ["LOCKS", "Database"]

LOCKS = {"migrations": 7_263_001, "queue": 7_263_002, "logins": 7_263_003, "saved": 7_263_004}
"""Numbers of PostgreSQL's advisory locks, chosen here; SQLite lets one transaction write at a time anyway."""
_PATIENCE_MS = 10_000
"""How long SQLite waits for another writer."""
_CONNECT_S = 5
_READERS = 5
"""Connections that writers leave to readers, while something else holds the database."""
_TURN_S = 2.0
"""How long a writer waits for others to be through."""
_IMMEDIATE = "afterglow_immediate"


class Database:
    """The studio's database.

    Parameters
    ----------
    url : URL
        Of ``Settings.database``.
    connections : int
        Largest number of connections of this process.
    """

    def __init__(self, url: URL, *, connections: int = 15) -> None:
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.engine = _sqlite(url, connections) if self.is_sqlite else _postgresql(url, connections)
        self._writer = self.engine.execution_options(**{_IMMEDIATE: _PATIENCE_MS})
        self._hasty = self.engine.execution_options(**{_IMMEDIATE: 0})
        self._writers = threading.BoundedSemaphore(max(1, connections - _READERS))

    @classmethod
    def opened(cls, settings: Settings) -> Database:
        """Open a database and see that it answers.

        Raises
        ------
        StudioError
            If it does not.
        """
        database = cls(settings.database)
        try:
            if database.is_sqlite:
                _make_file(Path(str(settings.database.database)))
            with database.reading() as session:
                session.execute(text("SELECT 1"))
        except (DatabaseError, OSError) as error:
            database.close()
            raise StudioError(
                f"The database {settings.shown_database} cannot be opened: {_reason(error, settings)}."
            ) from None
        return database

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session to read in."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self, lock: str | None = None, *, at_once: bool = False) -> Iterator[Session]:
        """Give a session whose changes are kept when the block ends well, and not at all otherwise.

        Parameters
        ----------
        lock : str, optional
            A name in `LOCKS`: blocks with the same name run one after another, in all processes.
        at_once : bool
            Whether to give up at once where something else holds the file of SQLite.

        Raises
        ------
        sqlalchemy.exc.TimeoutError
            If so many others write that the turn does not come.
        """
        if not self._writers.acquire(timeout=0.0 if at_once else _TURN_S):
            raise PoolTimeoutError("too many wait to write")
        try:
            with Session(self._hasty if at_once else self._writer) as session, session.begin():
                if lock is not None and not self.is_sqlite:
                    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCKS[lock]})
                yield session
        finally:
            self._writers.release()

    def may_write(self, settings: Settings) -> bool:
        """Say whether anything can be kept: of a file, that it and its folder may be written."""
        if not self.is_sqlite:
            return True
        file = Path(str(settings.database.database))
        return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


def _postgresql(url: URL, connections: int) -> Engine:
    return create_engine(
        url,
        pool_size=5,
        max_overflow=max(connections - 5, 0),
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": _CONNECT_S, "application_name": "afterglow-studio"},
    )


def _sqlite(url: URL, connections: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=5,
        max_overflow=max(connections - 5, 0),
        pool_timeout=10,
        hide_parameters=True,
        # Transactions are begun below, not by the driver, which would begin them too late.
        connect_args={"timeout": _PATIENCE_MS / 1000, "isolation_level": None, "check_same_thread": False},
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, record: object) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        _write_ahead(cursor)
        # A committed save outlives a power cut.
        cursor.execute("PRAGMA synchronous=FULL")
    finally:
        cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Switch to the write-ahead log; two processes that do so at once may meet, and SQLite does not wait for this."""
    deadline = time.monotonic() + _PATIENCE_MS / 1000
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin(connection: Connection) -> None:
    patience_ms = connection.get_execution_options().get(_IMMEDIATE)
    if patience_ms is not None:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={patience_ms}")
    connection.exec_driver_sql("BEGIN" if patience_ms is None else "BEGIN IMMEDIATE")


def _make_file(path: Path) -> None:
    """Make the file and its folder so that only their owner can read them."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _reason(error: Exception, settings: Settings) -> str:
    said = str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error)
    line = " ".join(said.split()).rstrip(".")
    for secret in settings.secrets:
        line = line.replace(secret, "***")
    return line[:300]
