"""What others may see of a person, and what the database holds of her (个人信息保护法 §51).

Masked unless there is a reason. What would identify her outside the portal lies sealed in the tables (`sealing`); where
it must be found again, a keyed digest stands beside it.
"""

import hashlib
import hmac
from datetime import date

from sqlalchemy import String
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator

from portal.sealing import Unreadable, opened, sealed
from portal.settings import current_settings

__all__ = [
    "Sealed",
    "Unreadable",
    "digest_of",
    "mask_address",
    "mask_birth",
    "mask_email",
    "mask_mobile",
    "mask_name",
    "mask_paper",
    "mask_place",
    "opened",
    "sealed",
]


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


def mask_paper(number: str) -> str:
    """110105********0123 of a resident's number; of shorter ones the first and the last two characters."""
    if len(number) == 18:
        return f"{number[:6]}{'*' * 8}{number[-4:]}"
    return f"{number[:1]}{'*' * (len(number) - 3)}{number[-2:]}" if len(number) > 4 else "*" * len(number)


def mask_birth(born_on: date) -> str:
    """1949-**-**: the year is enough for an age."""
    return f"{born_on.year}-**-**"


def mask_place(place: str) -> str:
    """Where somebody lives: so much of it that the neighbourhood is known, never the door."""
    return f"{place[:3]}****" if len(place) > 6 else "****"


class Sealed(TypeDecorator[str]):
    """A text that lies sealed in its column, under the first key of the portal's settings.

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


def digest_of(text: str, *, purpose: str) -> str:
    """A keyed digest, 64 hex digits, by which the same text is found again. Without the key it tells nothing.

    Its key comes from PORTAL_DATA_KEY alone, whatever keys seal: the text behind it is not there to be digested anew.
    """
    key = hmac.digest(current_settings().data_key.encode(), b"portal digests", hashlib.sha256)
    return hmac.new(key, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()
