"""Long lists are read by a job, a chunk at a time: what shows meanwhile, and what nobody may do."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.audit.models import AuditLine
from portal.db import db
from portal.files import inspection
from portal.jobs.actions import LEASE, lease
from portal.jobs.models import Job
from portal.jobs.worker import work_one
from portal.lists import actions, reader
from portal.lists.models import DonationImport
from portal.lists.reading import read_list
from portal.lists.summaries import summary
from portal.people.models import ALLIANCE, Role
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.files.workbooks import xlsx
from tests.giving import Giving, opened
from tests.importing import (
    AT,
    BAD,
    THREE,
    booked,
    brought,
    check,
    count,
    gifts_and_receipts,
    handed,
    listed,
    many,
    newest,
    refused,
    rows_of,
    run,
    upload,
)
from tests.lists.long import COLUMNS, interrupted_after, job, now, unread
from tests.pages import is_valid, words

HTMX = {"HX-Request": "true"}


# ── the whole way ───────────────────────────────────────────────────────────────────────────────────
def test_a_long_list_is_stored_and_answered_at_once(cashier: Client, giving: Giving) -> None:
    rows = [f"2026-11-01,捐赠人{n},{n + 1}.00,{'长' * 20}," for n in range(4_000)]
    content = listed(*rows)
    assert len(content) > inspection.LONG
    answer = upload(cashier, giving, content)
    imported = newest()
    assert (answer.status_code, imported.status, imported.rows) == (303, "reading", 0)
    page = cashier.get(answer.headers["Location"])
    assert is_valid(page)
    assert "正在读取名单" in words(page)
    assert "排队等候读取" in words(page)
    assert 'hx-trigger="every 1s"' in page.text
    assert f'<noscript><p><a class="btn plain" href="/imports/{imported.id}/progress">' in page.text
    assert "正在读取" in words(cashier.get("/imports"))
    assert work_one()
    page = cashier.get(f"{answer.headers['Location']}/progress")
    assert is_valid(page)
    assert "4,000 笔捐赠，核对后移交" in words(page)
    assert "every 1s" not in page.text
    check()


def test_what_a_job_reads_is_what_a_request_reads(giving: Giving) -> None:
    booked(giving, THREE[0])
    rows = (THREE[0], THREE[1], THREE[1], *BAD, "2026-11-09,,5,,", "合计,,9999,,")
    at_once = brought(giving, *rows)
    later = unread(giving, *rows)
    while work_one():
        pass
    assert columns_of(now(later)) == columns_of(now(at_once))
    assert [values_of(row) for row in rows_of(later)] == [values_of(row) for row in rows_of(at_once)]
    check()


def columns_of(imported: DonationImport) -> dict[str, Any]:
    own = ("id", "file_id", "uploaded_at")
    return {c.name: getattr(imported, c.name) for c in DonationImport.__table__.c if c.name not in own}


def values_of(row: Any) -> dict[str, Any]:
    return {c.name: getattr(row, c.name) for c in row.__table__.c if c.name not in ("id", "import_id")}


def test_a_short_list_is_read_while_its_cashier_looks(cashier: Client, giving: Giving) -> None:
    upload(cashier, giving, listed(*THREE))
    assert (newest().status, count(Job)) == ("preview", 0)


def test_a_small_archive_that_unpacks_to_a_long_list_is_long() -> None:
    content = xlsx([("到账日期", "捐赠人", "金额(元)"), *(("2026-11-01", "王建国", 1.0) for _ in range(20_000))])
    assert len(content) < inspection.LONG
    assert inspection.is_long(content)


def test_progress_comes_as_a_piece_and_ends_by_itself(
    cashier: Client, giving: Giving, chunks_of_100: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = unread(giving, *many(250))
    seen: list[str] = []

    def look() -> None:
        answer = cashier.get(f"/imports/{imported.id}/progress", headers=HTMX)
        assert is_valid(answer)
        seen.append(words(answer))

    monkeypatch.setattr(reader, "breathe", lambda _=0: look())
    look()
    assert work_one()
    assert ["排队等候读取" in seen[0], "已读入 100 / 250 行" in seen[1], "已读入 200 / 250 行" in seen[2]] == [True] * 3
    last = cashier.get(f"/imports/{imported.id}/progress", headers=HTMX)
    assert (last.headers["HX-Retarget"], last.headers["HX-Reswap"]) == ("#import", "outerHTML")
    assert "250 笔捐赠，核对后移交" in words(last)


def test_reading_is_told_to_the_audit(giving: Giving) -> None:
    imported = unread(giving, *THREE)
    assert work_one()
    lines = select(AuditLine.action, AuditLine.actor_name, AuditLine.subject_id).order_by(AuditLine.id.desc()).limit(2)
    assert list(db.session.execute(lines)) == [
        ("lists.list.read", "沈知秋", imported.id), ("lists.list.brought", "沈知秋", imported.id),
    ]  # fmt: skip


def test_no_transaction_is_open_while_the_file_is_read(giving: Giving, monkeypatch: pytest.MonkeyPatch) -> None:
    unread(giving, *THREE)
    real, seen = read_list, []

    def looked_at(*args: Any, **kwargs: Any) -> Any:
        seen.append(db.session().in_transaction())
        return real(*args, **kwargs)

    monkeypatch.setattr(reader, "read_list", looked_at)
    assert work_one()
    assert seen == [False]


def test_between_two_chunks_others_may_write(
    giving: Giving, chunks_of_100: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = unread(giving, *many(250))
    interrupted_after(monkeypatch, 2, lambda: giving.gift("李秀英", 5_000))
    assert work_one()
    assert (now(imported).status, now(imported).rows, gifts_and_receipts()) == ("preview", 250, (1, 1))
    check()


def test_the_lease_is_kept_with_every_chunk(giving: Giving, chunks_of_100: None) -> None:
    imported = unread(giving, *many(120))
    held = lease(at=AT)
    assert held
    db.session.commit()
    later = AT + 10 * LEASE
    with clock.frozen(later):
        reader.read(imported.id, job_id=held.job_id, by_id=giving.cashier.id)
    assert job().leased_until == later + LEASE


# ── meanwhile ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "what", ["hand-over", "leave-out", "take-back", "leave-out-booked", "columns", "again", "read"]
)
def test_nobody_changes_or_hands_over_a_list_that_is_being_read(cashier: Client, giving: Giving, what: str) -> None:
    imported = unread(giving, *THREE)
    answer = cashier.post(f"/imports/{imported.id}/{what}", data={"row": "2", **COLUMNS})
    assert (answer.status_code, is_valid(answer)) == (422, True)
    assert now(imported).status == "reading"


@pytest.mark.parametrize("what", ["confirm", "return"])
def test_nobody_confirms_or_returns_a_list_that_is_being_read(accountant: Client, giving: Giving, what: str) -> None:
    imported = unread(giving, *THREE)
    answer = accountant.post(f"/imports/{imported.id}/{what}", data={"reason": "太早"})
    assert (answer.status_code, "还在读取" in words(answer)) == (422, True)


@pytest.mark.parametrize("status", ["waiting", "booking", "booked", "returned"])
def test_the_database_itself_lets_no_unread_list_on(giving: Giving, status: str) -> None:
    imported = unread(giving, *THREE)
    with refused():
        run(
            "UPDATE lists_import SET status = :to, handed_by_id = uploaded_by_id, rows = 1, accepted = 1 "
            "WHERE id = :id",
            to=status, id=imported.id,
        )  # fmt: skip


def test_the_database_itself_reads_no_list_anew_that_was_handed_over(giving: Giving) -> None:
    imported = handed(giving, *THREE)
    with refused("lists_import_way"):
        run("UPDATE lists_import SET status = 'reading' WHERE id = :id", id=imported.id)


def test_a_stranger_does_not_learn_that_a_list_is_read(app: Flask, giving: Giving) -> None:
    imported = unread(giving, *THREE)
    reads = person("顾清明", grants=[(Role.SUPERVISOR, ALLIANCE)])
    for who, status in ((opened("gongyi", "公益公积金").cashier, 404), (person("林一禾"), 404), (reads, 200)):
        for path in ("", "/progress"):
            assert new_client(app).sign_in(who).get(f"/imports/{imported.id}{path}").status_code == status
    assert new_client(app).sign_in(reads).post(f"/imports/{imported.id}/withdraw").status_code == 403


def test_a_reading_that_is_cancelled_stops(
    cashier: Client, giving: Giving, chunks_of_100: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = unread(giving, *many(450))
    interrupted_after(monkeypatch, 3, lambda: cashier.post(f"/imports/{imported.id}/withdraw"))
    assert work_one()
    assert (now(imported).status, now(imported).rows, len(rows_of(imported))) == ("withdrawn", 300, 300)
    assert (job().status, work_one()) == ("done", False)
    page = cashier.get(f"/imports/{imported.id}")
    assert is_valid(page)
    assert "撤回的时候还没有读完：450 行里读入了 300 行" in words(page)
    check()


def test_a_cancelled_list_is_read_whole_when_it_is_opened_again(
    cashier: Client, giving: Giving, everything_is_long: None
) -> None:
    imported = unread(giving, *many(150))
    actions.withdraw(imported, by=giving.cashier, at=AT)
    assert cashier.post(f"/imports/{imported.id}/again").headers["Location"] == f"/imports/{newest().id}"
    assert (work_one(), work_one()) == (True, True)
    assert (newest().id != imported.id, newest().status, newest().accepted) == (True, "preview", 150)
    assert now(imported).status == "withdrawn"
    check()


# ── read again ──────────────────────────────────────────────────────────────────────────────────────
def test_a_long_list_is_read_again_by_a_job(cashier: Client, giving: Giving, everything_is_long: None) -> None:
    imported = brought(giving, *THREE)
    chosen = COLUMNS | {"donor_name": "备注"}
    answer = cashier.post(f"/imports/{imported.id}/columns", data=chosen)
    assert (answer.status_code, now(imported).status) == (303, "reading")
    assert work_one()
    assert [row.donor_name for row in rows_of(imported)] == ["爱心人士", "加油", "爱心人士"]
    assert (now(imported).status, now(imported).column_map["备注"]) == ("preview", "donor_name")
    check()


def test_a_returned_long_list_keeps_what_was_left_out(
    cashier: Client, giving: Giving, everything_is_long: None
) -> None:
    imported = brought(giving, *THREE, BAD[0])
    actions.leave_rows_out(imported, [5], by=giving.cashier, at=AT)
    actions.hand_over(imported, by=giving.cashier, at=AT)
    actions.send_back(imported, "再看看", by=giving.accountant, at=AT)
    assert cashier.post(f"/imports/{imported.id}/again").status_code == 303
    assert work_one()
    assert [row.row_no for row in rows_of(newest()) if row.is_left_out] == [5]
    assert summary(newest())["accepted"] == 3
