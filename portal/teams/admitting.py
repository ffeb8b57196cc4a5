"""The one way into a team: whoever comes by a link, by asking, by a list or on loan passes the same questions."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.actor import Actor
from portal.bulk import pieces
from portal.db import DETACHED, db
from portal.identity import age_on
from portal.orgs.actions import AlreadyMember, join
from portal.orgs.bulk_actions import Joining, join_many
from portal.orgs.models import Membership, Team
from portal.orgs.queries import belongs
from portal.people.models import Person
from portal.problems import ChangedMeanwhile, DomainError
from portal.profiles.queries import profile_of
from portal.teams.models import JoinRequest, TeamKind, Wish
from portal.teams.queries import card_of, is_closed, volunteers_among
from portal.words import _l

GROWN_UP = 18
"""Years. Nobody younger does rescue work (志愿服务条例 and the alliance's own rule for minors)."""


class TeamClosed(DomainError):
    """The team takes nobody any more."""


class NoVolunteer(DomainError):
    """Only volunteers in good standing belong to teams."""


class NotAsked(DomainError):
    """Nobody becomes a member of an organisation that is new to her without her yes: its admin may see her file."""


class TooYoung(DomainError):
    """Nobody under age does rescue work."""


def admit(person: Person, team: Team, *, by: Actor, at: datetime, until: date | None = None) -> Membership:
    """Make the person a member from today on, up to a day if she is lent.

    Raises TeamClosed, NoVolunteer, TooYoung, AlreadyMember.
    """
    hold_open(team)
    require_may_belong(person, team, today=at.date())
    end_overdue([person.id], team, at=at)
    try:
        with db.session.begin_nested():
            membership = join(person, team, by=by, at=at)
    except IntegrityError as twice:
        raise AlreadyMember(_l("%(name)s已经是这个队的队员。", name=person.name)) from twice
    membership.until = until
    take_back_requests([person.id], team, by=by, at=at)
    db.session.flush()
    return membership


def admit_many(people: Sequence[Person], team: Team, *, by: Actor, at: datetime) -> None:
    """The same for many, in a few statements. Whoever may not belong has been left out before. Raises DomainError."""
    hold_open(team)
    ids = [person.id for person in people]
    end_overdue(ids, team, at=at)
    try:
        with db.session.begin_nested():
            join_many([Joining(person, team.id) for person in people], by=by, at=at)
    except IntegrityError as twice:
        raise ChangedMeanwhile(_l("刚刚有人也在登记这个队的队员，请再看一遍。")) from twice
    take_back_requests(ids, team, by=by, at=at)


def require_may_belong(person: Person, team: Team, *, today: date) -> None:
    """Raises NoVolunteer, TooYoung."""
    if person.id not in volunteers_among([person.id]):
        raise NoVolunteer(_l("%(name)s还不是在册的志愿者，先完成注册。", name=person.name))
    if card_of(team).what is TeamKind.RESCUE and is_under_age(person.id, today=today):
        raise TooYoung(_l("救援队不收未满 18 周岁的志愿者。"))


def must_be_asked(people: Sequence[int], team: Team, *, today: date) -> set[int]:
    """Those who can say yes themselves and belong to no team of this organisation: they come by link or by asking."""
    at_home = select(Membership.person_id).join(Team, Team.id == Membership.team_id)
    at_home = at_home.where(Team.organisation_id == team.organisation_id, belongs(today))
    can_act = select(Person.id).where(Person.password_hash.is_not(None), Person.id.not_in(at_home))
    return {one for some in pieces(people) for one in db.session.scalars(can_act.where(Person.id.in_(some)))}


def is_under_age(person_id: int, *, today: date) -> bool:
    """As far as her file says; without a day of birth nobody is taken for a child."""
    profile = profile_of(person_id)
    if profile is None or profile.birth_year is None or profile.birth_year < today.year - GROWN_UP:
        return False
    if profile.birthday is None:
        return profile.birth_year > today.year - GROWN_UP
    return age_on(today, born_on=profile.birthday) < GROWN_UP


def hold_open(team: Team) -> None:
    """Nobody closes the team until the transaction ends. Raises TeamClosed."""
    db.session.execute(select(Team.id).where(Team.id == team.id).with_for_update(read=True))
    require_open(team)


def require_open(team: Team) -> None:
    """Raises TeamClosed."""
    if is_closed(team.id):
        raise TeamClosed(_l("「%(team)s」已经停办，不再收队员、办活动。", team=team.name))


def end_overdue(people: Sequence[int], team: Team, *, at: datetime) -> None:
    """Loans that are over and that no job has ended yet: their memberships must not stand in the way."""
    over = update(Membership).where(
        Membership.team_id == team.id, Membership.person_id.in_(people), Membership.left_on.is_(None)
    )
    over = over.where(Membership.until.is_not(None), Membership.until < at.date())
    db.session.execute(over.values(left_on=Membership.until), execution_options=DETACHED)


def take_back_requests(people: Sequence[int], team: Team, *, by: Actor, at: datetime) -> None:
    """Whoever came in by another way waits for no answer any more."""
    waits = update(JoinRequest).where(
        JoinRequest.team_id == team.id, JoinRequest.person_id.in_(people), JoinRequest.status == Wish.WAITING.value
    )
    decided = waits.values(status=Wish.WITHDRAWN.value, decided_at=at, decided_by_id=by.id)
    db.session.execute(decided, execution_options=DETACHED)
