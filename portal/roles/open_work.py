"""What is open for somebody who leaves: what she began and nobody else would see to."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import func, select

from portal import clock
from portal.activities.models import OPEN_TO_CHANGE, Activity
from portal.activities.models import Status as ActivityStatus
from portal.db import rows
from portal.funds.models import Fund
from portal.hours.models import Claim
from portal.hours.models import Status as ClaimStatus
from portal.lists.models import DonationImport, ImportStatus
from portal.people.models import Grant, Person, Role
from portal.roles.queries import others_with
from portal.roles.scopes import names_of

_ALONE = (Role.TEAM_LEADER, Role.ORGANISATION_ADMIN, Role.CASHIER, Role.ACCOUNTANT, Role.COUNCIL, Role.ADMIN)
"""Roles without whose holder something stands still."""

_DECIDES = (Role.ORGANISATION_ADMIN, Role.REVIEWER)
MOST = 20


class Open(NamedTuple):
    """Activities by name, lists by number and fund."""

    drafts: list[tuple[int, str]]
    waiting: list[tuple[int, str]]
    unfinished_lists: list[tuple[int, str]]
    handed_lists: list[tuple[int, str]]
    alone: list[tuple[Role, str]]
    undecided: list[tuple[str, int]]

    @property
    def is_anything(self) -> bool:
        return any(self)


def open_for(person: Person) -> Open:
    """At most 20 of a kind. `alone`: roles that nobody else has there; `undecided`: hours that wait for her alone."""
    return Open(
        drafts=_activities(person, *OPEN_TO_CHANGE),
        waiting=_activities(person, ActivityStatus.WAITING),
        unfinished_lists=_lists(person, ImportStatus.READING, ImportStatus.PREVIEW),
        handed_lists=_lists(person, ImportStatus.WAITING),
        alone=list(_alone(person)),
        undecided=list(_undecided(person)),
    )


def _activities(person: Person, *statuses: ActivityStatus) -> list[tuple[int, str]]:
    hers = (Activity.drafted_by_id == person.id, Activity.status.in_(statuses))
    found = select(Activity.id, Activity.name).where(*hers).order_by(Activity.starts_at, Activity.id).limit(MOST)
    return [(row.id, row.name) for row in rows(found)]


def _lists(person: Person, *statuses: ImportStatus) -> list[tuple[int, str]]:
    hers = (DonationImport.uploaded_by_id == person.id, DonationImport.status.in_(statuses))
    found = select(DonationImport.id, Fund.name).join(Fund, Fund.id == DonationImport.fund_id).where(*hers)
    return [(row.id, row.name) for row in rows(found.order_by(DonationImport.id).limit(MOST))]


def _alone(person: Person) -> Iterator[tuple[Role, str]]:
    held = [one for one in _own(person) if one.role in _ALONE]
    names = names_of(one.scope for one in held)
    for one in held:
        if not others_with([Role(one.role)], one.scope, but=person.id):
            yield Role(one.role), names[one.scope]


def _undecided(person: Person) -> Iterator[tuple[str, int]]:
    held = {one.scope for one in _own(person) if one.role in _DECIDES and one.scope.kind == "organisation"}
    names = names_of(held)
    for scope in sorted(held):
        waits = (Claim.organisation_id == scope.id, Claim.status == ClaimStatus.WAITING)
        count = rows(select(func.count()).select_from(Claim).where(*waits)).scalar_one()
        if count and not others_with(_DECIDES, scope, but=person.id):
            yield names[scope], int(count)


def _own(person: Person) -> list[Grant]:
    """Her own roles, not those in which she stands in for somebody."""
    today = clock.today()
    return [one for one in person.grants if one.counts_on(today) and one.deputy_of_id is None]
