"""How names are read, and how typed letters are cut."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.finding.asking import LONGEST, read
from portal.finding.readings import MOST_READINGS, readings
from portal.finding.syllables import MOST_CUTS, SYLLABLES, cuts
from tests.commands import run


@pytest.mark.parametrize(
    ("name", "syllables"),
    [
        ("张小满", "zhang xiao man"),
        ("单雄信", "shan xiong xin"),
        ("单雄信", "dan xiong xin"),
        ("仇英", "qiu ying"),
        ("仇英", "chou ying"),
        ("曾巩", "zeng gong"),
        ("曾巩", "ceng gong"),
        ("解缙", "xie jin"),
        ("解缙", "jie jin"),
        ("查慎行", "zha shen xing"),
        ("查慎行", "cha shen xing"),
        ("区大相", "ou da xiang"),
        ("区大相", "qu da xiang"),
        ("尉迟恭", "yu chi gong"),
        ("尉迟恭", "wei chi gong"),
        ("吕布", "lv bu"),
        ("吕布", "lu bu"),
        ("万俟卨", "mo qi xie"),
        ("𠮷安", "ji an"),
        ("王㛃", "wang jie"),
        ("阿依努尔·示例", "a yi nu er shi li"),
        ("e家人", "e jia ren"),
        ("Anna Smith", "anna smith"),
        ("919爱心队", "919 ai xin dui"),
    ],
)
def test_a_name_is_read_as_people_say_it(name: str, syllables: str) -> None:
    assert syllables in [way.syllables for way in readings(name)]


def test_what_nobody_can_read_has_no_reading() -> None:
    assert readings("·") == readings("") == readings("😀") == []


@given(st.text(max_size=80))
def test_any_name_at_all_has_few_readings_of_plain_letters(name: str) -> None:
    found = readings(name)
    assert len(found) <= MOST_READINGS
    for way in found:
        assert way.syllables.replace(" ", "").isalnum() and way.syllables.isascii()
        assert way.initials == "".join(one[0] for one in way.syllables.split(" "))


@pytest.mark.parametrize(
    ("chunks", "cut"),
    [
        (["zxm"], ("z", "x", "m")),
        (["zhangxiaoman"], ("zhang", "xiao", "man")),
        (["zhangxm"], ("zhang", "x", "m")),
        (["zxiaom"], ("z", "xiao", "m")),
        (["zhang", "xi"], ("zhang", "xi")),
        (["xian"], ("xi", "an")),
        (["zhangxia"], ("zhang", "xia")),
    ],
)
def test_letters_are_cut_where_syllables_may_end(chunks: list[str], cut: tuple[str, ...]) -> None:
    assert cut in cuts(chunks)


def test_what_is_no_pinyin_is_not_cut() -> None:
    assert cuts(["vvv"]) == cuts(["iu"]) == []


@given(st.text(st.sampled_from("aghinouxzv"), min_size=1, max_size=LONGEST))
def test_letters_are_cut_in_few_ways_that_hold_all_of_them(letters: str) -> None:
    found = cuts([letters])
    assert len(found) <= MOST_CUTS
    assert all("".join(cut) == letters for cut in found)


@given(st.lists(st.sampled_from(sorted(SYLLABLES)), min_size=1, max_size=4))
def test_whole_syllables_are_found_again(syllables: list[str]) -> None:
    assert tuple(syllables) in cuts(syllables)


@pytest.mark.parametrize(
    "typed", ["zhāng xiǎo mǎn", "Zhang Xiao Man", "ｚｈａｎｇ ｘｉａｏ ｍａｎ", "zhang'xiao'man", "zhang\u200bxiao man"]
)
def test_tones_capitals_and_widths_do_not_matter(typed: str) -> None:
    assert "".join(read(typed).letters) == "zhangxiaoman"


@pytest.mark.parametrize("typed", ["lǚ", "lü", "lv", "LYU"])
def test_all_ways_to_type_the_two_dots_are_one(typed: str) -> None:
    assert read(typed).letters == ("lv",)


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        "138 0013 8000",
        "1380013",
        "330481199001011234",
        "a@example.org",
        "+86 138-0013-8000",
        "１３８００１３８０００",
    ],
)
def test_a_number_of_a_person_is_known_as_one_even_half_typed(typed: str) -> None:
    assert read(typed).is_secret


@pytest.mark.parametrize("typed", ["V2026000123", "2026000123", "v123", "123", "张小满", "zxm", "919"])
def test_volunteer_numbers_and_names_are_none(typed: str) -> None:
    assert not read(typed).is_secret


@given(st.text(max_size=300))
def test_whatever_is_typed_can_be_looked_at(typed: str) -> None:
    asked = read(typed)
    assert len(asked.text) <= LONGEST
    assert len(asked.cuts) <= MOST_CUTS + 1 and len(asked.volunteer_numbers) < 100


def test_who_only_searches_loads_no_dictionary() -> None:
    """All rooms are imported where commands begin."""
    assert run(env=os.environ, program="import sys; sys.exit('pypinyin' in sys.modules)").returncode == 0
    assert run(env=os.environ, program="import sys; sys.exit('portal.finding.routes' in sys.modules)").returncode == 1
