from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.money import LARGEST_FEN, MoneyError, capitals, parse_positive_yuan, parse_yuan, round_to_fen, yuan


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (140950, "人民币壹仟肆佰零玖元伍角整"),
        (600714, "人民币陆仟零柒元壹角肆分"),
        (168032, "人民币壹仟陆佰捌拾元零叁角贰分"),
        (10700053, "人民币壹拾万柒仟元零伍角叁分"),
        (1_000_000, "人民币壹万元整"),
        (1, "人民币壹分"),
        (50, "人民币伍角整"),
        (1005, "人民币壹拾元零伍分"),
        (10_000_000_000, "人民币壹亿元整"),
        (10_001_000_000, "人民币壹亿零壹万元整"),
        (100_000_100, "人民币壹佰万零壹元整"),
        (0, "人民币零元整"),
    ],
)
def test_capitals_follow_the_rules_for_bills(fen: int, words: str) -> None:
    assert capitals(fen) == words


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1409.5", 140950),
        ("¥1,409.50", 140950),
        ("￥１，４０９．５０", 140950),
        (" 200 元", 20000),
        (".01", 1),
        ("\u00a053672528.38\u00a0", 5_367_252_838),
        ("-3.20", -320),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize("text", ["", "  ", "十元", "1.2.3", "1e5", "NaN", "∞", "0.001", "1.005", "9" * 400])
def test_what_is_no_amount_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(MoneyError) as refusal:
        parse_yuan(text)
    assert str(refusal.value.sentence)


@pytest.mark.parametrize("text", ["0", "-1", "0.00"])
def test_a_gift_is_more_than_nothing(text: str) -> None:
    with pytest.raises(MoneyError):
        parse_positive_yuan(text)


@given(st.integers(-LARGEST_FEN, LARGEST_FEN))
def test_what_is_written_is_read_back_to_the_fen(fen: int) -> None:
    assert parse_yuan(yuan(fen).replace("−", "-")) == fen


@given(st.integers(0, LARGEST_FEN))
def test_no_two_amounts_share_their_capitals_neighbours(fen: int) -> None:
    assert capitals(fen) != capitals(fen + 1)
    assert "零零" not in capitals(fen)
    assert not capitals(fen).startswith("人民币零") or fen == 0


def test_half_a_fen_is_rounded_away_from_zero() -> None:
    assert (round_to_fen(Decimal("0.005")), round_to_fen(Decimal("-0.005"))) == (1, -1)
