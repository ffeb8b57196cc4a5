"""What is printed on a card, what a scanner reads from it, and which PINs are none."""

import base64
import re
import unicodedata
from calendar import monthrange
from itertools import pairwise
from typing import NamedTuple

from portal.badges.models import Badge
from portal.privacy import digest_of
from portal.problems import DomainError
from portal.words import _l

PREFIX = "AX"
LONGEST = 60
PIN_LENGTHS = range(4, 7)
_SCANNED = re.compile(rf"{PREFIX}([0-9]{{8}})([A-Z2-7]{{26}})")
_NUMBER = re.compile(r"[0-9]{8}")
COMMON_PINS = frozenset(
    {"1314", "5201", "2580", "0852", "5213", "1688", "6688", "8899", "520520", "131452", "147258", "258369", "159357"}
)
"""What stands in lines on the keys, and what is said with numbers."""


class Card(NamedTuple):
    """What was shown: the short number, and the token if the card itself was scanned."""

    number: str
    token: str | None


def token_of(badge: Badge) -> str:
    """128 bits in 26 letters."""
    secret = bytes.fromhex(digest_of(f"{badge.id}:{badge.nonce}", purpose="badge"))[:16]
    return base64.b32encode(secret).decode().rstrip("=")


def text_of(badge: Badge) -> str:
    """What the card's QR code says: letters and digits only, so a scanner types it on any keyboard."""
    return f"{PREFIX}{badge.number}{token_of(badge)}"


def spaced(number: str) -> str:
    """1234 5678: as it is printed and read out."""
    return f"{number[:4]} {number[4:]}"


def read_card(text: str) -> Card:
    """The card that was scanned, or whose short number was typed. Raises DomainError."""
    plain = "".join(unicodedata.normalize("NFKC", text[:LONGEST]).split()).replace("-", "").upper()
    if scanned := _SCANNED.fullmatch(plain):
        return Card(scanned[1], scanned[2])
    if _NUMBER.fullmatch(plain):
        return Card(plain, None)
    raise DomainError(_l("认不出这张证。请再扫一次，或者输入证上的 8 位卡号。"), field="card")


def require_good_pin(pin: str) -> None:
    """Raise DomainError unless it is four to six digits that nobody would try first."""
    if not (pin.isascii() and pin.isdigit() and len(pin) in PIN_LENGTHS):
        raise DomainError(_l("密码是 4 到 6 位数字。"), field="pin")
    if _is_obvious(pin):
        raise DomainError(_l("这个密码太容易猜到：不要用连号、重复的数字、生日或年份。"), field="pin")


def _is_obvious(pin: str) -> bool:
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    is_run = len(steps) == 1 and steps <= {0, 1, -1}
    is_repeated = any(pin == pin[:size] * (len(pin) // size) for size in (1, 2, 3) if len(pin) % size == 0)
    return is_run or is_repeated or len(set(pin)) < 3 or pin in COMMON_PINS or _is_a_date(pin)


def _is_a_date(pin: str) -> bool:
    """0312, 1956, 560312, 195603: a birthday is what is known of somebody."""
    is_year = pin[:2] in ("19", "20")
    if len(pin) == 4:
        return is_year or _is_day(pin[:2], pin[2:])
    if len(pin) == 6:
        return _is_day(pin[2:4], pin[4:]) or (is_year and 1 <= int(pin[4:]) <= 12)
    return False


def _is_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= monthrange(2024, int(month))[1]
