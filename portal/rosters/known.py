"""Who of some rows is known to the portal already, asked in a few statements for all of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from portal.bulk import pieces
from portal.contacts.models import Contact
from portal.joining.models import Application, State
from portal.orgs.models import Membership, Team
from portal.orgs.queries import belongs
from portal.people.models import Person
from portal.privacy import mask_address
from portal.profiles.models import Choice, Profile, Status, Topic
from portal.rosters.rows import Someone

FILED = (
    "status", "gender", "born_on", "id_kind", "id_number", "id_digest", "area", "address", "health", "ethnic",
    "party", "guardian_name", "guardian_mobile", "guardian_relation",
)  # fmt: skip
"""What a row may change of a personal file, and where she stands."""


@dataclass
class KnownPerson:
    """Somebody whom the portal knows. `filed` is None where she has no personal file; `contacts`: digest → masked.

    `is_seen`: whoever brings the roster may open her file.
    """

    id: int
    name: str
    number: str | None
    is_open: bool
    is_seen: bool
    filed: dict[str, Any] | None = None
    contacts: dict[str, str] = field(default_factory=dict)
    teams: set[int] = field(default_factory=set)
    chosen: dict[Topic, tuple[str, ...]] = field(default_factory=dict)

    def of(self, name: str) -> Any:
        """A column of her file."""
        return self.filed[name] if self.filed else None

    @property
    def status(self) -> Status:
        return Status(self.filed["status"]) if self.filed else Status.ACTIVE


class Known:
    """What the portal knows of the people of some rows. `organisation_id` bounds whom the importer may see."""

    def __init__(
        self,
        rows: Sequence[Someone],
        *,
        organisation_id: int | None,
        today: date,
        session: Session,
        also: Iterable[int] = (),
    ) -> None:
        self._session, self._today = session, today
        self._by_number: dict[str, int] = {}
        self._by_paper: dict[str, list[int]] = {}
        self._by_reach: dict[str, list[int]] = {}
        self._by_birth: dict[tuple[str, str], list[int]] = {}
        self._find(rows)
        found = {*self._by_number.values(), *also}
        for ids in (*self._by_paper.values(), *self._by_reach.values(), *self._by_birth.values()):
            found.update(ids)
        self.people = self._loaded(sorted(found), organisation_id)

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────
    def numbered(self, number: str | None) -> KnownPerson | None:
        found = self._by_number.get(number) if number else None
        return self.people.get(found) if found else None

    def with_paper(self, digest: str | None) -> list[KnownPerson]:
        """Volunteers with this paper, and applicants whom somebody else entered: a stranger may type any number."""
        return [self.people[one] for one in self._by_paper.get(digest or "", ())]

    def reached(self, one: Someone) -> list[KnownPerson]:
        """People of the same name with one of the same contacts; for a row without any, of the same birthday."""
        if not one.contacts:
            born_on = one.details.born_on
            ids = self._by_birth.get((one.name, born_on.isoformat()), []) if born_on else []
        else:
            ids = [person for address in one.contacts for person in self._by_reach.get(address.digest, ())]
        alike = (self.people[person] for person in dict.fromkeys(ids))
        return [person for person in alike if person.name == one.name]

    # ── finding ─────────────────────────────────────────────────────────────────────────────────────
    def _find(self, rows: Sequence[Someone]) -> None:
        numbers = (one.number for one in rows if one.number)
        for number, person in self._each(_BY_NUMBER, numbers):
            self._by_number[number] = person
        for digest, person in self._each(_BY_PAPER, (one.paper_digest for one in rows if one.paper_digest)):
            self._by_paper.setdefault(digest, []).append(person)
        for digest, person in self._each(_BY_REACH, (way.digest for one in rows for way in one.contacts)):
            self._by_reach.setdefault(digest, []).append(person)
        nameless = (one.name for one in rows if not (one.number or one.contacts) and one.details.born_on)
        for name, born_on, person in self._each(_BY_BIRTH, nameless):
            self._by_birth.setdefault((name, born_on), []).append(person)

    def _each(self, statement: Select[*tuple[Any, ...]], values: Iterable[Any]) -> Iterator[Any]:
        """What a statement finds for these values, so many at a time."""
        for some in pieces(sorted(set(values))):
            yield from self._session.connection().execute(statement, {"some": list(some), "today": self._today})

    def _loaded(self, ids: Sequence[int], organisation_id: int | None) -> dict[int, KnownPerson]:
        seen = set(ids) if organisation_id is None else {row[0] for row in self._each(_seen(organisation_id), ids)}
        people: dict[int, KnownPerson] = {}
        for person, name, number, is_open in self._each(_PEOPLE, ids):
            people[person] = KnownPerson(person, name, number, is_open, is_seen=person in seen)
        for person, *filed in self._each(_FILES, ids):
            people[person].filed = dict(zip(FILED, filed, strict=True))
        for person, digest, value in self._each(_CONTACTS, ids):
            people[person].contacts[digest] = mask_address(value)
        for person, team in self._each(_TEAMS, ids):
            people[person].teams.add(team)
        for person, topic, word in self._each(_CHOICES, ids):
            chosen = people[person].chosen
            chosen[Topic(topic)] = (*chosen.get(Topic(topic), ()), word)
        return people


_SOME: Any = bindparam("some", expanding=True)
_ENTERED = or_(Profile.status.not_in((Status.APPLIED.value, Status.REFUSED.value)), Profile.entered_by_id.is_not(None))
_BY_NUMBER = select(Person.volunteer_no, Person.id).where(Person.volunteer_no.in_(_SOME))
_BY_PAPER = select(Profile.id_digest, Profile.person_id).where(Profile.id_digest.in_(_SOME), _ENTERED)
_BY_REACH = select(Contact.digest, Contact.person_id).where(Contact.digest.in_(_SOME)).order_by(Contact.person_id)
_BY_BIRTH = (
    select(Person.name, Profile.born_on, Person.id)
    .join(Profile, Profile.person_id == Person.id)
    .where(Person.name.in_(_SOME), Profile.born_on.is_not(None))
    .order_by(Person.id)
)
_PEOPLE = select(Person.id, Person.name, Person.volunteer_no, Person.is_open).where(Person.id.in_(_SOME))
_FILES = select(Profile.person_id, *(getattr(Profile, name) for name in FILED)).where(Profile.person_id.in_(_SOME))
_CONTACTS = select(Contact.person_id, Contact.digest, Contact.value).where(Contact.person_id.in_(_SOME))
_TEAMS = select(Membership.person_id, Membership.team_id).where(
    Membership.person_id.in_(_SOME), Membership.left_on.is_(None)
)
_CHOICES = (
    select(Choice.person_id, Choice.topic, Choice.word)
    .where(Choice.person_id.in_(_SOME), Choice.topic != Topic.TIME.value)
    .order_by(Choice.person_id, Choice.topic, Choice.word)
)


def _seen(organisation_id: int) -> Select[int]:
    """Whom the organisation knows: who belongs to one of its teams, or asks to."""
    members = select(Membership.person_id).join(Team, Team.id == Membership.team_id)
    there = members.where(
        Membership.person_id.in_(_SOME), Team.organisation_id == organisation_id, belongs(bindparam("today"))
    )
    asking = select(Application.person_id).where(
        and_(Application.person_id.in_(_SOME), Application.wish_organisation_id == organisation_id),
        Application.status == State.WAITING.value,
    )
    return there.union(asking)  # type: ignore[return-value] # a compound of selects is executed like one
