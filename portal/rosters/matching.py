"""Whose a row is: by her number, else by her paper, else by her name and a contact of hers; else she is new.

Nothing is guessed. What contradicts itself is a doubt that a person decides. Of somebody whom the importer may not see
nothing is told but that another organisation knows her, and that only to whoever has her number or paper and her name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from portal.files.told import Problem
from portal.problems import DomainError
from portal.profiles.models import Status
from portal.rosters.changing import Change, Patch, changes_of, patch_of
from portal.rosters.known import Known, KnownPerson
from portal.rosters.models import RowKind
from portal.rosters.rows import Layout, Someone
from portal.words import Words, _l


class Doubt(StrEnum):
    """Why a person must decide."""

    NUMBER_NAME = "number_name"
    NUMBER_PAPER = "number_paper"
    OTHER_PAPER = "other_paper"
    REACH_PAPER = "reach_paper"
    PAPER_NAME = "paper_name"
    SEVERAL = "several"
    OTHER_BIRTH = "other_birth"
    ELSEWHERE = "elsewhere"
    LEFT = "left"
    TWIN = "twin"
    TWIN_NAME = "twin_name"
    TWIN_REACH = "twin_reach"

    @property
    def words(self) -> Words:
        return DOUBTS[self]

    @property
    def may_be_new(self) -> bool:
        """Whether she may be somebody else after all: not where a number or paper, which only one has, says no."""
        return self in _MAYBE_NEW


_MAYBE_NEW = (Doubt.SEVERAL, Doubt.REACH_PAPER, Doubt.OTHER_BIRTH, Doubt.ELSEWHERE, Doubt.TWIN_REACH)

DOUBTS: dict[Doubt, Words] = {
    Doubt.NUMBER_NAME: _l("这个编号在门户里是另一个名字。"),
    Doubt.NUMBER_PAPER: _l("编号是一个人的，证件号码却是另一个人的。"),
    Doubt.OTHER_PAPER: _l("门户里登记的证件号码和表里的不一样。"),
    Doubt.REACH_PAPER: _l("同名、同一个联系方式，证件号码却不一样。"),
    Doubt.PAPER_NAME: _l("这个证件号码在门户里是另一个名字。"),
    Doubt.SEVERAL: _l("同名、同一个联系方式的有几位。"),
    Doubt.OTHER_BIRTH: _l("同名、同一个联系方式，出生日期却不一样。"),
    Doubt.ELSEWHERE: _l("别的组织里有同名、同一个联系方式的志愿者。是同一个人的，请补上她的编号或证件号码。"),
    Doubt.LEFT: _l("她已经退出了。她愿意回来、又签了同意书，才能恢复。"),
    Doubt.TWIN: _l("和第 %(row)s 行是同一个编号或证件号码。"),
    Doubt.TWIN_NAME: _l("和第 %(row)s 行是同一个编号或证件号码，名字却不一样。"),
    Doubt.TWIN_REACH: _l("和第 %(row)s 行同名、同一个联系方式。"),
}


@dataclass(frozen=True)
class Placement:
    """What is to become of a row."""

    kind: RowKind
    person: KnownPerson | None = None
    patch: Patch | None = None
    changes: Sequence[Change] = ()
    doubt: Doubt | None = None
    candidates: tuple[int, ...] = ()
    twin_of: int | None = None
    is_elsewhere: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Matcher:
    """Places rows among those known."""

    layout: Layout
    known: Known
    team_names: Mapping[int, str]

    @property
    def today(self) -> date:
        return self.layout.today

    def place(self, one: Someone) -> Placement:
        if one.problems:
            return Placement(RowKind.WRONG, problems=one.problems)
        if one.number:
            return self._by_number(one)
        if papers := self.known.with_paper(one.paper_digest):
            return self._by_paper(one, papers)
        return self._by_reach(one)

    def as_person(self, one: Someone, person: KnownPerson) -> Patch:
        """What the row changes of the person whom somebody says it is about. Raises DomainError."""
        others = [other for other in self.known.with_paper(one.paper_digest) if other.id != person.id]
        return patch_of(one, person, today=self.today, may_rename=True, takes_paper=not others)

    # ── whose it is ─────────────────────────────────────────────────────────────────────────────────
    def _by_number(self, one: Someone) -> Placement:
        person, papers = self.known.numbered(one.number), self.known.with_paper(one.paper_digest)
        if person is None or not (person.is_seen or _is_called(person, one)):
            return self._wrong("number", _l("没有编号和姓名都这样写的志愿者，请核对。"))
        if not person.is_seen:
            return self._elsewhere(one, person)
        if papers and person not in papers:
            return _doubt(Doubt.NUMBER_PAPER, person, *papers)
        if one.paper_digest and person.of("id_digest") not in (None, one.paper_digest):
            return _doubt(Doubt.OTHER_PAPER, person)
        return self._known(one, person, Doubt.NUMBER_NAME)

    def _by_paper(self, one: Someone, papers: Sequence[KnownPerson]) -> Placement:
        if len(papers) > 1:
            return _doubt(Doubt.SEVERAL, *papers)
        (person,) = papers
        if person.is_seen:
            return self._known(one, person, Doubt.PAPER_NAME)
        if _is_called(person, one):
            return self._elsewhere(one, person)
        return self._wrong("id_number", _l("证件号码和姓名对不上，请对照证件再看一遍。"))

    def _by_reach(self, one: Someone) -> Placement:
        alike = self.known.reached(one)
        seen = [person for person in alike if person.is_seen]
        if not alike:
            return Placement(RowKind.NEW)
        if not seen:
            return Placement(RowKind.DOUBT, doubt=Doubt.ELSEWHERE)
        if len(alike) > 1:
            return _doubt(Doubt.SEVERAL, *seen)
        (person,) = seen
        if one.paper_digest and person.of("id_digest") not in (None, one.paper_digest):
            return _doubt(Doubt.REACH_PAPER, person)
        born_on = one.details.born_on
        if born_on and person.of("born_on") not in (None, born_on.isoformat()):
            return _doubt(Doubt.OTHER_BIRTH, person)
        return self._known(one, person, Doubt.NUMBER_NAME)

    # ── what becomes of it ──────────────────────────────────────────────────────────────────────────
    def _known(self, one: Someone, person: KnownPerson, other_name: Doubt) -> Placement:
        """Somebody whose file the importer may open."""
        if not person.is_open:
            return self._wrong("name", _l("这位志愿者的账号已经注销，不能再登记。"))
        if not _is_called(person, one):
            return _doubt(other_name, person)
        if person.status is Status.LEFT:
            return _doubt(Doubt.LEFT, person)
        try:
            patch = patch_of(one, person, today=self.today)
        except DomainError as problem:
            return self._wrong(problem.field or "name", problem.sentence)
        changes = changes_of(patch, team_names=self.team_names)
        return Placement(RowKind.SAME if patch.is_empty else RowKind.UPDATE, person, patch, changes)

    def _elsewhere(self, one: Someone, person: KnownPerson) -> Placement:
        """Only her membership is added; the rest of the row is left alone."""
        if not person.is_open or person.status in (Status.LEFT, Status.REFUSED, Status.APPLIED):
            return self._wrong("name", _l("这位志愿者现在不能加入服务队，请和她本人联系。"))
        teams = tuple(team for team in one.teams if team not in person.teams)
        if not teams:
            return Placement(RowKind.SAME, person, is_elsewhere=True)
        patch = Patch(person, None, {}, {}, (), teams)
        changes = [Change("teams", "", "、".join(self.team_names.get(team, "") for team in teams))]
        return Placement(RowKind.UPDATE, person, patch, changes, is_elsewhere=True)

    def _wrong(self, field: str, sentence: Words | str) -> Placement:
        title = next((column.title for column in self.layout.columns if column.field == field), "")
        return Placement(RowKind.WRONG, problems=(Problem(title, sentence, field),))


class Row(Protocol):
    """A row as it was read, or as it is kept."""

    @property
    def row_no(self) -> Any: ...
    @property
    def name(self) -> Any: ...
    @property
    def number(self) -> Any: ...
    @property
    def paper_digest(self) -> Any: ...


@dataclass
class Twins:
    """The rows of one file that seem to be the same person: the second is a doubt. Wrong rows are nobody's twins."""

    by_key: dict[str, Someone] = field(default_factory=dict)
    by_reach: dict[str, Someone] = field(default_factory=dict)
    by_person: dict[int, Someone] = field(default_factory=dict)

    def placed(self, one: Someone, placement: Placement) -> Placement:
        """The row's placement, in the light of the rows before it."""
        if placement.kind is RowKind.WRONG:
            return placement
        person = placement.person
        first = self._first(one, person)
        self._remember(one, person)
        if first is None or placement.kind is RowKind.DOUBT:
            return placement
        other, is_sure = first
        return twin(one, other, is_sure=is_sure)

    def _first(self, one: Someone, person: KnownPerson | None) -> tuple[Someone, bool] | None:
        """An earlier row of the same person, and whether that is sure."""
        for key in _keys(one):
            if key in self.by_key:
                return self.by_key[key], True
        if person and person.id in self.by_person:
            return self.by_person[person.id], True
        for digest in one.reach_digests:
            if (other := self.by_reach.get(digest)) and not are_two(one, other):
                return other, False
        return None

    def _remember(self, one: Someone, person: KnownPerson | None) -> None:
        for key in _keys(one):
            self.by_key.setdefault(key, one)
        for digest in one.reach_digests:
            self.by_reach.setdefault(digest, one)
        if person:
            self.by_person.setdefault(person.id, one)


def _keys(one: Someone) -> list[str]:
    return [key for key in (one.number, one.paper_digest) if key]


def twin(one: Someone, other: Row, *, is_sure: bool) -> Placement:
    """The row seems to be about the person of another; `is_sure`: by a number or paper that only one has."""
    sure = Doubt.TWIN if other.name == one.name else Doubt.TWIN_NAME
    return Placement(RowKind.DOUBT, doubt=sure if is_sure else Doubt.TWIN_REACH, twin_of=other.row_no)


def are_two(one: Row, other: Row) -> bool:
    """Each has a number or paper of her own."""
    return any(
        mine and hers and mine != hers
        for mine, hers in ((one.number, other.number), (one.paper_digest, other.paper_digest))
    )


def _is_called(person: KnownPerson, one: Someone) -> bool:
    """Whether the row's name is hers; of a masked one its first character."""
    if "name" in one.masked:
        return person.name[:1] == one.name[:1]
    return person.name == one.name


def _doubt(doubt: Doubt, *people: KnownPerson) -> Placement:
    seen = dict.fromkeys(person.id for person in people if person.is_seen)
    return Placement(RowKind.DOUBT, doubt=doubt, candidates=tuple(seen))
