"""Every deed, detail and kind of record in the code has words; and the look into the code would notice if not."""

import ast
from collections.abc import Iterator

import pytest

from portal import resources
from portal.audit.masks import MASK
from portal.db import Base
from portal.hours.models import Kind
from portal.rooms import tables
from portal.trail.deeds import DEEDS
from portal.trail.details import MOST, in_full, pairs
from portal.trail.words import FIELDS, KINDS, SYSTEM, VISITOR, who_words
from portal.words import spoken

CODE = resources().templates.parent / "portal"
RECORDS = {"record", "record_each", "record_apart", "record_look", "record_taking"}
MADE_UP = {"hours.claim.": {kind.value for kind in Kind}}
"""Beginnings of names that the code completes, and with what."""

HEAD = {"by", "at"}
INSIDE = {"finding_name", "log_head", "people_tally", "public_version", "web_attempt"}
"""Tables of the machinery: nobody does anything to one of their rows."""


def calls(code: str) -> Iterator[tuple[ast.FunctionDef, ast.Call]]:
    """Each place where an audit line is written, and the function that holds it."""
    for function in ast.walk(ast.parse(code)):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RECORDS:
                    yield function, node


def deeds(function: ast.FunctionDef, call: ast.Call) -> set[str]:
    """The names that a call may write. A name in a variable is one of the function's own texts."""
    named = call.args[0]
    if isinstance(named, ast.Constant):
        return {str(named.value)}
    if isinstance(named, ast.JoinedStr):
        begins = named.values[0]
        assert isinstance(begins, ast.Constant) and isinstance(begins.value, str), ast.unparse(call)
        return {begins.value + end for end in MADE_UP[begins.value]}
    texts = {node.value for node in ast.walk(function) if isinstance(node, ast.Constant)}
    return {text for text in texts if isinstance(text, str) and text.count(".") == 2 and " " not in text}


def in_code() -> list[tuple[ast.FunctionDef, ast.Call]]:
    files = (path for path in CODE.rglob("*.py") if path.parent.name != "audit")
    return [found for path in files for found in calls(path.read_text())]


def test_every_deed_in_the_code_has_words() -> None:
    found = set().union(*(deeds(*call) for call in in_code()))
    assert len(found) > 50
    assert found - DEEDS.keys() == set()


def test_no_words_are_for_deeds_that_nobody_does() -> None:
    assert DEEDS.keys() - set().union(*(deeds(*call) for call in in_code())) == set()


def test_every_detail_named_in_the_code_has_words() -> None:
    named = {word.arg for _, call in in_code() for word in call.keywords if word.arg}
    assert named - HEAD - FIELDS.keys() == set()


def test_every_table_with_numbered_rows_has_words() -> None:
    tables()
    numbered = {name for name, table in Base.metadata.tables.items() if "id" in table.c} - INSIDE
    assert numbered - KINDS.keys() == set()
    assert KINDS.keys() - numbered == set()


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('def f():\n    record("a.b.new", x, by=me)', {"a.b.new"}),
        ('def f():\n    record_apart("a.new", x)', {"a.new"}),
        ('def f(n):\n    action = "a.b.on" if n else "a.b.off"\n    record(action, x)', {"a.b.on", "a.b.off"}),
        ('def f(kind):\n    record_each(f"hours.claim.{kind}", x)', {f"hours.claim.{kind.value}" for kind in Kind}),
    ],
)
def test_the_look_into_the_code_finds_deeds_however_they_are_named(code: str, found: set[str]) -> None:
    assert set().union(*(deeds(*call) for call in calls(code))) == found


# ── details ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({}, ""),
        ({"reason": None}, ""),
        ({"reason": ""}, "原因：（空）"),
        ({"fen": 141_050}, "金额：¥1,410.50"),
        ({"total_fen": -1}, "合计：−¥0.01"),
        ({"minutes": 200}, "时长：3 小时 20 分"),
        ({"role": "cashier"}, "身份：出纳"),
        ({"roles": ["cashier", "admin"]}, "身份：出纳、系统管理员"),
        ({"scope": ["team", 5]}, "范围：服务队、5"),
        ({"was": "preview"}, "原来：核对中"),
        ({"is_restricted": True}, "限定用途：是"),
        ({"starts_at": "2026-11-15T08:00:00+08:00"}, "开始：2026-11-15 08:00"),
        ({"starts_at": "soon"}, "开始：soon"),
        ({"people": []}, "人员编号：（空）"),
        ({"rows": [{"row": 3, "donor": "王伟", "fen": 5}]}, "名单的行：第几行：3，捐赠人：王伟，金额：¥0.05"),
        ({"columns": {"donor": "姓名", "x": None}}, "各列：捐赠人：姓名"),
        ({"unheard_of": "1"}, "unheard_of：1"),
        ({"role": "unheard of"}, "身份：unheard of"),
        ({"reason": "a", "count": 2}, "原因：a；数量：2"),
    ],
)
def test_details_are_read_as_names_and_values(detail: dict[str, object], said: str) -> None:
    assert in_full(detail) == said


def test_a_secret_stays_masked_however_deep_it_lies() -> None:
    detail = {"password": "open sesame", "form": {"pin": "1234", "list": [{"token": "abc"}]}, "code": ["x"]}
    said = in_full(detail)
    assert said.count(MASK) == 4
    assert not {"open sesame", "1234", "abc", "x"} & set(said.replace("：", "；").split("；"))


def test_a_long_value_is_cut_and_a_very_long_one_ends() -> None:
    [short] = pairs({"reason": "长" * 100})
    [long] = pairs({"reason": "长" * 200})
    [endless] = pairs({"people": list(range(10_000))})
    assert (short.value, short.rest) == ("长" * 100, "")
    assert (len(long.value), len(long.rest), long.is_cut) == (80, 120, False)
    assert (len(endless.value + endless.rest), endless.is_cut) == (MOST, True)
    assert in_full({"people": list(range(10_000))}).endswith("、9999")


def test_whoever_has_no_name_is_told_apart() -> None:
    assert who_words("沈知秋", 5, None) == "沈知秋"
    assert who_words("", None, None) == str(SYSTEM)
    assert who_words("", None, "abc") == str(VISITOR)


def test_the_words_have_their_english() -> None:
    with spoken("en"):
        assert in_full({"role": "cashier", "reason": "x"}) == "Role: Cashier; Reason: x"
