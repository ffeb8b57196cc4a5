"""Lists of gifts for tests, made as text and brought, handed over, confirmed and booked by the portal's own actions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from portal.clock import CHINA
from portal.db import Model, db
from portal.funds.models import Gift
from portal.guards import GUARDS
from portal.invariants import run_all
from portal.lists import actions
from portal.lists.models import DonationImport, ImportRow
from portal.lists.reading import read_list
from portal.receipts import booking
from portal.receipts.models import Receipt
from tests.applications import Client
from tests.giving import Giving

AT = datetime(2026, 11, 20, 10, tzinfo=CHINA)
HEADER = "到账日期,捐赠人,金额(元),备注,交易单号"
THREE = ("2026-11-01,王建国,200,,", '2026-11-02,李秀英,"1,000.50",加油,', "2026-11-03,海宁××公司,66.6,,A-1")
BAD = ("2026-02-30,林小禾,100,,", "2026-11-05,陆青,一百元,,", "2026-11-06,周小满,-50,,")


def listed(*rows: str, header: str = HEADER) -> bytes:
    """A CSV file of these lines; the first gift is its row 2."""
    return "\n".join((header, *rows)).encode()


def brought(giving: Giving, *rows: str, name: str = "名单.csv", header: str = HEADER, **more: Any) -> DonationImport:
    """A preview, committed. `more`: method, default_date, column_map."""
    values: dict[str, Any] = {"method": "bank", "today": AT.date(), **more}
    reading = read_list(listed(*rows, header=header), filename=name, **values)
    imported = actions.bring(giving.fund, reading, by=giving.cashier, at=AT)
    db.session.commit()
    return imported


def handed(giving: Giving, *rows: str, **more: Any) -> DonationImport:
    imported = brought(giving, *rows, **more)
    actions.hand_over(imported, by=giving.cashier, at=AT)
    db.session.commit()
    return imported


def confirmed(giving: Giving, *rows: str, **more: Any) -> DonationImport:
    imported = handed(giving, *rows, **more)
    actions.confirm(imported, by=giving.accountant, at=AT)
    db.session.commit()
    return imported


def booked(giving: Giving, *rows: str, **more: Any) -> DonationImport:
    imported = confirmed(giving, *rows, **more)
    booking.book(imported.id)
    return imported


def many(count: int) -> list[str]:
    """Lines of gifts, 100 a day from 2026-01-01 on, all different."""
    days = [date(2026, 1, 1) + timedelta(days=n // 100) for n in range(count)]
    return [f"{day},捐赠人{n},{n + 1}.00,," for n, day in enumerate(days)]


def rows_of(imported: DonationImport) -> list[ImportRow]:
    wanted = select(ImportRow).where(ImportRow.import_id == imported.id).order_by(ImportRow.row_no)
    return list(db.session.scalars(wanted, execution_options={"populate_existing": True}))


def count(model: type[Model]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def gifts_and_receipts() -> tuple[int, int]:
    return count(Gift), count(Receipt)


def check() -> None:
    """`portal check` finds nothing."""
    wrong = [result for result in run_all(db.session()) if not result.holds]
    assert not wrong, [(result.name, list(result.problems)) for result in wrong]


@contextmanager
def refused(words: str | None = None) -> Iterator[None]:
    """The database itself refuses what is done here, now or at the commit; then all is as before."""
    with pytest.raises(DBAPIError, match=words):
        yield
        db.session.commit()
    db.session.rollback()
    check()


@contextmanager
def without(guard: str) -> Iterator[None]:
    """The trigger is gone until all is rolled back: a control, to show that it is what refuses."""
    statement = GUARDS[guard].statement(db.engine.dialect.name)
    on = "" if db.engine.dialect.name == "sqlite" else f" ON {GUARDS[guard].table}"
    if statement:
        run(f"DROP TRIGGER {guard}{on}")
    yield
    db.session.rollback()
    check()


def run(statement: str, **values: object) -> int:
    """Raw SQL, past every action; gives how many rows it touched."""
    return db.session.connection().execute(text(statement), values).rowcount


def upload(client: Client, giving: Giving, content: bytes, name: str = "名单.csv", **more: Any) -> TestResponse:
    """Send a file by the form of /imports/new, into the fund of `giving`."""
    data = {"fund": str(giving.fund.id), "method": "bank", "file": (BytesIO(content), name), **more}
    return client.post("/imports", data=data)


def newest() -> DonationImport:
    """The list that was brought last."""
    wanted = select(DonationImport).order_by(DonationImport.id.desc()).limit(1)
    return db.session.scalars(wanted, execution_options={"populate_existing": True}).one()
