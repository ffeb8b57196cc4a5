"""A code on paper for whoever has no contact: an administrator prints it, it is good once and within a week."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal import clock
from portal.audit.models import AuditLine
from portal.db import db
from portal.people.actions import add_person
from portal.people.models import ALLIANCE, Person, Role
from portal.problems import DomainError, NotAllowed
from portal.resets.actions import issue_reset_code
from tests.applications import Client
from tests.conftest import new_client
from tests.contacts.reaching import MOBILE, NOON, contact, last_code
from tests.factories import person as somebody
from tests.resets.steps import ANOTHER, ONE_ENGINE, PASSWORD, ask, bring, choose, known, knows, prove
from tests.volunteers import lines


def test_whoever_has_no_contact_brings_a_printed_code(client: Client, admin: Person) -> None:
    elder = known("林阿婆", "apo")
    code = issue_reset_code(elder, by=admin, at=NOON)
    shown = f"{code[:4].lower()}-{code[4:8]} {code[8:]}"
    assert bring(client, str(elder.volunteer_no).lower(), shown) == 303
    assert choose(client) == 303
    assert knows(elder, ANOTHER)
    assert lines("resets.reset.issued") == 1
    assert code not in str([line.detail for line in db.session.scalars(select(AuditLine))])
    assert code not in str(db.session.execute(text("SELECT * FROM resets_reset")).all())


def test_whoever_never_signed_in_does_so_by_her_number(client: Client, admin: Person) -> None:
    elder = add_person("林阿婆", is_volunteer=True, by=None, at=NOON)
    code = issue_reset_code(elder, by=admin, at=NOON)
    bring(client, str(elder.volunteer_no), code)
    assert choose(client) == 303
    answer = client.post("/login", data={"login": str(elder.volunteer_no), "password": ANOTHER})
    assert answer.status_code == 303


def test_a_printed_code_is_good_once_for_its_person_within_a_week(app: Flask, client: Client, admin: Person) -> None:
    elder = known("林阿婆", "apo")
    known("周小满", "xiaoman")
    code = issue_reset_code(elder, by=admin, at=NOON)
    assert bring(client, "xiaoman", code) == 422
    with clock.frozen(NOON + timedelta(days=7)):
        assert bring(client, "apo", code) == 422
    with clock.frozen(NOON + timedelta(days=6)):
        assert bring(client, "apo", code) == 303
        assert bring(new_client(app), "apo", code) == 422


def test_another_printed_code_makes_the_first_one_void(client: Client, admin: Person) -> None:
    elder = known("林阿婆", "apo")
    first, second = (issue_reset_code(elder, by=admin, at=NOON) for _ in range(2))
    assert (bring(client, "apo", first), bring(client, "apo", second)) == (422, 303)


def test_another_printed_code_takes_back_what_the_first_has_opened(client: Client, admin: Person) -> None:
    elder = known("林阿婆", "apo")
    bring(client, "apo", issue_reset_code(elder, by=admin, at=NOON))
    issue_reset_code(elder, by=admin, at=NOON)
    assert choose(client) == 422
    assert knows(elder, PASSWORD)


def test_a_new_password_makes_a_paper_that_lies_about_void(app: Flask, client: Client, admin: Person) -> None:
    elder = known("周小满", "xiaoman")
    contact(elder, MOBILE, at=NOON - timedelta(hours=3))
    paper = issue_reset_code(elder, by=admin, at=NOON)
    thief = new_client(app)
    assert bring(thief, "xiaoman", issue_reset_code(elder, by=admin, at=NOON)) == 303
    ask(client, "xiaoman")
    prove(client, last_code())
    assert choose(client) == 303
    assert choose(thief, "zhu-ye-qing-qing") == 422
    assert bring(new_client(app), "xiaoman", paper) == 422
    assert knows(elder, ANOTHER)


def test_who_changes_her_password_makes_her_paper_void(app: Flask, client: Client, admin: Person) -> None:
    elder = known("林阿婆", "apo")
    paper = issue_reset_code(elder, by=admin, at=NOON)
    change = {"old": PASSWORD, "new": ANOTHER, "again": ANOTHER}
    assert client.sign_in(elder).post("/me/account/password", data=change).status_code == 303
    assert bring(new_client(app), "apo", paper) == 422


@ONE_ENGINE
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_an_administrator_issues_codes(session: object, noon: None, role: Role) -> None:
    elder = known("林阿婆", "apo")
    with pytest.raises(NotAllowed):
        issue_reset_code(elder, by=somebody("何远帆", grants=[(role, ALLIANCE)]), at=NOON)


def test_an_administrator_issues_none_to_herself(admin: Person) -> None:
    with pytest.raises(NotAllowed):
        issue_reset_code(admin, by=admin, at=NOON)


def test_nobody_gets_a_code_for_a_closed_account(admin: Person) -> None:
    closed = known("陆青川", "closed")
    closed.is_open = False
    with pytest.raises(DomainError, match="停用"):
        issue_reset_code(closed, by=admin, at=NOON)


@ONE_ENGINE
@pytest.mark.parametrize("code", ["", "\x00", "O0O0O0O0O0O0", "x" * 5_000, "' OR 1=1 --"])
def test_odd_printed_codes_get_a_sentence(client: Client, admin: Person, code: str) -> None:
    assert bring(client, "apo", code) == 422
