"""An expense from hand to hand. Each step is one person's, locks the expense, and says so to whoever is next."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import rules
from portal.audit import record
from portal.db import db
from portal.funds.models import Fund
from portal.funds.spending import Payment, Spending, record_spending
from portal.people.models import Person
from portal.problems import AlreadyDone, ChangedMeanwhile, DomainError
from portal.rules.catalogue import APPROVAL_FEN
from portal.spending.models import Approval, Expense, Stage
from portal.spending.policy import is_council
from portal.spending.telling import tell_next
from portal.words import _l

LONGEST, LONGEST_VOUCHER, LONGEST_REASON = 200, 40, 200
MOST_FEN = 10**12


class SamePerson(DomainError):
    """A step of somebody who took one before that must be another's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody enters. `fen` in 分; `voucher_no` is the paper's number."""

    fen: int
    purpose: str
    voucher_no: str
    beneficiaries: int | None = None

    def check(self) -> None:
        """Raises DomainError (amount, purpose, voucher_no, beneficiaries)."""
        if not 0 < self.fen <= MOST_FEN:
            raise DomainError(_l("金额必须大于零。"), field="amount")
        if not 0 < len(self.purpose.strip()) <= LONGEST:
            raise DomainError(_l("请写明用途，最多 %(max)d 个字。", max=LONGEST), field="purpose")
        if not _is_voucher(self.voucher_no):
            raise DomainError(
                _l("凭证号用数字、字母和短横，最多 %(max)d 个。", max=LONGEST_VOUCHER), field="voucher_no"
            )
        if self.beneficiaries is not None and not 0 < self.beneficiaries < 10_000_000:
            raise DomainError(_l("受益人数要大于零；没有具体的人就空着。"), field="beneficiaries")


def enter(fund: Fund, wanted: Wanted, *, by: Person, at: datetime) -> Expense:
    """出纳或社工登记. Raises DomainError, AlreadyDone (the voucher number)."""
    wanted.check()
    _require_new_voucher(fund, wanted.voucher_no)
    expense = Expense(
        fund_id=fund.id,
        stage=Stage.ENTERED.value,
        fen=wanted.fen,
        purpose=wanted.purpose.strip(),
        beneficiaries=wanted.beneficiaries,
        voucher_no=wanted.voucher_no,
        entered_by_id=by.id,
        entered_at=at,
    )
    expense.fund, expense.entered_by = fund, by
    try:
        with db.session.begin_nested():
            db.session.add(expense)
    except IntegrityError as twice:
        raise _known_voucher() from twice
    record("spending.expense.entered", expense, by=by, at=at, fen=expense.fen, purpose=expense.purpose)
    tell_next(expense, by=by, at=at)
    return expense


def approvals_needed(fund: Fund, fen: int, *, on: date) -> int:
    """How many of the council must agree: one below the first amount of the rule, two below the second, else most."""
    first, second = rules.value(APPROVAL_FEN, on=on)
    if fen < first:
        return 1
    return 2 if fen < second else fund.council_size // 2 + 1


def approve(expense: Expense, *, by: Person, at: datetime) -> None:
    """管委会委员同意; the last one needed opens the way to payment.

    Raises SamePerson, AlreadyDone, ChangedMeanwhile.
    """
    _lock(expense, Stage.ENTERED)
    if expense.entered_by_id in by.selves:
        raise SamePerson(_l("这是您自己登记的，要由管委会的另一位同意。"))
    if not is_council(by, expense):
        raise SamePerson(_l("只有管委会委员可以同意。"))
    earlier = db.session.scalars(select(Approval.person_id).where(Approval.expense_id == expense.id)).all()
    if set(by.selves) & set(earlier):
        raise AlreadyDone(_l("您已经同意过了。"))
    db.session.add(Approval(expense_id=expense.id, person_id=by.id, at=at))
    db.session.flush()
    record("spending.expense.approved", expense, by=by, at=at, fen=expense.fen)
    if len(earlier) + 1 >= approvals_needed(expense.fund, expense.fen, on=at.date()):
        _move(expense, Stage.APPROVED)
        tell_next(expense, by=by, at=at)


def pay(expense: Expense, paid_on: date, *, by: Person, at: datetime) -> None:
    """出纳付款; the accountant posts it. Raises DomainError (too little in the fund, a wrong day), ChangedMeanwhile."""
    _lock(expense, Stage.APPROVED)
    if _approved_by(expense, by):
        raise SamePerson(_l("审批过的人不能付款，请另一位出纳付。"))
    if not expense.entered_at.date() <= paid_on <= at.date():
        raise DomainError(_l("付款日期要在登记那天和今天之间。"), field="paid_on")
    db.session.refresh(expense.fund.pool)
    if expense.fund.pool.balance_fen < expense.fen:
        raise DomainError(_l("基金余额不够付这一笔，没有付款。"))
    expense.paid_on, expense.paid_by_id, expense.paid_at, expense.note = paid_on, by.id, at, None
    _move(expense, Stage.PAID)
    record("spending.expense.paid", expense, by=by, at=at, fen=expense.fen)
    tell_next(expense, by=by, at=at)


def post(expense: Expense, *, by: Person, at: datetime) -> Spending:
    """会计复核入账: the payment is in the books and open to everyone, all of it or nothing.

    Raises SamePerson, ChangedMeanwhile and whatever `funds.spending.record_spending` raises.
    """
    _lock(expense, Stage.PAID)
    if expense.paid_by_id in by.selves:
        raise SamePerson(_l("付款的人不能复核，请另一位会计入账。"))
    if _approved_by(expense, by):
        raise SamePerson(_l("审批过的人不能复核，请另一位会计入账。"))
    assert expense.paid_by is not None
    spent = record_spending(expense.fund, _payment(expense), by=expense.paid_by, checked_by=by, at=at)
    expense.entry_id, expense.checked_by_id = spent.entry_id, by.id
    _move(expense, Stage.POSTED)
    record("spending.expense.posted", expense, by=by, at=at, fen=expense.fen)
    tell_next(expense, by=by, at=at)
    return spent


def give_back(expense: Expense, note: str, *, by: Person, at: datetime) -> None:
    """The accountant gives a payment back to the cashier, with words. Raises DomainError, ChangedMeanwhile."""
    words = _reason(note, field="note")
    _lock(expense, Stage.PAID)
    expense.paid_on = expense.paid_by_id = expense.paid_at = None
    expense.note = words
    _move(expense, Stage.APPROVED)
    record("spending.expense.given_back", expense, by=by, at=at, reason=words)
    tell_next(expense, by=by, at=at)


def end(expense: Expense, stage: Stage, reason: str, *, by: Person, at: datetime) -> None:
    """Send back, refuse or withdraw before it is paid. Raises DomainError (field: the stage), ChangedMeanwhile."""
    words = _reason(reason, field=stage.value)
    _lock(expense, Stage.ENTERED, Stage.APPROVED)
    expense.reason, expense.ended_by_id, expense.ended_at = words, by.id, at
    _move(expense, stage)
    record("spending.expense.ended", expense, by=by, at=at, status=stage.value, reason=words)
    tell_next(expense, by=by, at=at)


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _payment(expense: Expense) -> Payment:
    """What the public list says: entered by one, approved by another; the council's first name stands for it."""
    assert expense.paid_on is not None
    return Payment(
        paid_on=expense.paid_on,
        purpose=expense.purpose,
        fen=expense.fen,
        voucher_no=expense.voucher_no,
        handler=expense.entered_by,
        approver=expense.approvals[0].person,
        beneficiaries=expense.beneficiaries,
    )


def _lock(expense: Expense, *stages: Stage) -> None:
    """Behind whoever acts at the same moment. Raises ChangedMeanwhile when it is no longer at one of these stages."""
    locked = select(Expense).where(Expense.id == expense.id).with_for_update(of=Expense)
    db.session.scalars(locked.execution_options(populate_existing=True)).one()
    db.session.expire(expense, ["approvals"])
    if Stage(expense.stage) not in stages:
        raise ChangedMeanwhile(_l("这笔用款刚刚有人办过了，请看现在到了哪一步。"))


def _move(expense: Expense, stage: Stage) -> None:
    expense.stage = stage.value
    db.session.flush()


def _approved_by(expense: Expense, person: Person) -> bool:
    return any(approval.person_id in person.selves for approval in expense.approvals)


def _reason(text: str, *, field: str) -> str:
    reason = text.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise DomainError(_l("请写明原因，最多 %(max)d 个字。", max=LONGEST_REASON), field=field)
    return reason


def _is_voucher(text: str) -> bool:
    return 0 < len(text) <= LONGEST_VOUCHER and all(one.isalnum() or one in "-—号字第" for one in text)


def _require_new_voucher(fund: Fund, voucher_no: str) -> None:
    """Neither on its way nor paid before, on whichever road."""
    paid = select(Spending.id).where(Spending.fund_id == fund.id, Spending.voucher_no == voucher_no)
    if db.session.scalar(paid) is not None:
        raise _known_voucher()


def _known_voucher() -> AlreadyDone:
    return AlreadyDone(_l("这个凭证号已经用过了，请核对纸面。"), field="voucher_no")
