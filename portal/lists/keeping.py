"""What was read becomes rows of the database, and the sums that stand above them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.bulk import insert_many
from portal.db import db
from portal.files.told import in_each_language, told_problems
from portal.lists.models import DonationImport, ImportRow
from portal.lists.reading import Reading
from portal.lists.repeats import Same, booked_before, candidates, twins
from portal.lists.rows import ListRow
from portal.words import _l

Values = dict[str, Any]

UNDIRECTED = ("非定向", "不定向", "不指定用途", "无")
"""What lists write for a gift whose use the donor leaves open."""

COUNTED = (
    "accepted", "total_fen", "problems", "repeats", "in_the_way", "booked_before", "left_out", "left_out_fen",
)  # fmt: skip
"""The sums that hang on rows left out: `recount` makes them."""


def said(reading: Reading) -> Values:
    """The columns of an import that come from reading, before its rows are counted."""
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
        **dict.fromkeys(COUNTED, 0),
    }


def row_values(fund_id: int, reading: Reading, *, session: Session | None = None) -> Iterator[Values]:
    """The rows of the list as they are kept. For repeats the fund's gifts are asked in `session`, right now."""
    if reading.parsed is None:
        return iter(())
    rows = reading.parsed.rows
    tell = told_problems(row.problems for row in rows)
    twin_of = twins(reading.parsed.repeats)
    same = booked_before(fund_id, candidates(rows), session=session)
    again = _order_booked(reading)

    def kept(row: ListRow) -> Values:
        booked = same.get(row.row_no)
        problems = tell(row.problems) + ([again] if booked and booked.by_order else [])
        return _row(row, problems, twin_of.get(row.row_no), booked)

    return map(kept, rows)


def write_rows(imported: DonationImport, rows: list[Values]) -> None:
    """Keep rows of the list in this transaction; `recount` afterwards."""
    insert_many(ImportRow, rows, common={"import_id": imported.id, "is_left_out": False})


def recount(imported: DonationImport) -> None:
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


def _row(row: ListRow, problems: list[dict[str, str]], twin_of: int | None, booked: Same | None) -> Values:
    return {
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
        "twin_of": twin_of,
        "same_gift_id": booked.gift_id if booked else None,
        "is_repeat": booked is not None or twin_of is not None,
    }


def _order_booked(reading: Reading) -> dict[str, str]:
    """The problem of a row whose order number is in the books: one payment has one number."""
    title = next((one["title"] for one in reading.columns["titles"] if one["field"] == "order_no"), "")
    return {"column": title, "field": "order_no", **in_each_language(_l("这个订单号已经入过账，不能再入一次。"))}
