"""Tokens and codes that nobody can guess, and what is kept of a token."""

import hashlib
import secrets

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 O 1 I L, which look like each other on paper: just under five bits each."""


def new_token() -> str:
    """256 bits for a browser to keep."""
    return secrets.token_urlsafe(32)


def digest_of_token(token: str) -> str:
    """What a table keeps of a token. It is as long as chance can make it, so one round is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_digits(count: int) -> str:
    """A number to be read out or typed on a telephone."""
    return f"{secrets.randbelow(10**count):0{count}d}"


def new_letters(count: int) -> str:
    """A code to be copied from paper."""
    return "".join(secrets.choice(LETTERS) for _ in range(count))
