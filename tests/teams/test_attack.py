"""Members' mobiles leave with a purpose; who is lent no more is seen no more; nobody is entered without her yes."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.contacts.actions import add_contact
from portal.contacts.reading import read_address
from portal.db import db
from portal.exports import Export
from portal.mydata.queries import scopes_around
from portal.orgs.models import Membership
from portal.orgs.queries import is_member
from portal.problems import DomainError
from portal.teams.actions import add_member
from portal.teams.importing import book
from portal.teams.recognising import Doubt, preview
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import team
from tests.pages import words
from tests.teams.conftest import Neighbours
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


def test_nobody_who_can_say_yes_is_entered_into_an_organisation_that_is_new_to_her(
    client: Client, people: Cast, neighbours: Neighbours
) -> None:
    """Else an organisation's admin would read the file of anybody whose number and name she knows."""
    helper, leader = neighbours.helper, client.sign_in(people.leader)
    helper.login, helper.password_hash = "liang", "hash"
    db.session.commit()
    sent = {"number": helper.volunteer_no, "name": helper.name}
    refused = leader.post(f"/teams/{people.team.slug}/members/add", data=sent)
    assert refused.status_code == 422 and "本人点头" in words(refused)
    (place,) = preview(f"1. {helper.name} {helper.volunteer_no}", people.team).places
    assert (place.doubt, place.candidates) == (Doubt.ASK, ())
    with pytest.raises(DomainError):
        book(f"1. {helper.name} {helper.volunteer_no}", {0: helper.id}, people.team, by=people.leader, at=MONDAY)
    assert not is_member(helper, people.team)


def test_within_her_organisation_a_member_is_entered_as_before(people: Cast) -> None:
    other = team("夜归人服务队", of=people.organisation)
    people.member.login, people.member.password_hash = "lin", "hash"
    add_member(people.member, other, by=people.lead, at=MONDAY)
    assert is_member(people.member, other)
