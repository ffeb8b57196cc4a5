"""Expenses on their way: one at each stage, entered by the worker, approved by the council, paid, posted."""

from dataclasses import dataclass
from datetime import datetime

from portal import clock
from portal.funds.models import Fund
from portal.people.models import Person
from portal.spending.actions import Wanted, approve, end, enter, pay, post
from portal.spending.models import Expense, Stage

ON_THE_WAY = (
    ("爱心车补胎与保养", 128_000, Stage.ENTERED),
    ("走失老人家属临时住宿", 76_000, Stage.APPROVED),
    ("夜间搜寻手电 30 支", 54_000, Stage.PAID),
    ("爱心课堂投影仪", 460_000, Stage.REFUSED),
)


@dataclass(frozen=True)
class Hands:
    """Who takes which step, and when."""

    cast: dict[str, Person]
    at: datetime

    def paid(self, fund: Fund, purpose: str, fen: int, voucher_no: str) -> Expense:
        """An expense whose whole way is behind it."""
        return self.brought(fund, purpose, fen, voucher_no, to=Stage.POSTED)

    def brought(self, fund: Fund, purpose: str, fen: int, voucher_no: str, *, to: Stage) -> Expense:
        """Entered, and then taken as far as `to`."""
        cast, at = self.cast, self.at
        wanted = Wanted(fen=fen, purpose=purpose, voucher_no=voucher_no)
        expense = enter(fund, wanted, by=cast["worker"], at=at)
        if to is Stage.REFUSED:
            end(expense, to, "今年已经买过一台，请先用旧的。", by=cast["council"], at=at)
        elif to is not Stage.ENTERED:
            approve(expense, by=cast["council"], at=at)
        if to in (Stage.PAID, Stage.POSTED):
            pay(expense, clock.in_china(at).date(), by=cast["cashier"], at=at)
        if to is Stage.POSTED:
            post(expense, by=cast["accountant"], at=at)
        return expense


def add_expenses(fund: Fund, cast: dict[str, Person], *, at: datetime) -> None:
    """One at each stage, so that everybody finds something to do."""
    hands = Hands(cast, at)
    for place, (purpose, fen, stage) in enumerate(ON_THE_WAY, start=11):
        hands.brought(fund, purpose, fen, f"{at:%m%d}-{place:02d}", to=stage)
