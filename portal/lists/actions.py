"""Lists of gifts on their way: brought and checked by a cashier, handed over, confirmed by an accountant, then booked.

The web and the command line call the same functions. Booking itself is `receipts.booking`, since it issues numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.actor import Actor
from portal.audit import changes, record
from portal.db import db, rows
from portal.files import StoredFile, keep
from portal.funds.models import Fund
from portal.jobs import enqueue
from portal.jobs.actions import try_again
from portal.lists import reader
from portal.lists.keeping import COUNTED, recount, row_values, said, write_rows
from portal.lists.models import DonationImport, ImportRow, ImportStatus
from portal.lists.problems import (
    AlreadyImported,
    BookedMeanwhile,
    NothingToBook,
    OtherIsBooked,
    ProblemsInTheWay,
    TwoPeople,
    Unreadable,
    not_in_state,
)
from portal.lists.queries import rows_in_the_way, same_list
from portal.lists.reading import Reading, Unread, read_list
from portal.lists.repeats import Candidate, Same, booked_before
from portal.lists.standing import Standing, standing
from portal.lists.telling import RETURNED, tell_accountants, tell_cashier
from portal.lists.turns import in_turn, locked
from portal.lists.work import BOOK, job_key, work_on
from portal.people.models import Person
from portal.problems import DomainError
from portal.words import _l

ROWS_A_STATEMENT = 1_000
NAMED_IN_AUDIT = 200

# Made once. What the UPDATE sets is what its parameters name.
_TO_BOOK = (
    select(*(getattr(ImportRow, name) for name in Candidate._fields), ImportRow.same_gift_id)
    .where(ImportRow.import_id == bindparam("list"), ~ImportRow.is_bad, ~ImportRow.is_left_out)
    .order_by(ImportRow.row_no)
)
_MOVED = (
    update(DonationImport)
    .where(DonationImport.id == bindparam("list"), DonationImport.status == bindparam("was"))
    .returning(DonationImport.id)
)


def import_list(
    path: Path,
    fund: Fund,
    *,
    method: str,
    by: Actor,
    default_date: date | None = None,
    column_map: Mapping[str, str] | None = None,
    leave_out: Iterable[int] = (),
    at: datetime | None = None,
    filename: str | None = None,
) -> DonationImport:
    """Read a file and bring it as a preview, with the rows numbered in `leave_out` left out.

    Raises FileRefused, ListRefused, DomainError (a row to leave out is not in the list).
    """
    at = at or clock.now()
    name = filename or path.name
    reading = read_list(
        path, filename=name, method=method, today=at.date(), default_date=default_date, column_map=column_map
    )
    if reading.refusal:
        raise reading.refusal
    imported = bring(fund, reading, by=by, at=at)
    if wanted := list(leave_out):
        leave_rows_out(imported, wanted, by=by, at=at)
    return imported


def bring(fund: Fund, reading: Reading, *, by: Actor, at: datetime, file: StoredFile | None = None) -> DonationImport:
    """Keep a list that was read as a preview; `file` when it is kept already."""
    file = file or keep(reading.content, name=reading.filename, by=by, at=at)
    imported = DonationImport(
        fund_id=fund.id,
        file_id=file.id,
        filename=reading.filename,
        status=ImportStatus.PREVIEW.value,
        uploaded_by_id=by.id,
        uploaded_at=at,
        **said(reading),
    )
    db.session.add(imported)
    db.session.flush()
    _write_all(imported, reading)
    record("lists.list.brought", imported, by=by, at=at, fund=fund.slug, file=reading.filename, **_sums(imported))
    return imported


def bring_unread(
    fund: Fund, unread: Unread, file: StoredFile, *, by: Actor, at: datetime, leave_out: Sequence[int] = ()
) -> DonationImport:
    """Bring a list whose file takes long to read: a job reads it, and leaves these rows out."""
    imported = DonationImport(
        fund_id=fund.id,
        file_id=file.id,
        status=ImportStatus.READING.value,
        content_hash=file.sha256,
        uploaded_by_id=by.id,
        uploaded_at=at,
        columns={"header_no": 0, "titles": []},
        reading={},
        **asdict(unread),
        **dict.fromkeys(("rows", "listed_fen", *COUNTED), 0),
    )
    db.session.add(imported)
    db.session.flush()
    reader.ask(imported, by=by, at=at, leave_out=leave_out)
    record("lists.list.brought", imported, by=by, at=at, fund=fund.slug, file=unread.filename)
    return imported


@in_turn
def have_read_again(imported: DonationImport, unread: Unread, *, by: Actor, at: datetime) -> None:
    """The same as `read_again`, by a job. Until it is done the list is neither a preview nor handed over."""
    _require(imported, ImportStatus.PREVIEW)
    for name, value in asdict(unread).items():
        setattr(imported, name, value)
    reader.ask(imported, by=by, at=at)


@in_turn
def have_read_once_more(imported: DonationImport, *, by: Actor, at: datetime) -> None:
    """Ask for another job where the one that reads the list was set aside. Raises ChangedMeanwhile."""
    _require(imported, ImportStatus.READING)
    work = work_on(imported)
    if not work.is_set_aside:
        raise not_in_state(imported)
    reader.ask(imported, by=by, at=at, leave_out=work.leave_out)
    record("lists.list.read_once_more", imported, by=by, at=at)


@in_turn
def read_again(imported: DonationImport, reading: Reading, *, by: Actor, at: datetime) -> None:
    """Take what another reading of the same file gave: other columns, date or method. Nothing is left out any more."""
    _require(imported, ImportStatus.PREVIEW)
    before = _as_read(imported)
    for name, value in said(reading).items():
        setattr(imported, name, value)
    db.session.execute(delete(ImportRow).where(ImportRow.import_id == imported.id))
    _write_all(imported, reading)
    record("lists.list.read_again", imported, by=by, at=at, **changes(before, _as_read(imported)))


def leave_rows_out(imported: DonationImport, row_nos: Sequence[int], *, by: Actor, at: datetime) -> int:
    """Leave rows out by their numbers; gives how many. Raises DomainError where a number is not in the list."""
    return _mark(imported, row_nos, True, by=by, at=at)


def take_rows_back(imported: DonationImport, row_nos: Sequence[int], *, by: Actor, at: datetime) -> int:
    """Take rows in again that were left out; gives how many."""
    return _mark(imported, row_nos, False, by=by, at=at)


@in_turn
def leave_booked_rows_out(imported: DonationImport, *, by: Actor, at: datetime) -> int:
    """Leave out every row that seems to be in the fund's books already; gives how many."""
    _require(imported, ImportStatus.PREVIEW)
    booked = select(ImportRow.row_no).where(
        ImportRow.import_id == imported.id, ImportRow.same_gift_id.is_not(None), ~ImportRow.is_left_out
    )
    row_nos = list(db.session.scalars(booked))
    return _mark(imported, row_nos, True, by=by, at=at) if row_nos else 0


@in_turn
def hand_over(imported: DonationImport, *, by: Actor, at: datetime) -> None:
    """Give the list to the accountant: from now on it does not change.

    Raises AlreadyImported, ProblemsInTheWay, NothingToBook, Unreadable, BookedMeanwhile, ChangedMeanwhile.
    """
    _require(imported, ImportStatus.PREVIEW)
    _check_ready(imported)
    try:
        with db.session.begin_nested():
            _move(imported, ImportStatus.PREVIEW, ImportStatus.WAITING, handed_by_id=by.id, handed_at=at)
    except IntegrityError as refused:
        earlier = same_list(imported)
        raise (AlreadyImported(earlier, imported) if earlier else refused) from refused
    record("lists.list.handed_over", imported, by=by, at=at, **_sums(imported))
    tell_accountants(imported, by=by, at=at)


@in_turn
def withdraw(imported: DonationImport, *, by: Actor, at: datetime) -> None:
    """Take the list back before it is confirmed. It stays to be seen; a corrected file is brought as a new one.

    Of one that is being read stays what was read so far: the job finds it withdrawn, and stops.
    """
    before = ImportStatus(imported.status)
    if before not in (ImportStatus.READING, ImportStatus.PREVIEW, ImportStatus.WAITING):
        raise not_in_state(imported)
    if before == ImportStatus.READING:
        recount(imported)
    _move(imported, before, ImportStatus.WITHDRAWN, finished_at=at)
    record("lists.list.withdrawn", imported, by=by, at=at, was=before.value)


@in_turn
def send_back(imported: DonationImport, reason: str, *, by: Actor, at: datetime) -> None:
    """The accountant returns the list with a reason. Raises DomainError (no reason), ChangedMeanwhile."""
    if not reason.strip():
        raise DomainError(_l("请写明退回的原因，出纳会看到。"), field="reason")
    _move(imported, ImportStatus.WAITING, ImportStatus.RETURNED, return_reason=reason.strip(), finished_at=at)
    record("lists.list.returned", imported, by=by, at=at, reason=reason.strip())
    tell_cashier(imported, RETURNED, by=by, at=at, reason=reason.strip())


@in_turn
def confirm(imported: DonationImport, *, by: Person, at: datetime) -> None:
    """The accountant has compared the list with the bank: book it. The job is asked for in the same transaction.

    Raises TwoPeople, OtherIsBooked (lists of a fund are booked one after the other), BookedMeanwhile, ChangedMeanwhile.
    """
    if not {imported.uploaded_by_id, imported.handed_by_id}.isdisjoint(by.selves):
        raise TwoPeople
    _require(imported, ImportStatus.WAITING)
    try:
        with db.session.begin_nested():
            _move(imported, ImportStatus.WAITING, ImportStatus.BOOKING, confirmed_by_id=by.id, confirmed_at=at)
    except IntegrityError as refused:
        raise OtherIsBooked from refused
    # Behind the move, so that no other list of the fund can be booked between this look and the booking.
    _check_not_booked_meanwhile(imported)
    enqueue(BOOK, {"import_id": imported.id}, at=at, key=job_key(imported.id))
    record("lists.list.confirmed", imported, by=by, at=at, **_sums(imported))


@in_turn
def resume(imported: DonationImport, *, by: Actor, at: datetime) -> None:
    """Go on with a booking that was set aside after failing again and again. Raises ChangedMeanwhile."""
    _require(imported, ImportStatus.BOOKING)
    if not try_again(job_key(imported.id), at=at):
        raise not_in_state(imported)
    record("lists.list.resumed", imported, by=by, at=at, booked=imported.booked)


@in_turn
def bring_again(imported: DonationImport, reading: Reading, *, by: Actor, at: datetime) -> DonationImport:
    """A new preview of a returned or withdrawn list, from the same file, with the same rows left out."""
    row_nos = _left_out_before(imported)
    new = bring(imported.fund, reading, by=by, at=at, file=imported.file)
    if row_nos:
        leave_rows_out(new, row_nos, by=by, at=at)
    return new


@in_turn
def bring_again_unread(imported: DonationImport, *, by: Actor, at: datetime) -> DonationImport:
    """The same, where a job is to read the file."""
    row_nos = _left_out_before(imported)
    unread = Unread(imported.filename, imported.method, imported.default_date, imported.column_map)
    return bring_unread(imported.fund, unread, imported.file, by=by, at=at, leave_out=row_nos)


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _write_all(imported: DonationImport, reading: Reading) -> None:
    write_rows(imported, list(row_values(imported.fund_id, reading)))
    recount(imported)


def _sums(imported: DonationImport) -> dict[str, int]:
    names = ("rows", "accepted", "problems", "repeats", "total_fen")
    return {name: getattr(imported, name) for name in names}


def _as_read(imported: DonationImport) -> dict[str, Any]:
    """How the list is read, and what that gives: what reading it again changes."""
    how = {"columns": dict(imported.column_map), "method": imported.method, "day": imported.default_date}
    return {**how, **_sums(imported)}


# ── rules ───────────────────────────────────────────────────────────────────────────────────────────
@in_turn
def _mark(imported: DonationImport, row_nos: Sequence[int], left_out: bool, *, by: Actor, at: datetime) -> int:
    _require(imported, ImportStatus.PREVIEW)
    named: list[dict[str, Any]] = []
    for start in range(0, len(row_nos), ROWS_A_STATEMENT):
        named += _marked(imported, row_nos[start : start + ROWS_A_STATEMENT], left_out)
    if missing := set(row_nos) - {row["row"] for row in named}:
        raise DomainError(_l("名单里没有第 %(row)s 行。", row=min(missing)), field="row")
    recount(imported)
    action = "lists.list.rows_left_out" if left_out else "lists.list.rows_taken_back"
    record(action, imported, by=by, at=at, count=len(named), rows=named[:NAMED_IN_AUDIT])
    return len(named)


def _marked(imported: DonationImport, row_nos: Sequence[int], left_out: bool) -> list[dict[str, Any]]:
    """Mark rows; gives what they say, for the audit line."""
    marked = (
        update(ImportRow)
        .where(ImportRow.import_id == imported.id, ImportRow.row_no.in_(row_nos))
        .values(is_left_out=left_out)
        .returning(ImportRow.row_no, ImportRow.donor_name, ImportRow.fen)
        .execution_options(synchronize_session=False)
    )
    return [{"row": no, "donor": donor, "fen": fen} for no, donor, fen in db.session.execute(marked)]


def _left_out_before(imported: DonationImport) -> list[int]:
    if imported.status not in (ImportStatus.RETURNED, ImportStatus.WITHDRAWN):
        raise not_in_state(imported)
    left = select(ImportRow.row_no).where(ImportRow.import_id == imported.id, ImportRow.is_left_out)
    return list(db.session.scalars(left))


def _check_ready(imported: DonationImport) -> None:
    earlier = same_list(imported)
    match standing(imported, is_again=earlier is not None):
        case Standing.UNREADABLE | Standing.COLUMNS:
            raise Unreadable(imported)
        case Standing.AGAIN if earlier:
            raise AlreadyImported(earlier, imported)
        case Standing.PROBLEMS:
            raise ProblemsInTheWay(rows_in_the_way(imported))
        case Standing.EMPTY:
            raise NothingToBook
    _check_not_booked_meanwhile(imported)


def _check_not_booked_meanwhile(imported: DonationImport) -> None:
    """Rows that were new when the list was read, and are in the fund's books by now."""
    to_book = rows(_TO_BOOK, {"list": imported.id}).all()
    known = {row.row_no for row in to_book if row.same_gift_id is not None}
    same: dict[int, Same] = booked_before(imported.fund_id, [Candidate(*row[:-1]) for row in to_book])
    if new := sorted(same.keys() - known):
        raise BookedMeanwhile(new, is_preview=imported.status == ImportStatus.PREVIEW)


def _require(imported: DonationImport, status: ImportStatus) -> None:
    if imported.status != status:
        raise not_in_state(imported)


def _move(imported: DonationImport, before: ImportStatus, after: ImportStatus, **values: Any) -> None:
    """From one state to the next, by whoever comes first. Raises ChangedMeanwhile."""
    moved = {"list": imported.id, "was": before.value, "status": after.value, **values}
    is_moved = rows(_MOVED, moved).first() is not None
    locked(imported.id)
    if not is_moved:
        raise not_in_state(imported)
