"""Long lists are read by a job, a chunk at a time: what shows meanwhile, and what nobody may do."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import select

from portal import clock
from portal.audit.models import AuditLine
from portal.db import db
from portal.files import inspection, keep
from portal.jobs.actions import LEASE, lease
from portal.jobs.models import Job
from portal.jobs.worker import work_one
from portal.lists import actions, reader
from portal.lists.models import DonationImport
from portal.lists.reading import Unread
from portal.lists.summaries import summary
from portal.people.models import ALLIANCE, Role
from portal.problems import ChangedMeanwhile
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.files.workbooks import saved, xlsx
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
from tests.pages import is_valid, words
from tests.volunteers import at_once

HTMX = {"HX-Request": "true"}
COLUMNS = dict.fromkeys(("memo", "order_no", "intention", "public_name", "method", "default_date"), "") | {
    "amount": "金额(元)", "received_on": "到账日期", "donor_name": "捐赠人", "default_method": "bank"
}  # fmt: skip


@pytest.fixture
def everything_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "LONG", 10)


@pytest.fixture
def chunks_of_100(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHUNK", 100)


@pytest.fixture
def cashier(client: Client, giving: Giving) -> Client:
    return client.sign_in(giving.cashier)


@pytest.fixture
def accountant(app: Flask, giving: Giving) -> Client:
    return new_client(app).sign_in(giving.accountant)


def unread(giving: Giving, *rows: str, leave_out: tuple[int, ...] = ()) -> DonationImport:
    """A list that waits for a job to read it, committed."""
    file = keep(listed(*rows), name="名单.csv", by=giving.cashier, at=AT)
    what = Unread("名单.csv", "bank", None, {})
    imported = actions.bring_unread(giving.fund, what, file, by=giving.cashier, at=AT, leave_out=leave_out)
    db.session.commit()
    return imported


def now(imported: DonationImport) -> DonationImport:
    return db.session.get_one(DonationImport, imported.id, populate_existing=True)


def job() -> Job:
    return db.session.scalars(select(Job).order_by(Job.id.desc()).limit(1), execution_options=FRESH).one()


FRESH = {"populate_existing": True}


def interrupted_after(monkeypatch: pytest.MonkeyPatch, chunks: int, what: Any) -> None:
    """`what` happens between two chunks, once."""
    seen = iter(range(1, 1_000))

    def breathe(_: float = 0) -> None:
        if next(seen) == chunks:
            what()

    monkeypatch.setattr(reader, "breathe", breathe)


def dies() -> None:
    raise RuntimeError("as asked")


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
    real, seen = reader.read_list, []

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


# ── killed, doubled, failed ─────────────────────────────────────────────────────────────────────────
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


# ── what is no list ─────────────────────────────────────────────────────────────────────────────────
NO_LISTS = {
    "only blank lines": (b"\n" * 400_000, "没有任何内容"),
    "a header alone": ("到账日期,捐赠人,金额(元)\n".encode() + b",,\n" * 120_000, "没有一笔捐赠"),
    "prose": ("我们的爱心汇成大海\n".encode() * 40_000, "找不到表头"),
    "a program": (bytes(range(256)) * 2_000, "不是表格文件"),
    "a broken archive": (b"PK\x03\x04" + b"\0" * 400_000, "已损坏"),
    "too many columns": (b"," * 399 + b"x\n" + b"x" * 300_000, "列数太多"),
}


@pytest.mark.parametrize("what", NO_LISTS)
def test_a_long_file_that_is_no_list_says_so_and_is_withdrawn(cashier: Client, giving: Giving, what: str) -> None:
    content, sentence = NO_LISTS[what]
    answer = upload(cashier, giving, content, name="名单.xlsx")
    assert answer.status_code == 303
    assert work_one()
    page = cashier.get(answer.headers["Location"])
    assert is_valid(page)
    assert "这个文件读不出名单" in words(page)
    assert sentence in words(page)
    assert (newest().status, newest().rows, job().status) == ("preview", 0, "done")
    late = cashier.post(f"{answer.headers['Location']}/hand-over")
    assert (late.status_code, "请换一个文件上传" in words(late)) == (422, True)
    assert cashier.post(f"{answer.headers['Location']}/withdraw").status_code == 303
    assert gifts_and_receipts() == (0, 0)
    check()


def test_a_long_list_whose_columns_nobody_knows_waits_for_them(
    cashier: Client, giving: Giving, everything_is_long: None
) -> None:
    upload(cashier, giving, listed("2026-11-01,王建国,200,x", header="到账日期,捐赠人,入袋,备注"))
    assert work_one()
    address = f"/imports/{newest().id}"
    assert "还差一步：请指明各列" in words(cashier.get(address))
    assert cashier.post(f"{address}/columns", data=COLUMNS | {"amount": "入袋"}).status_code == 303
    assert work_one()
    assert (newest().status, newest().total_fen) == ("preview", 20_000)


def test_a_workbook_that_wants_all_memory_ends_its_own_process(
    cashier: Client, giving: Giving, everything_is_long: None
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"] = "到账日期", "x"
    answer = upload(cashier, giving, saved(book), name="一角.xlsx")
    assert work_one()
    assert "展开后过大" in words(cashier.get(answer.headers["Location"]))
    assert job().status == "done"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_names_of_all_alphabets_come_through(
    cashier: Client, giving: Giving, everything_is_long: None, encoding: str
) -> None:
    names = ["𠮷野家", "㛃", "买买提·吾买尔", "Ærøskøbing", "Мария", "مريم", "पूजा", "김하늘", "👪家", "a'; --"]
    rows = [f"2026-11-01,{name},{n + 1},," for n, name in enumerate(names)]
    upload(cashier, giving, listed(*rows).decode().encode(encoding), name=f"{names[0]}.csv")
    assert work_one()
    assert [row.donor_name for row in rows_of(newest())] == names


@pytest.fixture(autouse=True)
def never_slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tests of order need no rest between two chunks."""
    monkeypatch.setattr(reader, "BREATH", 0.0)
    yield
