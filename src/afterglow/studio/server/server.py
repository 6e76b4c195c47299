"""Runs the studio: one line says where it is, Ctrl-C ends it."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import time
import webbrowser
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from afterglow.studio.accounts.accounts import accounts
from afterglow.studio.database.database import Database
from afterglow.studio.database.upgrade import upgrade
from afterglow.studio.memory import give_memory_back
from afterglow.studio.server.application import served_app
from afterglow.studio.server.connections import BACKLOG, Counted, Guarded
from afterglow.studio.server.port import Port, listen
from afterglow.studio.settings import Settings, StudioError

__all__ = ["address_shown", "notices", "serve"]

_GRACE_S = 5
_LOGS = ("asyncio", "uvicorn.error", "afterglow.studio")
"""Whose lines that repeat are counted."""
_KEEP_ALIVE_S = 75
"""Longer than people think between two clicks, so that no request meets a line that is just being closed."""
_NOT_STARTED = "The studio could not start; the lines above say why."


def serve(settings: Settings, *, open_browser: bool = False) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Parameters
    ----------
    settings : Settings
    open_browser : bool
        Show the first page in the person's browser once it answers.

    Raises
    ------
    StudioError
        If the port is taken, or the database cannot be used.
    """
    listening = listen(settings)
    settings = settings.model_copy(update={"port": listening.getsockname()[1]})
    database = Database.opened(settings)
    try:
        upgrade(database)
        told = notices(settings, has_users=bool(accounts(database)), may_write=database.may_write(settings))
    finally:
        database.close()
    for line in told:
        print(line, file=sys.stderr, flush=True)
    for name in _LOGS:
        logging.getLogger(name).addFilter(Counted())
    if settings.workers > 1 and sys.platform == "linux":
        listening = Port.of(listening)
    announce = (address_shown(settings), listening.getsockname(), open_browser)
    threading.Thread(target=_announce, args=announce, daemon=True).start()
    try:
        if settings.workers == 1:
            _run_one(settings, listening)
        else:
            _run_workers(settings, listening)
    except KeyboardInterrupt:
        pass


def address_shown(settings: Settings) -> str:
    """Return the address that a person opens."""
    host = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(settings.host, settings.host)
    bracketed = f"[{host}]" if ":" in host else host
    return f"{'https' if settings.has_tls else 'http'}://{bracketed}:{settings.port}"


def notices(settings: Settings, *, has_users: bool, may_write: bool = True) -> list[str]:
    """Return what the person who starts it should know."""
    found = []
    if not may_write:
        found.append(f"The database {settings.shown_database} may only be read: nothing can be saved.")
    if settings.login_required and not settings.is_local and not settings.has_tls:
        found.append(
            "TLS is missing: whoever sits on the way can read passwords and designs. "
            "Give --tls-cert and --tls-key, or let only a proxy that speaks https reach this port."
        )
    if settings.login_required and not has_users:
        found.append("Nobody can log in yet: add somebody with 'afterglow studio-user add NAME --role editor'.")
    return found


def _options(settings: Settings) -> dict[str, object]:
    return {
        "host": settings.host,
        "port": settings.port,
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "ws": "none",
        "backlog": BACKLOG,
        "http": Guarded,
        "timeout_graceful_shutdown": _GRACE_S,
        "timeout_keep_alive": _KEEP_ALIVE_S,
        "ssl_certfile": str(settings.tls_cert) if settings.tls_cert else None,
        "ssl_keyfile": str(settings.tls_key) if settings.tls_key else None,
    }


def _run_one(settings: Settings, listening: socket.socket) -> None:
    give_memory_back()
    server = uvicorn.Server(uvicorn.Config(served_app(settings), **_options(settings)))  # type: ignore[arg-type]
    server.run(sockets=[listening])
    if not server.started:
        raise StudioError(_NOT_STARTED)


def _run_workers(settings: Settings, listening: socket.socket) -> None:
    """Let several processes accept from the one port; one that dies is replaced."""
    os.environ.update(settings.environment())
    config = uvicorn.Config(
        "afterglow.studio.server.application:from_environment",
        factory=True,
        workers=settings.workers,
        **_options(settings),  # type: ignore[arg-type]
    )
    supervisor = _Supervisor(config, sockets=[listening])
    supervisor.run()
    if supervisor.failed:
        raise StudioError(_NOT_STARTED)


class _Supervisor(Multiprocess):
    """Replaces server processes that die.

    That of uvicorn also replaces one that does not answer it within a few seconds, as one that still loads on a slow
    machine; and while it waits for an answer, it hears of no signal and of no other process's death.
    """

    failed = False

    def keep_subprocess_alive(self) -> None:
        """Look after the processes once."""
        for k, process in enumerate(self.processes):
            if process.exitcode is None or self.should_exit.is_set():
                continue
            process.kill()  # closes what was its line to here
            if process.exitcode == STARTUP_FAILURE:
                self.failed = True  # and so would the next
                self.should_exit.set()
            else:
                self.processes[k] = Process(self.config, self.sockets)
                self.processes[k].start()


def _announce(address: str, place: tuple[Any, ...], open_browser: bool) -> None:
    """Say where the studio is once somebody listens there."""
    while True:
        try:
            socket.create_connection(place[:2], timeout=5).close()
            break
        except OSError:
            time.sleep(0.05)
    print(f"Afterglow studio: {address}", flush=True)
    if open_browser:
        webbrowser.open(address)
