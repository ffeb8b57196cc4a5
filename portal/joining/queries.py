from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.db import db
from portal.identity import Gender, age_on
from portal.joining.models import Application, State
from portal.joining.policy import organisations_decided_by, sees_everywhere
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.queries import belongs
from portal.people.models import Grant, Person, Role
from portal.profiles.models import Profile
from portal.search import holds
from portal.web.forms import number_in
from portal.web.tables import Listing


class Line(NamedTuple):
    """A row of the queue: the application with its person and wish, and her file."""

    application: Application
    profile: Profile

    @property
    def person(self) -> Person:
        return self.application.person

    @property
    def gender(self) -> Gender | None:
        return Gender(self.profile.gender) if self.profile.gender else None

    def age(self, today: date) -> int | None:
        """Whole years."""
        return age_on(today, born_on=self.profile.birthday) if self.profile.birthday else None


def application_by_id(application_id: int) -> Application | None:
    return db.session.get(Application, application_id)


def open_application_of(person_id: int) -> Application | None:
    """The one that waits."""
    waits = (Application.person_id == person_id, Application.status == State.WAITING.value)
    return db.session.scalar(select(Application).where(*waits))


def last_application_of(person_id: int) -> Application | None:
    hers = select(Application).where(Application.person_id == person_id)
    return db.session.scalar(hers.order_by(Application.id.desc()).limit(1))


def applications_with(file_id: int) -> list[Application]:
    """Those that rest on a photo."""
    return list(db.session.scalars(select(Application).where(Application.paper_id == file_id)))


def count_waiting(viewer: Person) -> int:
    """How many applications wait for this person's decision."""
    theirs = (_decided_by(viewer), Application.person_id != viewer.id, Application.status == State.WAITING.value)
    return db.session.scalar(select(func.count(Application.id)).where(*theirs)) or 0


def list_applications(viewer: Person, listing: Listing) -> tuple[Listing, list[Line]]:
    """The page of the queue that the listing asks for; what waits longest comes first."""
    wanted = _wanted(viewer, listing)
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    listing = listing.counted(total)
    order = Application.applied_at, Application.id
    if listing.sort == "-date":
        order = Application.applied_at.desc(), Application.id.desc()  # type: ignore[assignment]
    ids = db.session.scalars(wanted.order_by(*order).offset(listing.offset).limit(listing.per_page)).all()
    return listing, lines_of(ids)


def lines_of(ids: Sequence[int]) -> list[Line]:
    """The rows of these applications, in this order."""
    wanted = (
        select(Application, Profile)
        .join(Profile, Profile.person_id == Application.person_id)
        .where(Application.id.in_(ids))
        .options(joinedload(Application.person), joinedload(Application.organisation), joinedload(Application.team))
        .options(joinedload(Application.applied_by), joinedload(Application.decided_by))
    )
    found = {row[0].id: Line(*row) for row in db.session.execute(wanted)}
    return [found[one] for one in ids if one in found]


def organisations_asked(viewer: Person) -> list[tuple[str, str]]:
    """The organisations that this viewer's applications wish to join, for the filter."""
    wished = select(Application.wish_organisation_id).where(_seen_by(viewer)).distinct()
    named = select(Organisation.id, Organisation.name).where(Organisation.id.in_(wished)).order_by(Organisation.name)
    return [(str(one.id), one.name) for one in db.session.execute(named)]


def organisations_of(person_id: int) -> frozenset[int]:
    """The organisations of the teams that somebody belongs to now."""
    hers = select(Team.organisation_id).join(Membership, Membership.team_id == Team.id)
    return frozenset(db.session.scalars(hers.where(Membership.person_id == person_id, belongs(clock.today()))))


def memberships_of(person_id: int) -> list[Membership]:
    """Those that have not ended."""
    hers = select(Membership).where(Membership.person_id == person_id, belongs(clock.today()))
    return list(db.session.scalars(hers.options(joinedload(Membership.team)).order_by(Membership.id)))


def volunteer_grants_of(person_id: int, *, on: date) -> list[Grant]:
    """By which she may log hours, in whatever scope."""
    counts = or_(Grant.ends_on.is_(None), Grant.ends_on >= on)
    hers = (Grant.person_id == person_id, Grant.role == Role.VOLUNTEER.value, counts)
    return list(db.session.scalars(select(Grant).where(*hers).order_by(Grant.id)))


def _wanted(viewer: Person, listing: Listing) -> Select[int]:
    wanted = select(Application.id).join(Person, Person.id == Application.person_id).where(_seen_by(viewer))
    state = listing.extra.get("state", State.WAITING.value)
    if state in set(State):
        wanted = wanted.where(Application.status == state)
    if (organisation := number_in(listing.extra.get("organisation"))) is not None:
        wanted = wanted.where(Application.wish_organisation_id == organisation)
    if listing.q:
        wanted = wanted.where(holds(listing.q, Person.name, Person.volunteer_no))
    return wanted


def _seen_by(viewer: Person) -> ColumnElement[bool]:
    return Application.id.is_not(None) if sees_everywhere(viewer) else _decided_by(viewer)


def _decided_by(viewer: Person) -> ColumnElement[bool]:
    decided = organisations_decided_by(viewer)
    if decided is None:
        return Application.id.is_not(None)
    return and_(Application.wish_organisation_id.in_(decided)) if decided else false()
