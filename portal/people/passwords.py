"""Passwords: argon2id at 19 MiB. Slow on purpose, so never called while a write transaction is open."""

import re
from collections.abc import Iterable
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.problems import DomainError
from portal.words import _l

SHORTEST = 8
SHORTEST_OF_DIGITS = 12
"""A birthday or a telephone number is tried first."""

FEWEST_DIFFERENT = 5
COMMON = (
    *("password", "passwd", "passw0rd", "qwerty", "qwer", "asdf", "zxcv", "1qaz", "2wsx", "admin", "root", "welcome"),
    *("iloveyou", "woaini", "wodemima", "mima", "5201314", "1314520", "520", "abc", "test", "user", "guest", "hello"),
    *("aixin", "lianmeng", "zhiyuan", "haining", "love919", "volunteer"),
)
"""What is tried first, here and elsewhere. It counts for nothing in a password."""

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


def require_good(password: str, *, own: Iterable[str | None] = (), field: str = "password") -> None:
    """Raise DomainError for a password that is short or among the first that anybody would try.

    `own`: what is known of the person, such as name and login. NIST SP 800-63B 5.1.1.2: length, and no common ones;
    no rule about capitals and signs.
    """
    if len(password) < SHORTEST:
        raise DomainError(_l("密码至少 %(count)d 位。", count=SHORTEST), field=field)
    if password.isdigit() and len(password) < SHORTEST_OF_DIGITS:
        raise DomainError(
            _l("只用数字的密码至少 %(count)d 位，加几个字母更好。", count=SHORTEST_OF_DIGITS), field=field
        )
    if len(set(_uncommon(password, own))) < FEWEST_DIFFERENT:
        raise DomainError(_l("这个密码太容易猜到，请换一个，例如几个互不相干的词。"), field=field)


def _uncommon(password: str, own: Iterable[str | None]) -> str:
    """What is left without common words, the person's own, and characters that follow each other."""
    rest = password.casefold()
    for word in sorted((word.casefold() for word in (*COMMON, *own) if word), key=len, reverse=True):
        rest = rest.replace(word, "")
    return re.sub(r"(.)\1{2,}", r"\1", _without_runs(rest))


def _without_runs(text: str) -> str:
    """Without three and more characters that count up or down, such as 123 or cba."""
    kept, run = "", text[:1]
    for before, character in pairwise(text):
        step = ord(character) - ord(before)
        if abs(step) == 1 and (len(run) < 2 or step == ord(run[1]) - ord(run[0])):
            run += character
        else:
            kept, run = kept + (run if len(run) < 3 else ""), character
    return kept + (run if len(run) < 3 else "")
