"""One's own file: seen, changed, with certificates and what one agreed to."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.consents.models import Purpose
from portal.consents.queries import purposes_agreed
from portal.db import db
from portal.joining.actions import approve
from portal.joining.wishes import Wish
from portal.notices.models import Notice
from portal.people.models import Person
from portal.profiles.actions import change_file
from portal.profiles.models import Document, Topic
from portal.profiles.queries import choices_of, details_of, profile_of
from tests.applications import Client
from tests.joining.steps import ID, applied
from tests.pages import is_valid, words
from tests.volunteers import MONDAY, Cast

OTHER_ID = "440524188001010014"
PLAIN = {"gender": "female", "born_on": "1949-12-31", "area": "西山社区"}


@pytest.fixture(autouse=True)
def still(app: Flask) -> Iterator[None]:
    with clock.frozen(MONDAY):
        yield


@pytest.fixture
def volunteer(cast: Cast, client: Client) -> Person:
    application = applied(wish=Wish(cast.organisation), number=ID)
    approve(application, by=cast.lead, at=MONDAY)
    client.sign_in(application.person)
    return application.person


def test_she_sees_her_file_with_the_number_masked(client: Client, volunteer: Person) -> None:
    page = client.get("/me/profile")
    assert is_valid(page) and "110105********002X" in page.text
    assert ID not in page.text and ID not in client.get("/me/profile/edit").text


def test_she_changes_it_and_the_number_stays(client: Client, volunteer: Person) -> None:
    said = PLAIN | {
        "area": "东山社区",
        "address": "东山路 1 号",
        "id_kind": "resident",
        "id_number": "",
        "skills": "急救",
    }
    assert client.post("/me/profile/edit", data=said).status_code == 303
    db.session.rollback()
    profile = profile_of(volunteer.id)
    assert profile is not None
    assert (profile.area, profile.address, profile.id_number) == ("东山社区", "东山路 1 号", ID)
    assert choices_of(volunteer.id)[Topic.SKILL] == ["急救"]


def test_a_birth_date_that_contradicts_the_paper_is_refused(client: Client, volunteer: Person) -> None:
    answer = client.post("/me/profile/edit", data=PLAIN | {"born_on": "1950-01-01", "id_kind": "resident"})
    assert answer.status_code == 422 and "不一样" in words(answer) and is_valid(answer)


def test_what_is_sensitive_needs_its_tick_here_too(client: Client, volunteer: Person) -> None:
    said = PLAIN | {"id_kind": "resident", "ethnic": "畲族"}
    assert client.post("/me/profile/edit", data=said).status_code == 422
    assert client.post("/me/profile/edit", data=said | {"agree_ethnic": "y"}).status_code == 303
    db.session.rollback()
    assert Purpose.ETHNIC in purposes_agreed(volunteer.id)


def test_nobody_tries_numbers_to_find_out_who_is_known(client: Client, cast: Cast, volunteer: Person) -> None:
    said = PLAIN | {"born_on": "1949-12-31", "id_kind": "resident", "id_number": ID, "agree_identity": "y"}
    client.sign_in(cast.member)
    for _ in range(3):
        answer = client.post("/me/profile/edit", data=said)
        assert answer.status_code == 422 and "同一个证件号码" in words(answer)
    assert "尝试次数太多" in words(client.post("/me/profile/edit", data=said))


def test_withdrawing_a_consent_forgets_what_rested_on_it(client: Client, volunteer: Person) -> None:
    page = client.get("/me/profile/consents")
    assert is_valid(page) and "第 1 版" in words(page)
    asked = client.get("/me/profile/consents/identity/withdraw")
    assert is_valid(asked) and "马上删除" in words(asked)
    assert client.post("/me/profile/consents/identity/withdraw").status_code == 422
    assert client.post("/me/profile/consents/identity/withdraw", data={"sure": "y"}).status_code == 303
    db.session.rollback()
    profile = profile_of(volunteer.id)
    assert profile is not None and profile.id_number is None and profile.id_digest is None
    assert client.get("/me/profile/consents/identity/withdraw").status_code == 404
    assert client.get("/me/profile/consents/nonsense/withdraw").status_code == 404
    assert "撤回了的" in words(client.get("/me/profile/consents"))


def test_consents_that_rest_on_nothing_are_given_by_themselves(client: Client, volunteer: Person) -> None:
    assert client.post("/me/profile/consents/portrait/give", data={"version": "1"}).status_code == 303
    client.post("/me/profile/consents/report/give", data={"version": "0"})
    assert client.post("/me/profile/consents/identity/give", data={"version": "1"}).status_code == 404
    db.session.rollback()
    agreed = purposes_agreed(volunteer.id)
    assert Purpose.PORTRAIT in agreed and Purpose.REPORT not in agreed


def test_certificates_come_and_go(client: Client, cast: Cast, volunteer: Person) -> None:
    said = {"kind": "insurance", "name": "志愿者意外险", "number": "B-77", "valid_from": "2026-01-01"}
    assert client.post("/me/profile/documents/new", data=said).status_code == 422
    assert client.post("/me/profile/documents/new", data=said | {"valid_until": "2025-01-01"}).status_code == 422
    assert client.post("/me/profile/documents/new", data=said | {"valid_until": "2026-06-30"}).status_code == 303
    page = client.get("/me/profile")
    assert is_valid(page) and "志愿者意外险" in words(page) and "过期了" in words(page)
    document = db.session.scalars(select(Document)).one()
    client.sign_in(cast.member)
    assert client.post(f"/me/profile/documents/{document.id}/end").status_code == 404
    client.sign_in(volunteer)
    assert client.post(f"/me/profile/documents/{document.id}/end").status_code == 303
    assert "志愿者意外险" not in client.get("/me/profile").text


def test_others_changes_are_told_to_her_and_her_own_are_not(cast: Cast, volunteer: Person) -> None:
    from dataclasses import replace

    profile = profile_of(volunteer.id)
    assert profile is not None
    change_file(profile, replace(details_of(profile), area="南山社区"), by=volunteer, at=MONDAY)
    change_file(profile, replace(details_of(profile), area="北山社区"), by=cast.lead, at=MONDAY + timedelta(hours=1))
    told = [one for one in db.session.scalars(select(Notice)) if one.kind == "profiles.changed"]
    assert [(one.person_id, one.values["name"]) for one in told] == [(volunteer.id, cast.lead.name)]


def test_a_volunteer_of_earlier_days_begins_a_file(client: Client, cast: Cast) -> None:
    client.sign_in(cast.member)
    assert "填上我的情况" in words(client.get("/me/profile"))
    assert client.post("/me/profile/edit", data=PLAIN).status_code == 303
    db.session.rollback()
    profile = profile_of(cast.member.id)
    assert profile is not None and profile.birth_year == 1949


def test_who_is_no_volunteer_has_no_file_to_change(client: Client, cast: Cast) -> None:
    from portal.people.actions import add_person

    donor = add_person("许望舒", by=None, at=MONDAY)
    client.sign_in(donor)
    assert "您还不是志愿者" in words(client.get("/me/profile"))
    assert client.get("/me/profile/edit").status_code == 403
    assert client.get("/me/profile/documents/new").status_code == 403
    assert OTHER_ID not in client.get("/me/profile").text
