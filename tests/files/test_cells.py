from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.files.cells import read_day, read_fen
from portal.files.sheets import Cell
from portal.money import LARGEST_FEN, MoneyError
from portal.problems import DomainError

TODAY = date(2026, 3, 1)


@given(st.integers(1, LARGEST_FEN))
def test_every_amount_survives_a_spreadsheets_floats(fen: int) -> None:
    assert read_fen(fen / 100) == fen
    assert read_fen(f"{Decimal(fen) / 100:.2f}") == read_fen(f"￥{Decimal(fen) / 100:,.2f} 元") == fen


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=300))
def test_what_summing_floats_leaves_behind_is_no_third_decimal(gifts: list[int]) -> None:
    assert read_fen(sum(fen / 100 for fen in gifts)) == sum(gifts)


@given(st.integers(0, 10**9), st.integers(1, 9))
def test_a_true_third_decimal_is_refused(fen: int, third: int) -> None:
    with pytest.raises(MoneyError):
        read_fen(float(Decimal(fen) / 100 + Decimal(third) / 1000))
    with pytest.raises(MoneyError):
        read_fen(f"{Decimal(fen) / 100 + Decimal(third) / 1000:.3f}")


@given(st.text())
def test_any_text_is_an_amount_or_refused_with_a_sentence(text: str) -> None:
    try:
        read_fen(text)
    except MoneyError as error:
        assert str(error)


@pytest.mark.parametrize(
    "cell",
    [
        "2020-01-27",
        "2020.1.27",
        "2020/1/27",
        "2020年1月27日",
        "20200127",
        20200127.0,
        43857.0,
        43857.75,
        "43857",
        "2020-01-27 23:59:59",
        "2020-01-27T08:00",
        "20200127 08:00:00",
        "20200127080000",
        "2020年1月27日 24：00",
        "２０２０．０１．２７",
        "`2020-01-27 10:00:00",
        " 2020-01-27\t",
        "2020-01-27 星期一",
        date(2020, 1, 27),
        datetime(2020, 1, 27, 9),
    ],
)
def test_a_day_is_read_in_every_dress(cell: Cell) -> None:
    assert read_day(cell, today=TODAY) == date(2020, 1, 27)


@given(st.text())
def test_any_text_is_a_day_or_refused_with_a_sentence(text: str) -> None:
    try:
        read_day(text, today=TODAY)
    except DomainError as error:
        assert str(error)


def test_a_double_written_out_as_text_is_read_like_the_double() -> None:
    assert read_fen("38422322.23999998") == read_fen(38422322.23999998) == 3842232224
    with pytest.raises(MoneyError):
        read_fen("1.2345678")
