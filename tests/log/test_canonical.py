"""One text for each value, the one that RFC 8785 asks for, and no other text is read."""

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from portal.log import canonical
from portal.log.canonical import LARGEST, NotCanonical

KEYS = st.text(st.characters(max_codepoint=127), max_size=6)
PLAIN = st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


@given(VALUES)
def test_a_value_is_written_as_the_library_writes_it(value: Any) -> None:
    assert canonical.dumps(value) == canonical.again(value) == rfc8785.dumps(value)
    assert canonical.loads(canonical.dumps(value)) == value


@pytest.mark.parametrize("value", ["\x00\x1f\x7f", '"\\/', "\u2028\u2029", "𠮷㛃", "e\u0301", "\u202e", "", "\ufeff"])
def test_odd_texts_are_written_as_the_library_writes_them(value: str) -> None:
    assert canonical.dumps([value, {value if value.isascii() else "k": 1}]) == rfc8785.dumps(
        [value, {value if value.isascii() else "k": 1}]
    )


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), LARGEST + 1, -LARGEST - 1, b"", {1: 2}, {"ä": 1}, {"a": {None: 1}}, "\ud800", {1, 2}]
)
def test_a_value_with_more_than_one_text_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical.dumps(value)
    with pytest.raises(NotCanonical):
        canonical.dumps([{"a": value}])


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":01}',
        b'["\\u0041"]',
        b'["\\/"]',
        b'["\\ud83d"]',
        b"[NaN]",
        b"[1,]",
        b"\xef\xbb\xbf[]",
        "[]".encode("utf-16"),
        b'["\xff"]',
        b"",
        b"[" * 100_000,
        b"[" * 990 + b"]" * 990,
        b"9" * 5_000,
    ],
)
def test_a_text_with_two_readings_is_not_read(text: bytes) -> None:
    with pytest.raises(NotCanonical):
        canonical.loads(text)
