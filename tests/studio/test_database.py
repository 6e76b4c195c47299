"""The database: migrations, transactions, and what a crash leaves behind."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command, op
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from tests.studio.conftest import settings_for

from afterglow.studio.accounts.accounts import add_account
from afterglow.studio.accounts.sessions import begin_session, session_account
from afterglow.studio.database.database import Database
from afterglow.studio.database.tables import LoginTry, SavedRow, SessionRow, Table, UserRow, now
from afterglow.studio.database.upgrade import _config, newest_revision, upgrade
from afterglow.studio.saved.saved import make_saved, read_saved, replace
from afterglow.studio.settings import StudioError

HALF_SAVED = """
import sys, time
from afterglow.studio.database.database import Database
from afterglow.studio.database.tables import SavedRow
from afterglow.studio.settings import Settings
from sqlalchemy import update
database = Database.opened(Settings.gather({"database_url": sys.argv[1]}, {}))
with database.writing() as session:
    session.execute(update(SavedRow).values(name="half", state='{"half"', version=99))
    session.flush()
    print("written", flush=True)
    time.sleep(60)
"""
UPGRADE = """
import sys
from afterglow.studio.database.database import Database
from afterglow.studio.database.upgrade import upgrade
from afterglow.studio.settings import Settings
database = Database.opened(Settings.gather({"database_url": sys.argv[1]}, {}))
upgrade(database)
print("ready")
"""


def test_models_and_migrations_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Table.metadata) == []
        assert context.get_current_revision() == newest_revision()


def test_upgrading_again_changes_nothing(database: Database) -> None:
    made = make_saved(database, "local", name="mine", page="explore", state={"a": 1})
    upgrade(database)
    assert read_saved(database, "local", made.id) == made


def test_tries_of_an_older_version_count_as_wrong(database: Database) -> None:
    with database.writing("migrations") as session:
        config = _config()
        config.attributes["connection"] = session.connection()
        command.downgrade(config, "0001")
        values = "('a hash', 'somewhere', CURRENT_TIMESTAMP)"
        session.execute(text(f"INSERT INTO login_tries (name, address, at) VALUES {values}"))
    upgrade(database)
    with database.reading() as session:
        assert session.scalars(select(LoginTry.wrong)).all() == [True]


def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    commands = [[sys.executable, "-c", UPGRADE, database_url]] * 2
    started = [
        subprocess.Popen(c, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        for c in commands
    ]
    for process in started:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out.strip()) == (0, "ready"), err
    database = Database.opened(settings_for(database_url))
    assert set(Table.metadata.tables) <= set(inspect(database.engine).get_table_names())
    database.close()


def test_a_database_of_a_newer_version_is_left_alone(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StudioError, match="newer version"):
        upgrade(database)


def test_an_upgrade_that_fails_leaves_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = op.create_index

    def failing(name: str, *rest: object) -> None:
        if name == "ix_jobs_owner":
            raise RuntimeError("power cut")
        real(name, *rest)

    database = Database.opened(settings_for(database_url))
    monkeypatch.setattr(op, "create_index", failing)
    with pytest.raises(RuntimeError):
        upgrade(database)
    assert inspect(database.engine).get_table_names() == []
    monkeypatch.undo()
    upgrade(database)
    database.close()


def test_a_crash_in_mid_save_keeps_the_former_version(database: Database, database_url: str) -> None:
    made = make_saved(database, "local", name="mine", page="explore", state={"days": [1, 2]})
    process = subprocess.Popen([sys.executable, "-c", HALF_SAVED, database_url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "written"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=20)
    process.stdout.close()
    assert read_saved(database, "local", made.id) == made
    # and the next save does not wait for the dead one
    later = replace(database, "local", made.id, name="mine", page="explore", state={"days": [3]}, version=1)
    assert (later.version, later.state) == (2, {"days": [3]})


def test_a_block_that_fails_writes_nothing(database: Database) -> None:
    def fail() -> None:
        with database.writing() as session:
            session.add(UserRow(id="1", name="ann", role="viewer", password="x", created=now()))
            session.flush()
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        fail()
    with database.reading() as session:
        assert session.scalars(select(UserRow)).all() == []


def test_foreign_keys_hold(database: Database) -> None:
    def orphan() -> None:
        with database.writing() as session:
            session.add(SessionRow(token_hash="a", user_id="nobody", created=now(), seen=now()))

    with pytest.raises(IntegrityError):
        orphan()


def test_writers_wait_for_one_another(database: Database) -> None:
    made = make_saved(database, "local", name="mine", page="explore", state={})

    def raise_version(_: int) -> None:
        with database.writing("saved") as session:
            row = session.scalars(select(SavedRow)).one()
            row.version += 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(raise_version, range(24)))
    assert read_saved(database, "local", made.id).version == 25


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    make_saved(database, "local", name="mine", page="explore", state={})
    seen = threading.Event()

    def read() -> None:
        with database.reading() as session:
            assert session.scalars(select(SavedRow.name)).one() == "mine"
        seen.set()

    with database.writing() as session:
        session.scalars(select(SavedRow)).one().name = "other"
        session.flush()
        thread = threading.Thread(target=read)
        thread.start()
        assert seen.wait(5)
        thread.join()


def test_moments_keep_their_zone(database: Database) -> None:
    moment = now()
    with database.writing() as session:
        session.add(UserRow(id="1", name="ann", role="viewer", password="x", created=moment))
    with database.reading() as session:
        found = session.scalars(select(UserRow.created)).one()
    assert found == moment


def test_sqlite_is_safe_against_power_cuts_and_other_users(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "studio.sqlite3"
    database = Database.opened(settings_for(f"sqlite:///{path}"))
    upgrade(database)
    with database.engine.connect() as connection:
        read = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")}
        assert read == {"journal_mode": "wal", "synchronous": 2}
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize(
    "url", ["sqlite:////proc/nowhere/studio.sqlite3", "postgresql://ann:geheim-42@127.0.0.1:1/studio"]
)
def test_a_database_that_cannot_be_opened_is_one_sentence_without_the_password(url: str) -> None:
    with pytest.raises(StudioError) as error:
        Database.opened(settings_for(url))
    assert "cannot be opened" in str(error.value)
    assert "geheim" not in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.__suppress_context__


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "studio.sqlite3"
    path.write_bytes(os.urandom(4096))
    with pytest.raises(StudioError, match="cannot be opened"):
        Database.opened(settings_for(f"sqlite:///{path}"))


@pytest.mark.parametrize("damage", ["the head", "a page of accounts"])
def test_a_damaged_file_is_said_in_one_sentence_and_left_as_it_is(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "studio.sqlite3"
    settings = settings_for(f"sqlite:///{path}")
    made = Database.opened(settings)
    upgrade(made)
    with made.reading() as session:
        page = session.execute(text("SELECT rootpage FROM sqlite_master WHERE name = 'users'")).scalar_one()
        size = session.execute(text("PRAGMA page_size")).scalar_one()
    made.close()
    content = bytearray(path.read_bytes())
    place = 0 if damage == "the head" else (page - 1) * size
    content[place : place + 16] = b"X" * 16
    path.write_bytes(content)
    with pytest.raises(StudioError, match=r"^The database .*\.$"):
        upgrade(Database.opened(settings))
    assert path.read_bytes() == content


def test_readers_go_on_while_something_else_holds_the_database(sqlite_url: str) -> None:
    database = Database.opened(settings_for(sqlite_url))
    upgrade(database)
    add_account(database, "ann", "viewer", "violet tram lemon seven")
    with database.reading() as session:
        user = session.scalar(select(UserRow))
        assert user is not None
    token = begin_session(database, user.id)
    with database.writing() as session:
        session.execute(update(SessionRow).values(seen=now() - timedelta(minutes=5)))
    held = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    held.execute("BEGIN IMMEDIATE")

    def save(k: int) -> str:
        try:
            make_saved(database, "ann", name=f"no {k}", page="plan", state={})
        except SQLAlchemyError as error:
            return type(error).__name__
        return "saved"

    with ThreadPoolExecutor(30) as threads:
        saves = [threads.submit(save, k) for k in range(30)]
        time.sleep(0.3)
        began = time.monotonic()
        account = session_account(database, token)
        assert account is not None
        assert account.name == "ann"
        assert time.monotonic() - began < 4
        until = time.monotonic() + 8
        while sum(found.done() for found in saves) < 20 and time.monotonic() < until:
            time.sleep(0.05)
        held.execute("ROLLBACK")
        told = [found.result(20) for found in saves]
    assert told.count("TimeoutError") == 20, "those that could not come to their turn were told so soon"
    assert told.count("saved") == 10
    held.close()
    assert session_account(database, token) is not None
    with database.reading() as session:
        assert now() - session.scalars(select(SessionRow.seen)).one() < timedelta(minutes=1)
    database.close()
