from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select

from portal.bulk import pieces
from portal.contacts.models import Contact
from portal.contacts.models import Kind as ContactKind
from portal.db import db, made_once, rows
from portal.notices.kinds import Channel, Kind, Way, sentence_of, title_of
from portal.notices.models import Notice, Preference
from portal.people.models import Person

PER_PAGE = 25
MANY = 500
"""From so many people on, what everybody chose is read instead of asking for each of them."""

CONTACTS = {Channel.MAIL: ContactKind.EMAIL, Channel.SMS: ContactKind.MOBILE}


class Line(NamedTuple):
    """A notice on the list."""

    id: int
    title: str
    sentence: str
    at: datetime
    is_read: bool


class Page(NamedTuple):
    """A page of notices, the newest first. `older` asks for what came before them."""

    lines: list[Line]
    older: int | None


@made_once
def _list(only_unread: bool, has_before: bool) -> Select[*tuple[Any, ...]]:
    own = select(Notice.id, Notice.kind, Notice.values, Notice.at, Notice.read_at)
    own = own.where(Notice.person_id == bindparam("person"))
    own = own.where(Notice.read_at.is_(None)) if only_unread else own
    own = own.where(Notice.id < bindparam("before")) if has_before else own
    return own.order_by(Notice.id.desc()).limit(PER_PAGE + 1)


def notices_of(person: Person, *, only_unread: bool = False, before: int | None = None) -> Page:
    """Her notices, one page of them."""
    known = {"person": person.id} if before is None else {"person": person.id, "before": before}
    found = rows(_list(only_unread, before is not None), known).all()
    lines = [
        Line(one.id, title_of(one.kind), sentence_of(one.kind, one[2]), one.at, one.read_at is not None)
        for one in found[:PER_PAGE]
    ]
    return Page(lines, lines[-1].id if len(found) > PER_PAGE else None)


def notice_of(person: Person, notice_id: int) -> Notice | None:
    """One of her own."""
    return db.session.scalar(select(Notice).where(Notice.id == notice_id, Notice.person_id == person.id))


# ── what people chose ───────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Ways:
    """How each of some people is told of one kind."""

    kind: Kind
    chosen: Mapping[tuple[int, str], Way]

    def of(self, person_id: int, channel: Channel) -> Way:
        usual = self.kind.usual(channel)
        return usual if self.kind.is_needed else self.chosen.get((person_id, channel), usual)


_CHOSEN = select(Preference.person_id, Preference.channel, Preference.way).where(Preference.kind == bindparam("name"))
_CHOSEN_BY_SOME = _CHOSEN.where(Preference.person_id.in_(bindparam("people", expanding=True)))


def ways_of(people: Collection[int], kind: Kind) -> Ways:
    """What these people chose for this kind; one statement, however many they are."""
    if kind.is_needed:
        return Ways(kind, {})
    known = {"name": kind.name}
    found = rows(_CHOSEN, known) if len(people) > MANY else rows(_CHOSEN_BY_SOME, known | {"people": sorted(people)})
    return Ways(kind, {(one.person_id, one.channel): Way(one.way) for one in found})


def chosen_by(person: Person) -> dict[tuple[str, Channel], Way]:
    """All that she chose herself."""
    found = db.session.scalars(select(Preference).where(Preference.person_id == person.id))
    return {(one.kind, Channel(one.channel)): Way(one.way) for one in found}


def addresses_of(people: Collection[int], channel: Channel) -> dict[int, str]:
    """Where letters go: the first contact that each of these has proved to be hers. No account that is closed."""
    found: dict[int, str] = {}
    proved = (Contact.kind == CONTACTS[channel].value, Contact.verified_at.is_not(None), Person.is_open)
    own = select(Contact.person_id, Contact.value).join(Person, Person.id == Contact.person_id).where(*proved)
    for some in pieces(sorted(people)):
        for person_id, value in db.session.execute(own.where(Contact.person_id.in_(some)).order_by(Contact.id)):
            found.setdefault(person_id, value)
    return found


# ── the day's letter ────────────────────────────────────────────────────────────────────────────────
def next_for_digest(after: int, *, most: int) -> list[int]:
    """The next people for whom something waits for the day's letter."""
    waits = select(Notice.person_id).where(Notice.for_digest, Notice.person_id > after)
    return list(db.session.scalars(waits.group_by(Notice.person_id).order_by(Notice.person_id).limit(most)))


def waiting_for_digest(people: Collection[int]) -> list[Notice]:
    """What waits for these people, in the order in which it happened."""
    waits = select(Notice).where(Notice.for_digest, Notice.person_id.in_(people))
    return list(db.session.scalars(waits.order_by(Notice.person_id, Notice.id).with_for_update()))


def mail_ways(people: Collection[int]) -> dict[tuple[int, str], Way]:
    """What these people chose for mail, by person and kind."""
    chosen = select(Preference).where(Preference.person_id.in_(people), Preference.channel == Channel.MAIL.value)
    return {(one.person_id, one.kind): Way(one.way) for one in db.session.scalars(chosen)}
