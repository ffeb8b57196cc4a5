"""From the texts of a row to who she is and what is said of her, with a sentence beside each cell that is wrong."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from portal.contacts.models import Kind
from portal.contacts.reading import Address, read_address
from portal.files.cells import read_day
from portal.files.told import Problem
from portal.identity import Paper, read_paper
from portal.people.names import strange_in
from portal.problems import DomainError
from portal.profiles.details import Details, Protector, checked, is_minor
from portal.rosters.columns import Field
from portal.rosters.rows import (
    MASK,
    Layout,
    Someone,
    looks_resident,
    read_gender,
    read_number,
    read_paper_kind,
    require_digits,
    words_in,
)
from portal.words import Words, _l

EARLIEST_BIRTH = date(1900, 1, 1)
LONGEST: dict[Field, int] = {
    "name": 40, "area": 60, "address": 200, "health": 500, "ethnic": 20, "party": 20,
    "guardian_name": 40, "guardian_relation": 20,
}  # fmt: skip
"""Characters."""
LONGEST_CELL = 500

_FIELDS_OF_DETAILS: dict[str | None, Field] = {
    "born_on": "born_on", "gender": "gender", "id_number": "id_number", "id_kind": "id_kind",
    "guardian_name": "guardian_name",
}  # fmt: skip

T = TypeVar("T")


def read_row(layout: Layout, row_no: int, texts: Sequence[str]) -> Someone:
    """What the row says. Of what is wrong nothing is taken, and each problem is named."""
    return _Row(layout, row_no, texts).read()


class _Row:
    """One row while it is read."""

    def __init__(self, layout: Layout, row_no: int, texts: Sequence[str]) -> None:
        self.layout, self.row_no, self.texts = layout, row_no, texts
        self.problems: list[Problem] = []
        self.masked: set[Field] = set()

    def read(self) -> Someone:
        number = self._read("number", read_number)
        name = self._name(number)
        contacts = tuple(dict.fromkeys(self._contacts()))
        details = self._details()
        self._require_a_handle(number, details, contacts)
        is_waiting = is_minor(details, today=self.layout.today) and details.guardian is None
        if is_waiting:
            # Nobody has agreed for her: what is sensitive waits until somebody does.
            details = replace(details, paper=None, number=None, health=None, ethnic=None, party=None)
        teams = tuple(dict.fromkeys(self._teams()))
        masked, problems = frozenset(self.masked), tuple(self.problems)
        return Someone(self.row_no, name, number, details, contacts, teams, is_waiting, masked, problems)

    # ── cells ───────────────────────────────────────────────────────────────────────────────────────
    def _text(self, field: Field) -> str:
        text, longest = self.layout.text(self.texts, field), LONGEST.get(field, LONGEST_CELL)
        if MASK in text:
            self.masked.add(field)
            return ""
        if len(text) > longest:
            self._wrong(field, _l("这一格太长了，最多 %(most)d 个字。", most=longest))
            return ""
        return text

    def _wrong(self, field: Field, sentence: Words | str) -> None:
        self.problems.append(Problem(self.layout.title_of(field), sentence, field))

    def _read(self, field: Field, read: Callable[[str], T]) -> T | None:
        """What the cell means; None where it is empty, masked or wrong."""
        return self._meaning(field, text, read) if (text := self._text(field)) else None

    def _meaning(self, field: Field, text: str, read: Callable[[str], T]) -> T | None:
        try:
            return read(text)
        except DomainError as problem:
            self._wrong(field, problem.sentence)
            return None

    # ── who ─────────────────────────────────────────────────────────────────────────────────────────
    def _name(self, number: str | None) -> str:
        """Her name; a masked one only beside her number, which says who she is."""
        raw = self.layout.text(self.texts, "name")
        name = self._text("name")
        if "name" in self.masked:
            if number is None:
                self._wrong("name", _l("名字打了星号，又没有志愿者编号，认不出是谁。"))
            return raw
        if not raw:
            self._wrong("name", _l("没有写姓名。"))
        elif strange := strange_in(name):
            self._wrong("name", _l("%(strange)s，请重新打一遍。", strange=strange))
        return name

    def _contacts(self) -> Iterator[Address]:
        for part in words_in(self._text("contact")):
            if address := self._meaning("contact", part, _address):
                yield address

    def _require_a_handle(self, number: str | None, details: Details, contacts: tuple[Address, ...]) -> None:
        """Without any of these she could not be told from a namesake when the list comes again."""
        if not (number or contacts or details.number or details.born_on or self.problems):
            self._wrong("name", _l("只有姓名，下次认不出是不是同一个人。请补上联系方式、出生日期或证件号码。"))

    def _teams(self) -> Iterator[int]:
        text = self._text("teams")
        if not text and self.layout.home is not None:
            yield self.layout.home
        elif not text and self.layout.needs_team:
            self._wrong("teams", _l("没有写服务队。"))
        whole = self.layout.teams(text) if text else ()
        for called in (text,) if whole else words_in(text):
            found = whole or self.layout.teams(called)
            if len(found) == 1:
                yield found[0]
            elif found:
                self._wrong("teams", _l("有 %(count)d 个队叫「%(name)s」，请写成「组织名 队名」。",
                                        count=len(found), name=called[:40]))  # fmt: skip
            else:
                self._wrong("teams", _l("没有叫「%(name)s」的服务队。", name=called[:40]))

    # ── what is said of her ─────────────────────────────────────────────────────────────────────────
    def _details(self) -> Details:
        paper, number = self._paper()
        given = Details(
            gender=self._read("gender", read_gender),
            born_on=self._read("born_on", self._day),
            paper=paper,
            number=number,
            area=self._text("area") or None,
            address=self._text("address") or None,
            health=self._text("health") or None,
            ethnic=self._text("ethnic") or None,
            party=self._text("party") or None,
            guardian=self._guardian(),
            skills=words_in(self._text("skills")),
            services=words_in(self._text("services")),
        )
        try:
            return checked(given, today=self.layout.today, needs_guardian=False)
        except DomainError as problem:
            field = _FIELDS_OF_DETAILS.get(problem.field, "skills")
            self._wrong(field if self.layout.title_of(field) else "id_number", problem.sentence)
            return Details(gender=given.gender if problem.field != "gender" else None)

    def _day(self, text: str) -> date:
        return read_day(text, today=self.layout.today, earliest=EARLIEST_BIRTH)

    def _paper(self) -> tuple[Paper | None, str | None]:
        """The kind and the number; a resident's number need not say its kind."""
        kind, text = self._read("id_kind", read_paper_kind), self._text("id_number")
        if not text:
            return None, None
        kind = kind or (Paper.RESIDENT if looks_resident(text) else None)
        if kind is None:
            if "id_kind" not in {problem.field for problem in self.problems}:
                self._wrong("id_number", _l("没有写证件类型，号码也不是 18 位的身份证号。"))
            return None, None
        number = self._meaning("id_number", text, lambda one: _paper_number(kind, one))
        return (kind, number) if number else (None, None)

    def _guardian(self) -> Protector | None:
        name, relation = self._text("guardian_name"), self._text("guardian_relation")
        mobile = self._read("guardian_mobile", _mobile)
        if not name:
            return None
        if not (mobile and relation):
            self._wrong("guardian_name", _l("写了监护人，还要写监护人的手机和与本人的关系。"))
            return None
        return Protector(name, mobile, relation)


def _address(text: str) -> Address:
    require_digits(text)
    return read_address(text)


def _mobile(text: str) -> str:
    address = _address(text)
    if address.kind is not Kind.MOBILE:
        raise DomainError(_l("这里请写手机号码。"))
    return address.value


def _paper_number(kind: Paper, text: str) -> str:
    require_digits(text)
    return read_paper(kind, text)
