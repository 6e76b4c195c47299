"""Where compiled code is kept: a folder named after the sources of this package, so that it is never out of date.

numba looks only at the file of the compiled function itself, not at what that function calls; and it keeps the work of
every copy of a package apart, so that a second environment with the same sources would wait for all of it again.

What is kept is unpickled, which runs what it says: so the folder must be the user's own, closed to others, and in a
place where nobody else can put another instead. Where there is none, and where the disk is full, code is compiled anew.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import os
import shutil
import stat
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
from numba.core import dispatcher
from numba.core.caching import FunctionCache, InTreeCacheLocator, NullCache

__all__ = ["CacheWarning", "SourcesLocator", "keep_compiled"]

_HERE = Path(__file__).parent
_USUAL = (
    "UserProvidedCacheLocator",
    "InTreeCacheLocator",
    "UserWideCacheLocator",
    "IPythonCacheLocator",
    "ZipCacheLocator",
)
"""Where numba keeps the functions of others, in the order in which it tries."""


class CacheWarning(UserWarning):
    """Compiled code could not be kept; the next command compiles it again."""


@functools.cache
def _digest() -> str:
    digest = hashlib.blake2b(numba.__version__.encode(), digest_size=8)
    for source in sorted(_HERE.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


@functools.cache
def _folder() -> Path | None:
    """Return a folder that is safe to read code from: a lasting one, else a fresh one of this process, else None."""
    for parent, name in _lasting():
        with suppress(OSError, ValueError):
            folder = parent.resolve() / name
            if _is_well_placed(folder):
                folder.parent.mkdir(parents=True, exist_ok=True)
                folder.mkdir(mode=0o700, exist_ok=True)
                if _is_closed(folder) and os.access(folder, os.W_OK):
                    return folder
    with suppress(OSError):
        fresh = Path(tempfile.mkdtemp(prefix="afterglow-", dir=Path(tempfile.gettempdir()).resolve()))
        atexit.register(shutil.rmtree, fresh, ignore_errors=True)
        if _is_closed(fresh):
            return fresh
    return None


def _lasting() -> Iterator[tuple[Path, str]]:
    """Give the places for a folder that lasts, as parent and name: the user's cache, then the temporary folder.

    A home that is not there is not made.
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if named.is_absolute():
        yield named / "afterglow", _digest()
    else:
        home = Path(os.path.expanduser("~"))  # noqa: PTH111 (Path.home raises where nobody knows it)
        if home.is_dir():
            yield home / ".cache" / "afterglow", _digest()
    user = os.getuid() if hasattr(os, "getuid") else 0
    with suppress(OSError):
        temporary = Path(tempfile.gettempdir())
        if temporary.is_dir():
            yield temporary, f"afterglow-{user}-{_digest()}"


def _is_closed(folder: Path) -> bool:
    """Say whether a folder is the user's own, closed to all others, and stays where it is."""
    if not hasattr(os, "getuid"):
        return True  # Windows keeps the temporary folder of each user apart
    seen = folder.lstat()
    own = stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.getuid() and not seen.st_mode & 0o077
    return own and _is_well_placed(folder)


def _is_well_placed(folder: Path) -> bool:
    """Say whether none but the user and root can put another in the place of a folder that is there or will be."""
    return not hasattr(os, "getuid") or not any(_is_open(parent.stat()) for parent in folder.parents if parent.exists())


def _is_open(seen: os.stat_result) -> bool:
    """Say whether others than the user and root may rename what lies in a folder."""
    if seen.st_uid not in (0, os.getuid()):
        return True
    if seen.st_mode & stat.S_ISVTX:
        return False  # there only its owner may
    by_group = bool(seen.st_mode & stat.S_IWGRP) and not _is_own_group(seen.st_gid)
    return by_group or bool(seen.st_mode & stat.S_IWOTH)


def _is_own_group(group: int) -> bool:
    """Say whether a group holds this user alone, as where each user has a group of the same name."""
    import grp
    import pwd

    try:
        user, found = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(group)
    except KeyError:
        return False
    return found.gr_name == user and {*found.gr_mem} <= {user}


class SourcesLocator(InTreeCacheLocator):
    """Tells numba where it keeps a function of this package: by what the sources are, not by where they lie."""

    def __init__(self, function: Any, file: str) -> None:
        super().__init__(function, file)
        folder = _folder()
        if folder is None:
            raise OSError("there is no folder that is safe to read code from")
        self._cache_path = str(folder / Path(file).parent.relative_to(_HERE.parent))

    def get_source_stamp(self) -> str:
        """Return what the sources are; their times say when they were copied."""
        return _digest()

    @classmethod
    def from_function(cls, function: Any, file: str) -> Any:
        """Return the place of a function; None for one of another package, which is not for us to say."""
        return super().from_function(function, file) if _is_ours(file) else None


class _OwnCache(FunctionCache):
    """Compiled code of a function of this package: whatever is wrong with what is kept, it is compiled again."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # damaged files raise anything
            with suppress(Exception):
                self.flush()  # so that what is compiled now takes their place
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except Exception as error:
            _say_once(str(getattr(error, "strerror", None) or error))


@functools.cache
def _say_once(why: str) -> None:
    said = f"compiled code could not be kept ({why}), so the next command takes as long to begin as this one"
    warnings.warn(said, CacheWarning, stacklevel=2)


def _cache_of(function: Any) -> Any:
    """Return the cache of a function, for numba: ours forgives."""
    if not _is_ours(function.__code__.co_filename):
        return FunctionCache(function)
    if not _user_chose() and _folder() is None:
        return NullCache()
    try:
        found = _OwnCache(function)
    except (RuntimeError, OSError):  # nothing can be written there
        return NullCache()
    # Where numba itself would go on to look, nobody has seen who else can write.
    return found if _user_chose() or isinstance(found._impl.locator, SourcesLocator) else NullCache()


def _is_ours(file: str) -> bool:
    return Path(file).is_relative_to(_HERE)


def _user_chose() -> bool:
    return bool(os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("NUMBA_CACHE_LOCATOR_CLASSES"))


def keep_compiled() -> None:
    """Tell numba to keep what it compiles in the folder of the present sources, unless the user chose another."""
    vars(dispatcher)["FunctionCache"] = _cache_of  # the name by which every decorated function makes its cache
    if not _user_chose():
        numba.config.CACHE_LOCATOR_CLASSES = ",".join([f"{__name__}.{SourcesLocator.__name__}", *_USUAL])
