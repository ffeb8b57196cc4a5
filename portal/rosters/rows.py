"""What one row of a roster says, and how its cells are read. Nothing here knows a database."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from portal.consents.models import Purpose
from portal.contacts.reading import Address
from portal.files.cells import folded
from portal.files.told import Problem
from portal.identity import Gender, Paper
from portal.privacy import digest_of
from portal.problems import DomainError
from portal.profiles.details import Details, digest_of_paper
from portal.rosters.columns import Column, Field
from portal.words import _l

MASK = "*"
"""What stands in a file for what it does not show."""

SENSITIVE: dict[Purpose, tuple[Field, ...]] = {
    Purpose.IDENTITY: ("id_kind", "id_number"),
    Purpose.HEALTH: ("health",),
    Purpose.ETHNIC: ("ethnic",),
    Purpose.PARTY: ("party",),
}
"""Columns that are taken only where each person agreed to it by itself."""

_NUMBER = re.compile(r"V\d{10}")
_LOST_DIGITS = re.compile(r"\d(\.\d+)?e\+\d+")
_BETWEEN = re.compile(r"[、，,;；|/\n]+")
_RESIDENT = re.compile(r"\d{17}[\dx]")
_GENDERS = {"女": Gender.FEMALE, "男": Gender.MALE, "女性": Gender.FEMALE, "男性": Gender.MALE}
_PAPERS: tuple[tuple[re.Pattern[str], Paper], ...] = (
    (re.compile("(居民|内地居民|二代)?身份证.*"), Paper.RESIDENT),
    (re.compile(".*(港澳|回乡证).*"), Paper.HOME_RETURN),
    (re.compile(".*(台湾|台胞证).*"), Paper.TAIWAN),
    (re.compile(".*护照.*"), Paper.PASSPORT),
    (re.compile("其他.*|.*证"), Paper.OTHER),
)

TeamsCalled = Callable[[str], Sequence[int]]


@dataclass(frozen=True)
class Layout:
    """How the rows of one roster are read.

    `takes`: the sensitive purposes that are consented to. `teams` gives the ids of the teams that a text may mean to
    whoever brings it; `home` is the team of rows that name none, which `needs_team` does not let be nowhere.
    """

    columns: tuple[Column, ...]
    today: date
    takes: frozenset[Purpose]
    teams: TeamsCalled
    home: int | None
    needs_team: bool

    @cached_property
    def places(self) -> Mapping[Field, tuple[int, ...]]:
        """Field → places of its columns among the titled ones; no place for what is not taken."""
        left = {field for purpose, fields in SENSITIVE.items() if purpose not in self.takes for field in fields}
        places: dict[Field, tuple[int, ...]] = {}
        for place, column in enumerate(self.columns):
            if column.field and column.field not in left:
                places[column.field] = (*places.get(column.field, ()), place)
        return places

    def title_of(self, field: Field) -> str:
        return self.columns[self.places[field][0]].title if field in self.places else ""

    def text(self, texts: Sequence[str], field: Field) -> str:
        """What a row says in a field's columns."""
        return "、".join(texts[place] for place in self.places.get(field, ()) if texts[place])


@dataclass(frozen=True)
class Someone:
    """A row as read. `details` is checked by itself; `is_waiting`: under age, and no guardian is named.

    `masked`: the fields that the file does not show, as a masked export has them.
    """

    row_no: int
    name: str
    number: str | None
    details: Details
    contacts: tuple[Address, ...]
    teams: tuple[int, ...]
    is_waiting: bool
    masked: frozenset[Field]
    problems: tuple[Problem, ...]

    @cached_property
    def paper_digest(self) -> str | None:
        paper, number = self.details.paper, self.details.number
        return digest_of_paper(paper, number) if paper and number else None

    @cached_property
    def reach_digests(self) -> tuple[str, ...]:
        """By which the same person is found in another row: her name with each of her contacts, else her birthday."""
        ways = [one.value.lower() for one in self.contacts]
        if not ways and self.details.born_on:
            ways = [self.details.born_on.isoformat()]
        return tuple(digest_of(f"{self.name}:{way}", purpose="roster row") for way in ways)


def words_in(text: str) -> tuple[str, ...]:
    """The words of a cell that holds several."""
    return tuple(word for part in _BETWEEN.split(text) if (word := part.strip()))


def read_number(text: str) -> str:
    """The portal's own number. Raises DomainError."""
    number = folded(text).upper()
    if not _NUMBER.fullmatch(number):
        raise DomainError(_l("这不是门户的志愿者编号（V 加 10 位数字）。别处的编号请留空，或者不用这一列。"))
    return number


def read_gender(text: str) -> Gender:
    """Raises DomainError."""
    if (gender := _GENDERS.get(folded(text))) is None:
        raise DomainError(_l("性别请写男或女。"))
    return gender


def read_paper_kind(text: str) -> Paper:
    """Raises DomainError."""
    found = (paper for pattern, paper in _PAPERS if pattern.fullmatch(folded(text)))
    if (paper := next(found, None)) is None:
        raise DomainError(_l("认不出这种证件，请写居民身份证、护照等。"))
    return paper


def require_digits(text: str) -> None:
    """Raises DomainError for a number that a spreadsheet took for an amount: its last digits are lost."""
    if _LOST_DIGITS.fullmatch(folded(text)):
        raise DomainError(_l("表格把号码存成了数字，末尾几位丢了。请把这一列设成文本，重新填写。"))


def looks_resident(text: str) -> bool:
    """Whether a number without a kind is a resident's."""
    return _RESIDENT.fullmatch(folded(text)) is not None
