"""What is private stands in a leaf as a salted commitment: whoever has salt and value can show it, nobody can guess it.

`HMAC-SHA256(salt, canonical JSON of [field, value])`, one salt of 256 random bits for each field.
"""

import hashlib
import hmac
import secrets
from typing import Any

from portal.log import canonical

SALT = 32
"""Bytes."""


def new_salt() -> bytes:
    return secrets.token_bytes(SALT)


def commit(salt: bytes, field: str, value: Any) -> bytes:
    """32 bytes that stand for the field's value."""
    return hmac.digest(salt, canonical.dumps([field, value]), hashlib.sha256)


def opens(commitment: bytes, salt: bytes, field: str, value: Any) -> bool:
    """Whether the commitment was made of this salt and value."""
    return hmac.compare_digest(commitment, hmac.digest(salt, canonical.again([field, value]), hashlib.sha256))
