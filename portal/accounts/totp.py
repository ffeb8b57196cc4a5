"""Codes that change every half minute, as telephones reckon them: RFC 6238 with SHA-1, six digits, thirty seconds.

Nothing here is kept or asked of the database: what was used up is `portal.accounts.factors`' business.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

STEP = 30
DIGITS = 6
DRIFT = 1
"""How many steps a telephone's clock may be early or late (RFC 6238 5.2 recommends one)."""

_SECRET_BYTES = 20
"""RFC 4226 4 recommends 160 bits; in base32 these are 32 letters without padding."""


def new_secret() -> str:
    """A secret as authenticator apps take it: 32 letters and digits of base32."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def counter_at(at: datetime) -> int:
    """Which half minute since 1970 this is."""
    return int(at.timestamp()) // STEP


def code_of(secret: str, counter: int, *, digits: int = DIGITS) -> str:
    """RFC 4226 5.3: the code of one half minute."""
    digest = hmac.digest(base64.b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def matching_counter(secret: str, code: str, *, at: datetime) -> int | None:
    """The half minute that the code belongs to, if it is now or next to now. Each is compared, whichever fits."""
    here = counter_at(at)
    near = range(here - DRIFT, here + DRIFT + 1)
    fitting = [counter for counter in near if hmac.compare_digest(code_of(secret, counter).encode(), code.encode())]
    return max(fitting, default=None)


def address_of(secret: str, *, issuer: str, account: str) -> str:
    """What the QR code says to an authenticator app. The shorter, the larger its squares.

    SHA-1, six digits and thirty seconds are what apps take for granted.
    """
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(account, safe='')}?{query}"


def in_groups(secret: str) -> list[str]:
    """The secret in groups of four, for whoever types it."""
    return [secret[start : start + 4] for start in range(0, len(secret), 4)]
