"""Who and what is found, and by whom. Every search looks through no more than its searcher may know.

People of a searcher's own teams and organisations are looked at one by one: what a search costs, and so how long it
takes, depends on them alone. For those who see everybody, an index leads to the few.
"""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, literal, or_, select, true

from portal import clock
from portal.contacts.models import Contact
from portal.contacts.reading import read_address
from portal.db import db, rows
from portal.finding.asking import Asked
from portal.finding.models import NAMES, Kind, Named
from portal.finding.pinyin import is_read, people_read
from portal.identity import Paper, read_paper
from portal.merging.models import Merge
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.policy import can_see_team
from portal.orgs.queries import belongs, people_seen_by
from portal.people.models import Person
from portal.problems import DomainError
from portal.profiles.details import digest_of_paper
from portal.profiles.models import Profile
from portal.search import holds, like

A_PAGE = 10
MOST_PAGES = 20
"""Whoever has not found it on two hundred lines asks for something else."""

Ids = Select[int]


class Cut(NamedTuple):
    """Which part of what is found is wanted."""

    skip: int
    most: int

    @property
    def end(self) -> int:
        """One more than is shown tells that there is more."""
        return self.skip + self.most + 1


class Hit(NamedTuple):
    """One line. `slug` leads to an organisation or a team; `note` is a volunteer number, a team's organisation."""

    id: int
    name: str
    slug: str | None
    note: str
    teams: tuple[str, ...] = ()
    is_over: bool = False
    """An organisation that is no more."""
    opens: bool = True
    """Whether the viewer may open its page."""


class Found(NamedTuple):
    """The lines of one kind, and whether more would follow. Nobody is told how many."""

    kind: Kind
    hits: list[Hit]
    is_more: bool


def found(asked: Asked, kind: Kind, viewer: Person, cut: Cut) -> Found:
    """What of this kind is found: people whom the viewer knows and she herself, every organisation, every team."""
    if not asked or asked.is_secret:
        return Found(kind, [], False)
    if kind is Kind.PERSON:
        ids = _people(asked, viewer, cut)
        return Found(kind, _lines(ids[: cut.most], viewer), len(ids) > cut.most)
    listed = _organisations(asked) if kind is Kind.ORGANISATION else _teams(asked)
    listed = _cut(listed.order_by(*_order(asked, Named)), cut)
    hits = [Hit(id, name, slug, note, is_over=bool(is_over)) for id, name, slug, note, is_over in rows(listed)]
    hits, is_more = hits[: cut.most], len(hits) > cut.most
    return Found(kind, _opened(hits, viewer) if kind is Kind.TEAM else hits, is_more)


def person_with(number: str, viewer: Person) -> Found:
    """Whose whole mobile, mailbox or paper this is, of those whom the viewer knows: found by keyed digests alone."""
    whose = _with(number)
    ids = [] if whose is None else list(rows(_known(select(Person.id).where(Person.id.in_(whose)), viewer)).scalars())
    return Found(Kind.PERSON, _lines(ids[:A_PAGE], viewer), len(ids) > A_PAGE)


# ── people ──────────────────────────────────────────────────────────────────────────────────────────
def scope_of(viewer: Person) -> Any:
    """The ids of those whom she may find, as a subquery; None: everybody."""
    seen = people_seen_by(viewer)
    return None if seen is None else seen.union(select(literal(viewer.id)))


def _known(people: Ids, viewer: Person) -> Ids:
    scope = scope_of(viewer)
    return people if scope is None else people.where(Person.id.in_(scope))


def _people(asked: Asked, viewer: Person, cut: Cut) -> list[int]:
    """Ids in the order of the list, from the cut's first on, one more than it takes where there are more."""
    if asked.volunteer_numbers:
        numbered = select(Person.id).where(Person.volunteer_no.in_(asked.volunteer_numbers))
        of_number = _known(numbered, viewer).order_by(Person.volunteer_no.desc())
        return list(rows(_cut(of_number, cut)).scalars())
    scope = scope_of(viewer)
    if scope is not None:
        hers = (Named.kind == Kind.PERSON.value, Named.ref_id.in_(scope))
        fitting = select(Named.ref_id).where(*hers, fits(asked, Named)).order_by(*_order(asked, Named))
        return list(rows(_cut(fitting, cut)).scalars())
    if asked.letters:
        return people_read(asked, cut.end)[cut.skip :]
    return list(rows(_cut(_by_index(asked), cut)).scalars())


def _by_index(asked: Asked) -> Ids:
    """The longest word leads to candidates; of a frequent one the newest, who are more than anybody reads."""
    few = NAMES.candidates(Named, max(asked.words, key=len))
    fitting = select(few.ref_id).where(few.kind == Kind.PERSON.value, fits(asked, few))
    return fitting.order_by(*_order(asked, few))


def _lines(ids: list[int], viewer: Person) -> list[Hit]:
    """The people in this order. An entry that became part of another one is shown no more."""
    if not ids:
        return []
    twin = exists().where(Merge.twin_id == Person.id, Merge.undone_at.is_(None))
    lines = rows(select(Person.id, Person.name, Person.volunteer_no).where(Person.id.in_(ids), ~twin)).all()
    teams = _teams_of(ids, viewer)
    hits = {id: Hit(id, name, None, number or "", tuple(teams.get(id, ()))) for id, name, number in lines}
    return [hits[id] for id in ids if id in hits]


def _teams_of(ids: list[int], viewer: Person) -> dict[int, list[str]]:
    """By what namesakes are told apart: the teams of each, only those that the viewer looks after."""
    seen = people_seen_by(viewer)
    there = true() if seen is None else Membership.id.in_(seen.with_only_columns(Membership.id))
    hers = (Membership.person_id.in_(ids), belongs(clock.today()), there)
    teams = select(Membership.person_id, Team.name).join(Team, Team.id == Membership.team_id).where(*hers)
    found: dict[int, list[str]] = {}
    for person, name in rows(teams.order_by(Team.name)):
        found.setdefault(person, []).append(name)
    return found


def _with(number: str) -> Any:
    """Whose number it is, as a subquery of ids; None when it can be nobody's."""
    whose: list[Ids] = []
    try:
        address = read_address(number)
        whose.append(
            select(Contact.person_id).where(Contact.digest == address.digest, Contact.kind == address.kind.value)
        )
    except DomainError:
        pass
    if digests := list(_paper_digests(number)):
        whose.append(select(Profile.person_id).where(Profile.id_digest.in_(digests)))
    if not whose:
        return None
    return whose[0].union(*whose[1:]) if whose[1:] else whose[0]


def _paper_digests(number: str) -> set[str]:
    found = set()
    for paper in Paper:
        try:
            found.add(digest_of_paper(paper, read_paper(paper, number)))
        except DomainError:
            continue
    return found


# ── organisations and teams ─────────────────────────────────────────────────────────────────────────
def _organisations(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Few enough to look at each. One that was found to be another's second entry is not shown."""
    of = and_(Named.ref_id == Organisation.id, Named.kind == Kind.ORGANISATION.value)
    shown = (Organisation.id, Organisation.name, Organisation.slug, literal(""), Organisation.closed_on.is_not(None))
    fitting = select(*shown).join(Named, of)
    return fitting.where(Organisation.merged_into_id.is_(None), fits(asked, Named))


def _teams(asked: Asked) -> Select[*tuple[Any, ...]]:
    of = and_(Named.ref_id == Team.id, Named.kind == Kind.TEAM.value)
    fitting = select(Team.id, Team.name, Team.slug, Organisation.name, literal(False)).join(Named, of)
    return fitting.join(Organisation, Organisation.id == Team.organisation_id).where(fits(asked, Named))


def _opened(hits: list[Hit], viewer: Person) -> list[Hit]:
    """With whether the viewer may open the team's page."""
    teams = db.session.scalars(select(Team).where(Team.id.in_([hit.id for hit in hits]))) if hits else ()
    open_ = {team.id for team in teams if can_see_team(viewer, team)}
    return [hit._replace(opens=hit.id in open_) for hit in hits]


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def fits(asked: Asked, of: Any) -> ColumnElement[bool]:
    """That all words stand in the name and its letters are pinyin of it; or that all of it stands there as it is."""
    named = [holds(word, of.name) for word in asked.words]
    if not asked.letters:
        return and_(*named)
    read = or_(*(is_read(cut, of) for cut in asked.cuts))
    return or_(holds(asked.text, of.name), and_(*named, read))


def _order(asked: Asked, of: Any) -> list[ColumnElement[Any]]:
    """Names that begin so first, then as they are read."""
    begins = like(asked.text).removeprefix("%")
    return [case((of.name.like(begins, escape="\\"), 0), else_=1), of.syllables, of.id]


def _cut(statement: Any, cut: Cut) -> Any:
    return statement.limit(cut.most + 1).offset(cut.skip)
