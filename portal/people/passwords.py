"""Passwords: argon2id at 19 MiB. Slow on purpose, so never called while a write transaction is open."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$1hnDpVXzP5ZDtnsF8gYJ5ylRAQBH2vkoR8xJRkTxgWs"
"""A hash that no password has: an unknown login costs the same time as a wrong password."""


def hashed(password: str) -> str:
    return _hasher.hash(password)


def is_right(stored: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed; takes the same time when there is none."""
    try:
        _hasher.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None
