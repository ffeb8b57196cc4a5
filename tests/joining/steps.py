"""What tests of joining do: filling in the public form, and people who have applied."""

from datetime import date, datetime
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.consents.models import Purpose
from portal.contacts.actions import add_contact, verify_contact
from portal.contacts.reading import read_address
from portal.db import db
from portal.identity import Gender, Paper
from portal.joining.actions import apply
from portal.joining.models import Application
from portal.joining.wishes import NOWHERE, Wish
from portal.people.actions import add_person
from portal.people.models import Person
from portal.profiles.details import Details, Protector
from tests.applications import Client
from tests.contacts.reaching import MOBILE, last_code
from tests.volunteers import MONDAY

PASSWORD = "四棵树-下雨天-蓝书包"
ID = "11010519491231002X"
GUARDIAN = "13900139000"
GROWN_UP = {"gender": "female", "born_on": "1988-03-02", "area": "西山社区", "wish": ""}
CHILD = {"gender": "male", "born_on": "2016-05-01", "area": "西山社区", "wish": ""}
YOUTH = {"gender": "male", "born_on": "2010-05-01", "area": "西山社区", "wish": ""}
GUARDED = {"guardian_name": "江有枝", "guardian_mobile": GUARDIAN, "guardian_relation": "母亲"}


def photo() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (60, 80), "white").save(out, "JPEG")
    out.seek(0)
    return out


def begin(client: Client, name: str = "江念念", contact: str = MOBILE, **more: str) -> TestResponse:
    return client.post("/join", data={"name": name, "contact": contact} | more)


def prove(client: Client, contact: str = MOBILE) -> TestResponse:
    return client.post("/join/code", data={"code": last_code(contact)})


def upto_finish(client: Client, details: dict[str, str] = GROWN_UP, *, contact: str = MOBILE, **name: str) -> None:
    """Everything but the last step, for a grown-up; nothing that need not be said."""
    assert begin(client, contact=contact, **name).headers["Location"] == "/join/code"
    assert prove(client, contact).status_code == 303
    assert client.post("/join/details", data=details).status_code == 303
    assert client.post("/join/choices", data={"skills": ["急救"], "own_skills": "磨剪刀"}).status_code == 303
    assert client.post("/join/more", data={}).headers["Location"] == "/join/finish"


def finish(client: Client, **more: Any) -> TestResponse:
    said = {"agree_join": "y", "version_join": "1", "new": PASSWORD, "again": PASSWORD}
    return client.post("/join/finish", data=said | more)


def newcomer(name: str = "江念念") -> Person:
    db.session.rollback()
    return db.session.scalars(select(Person).where(Person.name == name)).one()


def details(**more: Any) -> Details:
    plain: dict[str, Any] = {"gender": Gender.FEMALE, "born_on": date(1988, 3, 2), "area": "西山社区"}
    return Details(**plain | more)


def applied(
    name: str = "江念念",
    *,
    wish: Wish = NOWHERE,
    mobile: str = "",
    number: str = "",
    at: datetime = MONDAY,
    **more: Any,
) -> Application:
    """Somebody who has applied by herself."""
    person = add_person(name, by=None, at=at)
    if mobile:
        verify_contact(add_contact(person, read_address(mobile), at=at), person, at=at)
    paper = {"paper": Paper.RESIDENT, "number": number, "born_on": None} if number else {}
    agreed = [Purpose.JOIN, Purpose.IDENTITY]
    return apply(person, details(**paper | more), agreed=agreed, by=person, at=at, wish=wish)


def minor(name: str = "江小满", *, agreed: bool, wish: Wish = NOWHERE) -> Application:
    guardian = Protector("江有枝", GUARDIAN, "母亲")
    person = add_person(name, by=None, at=MONDAY)
    said = details(born_on=date(2010, 5, 1), guardian=guardian)
    return apply(person, said, agreed=[Purpose.JOIN], by=person, at=MONDAY, wish=wish, guardian_agreed=agreed)
