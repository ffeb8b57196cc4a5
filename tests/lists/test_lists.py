"""A list of gifts on its way from the cashier's file into the books."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.audit.models import AuditLine
from portal.db import db
from portal.funds.models import Gift
from portal.jobs.models import Job
from portal.ledger.models import Entry
from portal.lists import actions
from portal.lists.models import DonationImport, ImportStatus
from portal.lists.policy import can_confirm
from portal.lists.problems import (
    AlreadyImported,
    BookedMeanwhile,
    NothingToBook,
    OtherIsBooked,
    ProblemsInTheWay,
    TwoPeople,
)
from portal.lists.queries import same_list
from portal.lists.reading import read_list
from portal.lists.summaries import summary
from portal.problems import ChangedMeanwhile, DomainError
from portal.receipts.models import Receipt
from tests.giving import Giving, opened
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
    rows_of,
)


def detail(action: str) -> dict[str, object]:
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == action).order_by(AuditLine.id.desc())).first()
    assert line is not None
    return line.detail


# ── the whole way ───────────────────────────────────────────────────────────────────────────────────
def test_each_gift_of_a_list_gets_an_entry_and_a_numbered_receipt(giving: Giving) -> None:
    imported = booked(giving, *THREE)
    assert (imported.status, imported.booked, imported.total_fen) == ("booked", 3, 126_710)
    gifts = list(db.session.scalars(select(Gift).order_by(Gift.id)))
    assert [(gift.donor_name, gift.fen, gift.row_no) for gift in gifts] == [
        ("王建国", 20_000, 2), ("李秀英", 100_050, 3), ("海宁××公司", 6_660, 4),
    ]  # fmt: skip
    entries = [db.session.get_one(Entry, gift.entry_id) for gift in gifts]
    assert [(entry.total_fen, entry.on, entry.made_by_name, entry.checked_by_name) for entry in entries] == [
        (gift.fen, gift.received_on, "沈知秋", "罗予安") for gift in gifts
    ]
    receipts = list(db.session.scalars(select(Receipt).order_by(Receipt.serial)))
    assert [(receipt.gift_id, receipt.number[-7:], receipt.fen) for receipt in receipts] == [
        (gifts[0].id, "-000001", 20_000), (gifts[1].id, "-000002", 100_050), (gifts[2].id, "-000003", 6_660),
    ]  # fmt: skip
    assert {(receipt.handler_name, receipt.checker_name) for receipt in receipts} == {("沈知秋", "罗予安")}
    assert giving.fund.pool.balance_fen == 126_710
    check()


def test_no_donor_is_named_in_the_open_books(giving: Giving) -> None:
    booked(giving, *THREE)
    assert not [memo for memo in db.session.scalars(select(Entry.memo)) if "王建国" in memo or "李秀英" in memo]


@pytest.mark.parametrize(
    ("method", "account"), [("bank", "1002"), ("wechat", "1009 01"), ("alipay", "1009 02"), ("cash", "1001")]
)
def test_money_comes_into_the_account_of_its_method(giving: Giving, method: str, account: str) -> None:
    booked(giving, THREE[0], method=method)
    entry = db.session.scalars(select(Entry)).one()
    debit, credit = entry.lines
    assert (debit.account.code, debit.debit_fen, debit.pool_id) == (account, 20_000, giving.fund.pool_id)
    assert (credit.account.code, credit.credit_fen, credit.pool_id) == ("4101 02", 20_000, giving.fund.pool_id)


def test_the_command_line_brings_a_list_by_the_same_action(giving: Giving, tmp_path: Path) -> None:
    file = tmp_path / "名单.csv"
    file.write_bytes(listed(*THREE, BAD[0]))
    imported = actions.import_list(file, giving.fund, method="bank", by=giving.cashier, leave_out=[5], at=AT)
    db.session.commit()
    assert summary(imported) == {
        "status": "preview", "import": imported.id, "rows": 4, "accepted": 3, "problems": 1, "repeats": 0,
        "total_fen": 126_710,
    }  # fmt: skip
    actions.hand_over(imported, by=giving.cashier, at=AT)
    assert summary(imported)["status"] == "waiting"


def test_a_file_that_cannot_be_read_is_summed_up_as_refused() -> None:
    nothing = {"rows": 0, "accepted": 0, "problems": 0, "repeats": 0, "total_fen": 0}
    assert summary(None) == {"status": "refused", "import": None, **nothing}


# ── problems ────────────────────────────────────────────────────────────────────────────────────────
def test_a_list_that_is_half_right_books_nothing(giving: Giving) -> None:
    imported = brought(giving, *THREE, *BAD)
    assert (imported.accepted, imported.problems) == (3, 3)
    with pytest.raises(ProblemsInTheWay, match="还有 3 行有问题（第 5、6、7 行）"):
        actions.hand_over(imported, by=giving.cashier, at=AT)
    assert gifts_and_receipts() == (0, 0)


def test_each_problem_names_its_column_in_each_language(giving: Giving) -> None:
    rows = rows_of(brought(giving, *THREE, *BAD))[3:]
    assert [(row.row_no, row.problem_words[0]["column"], row.problem_words[0]["zh"]) for row in rows] == [
        (5, "到账日期", "日期「2026-02-30」不存在。"),
        (6, "金额(元)", "金额「一百元」不是数字。"),
        (7, "金额(元)", "金额为负数。"),
    ]
    assert all(row.problem_words[0]["en"] for row in rows)


def test_rows_left_out_by_name_no_longer_stand_in_the_way(giving: Giving) -> None:
    imported = brought(giving, *THREE, *BAD)
    assert actions.leave_rows_out(imported, [5, 6, 7], by=giving.cashier, at=AT) == 3
    actions.hand_over(imported, by=giving.cashier, at=AT)
    assert imported.status == ImportStatus.WAITING
    named = detail("lists.list.rows_left_out")["rows"]
    assert named == [
        {"row": 5, "donor": "林小禾", "fen": 10_000},
        {"row": 6, "donor": "陆青", "fen": None},
        {"row": 7, "donor": "周小满", "fen": -5_000},
    ]


def test_a_good_row_may_be_left_out_and_taken_back(giving: Giving) -> None:
    imported = brought(giving, *THREE)
    actions.leave_rows_out(imported, [2], by=giving.cashier, at=AT)
    assert (imported.accepted, imported.total_fen) == (2, 106_710)
    actions.take_rows_back(imported, [2], by=giving.cashier, at=AT)
    assert (imported.accepted, imported.total_fen) == (3, 126_710)


def test_a_row_that_is_not_in_the_list_cannot_be_left_out(giving: Giving) -> None:
    imported = brought(giving, *THREE)
    with pytest.raises(DomainError, match="没有第 99 行"):
        actions.leave_rows_out(imported, [2, 99], by=giving.cashier, at=AT)


def test_a_list_of_which_everything_is_left_out_is_not_handed_over(giving: Giving) -> None:
    imported = brought(giving, BAD[0])
    actions.leave_rows_out(imported, [2], by=giving.cashier, at=AT)
    with pytest.raises(NothingToBook):
        actions.hand_over(imported, by=giving.cashier, at=AT)


# ── repeats ─────────────────────────────────────────────────────────────────────────────────────────
def test_twins_inside_a_list_are_named_and_stay(giving: Giving) -> None:
    imported = brought(giving, THREE[0], THREE[1], THREE[0])
    assert [(row.row_no, row.twin_of, row.is_repeat) for row in rows_of(imported)] == [
        (2, None, False), (3, None, False), (4, 2, True),
    ]  # fmt: skip
    assert (imported.accepted, imported.repeats) == (3, 1)


def test_a_row_equal_to_a_gift_in_the_books_is_named(giving: Giving) -> None:
    first = booked(giving, *THREE)
    again = brought(giving, THREE[0], "2026-11-09,陈志强,80,,")
    same, other = rows_of(again)
    assert same.same_gift_id == db.session.scalar(select(Gift.id).where(Gift.import_id == first.id, Gift.row_no == 2))
    assert (other.is_repeat, again.accepted) == (False, 2)


def test_one_gift_answers_for_one_row(giving: Giving) -> None:
    booked(giving, THREE[0])
    again = brought(giving, THREE[0], THREE[0], THREE[1])
    assert [row.same_gift_id is not None for row in rows_of(again)] == [True, False, False]


def test_all_rows_in_the_books_are_left_out_at_once(giving: Giving) -> None:
    booked(giving, *THREE)
    again = brought(giving, *THREE, "2026-11-09,陈志强,80,,")
    assert actions.leave_booked_rows_out(again, by=giving.cashier, at=AT) == 3
    assert (again.accepted, again.total_fen, again.booked_before) == (1, 8_000, 0)


def test_an_order_number_is_booked_once(giving: Giving) -> None:
    booked(giving, THREE[2])
    again = brought(giving, THREE[0], "2026-11-04,别人,50,,A-1")
    row = rows_of(again)[1]
    assert (row.is_bad, row.problem_words[0]["column"]) == (True, "交易单号")
    assert "订单号已经入过账" in row.problem_words[0]["zh"]


def test_two_order_numbers_are_two_payments(giving: Giving) -> None:
    booked(giving, "2026-11-03,王建国,200,,A-1")
    assert not rows_of(brought(giving, "2026-11-03,王建国,200,,A-2"))[0].is_repeat


# ── the same list ───────────────────────────────────────────────────────────────────────────────────
def test_the_same_list_in_other_clothes_is_recognised(giving: Giving) -> None:
    first = booked(giving, *THREE)
    header = "捐赠人,金额（元）,备 注,捐赠日期,交易单号"
    rows = ("海宁××公司,66.60,,2026/11/3,A-1", "王建国,200.00,,2026年11月1日,", "李秀英,1000.5,加油,2026.11.02,")
    again = brought(giving, *rows, header=header, name="另一个名字.csv")
    assert same_list(again) == first
    assert summary(again)["status"] == "already-imported"
    with pytest.raises(AlreadyImported, match=f"第 {first.id} 号，2026-11-20 由沈知秋移交，3 笔，¥1,267.10"):
        actions.hand_over(again, by=giving.cashier, at=AT)
    assert gifts_and_receipts() == (3, 3)


def test_two_previews_of_one_list_are_handed_over_once(giving: Giving) -> None:
    first, second = brought(giving, *THREE), brought(giving, *THREE)
    actions.hand_over(first, by=giving.cashier, at=AT)
    with pytest.raises(AlreadyImported):
        actions.hand_over(second, by=giving.cashier, at=AT)


def test_another_fund_may_have_the_same_list(giving: Giving) -> None:
    booked(giving, *THREE)
    other = opened("gongyi", "公益公积金")
    booked(other, *THREE)
    assert other.fund.pool.balance_fen == 126_710
    check()


def test_a_list_that_came_back_may_be_brought_again(giving: Giving) -> None:
    first = handed(giving, *THREE)
    actions.send_back(first, "李秀英的金额不对", by=giving.accountant, at=AT)
    db.session.commit()
    second = handed(giving, *THREE)
    assert (first.status, first.return_reason, second.status) == ("returned", "李秀英的金额不对", "waiting")


# ── coming back ─────────────────────────────────────────────────────────────────────────────────────
def test_a_list_comes_back_only_with_a_reason(giving: Giving) -> None:
    imported = handed(giving, *THREE)
    with pytest.raises(DomainError, match="退回的原因"):
        actions.send_back(imported, "  ", by=giving.accountant, at=AT)


def test_a_list_opened_again_keeps_what_was_left_out(giving: Giving) -> None:
    imported = brought(giving, *THREE, BAD[0])
    actions.leave_rows_out(imported, [5], by=giving.cashier, at=AT)
    actions.hand_over(imported, by=giving.cashier, at=AT)
    actions.withdraw(imported, by=giving.cashier, at=AT)
    reading = read_list(listed(*THREE, BAD[0]), filename="名单.csv", method="bank", today=AT.date())
    again = actions.bring_again(imported, reading, by=giving.cashier, at=AT)
    assert (again.id != imported.id, again.file_id == imported.file_id, again.accepted) == (True, True, 3)
    assert [row.row_no for row in rows_of(again) if row.is_left_out] == [5]


def test_a_confirmed_list_cannot_be_withdrawn(giving: Giving) -> None:
    imported = confirmed(giving, *THREE)
    with pytest.raises(ChangedMeanwhile, match="正在入账"):
        actions.withdraw(imported, by=giving.cashier, at=AT)


# ── two people, once ────────────────────────────────────────────────────────────────────────────────
def test_whoever_brought_a_list_does_not_confirm_it(giving: Giving) -> None:
    with pytest.raises(TwoPeople):
        actions.confirm(handed(giving, *THREE), by=giving.cashier, at=AT)


def test_nor_does_she_by_another_entry_of_hers(giving: Giving) -> None:
    imported = handed(giving, *THREE)
    giving.accountant.other_ids = str(giving.cashier.id)
    assert not can_confirm(giving.accountant, imported)
    with pytest.raises(TwoPeople):
        actions.confirm(imported, by=giving.accountant, at=AT)


def test_a_list_is_handed_over_once(giving: Giving) -> None:
    imported = handed(giving, *THREE)
    with pytest.raises(ChangedMeanwhile, match="已经移交"):
        actions.hand_over(imported, by=giving.cashier, at=AT + timedelta(minutes=1))


def test_a_confirmation_asks_for_one_job_in_the_same_transaction(giving: Giving) -> None:
    imported = handed(giving, *THREE)
    actions.confirm(imported, by=giving.accountant, at=AT)
    db.session.rollback()
    assert count(Job) == 0
    actions.confirm(imported, by=giving.accountant, at=AT)
    db.session.commit()
    job = db.session.scalars(select(Job)).one()
    assert (job.name, job.payload) == ("receipts.book_import", {"import_id": imported.id})
    with pytest.raises(ChangedMeanwhile, match="正在入账"):
        actions.confirm(imported, by=giving.accountant, at=AT)


def test_lists_of_one_fund_are_booked_one_after_the_other(giving: Giving) -> None:
    confirmed(giving, *THREE)
    second = handed(giving, "2026-11-09,陈志强,80,,")
    with pytest.raises(OtherIsBooked):
        actions.confirm(second, by=giving.accountant, at=AT)


def test_what_was_booked_meanwhile_is_noticed_when_handing_over(giving: Giving) -> None:
    late = brought(giving, THREE[0], "2026-11-09,陈志强,80,,")
    booked(giving, *THREE)
    with pytest.raises(BookedMeanwhile, match=r"又入了 1 笔.*第 2 行"):
        actions.hand_over(late, by=giving.cashier, at=AT)


def test_what_was_booked_meanwhile_is_noticed_when_confirming(giving: Giving) -> None:
    late = handed(giving, THREE[0], "2026-11-09,陈志强,80,,")
    booked(giving, *THREE)
    with pytest.raises(BookedMeanwhile, match="请退回"):
        actions.confirm(late, by=giving.accountant, at=AT)
    db.session.rollback()
    assert db.session.get_one(DonationImport, late.id).status == "waiting"


# ── columns ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_list_without_an_amount_is_kept_until_its_columns_are_named(giving: Giving) -> None:
    header = "到账日期,捐赠人,入袋,备注"
    imported = brought(giving, "2026-11-01,王建国,200,", header=header)
    assert imported.refusal is not None
    assert "「名单.csv」第 1 行是表头，但没有金额列" in imported.refusal["zh"]
    assert [(one["title"], one["field"], one["sample"]) for one in imported.columns["titles"]][1:3] == [
        ("捐赠人", "donor_name", "王建国"), ("入袋", None, "200"),
    ]  # fmt: skip
    reading = read_list(
        listed("2026-11-01,王建国,200,", header=header), filename="名单.csv", method="bank", today=AT.date(),
        column_map={"入袋": "amount"},
    )  # fmt: skip
    actions.read_again(imported, reading, by=giving.cashier, at=AT)
    assert not imported.refusal
    assert (imported.accepted, imported.total_fen) == (1, 20_000)


def test_a_list_without_dates_waits_for_one(giving: Giving) -> None:
    imported = brought(giving, "王建国,200", header="捐赠人,金额")
    assert imported.refusal is not None
    assert imported.refusal["field"] == "default_date"
    dated = brought(giving, "王建国,200", header="捐赠人,金额", default_date=AT.date())
    assert rows_of(dated)[0].received_on == AT.date()


def test_the_own_count_of_a_list_is_compared(giving: Giving) -> None:
    right = brought(giving, *THREE, "合计,,1267.10,,")
    assert (right.declared_fen, right.listed_fen) == (126_710, 126_710)
    wrong = brought(giving, *THREE, "合计,,9999,,")
    assert (wrong.declared_fen, wrong.listed_fen) == (999_900, 126_710)


def test_what_a_donor_leaves_open_is_no_direction(giving: Giving) -> None:
    rows = ("2026-11-01,王建国,200,非定向", "2026-11-01,李秀英,200,爱心椅")
    imported = brought(giving, *rows, header="日期,捐赠人,金额,捐赠意向")
    assert [row.intention for row in rows_of(imported)] == ["", "爱心椅"]
