from datetime import datetime, timedelta

from portal import rules
from portal.audit import record
from portal.clock import in_china
from portal.db import db
from portal.exports.models import Export
from portal.people.models import Person
from portal.problems import DomainError
from portal.rules.catalogue import EXPORT_DAYS
from portal.words import _l

SHORTEST, LONGEST = 2, 200
"""Characters of a purpose."""


def begin(viewer: Person, *, what: str, purpose: str, count: int, at: datetime) -> Export:
    """Write down that personal data of `count` people leaves, before it does. Raises DomainError (purpose).

    It belongs to a POST: a page that only reads can write nothing.
    """
    day, purpose = in_china(at).date(), purpose.strip()
    if not SHORTEST <= len(purpose) <= LONGEST:
        raise DomainError(_l("请写明用途，%(least)d 到 %(most)d 个字。", least=SHORTEST, most=LONGEST), field="purpose")
    until = day + timedelta(days=rules.value(EXPORT_DAYS, on=day))
    export = Export(person_id=viewer.id, what=what, purpose=purpose, count=count, at=at, expires_on=until)
    export.person = viewer
    db.session.add(export)
    db.session.flush()
    about = {"content": what, "purpose": purpose, "count": count, "to": until}
    record("exports.export.begun", export, by=viewer, at=at, **about)
    return export


def mark_deleted(export: Export, *, by: Person, at: datetime) -> None:
    """Its exporter says that the file and its copies are gone; twice is as good as once."""
    if export.deleted_at is None:
        export.deleted_at = at
        db.session.flush()
        record("exports.export.deleted", export, by=by, at=at)
