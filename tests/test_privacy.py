"""What lies encrypted in the tables, and what is masked on pages."""

from dataclasses import replace
from datetime import date

import pytest
from flask import current_app
from flask_sqlalchemy.session import Session

from portal.privacy import (
    Unreadable,
    digest_of,
    mask_birth,
    mask_email,
    mask_mobile,
    mask_name,
    mask_paper,
    mask_place,
    opened,
    sealed,
)
from portal.settings import current_settings

NAME = "买买提·艾力𠮷"


def test_sealed_text_opens_again_and_looks_different_each_time(session: Session) -> None:
    first, second = sealed(NAME, place="a.b"), sealed(NAME, place="a.b")
    assert first != second
    assert opened(first, place="a.b") == opened(second, place="a.b") == NAME
    assert NAME not in first


def test_sealed_text_opens_in_no_other_place(session: Session) -> None:
    with pytest.raises(Unreadable):
        opened(sealed(NAME, place="people.mobile"), place="people.email")


@pytest.mark.parametrize(
    "damage", ["", "v1.", "v2.AAAA", "v1.%%%", "v1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "plain text"]
)
def test_what_was_never_sealed_here_is_refused(session: Session, damage: str) -> None:
    with pytest.raises(Unreadable):
        opened(damage, place="a.b")


def test_another_key_opens_nothing_and_finds_nothing(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, digest = sealed(NAME, place="a.b"), digest_of(NAME, purpose="login")
    other = replace(current_settings(), data_key="another key of thirty-two characters")
    monkeypatch.setitem(current_app.extensions, "portal_settings", other)
    assert digest_of(NAME, purpose="login") != digest
    with pytest.raises(Unreadable):
        opened(kept, place="a.b")


def test_a_digest_serves_one_purpose(session: Session) -> None:
    assert digest_of("13800000000", purpose="login") != digest_of("13800000000", purpose="roster")


@pytest.mark.parametrize(
    ("masked", "shown"),
    [
        (mask_name("张小满"), "张*"),
        (mask_name(""), ""),
        (mask_mobile("13812345678"), "138****5678"),
        (mask_mobile("110"), "***"),
        (mask_email("zhang@example.org"), "z***@example.org"),
        (mask_paper("11010519491231002X"), "110105********002X"),
        (mask_paper("E12345678"), "E******78"),
        (mask_paper("A12"), "***"),
        (mask_birth(date(1949, 12, 31)), "1949-**-**"),
        (mask_place("碧云路18弄2号301室"), "碧云路****"),
        (mask_place("碧云路"), "****"),
    ],
)
def test_masked_texts_say_little(masked: str, shown: str) -> None:
    assert masked == shown
