from datetime import datetime

import pytest

from portal import clock
from portal.db import db
from portal.people.actions import add_person
from portal.people.models import Person
from portal.problems import AlreadyDone
from portal.web.once import answered, keep_answer, new_key

AT = datetime(2026, 3, 2, 9, tzinfo=clock.CHINA)
CONTENT = {"activity": 3, "minutes": 200}


@pytest.fixture
def people(session: object) -> tuple[Person, Person]:
    return add_person("林一禾", by=None, at=AT), add_person("罗予安", by=None, at=AT)


def test_the_same_form_gets_its_first_answer(people: tuple[Person, Person]) -> None:
    key = new_key()
    assert answered(key, CONTENT, by=people[0]) is None
    keep_answer(key, CONTENT, "/hours/1", by=people[0], at=AT)
    db.session.flush()
    assert answered(key, CONTENT, by=people[0]) == "/hours/1"


def test_the_same_key_with_other_content_is_refused(people: tuple[Person, Person]) -> None:
    keep_answer("k", CONTENT, "/hours/1", by=people[0], at=AT)
    db.session.flush()
    with pytest.raises(AlreadyDone):
        answered("k", {**CONTENT, "minutes": 2000}, by=people[0])


def test_nobody_uses_anothers_key(people: tuple[Person, Person]) -> None:
    keep_answer("k", CONTENT, "/hours/1", by=people[0], at=AT)
    db.session.flush()
    with pytest.raises(AlreadyDone):
        answered("k", CONTENT, by=people[1])


def test_a_form_without_a_key_is_just_a_form(people: tuple[Person, Person]) -> None:
    keep_answer("", CONTENT, "/hours/1", by=people[0], at=AT)
    assert answered("", CONTENT, by=people[0]) is None
