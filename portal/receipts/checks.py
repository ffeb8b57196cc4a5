"""What must always be true of confirmations."""

from collections.abc import Iterator

from sqlalchemy import String, case, cast, exists, func, select
from sqlalchemy.orm import Session, aliased

from portal.funds.models import Fund, Gift
from portal.invariants import ENOUGH, Found, invariant
from portal.ledger.models import Entry
from portal.receipts import numbers
from portal.receipts.change_models import Change, ChangeStatus, ReceiptChange
from portal.receipts.models import Receipt
from portal.receipts.summary_models import Summary, SummaryMember
from portal.series.models import Series

_SIX_DIGITS = case(
    (Receipt.serial < 1_000_000, func.substr(cast(Receipt.serial + 1_000_000, String), 2)),
    else_=cast(Receipt.serial, String),
)
"""The serial as `numbers.Number` writes it: at least six digits."""


@invariant("receipts.numbers run without gaps")
def numbers_run(session: Session) -> Found:
    """In each fund and year the serials run on from the series' first number, and it stands at the last of them."""
    runs = (
        select(Fund.slug, Receipt.year, func.count(), func.min(Receipt.serial), func.max(Receipt.serial))
        .join(Fund, Fund.id == Receipt.fund_id)
        .group_by(Fund.slug, Receipt.year)
    )
    found = session.execute(runs).all()
    of_receipts = select(Series.name, Series.first, Series.last).where(Series.name.like("receipt:%"))
    ends = {name: (first, last) for name, first, last in session.execute(of_receipts)}
    return sum(row[2] for row in found), (sentence for row in found for sentence in _about_run(*row, ends))


def _about_run(
    slug: str, year: int, count: int, lowest: int, highest: int, ends: dict[str, tuple[int, int]]
) -> Iterator[str]:
    run = numbers.series_of(slug, year)
    first, last = ends.get(run, (1, None))
    if (lowest, count) != (first, highest - first + 1):
        yield f"{run}: {count} numbers between {lowest} and {highest}"
    if last != highest:
        yield f"{run}: the series stands at {last}, the last number is {highest}"


@invariant("receipts.each gift has one")
def each_gift_has_one(session: Session) -> Found:
    """A gift in the books has a numbered confirmation, void or not."""
    without = select(Gift.id).where(~exists().where(Receipt.gift_id == Gift.id)).limit(ENOUGH)
    count = session.scalar(select(func.count()).select_from(Gift)) or 0
    return count, (f"gift {id} has no confirmation" for id in session.scalars(without))


_Corrected, _Old = aliased(ReceiptChange), aliased(Receipt)
_CORRECTED_SO = (
    exists()
    .where(_Corrected.receipt_id == _Old.id, _Old.gift_id == Receipt.gift_id)
    .where(_Corrected.status == ChangeStatus.DONE.value, _Corrected.donor_name == Receipt.donor_name)
)
"""Two people have put the donor's name right."""


@invariant("receipts.say what their gifts say")
def as_their_gifts(session: Session) -> Found:
    """Fund, amount, day and donor are the gift's, but for a corrected name; the number is of fund, year and serial."""
    number = Fund.slug + "-" + cast(Receipt.year, String) + "-" + _SIX_DIGITS
    parts = select(Receipt.number, number).join(Fund, Fund.id == Receipt.fund_id).where(Receipt.number != number)
    wrong_parts = (f"{kept} is not {made}" for kept, made in session.execute(parts.limit(ENOUGH)))
    other = (
        select(Receipt.number)
        .join(Gift, Gift.id == Receipt.gift_id)
        .where(
            (Gift.fund_id != Receipt.fund_id)
            | (Gift.fen != Receipt.fen)
            | (Gift.received_on != Receipt.received_on)
            | ((Gift.donor_name != Receipt.donor_name) & ~_CORRECTED_SO)
        )
        .limit(ENOUGH)
    )
    count = session.scalar(select(func.count()).select_from(Receipt)) or 0
    return count, [*wrong_parts, *(f"{number} is not what its gift says" for number in session.scalars(other))]


@invariant("receipts.changes are carried out whole")
def changes_are_whole(session: Session) -> Found:
    """What two people changed is void; what was issued anew has a successor; what was given back left the books."""
    done = select(ReceiptChange.id).join(Receipt).join(Gift).where(ReceiptChange.status == ChangeStatus.DONE.value)
    reversed_entry = exists().where(Entry.reverses_id == Gift.entry_id)
    wrong = done.where(
        Receipt.voided_at.is_(None)
        | ((ReceiptChange.kind == Change.REISSUE.value) & Receipt.successor_id.is_(None))
        | ((ReceiptChange.kind == Change.REFUND.value) & ~reversed_entry)
    )
    count = session.scalar(select(func.count()).select_from(done.subquery())) or 0
    return count, (f"change {id} is not carried out whole" for id in session.scalars(wrong.limit(ENOUGH)))


@invariant("receipts.summaries add up")
def summaries_add_up(session: Session) -> Found:
    """Count and sum are those of the lines; the numbers of a fund's year run without a gap."""
    sums = (
        select(SummaryMember.summary_id, func.count().label("count"), func.sum(SummaryMember.fen).label("fen"))
        .group_by(SummaryMember.summary_id)
        .subquery()
    )
    listed = select(Summary.number).outerjoin(sums, sums.c.summary_id == Summary.id)
    wrong = listed.where(
        (func.coalesce(sums.c.count, 0) != Summary.count) | (func.coalesce(sums.c.fen, 0) != Summary.fen)
    )
    runs = select(Summary.fund_id, Summary.year, func.count(), func.max(Summary.serial))
    gaps = runs.group_by(Summary.fund_id, Summary.year).having(func.count() != func.max(Summary.serial))
    count = session.scalar(select(func.count()).select_from(Summary)) or 0
    return count, [
        *(f"summary {number} does not add up" for number in session.scalars(wrong.limit(ENOUGH))),
        *(f"summaries of fund {fund} in {year}: {n} up to {last}" for fund, year, n, last in session.execute(gaps)),
    ]
