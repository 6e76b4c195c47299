"""Brings a database to the shape that this version needs, one process at a time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from afterglow.studio.database.database import Database
from afterglow.studio.settings import StudioError

__all__ = ["newest_revision", "upgrade"]

_FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """Run the migrations that are missing. All of them happen, or none.

    Parameters
    ----------
    database : Database

    Raises
    ------
    StudioError
        If a newer version of this software made the database, or it is damaged or may not be written to.
    """
    config = _config()
    try:
        if database.is_sqlite:
            _refuse_damaged(database)
        with database.writing("migrations") as session:
            config.attributes["connection"] = session.connection()
            command.upgrade(config, "head")
    except CommandError as error:
        raise StudioError(
            "The database was made by a newer version of Afterglow; use that version, or name another database."
        ) from error
    except DatabaseError as error:
        raise StudioError(
            f"The database cannot be brought up to date and is left as it is: {str(error.orig).strip().rstrip('.')}."
        ) from None


def _refuse_damaged(database: Database) -> None:
    """Read all of a file once: what is damaged is better found now than by whoever saves next."""
    with database.reading() as session:
        found = session.execute(text("PRAGMA quick_check(1)")).scalar()
    if found != "ok":
        why = " ".join(str(found).removeprefix("*** in database main ***").split())
        raise StudioError(f"The database is damaged and is left as it is: {why}.")


def newest_revision() -> str | None:
    """Return the name of the last migration."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
