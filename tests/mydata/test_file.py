"""A person's file: masked for all, in full only with a reason, and she sees who looked."""

from datetime import date

import pytest
from sqlalchemy import select

from portal.audit.models import AuditLine
from portal.consents.actions import give
from portal.consents.models import Purpose
from portal.contacts.actions import add_contact
from portal.contacts.reading import read_address
from portal.db import db
from portal.identity import Paper
from portal.orgs.models import Membership
from portal.people.models import ALLIANCE, Person, Role
from portal.profiles.actions import open_file
from portal.profiles.details import Details, Protector
from portal.profiles.models import Status
from tests import factories
from tests.applications import Client
from tests.volunteers import MONDAY, Cast

NUMBER = "11010519491231002X"
MOBILE = "13812345678"
SECRETS = (NUMBER, MOBILE, "1949-12-31", "碧云路18弄2号301室", "高血压", "回族", "群众", "13987654321", "李秀英")


def filed(person: Person) -> None:
    """A file with everything in it."""
    details = Details(
        paper=Paper.RESIDENT,
        number=NUMBER,
        address="碧云路18弄2号301室",
        health="高血压",
        ethnic="回族",
        party="群众",
        skills=("理发",),
        guardian=Protector("李秀英", "13987654321", "女儿"),
    )
    open_file(person, details, status=Status.ACTIVE, by=person, at=MONDAY)
    for purpose in (Purpose.JOIN, Purpose.IDENTITY, Purpose.HEALTH):
        give(person, purpose, by=person, at=MONDAY)
    add_contact(person, read_address(MOBILE), at=MONDAY)


def look(client: Client, person: Person, *fields: str, words: str = "体检前核对") -> str:
    sent = {"fields": list(fields), "why": "register", "words": words}
    return client.post(f"/people/{person.id}/look", data=sent).text


def test_everybody_who_may_open_it_sees_it_masked(cast: Cast, client: Client) -> None:
    filed(cast.member)
    worker = factories.person("社工", grants=[(Role.WORKER, ALLIANCE)])
    for viewer in (cast.leader, cast.lead, cast.reviewer, cast.supervisor, worker, cast.member):
        answer = client.sign_in(viewer).get(f"/people/{cast.member.id}")
        assert answer.status_code == 200
        text = answer.text
        assert "110105********002X" in text
        assert "1949-**-**" in text
        assert "138****5678" in text
        assert "已登记" in text
        assert "理发" in text
        assert not [secret for secret in SECRETS if secret in text], viewer.name


def test_a_stranger_and_a_team_mate_do_not_learn_that_she_exists(cast: Cast, client: Client) -> None:
    for viewer in (cast.stranger, cast.other):
        assert client.sign_in(viewer).get(f"/people/{cast.member.id}").status_code == 404
        assert client.get(f"/people/{cast.member.id}/look").status_code == 404
        sent = {"fields": "mobile", "why": "contact", "words": "想看看"}
        assert client.post(f"/people/{cast.member.id}/look", data=sent).status_code == 404
    assert client.get("/people/999999999999999999999999").status_code == 404


def test_a_look_shows_what_was_asked_for_and_nothing_more(cast: Cast, client: Client) -> None:
    filed(cast.member)
    text = look(client.sign_in(cast.lead), cast.member, "paper", "health")
    assert NUMBER in text
    assert "高血压" in text
    assert MOBILE not in text
    assert "碧云路" not in text


def test_she_sees_who_looked_when_why_and_at_what(cast: Cast, client: Client) -> None:
    filed(cast.member)
    look(client.sign_in(cast.leader), cast.member, "mobile", words="活动改时间要通知")
    text = client.sign_in(cast.member).get("/me/looks").text
    assert "何远帆" in text
    assert "活动改时间要通知" in text
    assert "手机和邮箱" in text


@pytest.mark.parametrize("words", ["", " ", "a", "　", "x" * 201])
def test_without_a_reason_nothing_is_seen_and_nothing_is_written(cast: Cast, client: Client, words: str) -> None:
    filed(cast.member)
    text = look(client.sign_in(cast.lead), cast.member, "paper", words=words)
    assert NUMBER not in text
    assert not db.session.scalar(select(AuditLine.id).where(AuditLine.action == "mydata.file.looked_at"))


@pytest.mark.parametrize(("role", "field"), [("leader", "paper"), ("leader", "health"), ("lead", "ethnic")])
def test_what_a_role_does_not_need_it_cannot_ask_for(cast: Cast, client: Client, role: str, field: str) -> None:
    filed(cast.member)
    answer = client.sign_in(getattr(cast, role)).post(
        f"/people/{cast.member.id}/look", data={"fields": field, "why": "other", "words": "就是想看"}
    )
    assert answer.status_code == 422
    assert not [secret for secret in SECRETS if secret in answer.text]


def test_who_reads_everything_and_reviewers_see_it_masked_only(cast: Cast, client: Client) -> None:
    filed(cast.member)
    admin = factories.person("管理员", grants=[(Role.ADMIN, ALLIANCE)])
    for viewer in (cast.supervisor, cast.reviewer, admin):
        assert client.sign_in(viewer).get(f"/people/{cast.member.id}/look").status_code == 403


def test_a_look_asks_who_is_there(cast: Cast, client: Client) -> None:
    filed(cast.member)
    client.sign_in(cast.lead, fresh=False)
    answer = client.post(f"/people/{cast.member.id}/look", data={"fields": "paper", "why": "other", "words": "核对"})
    assert answer.status_code == 303
    assert "/confirm" in answer.location


def test_the_answer_is_kept_nowhere(cast: Cast, client: Client) -> None:
    filed(cast.member)
    sent = {"fields": "paper", "why": "register", "words": "核对"}
    answer = client.sign_in(cast.lead).post(f"/people/{cast.member.id}/look", data=sent)
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.status_code == 200
    assert not answer.headers.get("HX-Push-Url")


def test_who_looks_again_and_again_is_slowed_down(cast: Cast, client: Client) -> None:
    filed(cast.member)
    client.sign_in(cast.leader)
    answers = {client.post(f"/people/{cast.member.id}/look", data={}).status_code for _ in range(31)}
    assert 429 in answers


def test_the_reason_says_nothing_of_what_was_seen(cast: Cast, client: Client) -> None:
    filed(cast.member)
    look(client.sign_in(cast.lead), cast.member, "paper", "mobile")
    (line,) = db.session.scalars(select(AuditLine).where(AuditLine.action == "mydata.file.looked_at"))
    assert not [secret for secret in SECRETS if secret in str(line.detail)]


def test_whoever_left_the_team_is_unknown_to_its_leader(cast: Cast, client: Client) -> None:
    filed(cast.member)
    for one in db.session.scalars(select(Membership).where(Membership.person_id == cast.member.id)):
        one.left_on = date(2026, 11, 16)
    db.session.commit()
    assert client.sign_in(cast.leader).get(f"/people/{cast.member.id}").status_code == 404
