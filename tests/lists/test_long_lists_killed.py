"""Readings that are killed, doubled or fail: exact in the end, or shown to somebody."""

import pytest
from flask import Flask

from portal import clock
from portal.db import db
from portal.jobs.actions import LEASE, lease
from portal.jobs.worker import work_one
from portal.lists import actions, reader
from portal.lists.models import DonationImport
from portal.problems import ChangedMeanwhile
from tests.applications import Client
from tests.giving import Giving
from tests.importing import (
    AT,
    THREE,
    check,
    many,
    rows_of,
)
from tests.lists.long import dies, interrupted_after, job, now, unread
from tests.pages import is_valid, words
from tests.volunteers import at_once


@pytest.mark.parametrize("chunks", [1, 2, 5])
def test_a_reading_killed_half_way_starts_over_and_ends_exact(
    giving: Giving, chunks_of_100: None, monkeypatch: pytest.MonkeyPatch, chunks: int
) -> None:
    imported = unread(giving, *many(450), leave_out=(2, 3))
    with monkeypatch.context() as patch, clock.frozen(AT):
        interrupted_after(patch, chunks, dies)
        assert work_one()
    assert (now(imported).status, now(imported).rows) == ("reading", chunks * 100 if chunks < 5 else 450)
    check()
    with clock.frozen(AT + LEASE):
        assert work_one()
        assert not work_one()
    assert [row.row_no for row in rows_of(imported)] == list(range(2, 452))
    assert (now(imported).status, now(imported).accepted, now(imported).left_out) == ("preview", 448, 2)
    check()


def test_a_second_worker_takes_the_reading_over_and_the_first_one_stops(
    giving: Giving, chunks_of_100: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one slept longer than its lease."""
    imported = unread(giving, *many(450))

    def meanwhile() -> None:
        with monkeypatch.context() as patch, clock.frozen(AT + 2 * LEASE):
            patch.setattr(reader, "breathe", lambda _=0: None)
            assert work_one()

    with clock.frozen(AT):
        interrupted_after(monkeypatch, 2, meanwhile)
        assert work_one()
    assert (now(imported).status, len(rows_of(imported)), job().status) == ("preview", 450, "done")
    check()


def test_two_workers_at_once_keep_each_row_once(app: Flask, giving: Giving, chunks_of_100: None) -> None:
    imported_id = unread(giving, *many(900)).id
    held = lease(at=AT)
    assert held
    db.session.commit()
    by_id = giving.cashier.id

    def work() -> None:
        with app.app_context():
            try:
                reader.read(imported_id, job_id=held.job_id, by_id=by_id)
            except reader.Superseded:
                db.session.rollback()

    at_once(app, [work, work], at=AT)
    imported = db.session.get_one(DonationImport, imported_id, populate_existing=True)
    assert (imported.status, imported.accepted, len(rows_of(imported))) == ("preview", 900, 900)
    check()


def test_a_reading_that_failed_five_times_is_shown_and_asked_for_anew(
    cashier: Client, accountant: Client, giving: Giving, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = unread(giving, *THREE, leave_out=(3,))
    with monkeypatch.context() as patch:
        patch.setattr(reader, "read_list", lambda *_, **__: dies())
        for attempt in range(5):
            with clock.frozen(AT + attempt * 10 * LEASE):
                assert work_one()
            if attempt == 0:
                assert "稍后会自动接着来" in words(cashier.get(f"/imports/{imported.id}"))
    assert job().status == "failed"
    page = cashier.get(f"/imports/{imported.id}")
    assert is_valid(page)
    assert "名单没有读完" in words(page)
    assert "再读一次" in words(page)
    assert "every 1s" not in page.text
    assert "再读一次</button>" not in accountant.get(f"/imports/{imported.id}").text
    assert accountant.post(f"/imports/{imported.id}/read").status_code == 403
    assert cashier.post(f"/imports/{imported.id}/read").status_code == 303
    assert work_one()
    assert (now(imported).status, now(imported).rows, now(imported).accepted) == ("preview", 3, 2)


def test_asking_twice_for_another_reading_asks_once(giving: Giving) -> None:
    imported = unread(giving, *THREE)
    job().status = "failed"
    db.session.commit()
    actions.have_read_once_more(imported, by=giving.cashier, at=AT)
    with pytest.raises(ChangedMeanwhile, match="还在读取"):
        actions.have_read_once_more(imported, by=giving.cashier, at=AT)
