"""The pages of a list and what each shows, with htmx and without."""

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.db import db
from portal.jobs.models import Job
from portal.jobs.worker import work_one
from portal.lists.models import DonationImport
from portal.receipts import booking
from tests.applications import Client
from tests.giving import Giving
from tests.importing import (
    AT,
    BAD,
    THREE,
    booked,
    brought,
    check,
    confirmed,
    count,
    gifts_and_receipts,
    handed,
    listed,
    many,
    newest,
    rows_of,
    upload,
)
from tests.pages import cells, is_valid, statements, words

HTMX = {"HX-Request": "true"}


# ── the whole way ───────────────────────────────────────────────────────────────────────────────────
def test_a_list_goes_all_the_way_without_javascript(cashier: Client, accountant: Client, giving: Giving) -> None:
    assert is_valid(cashier.get("/imports/new"))
    answer = upload(cashier, giving, listed(*THREE, "合计,,1267.10,,"))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/imports/{newest().id}")
    address = answer.headers["Location"]
    preview = cashier.get(address)
    assert is_valid(preview)
    assert "3 笔捐赠，核对后移交" in words(preview)
    assert "表尾写明 ¥1,267.10，与逐行读到的一致" in words(preview)
    assert cashier.post(f"{address}/hand-over").status_code == 303
    waiting = accountant.get(address)
    assert is_valid(waiting)
    assert "3 笔捐赠等您确认" in words(waiting)
    assert accountant.post(f"{address}/confirm").status_code == 303
    booking_page = accountant.get(f"{address}/progress")
    assert f'<noscript><p><a class="btn plain" href="{address}/progress">' in booking_page.text
    assert work_one()
    done = accountant.get(f"{address}/progress")
    assert is_valid(done)
    assert "3 笔捐赠都入账了" in words(done)
    assert "看进度" not in words(done)
    assert gifts_and_receipts() == (3, 3)
    check()


def test_progress_comes_as_a_piece_and_ends_by_itself(accountant: Client, giving: Giving) -> None:
    imported = confirmed(giving, *many(1_000))
    booking.book_chunk(imported.id, at=AT)
    db.session.commit()
    address = f"/imports/{imported.id}/progress"
    piece = accountant.get(address, headers=HTMX)
    assert is_valid(piece)
    assert "已入账 500 / 1,000 笔" in words(piece)
    assert 'hx-trigger="every 1s"' in piece.text
    assert '<progress value="500" max="1000"' in piece.text
    booking.book(imported.id)
    last = accountant.get(address, headers=HTMX)
    assert is_valid(last)
    assert (last.headers["HX-Retarget"], last.headers["HX-Reswap"]) == ("#import", "outerHTML")
    assert "every 1s" not in last.text


def test_a_list_that_waits_for_a_worker_says_so(accountant: Client, giving: Giving) -> None:
    assert "排队等候入账" in words(accountant.get(f"/imports/{confirmed(giving, *THREE).id}"))


def test_a_booking_set_aside_is_shown_and_taken_up_again(accountant: Client, cashier: Client, giving: Giving) -> None:
    imported = confirmed(giving, *THREE)
    job = db.session.scalars(select(Job)).one()
    job.status, job.attempts = "failed", 5
    db.session.commit()
    stopped = accountant.get(f"/imports/{imported.id}")
    assert "入账停在第 0 笔" in words(stopped)
    assert "接着入账" in words(stopped)
    assert "every 1s" not in stopped.text
    assert cashier.post(f"/imports/{imported.id}/resume").status_code == 403
    assert accountant.post(f"/imports/{imported.id}/resume").status_code == 303
    assert work_one()
    assert gifts_and_receipts() == (3, 3)


# ── rows ────────────────────────────────────────────────────────────────────────────────────────────
def test_problem_rows_are_named_by_row_column_and_sentence(cashier: Client, giving: Giving) -> None:
    imported = brought(giving, *THREE, *BAD)
    page = cashier.get(f"/imports/{imported.id}?show=problems")
    assert is_valid(page)
    assert "有 3 行要先处理" in words(page)
    assert [(row[1], row[2]) for row in rows_shown(page)] == [
        ("5", "林小禾 到账日期：日期「2026-02-30」不存在。"),
        ("6", "陆青 金额(元)：金额「一百元」不是数字。"),
        ("7", "周小满 金额(元)：金额为负数。"),
    ]


def rows_shown(page: TestResponse) -> list[list[str]]:
    """The table of rows, which is the last one of the page."""
    last = page.text.rindex("<tbody>")
    return cells(_Part(page.text[last:]))  # type: ignore[arg-type]


class _Part:
    def __init__(self, text: str) -> None:
        self.text = text


def test_rows_are_left_out_and_taken_back_by_ticking_them(cashier: Client, giving: Giving) -> None:
    imported = brought(giving, *THREE, *BAD)
    address = f"/imports/{imported.id}"
    back = {"back": f"{address}?show=problems"}
    answer = cashier.post(f"{address}/leave-out", data={"row": ["5", "6", "7"], **back})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}?show=problems")
    page = cashier.get(answer.headers["Location"])
    assert "剔除了 3 行：第 5 行 林小禾、第 6 行 陆青、第 7 行 周小满。" in words(page)
    assert "3 笔捐赠，核对后移交" in words(page)
    assert cashier.post(f"{address}/take-back", data={"row": "5", **back}).status_code == 303
    assert "有 1 行要先处理" in words(cashier.get(address))


def test_leaving_out_with_htmx_changes_the_page_in_place(cashier: Client, giving: Giving) -> None:
    imported = brought(giving, *THREE, *BAD)
    data = {"row": ["5", "6", "7"], "back": f"/imports/{imported.id}?show=problems"}
    piece = cashier.post(f"/imports/{imported.id}/leave-out", data=data, headers=HTMX)
    assert (piece.status_code, is_valid(piece)) == (200, True)
    assert piece.text.lstrip().startswith('<section id="import"')
    assert '<div id="say" role="status" hx-swap-oob="innerHTML">' in piece.text
    assert "已剔除" in words(piece)


def test_nothing_ticked_is_said(cashier: Client, giving: Giving) -> None:
    imported = brought(giving, *THREE)
    answer = cashier.post(f"/imports/{imported.id}/leave-out", data={})
    assert (answer.status_code, "请先勾选要处理的行" in words(answer)) == (422, True)


def test_rows_in_the_books_are_left_out_at_once(cashier: Client, giving: Giving) -> None:
    booked(giving, *THREE)
    again = brought(giving, *THREE, "2026-11-09,陈志强,80,,")
    page = cashier.get(f"/imports/{again.id}")
    assert "有 3 行与基金里已入账的捐款相同" in words(page)
    assert "与已入账的相同：第 1 号名单第 2 行" in words(page)
    assert cashier.post(f"/imports/{again.id}/leave-out-booked").status_code == 303
    assert newest().accepted == 1


def test_rows_are_searched_sorted_and_paged_in_place(cashier: Client, giving: Giving) -> None:
    imported = brought(giving, *many(60))
    found = cashier.get(f"/imports/{imported.id}?q=捐赠人5&sort=-amount", headers=HTMX)
    assert found.text.lstrip().startswith('<div id="rows"')
    assert [row[2] for row in rows_shown(found)][:2] == ["捐赠人59", "捐赠人58"]
    assert "共 11 行" in words(found)
    third = cashier.get(f"/imports/{imported.id}?page=3")
    assert len(rows_shown(third)) == 10


def test_a_page_of_rows_takes_few_statements(app: Flask, cashier: Client, giving: Giving) -> None:
    address = f"/imports/{brought(giving, *many(60)).id}"
    with statements(app) as seen:
        cashier.get(address, headers=HTMX)
    assert len([one for one in seen if one.startswith("SELECT")]) <= 5, "\n\n".join(seen)


# ── columns ─────────────────────────────────────────────────────────────────────────────────────────
def columns(**more: str) -> dict[str, str]:
    names = ("amount", "received_on", "donor_name", "memo", "order_no", "intention", "public_name", "method")
    return dict.fromkeys(names, "") | {"default_method": "bank", "default_date": ""} | more


def test_a_missing_column_is_named_on_the_page_and_the_file_read_again(cashier: Client, giving: Giving) -> None:
    answer = upload(cashier, giving, listed("2026-11-01,王建国,200,x", header="日期,捐赠人,入袋,备注"))
    page = cashier.get(answer.headers["Location"])
    assert is_valid(page)
    assert "还差一步：请指明各列" in words(page)
    assert "「名单.csv」第 1 行是表头，但没有金额列" in words(page)
    chosen = columns(amount="入袋", received_on="日期", donor_name="捐赠人", memo="备注")
    assert cashier.post(f"{answer.headers['Location']}/columns", data=chosen).status_code == 303
    assert (newest().accepted, newest().total_fen, newest().column_map) == (1, 20_000, {"入袋": "amount"})


def test_a_column_taken_wrongly_is_given_up(cashier: Client, giving: Giving) -> None:
    imported = brought(giving, "2026-11-01,李秀英,王建国,200", header="日期,捐赠人,付款人,金额")
    chosen = columns(amount="金额", received_on="日期", donor_name="付款人")
    assert cashier.post(f"/imports/{imported.id}/columns", data=chosen).status_code == 303
    assert rows_of(imported)[0].donor_name == "王建国"
    chosen["donor_name"] = ""
    assert cashier.post(f"/imports/{imported.id}/columns", data=chosen).status_code == 303
    assert (rows_of(imported)[0].donor_name, rows_of(imported)[0].is_anonymous) == ("爱心人士", True)


def test_a_date_for_the_whole_list_is_given_on_the_page(cashier: Client, giving: Giving) -> None:
    answer = upload(cashier, giving, listed("王建国,200", header="捐赠人,金额"))
    assert "没有日期列" in words(cashier.get(answer.headers["Location"]))
    chosen = columns(amount="金额", donor_name="捐赠人", default_date="2026-11-05", default_method="cash")
    assert cashier.post(f"{answer.headers['Location']}/columns", data=chosen).status_code == 303
    row = rows_of(newest())[0]
    assert (str(row.received_on), row.method) == ("2026-11-05", "cash")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": ""}, "请指明金额在哪一列"),
        ({"memo": "金额(元)"}, "这一列已经用作「金额」"),
        ({"amount": "没有的列"}, "请从列表里选一项"),
        ({"default_date": "2026-02-30"}, "没有「2026-02-30」这一天"),
    ],
)
def test_a_choice_of_columns_that_cannot_be_is_refused(
    cashier: Client, giving: Giving, changes: dict[str, str], sentence: str
) -> None:
    imported = brought(giving, *THREE)
    chosen = columns(amount="金额(元)", received_on="到账日期", donor_name="捐赠人") | changes
    answer = cashier.post(f"/imports/{imported.id}/columns", data=chosen)
    assert (answer.status_code, is_valid(answer)) == (422, True)
    assert sentence in words(answer)
    assert rows_of(imported)[0].donor_name == "王建国"


# ── rows without a donor ────────────────────────────────────────────────────────────────────────────
NAMELESS = "行没有写捐赠人，会记为爱心人士（匿名）：第 "


def test_rows_whose_donor_is_blank_are_named_before_the_hand_over(cashier: Client, giving: Giving) -> None:
    """As merged cells come out: only the first of them holds the name."""
    rows = ("2026-11-01,王建国,200,,", "2026-11-02,,100,,", "2026-11-03,,50,,", "2026-11-04,匿名,10,,")
    imported = brought(giving, *rows)
    page = cashier.get(f"/imports/{imported.id}")
    assert is_valid(page)
    assert f"2 {NAMELESS}3、4 行。" in words(page)
    assert (imported.accepted, imported.problems) == (4, 0)


def test_of_many_rows_without_a_donor_the_first_are_named(cashier: Client, giving: Giving) -> None:
    imported = brought(giving, *(f"2026-11-02,,{n},," for n in range(1, 15)))
    assert f"14 {NAMELESS}2、3、4、5、6、7、8、9、10、11… 行。" in words(cashier.get(f"/imports/{imported.id}"))


@pytest.mark.parametrize("header", ["到账日期,金额(元)", "到账日期,金额(元),捐赠人"])
def test_nothing_is_said_where_no_donor_is_missing(cashier: Client, giving: Giving, header: str) -> None:
    imported = brought(giving, "2026-11-02,100,爱心人士", header=header)
    assert NAMELESS not in words(cashier.get(f"/imports/{imported.id}"))


# ── the same list, and coming back ──────────────────────────────────────────────────────────────────
def test_the_same_list_is_recognised_on_the_page(cashier: Client, giving: Giving) -> None:
    first = booked(giving, *THREE)
    answer = upload(cashier, giving, listed(*reversed(THREE)), name="又一份.csv")
    page = cashier.get(answer.headers["Location"])
    assert f"这份名单已经导入过：第 {first.id} 号" in words(page)
    assert "/hand-over" not in page.text
    refused = cashier.post(f"{answer.headers['Location']}/hand-over")
    assert (refused.status_code, f"第 {first.id} 号" in words(refused)) == (422, True)
    assert gifts_and_receipts() == (3, 3)


def test_the_accountant_returns_a_list_with_a_reason(accountant: Client, cashier: Client, giving: Giving) -> None:
    address = f"/imports/{handed(giving, *THREE).id}"
    empty = accountant.post(f"{address}/return", data={"reason": " "})
    assert (empty.status_code, is_valid(empty)) == (422, True)
    assert "请写明退回的原因" in words(empty)
    assert accountant.post(f"{address}/return", data={"reason": "李秀英的金额不对"}).status_code == 303
    page = cashier.get(address)
    assert "会计退回了这份名单" in words(page)
    assert "李秀英的金额不对" in words(page)
    again = cashier.post(f"{address}/again")
    assert again.headers["Location"] == f"/imports/{newest().id}"
    assert newest().status == "preview"


def test_a_list_is_withdrawn_before_it_is_confirmed(cashier: Client, giving: Giving) -> None:
    address = f"/imports/{handed(giving, *THREE).id}"
    assert cashier.post(f"{address}/withdraw").status_code == 303
    assert "这份名单已经撤回" in words(cashier.get(address))
    late = cashier.post(f"{address}/hand-over")
    assert (late.status_code, "已经撤回" in words(late)) == (422, True)


def test_a_form_sent_twice_brings_one_list(cashier: Client, giving: Giving) -> None:
    first = upload(cashier, giving, listed(*THREE), key="abc")
    second = upload(cashier, giving, listed(*THREE), key="abc")
    assert first.headers["Location"] == second.headers["Location"]
    assert count(DonationImport) == 1
