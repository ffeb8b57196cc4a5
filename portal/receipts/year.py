"""All confirmations of a fund's year as PDFs in one ZIP file, which may be broken off and continued."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from portal import resources
from portal.actor import Actor
from portal.audit import record
from portal.db import db, let_go, reading
from portal.documents.archive import Archive
from portal.documents.confirmation import TEMPLATE, ConfirmationSheet
from portal.documents.pool import Pool, Wanted
from portal.funds.models import Fund
from portal.receipts.models import Receipt
from portal.receipts.pages import sheet_of, with_proof

BATCH = 500
MANIFEST = "manifest.csv"
COLUMNS = ("number", "amount", "state", "sha256")

Progress = Callable[[int], None]
"""Called with the confirmations that are in the file so far."""


class Rendered(NamedTuple):
    """What came of it: confirmations in the file, how many of them are void, how many were drawn this time."""

    confirmations: int
    void: int
    drawn: int


class _Sheet(NamedTuple):
    """One confirmation for the file, and a digest of all that it says.

    Proof and signature are not in the digest: they are others each time, and what was drawn stays proved.
    """

    receipt_id: int
    sheet: ConfirmationSheet
    fingerprint: bytes

    @property
    def name(self) -> str:
        return f"{self.sheet.number}.pdf"

    @property
    def state(self) -> str:
        return "void" if self.sheet.voided else "valid"


def announce(fund: Fund, year: int, *, by: Actor | None, at: datetime) -> int:
    """Write down who takes a year's names out of the house. Commits. How many confirmations there are."""
    record("receipts.year.rendered", fund, by=by, at=at, year=year)
    db.session.commit()
    of_year = select(func.count()).select_from(Receipt).where(Receipt.fund_id == fund.id, Receipt.year == year)
    count = db.session.scalar(of_year) or 0
    db.session.rollback()
    return count


def render_year(
    fund_id: int, year: int, target: Path, *, base_url: str, processes: int, progress: Progress
) -> Rendered:
    """Write the file, or go on writing it. Raises AtWork, DocumentUnavailable, OSError; what is drawn stays then.

    Members are in the order of their numbers, each with the proof of the moment in which it was drawn. A confirmation
    that was declared void after it had been drawn is drawn again, and with it all that follow.
    """
    lines: list[tuple[str, str, str]] = []
    drawn = 0
    with Archive(target) as archive, Pool(processes) as pool:
        lacking = _lacking(archive, _noted(_sheets(fund_id, year, base_url), lines))
        for one, body in pool.drawn(TEMPLATE, (_wanted(one, base_url) for one in lacking)):
            archive.add(one.name, body, fingerprint=one.fingerprint, on=one.sheet.issued_on)
            drawn += 1
            progress(len(archive.members))
        _add_manifest(archive, lines, year)
        archive.finish()
    return Rendered(len(lines), sum(state == "void" for *_, state in lines), drawn)


def _sheets(fund_id: int, year: int, base_url: str) -> Iterator[_Sheet]:
    """The year's confirmations in the order of their numbers. No transaction stays open while they are drawn."""
    edition = _edition()
    last = 0
    while batch := _batch(fund_id, year, base_url, after=last):
        for serial, receipt_id, sheet in batch:
            said = json.dumps(sheet.to_context(), sort_keys=True).encode()
            yield _Sheet(receipt_id, sheet, hashlib.sha256(edition + said).digest())
            last = serial


def _wanted(one: _Sheet, base_url: str) -> Wanted[_Sheet]:
    """What the pool needs to draw it. Ends the transaction in which the proof was read."""
    document = with_proof(one.sheet, one.receipt_id, base_url=base_url)
    let_go()
    return Wanted(document.context, one, document.enclosed)


def _batch(fund_id: int, year: int, base_url: str, *, after: int) -> list[tuple[int, int, ConfirmationSheet]]:
    wanted = (
        select(Receipt)
        .options(joinedload(Receipt.fund), joinedload(Receipt.successor), selectinload(Receipt.wishes))
        .where(Receipt.fund_id == fund_id, Receipt.year == year, Receipt.serial > after)
        .order_by(Receipt.serial)
        .limit(BATCH)
    )
    with reading() as session:
        found = session.scalars(wanted)
        return [(receipt.serial, receipt.id, sheet_of(receipt, base_url=base_url)) for receipt in found]


def _noted(sheets: Iterator[_Sheet], lines: list[tuple[str, str, str]]) -> Iterator[_Sheet]:
    """The same, each written down for the manifest."""
    for one in sheets:
        lines.append((one.sheet.number, f"{one.sheet.amount // 100}.{one.sheet.amount % 100:02d}", one.state))
        yield one


def _lacking(archive: Archive, sheets: Iterator[_Sheet]) -> Iterator[_Sheet]:
    """Those after the last that the file has as they are now. What it has beyond that is cut off before they come."""
    kept = 0
    for one in sheets:
        if archive.members[kept : kept + 1] and archive.members[kept][:2] == (one.name, one.fingerprint):
            kept += 1
            continue
        archive.cut(kept)
        yield one
        yield from sheets
        return
    archive.cut(kept)


def _add_manifest(archive: Archive, lines: list[tuple[str, str, str]], year: int) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows((*line, member.sha256) for line, member in zip(lines, archive.members, strict=True))
    body = text.getvalue().encode()
    archive.add(MANIFEST, body, fingerprint=hashlib.sha256(body).digest(), on=date(year, 12, 31))


def _edition() -> bytes:
    """A digest of what a sheet is set by: two editions do not go into one file."""
    folder = resources().templates / "pdf"
    return hashlib.sha256(b"".join((folder / f"{TEMPLATE}{end}").read_bytes() for end in (".html", ".css"))).digest()
