"""What people type as a mobile or an e-mail address, brought into one form; whatever could be a trick is refused."""

import re
import unicodedata
from typing import NamedTuple

from portal.contacts.models import Kind
from portal.privacy import digest_of
from portal.problems import DomainError
from portal.words import _l

LONGEST = 254
"""RFC 5321 4.5.3.1.3: a path of 256 octets less its two brackets."""

# What telephones and spreadsheets put around a number: blanks, dashes, brackets, marks of the reading direction.
_AROUND_DIGITS = re.compile(r"[\s\-‐-―().·\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_CHINESE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9][0-9]{9})")
_ABROAD = re.compile(r"(?:\+|00)([1-9][0-9]{5,14})")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class Address(NamedTuple):
    """Where something can be sent."""

    kind: Kind
    value: str

    @property
    def digest(self) -> str:
        """By which the same address is found again, however it was typed."""
        return digest_of(self.value.lower(), purpose=f"contact:{self.kind}")


def read_address(text: str) -> Address:
    """The mobile or e-mail address that the text names. Raises DomainError with the field `contact`."""
    if len(text) > LONGEST:
        raise DomainError(_l("太长了，请只写一个手机号或一个邮箱。"), field="contact")
    plain = unicodedata.normalize("NFKC", text)
    return _email(plain.strip(" ")) if "@" in plain else _mobile(plain)


def _mobile(text: str) -> Address:
    """Chinese mobiles as their eleven digits; others as + and what E.164 allows."""
    digits = _AROUND_DIGITS.sub("", text)
    if chinese := _CHINESE.fullmatch(digits):
        return Address(Kind.MOBILE, chinese[1])
    abroad = _ABROAD.fullmatch(digits)
    if abroad is None or abroad[1].startswith("86"):
        raise DomainError(_l("认不出这个号码。手机写 11 位，境外的写 + 和国家代码；邮箱要有 @。"), field="contact")
    return Address(Kind.MOBILE, f"+{abroad[1]}")


def _email(text: str) -> Address:
    """Only plain letters before the @, so that nothing can stand for something else; the host as DNS knows it."""
    # Left to itself, the reading of hosts drops what cannot be seen.
    is_seen = not any(unicodedata.category(character) in ("Cc", "Cf") for character in text)
    local, _, host = text.rpartition("@")
    labels = _ascii(host).split(".")
    is_host = len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    value = f"{local}@{'.'.join(labels)}"
    if not (is_seen and is_host) or len(local) > 64 or not _LOCAL.fullmatch(local) or len(value) > LONGEST:
        raise DomainError(_l("这个邮箱写得不对，请写成 name@example.org 这样。"), field="contact")
    return Address(Kind.EMAIL, value)


def _ascii(host: str) -> str:
    """The host as DNS knows it, in small letters; empty when it cannot be one."""
    try:
        return host.lower().encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
