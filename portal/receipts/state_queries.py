"""The 开票清单: who is due a state receipt, who does without one, whose numbers came back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from portal.db import db
from portal.funds.models import METHOD_NAMES, Fund, Method
from portal.receipts.models import Receipt, StateWish
from portal.receipts.state_models import StateReceipt
from portal.search import holds
from portal.web.exports import Cell
from portal.web.tables import Listing
from portal.words import Words, _l

SHOWS: Mapping[str, Words] = {
    "due": _l("等开票"),
    "recorded": _l("已开"),
    "waived": _l("不要求"),
    "anonymous": _l("匿名"),
}
HEAD = ("确认单编号", "到账日期", "捐赠人", "金额（元）", "捐赠方式", "捐赠意向", "票据代码", "票据号码", "校验码")


class StateLine(NamedTuple):
    """One confirmation on the list. Amount in 分; `wish` is the donor's last one, if she has said any."""

    id: int
    number: str
    received_on: date
    donor_name: str
    fen: int
    method: str
    intention: str
    state_receipt: str
    wish: str | None
    code: str | None
    state_number: str | None
    check_code: str | None

    @property
    def shows(self) -> str:
        """Where it stands: one of SHOWS."""
        if self.state_number:
            return "recorded"
        state = self.state_receipt if self.state_receipt == "anonymous" else self.wish or self.state_receipt
        return "due" if state == "listed" else state


@dataclass(frozen=True)
class StateFound:
    """A page of the list, and how many of each kind there are."""

    listing: Listing
    lines: Sequence[StateLine]
    counts: Mapping[str, int]


_LAST_TURN = select(func.max(StateReceipt.turn)).where(StateReceipt.receipt_id == Receipt.id)
_LAST_WISH = select(func.max(StateWish.id)).where(StateWish.receipt_id == Receipt.id)
_Numbers, _Wish = aliased(StateReceipt), aliased(StateWish)
_IS: Mapping[str, ColumnElement[bool]] = {
    "recorded": _Numbers.number.is_not(None),
    "due": and_(
        _Numbers.number.is_(None),
        Receipt.state_receipt != "anonymous",
        func.coalesce(_Wish.wish, Receipt.state_receipt) == "listed",
    ),
    "waived": and_(
        _Numbers.number.is_(None),
        Receipt.state_receipt != "anonymous",
        func.coalesce(_Wish.wish, Receipt.state_receipt) == "waived",
    ),
    "anonymous": and_(_Numbers.number.is_(None), Receipt.state_receipt == "anonymous"),
}


def state_found(fund: Fund, year: int, listing: Listing) -> StateFound:
    """Valid confirmations of the fund's year; `show` narrows to one kind, `q` finds numbers and donors."""
    counts = _counts(fund, year)
    wanted = _listed(fund, year)
    if (show := listing.extra.get("show", "")) in _IS:
        wanted = wanted.where(_IS[show])
    if listing.q:
        wanted = wanted.where(or_(holds(listing.q, Receipt.number, Receipt.donor_name), _Numbers.number == listing.q))
    listing = listing.counted(db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0)
    page = wanted.order_by(Receipt.serial).offset(listing.offset).limit(listing.per_page)
    return StateFound(listing, [StateLine(*row) for row in db.session.execute(page)], counts)


def due_lines(fund: Fund, year: int) -> list[StateLine]:
    """All that wait for a state receipt, in the order of their numbers."""
    wanted = _listed(fund, year).where(_IS["due"]).order_by(Receipt.serial)
    return [StateLine(*row) for row in db.session.execute(wanted)]


def cells(lines: Sequence[StateLine]) -> Iterator[Sequence[Cell]]:
    """The list as HEAD says; the last three columns are for the host charity to fill in."""
    for one in lines:
        yuan = f"{one.fen // 100}.{one.fen % 100:02d}"
        method = METHOD_NAMES[Method(one.method)].text
        yield (one.number, one.received_on.isoformat(), one.donor_name, yuan, method, one.intention, "", "", "")


def years_of(fund: Fund) -> list[int]:
    """The years in which it has issued confirmations, the latest first."""
    years = select(Receipt.year).where(Receipt.fund_id == fund.id).distinct().order_by(Receipt.year.desc())
    return list(db.session.scalars(years))


def history_of_numbers(receipt: Receipt) -> Sequence[StateReceipt]:
    """All that was recorded, the latest first."""
    of_receipt = select(StateReceipt).where(StateReceipt.receipt_id == receipt.id)
    return db.session.scalars(of_receipt.order_by(StateReceipt.turn.desc())).all()


def _listed(fund: Fund, year: int) -> Select[*tuple[Any, ...]]:
    columns = (
        *(Receipt.id, Receipt.number, Receipt.received_on, Receipt.donor_name, Receipt.fen, Receipt.method),
        *(Receipt.intention, Receipt.state_receipt, _Wish.wish, _Numbers.code, _Numbers.number, _Numbers.check_code),
    )
    return _joined(select(*columns)).where(*_of_year(fund, year))


def _joined(wanted: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    numbers = and_(_Numbers.receipt_id == Receipt.id, _Numbers.turn == _LAST_TURN.scalar_subquery())
    wish = _Wish.id == _LAST_WISH.scalar_subquery()
    return wanted.select_from(Receipt).outerjoin(_Numbers, numbers).outerjoin(_Wish, wish)


def _of_year(fund: Fund, year: int) -> tuple[ColumnElement[bool], ...]:
    return Receipt.fund_id == fund.id, Receipt.year == year, Receipt.voided_at.is_(None)


def _counts(fund: Fund, year: int) -> dict[str, int]:
    sums = [func.count().filter(_IS[name]) for name in SHOWS]
    row = db.session.execute(_joined(select(*sums)).where(*_of_year(fund, year))).one()
    return {name: int(count) for name, count in zip(SHOWS, row, strict=True)}
