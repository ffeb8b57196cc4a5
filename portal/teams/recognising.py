"""Whom a 接龙 means: found by volunteer number, by name and mobile together, or by name within the organisation.

A number alone or a mobile alone tells nobody's name: whoever does not know both learns nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import select

from portal import clock
from portal.bulk import pieces
from portal.contacts.models import Contact, Kind
from portal.contacts.reading import Address
from portal.db import db
from portal.orgs.models import Membership, Team
from portal.orgs.queries import belongs
from portal.people.models import Person
from portal.teams.admitting import must_be_asked
from portal.teams.chain import Chain, Entry, parse
from portal.teams.models import TeamKind
from portal.teams.queries import card_of, volunteers_among
from portal.words import Words, _l


class Doubt(StrEnum):
    """Why a place is not simply booked."""

    MEMBER = "member"
    REPEAT = "repeat"
    SEVERAL = "several"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"
    NO_NAME = "no_name"
    DECLINES = "declines"
    YOUNG = "young"
    ASK = "ask"

    @property
    def label(self) -> Words:
        return DOUBTS[self]


DOUBTS: dict[Doubt, Words] = {
    Doubt.MEMBER: _l("已经是队员"),
    Doubt.REPEAT: _l("前面已有"),
    Doubt.SEVERAL: _l("有同名的人"),
    Doubt.MISMATCH: _l("编号或手机对不上"),
    Doubt.UNKNOWN: _l("没找到"),
    Doubt.NO_NAME: _l("没写姓名"),
    Doubt.DECLINES: _l("说了不来"),
    Doubt.YOUNG: _l("未满 18 周岁"),
    Doubt.ASK: _l("不在本组织，要本人点头"),
}


UNBOOKED = (Doubt.UNKNOWN, Doubt.NO_NAME, Doubt.MISMATCH, Doubt.ASK)
"""Doubts that leave somebody out who perhaps should be in."""


class Candidate(NamedTuple):
    """Somebody whom a place may mean; teams of the organisation tell namesakes apart."""

    person_id: int
    name: str
    number: str
    teams: str


@dataclass(frozen=True)
class Place:
    """A place on the list, and whom it means: one for certain, or candidates with a doubt."""

    index: int
    entry: Entry
    candidates: tuple[Candidate, ...]
    doubt: Doubt | None

    @property
    def is_sure(self) -> bool:
        return self.doubt is None

    @property
    def asks(self) -> bool:
        """Whether somebody has to choose."""
        return bool(self.doubt and self.candidates)


class Preview(NamedTuple):
    """The list as it would be booked now."""

    places: list[Place]
    heads: list[str]
    is_cut: bool

    @property
    def sure(self) -> list[Place]:
        return [one for one in self.places if one.is_sure]

    @property
    def books(self) -> bool:
        """Whether there is anybody to be booked or chosen at all."""
        return any(one.candidates for one in self.places)

    @property
    def doubtful(self) -> list[Place]:
        return [one for one in self.places if one.asks or one.doubt in UNBOOKED]


class _Known(NamedTuple):
    """All that may be meant by any place, looked up together."""

    by_number: Mapping[str, Candidate]
    by_mobile: Mapping[tuple[str, str], Sequence[Candidate]]
    by_name: Mapping[str, Sequence[Candidate]]
    members: frozenset[int]
    welcome: frozenset[int]
    to_ask: frozenset[int]


def preview(text: str, team: Team) -> Preview:
    """The list of a chat group, each place with whom it means. A few statements, however long it is."""
    chain: Chain = parse(text)
    known = _lookup(chain.entries, team)
    taken: set[int] = set()
    places = []
    for index, entry in enumerate(chain.entries):
        candidates, doubt = _meant(entry, known)
        if doubt in (None, Doubt.DECLINES) and candidates[0].person_id in taken:
            doubt = Doubt.REPEAT
        if doubt is None:
            taken.add(candidates[0].person_id)
        shown = candidates if doubt in (None, Doubt.SEVERAL, Doubt.MISMATCH, Doubt.DECLINES) else ()
        places.append(Place(index, entry, shown, doubt))
    return Preview(places, chain.heads, chain.is_cut)


def _meant(entry: Entry, known: _Known) -> tuple[tuple[Candidate, ...], Doubt | None]:
    """Who is meant, and what speaks against booking her at once."""
    if not entry.name and not entry.number:
        return (), Doubt.NO_NAME
    if entry.is_repeat:
        return (), Doubt.REPEAT
    found, mismatch = _found(entry, known)
    if not found:
        return (), Doubt.MISMATCH if mismatch else Doubt.UNKNOWN
    new = tuple(one for one in found if one.person_id not in known.members)
    if not new or (len(found) == 1 and not new):
        return (), Doubt.MEMBER
    welcome = tuple(one for one in new if one.person_id in known.welcome)
    if not welcome:
        return (), Doubt.YOUNG
    welcome = tuple(one for one in welcome if one.person_id not in known.to_ask)
    if not welcome:
        return (), Doubt.ASK
    if mismatch or len(found) > 1:
        return welcome, Doubt.MISMATCH if mismatch else Doubt.SEVERAL
    return welcome, Doubt.DECLINES if entry.declines else None


def _found(entry: Entry, known: _Known) -> tuple[Sequence[Candidate], bool]:
    """Candidates, and whether a number or mobile that was given is somebody else's or nobody's."""
    names = _names(entry)
    if entry.number:
        hers = known.by_number.get(entry.number)
        if hers is not None and hers.name in names:
            return [hers], False
    if entry.mobile:
        for name in names:
            if theirs := known.by_mobile.get((name, entry.mobile)):
                return theirs, False
    for name in names:
        if theirs := known.by_name.get(name):
            return theirs, bool(entry.number or entry.mobile)
    return [], bool(entry.number)


def _names(entry: Entry) -> list[str]:
    """代小明 is called so, or somebody reported 小明."""
    return [entry.name, entry.name[1:]] if entry.name.startswith("代") and len(entry.name) > 2 else [entry.name]


# ── looking up ──────────────────────────────────────────────────────────────────────────────────────
def _lookup(entries: Sequence[Entry], team: Team) -> _Known:
    names = sorted({name for entry in entries for name in _names(entry) if name})
    numbers = sorted({entry.number for entry in entries if entry.number})
    mobiles = sorted({entry.mobile for entry in entries if entry.mobile})
    in_house = _in_organisation(names, team)
    numbered = _people(Person.volunteer_no.in_(some) for some in pieces(numbers))
    by_mobile = _with_mobile(names, mobiles)
    ids = {one.person_id for group in (in_house, numbered, *by_mobile.values()) for one in group}
    return _Known(
        by_number={one.number: one for one in numbered},
        by_mobile=by_mobile,
        by_name=_by_name(in_house),
        members=frozenset(_members_among(sorted(ids), team)),
        welcome=frozenset(_welcome_among(sorted(ids), team)),
        to_ask=frozenset(must_be_asked(sorted(ids), team, today=clock.today())),
    )


def _people(conditions: Iterable[object]) -> list[Candidate]:
    found = select(Person.id, Person.name, Person.volunteer_no).where(Person.is_open, Person.volunteer_no.is_not(None))
    rows = [row for one in conditions for row in db.session.execute(found.where(one))]  # type: ignore[arg-type]
    return [Candidate(row.id, row.name, row.volunteer_no, "") for row in rows]


def _in_organisation(names: Sequence[str], team: Team) -> list[Candidate]:
    """Volunteers of these names in teams of the same organisation, with the teams' names."""
    house = (
        select(Person.id, Person.name, Person.volunteer_no, Team.name.label("team"))
        .join(Membership, Membership.person_id == Person.id)
        .join(Team, Team.id == Membership.team_id)
        .where(Team.organisation_id == team.organisation_id, belongs(clock.today()), Person.is_open)
        .where(Person.volunteer_no.is_not(None))
        .order_by(Person.volunteer_no, Team.name)
    )
    found: dict[int, Candidate] = {}
    for some in pieces(names):
        for row in db.session.execute(house.where(Person.name.in_(some))):
            before = found.get(row.id)
            teams = f"{before.teams}、{row.team}" if before else row.team
            found[row.id] = Candidate(row.id, row.name, row.volunteer_no, teams)
    return list(found.values())


def _by_name(people: Iterable[Candidate]) -> dict[str, list[Candidate]]:
    grouped: dict[str, list[Candidate]] = {}
    for one in people:
        grouped.setdefault(one.name, []).append(one)
    return grouped


def _with_mobile(names: Sequence[str], mobiles: Sequence[str]) -> dict[tuple[str, str], list[Candidate]]:
    """Volunteers by name and mobile: both must be right."""
    digests = {Address(Kind.MOBILE, mobile).digest: mobile for mobile in mobiles}
    whose = (
        select(Contact.digest, Person.id, Person.name, Person.volunteer_no)
        .join(Person, Person.id == Contact.person_id)
        .where(Contact.kind == Kind.MOBILE.value, Person.is_open, Person.volunteer_no.is_not(None))
        .order_by(Person.volunteer_no)
    )
    grouped: dict[tuple[str, str], list[Candidate]] = {}
    for some in pieces(sorted(digests)):
        for row in db.session.execute(whose.where(Contact.digest.in_(some))):
            if row.name in names:
                key = (row.name, digests[row.digest])
                grouped.setdefault(key, []).append(Candidate(row.id, row.name, row.volunteer_no, ""))
    return grouped


def _members_among(ids: Sequence[int], team: Team) -> set[int]:
    here = select(Membership.person_id).where(Membership.team_id == team.id, belongs(clock.today()))
    return {one for some in pieces(ids) for one in db.session.scalars(here.where(Membership.person_id.in_(some)))}


def _welcome_among(ids: Sequence[int], team: Team) -> set[int]:
    """Those who may belong: in good standing, and for rescue work by their year of birth grown up for certain."""
    years = {one: year for some in pieces(ids) for one, year in volunteers_among(some).items()}
    if card_of(team).what is not TeamKind.RESCUE:
        return set(years)
    latest = clock.today().year - 19
    return {one for one, year in years.items() if year is None or year <= latest}
