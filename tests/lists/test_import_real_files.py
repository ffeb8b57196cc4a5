"""Published lists go all the way into the books. The files lie beside the project and never in it."""

import time
from datetime import date, datetime
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.db import db
from portal.files import keep
from portal.funds.models import Gift
from portal.jobs.actions import LEASE
from portal.jobs.worker import work_one
from portal.ledger.models import Entry
from portal.lists import actions, reader
from portal.lists.models import DonationImport
from portal.lists.problems import AlreadyImported
from portal.lists.reading import Unread
from portal.lists.summaries import summary
from portal.receipts import booking
from portal.receipts.models import Receipt
from tests.giving import Giving
from tests.importing import AT, check, count, gifts_and_receipts

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="not run: the folder ../shared/data with published lists is missing"
)


def bring(giving: Giving, name: str, day: date | None = None) -> DonationImport:
    path = DATA / name
    imported = actions.import_list(path, giving.fund, method="bank", by=giving.cashier, at=AT, default_date=day)
    db.session.commit()
    return imported


def book(giving: Giving, name: str) -> DonationImport:
    imported = bring(giving, name)
    actions.hand_over(imported, by=giving.cashier, at=AT)
    return booking.confirm_and_book(imported, by=giving.accountant, at=AT)


def test_the_main_job_books_every_gift_with_entry_and_numbered_receipt(giving: Giving) -> None:
    imported = book(giving, "hubei_redcross_2020/donate06.xls")
    assert summary(imported) | {"repeats": 0} == {
        "status": "booked", "import": imported.id, "rows": 4_164, "accepted": 4_164, "problems": 0, "repeats": 0,
        "total_fen": 5_367_252_838,
    }  # fmt: skip
    assert (imported.declared_fen, imported.listed_fen) == (5_367_252_838, 5_367_252_838)
    assert gifts_and_receipts() == (4_164, 4_164)
    assert count(Entry) == 4_164
    assert db.session.scalar(select(func.sum(Gift.fen))) == giving.fund.pool.balance_fen == 5_367_252_838
    last = db.session.scalars(select(Receipt).order_by(Receipt.serial.desc())).first()
    assert last is not None
    assert last.number.endswith("-004164")
    check()


def test_the_same_upload_again_books_nothing(giving: Giving) -> None:
    first = book(giving, "hubei_redcross_2020/donate03.xls")
    again = bring(giving, "hubei_redcross_2020/donate04.xls")
    assert summary(again)["status"] == "already-imported"
    with pytest.raises(AlreadyImported, match=f"第 {first.id} 号"):
        actions.hand_over(again, by=giving.cashier, at=AT)
    db.session.rollback()
    assert gifts_and_receipts() == (1_995, 1_995)
    assert giving.fund.pool.balance_fen == 15_396_731_614
    check()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_list_of_48740_gifts_is_read_and_booked_in_a_minute_of_work_though_both_jobs_die_once(
    giving: Giving, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = DATA / "wuhan_redcross_2020/account_alipay_0128.xlsx"
    file = keep(path.read_bytes(), name=path.name, by=giving.cashier, at=AT)
    unread = Unread(path.name, "alipay", date(2020, 1, 28), {})
    imported = actions.bring_unread(giving.fund, unread, file, by=giving.cashier, at=AT)
    db.session.commit()
    worked_once_and_killed(monkeypatch, reader, chunks=7, at=AT)
    with clock.frozen(AT + LEASE):
        assert work_one()
    db.session.refresh(imported)
    assert (imported.rows, imported.accepted, imported.total_fen) == (48_740, 48_740, 1_027_281_033)
    actions.hand_over(imported, by=giving.cashier, at=AT)
    actions.confirm(imported, by=giving.accountant, at=AT)
    db.session.commit()
    began = time.process_time()
    worked_once_and_killed(monkeypatch, booking, chunks=43, at=AT)
    with clock.frozen(AT + LEASE):
        assert work_one()
    assert time.process_time() - began < 60
    assert gifts_and_receipts() == (48_740, 48_740)
    assert giving.fund.pool.balance_fen == 1_027_281_033
    check()


def worked_once_and_killed(monkeypatch: pytest.MonkeyPatch, room: ModuleType, *, chunks: int, at: datetime) -> None:
    """A worker does so many chunks and is no more."""
    seen = iter(range(1, 1_000))

    def breathe(_: float = 0) -> None:
        if next(seen) == chunks:
            raise RuntimeError("as asked")

    with monkeypatch.context() as patch, clock.frozen(at):
        patch.setattr(room, "breathe", breathe)
        assert work_one()
