"""Unified social credit codes: the standard's example, and what a slip of the hand makes of one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ledger import credit_codes
from portal.problems import DomainError

VALID = "91350100M000100Y43"


@pytest.mark.parametrize(
    "typed", [VALID, VALID.lower(), " 9135 0100 M000 100Y 43 ", "９１３５０１００Ｍ０００１００Ｙ４３"]
)
def test_a_code_is_read_as_people_write_it(typed: str) -> None:
    assert credit_codes.read(typed) == VALID


@given(place=st.integers(0, 17), other=st.sampled_from(credit_codes.ALPHABET))
def test_one_wrong_character_is_always_noticed(place: int, other: str) -> None:
    wrong = VALID[:place] + other + VALID[place + 1 :]
    if wrong != VALID:
        with pytest.raises(DomainError):
            credit_codes.read(wrong)


@pytest.mark.parametrize(
    "wrong", ["", VALID[:-1], VALID + "0", VALID.replace("M", "O"), "0" * 17 + "Z", "\x00" * 18, "九" * 18]
)
def test_what_is_no_code_gets_a_sentence(wrong: str) -> None:
    with pytest.raises(DomainError) as problem:
        credit_codes.read(wrong)
    assert problem.value.field == "credit_code"
