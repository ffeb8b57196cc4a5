"""Messages of a leader to all members. Whom nothing reaches but a voice stands on a list to be called."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.orm import joinedload

from portal import clock
from portal.audit import record
from portal.bulk import insert_rows
from portal.contacts.models import Contact
from portal.db import DETACHED, db
from portal.orgs.models import Membership, Team
from portal.orgs.queries import belongs
from portal.people.models import Person
from portal.problems import DomainError
from portal.profiles.models import Profile
from portal.profiles.queries import not_called_on
from portal.teams.models import Message, Recipient
from portal.teams.telling import MESSAGE, tell_of_team
from portal.words import _l

LONGEST_SUBJECT, LONGEST_TEXT = 40, 600
MOST_A_DAY = 3
"""Messages of one team within 24 hours: a team that calls all the time is heard by nobody."""


class Reach(NamedTuple):
    """How many a message goes to, and how many of them must be called."""

    people: int
    to_call: int


class Sent(NamedTuple):
    """A message on the list of those sent."""

    id: int
    subject: str
    sent_at: datetime
    by: str
    people: int
    opened: int
    to_call: int


class ToCall(NamedTuple):
    """Somebody to be called."""

    number: str | None
    name: str


def _members(team: Team) -> Select[int, bool]:
    """Whom a message goes to, each with whether she must be called: no account to see it by, no proved address.

    Whoever has paused is left alone.
    """
    is_proved = select(Contact.id).where(Contact.person_id == Person.id, Contact.verified_at.is_not(None)).exists()
    has_none = and_(Person.login.is_(None), ~is_proved)
    to_call = or_(has_none, func.coalesce(Profile.has_phone, True).is_(False))
    return (
        select(Person.id, to_call.label("to_call"))
        .join(Membership, Membership.person_id == Person.id)
        .outerjoin(Profile, Profile.person_id == Person.id)
        .where(Membership.team_id == team.id, belongs(clock.today()), Person.is_open, Person.id.not_in(not_called_on()))
    )


def reach_of(team: Team, *, but: Person) -> Reach:
    """Whom a message by this person would reach."""
    found = [to_call for person_id, to_call in db.session.execute(_members(team)) if person_id != but.id]
    return Reach(len(found), sum(map(bool, found)))


def send(team: Team, subject: str, text: str, *, by: Person, at: datetime) -> Message:
    """Write to all members, as each wants to be told. Raises DomainError."""
    # Two who send at once: the second counts the first.
    db.session.execute(select(Team.id).where(Team.id == team.id).with_for_update())
    _require_room(team, at=at)
    people = [(one, bool(to_call)) for one, to_call in db.session.execute(_members(team)) if one != by.id]
    if not people:
        raise DomainError(_l("这个队还没有别的队员。"))
    message = Message(team_id=team.id, subject=subject, text=text, sent_by_id=by.id, sent_at=at)
    db.session.add(message)
    db.session.flush()
    rows = [(message.id, person_id, to_call, None) for person_id, to_call in people]
    insert_rows(Recipient, ("message_id", "person_id", "to_call", "opened_at"), rows)
    record("teams.message.sent", message, by=by, at=at, team=team.id, count=len(people))
    url = f"/teams/{team.slug}/messages/{message.id}"
    tell_of_team([one for one, _ in people], MESSAGE, team, at=at, url=url, subject=subject)
    return message


def _require_room(team: Team, *, at: datetime) -> None:
    lately = select(func.count()).select_from(Message)
    lately = lately.where(Message.team_id == team.id, Message.sent_at > at - timedelta(days=1))
    if (db.session.scalar(lately) or 0) >= MOST_A_DAY:
        raise DomainError(_l("一个队 24 小时里最多发 %(most)d 条消息，请晚些再发。", most=MOST_A_DAY))


def list_sent(team: Team) -> list[Sent]:
    """The newest first, at most fifty, each with how many have opened it."""
    counts = (
        select(
            Recipient.message_id,
            func.count().label("people"),
            func.count(Recipient.opened_at).label("opened"),
            func.count().filter(Recipient.to_call).label("to_call"),
        )
        .join(Message, Message.id == Recipient.message_id)
        .where(Message.team_id == team.id)
        .group_by(Recipient.message_id)
        .subquery()
    )
    found = (
        select(
            *(Message.id, Message.subject, Message.sent_at, Person.name),
            *(counts.c.people, counts.c.opened, counts.c.to_call),
        )
        .join(Person, Person.id == Message.sent_by_id)
        .join(counts, counts.c.message_id == Message.id)
        .where(Message.team_id == team.id)
        .order_by(Message.id.desc())
    )
    return [Sent(*row) for row in db.session.execute(found.limit(50))]


def message_of(team: Team, message_id: int) -> Message | None:
    """One of the team's own, with who sent it."""
    own = (Message.id == message_id, Message.team_id == team.id)
    return db.session.scalar(select(Message).where(*own).options(joinedload(Message.sent_by)))


def went_to(message: Message, person: Person) -> bool:
    return db.session.get(Recipient, (message.id, person.id)) is not None


def opened(message_id: int, person_id: int, *, at: datetime) -> None:
    """She has it before her eyes; the first time counts."""
    first = update(Recipient).where(
        Recipient.message_id == message_id, Recipient.person_id == person_id, Recipient.opened_at.is_(None)
    )
    db.session.execute(first.values(opened_at=at), execution_options=DETACHED)


def to_call(message: Message) -> list[ToCall]:
    """Whom somebody must call, by volunteer number."""
    found = (
        select(Person.volunteer_no, Person.name)
        .join(Recipient, Recipient.person_id == Person.id)
        .where(Recipient.message_id == message.id, Recipient.to_call)
        .order_by(Person.volunteer_no, Person.id)
    )
    return [ToCall(*row) for row in db.session.execute(found)]
