"""Every sentence has its English, and the check that says so would notice if one had not."""

from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from tools import check_messages
from tools.check_messages import CATALOGUE, Word, differences

WORDS: set[Word] = {
    (None, "登录"),
    (None, "%(name)s不是队员"),
    (None, ("共 %(num)d 条", "共 %(num)d 条")),
    ("one", "活动"),
}


def complete() -> Catalog:
    """A catalogue that says all of WORDS."""
    catalogue = Catalog(locale="en", fuzzy=False)
    catalogue.add("登录", "Sign in")
    catalogue.add("%(name)s不是队员", "%(name)s is not a member")
    catalogue.add(("共 %(num)d 条", "共 %(num)d 条"), ("%(num)d record", "%(num)d records"))
    catalogue.add("活动", "Activity", context="one")
    return catalogue


def faults(spoil: Callable[[Catalog], object]) -> list[str]:
    catalogue = complete()
    spoil(catalogue)
    return list(differences(WORDS, catalogue))


def test_the_catalogue_says_every_sentence_of_the_source() -> None:
    with CATALOGUE.open("rb") as file:
        assert list(differences(check_messages.wanted(), read_po(file))) == []


def test_the_catalogue_names_nobody_and_no_lines_of_the_source() -> None:
    text = CATALOGUE.read_text()
    head = text.split("\n\n", 1)[0]
    assert "@" not in head and "FULL NAME" not in head
    assert not any(line.startswith(("#:", "#~")) for line in text.splitlines())


def test_the_catalogue_compiles_to_all_its_sentences(tmp_path: Path) -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="en")
    assert [errors for _, errors in catalogue.check() if errors] == []
    with (tmp_path / "messages.mo").open("w+b") as compiled:
        write_mo(compiled, catalogue)
        compiled.seek(0)
        assert len(read_mo(compiled)) == len(catalogue)


def test_a_complete_catalogue_has_no_faults() -> None:
    assert faults(lambda catalogue: None) == []


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda catalogue: catalogue.delete("登录"), "missing: 登录"),
        (lambda catalogue: catalogue.delete("活动", "one"), "missing: 活动"),
        (lambda catalogue: setattr(catalogue["登录"], "string", ""), "empty: 登录"),
        (
            lambda catalogue: setattr(catalogue["共 %(num)d 条"], "string", ("%(num)d record", "")),
            "empty: 共 %(num)d 条",
        ),
        (lambda catalogue: setattr(catalogue["共 %(num)d 条"], "string", ("%(num)d record",)), "empty: 共 %(num)d 条"),
        (lambda catalogue: catalogue["登录"].flags.add("fuzzy"), "fuzzy: 登录"),
        (
            lambda catalogue: setattr(catalogue, "fuzzy", True),
            "fuzzy: the whole catalogue, which would not be compiled",
        ),
        (lambda catalogue: catalogue.add("注册", "Sign up"), "left over: 注册"),
        (lambda catalogue: catalogue.add("活动", "Activities"), "left over: 活动"),
        (lambda catalogue: setattr(catalogue["登录"], "string", "登录 (sign in)"), "still Chinese: 登录"),
        (
            lambda catalogue: setattr(catalogue["%(name)s不是队员"], "string", "not a member"),
            "other placeholders: %(name)s不是队员",
        ),
        (
            lambda catalogue: setattr(catalogue["%(name)s不是队员"], "string", "%(person)s is not a member"),
            "other placeholders: %(name)s不是队员",
        ),
    ],
)
def test_the_check_finds_what_is_wrong(spoil: Callable[[Catalog], object], fault: str) -> None:
    assert faults(spoil) == [fault]


def test_the_check_finds_a_sentence_that_is_kept_though_out_of_use(tmp_path: Path) -> None:
    file = tmp_path / "messages.po"
    file.write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n#~ msgid "注册"\n#~ msgstr "Sign up"\n'
    )
    with file.open("rb") as po:
        assert "left over: 注册" in list(differences(set(), read_po(po)))


def test_the_check_wants_both_forms_of_a_sentence_that_counts() -> None:
    catalogue = complete()
    catalogue.delete("共 %(num)d 条")
    catalogue.add("共 %(num)d 条", "%(num)d records")
    assert list(differences(WORDS, catalogue)) == ["missing: 共 %(num)d 条", "left over: 共 %(num)d 条"]


def test_the_check_tells_by_its_exit_whether_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_messages, "wanted", lambda: {(None, "没有人翻译过的一句话")})
    assert check_messages.main() == 1
