"""Reading a 接龙: real shapes, and whatever else somebody pastes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.teams.chain import LONGEST, MOST, parse

GROUP = """#接龙
11月22日 文明海宁一道走 8:00集合，限30人
时间：周六 8:00-11:00
1. 张三
2、李四 138 0013 8000
３）王五（带两把剪刀）
④赵六＋钱七
5 孙八 +1
6: 周九、吴十 13900139000 13700137000
7. 代报 郑十一
8. 冯十二（褚一代报）
9.王五五代陈十三报
🔟 卫·阿卜杜拉👍
11 V2026000012 蒋十五🌹
12. 张 三
13. +1
14. 沈十六 请假
15. 韩十七 男 45岁
16. Tom Lee
17、13600136000 杨十八
1️⃣8️⃣ 朱十九
19-秦二十
20.
"""

NAMES = st.text(st.sampled_from("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许㛃𠮷"), min_size=2, max_size=4)
SIGNS = st.sampled_from([". ", "、", ")", "）", "．", ":", "：", " ", "-", ""])


def test_a_groups_list_is_read_as_people_read_it() -> None:
    entries, heads, is_cut = parse(GROUP)
    assert [(one.name, one.mobile) for one in entries] == [
        ("张三", ""),
        ("李四", "13800138000"),
        ("王五", ""),
        ("赵六", ""),
        ("钱七", ""),
        ("孙八", ""),
        ("周九", "13900139000"),
        ("吴十", "13700137000"),
        ("郑十一", ""),
        ("冯十二", ""),
        ("陈十三", ""),
        ("卫·阿卜杜拉", ""),
        ("蒋十五", ""),
        ("张三", ""),
        ("", ""),
        ("沈十六", ""),
        ("韩十七", ""),
        ("Tom Lee", ""),
        ("杨十八", "13600136000"),
        ("朱十九", ""),
        ("秦二十", ""),
    ]
    by_name = {one.name: one for one in entries}
    assert by_name["王五"].remark == "带两把剪刀"
    assert by_name["孙八"].more == 1
    assert (by_name["冯十二"].proxy, by_name["陈十三"].proxy, by_name["郑十一"].proxy) == ("褚一", "王五五", "?")
    assert by_name["蒋十五"].number == "V2026000012"
    assert by_name["沈十六"].declines
    assert [one.line for one in entries if one.is_repeat] == [15]
    assert len(heads) == 3 and not is_cut


def test_a_list_without_numbers_is_read_too() -> None:
    assert [one.name for one in parse("周日清河接龙\n张三\n李四 13800138000\n王五，赵六").entries] == [
        *("张三", "李四", "王五", "赵六")
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "#接龙", "🎉🎉🎉", "1.\n2.\n", "\x00\x00", "‮‮‮"])
def test_nothing_is_read_from_nothing(text: str) -> None:
    assert parse(text).entries == []


def test_two_of_one_name_with_two_mobiles_are_two_people() -> None:
    entries = parse("1. 张三 13800138000\n2. 张三 13900139000\n3. 张三 13800138000").entries
    assert [one.is_repeat for one in entries] == [False, False, True]


def test_a_long_list_is_cut_and_says_so() -> None:
    text = "\n".join(f"{number}. 志愿者{number}" for number in range(1, 800))
    chain = parse(text)
    assert len(chain.entries) == MOST and chain.is_cut
    assert parse("1. 张三" + " " * LONGEST).is_cut


@given(st.text(max_size=400))
def test_whatever_is_pasted_is_read_without_an_error(text: str) -> None:
    chain = parse(text)
    for entry in chain.entries:
        assert len(entry.raw) <= 100 and len(entry.name) <= 41 and 0 <= entry.more <= 99
        assert not entry.mobile or (len(entry.mobile) == 11 and entry.mobile.isdigit())


@given(st.lists(NAMES, min_size=1, max_size=30, unique=True), SIGNS)
def test_a_numbered_list_gives_back_its_names(names: list[str], sign: str) -> None:
    text = "\n".join(f"{number}{sign}{name}" for number, name in enumerate(names, 1))
    assert [one.name for one in parse(text).entries] == names


@given(st.lists(st.tuples(NAMES, st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)), min_size=1, max_size=9))
def test_the_width_of_digits_does_not_matter(people: list[tuple[str, str]]) -> None:
    text = "\n".join(f"{number}. {name} {mobile}" for number, (name, mobile) in enumerate(people, 1))
    wide = text.translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    assert [(e.name, e.mobile) for e in parse(text).entries] == people
    assert [(e.name, e.mobile) for e in parse(wide).entries] == people
