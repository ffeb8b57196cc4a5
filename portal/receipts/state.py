"""The state's receipts: who does without one, and the numbers that the host charity sends back. None is issued here."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.actor import Actor
from portal.audit import record
from portal.db import db
from portal.funds.models import Fund
from portal.problems import AlreadyDone, ChangedMeanwhile, DomainError
from portal.receipts.models import Receipt, StateWish
from portal.receipts.state_models import StateReceipt
from portal.words import _l

LONGEST_REASON = 200
_CODE = re.compile(r"\d{6,12}", re.ASCII)
_NUMBER = re.compile(r"\d{8,20}", re.ASCII)
_CHECK = re.compile(r"[0-9A-Za-z]{4,20}|", re.ASCII)


@dataclass(frozen=True)
class StateNumbers:
    """What stands on a state receipt: 票据代码, 票据号码, 校验码 (empty on paper ones)."""

    code: str
    number: str
    check_code: str

    @classmethod
    def typed(cls, code: str, number: str, check_code: str) -> "StateNumbers":
        """As a person typed them or a table holds them. Raises DomainError (code, number, check_code)."""
        read = cls(_plain(code), _plain(number), _plain(check_code))
        if not _CODE.fullmatch(read.code):
            raise DomainError(_l("票据代码是 6 到 12 位数字。"), field="code")
        if not _NUMBER.fullmatch(read.number):
            raise DomainError(_l("票据号码是 8 到 20 位数字；表格丢了前面的 0，请把那一列设成文本。"), field="number")
        if not _CHECK.fullmatch(read.check_code):
            raise DomainError(_l("校验码是 4 到 20 位字母或数字，纸质票据可以空着。"), field="check_code")
        return read


def record_numbers(
    receipt: Receipt, numbers: StateNumbers, *, by: Actor, at: datetime, reason: str = ""
) -> StateReceipt:
    """Write down the state receipt's numbers; again, with a reason, to correct them.

    Raises DomainError (waived, anonymous, void; no reason), AlreadyDone (same numbers; another confirmation has them).
    """
    _require_due(receipt)
    earlier = numbers_of(receipt)
    if earlier and (earlier.code, earlier.number, earlier.check_code) == (
        numbers.code, numbers.number, numbers.check_code,
    ):  # fmt: skip
        raise AlreadyDone(_l("已经记过同样的票据号码。"), field="number")
    if earlier and not reason.strip():
        raise DomainError(_l("已经记过票据号码，改正请写明原因。"), field="reason")
    _require_free(receipt, numbers)
    row = StateReceipt(
        receipt_id=receipt.id,
        turn=earlier.turn + 1 if earlier else 1,
        code=numbers.code,
        number=numbers.number,
        check_code=numbers.check_code,
        reason=reason.strip()[:LONGEST_REASON] if earlier else None,
        recorded_by_id=by.id,
        recorded_at=at,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as twice:
        raise ChangedMeanwhile(_l("刚才有人记过这张的票据号码，请刷新再看。")) from twice
    action = "receipts.state.corrected" if earlier else "receipts.state.recorded"
    record(action, receipt, by=by, at=at, number=receipt.number)
    return row


def say_wish(receipt: Receipt, wish: str, *, by: Actor | None, at: datetime, reason: str = "") -> None:
    """The donor does without a state receipt (`waived`), or wants one after all (`listed`). By None: by her code alone.

    Raises DomainError (anonymous, void, issued already), ChangedMeanwhile (says so already).
    """
    if wish not in ("listed", "waived"):
        raise DomainError(_l("请选一项。"), field="wish")
    if receipt.voided_at is not None or receipt.state_receipt == "anonymous":
        raise DomainError(_l("作废的和匿名的确认单，没有票据可以开。"), field="wish")
    if receipt.state_now == wish:
        raise ChangedMeanwhile(_l("已经是这样记的了。"))
    if wish == "waived" and numbers_of(receipt) is not None:
        raise DomainError(_l("票据已经开出来了，不能再改成不要求。"), field="wish")
    row = StateWish(receipt_id=receipt.id, wish=wish, reason=reason.strip(), by_id=by.id if by else None, at=at)
    db.session.add(row)
    db.session.flush()
    db.session.expire(receipt, ["wishes"])
    record("receipts.state.wished", receipt, by=by, at=at, number=receipt.number, wish=wish)


def numbers_of(receipt: Receipt) -> StateReceipt | None:
    """What was recorded last."""
    of_receipt = select(StateReceipt).where(StateReceipt.receipt_id == receipt.id)
    return db.session.scalar(of_receipt.order_by(StateReceipt.turn.desc()).limit(1))


def _require_due(receipt: Receipt) -> None:
    if receipt.voided_at is not None:
        raise DomainError(_l("这张确认单已经作废，不开票据。"), field="number")
    if receipt.state_now != "listed":
        raise DomainError(_l("捐赠人匿名，或者不要求票据，不在开票清单里。"), field="number")


def _require_free(receipt: Receipt, numbers: StateNumbers) -> None:
    """Two who record the same numbers at once take turns at the fund."""
    db.session.execute(select(Fund.id).where(Fund.id == receipt.fund_id).with_for_update(key_share=True))
    last = select(func.max(StateReceipt.turn)).where(StateReceipt.receipt_id == Receipt.id)
    other = (
        select(Receipt.number)
        .join(StateReceipt, StateReceipt.receipt_id == Receipt.id)
        .where(StateReceipt.code == numbers.code, StateReceipt.number == numbers.number, Receipt.id != receipt.id)
        .where(StateReceipt.turn == last.correlate(Receipt).scalar_subquery())
    )
    if taken := db.session.scalar(other.limit(1)):
        raise AlreadyDone(_l("这个票据号码已经记在 %(number)s 上了。", number=taken), field="number")


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text[:60]).split())
