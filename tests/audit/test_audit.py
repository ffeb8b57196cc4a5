from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from portal import clock
from portal.audit import record
from portal.audit.models import AuditLine
from portal.db import db
from portal.people.actions import add_person
from portal.people.models import Person

AT = datetime(2026, 3, 2, 9, tzinfo=clock.CHINA)


@pytest.fixture
def somebody(session: object) -> Person:
    person = add_person("沈知秋", by=None, at=AT)
    db.session.commit()
    return person


def test_a_line_says_who_what_and_when_and_masks_secrets(somebody: Person) -> None:
    record("test.deed", somebody, by=somebody, at=AT, password="open sesame", amount=5, day=AT.date())
    db.session.commit()
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "test.deed")).one()
    assert (line.actor_name, line.subject_kind, line.subject_id) == ("沈知秋", "people_person", somebody.id)
    assert line.detail == {"password": "***", "amount": 5, "day": "2026-03-02"}
    assert line.at == AT


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE audit_line SET actor_name = 'somebody else'",
        "DELETE FROM audit_line",
        "INSERT OR REPLACE INTO audit_line SELECT * FROM audit_line",
        "TRUNCATE audit_line",
    ],
)
def test_the_database_lets_no_line_go(somebody: Person, attack: str) -> None:
    with pytest.raises(DatabaseError):
        db.session.execute(text(attack))
    db.session.rollback()
    assert db.session.scalar(select(AuditLine.actor_name)) == ""
