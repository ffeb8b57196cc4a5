"""What must always be true of lists."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session

from portal.funds.models import Gift
from portal.invariants import Found, invariant
from portal.lists.models import DonationImport, ImportRow, ImportStatus


@invariant("lists.are booked whole")
def lists_are_booked(session: Session) -> Found:
    """A booked list has exactly the gifts and the sum that were confirmed; one on its way as many as it says."""
    gifts = (
        select(Gift.import_id, func.count().label("count"), func.sum(Gift.fen).label("fen"))
        .group_by(Gift.import_id)
        .subquery()
    )
    columns = (DonationImport.id, DonationImport.status, DonationImport.booked, DonationImport.total_fen)
    lists = select(*columns, func.coalesce(gifts.c.count, 0), func.coalesce(gifts.c.fen, 0)).outerjoin(
        gifts, gifts.c.import_id == DonationImport.id
    )
    rows = session.execute(lists).all()
    return len(rows), (sentence for row in rows for sentence in _about_list(*row))


def _about_list(id: int, status: str, booked: int, total_fen: int, count: int, fen: int) -> Iterator[str]:
    if booked != count:
        yield f"list {id} says {booked} booked, and has {count} gifts"
    if status == ImportStatus.BOOKED and total_fen != int(fen):
        yield f"list {id} was confirmed for {total_fen}, and its gifts are {int(fen)}"


@invariant("lists.are counted right")
def lists_are_counted(session: Session) -> Found:
    """What a list says of its rows is what they add up to; of one that is being read, how many there are so far."""
    stays = ~ImportRow.is_left_out
    rows = select(
        ImportRow.import_id.label("id"),
        func.count().label("rows"),
        func.count().filter(stays & ~ImportRow.is_bad).label("accepted"),
        func.sum(ImportRow.fen).filter(stays & ~ImportRow.is_bad).label("fen"),
        func.count().filter(stays & ImportRow.is_bad).label("in_the_way"),
    ).group_by(ImportRow.import_id)
    real = rows.subquery()
    is_read = DonationImport.status != ImportStatus.READING.value
    said = (DonationImport.rows, DonationImport.accepted, DonationImport.total_fen, DonationImport.in_the_way)
    lists = select(DonationImport.id, is_read, *said, real.c.rows, real.c.accepted, real.c.fen, real.c.in_the_way)
    found = session.execute(lists.outerjoin(real, real.c.id == DonationImport.id)).all()
    wrong = (id for id, whole, *both in found if not _agree(both[:4], both[4:], whole=whole))
    return len(found), (f"list {id} is not what its rows add up to" for id in wrong)


def _agree(said: list[int], real: list[Any], *, whole: bool) -> bool:
    counted = [int(value or 0) for value in real]
    return said == counted if whole else said[0] == counted[0]


@invariant("lists.gifts are as listed")
def gifts_are_as_listed(session: Session) -> Found:
    """Each gift of a list says what its row says, and no row with a problem or left out became a gift."""
    same = and_(
        ImportRow.import_id == Gift.import_id,
        ImportRow.row_no == Gift.row_no,
        ImportRow.fen == Gift.fen,
        ImportRow.received_on == Gift.received_on,
        ImportRow.donor_name == Gift.donor_name,
        ~ImportRow.is_bad,
        ~ImportRow.is_left_out,
    )
    other: Select[Any] = select(Gift.id).where(Gift.import_id.is_not(None), ~exists().where(same)).limit(200)
    listed = session.scalar(select(func.count()).where(Gift.import_id.is_not(None))) or 0
    return listed, (f"gift {id} is not what its list says" for id in session.scalars(other))
