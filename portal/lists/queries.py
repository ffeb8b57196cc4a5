from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from portal.db import db, rows
from portal.funds.models import Fund, Gift
from portal.lists.models import DonationImport, ImportRow, ImportStatus
from portal.lists.policy import SEES_LISTS
from portal.people.models import Person, Role
from portal.people.policy import scopes_of
from portal.search import holds
from portal.web.tables import Listing

IN_THE_BOOKS_OR_ON_THE_WAY = (ImportStatus.WAITING, ImportStatus.BOOKING, ImportStatus.BOOKED)
MOST_NAMED = 1_000


class RowLine(NamedTuple):
    """A row of a list as its page shows it. `same_import_id` and `same_row_no` say where an equal gift came from."""

    row_no: int
    received_on: date | None
    donor_name: str
    public_name: str | None
    fen: int | None
    method: str
    intention: str
    order_no: str
    memo: str
    problem_words: list[dict[str, str]]
    is_bad: bool
    twin_of: int | None
    same_gift_id: int | None
    is_left_out: bool
    same_import_id: int | None
    same_row_no: int | None


@dataclass(frozen=True)
class RowsFound:
    """A page of rows; `fen` is the sum of all rows that fit."""

    listing: Listing
    rows: list[RowLine]
    fen: int


class ImportLine(NamedTuple):
    """A list among others. `total_fen` in 分."""

    id: int
    filename: str
    fund: str
    status: str
    uploaded_by: str
    uploaded_at: datetime
    accepted: int
    total_fen: int

    @property
    def state(self) -> ImportStatus:
        return ImportStatus(self.status)


@dataclass(frozen=True)
class ImportsFound:
    """A page of lists."""

    listing: Listing
    imports: list[ImportLine]


# ── lists ───────────────────────────────────────────────────────────────────────────────────────────
def import_by_id(import_id: int) -> DonationImport | None:
    """The list with its fund, its file and whoever had it in hand."""
    return db.session.scalar(_WHOLE, {"list": import_id})


def same_list(imported: DonationImport) -> DonationImport | None:
    """The list of the same fund with the same content that is handed over or booked, if there is one."""
    if imported.refusal:
        return None
    return list_with(imported.content_hash, imported.fund_id, but=imported.id)


def list_with(content_hash: str, fund_id: int, *, but: int | None = None) -> DonationImport | None:
    """The list of the fund with this content that is handed over or booked, other than `but`."""
    return db.session.scalar(_SAME, {"fund": fund_id, "content": content_hash, "but": but})


def imports_found(person: Person, listing: Listing, by_status: Mapping[str, int]) -> ImportsFound:
    """The page of lists that the person may see, of one status if the listing says so. Newest first.

    `by_status` says how many there are.
    """
    status, funds = listing.extra.get("status"), scopes_of(person, *SEES_LISTS, kind="fund")
    counted = listing.counted(by_status.get(status, 0) if status else sum(by_status.values()))
    asked = {"funds": list(funds or ()), "status": status, "limit": counted.per_page, "offset": counted.offset}
    page = rows(_page_of_lists(funds is None, bool(status)), asked)
    return ImportsFound(counted, [ImportLine(*row) for row in page])


def imports_by_status(person: Person) -> dict[str, int]:
    """How many lists the person may see in each status."""
    funds = scopes_of(person, *SEES_LISTS, kind="fund")
    return dict(rows(_by_status(funds is None), {"funds": list(funds or ())}).all())


def count_to_confirm(person: Person) -> int:
    """How many lists wait for this person to confirm them: not those she brought or handed over herself."""
    funds = scopes_of(person, Role.ACCOUNTANT, kind="fund")
    if funds is not None and not funds:
        return 0
    asked = {"funds": list(funds or ()), "person": person.id}
    return int(rows(_to_confirm(funds is None), asked).scalar_one())


# The statements, made once: of which funds and whom is asked when they are sent.
_WHOLE = (
    select(DonationImport)
    .where(DonationImport.id == bindparam("list"))
    .options(
        joinedload(DonationImport.fund),
        joinedload(DonationImport.file),
        joinedload(DonationImport.uploaded_by),
        joinedload(DonationImport.handed_by),
        joinedload(DonationImport.confirmed_by),
    )
)
_SAME = select(DonationImport).where(
    DonationImport.fund_id == bindparam("fund"),
    DonationImport.content_hash == bindparam("content"),
    DonationImport.status.in_([status.value for status in IN_THE_BOOKS_OR_ON_THE_WAY]),
    DonationImport.id.is_distinct_from(bindparam("but")),
)
_OF_FUNDS = DonationImport.fund_id.in_(bindparam("funds", expanding=True))


@cache
def _page_of_lists(everywhere: bool, of_one_status: bool) -> Select[*tuple[Any, ...]]:
    names = (DonationImport.id, DonationImport.filename, Fund.name, DonationImport.status, Person.name)
    sums = (DonationImport.uploaded_at, DonationImport.accepted, DonationImport.total_fen)
    page = (
        select(*names, *sums)
        .join(Fund, Fund.id == DonationImport.fund_id)
        .join(Person, Person.id == DonationImport.uploaded_by_id)
        .order_by(DonationImport.id.desc())
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )
    page = page if everywhere else page.where(_OF_FUNDS)
    return page.where(DonationImport.status == bindparam("status")) if of_one_status else page


@cache
def _by_status(everywhere: bool) -> Select[str, int]:
    counts = select(DonationImport.status, func.count()).group_by(DonationImport.status)
    return counts if everywhere else counts.where(_OF_FUNDS)


@cache
def _to_confirm(everywhere: bool) -> Select[int]:
    waiting = select(func.count()).where(
        DonationImport.status == ImportStatus.WAITING.value,
        DonationImport.uploaded_by_id != bindparam("person"),
        DonationImport.handed_by_id != bindparam("person"),
    )
    return waiting if everywhere else waiting.where(_OF_FUNDS)


def funds_of_cashier(person: Person) -> list[Fund]:
    """The funds that the person may bring lists for, in the order they were opened."""
    ids = scopes_of(person, Role.CASHIER, kind="fund")
    wanted = select(Fund).order_by(Fund.id)
    return list(db.session.scalars(wanted if ids is None else wanted.where(Fund.id.in_(ids))).unique())


# ── rows ────────────────────────────────────────────────────────────────────────────────────────────
def rows_in_the_way(imported: DonationImport) -> list[int]:
    """Numbers of the rows with a problem that are not left out."""
    wanted = (ImportRow.import_id == imported.id, ImportRow.is_bad, ~ImportRow.is_left_out)
    return list(db.session.scalars(select(ImportRow.row_no).where(*wanted).order_by(ImportRow.row_no)))


def rows_found(imported: DonationImport, listing: Listing) -> RowsFound:
    """The page of rows that the listing asks for, with count and sum of all that fit."""
    filters = list(_wanted(listing))
    wanted = [ImportRow.import_id == imported.id, *filters]
    count, fen = _sums(wanted) if filters else (imported.rows, imported.listed_fen)
    counted = listing.counted(count)
    # The ids first: what is passed over on the way to a far page lies in an index and is joined with nothing.
    order = _order(listing)
    ids = select(ImportRow.id).where(*wanted).order_by(*order).limit(counted.per_page).offset(counted.offset)
    page = _lines().where(ImportRow.id.in_(ids.subquery().select())).order_by(*order)
    return RowsFound(counted, [RowLine(*row) for row in db.session.execute(page)], fen)


def named_rows(imported: DonationImport, row_nos: Sequence[int]) -> list[RowLine]:
    """The rows of these numbers, at most MOST_NAMED."""
    wanted = (ImportRow.import_id == imported.id, ImportRow.row_no.in_(row_nos[:MOST_NAMED]))
    return [RowLine(*row) for row in db.session.execute(_lines().where(*wanted).order_by(ImportRow.row_no))]


def _sums(wanted: list[ColumnElement[bool]]) -> tuple[int, int]:
    count, fen = db.session.execute(select(func.count(), func.sum(ImportRow.fen)).where(*wanted)).one()
    return count, int(fen or 0)


def _lines() -> Select[Any]:
    own = [getattr(ImportRow, name) for name in RowLine._fields[:14]]
    joined = ImportRow.__table__.outerjoin(Gift.__table__, Gift.id == ImportRow.same_gift_id)
    return select(*own, Gift.import_id, Gift.row_no).select_from(joined)


def _wanted(listing: Listing) -> Iterator[ColumnElement[bool]]:
    if show := listing.extra.get("show"):
        yield _SHOWN[show].is_(True)
    if listing.q:
        yield holds(listing.q, ImportRow.donor_name, ImportRow.memo, ImportRow.order_no)
    if listing.least is not None:
        yield ImportRow.fen >= listing.least
    if listing.most is not None:
        yield ImportRow.fen <= listing.most


_SHOWN: dict[str, InstrumentedAttribute[bool]] = {
    "problems": ImportRow.is_bad,
    "repeats": ImportRow.is_repeat,
    "left-out": ImportRow.is_left_out,
}


def _order(listing: Listing) -> list[ColumnElement[Any]]:
    """By row, date or amount, the row number deciding among equals; what cannot be read comes last."""
    columns: dict[str, InstrumentedAttribute[Any]] = {
        "row": ImportRow.row_no, "date": ImportRow.received_on, "amount": ImportRow.fen,
    }  # fmt: skip
    name, is_descending = listing.sort.removeprefix("-"), listing.sort.startswith("-")
    ordered = columns[name].desc() if is_descending else columns[name].asc()
    return [ordered] if name == "row" else [columns[name].is_(None).asc(), ordered, ImportRow.row_no.asc()]
