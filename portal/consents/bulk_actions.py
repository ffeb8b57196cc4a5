"""The bulk form of consents on paper: the same rows as one by one. One audit line stands for a whole batch."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.actor import Actor
from portal.audit import record
from portal.bulk import insert_many, pieces
from portal.consents.actions import Guardian
from portal.consents.models import Consent, Purpose
from portal.consents.texts import text_of
from portal.db import db
from portal.files.models import StoredFile


class Agreeing(NamedTuple):
    """Who agreed to what on paper, or her guardian for her."""

    person_id: int
    purpose: Purpose
    guardian: Guardian | None = None


def give_many(agreeing: Sequence[Agreeing], *, paper: StoredFile, by: Actor, at: datetime) -> None:
    """Agree to today's texts on behalf of people who signed; who agreed already keeps that."""
    there = _held({one.person_id for one in agreeing})
    fresh = {(one.person_id, one.purpose): one for one in agreeing if (one.person_id, one.purpose.value) not in there}
    rows = [
        {
            "person_id": one.person_id,
            "purpose": one.purpose.value,
            "version": text_of(one.purpose).version,
            "guardian": one.guardian.name if one.guardian else None,
            "guardian_relation": one.guardian.relation if one.guardian else None,
        }
        for one in fresh.values()
    ]
    if not rows:
        return
    given = {"given_at": at, "given_by_id": by.id, "paper_id": paper.id}
    insert_many(Consent, rows, common=given | {"withdrawn_at": None, "withdrawn_by_id": None})
    people, purposes = sorted({one for one, _ in fresh}), sorted({purpose.value for _, purpose in fresh})
    told = {"count": len(rows), "purposes": purposes, "people": people, "paper": paper.id}
    record("consents.consents.given", None, by=by, at=at, **told)


def _held(people: set[int]) -> set[tuple[int, str]]:
    """The pairs of person and purpose that hold now."""
    now = select(Consent.person_id, Consent.purpose).where(Consent.withdrawn_at.is_(None))
    held: set[tuple[int, str]] = set()
    for some in pieces(sorted(people)):
        held.update((one, purpose) for one, purpose in db.session.execute(now.where(Consent.person_id.in_(some))))
    return held
