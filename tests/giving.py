"""A fund with a cashier and an accountant, and gifts to it: booked by the portal's own actions, each with a receipt."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select

from portal.clock import CHINA
from portal.db import db
from portal.funds.actions import GiftDraft, add_fund, book_gifts
from portal.funds.models import Fund
from portal.funds.spending import Payment, Spending, record_spending
from portal.ledger.actions import open_entity
from portal.ledger.models import LegalEntity
from portal.people.models import Person, Role
from portal.receipts import changing, particulars
from portal.receipts.actions import issue_many
from portal.receipts.change_models import Change
from portal.receipts.models import Receipt
from portal.receipts.particulars import Particulars
from tests.factories import BEGINNING, person

DAY = date(2026, 11, 20)
HOST = "海宁市××慈善会（测试）"


@dataclass
class Giving:
    """Money that comes into one fund and goes out of it. Call inside an application context."""

    fund: Fund
    cashier: Person = field(init=False)
    accountant: Person = field(init=False)
    vouchers: int = 0

    def __post_init__(self) -> None:
        self.cashier = person("沈知秋", grants=[(Role.CASHIER, self.fund.scope)])
        self.accountant = person("罗予安", grants=[(Role.ACCOUNTANT, self.fund.scope)])

    def gift(self, donor: str = "王建国", fen: int = 20_000, *, on: date = DAY, **more: Any) -> Receipt:
        """One gift, and its receipt. `more`: public_name, intention, method, is_anonymous, memo."""
        return self.gifts([GiftDraft(received_on=on, donor_name=donor, fen=fen, **more)])[0]

    def gifts(self, drafts: list[GiftDraft]) -> list[Receipt]:
        at = datetime.combine(max(draft.received_on for draft in drafts), time(17), CHINA)
        booked = book_gifts(self.fund, drafts, by=self.cashier, checked_by=self.accountant, at=at)
        issued = issue_many(self.fund, booked, handler=self.cashier, checker=self.accountant, at=at)
        db.session.commit()
        numbers = [str(number) for number in issued]
        return list(db.session.scalars(select(Receipt).where(Receipt.number.in_(numbers)).order_by(Receipt.serial)))

    def void(self, receipt: Receipt, reason: str = "抄错了姓名", *, at: datetime | None = None) -> None:
        """Declared void by the two of them."""
        self.changed(receipt, changing.Wish(kind=Change.VOID, reason=reason), at=at)

    def reissued(
        self, receipt: Receipt, *, reason: str = "抄错了姓名", at: datetime | None = None, **more: Any
    ) -> Receipt:
        """Void, with a new one in its place. `more`: what that says otherwise, same_donor."""
        same_donor = bool(more.pop("same_donor", True))
        says = Particulars(**{**particulars.said(receipt).values(), **more})
        wish = changing.Wish(kind=Change.REISSUE, reason=reason, says=says, same_donor=same_donor)
        self.changed(receipt, wish, at=at)
        assert receipt.successor is not None
        return receipt.successor

    def changed(self, receipt: Receipt, wish: changing.Wish, *, at: datetime | None = None) -> None:
        at = at or datetime.combine(DAY, time(18), CHINA)
        asked = changing.ask(receipt, wish, by=self.cashier, at=at)
        changing.confirm(asked, by=self.accountant, at=at)
        db.session.commit()

    def spend(
        self, fen: int, purpose: str = "夜间搜寻油费", *, on: date = DAY, beneficiaries: int | None = None
    ) -> Spending:
        self.vouchers += 1
        payment = Payment(
            paid_on=on,
            purpose=purpose,
            fen=fen,
            voucher_no=f"{on:%m%d}-{self.vouchers:02d}",
            handler=self.cashier,
            approver=self.accountant,
            beneficiaries=beneficiaries,
        )
        at = datetime.combine(on, time(18), CHINA)
        spent = record_spending(self.fund, payment, by=self.cashier, checked_by=self.accountant, at=at)
        db.session.commit()
        return spent


def opened(slug: str = "919", name: str = "919爱心基金", **more: Any) -> Giving:
    """A new fund. `more`: filing_no, platform_url, is_demo."""
    host = db.session.scalar(select(LegalEntity).where(LegalEntity.name == HOST))
    fund = add_fund(
        slug,
        name,
        entity=host or open_entity(HOST, "慈善会", by=None, at=BEGINNING),
        purpose="帮困助学。",
        founded_year=2013,
        council_size=7,
        by=None,
        at=BEGINNING,
        **more,
    )
    db.session.commit()
    return Giving(fund)
