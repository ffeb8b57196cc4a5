"""A whole mobile or ID number finds exactly its person, for those who know her; it stays in no address and no log."""

import logging

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.audit.models import AuditLine, AuditLook
from portal.contacts.actions import add_contact
from portal.contacts.reading import read_address
from portal.db import db
from portal.finding.routes import MOST_NUMBERS
from portal.identity import Paper
from portal.people.models import Person
from portal.profiles.details import digest_of_paper
from portal.profiles.models import Profile
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import BEGINNING
from tests.finding.conftest import Crowd
from tests.pages import is_valid, words
from tests.volunteers import Cast

MOBILE, NUMBER = "13812345678", "330481195003070020"
NOT_FOUND = "没有找到这个号码"


@pytest.fixture
def known(people: Cast, crowd: Crowd) -> Crowd:
    """Mobile and paper of the team's and of the other organisation's namesake."""
    for person, mobile, number in ((crowd.zhang, MOBILE, NUMBER), (crowd.namesake, "13912345678", "x")):
        add_contact(person, read_address(mobile), at=BEGINNING)
        digest = digest_of_paper(Paper.RESIDENT, number)
        db.session.add(_file(person, number, digest))
    db.session.commit()
    return crowd


def _file(person: Person, number: str, digest: str) -> Profile:
    file = Profile(person_id=person.id, status_at=BEGINNING, created_at=BEGINNING, updated_at=BEGINNING)
    file.id_kind, file.id_number, file.id_digest = Paper.RESIDENT.value, number, digest
    return file


def asked(client: Client, q: str) -> str:
    answer = client.post("/find", data={"q": q})
    assert answer.status_code == 200 and is_valid(answer)
    return words(answer)


@pytest.mark.parametrize(
    "q", [MOBILE, "138 1234 5678", "+86 138-1234-5678", "１３８１２３４５６７８", NUMBER, NUMBER[:6] + " " + NUMBER[6:]]
)
def test_a_whole_number_finds_its_person_for_those_who_know_her(app: Flask, people: Cast, known: Crowd, q: str) -> None:
    for reader in (people.lead, people.leader, known.worker):
        shown = asked(new_client(app).sign_in(reader), q)
        assert "张小满" in shown and "12345678" not in shown and NUMBER[6:14] not in shown


@pytest.mark.parametrize(
    "q",
    [
        MOBILE[:-1],
        MOBILE + "0",
        MOBILE[:7],
        NUMBER[:17],
        NUMBER[:-1] + ("9" if NUMBER[-1] != "9" else "8"),
        "13800000000",
        "%" * 3 + MOBILE,
    ],
)
def test_a_part_of_a_number_or_a_wrong_one_finds_nobody(app: Flask, known: Crowd, q: str) -> None:
    assert NOT_FOUND in asked(new_client(app).sign_in(known.worker), q)


def test_whoever_does_not_know_her_learns_nothing(app: Flask, people: Cast, known: Crowd) -> None:
    for reader, q in ((people.member, MOBILE), (people.lead, "13912345678"), (people.stranger, NUMBER)):
        client = new_client(app).sign_in(reader)
        assert asked(client, q) == asked(client, "13800000000")


def test_everybody_finds_herself(app: Flask, known: Crowd) -> None:
    assert "张小满" in asked(new_client(app).sign_in(known.zhang), MOBILE)


def test_a_number_in_an_address_is_neither_looked_for_nor_shown(app: Flask, known: Crowd) -> None:
    worker = new_client(app).sign_in(known.worker)
    for q in (MOBILE, MOBILE[:8], NUMBER, "someone@example.org"):
        assert worker.get("/find", query_string={"q": q}).headers["Location"] == "/find?ask=number"
        answer = worker.get("/find", query_string={"q": q}, follow_redirects=True)
        assert "张小满" not in answer.text and q not in answer.text and "不把号码留在地址里" in answer.text
        assert "张小满" not in worker.get("/find", query_string={"q": q}, headers={"HX-Request": "true"}).text


def test_a_posted_name_goes_on_to_its_address_and_a_number_does_not(app: Flask, known: Crowd) -> None:
    worker = new_client(app).sign_in(known.worker)
    assert worker.post("/find", data={"q": "张小满"}).headers["Location"] == "/find?q=张小满".replace(
        "张小满", "%E5%BC%A0%E5%B0%8F%E6%BB%A1"
    )
    assert "Location" not in worker.post("/find", data={"q": MOBILE}).headers


def test_numbers_stand_in_no_log_and_no_table(app: Flask, known: Crowd, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asked(new_client(app).sign_in(known.worker), MOBILE)
    assert MOBILE not in caplog.text
    assert not [line for line in db.session.scalars(select(AuditLine)) if MOBILE in str(line.detail)]


def test_whoever_was_found_by_her_number_sees_it(app: Flask, known: Crowd) -> None:
    asked(new_client(app).sign_in(known.worker), MOBILE)
    asked(new_client(app).sign_in(known.zhang), MOBILE)
    assert db.session.scalars(select(AuditLook.person_id)).all() == [known.zhang.id]
    assert "按手机号或证件号找人" in words(new_client(app).sign_in(known.zhang).get("/me/looks"))


def test_trying_numbers_out_is_slowed_down(app: Flask, known: Crowd) -> None:
    worker = new_client(app).sign_in(known.worker)
    for number in range(MOST_NUMBERS):
        assert worker.post("/find", data={"q": f"138000000{number:02}"}).status_code == 200
    refused = worker.post("/find", data={"q": MOBILE})
    assert refused.status_code == 422 and "张小满" not in refused.text and MOBILE not in refused.text
    assert db.session.scalar(select(func.count()).select_from(AuditLook)) == 0
    assert "张小满" in asked(new_client(app).sign_in(known.zhang), MOBILE)
