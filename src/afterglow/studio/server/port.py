"""The port at which the studio listens. It loads little: a server process that begins is handed it before all else."""

from __future__ import annotations

import os
import socket
from typing import Any

from afterglow.studio.server.connections import BACKLOG
from afterglow.studio.settings import Settings, StudioError

__all__ = ["Port", "listen"]


def listen(settings: Settings) -> socket.socket:
    """Take the port.

    Raises
    ------
    StudioError
        If it is taken, or the address is not this machine's.
    """
    try:
        family, kind, number, _, place = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise StudioError(f"The address '{settings.host}' is not known: {error.strerror}.") from error
    found = socket.socket(family, kind, number)
    try:
        if os.name == "posix":
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(place)
        found.listen(BACKLOG)
    except OSError as error:
        found.close()
        raise StudioError(
            f"Port {settings.port} of {settings.host} cannot be used ({error.strerror}); "
            "is the studio running already? Name another with --port."
        ) from error
    return found


class Port(socket.socket):
    """A port at which each server process listens with a socket of its own: handed to one, it is another such socket.

    Linux shares new connections out among them by chance. Of one socket for all, whichever process is idle just then
    takes most, and has them for as long as they stay open. This one holds the port and takes none.
    """

    @classmethod
    def of(cls, listening: socket.socket) -> Port:
        """Take a port over from a socket that nobody shares it with, and close that."""
        family, place = listening.family, listening.getsockname()
        listening.close()
        return cls._at(family, place)

    @classmethod
    def _at(cls, family: int, place: tuple[Any, ...]) -> Port:
        found = cls(family, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        found.bind(place)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        """Say how another process makes its own."""
        return Port._at, (int(self.family), self.getsockname())
