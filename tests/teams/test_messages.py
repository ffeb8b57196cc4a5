"""A message to all: whom it reaches, how often, who reads it; and the roster."""

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.audit.models import AuditLine
from portal.contacts.actions import add_contact
from portal.contacts.reading import read_address
from portal.db import db
from portal.notices.models import Notice
from portal.problems import DomainError
from portal.profiles.actions import move, open_file
from portal.profiles.details import Details
from portal.profiles.models import Status
from portal.teams import messages
from portal.teams.models import Message
from tests.applications import Client
from tests.conftest import new_client
from tests.pages import is_valid, words
from tests.teams.conftest import Neighbours, status
from tests.volunteers import MONDAY, Cast, at_once

SAID = {"subject": "周六清河道", "text": "早上八点，带手套。", "key": "one-key"}


def test_all_members_are_told_and_the_leader_sees_who_read(app: Flask, client: Client, people: Cast) -> None:
    people.member.login, people.member.password_hash = "member", "x"
    db.session.flush()
    leader, address = client.sign_in(people.leader), f"/teams/{people.team.slug}/messages"
    form = leader.get(address)
    assert is_valid(form) and "会发给 3 名队员" in words(form) and "2 人只能打电话" in words(form)
    sent = leader.post(address, data=SAID, follow_redirects=True)
    assert is_valid(sent) and people.other.name in words(sent), "who must be called"
    assert people.member.name not in words(sent)
    told = db.session.scalars(select(Notice).where(Notice.kind == "teams.message")).all()
    assert {one.person_id for one in told} == {people.member.id, people.other.id, people.lead.id}
    member = new_client(app).sign_in(people.member)
    url = next(one.url for one in told if one.person_id == people.member.id)
    assert "周六清河道" in words(member.get("/notices"))
    opened = member.get(url)
    assert is_valid(opened) and "带手套" in words(opened) and people.other.name not in words(opened)
    assert "1 / 3" in words(leader.get(address))


def test_a_message_sent_twice_goes_out_once(app: Flask, client: Client, people: Cast) -> None:
    clients = [new_client(app).sign_in(people.leader) for _ in range(2)]
    address = f"/teams/{people.team.slug}/messages"
    answers = at_once(app, [partial(status, one, address, SAID) for one in clients])
    assert answers == [303, 303]
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1
    other = client.sign_in(people.leader).post(address, data={**SAID, "text": "别的话"})
    assert other.status_code == 422


def test_nobody_floods_a_team(people: Cast) -> None:
    for number in range(messages.MOST_A_DAY):
        messages.send(people.team, f"第{number}条", "话", by=people.leader, at=MONDAY + timedelta(hours=number))
    with pytest.raises(DomainError, match="24 小时"):
        messages.send(people.team, "又一条", "话", by=people.lead, at=MONDAY + timedelta(hours=5))
    messages.send(people.team, "第二天", "话", by=people.leader, at=MONDAY + timedelta(days=1, minutes=1))


def test_strangers_and_plain_members_neither_send_nor_read(app: Flask, people: Cast, neighbours: Neighbours) -> None:
    message = messages.send(people.team, "只给队员", "门钥匙在老地方", by=people.leader, at=MONDAY)
    base = f"/teams/{people.team.slug}/messages"
    for who in (people.stranger, neighbours.head, people.supervisor):
        signed_in = new_client(app).sign_in(who)
        assert signed_in.get(f"{base}/{message.id}").status_code == 404
        assert signed_in.get(f"/teams/{neighbours.team.slug}/messages/{message.id}").status_code == 404
        assert signed_in.post(base, data=SAID).status_code in (403, 404)
    member = new_client(app).sign_in(people.member)
    assert member.get(f"{base}/{message.id}").status_code == 200
    assert (member.get(base).status_code, member.post(base, data=SAID).status_code) == (403, 403)


def test_a_message_stays_as_it_was_sent(people: Cast) -> None:
    message = messages.send(people.team, "原话", "话", by=people.leader, at=MONDAY)
    with pytest.raises(DBAPIError), db.session.begin_nested():
        message.text = "改了"
        db.session.flush()


def test_what_is_too_long_or_missing_is_kept_and_said(client: Client, people: Cast) -> None:
    leader = client.sign_in(people.leader)
    for subject, text in (("", "话"), ("题", ""), ("题" * 41, "话"), ("题", "话" * 601)):
        sent = {"subject": subject, "text": text, "key": "k"}
        answer = leader.post(f"/teams/{people.team.slug}/messages", data=sent)
        assert answer.status_code == 422 and is_valid(answer) and text in answer.text


# ── the roster ──────────────────────────────────────────────────────────────────────────────────────
def test_the_roster_has_mobiles_only_for_a_reason_that_each_one_sees(app: Flask, client: Client, people: Cast) -> None:
    add_contact(people.member, read_address("13800138000"), at=MONDAY)
    people.other.name = "=HYPERLINK(1)"
    leader, address = client.sign_in(people.leader), f"/teams/{people.team.slug}/roster"
    plain = leader.get(address)
    assert is_valid(plain) and people.member.name in words(plain) and "13800138000" not in plain.text
    table = leader.get(f"{address}.csv").text
    assert "'=HYPERLINK(1)" in table and "13800138000" not in table
    assert leader.post(address, data={"reason": ""}).status_code == 422
    for way, expected in (("", "13800138000"), ("csv", people.member.name)):
        full = leader.post(address, data={"reason": "逐个打电话", "as": way})
        assert full.status_code == 200 and expected in full.text and "13800138000" in full.text
    looks = select(func.count()).select_from(AuditLine).where(AuditLine.action == "teams.roster.looked_at")
    assert db.session.scalar(looks) == 2
    seen = words(new_client(app).sign_in(people.member).get("/me/looks"))
    assert "逐个打电话" in seen and people.leader.name in seen


def test_plain_members_get_no_roster(client: Client, people: Cast) -> None:
    member, address = client.sign_in(people.member), f"/teams/{people.team.slug}/roster"
    assert (member.get(address).status_code, member.get(f"{address}.csv").status_code) == (403, 403)
    assert member.post(address, data={"reason": "想看看"}).status_code == 403
    assert clock.today() == MONDAY.date()


def test_whoever_has_paused_is_neither_written_to_nor_called(people: Cast) -> None:
    before = messages.reach_of(people.team, but=people.leader)
    profile = open_file(people.other, Details(), by=people.lead, at=MONDAY, status=Status.ACTIVE)
    assert messages.reach_of(people.team, but=people.leader) == before
    move(profile, Status.PAUSED, by=people.lead, at=MONDAY)
    sent = messages.send(people.team, "周六", "带手套", by=people.leader, at=MONDAY)
    assert messages.reach_of(people.team, but=people.leader).people == before.people - 1
    assert not messages.went_to(sent, people.other)
