"""Entries that may be one person's, and what each of two holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased, joinedload

from portal.badges.models import Badge
from portal.contacts.models import Contact
from portal.contacts.queries import contacts_of
from portal.db import db
from portal.hours.queries import HoursSummary, hours_summary
from portal.merging.models import Apart, Merge
from portal.orgs.queries import OwnTeam, teams_of
from portal.people.models import Person
from portal.people.policy import grants_today
from portal.profiles.models import Profile
from portal.profiles.queries import profile_of
from portal.receipts.models import KeptReceipt
from portal.words import Words, _l

Pairs = Select[*tuple[Person, Person]]

MOST = 100
"""Suggestions of a kind."""


class Suggestion(NamedTuple):
    """Two entries that look like one person, and why."""

    one: Person
    other: Person
    why: Words


@dataclass(frozen=True)
class Entry:
    """What the page shows of one of two, before they become one."""

    person: Person
    profile: Profile | None
    contacts: list[Contact]
    teams: list[OwnTeam]
    hours: HoursSummary
    roles: list[Words]
    cards: int
    receipts: int


_One, _Other = aliased(Person), aliased(Person)
_OneFile, _OtherFile = aliased(Profile), aliased(Profile)
_OneContact, _OtherContact = aliased(Contact), aliased(Contact)


def suggestions() -> list[Suggestion]:
    """Pairs that nobody has told apart yet, the surest first; each once, at most MOST of a kind."""
    found: dict[tuple[int, int], Suggestion] = {}
    for why, pairs in _ways():
        for one, other in db.session.execute(pairs.limit(MOST)):
            found.setdefault((one.id, other.id), Suggestion(one, other, why))
    return list(found.values())


def _ways() -> Iterator[tuple[Words, Pairs]]:
    same_paper = and_(_OneFile.id_digest == _OtherFile.id_digest, _OneFile.person_id < _OtherFile.person_id)
    yield _l("同一个证件号码"), _people(select(_One, _Other).select_from(_OneFile), _OtherFile, same_paper, _OneFile)
    same_contact = and_(
        _OneContact.kind == _OtherContact.kind,
        _OneContact.digest == _OtherContact.digest,
        _OneContact.person_id < _OtherContact.person_id,
    )
    reached = _people(select(_One, _Other).select_from(_OneContact), _OtherContact, same_contact, _OneContact)
    yield _l("同名，联系方式一样"), reached.where(_One.name == _Other.name).distinct()
    same_year = and_(_OneFile.birth_year == _OtherFile.birth_year, _OneFile.person_id < _OtherFile.person_id)
    same_place = and_(same_year, _OneFile.area == _OtherFile.area, _OneFile.gender == _OtherFile.gender)
    born = _people(select(_One, _Other).select_from(_OneFile), _OtherFile, same_place, _OneFile)
    yield _l("同名、同年出生、住同一个地方"), born.where(_One.name == _Other.name)


def _people(pairs: Pairs, other: Any, same: ColumnElement[bool], one: Any) -> Pairs:
    """The pairs with their people, without those that are told apart or merged already."""
    told = select(Apart.one_id).where(Apart.one_id == one.person_id, Apart.other_id == other.person_id).exists()
    merged = select(Merge.id).where(
        Merge.undone_at.is_(None), or_(Merge.twin_id == one.person_id, Merge.twin_id == other.person_id)
    )
    return (
        pairs.join(other, same)
        .join(_One, _One.id == one.person_id)
        .join(_Other, _Other.id == other.person_id)
        .where(~told, ~merged.exists())
        .order_by(_One.id, _Other.id)
    )


def entry_of(person: Person) -> Entry:
    """All that a decision on a merge hangs on."""
    return Entry(
        person=person,
        profile=profile_of(person.id),
        contacts=contacts_of(person.id),
        teams=teams_of(person),
        hours=hours_summary(person),
        roles=[grant.label for grant in grants_today(person)],
        cards=len(cards_of(person.id)),
        receipts=len(receipts_of(person.id)),
    )


def cards_of(person_id: int) -> Sequence[Badge]:
    """Her cards that open something."""
    hers = select(Badge).where(Badge.person_id == person_id, Badge.revoked_at.is_(None)).options(joinedload(Badge.team))
    return db.session.scalars(hers).all()


def receipts_of(person_id: int) -> set[int]:
    """Which confirmations she keeps."""
    return set(db.session.scalars(select(KeptReceipt.receipt_id).where(KeptReceipt.person_id == person_id)))


def merge_of(twin_id: int) -> Merge | None:
    """The merge by which an entry is a part of another now."""
    return db.session.scalar(select(Merge).where(Merge.twin_id == twin_id, Merge.undone_at.is_(None)))


def merge_by_id(merge_id: int) -> Merge | None:
    return db.session.get(Merge, merge_id)


def merged_into(person_id: int) -> list[int]:
    """The entries that are a part of this one now."""
    now = select(Merge.twin_id).where(Merge.into_id == person_id, Merge.undone_at.is_(None))
    return list(db.session.scalars(now.order_by(Merge.id)))


def recent_merges(*, most: int = MOST) -> list[Merge]:
    """The newest first, undone ones too."""
    people = (joinedload(Merge.twin), joinedload(Merge.into), joinedload(Merge.by))
    return list(db.session.scalars(select(Merge).options(*people).order_by(Merge.id.desc()).limit(most)))
