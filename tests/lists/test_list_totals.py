from datetime import date

import pytest

from portal.files.sheets import read_sheet
from portal.lists.parsing import parse, recognise
from tests.lists.lists import HEADER, TODAY, Line, complaints, gift, parsed


@pytest.mark.parametrize(
    "foot",
    [
        (None, "合计", 300.0),
        ("合计：", None, "300.00"),
        (None, "总 计（元）", 300.0),
        (None, "共计2人次", "总金额300"),
        ("合计 2 笔，300.00 元",),
        (None, "共计", "300元"),
        (None, "合计", 299.99999999999994),
        (None, None, 300.0),
        (None, None, None, None, None, 300.0),
    ],
)
def test_a_lists_own_total_is_compared_and_is_no_gift(foot: Line) -> None:
    read = parsed(HEADER, ("2026-01-02", "测试甲", 100.0), ("2026-01-02", "测试乙", 200.0), (), foot)
    assert (len(read.rows), read.declared_total_fen, read.agrees) == (2, 30_000, True)
    assert "一致" in str(read.declared_sentence)


def test_a_total_that_differs_is_said_with_both_figures() -> None:
    read = parsed(HEADER, ("2026-01-02", "测试甲", 100.0), (None, "共计2人次", "总金额100"))
    assert (read.declared_rows, read.agrees) == (2, False)
    assert str(read.declared_sentence) == "表尾写明 2 笔、¥100.00，逐行读到的是 1 笔、¥100.00，请核对。"


def test_subtotals_of_pages_are_neither_gifts_nor_the_total() -> None:
    read = parsed(
        HEADER,
        ("2026-01-02", "测试甲", 1.0),
        (None, "本页小计", 1.0),
        ("2026-01-02", "测试乙", 2.0),
        (None, "小计", 2.0),
        (None, "合计", 3.0),
    )
    assert (len(read.rows), read.declared_total_fen) == (2, 300)


def test_a_donor_whose_name_begins_like_a_total_is_a_donor() -> None:
    assert gift(name="合计测试有限公司").donor_name == "合计测试有限公司"
    assert gift(memo="共计3人捐款").memo == "共计3人捐款"
    (row,) = parsed(("日期", "捐赠人", "金额", "人数"), ("2026-01-02", "测试甲", 9.0, "共计3人")).rows
    assert row.fen == 900


def test_a_list_without_a_total_declares_nothing() -> None:
    read = parsed(HEADER, ("2026-01-02", "测试甲", 100.0))
    assert (read.agrees, read.declared_sentence) == (None, None)


def test_remarks_below_the_list_are_quoted_and_no_gifts() -> None:
    read = parsed(
        ("捐赠人", "金额"),
        ("测试甲", 1.0),
        ("注：以上为明细",),
        ("某某慈善会",),
        (date(2026, 1, 5),),
        default_date=TODAY,
    )
    assert [row.row_no for row in read.rows] == [2]
    assert [note.text for note in read.notes] == ["注：以上为明细", "某某慈善会", "2026-01-05"]


def test_a_last_gift_without_its_amount_is_a_problem_and_no_remark() -> None:
    read = parsed(("捐赠人", "金额"), ("测试甲", 1.0), ("测试乙",), (), ("某某慈善会",), default_date=TODAY)
    assert [complaints(row) for row in read.rows] == [[], ["金额为空。"]]
    assert [note.row_no for note in read.notes] == [5]


def test_rows_that_only_carry_a_number_in_front_are_nothing() -> None:
    read = parsed(("序号", "捐赠人", "金额"), (1.0, "测试甲", 1.0), (2.0,), (3.0,), default_date=TODAY)
    assert (len(read.rows), read.notes) == (1, ())


# Statements of banks and platforms


def test_money_going_out_is_left_out_and_counted() -> None:
    header = ("交易时间", "交易对方", "收/支", "金额(元)", "当前状态")
    read = parsed(
        header,
        ("2026-01-02 10:00:00", "测试甲", "收入", "¥1.00", "已存入零钱"),
        ("2026-01-02 10:00:00", "小店", "支出", "¥2.00", "支付成功"),
        ("2026-01-02 10:00:00", "零钱", "/", "¥4.00", "已转账"),
        ("2026-01-02 10:00:00", "测试乙", "收入", "¥8.00", "交易关闭"),
        ("2026-01-02 10:00:00", "测试丙", "收入", "¥16.00", "已退款(￥3.00)"),
    )
    assert {(left.reason, left.rows, left.fen) for left in read.left_out} == {
        ("outgoing", 1, 200),
        ("neutral", 1, 400),
        ("unfinished", 1, 800),
    }
    assert [complaints(row)[:1] for row in read.rows] == [[], ["这一笔退过款，请核对实收金额后另行登记。"]]


@pytest.mark.parametrize("word", ["不计收支", "中性交易", "/", "-"])
def test_money_between_own_accounts_is_left_out_as_neutral(word: str) -> None:
    header = ("日期", "捐赠人", "收/支", "金额")
    read = parsed(header, ("2026-01-02", "测试甲", "收入", 1.0), ("2026-01-02", "零钱", word, 4.0))
    assert [(left.reason, left.rows, left.fen) for left in read.left_out] == [("neutral", 1, 400)]


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("收人", "不认识「收人」，请写收入或支出。"),
        (None, "没有写明是收入还是支出。"),
        (" ", "没有写明是收入还是支出。"),
    ],
)
def test_a_direction_that_nobody_knows_is_a_problem_and_not_left_out(word: str | None, sentence: str) -> None:
    header = ("日期", "捐赠人", "收/支", "金额")
    read = parsed(header, ("2026-01-02", "测试甲", "收入", 1.0), ("2026-01-02", "测试乙", word, 4.0))
    assert read.left_out == ()
    assert [complaints(row) for row in read.rows] == [[], [sentence]]


def test_a_payment_that_never_came_about_needs_no_direction() -> None:
    header = ("日期", "捐赠人", "收/支", "金额", "交易状态")
    read = parsed(
        header, ("2026-01-02", "测试甲", "收入", 1.0, "成功"), ("2026-01-02", "测试乙", None, 4.0, "交易关闭")
    )
    assert [left.reason for left in read.left_out] == ["unfinished"]


def test_a_payment_that_a_platform_gave_back_is_a_problem() -> None:
    read = parsed(
        ("交易时间", "微信订单号", "交易状态", "应结订单金额"),
        ("2026-01-02 10:00:00", "`4200001", "`SUCCESS", "`1.00"),
        ("2026-01-02 10:00:00", "`4200002", "`SUCCESS", "`2.00"),
        ("2026-01-05 10:00:00", "`4200001", "`REFUND", "`0.00"),
    )
    assert ["退款" in "".join(complaints(row)) for row in read.rows] == [True, False]


def test_a_minus_is_money_going_out_in_a_statement_and_a_problem_in_a_list() -> None:
    read = parsed(("日期", "交易金额", "余额"), ("2026-01-02", "-5.00", "10"), ("2026-01-02", "1.00", "11"))
    assert [(left.reason, left.fen) for left in read.left_out] == [("outgoing", 500)]
    assert "负数" in complaints(gift(amount="-5.00"))[0]


def test_two_columns_for_in_and_out_are_told_apart() -> None:
    text = (
        "#支付宝账务明细查询\n账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,备注\n"
        "1\t,11\t,,捐款,2026-01-02 10:00:00,a***,5.00,0.00,5.00,\n"
        "2\t,12\t,,提现,2026-01-02 11:00:00,b***,0.00,-3.00,2.00,\n"
        "#-----列表结束-----\n#支出合计：1笔，共3.00元\n#收入合计：1笔，共5.00元\n"
    )
    recognised = recognise(read_sheet(text.encode("gb18030"), filename="a.csv"))
    read = parse(recognised, today=TODAY, default_method="alipay")
    assert [(row.fen, row.order_no, row.method) for row in read.rows] == [(500, "1", "alipay")]
    assert (read.left_out[0].fen, read.declared_rows, read.agrees) == (300, 1, True)


def test_a_wechat_merchant_bill_ends_with_its_totals() -> None:
    titles = "交易时间,微信订单号,商户订单号,交易状态,应结订单金额,退款金额,商品名称,订单金额"
    text = (
        f"{titles}\n`2026-01-02 10:00:00,`4200001,`A1,`SUCCESS,`1.00,`0.00,`捐款,`1.00\n"
        "`2026-01-02 10:01:00,`4200002,`A2,`SUCCESS,`2.00,`0.00,`捐款,`2.00\n"
        "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额\n`2,`3.00,`0.00,`0.00,`0.02000,`3.00\n"
    )
    read = parse(recognise(read_sheet(text.encode(), filename="a.csv")), today=TODAY, default_method="wechat")
    assert [(row.order_no, row.memo) for row in read.rows] == [("4200001", "捐款"), ("4200002", "捐款")]
    assert (read.declared_rows, read.declared_total_fen, read.agrees) == (2, 300, True)
