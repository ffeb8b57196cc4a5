"""What may stand on a letter. A line break in a header would begin another header: refused, not repaired."""

import re
import unicodedata

from portal.post.models import Channel
from portal.problems import DomainError
from portal.words import _l

LONGEST_ADDRESS = 254
"""RFC 5321 4.5.3.1.3, less the brackets."""

LONGEST_SUBJECT = 200
LONGEST_TEXT = 20_000

_MAILBOX = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_NUMBER = re.compile(r"\+?[0-9]{5,20}")


def require_address(channel: Channel, to: str) -> None:
    """Raise DomainError unless a letter can go there: a plain mailbox, or the digits of a telephone."""
    if channel is Channel.SMS and not _NUMBER.fullmatch(to):
        raise DomainError(_l("这个手机号码发不了短信，请检查一下。"), field="to")
    if channel is Channel.MAIL and not _is_mailbox(to):
        raise DomainError(_l("这个邮箱地址发不了信，请检查一下。"), field="to")


def require_writing(subject: str, text: str) -> None:
    """Raise DomainError for control characters in the subject, or more text than a letter holds."""
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in subject):
        raise DomainError(_l("标题里不能有换行或看不见的字符。"), field="subject")
    if not text or len(text) > LONGEST_TEXT or len(subject) > LONGEST_SUBJECT:
        raise DomainError(_l("信的内容是空的，或者太长了。"), field="text")
    if any(unicodedata.category(character) == "Cs" or character == "\0" for character in text):
        raise DomainError(_l("信里有发不出去的字符。"), field="text")


def _is_mailbox(to: str) -> bool:
    return len(to) <= LONGEST_ADDRESS and bool(_MAILBOX.fullmatch(to)) and ".." not in to
