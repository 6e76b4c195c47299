"""Passwords: argon2 with the library's current cost, and the same time for names that do not exist."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from afterglow.errors import AfterglowError

__all__ = ["LONGEST", "SHORTEST", "check_password", "hash_password", "needs_rehash", "verify_password"]

SHORTEST, LONGEST = 10, 200
"""Characters of a password: long enough against guessing with the lock-out, short enough to hash at once; assumed."""

_LEAST_SCORE = 3
"""Of zxcvbn's scores from 0 to 4: 3 withstands ten thousand million guesses."""
_GUESSED_FROM = 72
"""Characters that are looked at for patterns; looking at more takes long and adds nothing."""

_HASHER = PasswordHasher(parallelism=1)
"""In one thread: guesses from many addresses take one core and no more."""


def check_password(password: str, name: str) -> None:
    """Refuse a password that is too easy.

    Raises
    ------
    AfterglowError
    """
    if len(password) < SHORTEST:
        raise AfterglowError(f"A password needs at least {SHORTEST} characters; a few words in a row are easy to keep.")
    if len(password) > LONGEST:
        raise AfterglowError(f"A password may have at most {LONGEST} characters.")
    if zxcvbn(password[:_GUESSED_FROM], user_inputs=[name, "afterglow", "studio"])["score"] < _LEAST_SCORE:
        raise AfterglowError("This password is too easy to guess; a few unrelated words in a row are hard to.")


def hash_password(password: str) -> str:
    """Return the text that is kept in place of a password."""
    return _HASHER.hash(_bytes(password))


def verify_password(kept: str | None, password: str) -> bool:
    """Say whether a password is right; None (no such user) takes as long and is never right."""
    try:
        _HASHER.verify(kept or _nobody(), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def needs_rehash(kept: str) -> bool:
    """Say whether a kept password was hashed at a cost that is no longer the current one."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_bytes(32))


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
