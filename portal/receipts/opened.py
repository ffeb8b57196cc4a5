"""Which confirmations this browser has shown the look-up code of: numbers in its session, never the codes."""

from datetime import datetime

from flask import session

from portal.audit import record_apart
from portal.problems import DomainError
from portal.receipts.codes import is_code_of
from portal.receipts.models import Receipt
from portal.web.addresses import visitors_network
from portal.web.throttle import Guesses
from portal.words import _l

OPENED = "opened_receipts"
MOST_OPENED = 20
ATTEMPTS_AN_ADDRESS = 20


class WrongCode(DomainError):
    """Not the code of this number. The sentence is the same for a number that does not exist."""

    def __init__(self) -> None:
        super().__init__(_l("查询码不对，请对照纸条再输一次。字母不分大小写，短横可以不输。"), field="code")


def open_with_code(receipt: Receipt | None, number: str, code: str, *, at: datetime) -> Receipt:
    """Remember the confirmation in this session when the code is right. Raises WrongCode, TooManyAttempts.

    The right code opens always, whatever others tried before: 128 bits need no lock that strangers could close.
    """
    if receipt is None or not is_code_of(receipt, code):
        guesses = Guesses({f"receipt-from:{visitors_network()}": ATTEMPTS_AN_ADDRESS})
        guesses.check(at=at)
        guesses.count(at=at)
        record_apart("receipts.code_refused", receipt, by=None, at=at, number=number)
        raise WrongCode
    session[OPENED] = [*(one for one in _opened() if one != receipt.number), receipt.number][-MOST_OPENED:]
    return receipt


def is_opened(receipt: Receipt) -> bool:
    """Whether this browser has shown the code."""
    return receipt.number in _opened()


def opened_numbers() -> list[str]:
    """The numbers of all that were opened in this browser."""
    return _opened()


def close(receipt: Receipt) -> None:
    """Forget it here, on a machine that others use too."""
    session[OPENED] = [one for one in _opened() if one != receipt.number]


def _opened() -> list[str]:
    opened = session.get(OPENED)
    return opened if isinstance(opened, list) else []
