"""Members' mobiles leave with a purpose and a last day; who is lent no more is seen no more."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.contacts.actions import add_contact
from portal.contacts.reading import read_address
from portal.db import db
from portal.exports import Export
from portal.mydata.queries import scopes_around
from portal.orgs.models import Membership
from tests.conftest import new_client
from tests.volunteers import MONDAY, Cast


def test_a_file_with_mobiles_says_what_for_and_until_when(app: Flask, people: Cast) -> None:
    add_contact(people.member, read_address("13800138000"), at=MONDAY)
    db.session.commit()
    leader = new_client(app).sign_in(people.leader)
    answer = leader.post(f"/teams/{people.team.slug}/roster", data={"reason": "台风前逐个打电话", "as": "csv"})
    export = db.session.scalars(select(Export)).one()
    assert (export.purpose, export.person_id) == ("台风前逐个打电话", people.leader.id)
    assert "13800138000" in answer.text and f"导出编号 {export.id}" in answer.text


def test_a_loan_that_is_over_opens_no_file_before_the_days_work_is_done(people: Cast) -> None:
    lent = db.session.scalars(select(Membership).where(Membership.person_id == people.member.id)).one()
    lent.until = MONDAY.date()
    db.session.flush()
    assert people.team.scopes[0] in scopes_around(people.member)
    with clock.frozen(MONDAY + timedelta(days=1)):
        assert scopes_around(people.member) == []
