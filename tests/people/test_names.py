"""Names that pass for another's are found out; real names of all kinds are left alone."""

import pytest

from portal import clock
from portal.people.actions import add_person
from portal.people.names import strange_in
from portal.problems import DomainError


@pytest.mark.parametrize(
    "name",
    [
        *("林一禾", "欧阳若谷", "阿依努尔·示例", "买买提•吐尔逊", "王㛃", "𠮷安", "李々", "王伟（组长）", "Anna 李"),
        *("Jean-Luc O’Neil", "Zoë", "علي أحمد", "བསོད་ནམས", "ᠪᠠᠲᠤ", "田中マリー"[2:], "さくら", "志愿者3", "Иван"),
    ],
)
def test_a_real_name_is_left_alone(name: str) -> None:
    assert strange_in(name) is None


@pytest.mark.parametrize(
    "name",
    [
        *(
            "林⼀禾",
            "林一⽲",
            "林ー禾",
            "林ㄧ禾",
            "林ニ禾",
            "\uf9f4一禾",
            "林一\u200b禾",
            "\u202e禾一林",
            "林一禾\u2060",
        ),
        *(
            "林一禾\x00",
            "Ann\u0430",
            "Αnna",
            "林一\U000e0020禾",
            "Ａｎｎａ",
            "林—禾",
            "<b>林</b>",
            "👩🏽林",
            "林\ufeff一禾",
        ),
    ],
)
def test_a_name_that_passes_for_another_is_found_out(name: str) -> None:
    assert strange_in(name) is not None


@pytest.mark.parametrize("login", ["V2026000001", "v2026000001", " v2026000001 ", "v1"])
def test_nobody_signs_in_by_what_is_or_will_be_anothers_number(session: object, login: str) -> None:
    with pytest.raises(DomainError, match="像志愿者编号"):
        add_person("林一禾", login=login, password="lan-hua-kai-le", by=None, at=clock.now())
