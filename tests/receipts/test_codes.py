"""Look-up codes and numbers of confirmations."""

import string

import pytest
from sqlalchemy import inspect, select

from portal.db import db
from portal.receipts import numbers
from portal.receipts.codes import ALPHABET, LENGTH, code_for, code_of, is_code_of, new_nonce
from portal.receipts.models import Receipt
from tests.giving import Giving

KEY = "k" * 32
NUMBER, NONCE = "919-2026-000123", "00112233445566778899aabbccddeeff"


def test_a_code_is_26_characters_that_cannot_be_misread() -> None:
    code = code_for(NUMBER, NONCE, key=KEY)
    assert len(code) == LENGTH == 26
    assert set(code) <= set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)


def test_a_code_never_changes() -> None:
    assert code_for(NUMBER, NONCE, key=KEY) == "4N1R3MW77AZ68EGD005QFNG5BB"


def test_number_nonce_and_key_each_make_another_code() -> None:
    codes = {
        code_for(NUMBER, NONCE, key=KEY),
        code_for("919-2026-000124", NONCE, key=KEY),
        code_for(NUMBER, NONCE[::-1], key=KEY),
        code_for(NUMBER, NONCE, key="x" * 32),
    }
    assert len(codes) == 4


def test_codes_have_128_bits() -> None:
    codes = [code_for(NUMBER, new_nonce(), key=KEY) for _ in range(400)]
    assert len(set(codes)) == 400
    # Two of 130 bits are always zero: the first character is one of the first eight.
    assert {code[0] for code in codes} == set(ALPHABET[:8])
    assert all(len({code[place] for code in codes}) == 32 for place in range(1, LENGTH))


@pytest.mark.parametrize(
    "way",
    [
        str.lower,
        lambda code: " ".join(code[at : at + 5] for at in range(0, 26, 5)),
        lambda code: "-".join(code[at : at + 5] for at in range(0, 26, 5)) + "\n",
        lambda code: code.replace("0", "O").replace("1", "I"),
        lambda code: code.lower().replace("0", "o").replace("1", "l"),
        lambda code: "".join(chr(ord(c) + 0xFEE0) for c in code),
    ],
    ids=["lower case", "blanks", "dashes", "O and I", "o and l", "full width"],
)
def test_a_code_survives_being_copied(giving: Giving, way: object) -> None:
    receipt = giving.gift()
    assert callable(way)
    assert is_code_of(receipt, way(code_of(receipt)))


@pytest.mark.parametrize("text", ["", "0" * 26, "码", "\0", "x" * 10_000])
def test_anything_else_is_not_the_code(giving: Giving, text: str) -> None:
    assert not is_code_of(giving.gift(), text)


def test_the_code_of_another_receipt_is_not_the_code(giving: Giving) -> None:
    first, second = giving.gift("王建国"), giving.gift("李秀英")
    assert not is_code_of(first, code_of(second))
    assert not is_code_of(first, code_of(first)[:-1] + ("0" if code_of(first)[-1] != "0" else "1"))


def test_the_code_is_kept_nowhere(giving: Giving) -> None:
    receipt = giving.gift()
    values = [str(getattr(receipt, column.key)) for column in inspect(Receipt).columns]
    assert code_of(receipt) not in "".join(values)
    assert len(set(db.session.scalars(select(Receipt.nonce)))) == 1
    assert set(receipt.nonce) <= set(string.hexdigits)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("919-2026-000123", numbers.Number("919", 2026, 123)),
        (" gongyi-2026-1000000 ", numbers.Number("gongyi", 2026, 1_000_000)),
        ("919－2026－000123", numbers.Number("919", 2026, 123)),
        ("919-2026-123", None),
        ("919-2026-000123'; --", None),
        ("", None),
    ],
)
def test_a_number_is_read_as_it_is_written(text: str, number: numbers.Number | None) -> None:
    assert numbers.read(text) == number
    if number:
        assert numbers.read(str(number)) == number
