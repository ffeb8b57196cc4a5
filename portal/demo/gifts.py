"""Ten years of gifts and payments, four weeks after four weeks, through the bulk forms."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from portal import clock
from portal.db import db
from portal.demo.names import COMPANIES, crowd
from portal.demo.progress import Step, shares
from portal.demo.projects import PROJECTS
from portal.demo.scales import Scale
from portal.funds.actions import GiftDraft, book_gifts
from portal.funds.models import Fund, Method
from portal.funds.spending import Payment, record_spending_many
from portal.people.models import Person
from portal.receipts.actions import issue_many

FUND_SHARES = (0.6, 0.22, 0.18)
METHODS = (Method.WECHAT, Method.ALIPAY, Method.BANK, Method.CASH)
METHOD_WEIGHTS = (52, 22, 20, 6)
SMALL_YUAN = (1, 5, 9.19, 10, 20, 50, 52, 91.9, 100)
SMALL_WEIGHTS = (12, 12, 10, 22, 16, 12, 5, 6, 5)
GROWTH = 0.6
SEASONS = (1.2, 0.9, 1.0, 0.9, 0.9, 0.9, 0.8, 0.8, 2.2, 1.0, 1.0, 1.3)
"""By month: 九月十九 is the fund's own day."""
NAMED, ANONYMOUS, DIRECTED = 0.7, 0.06, 0.25
DONORS = 30_000
MOST_OF_BALANCE = 20
"""No payment takes more than this part of what the fund has."""
ITEMS = ("材料费", "交通费", "餐费", "慰问品", "场地布置", "印刷费", "保险费", "救助金", "学习用品", "设备添置")
PERIOD = timedelta(weeks=4)


@dataclass
class Money:
    """The history of three funds. `until` is how far it has been told."""

    chance: random.Random
    scale: Scale
    funds: list[Fund]
    cast: dict[str, Person]
    until: date
    plan: list[tuple[date, date, int, int]] = field(init=False)
    donors: list[str] = field(init=False)
    orders: int = 0

    def __post_init__(self) -> None:
        self.donors = crowd(min(DONORS, self.scale.gifts), chance=self.chance)
        starts = [self.until]
        while starts[-1] + PERIOD < clock.today():
            starts.append(starts[-1] + PERIOD)
        ends = [*(day - timedelta(days=1) for day in starts[1:]), clock.today() - timedelta(days=1)]
        weights = [SEASONS[day.month - 1] * (1 + GROWTH * n / len(starts)) for n, day in enumerate(starts)]
        gifts, payments = shares(self.scale.gifts, weights), shares(self.scale.payments, weights)
        self.plan = list(zip(starts, ends, gifts, payments, strict=True))

    def tell(self, until: date, *, step: Step) -> None:
        """All periods that end before this day and were not told yet."""
        due = [period for period in self.plan if period[1] < until]
        self.plan = self.plan[len(due) :]
        for first, last, gifts, payments in due:
            self._period(first, last, gifts, payments, step=step)

    def _period(self, first: date, last: date, gifts: int, payments: int, *, step: Step) -> None:
        at = clock.in_china(datetime.combine(last, time(18)))
        shared = zip(self.funds, shares(gifts, list(FUND_SHARES)), shares(payments, list(FUND_SHARES)), strict=True)
        for fund, given, paid in shared:
            drafts = sorted((self._gift(first, last) for _ in range(given)), key=lambda draft: draft.received_on)
            people = {"by": self.cast["cashier"], "checked_by": self.cast["accountant"]}
            booked = book_gifts(fund, drafts, **people, at=at)
            issue_many(fund, booked, handler=self.cast["cashier"], checker=self.cast["accountant"], at=at)
            db.session.refresh(fund.pool)
            record_spending_many(fund, self._payments(fund, first, last, paid), **people, at=at)
            db.session.commit()
            step(given)

    # ── gifts ───────────────────────────────────────────────────────────────────────────────────────
    def _gift(self, first: date, last: date) -> GiftDraft:
        chance = self.chance
        method = chance.choices(METHODS, METHOD_WEIGHTS)[0]
        is_company = method is Method.BANK and chance.random() < 0.1
        is_anonymous = not is_company and chance.random() < ANONYMOUS
        donor = "" if is_anonymous else chance.choice(COMPANIES) if is_company else chance.choice(self.donors)
        is_named = not is_anonymous and chance.random() < NAMED / (1 - ANONYMOUS)
        received = first + timedelta(days=chance.randint(0, (last - first).days))
        return GiftDraft(
            received_on=received,
            donor_name=donor or "爱心人士",
            fen=self._fen(method, is_company=is_company),
            method=method,
            is_anonymous=is_anonymous,
            public_name=donor if is_named else None,
            intention=chance.choice(PROJECTS)[0] if chance.random() < DIRECTED else "",
            order_no=self._order(received) if method in (Method.WECHAT, Method.ALIPAY) else "",
        )

    def _fen(self, method: Method, *, is_company: bool) -> int:
        """Many small, few large: some ten yuan by telephone, some hundred by bank, thousands from companies."""
        if method in (Method.WECHAT, Method.ALIPAY):
            return round(self.chance.choices(SMALL_YUAN, SMALL_WEIGHTS)[0] * 100)
        yuan = self.chance.lognormvariate(4.6 if not is_company else 6.8, 1.1)
        return max(1, min(5_000, round(yuan / 10))) * 1_000

    def _order(self, day: date) -> str:
        self.orders += 1
        return f"{day:%Y%m%d}{self.orders:012d}"

    # ── payments ────────────────────────────────────────────────────────────────────────────────────
    def _payments(self, fund: Fund, first: date, last: date, count: int) -> list[Payment]:
        days = sorted(first + timedelta(days=self.chance.randint(0, (last - first).days)) for _ in range(count))
        left, payments = fund.pool.balance_fen, []
        for number, day in enumerate(days, 1):
            fen = min(round(self.chance.lognormvariate(5.7, 1.0)) * 100, left // MOST_OF_BALANCE)
            if fen > 0:
                left -= fen
                payments.append(self._payment(day, fen, f"{day:%Y%m%d}-{number:03d}"))
        return payments

    def _payment(self, day: date, fen: int, voucher_no: str) -> Payment:
        helped = self.chance.choice((None, None, self.chance.randint(1, 8), self.chance.randint(5, 200)))
        return Payment(
            paid_on=day,
            purpose=f"{self.chance.choice(PROJECTS)[0]}：{self.chance.choice(ITEMS)}",
            fen=fen,
            voucher_no=voucher_no,
            handler=self.cast["worker"],
            approver=self.cast["council"],
            beneficiaries=helped,
        )
