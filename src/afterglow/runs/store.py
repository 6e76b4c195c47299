"""Keeps runs in a folder, a file each, so that the same run is read and not calculated again.

A run is found by its address, `RunSpec.key`. The folder is a cache: all that goes wrong in it costs time and nothing
else, and the runs that were used least recently make room for new ones.
"""

from __future__ import annotations

import difflib
import os
import threading
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import platformdirs

from afterglow.errors import FileError
from afterglow.files import write_bytes_atomically
from afterglow.runs.netcdf import attributes_in, bytes_of, read_run
from afterglow.runs.result import Result
from afterglow.runs.sources import source_digest
from afterglow.simulate.spec import RunSpec
from afterglow.units import decimal_comma, read_number

__all__ = ["KeptRun", "RunStore", "StoreWarning", "usual_store"]

_FOLDER, _LIMIT = "AFTERGLOW_RUNS", "AFTERGLOW_RUNS_MB"
_USUAL_MB = 1000.0
_MB = 1_000_000
_SOURCES = "afterglow_sources"
_KEY = "[0-9a-f]" * 32
_LEFTOVER_S = 3600.0
"""Age from which on a part of a file was left by a process that was killed."""


_WAITING = threading.BoundedSemaphore(2)
"""Runs that wait to be kept: each takes memory."""
_SHOWN_FIRST_S = 0.25
"""So long a run that is kept later waits: its tables are made meanwhile, in the same interpreter."""


@cache
def _writer() -> ThreadPoolExecutor:
    """Return the thread that keeps runs; the process does not end before it has."""
    return ThreadPoolExecutor(1, thread_name_prefix="afterglow-store")


class StoreWarning(UserWarning):
    """A run could not be kept; its numbers are none the worse."""


@dataclass(frozen=True)
class KeptRun:
    """What the store knows of a run without reading its numbers.

    Parameters
    ----------
    key : str
    used : datetime
        When it was made or last read.
    spec : RunSpec
    bytes : int
    """

    key: str
    used: datetime
    spec: RunSpec
    bytes: int


@dataclass(frozen=True)
class RunStore:
    """A folder of runs.

    Parameters
    ----------
    folder : Path
    limit_mb : float
        Most megabytes that all runs together may take.
    """

    folder: Path
    limit_mb: float = _USUAL_MB

    def path(self, key: str) -> Path:
        """Return where the run of a key lies, or would."""
        return self.folder / f"{key}.nc"

    def read(self, key: str) -> Result | None:
        """Return a run, or None if it has to be calculated.

        A file that is damaged, holds another run or comes from other sources of Afterglow is removed.
        """
        path = self.path(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        try:
            found, sources = _verified(content, key)
        except FileError:
            sources = ""
        if sources != source_digest():
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path)
        return found

    def load(self, key: str) -> Result:
        """Return a run that is kept, also of other sources of Afterglow.

        Raises
        ------
        FileError
            If it cannot be read, or is damaged.
        """
        try:
            return _verified(self.path(key).read_bytes(), key)[0]
        except OSError as error:
            raise FileError(f"the run {key} could not be read: {error.strerror or error}") from None

    def write(self, result: Result) -> None:
        """Keep a run; one that is larger than all may be is not kept.

        If it cannot be kept, a `StoreWarning` says so and nothing else happens.
        """
        run = result.run
        if run.severity.nbytes + run.curves.nbytes > self.limit_mb * _MB:
            return
        content = bytes_of(run, {**result.provenance, _SOURCES: source_digest()})
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # Without waiting for the disk: after a power cut a file may be damaged, and is then found to be.
            write_bytes_atomically(self.path(run.spec.key), content, wait_for_disk=False)
            self._make_room(run.spec.key)
        except (OSError, FileError) as error:
            reason = getattr(error, "strerror", None) or error
            said = f"the run was not kept, its numbers are fine: {reason}; {_FOLDER} names another folder"
            warnings.warn(said, StoreWarning, stacklevel=2)

    def write_later(self, result: Result) -> None:
        """Keep a run while its numbers are shown already; where several wait to be kept, at once."""
        if not _WAITING.acquire(blocking=False):
            self.write(result)
            return

        def write() -> None:
            try:
                time.sleep(_SHOWN_FIRST_S)
                self.write(result)
            finally:
                _WAITING.release()

        _writer().submit(write)

    def runs(self) -> list[KeptRun]:
        """Return what is kept, the most recently used first; files that hold no run are passed over."""
        found = []
        for used, size, path in reversed(self._files()):
            with suppress(FileError, KeyError):
                spec = RunSpec.from_json(attributes_in(path)["spec"])
                found.append(KeptRun(path.stem, datetime.fromtimestamp(used, UTC), spec, size))
        return found

    def keys(self) -> list[str]:
        """Return the keys of all files, the least recently used first."""
        return [path.stem for _, _, path in self._files()]

    def find(self, word: str) -> str:
        """Return the key that begins with a word.

        Raises
        ------
        FileError
            If there is none or several; names the nearest.
        """
        keys = self.keys()
        found = [key for key in keys if key.startswith(word.strip().lower())]
        if len(found) == 1:
            return found[0]
        if found and word.strip():
            raise FileError(f"'{word}' may be any of {_named(found)}: give more of the key")
        close = difflib.get_close_matches(word.lower(), {key[: len(word)]: None for key in keys}, n=3, cutoff=0.5)
        near = [key for key in keys if any(key.startswith(start) for start in close)] if word else []
        hint = f"did you mean {' or '.join(key[:12] for key in near[:3])}?" if near else _known(keys)
        raise FileError(f"no run is kept under '{word}'; {hint}")

    def remove(self, key: str) -> None:
        """Remove a run; one that is gone already is no error.

        Raises
        ------
        FileError
            If the system refuses.
        """
        try:
            self.path(key).unlink(missing_ok=True)
        except OSError as error:
            raise FileError(f"the run {key} could not be removed: {error.strerror or error}") from None

    def _files(self) -> list[tuple[float, int, Path]]:
        """Return when each file was used, its size and its path, the least recently used first."""
        found = []
        for path in self.folder.glob(f"{_KEY}.nc"):
            with suppress(OSError):  # another process may have removed it
                seen = path.stat()
                found.append((seen.st_mtime, seen.st_size, path))
        return sorted(found)

    def _make_room(self, key: str) -> None:
        """Remove what killed processes left, and the least recently used runs but that of a key."""
        for part in self.folder.glob(f".{_KEY}.nc.*.part"):
            with suppress(OSError):
                if time.time() - part.stat().st_mtime > _LEFTOVER_S:
                    part.unlink()
        held = self._files()
        over = sum(size for _, size, _ in held) - self.limit_mb * _MB
        for _, size, path in held:
            if over <= 0:
                return
            if path.stem != key:
                path.unlink(missing_ok=True)
                over -= size


def usual_store() -> RunStore | None:
    """Return the store of this user, None where none is wanted.

    AFTERGLOW_RUNS names its folder, AFTERGLOW_RUNS_MB its limit in megabytes; 0 means no store.

    Raises
    ------
    FileError
        If the limit is no number.
    """
    said = os.environ.get(_LIMIT, "").strip() or str(_USUAL_MB)
    try:
        limit = read_number(said, _LIMIT)
    except ValueError:
        limit = -1.0
    if limit < 0:
        why = decimal_comma(said) or f"not '{said}'"
        raise FileError(f"{_LIMIT} should be a number of megabytes, 0 for no store, {why}")
    if limit == 0:
        return None
    named = os.environ.get(_FOLDER, "").strip()
    try:
        usual = named or Path(platformdirs.user_cache_dir("afterglow", appauthor=False)) / "runs"
        return RunStore(Path(usual).expanduser(), limit)
    except RuntimeError:  # there is no home folder
        return None


def _verified(content: bytes, key: str) -> tuple[Result, str]:
    """Return the run that bytes hold, if it is the one of a key, and the sources that made it."""
    run, attributes = read_run(content)
    if run.spec.key != key:
        raise FileError(f"the file of the run {key} holds another run")
    return Result(run), str(attributes.get(_SOURCES, ""))


def _named(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - 5} more" if len(keys) > 5 else ""
    return ", ".join(key[:12] for key in keys[:5]) + more


def _known(keys: Sequence[str]) -> str:
    return f"known: {_named(keys[::-1])}" if keys else "none is kept yet"
