from datetime import date

import pytest

from portal.lists.columns import fit
from portal.lists.parsing import NoGifts, recognise
from portal.lists.recognising import (
    AmbiguousColumn,
    MissingAmount,
    NoHeader,
    SecondTable,
    UnknownColumn,
    UnknownField,
)
from tests.lists.lists import HEADER, Line, parsed, sheet


@pytest.mark.parametrize(
    ("field", "titles"),
    [
        ("received_on", "捐赠日期 到账日期 交易时间 日期 记账日期 捐款时间 发生时间"),
        (
            "donor_name",
            "捐赠人 捐赠(单位/姓名） 捐赠（单位／姓名）个人 捐赠单位 姓名 姓名（姓氏隐去) 对手信息 交易对方",
        ),
        ("donor_name", "捐赠人(公示名) 捐赠单位（个人） 捐款单位及个人 对方户名 付款人名称 捐\u3000赠\u3000人"),
        (
            "amount",
            "捐赠金额（元） 金额 金额(元) 交易金额 收入金额（+元） 应结订单金额 金额（万元） 捐赠额（单位：元）",
        ),
        ("amount", "金额/公允价值(元) 捐赠金额\n（人民币） 捐款"),
        ("memo", "备注 摘要 附言 付款附言 商品说明 交易摘要 客户摘要"),
        ("order_no", "交易单号 订单号 微信订单号 账务流水号 日\u3000志\u3000号 商家订单号"),
        ("direction", "收/支"),
        ("intention", "捐赠意向(定向/非定向) 捐赠用途"),
        ("public_name", "公示名称"),
        ("outgoing", "支出金额（-元） 记账金额(支出)"),
        ("balance", "联机余额 账户余额（元）"),
        ("currency", "币种 货币"),
        ("method", "捐赠方式"),
    ],
)
def test_a_column_is_known_by_its_title(field: str, titles: str) -> None:
    for title in titles.split(" "):
        found = fit(title)
        assert found and found.field == field, title


@pytest.mark.parametrize(
    "title",
    [
        "捐赠人电话",
        "捐赠人身份证号",
        "捐赠单位地址",
        "捐赠人类型",
        "金额（美元）",
        "金额大写",
        "退款金额",
        "手续费",
        "",
    ],
)
def test_other_columns_are_taken_for_none_of_these(title: str) -> None:
    assert fit(title) is None


def test_the_header_is_found_below_titles_and_in_any_order_of_columns() -> None:
    read = recognise(
        sheet(
            ("某某捐赠公示",), (None, None, "单位：元"), (), ("金额", "捐赠人", "日期"), (1.0, "测试甲", "2026-01-02")
        )
    )
    assert read.header_no == 4
    assert read.mapping == {"金额": "amount", "捐赠人": "donor_name", "日期": "received_on"}


def test_the_better_title_wins_and_the_rest_is_named_as_unread() -> None:
    read = recognise(sheet(("付款人", "捐赠人", "订单金额", "应结订单金额", "网点", "商品", "备注")))
    assert read.mapping == {"捐赠人": "donor_name", "应结订单金额": "amount", "商品": "memo", "备注": "memo"}
    assert read.unread == ("付款人", "订单金额", "网点")


def test_a_user_may_say_what_the_columns_mean() -> None:
    lines: tuple[Line, ...] = (("何时", "谁", "多少", "金额"), ("2026-01-02", "测试甲", 5.0, 7.0))
    (row,) = parsed(*lines, mapping={"何时": "received_on", " 谁": "donor_name", "多少": "amount"}).rows
    assert (row.received_on, row.donor_name, row.fen) == (date(2026, 1, 2), "测试甲", 500)
    assert recognise(sheet(*lines), column_map={"多少": "ignore", "谁": "donor_name"}).mapping["金额"] == "amount"


def test_a_list_without_an_amount_column_is_refused_with_what_was_seen() -> None:
    with pytest.raises(MissingAmount) as refused:
        recognise(sheet(("名单",), ("日期", "捐赠人", "善款数"), ("2026-01-02", "测试甲", 5.0)))
    assert (refused.value.header_no, refused.value.seen) == (2, ("日期", "捐赠人", "善款数"))
    assert "名单.xlsx" in str(refused.value) and "第 2 行" in str(refused.value) and "善款数" in str(refused.value)


def test_a_table_without_a_header_is_refused_with_what_was_seen() -> None:
    with pytest.raises(NoHeader) as refused:
        recognise(sheet(("2026-01-02", "测试甲", 5.0), ("2026-01-03", "测试乙", 6.0)))
    assert refused.value.header_no is None
    assert "测试" in str(refused.value)


def test_two_columns_of_one_title_are_refused_and_not_guessed() -> None:
    with pytest.raises(AmbiguousColumn):
        recognise(sheet(("姓名", "金额", "姓名", "金额"), ("测试甲", 1.0, "测试乙", 2.0)))
    with pytest.raises(AmbiguousColumn):
        recognise(sheet(("a", "b", "c")), column_map={"a": "amount", "b": "amount"})


def test_two_order_numbers_of_one_title_are_refused_and_of_two_titles_the_better_is_taken() -> None:
    row = ("A-1", "测试甲", 1.0, "B-1")
    with pytest.raises(AmbiguousColumn):
        recognise(sheet(("订单号", "姓名", "金额", "订单号"), row))
    two = ("商户订单号", "姓名", "金额", "交易单号")
    assert recognise(sheet(two, row)).title_of("order_no") == "交易单号"
    mapped = recognise(sheet(two, row), column_map={"商户订单号": "order_no", "交易单号": "order_no"})
    assert mapped.first["order_no"] == 0


def test_a_map_with_an_unknown_column_or_field_is_refused() -> None:
    with pytest.raises(UnknownColumn, match="实收"):
        recognise(sheet(HEADER), column_map={"实收": "amount"})
    with pytest.raises(UnknownField, match="money"):
        recognise(sheet(HEADER), column_map={"金额（元）": "money"})


def test_repeated_headers_and_page_titles_in_mid_sheet_are_no_gifts() -> None:
    read = parsed(
        ("名单",),
        HEADER,
        ("2026-01-02", "测试甲", 1.0, None),
        (None, "名单（续）"),
        HEADER,
        ("2026-01-02", "测试乙", 2.0, None),
    )
    assert [row.row_no for row in read.rows] == [3, 6]
    assert [note.text for note in read.notes] == ["名单（续）"]


def test_a_second_table_with_other_columns_is_refused() -> None:
    with pytest.raises(SecondTable, match="第 4 行"):
        parsed(
            HEADER, ("2026-01-02", "测试甲", 1.0, None), (), ("金额", "捐赠人", "日期"), (2.0, "测试乙", "2026-01-02")
        )


def test_a_list_without_gifts_is_refused() -> None:
    with pytest.raises(NoGifts):
        parsed(HEADER)
