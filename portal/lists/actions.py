"""Lists of gifts on their way: brought and checked by a cashier, handed over, confirmed by an accountant, then booked.

The web and the command line call the same functions. Booking itself is `receipts.booking`, since it issues numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.actor import Actor
from portal.audit import record
from portal.bulk import insert_many
from portal.db import db
from portal.files import StoredFile, keep
from portal.funds.models import Fund
from portal.jobs import enqueue
from portal.jobs.actions import try_again
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
from portal.lists.reading import Reading, in_each_language, read_list, told_problems
from portal.lists.repeats import Candidate, Same, booked_before, candidates, twins
from portal.lists.turns import in_turn
from portal.problems import DomainError
from portal.words import _l

BOOK = "receipts.book_import"
"""The job that books a confirmed list; its handler lives in receipts.booking."""

UNDIRECTED = ("非定向", "不定向", "不指定用途", "无")
"""What lists write for a gift whose use the donor leaves open."""

ROWS_A_STATEMENT = 1_000
NAMED_IN_AUDIT = 200


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
        **_said(reading),
    )
    db.session.add(imported)
    db.session.flush()
    _write_rows(imported, reading)
    record("lists.list.brought", imported, by=by, at=at, fund=fund.slug, file=reading.filename, **_sums(imported))
    return imported


@in_turn
def read_again(imported: DonationImport, reading: Reading, *, by: Actor, at: datetime) -> None:
    """Take what another reading of the same file gave: other columns, date or method. Nothing is left out any more."""
    _require(imported, ImportStatus.PREVIEW)
    for name, value in _said(reading).items():
        setattr(imported, name, value)
    db.session.execute(delete(ImportRow).where(ImportRow.import_id == imported.id))
    _write_rows(imported, reading)
    record("lists.list.read_again", imported, by=by, at=at, columns=dict(reading.column_map), **_sums(imported))


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
        raise _already_imported(imported) or refused from refused
    record("lists.list.handed_over", imported, by=by, at=at, **_sums(imported))


@in_turn
def withdraw(imported: DonationImport, *, by: Actor, at: datetime) -> None:
    """Take the list back before it is confirmed. It stays to be seen; a corrected file is brought as a new one."""
    before = ImportStatus(imported.status)
    if before not in (ImportStatus.PREVIEW, ImportStatus.WAITING):
        raise not_in_state(imported)
    _move(imported, before, ImportStatus.WITHDRAWN, finished_at=at)
    record("lists.list.withdrawn", imported, by=by, at=at, was=before.value)


@in_turn
def send_back(imported: DonationImport, reason: str, *, by: Actor, at: datetime) -> None:
    """The accountant returns the list with a reason. Raises DomainError (no reason), ChangedMeanwhile."""
    if not reason.strip():
        raise DomainError(_l("请写明退回的原因，出纳会看到。"), field="reason")
    _move(imported, ImportStatus.WAITING, ImportStatus.RETURNED, return_reason=reason.strip(), finished_at=at)
    record("lists.list.returned", imported, by=by, at=at, reason=reason.strip())


@in_turn
def confirm(imported: DonationImport, *, by: Actor, at: datetime) -> None:
    """The accountant has compared the list with the bank: book it. The job is asked for in the same transaction.

    Raises TwoPeople, OtherIsBooked (lists of a fund are booked one after the other), BookedMeanwhile, ChangedMeanwhile.
    """
    if by.id in (imported.uploaded_by_id, imported.handed_by_id):
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
    if imported.status not in (ImportStatus.RETURNED, ImportStatus.WITHDRAWN):
        raise not_in_state(imported)
    left = select(ImportRow.row_no).where(ImportRow.import_id == imported.id, ImportRow.is_left_out)
    new = bring(imported.fund, reading, by=by, at=at, file=imported.file)
    if row_nos := list(db.session.scalars(left)):
        leave_rows_out(new, row_nos, by=by, at=at)
    return new


def job_key(import_id: int) -> str:
    """The key of the one job that books a list."""
    return f"{BOOK}:{import_id}"


def summary(imported: DonationImport | None) -> dict[str, Any]:
    """What the command line prints as JSON; None for a file that could not be read. Sums in 分."""
    if imported is None:
        return _summary("refused", None)
    is_again = imported.status == ImportStatus.PREVIEW and same_list(imported) is not None
    return _summary("already-imported" if is_again else _STATUS_WORDS[ImportStatus(imported.status)], imported)


_STATUS_WORDS = {
    ImportStatus.PREVIEW: "preview",
    ImportStatus.WAITING: "waiting",
    ImportStatus.BOOKING: "waiting",
    ImportStatus.BOOKED: "booked",
    ImportStatus.RETURNED: "refused",
    ImportStatus.WITHDRAWN: "refused",
}


def _summary(status: str, imported: DonationImport | None) -> dict[str, Any]:
    names = ("rows", "accepted", "problems", "repeats", "total_fen")
    sums = {name: getattr(imported, name) if imported else 0 for name in names}
    return {"status": status, "import": imported.id if imported else None, **sums}


# ── what a list says ────────────────────────────────────────────────────────────────────────────────
def _said(reading: Reading) -> dict[str, Any]:
    """The columns of an import that come from reading. Sums that hang on rows left out follow in `_recount`."""
    parsed, refusal = reading.parsed, reading.refusal
    return {
        "content_hash": reading.content_hash,
        "columns": reading.columns,
        "column_map": dict(reading.column_map),
        "reading": reading.notes,
        "refusal": {"field": refusal.field, **in_each_language(refusal.sentence)} if refusal else None,
        "method": reading.method,
        "default_date": reading.default_date,
        "declared_fen": parsed.declared_total_fen if parsed else None,
        "declared_rows": parsed.declared_rows if parsed else None,
        "rows": len(parsed.rows) if parsed else 0,
        "listed_fen": parsed.listed_fen if parsed else 0,
        **dict.fromkeys(_COUNTED, 0),
    }


_COUNTED = (
    "accepted", "total_fen", "problems", "repeats", "in_the_way", "booked_before", "left_out", "left_out_fen",
)  # fmt: skip


def _write_rows(imported: DonationImport, reading: Reading) -> None:
    same_for_all = {"import_id": imported.id, "is_left_out": False}
    insert_many(ImportRow, list(_row_values(imported, reading)), common=same_for_all)
    _recount(imported)


def _row_values(imported: DonationImport, reading: Reading) -> Iterable[dict[str, Any]]:
    if reading.parsed is None:
        return
    rows = reading.parsed.rows
    tell = told_problems(row.problems for row in rows)
    twin_of = twins(reading.parsed.repeats)
    same = booked_before(imported.fund_id, candidates(rows))
    again = _order_booked(reading)
    for row in rows:
        booked = same.get(row.row_no)
        problems = tell(row.problems) + ([again] if booked and booked.by_order else [])
        yield {
            "row_no": row.row_no,
            "received_on": row.received_on,
            "donor_name": row.donor_name,
            "public_name": row.public_name,
            "is_anonymous": row.is_anonymous,
            "fen": row.fen,
            "method": row.method,
            "intention": "" if row.intention in UNDIRECTED else row.intention,
            "order_no": row.order_no,
            "memo": row.memo,
            "problem_words": problems,
            "is_bad": bool(problems),
            "twin_of": twin_of.get(row.row_no),
            "same_gift_id": booked.gift_id if booked else None,
            "is_repeat": booked is not None or row.row_no in twin_of,
        }


def _order_booked(reading: Reading) -> dict[str, str]:
    """The problem of a row whose order number is in the books: one payment has one number."""
    title = next((one["title"] for one in reading.columns["titles"] if one["field"] == "order_no"), "")
    return {"column": title, "field": "order_no", **in_each_language(_l("这个订单号已经入过账，不能再入一次。"))}


def _recount(imported: DonationImport) -> None:
    """Sums of the rows as they are now left out or not, in one statement."""
    stays, fen = ~ImportRow.is_left_out, ImportRow.fen
    good = stays & ~ImportRow.is_bad
    sums: dict[str, ColumnElement[Any]] = {
        "accepted": func.count().filter(good),
        "total_fen": func.sum(fen).filter(good),
        "problems": func.count().filter(ImportRow.is_bad),
        "repeats": func.count().filter(ImportRow.is_repeat),
        "in_the_way": func.count().filter(stays & ImportRow.is_bad),
        "booked_before": func.count().filter(stays & ImportRow.same_gift_id.is_not(None)),
        "left_out": func.count().filter(ImportRow.is_left_out),
        "left_out_fen": func.sum(fen).filter(ImportRow.is_left_out),
    }
    row = db.session.execute(select(*sums.values()).where(ImportRow.import_id == imported.id)).one()
    for name, value in zip(sums, row, strict=True):
        setattr(imported, name, int(value or 0))
    db.session.flush()


def _sums(imported: DonationImport) -> dict[str, int]:
    names = ("rows", "accepted", "problems", "repeats", "total_fen")
    return {name: getattr(imported, name) for name in names}


# ── rules ───────────────────────────────────────────────────────────────────────────────────────────
@in_turn
def _mark(imported: DonationImport, row_nos: Sequence[int], left_out: bool, *, by: Actor, at: datetime) -> int:
    _require(imported, ImportStatus.PREVIEW)
    named: list[dict[str, Any]] = []
    for start in range(0, len(row_nos), ROWS_A_STATEMENT):
        named += _marked(imported, row_nos[start : start + ROWS_A_STATEMENT], left_out)
    if missing := set(row_nos) - {row["row"] for row in named}:
        raise DomainError(_l("名单里没有第 %(row)s 行。", row=min(missing)), field="row")
    _recount(imported)
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


def _check_ready(imported: DonationImport) -> None:
    if imported.refusal:
        raise Unreadable(imported)
    if again := _already_imported(imported):
        raise again
    if imported.in_the_way:
        raise ProblemsInTheWay(rows_in_the_way(imported))
    if not imported.accepted:
        raise NothingToBook
    _check_not_booked_meanwhile(imported)


def _already_imported(imported: DonationImport) -> AlreadyImported | None:
    earlier = same_list(imported)
    return AlreadyImported(earlier, imported) if earlier else None


def _check_not_booked_meanwhile(imported: DonationImport) -> None:
    """Rows that were new when the list was read, and are in the fund's books by now."""
    columns = (ImportRow.row_no, ImportRow.received_on, ImportRow.donor_name, ImportRow.fen, ImportRow.order_no)
    taken = (ImportRow.import_id == imported.id, ~ImportRow.is_bad, ~ImportRow.is_left_out)
    rows = [Candidate(*row) for row in db.session.execute(select(*columns).where(*taken).order_by(ImportRow.row_no))]
    known = set(db.session.scalars(select(ImportRow.row_no).where(*taken, ImportRow.same_gift_id.is_not(None))))
    same: dict[int, Same] = booked_before(imported.fund_id, rows)
    if new := sorted(same.keys() - known):
        raise BookedMeanwhile(new, is_preview=imported.status == ImportStatus.PREVIEW)


def _require(imported: DonationImport, status: ImportStatus) -> None:
    if imported.status != status:
        raise not_in_state(imported)


def _move(imported: DonationImport, before: ImportStatus, after: ImportStatus, **values: Any) -> None:
    """From one state to the next, by whoever comes first. Raises ChangedMeanwhile."""
    moved = (
        update(DonationImport)
        .where(DonationImport.id == imported.id, DonationImport.status == before.value)
        .values(status=after.value, **values)
        .returning(DonationImport.id)
        .execution_options(synchronize_session=False)
    )
    is_moved = db.session.execute(moved).first() is not None
    db.session.refresh(imported)
    if not is_moved:
        raise not_in_state(imported)
