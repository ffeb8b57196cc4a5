"""Check digits of people's and organisations' numbers, by the vectors of GB 11643 and GB 32100."""

from datetime import date

import pytest

from portal.identity import Gender, Paper, age_on, read_credit_code, read_paper, read_resident_id
from portal.problems import DomainError


@pytest.mark.parametrize(
    ("typed", "born_on", "gender"),
    [
        ("11010519491231002X", date(1949, 12, 31), Gender.FEMALE),
        ("440524188001010014", None, None),
        (" 11010519491231002x ", date(1949, 12, 31), Gender.FEMALE),
        ("１１０１０５１９４９１２３１００２Ｘ", date(1949, 12, 31), Gender.FEMALE),
    ],
)
def test_a_resident_number_says_birth_and_gender(typed: str, born_on: date | None, gender: Gender | None) -> None:
    if born_on is None:
        # A right check digit, but nobody is 145 years old.
        with pytest.raises(DomainError, match="不合理"):
            read_resident_id(typed)
    else:
        assert read_resident_id(typed) == ("11010519491231002X", born_on, gender)


@pytest.mark.parametrize(
    "typed", ["", "44", "110105194912310021", "11010519491331002X", "1101051949123100??", "X" * 18, "0" * 18]
)
def test_a_wrong_number_is_refused_and_never_repeated(typed: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_resident_id(typed)
    assert not typed or typed not in str(refused.value.sentence)
    assert refused.value.field == "id_number"


def test_a_date_that_does_not_exist_is_no_birth_date() -> None:
    # 30 February with its own right check digit.
    with pytest.raises(DomainError, match="不存在"):
        read_resident_id("11010519900230001X")


def test_the_credit_code_of_the_standard_is_right_and_its_neighbours_are_not() -> None:
    assert read_credit_code("91350100m000100y43") == "91350100M000100Y43"
    for wrong in ("91350100M000100Y44", "91350100M000100Y4", "91350100M000100I43", "", "字" * 18):
        with pytest.raises(DomainError):
            read_credit_code(wrong)


def test_other_papers_keep_letters_and_digits() -> None:
    assert read_paper(Paper.PASSPORT, "e 1234 5678") == "E12345678"
    with pytest.raises(DomainError):
        read_paper(Paper.PASSPORT, "护照")


def test_a_birthday_on_leap_day_comes_on_the_first_of_march() -> None:
    born = date(2008, 2, 29)
    assert age_on(date(2026, 2, 28), born_on=born) == 17
    assert age_on(date(2026, 3, 1), born_on=born) == 18
