"""What a scanner types, and which PINs are none."""

import pytest

from portal.badges.cards import read_card, require_good_pin, text_of, token_of
from portal.problems import DomainError
from tests.badges.showing import badge_of
from tests.volunteers import Cast

TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWX23"


@pytest.mark.parametrize(
    ("typed", "number", "token"),
    [
        ("12345678", "12345678", None),
        ("1234 5678", "12345678", None),
        ("１２３４-５６７８", "12345678", None),
        (f"AX12345678{TOKEN}", "12345678", TOKEN),
        (f" ax12345678{TOKEN.lower()}\r\n", "12345678", TOKEN),
    ],
)
def test_a_card_is_read_however_it_is_typed(typed: str, number: str, token: str | None) -> None:
    assert read_card(typed) == (number, token)


@pytest.mark.parametrize(
    "typed",
    ["", "1234567", "123456789", f"AX1234567{TOKEN}", f"AX12345678{TOKEN}A", "12345٦78", "x" * 10_000, "' OR"],
)
def test_whatever_else_is_typed_gets_a_sentence(typed: str) -> None:
    with pytest.raises(DomainError, match="认不出这张证"):
        read_card(typed)


@pytest.mark.parametrize("pin", ["8305", "70946", "930274", "6183", "4072", "829163"])
def test_a_pin_that_nobody_would_try_is_good(pin: str) -> None:
    require_good_pin(pin)


@pytest.mark.parametrize(
    "pin",
    ["", "123", "1234567", "12a4", "１２３４", "٣٧٠٨", "0000", "1234", "4321", "123456", "987654", "1212", "123123",
     "1122", "0312", "1231", "1956", "2001", "560312", "195603", "200112", "1314", "2580", "520520", "8" * 5_000],
)  # fmt: skip
def test_what_is_tried_first_is_no_pin(pin: str) -> None:
    with pytest.raises(DomainError):
        require_good_pin(pin)


def test_few_enough_pins_are_refused_for_guessing_to_stay_hard() -> None:
    refused = 0
    for number in range(10_000):
        try:
            require_good_pin(f"{number:04d}")
        except DomainError:
            refused += 1
    assert refused < 2_000


def test_a_card_holds_128_bits_that_no_other_card_shares(cast: Cast) -> None:
    first, second = badge_of(cast.member, cast), badge_of(cast.other, cast)
    assert len(token_of(first)) == 26
    assert token_of(first) != token_of(second)
    assert read_card(text_of(first)) == (first.number, token_of(first))
