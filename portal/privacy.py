"""What others may see of a person, and what the database holds of her (个人信息保护法 §51).

Masked unless there is a reason. What would identify her outside the portal lies encrypted in the tables; where it must
be found again, a keyed digest stands beside it.
"""

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import String
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator

from portal.settings import current_settings

_NONCE = 12
_VERSION = "v1"


class Unreadable(Exception):
    """What lies in the table was not sealed with this portal's data key, or for another place."""


def mask_name(name: str) -> str:
    """The first character and a star, whatever the length: 张三 and 张小满 are both 张*."""
    return f"{name[0]}*" if name else ""


def mask_mobile(mobile: str) -> str:
    """138****5678: enough to know one's own number by."""
    return f"{mobile[:3]}****{mobile[-4:]}" if len(mobile) >= 7 else "*" * len(mobile)


def mask_email(email: str) -> str:
    """z***@example.org."""
    name, at, host = email.partition("@")
    return f"{name[:1]}***{at}{host}"


def mask_address(address: str) -> str:
    """A mobile or an e-mail address, masked as what it is."""
    return mask_email(address) if "@" in address else mask_mobile(address)


class Sealed(TypeDecorator[str]):
    """A text that lies encrypted in its column: AES-256-GCM with a key made from PORTAL_DATA_KEY.

    `place` names table and column: sealed text that was moved to another place is refused.
    """

    impl = String
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else sealed(value, place=self.place)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else opened(value, place=self.place)


def sealed(text: str, *, place: str) -> str:
    nonce = secrets.token_bytes(_NONCE)
    hidden = _cipher(_data_key()).encrypt(nonce, text.encode(), place.encode())
    return f"{_VERSION}.{base64.urlsafe_b64encode(nonce + hidden).decode()}"


def opened(text: str, *, place: str) -> str:
    """What was sealed. Raises Unreadable."""
    version, _, body = text.partition(".")
    try:
        raw = base64.urlsafe_b64decode(body)
        if version != _VERSION:
            raise Unreadable(f"{place}: version {version[:8]!r}")
        return _cipher(_data_key()).decrypt(raw[:_NONCE], raw[_NONCE:], place.encode()).decode()
    except (InvalidTag, ValueError) as wrong:
        raise Unreadable(f"{place}: sealed with another key, or changed") from wrong


def digest_of(text: str, *, purpose: str) -> str:
    """A keyed digest, 64 hex digits, by which the same text is found again. Without the key it tells nothing."""
    key = hmac.digest(_data_key().encode(), b"portal digests", hashlib.sha256)
    return hmac.new(key, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=4)
def _cipher(data_key: str) -> AESGCM:
    return AESGCM(hmac.digest(data_key.encode(), b"portal sealed columns", hashlib.sha256))


def _data_key() -> str:
    return current_settings().data_key
