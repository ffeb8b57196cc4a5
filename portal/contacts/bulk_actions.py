"""The bulk form of adding contacts: the same rows as one by one. One audit line stands for a whole batch."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.actor import Actor
from portal.audit import record
from portal.bulk import insert_many, pieces
from portal.contacts.models import Contact
from portal.contacts.reading import Address
from portal.db import db


class Reaching(NamedTuple):
    """How somebody can be reached."""

    person_id: int
    address: Address


def add_contacts(reaching: Sequence[Reaching], *, by: Actor, at: datetime) -> None:
    """Contacts that somebody else says of people: not verified, so nobody signs in with them. Those there stay."""
    there = _held({one.person_id for one in reaching})
    fresh = {
        (one.person_id, one.address.kind.value, one.address.digest): one.address.value
        for one in reaching
        if (one.person_id, one.address.digest) not in there
    }
    if not fresh:
        return
    rows = [
        {"person_id": person, "kind": kind, "digest": digest, "value": value}
        for (person, kind, digest), value in fresh.items()
    ]
    insert_many(Contact, rows, common={"signs_in": False, "added_at": at, "verified_at": None})
    people = sorted({person for person, _, _ in fresh})
    record("contacts.contacts.added", None, by=by, at=at, count=len(rows), people=people)


def _held(people: set[int]) -> set[tuple[int, str]]:
    """The pairs of person and address that are there."""
    held: set[tuple[int, str]] = set()
    for some in pieces(sorted(people)):
        rows = db.session.execute(select(Contact.person_id, Contact.digest).where(Contact.person_id.in_(some)))
        held.update((person, digest) for person, digest in rows)
    return held
