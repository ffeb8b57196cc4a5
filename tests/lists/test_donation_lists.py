from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.files.cells import text_of
from portal.files.sheets import Cell, read_sheet
from portal.lists.parsing import DateNeeded, parse, recognise
from portal.lists.recognising import ListRefused
from portal.lists.rows import ANONYMOUS
from portal.problems import DomainError
from tests.files.workbooks import xls, xlsx
from tests.lists.lists import HEADER, TODAY, Line, complaints, gift, parsed

# Amounts and days


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        (38422322.23999998, 3842232224),
        (29763117.980000034, 2976311798),
        (0.01, 1),
        (0.1 + 0.2, 30),
        (5, 500),
        ("\xa0 \xa0 \xa0 10,000.00\xa0", 1_000_000),
        ("１，４０９．５０", 140950),
        ("¥28.16", 2816),
        ("`200.00", 20000),
        ("人民币 300 元整", 30000),
        ("5万元", 5_000_000),
        ("1.5 万", 1_500_000),
        ("+10000.00", 1_000_000),
        (Decimal("1.10"), 110),
    ],
)
def test_amounts_are_read_as_people_and_banks_write_them(cell: Cell, fen: int) -> None:
    assert gift(amount=cell).fen == fen
    assert not gift(amount=cell).problems


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ("约100", "不是数字"),
        ("壹佰元", "不是数字"),
        ("$100", "不是数字"),
        ("1.2.3", "不是数字"),
        ("1,50", "逗号"),
        ("#REF!", "不是数字"),
        ("0", "为零"),
        (0.0, "为零"),
        (-5.0, "负数"),
        ("-5", "负数"),
        (1.005, "两位小数"),
        ("1.234", "两位小数"),
        (100_000_000_000.01, "太大"),
        ("9" * 40, "太大"),
        (1e300, "太大"),
        (float("nan"), "不是数字"),
        (float("inf"), "不是数字"),
        (date(2026, 1, 2), "不是数字"),
        (None, "为空"),
        (" \xa0", "为空"),
        ("——", "为空"),
    ],
)
def test_a_wrong_amount_is_a_problem_that_names_its_column(cell: Cell, word: str) -> None:
    row = gift(amount=cell)
    (problem,) = row.problems
    assert word in str(problem.sentence)
    assert (problem.column, problem.field) == ("金额（元）", "amount")


def test_a_column_in_ten_thousands_is_read_so_wherever_the_unit_stands() -> None:
    for lines in (
        (("捐赠人", "日期", "金额（万元）"),),
        (("公示表（单位：万元）",), ("捐赠人", "日期", "金额")),
    ):
        amounts: tuple[Line, ...] = tuple(("测试甲", "2026-01-02", cell) for cell in (0.1, "2.3456", 3, "500元"))
        assert [row.fen for row in parsed(*lines, *amounts).rows] == [100_000, 2_345_600, 3_000_000, 50_000]
        (row,) = parsed(*lines, ("测试甲", "2026-01-02", 0.0000001)).rows
        assert "两位小数" in complaints(row)[0]


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ("2026-02-30", "不存在"),
        ("20261301", "不存在"),
        ("2026-03-02", "今天之后"),
        (date(2027, 1, 1), "今天之后"),
        ("1989-12-31", "1990"),
        ("1月27日", "没有年份"),
        ("27/01/2026", "看不懂"),
        ("2026-01", "看不懂"),
        (1.27, "看不懂"),
        ("2026.01.01-2026.01.05", "看不懂"),
        ("昨天", "看不懂"),
        (float("nan"), "看不懂"),
        (None, "为空"),
        ("/", "为空"),
    ],
)
def test_a_wrong_day_is_a_problem_that_names_its_column(cell: Cell, word: str) -> None:
    (problem,) = gift(day=cell).problems
    assert word in str(problem.sentence)
    assert (problem.column, problem.field) == ("日期", "received_on")


def test_a_title_completes_days_without_a_year_only_if_it_names_one() -> None:
    line = ("1月27日", "测试甲", 1.0)
    (row,) = parsed(("2025年捐赠名单",), HEADER, line).rows
    assert row.received_on == date(2025, 1, 27)
    (row,) = parsed(("2024年至2025年捐赠名单",), HEADER, line).rows
    assert "没有年份" in complaints(row)[0]


def test_a_list_without_days_needs_one_from_the_caller() -> None:
    lines: tuple[Line, ...] = (("捐赠人", "金额"), ("测试甲", 1.0))
    with pytest.raises(DateNeeded):
        parsed(*lines)
    assert parsed(*lines, default_date=date(2026, 1, 5)).rows[0].received_on == date(2026, 1, 5)
    with pytest.raises(DomainError, match="今天之后"):
        parsed(*lines, default_date=date(2026, 3, 2))


def test_an_empty_day_stays_a_problem_even_with_a_default() -> None:
    (row,) = parsed(HEADER, (None, "测试甲", 1.0), default_date=date(2026, 1, 5)).rows
    assert row.received_on is None and "为空" in complaints(row)[0]


# Donors and what they wrote


@pytest.mark.parametrize(
    "cell",
    [
        "测试甲\t",
        " 测试甲 ",
        "测试甲\u3000\u3000",
        "测试甲\xa0",
        "\u202e测试甲\u200f",
        "测\x00试\x07甲",
        "\ufeff测试甲",
        "`测试甲",
    ],
)
def test_what_cannot_be_seen_is_no_part_of_a_name(cell: str) -> None:
    assert gift(name=cell).donor_name == "测试甲"


@pytest.mark.parametrize("name", ["𠮷田㛃", "测试（集团）有限公司", "O'Test & Söhne", "吐尔逊·测试", "隆"])
def test_rare_letters_and_brackets_in_names_stay_as_they_are(name: str) -> None:
    assert gift(name=name).donor_name == name


@pytest.mark.parametrize("cell", [None, " ", "/", "--", "匿名", "爱心人士"])
def test_a_gift_without_a_name_is_anonymous_and_no_problem(cell: Cell) -> None:
    row = gift(name=cell)
    assert row.is_anonymous and not row.problems
    assert row.donor_name == ("匿名" if cell == "匿名" else ANONYMOUS)


def test_a_name_that_is_a_number_is_text() -> None:
    assert gift(name=90.0).donor_name == "90"


def test_too_long_and_unreadable_names_are_problems() -> None:
    assert not gift(name="测" * 200).problems
    assert "太长" in complaints(gift(name="测" * 201))[0]
    assert "无法识别" in complaints(gift(name="测\ufffd甲"))[0]


def test_who_pays_is_not_who_gives_and_the_words_stay() -> None:
    row = gift(name="测试甲转来测试乙捐款", memo="用于测试")
    assert (row.donor_name, row.memo, row.is_anonymous) == ("测试甲转来测试乙捐款", "用于测试", False)


def test_account_numbers_behind_a_payers_name_are_not_kept() -> None:
    lines: tuple[Line, ...] = (("记账日期", "交易金额", "对手信息"), ("2026-01-02", 1.0, "测试甲 6222000000000000"))
    assert parsed(*lines).rows[0].donor_name == "测试甲"


def test_every_remark_is_kept_once() -> None:
    lines: tuple[Line, ...] = (("日期", "金额", "摘要", "附言", "备注"), ("2026-01-02", 1.0, "转账", "助学", "转账"))
    assert parsed(*lines).rows[0].memo == "转账；助学"


def test_public_name_intention_and_method_come_from_their_columns() -> None:
    lines: tuple[Line, ...] = (
        ("日期", "捐赠人", "金额", "公示名称", "捐赠意向", "捐赠方式"),
        ("2026-01-02", "测试甲", 1.0, "甲*", "助学", "微信支付"),
        ("2026-01-02", "测试乙", 1.0, None, None, None),
    )
    first, second = parsed(*lines).rows
    assert (first.public_name, first.intention, first.method) == ("甲*", "助学", "wechat")
    assert (second.public_name, second.intention, second.method) == (None, "", "bank")


def test_the_portals_own_table_can_be_read_back_but_goods_are_no_money() -> None:
    header = (
        "序号",
        "到账日期",
        "捐赠人(公示名)",
        "捐赠类型",
        "捐赠财产及数量",
        "金额/公允价值(元)",
        "捐赠意向(定向/非定向)",
        "所属基金/项目",
        "票据号码",
        "备注",
    )
    money, goods = parsed(
        header,
        (1.0, "2026-01-02", "测试甲", "货币", None, 10.0, "非定向", "919", "1", None),
        (2.0, "2026-01-02", "测试乙", "实物", "大米 10 袋", 500.0, "非定向", "919", "2", None),
    ).rows
    assert money.fen == 1000 and not money.problems
    assert "实物" in complaints(goods)[0]


def test_foreign_money_is_not_booked_as_yuan() -> None:
    rows = parsed(("日期", "金额", "币种"), ("2026-01-02", 1.0, "人民币"), ("2026-01-02", 1.0, "USD")).rows
    assert [len(row.problems) for row in rows] == [0, 1]


# Order numbers and repeats


def test_order_numbers_stay_text_without_back_tick_and_padding() -> None:
    lines: tuple[Line, ...] = (
        ("交易时间", "订单号", "金额"),
        *((date(2026, 1, 2), no, 1.0) for no in ("`0042", "0303202601023599       ", '="0077"', 12345.0, "/", None)),
    )
    assert [row.order_no for row in parsed(*lines).rows] == ["0042", "0303202601023599", "0077", "12345", "", ""]


@pytest.mark.parametrize("cell", [4.2000000692e27, "4.20000E+27"])
def test_an_order_number_that_lost_its_digits_is_a_problem(cell: Cell) -> None:
    (row,) = parsed(("日期", "订单号", "金额"), ("2026-01-02", cell, 1.0)).rows
    assert "丢失" in complaints(row)[0]


def test_an_order_number_that_comes_again_is_a_problem_of_the_later_row() -> None:
    first, second, third = parsed(
        ("日期", "订单号", "金额"), ("2026-01-02", "A1", 1.0), ("2026-01-02", "`A1 ", 1.0), ("2026-01-02", "A2", 1.0)
    ).rows
    assert not first.problems and not third.problems
    assert complaints(second) == ["订单号重复：与第 2 行相同。"]


def test_twins_are_named_and_never_removed() -> None:
    twin = ("2026-01-02", "测试甲", 100.0)
    read = parsed(HEADER, twin, ("2026-01-02", "测试乙", 100.0), (date(2026, 1, 2), "测试甲\t", "100.00"), twin)
    assert [repeat.row_nos for repeat in read.repeats] == [(2, 4, 5)]
    assert read.repeated == {4, 5}
    assert (len(read.accepted), read.total_fen) == (4, 40_000)


# The same list again


LINES: tuple[Line, ...] = (
    ("2026-01-02", "测试（甲）", 38422322.23999998, "助学"),
    ("2026-01-03", "测试乙", 1.0, None),
    ("2026-01-03", "测试乙", 1.0, None),
)


def test_the_same_list_in_other_clothes_has_the_same_hash() -> None:
    first = parsed(HEADER, *LINES).content_hash
    dressed = parsed(
        ("另一个标题",),
        (),
        ("序号", "备注", "捐赠金额（元）", "捐赠单位", "到账日期"),
        (1.0, None, "1.00", "测试乙\t", date(2026, 1, 3)),
        (2.0, "助学 ", "38,422,322.24", "测试(甲)", "2026.1.2"),
        (3.0, None, "１元", "测试乙", "20260103"),
        (None, None, 38422324.24, "合计", None),
    )
    assert dressed.content_hash == first


def test_the_file_format_is_not_in_the_hash() -> None:
    files = (xlsx([HEADER, *LINES], title="一"), xls([HEADER, *LINES]))
    hashes = {
        parse(recognise(read_sheet(content, filename=name)), today=TODAY, default_method="bank").content_hash
        for content, name in zip(files, ("a.xlsx", "b.xls"), strict=True)
    }
    assert hashes == {parsed(HEADER, *LINES).content_hash}


@pytest.mark.parametrize(
    "lines",
    [
        LINES[:2],
        (*LINES, LINES[1]),
        (("2026-01-02", "测试（甲）", 38422322.25, "助学"), *LINES[1:]),
        (("2026-01-02", "测试（甲）", 38422322.24, "助老"), *LINES[1:]),
        (("2026-01-04", "测试（甲）", 38422322.24, "助学"), *LINES[1:]),
        (("2026-01-02", "测试丙", 38422322.24, "助学"), *LINES[1:]),
        (("2026-01-02", "测试（甲）", "一百", "助学"), *LINES[1:]),
    ],
)
def test_any_other_list_has_another_hash(lines: tuple[Line, ...]) -> None:
    assert parsed(HEADER, *lines).content_hash != parsed(HEADER, *LINES).content_hash


def test_a_default_of_the_caller_is_not_in_the_hash() -> None:
    lines: tuple[Line, ...] = (("捐赠人", "金额"), ("测试甲", 1.0))
    hashes = {parsed(*lines, default_date=day).content_hash for day in (date(2026, 1, 5), date(2026, 1, 6))}
    assert len(hashes) == 1


CELLS = st.one_of(
    st.none(), st.text(max_size=20), st.floats(), st.integers(-(10**15), 10**15), st.dates(), st.datetimes()
)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=8))
def test_no_row_however_wrong_makes_reading_fail(lines: list[Line]) -> None:
    try:
        read = parsed(HEADER, *lines)
    except ListRefused:
        return
    assert all(row.fen and row.fen > 0 and row.received_on and row.donor_name for row in read.accepted)
    assert all(str(problem.sentence) for row in read.rows for problem in row.problems)
    assert all(text_of(row.donor_name) == row.donor_name for row in read.rows)
