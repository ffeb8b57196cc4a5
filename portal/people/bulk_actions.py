"""The bulk forms of entering people and giving roles: the same rows as one by one, in a few statements.

One audit line stands for a whole batch, with its count and what it is about, instead of one for each row.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from portal import series
from portal.actor import Actor
from portal.audit import record
from portal.bulk import in_row, insert_many
from portal.people.models import Grant, Person, Role, Scope
from portal.problems import DomainError
from portal.words import _l


class Newcomer(NamedTuple):
    """A person just entered: as much as an actor needs."""

    id: int
    name: str


class Giving(NamedTuple):
    """A role to give: to whom, which, where it counts."""

    person: Actor
    role: Role
    on: Scope


def add_people(names: Sequence[str], *, by: Actor | None, at: datetime) -> list[Newcomer]:
    """Enter volunteers without logins, in this order; their numbers are one run. Raises DomainError (no name)."""
    for row, name in enumerate(names, 1):
        if not name:
            raise in_row(row, DomainError(_l("请填写姓名。"), field="name"))
    if not names:
        return []
    first = series.take(f"volunteer:{at.year}", len(names))
    numbers = [f"V{at.year}{first + n:06d}" for n in range(len(names))]
    rows = [{"name": name, "volunteer_no": number} for name, number in zip(names, numbers, strict=True)]
    common = {"login": None, "password_hash": None, "is_open": True, "created_at": at}
    written = insert_many(Person, rows, common=common, returning=(Person.volunteer_no, Person.id))
    ids: dict[str, int] = {row.volunteer_no: row.id for row in written}
    record("people.people.added", None, by=by, at=at, count=len(names), first=numbers[0], last=numbers[-1])
    return [Newcomer(ids[number], name) for number, name in zip(numbers, names, strict=True)]


def grant_many(givings: Sequence[Giving], *, by: Actor | None, at: datetime, reason: str) -> None:
    """Give roles from today on, for one reason. Raises DomainError when one is to the giver herself."""
    for row, giving in enumerate(givings, 1):
        if by is not None and by.id == giving.person.id:
            raise in_row(row, DomainError(_l("不能给自己授权。")))
    if not givings:
        return
    rows = [
        {"person_id": person.id, "role": role.value, "scope_kind": on.kind, "scope_id": on.id}
        for person, role, on in givings
    ]
    common = {"starts_on": at.date(), "ends_on": None, "given_by_id": by.id if by else None, "reason": reason}
    insert_many(Grant, rows, common=common)
    roles = sorted({giving.role.value for giving in givings})
    people = [giving.person.id for giving in givings]
    record("people.grants.given", None, by=by, at=at, count=len(givings), roles=roles, people=people, reason=reason)
