"""Somebody without a phone: entered with a photo of her signed consent, by whoever runs her team."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal import clock
from portal.audit.models import AuditLook
from portal.consents.models import Purpose
from portal.consents.queries import consents_of
from portal.db import db
from portal.joining.models import Application, State
from portal.joining.wishes import Wish
from portal.people.models import ALLIANCE, Person, Role
from portal.profiles.models import Status
from portal.profiles.queries import profile_of
from tests import factories
from tests.applications import Client
from tests.joining.steps import ID, applied, newcomer, photo
from tests.pages import is_valid, words
from tests.volunteers import MONDAY, Cast


@pytest.fixture(autouse=True)
def still(app: Flask) -> Iterator[None]:
    with clock.frozen(MONDAY):
        yield


def enter(client: Client, wish: str, **more: Any) -> TestResponse:
    said: dict[str, Any] = {
        "name": "严阿香",
        "gender": "female",
        "born_on": "1949-12-31",
        "area": "西山社区",
        "wish": wish,
    }
    said |= {"agree_join": "y", "photo": (photo(), "同意书.jpg"), "key": "once"}
    data = {name: value for name, value in (said | more).items() if value is not None}
    return client.post("/volunteers/new", data=data, content_type="multipart/form-data")


def test_an_organisations_admin_enters_a_full_volunteer_at_once(client: Client, cast: Cast) -> None:
    client.sign_in(cast.lead)
    page = client.get("/volunteers/new")
    assert is_valid(page)
    answer = enter(client, f"t{cast.team.id}", skills=["烹饪"])
    person = newcomer("严阿香")
    assert answer.headers["Location"] == f"/volunteers/{person.id}/ready"
    profile = profile_of(person.id)
    assert profile is not None
    assert (profile.state, profile.has_phone, profile.entered_by_id) == (Status.ACTIVE, False, cast.lead.id)
    assert person.volunteer_no is not None and person.login is None
    (consent,) = consents_of(person.id)
    assert (consent.what, consent.given_by_id, consent.paper_id is not None) == (Purpose.JOIN, cast.lead.id, True)
    ready = client.get(f"/volunteers/{person.id}/ready")
    assert is_valid(ready) and "打印小票" in words(ready) and f"/badges/teams/{cast.team.slug}" in ready.text
    slips = client.get(f"/volunteers/{person.id}/slips")
    assert is_valid(slips) and slips.text.count(str(person.volunteer_no)) >= 6


def test_what_a_leader_enters_waits_for_who_decides(client: Client, cast: Cast) -> None:
    client.sign_in(cast.leader)
    page = client.get("/volunteers/new")
    assert cast.team.name in page.text and f'value="o{cast.organisation.id}"' not in page.text
    enter(client, f"t{cast.team.id}")
    person = newcomer("严阿香")
    application = db.session.scalars(select(Application)).one()
    assert (application.state, person.volunteer_no) == (State.WAITING, None)
    assert "等人审核" in words(client.get(f"/volunteers/{person.id}/ready"))
    assert client.get(f"/volunteers/{person.id}/slips").status_code == 403
    assert client.post(f"/applications/{application.id}/approve").status_code == 403
    client.sign_in(cast.lead)
    client.post(f"/applications/{application.id}/approve")
    client.sign_in(cast.leader)
    assert client.get(f"/volunteers/{person.id}/slips").status_code == 200
    assert "严阿香" in words(client.get("/notices"))


def test_without_a_signed_photo_nobody_is_entered(client: Client, cast: Cast) -> None:
    client.sign_in(cast.lead)
    wish = f"t{cast.team.id}"
    broken = {"photo": (BytesIO(b"\x00not a photo"), "x.jpg")}
    for more in ({"photo": None}, {"agree_join": None}, broken, {"name": "严阿香🙂"}):
        answer = enter(client, wish, **more)
        assert answer.status_code == 422 and is_valid(answer), more
    assert db.session.scalar(select(func.count(Person.id)).where(Person.name.startswith("严阿香"))) == 0


def test_nobody_enters_into_what_she_does_not_run(client: Client, cast: Cast) -> None:
    other = factories.team("别家队", of=factories.organisation("别家组织"))
    client.sign_in(cast.leader)
    for wish in (f"t{other.id}", f"o{cast.organisation.id}", ""):
        assert enter(client, wish).status_code == 422
    client.sign_in(cast.member)
    assert client.get("/volunteers/new").status_code == 403
    assert enter(client, f"t{cast.team.id}").status_code == 403


def test_a_worker_enters_somebody_without_a_team(client: Client, cast: Cast) -> None:
    client.sign_in(factories.person("易安之", grants=[(Role.WORKER, ALLIANCE)]))
    assert enter(client, "").status_code == 303
    profile = profile_of(newcomer("严阿香").id)
    assert profile is not None and profile.state is Status.APPROVED


def test_sent_twice_enters_one(client: Client, cast: Cast) -> None:
    client.sign_in(cast.lead)
    first, second = (enter(client, f"t{cast.team.id}") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]


def test_a_paper_that_another_volunteer_has_is_refused_and_leaves_nothing(client: Client, cast: Cast) -> None:
    client.sign_in(cast.lead)
    paper = {"id_kind": "resident", "id_number": ID, "agree_identity": "y"}
    assert enter(client, f"t{cast.team.id}", **paper).status_code == 303
    answer = enter(client, f"t{cast.team.id}", **paper, name="严阿芳", key="other")
    assert answer.status_code == 422 and "同一个证件号码" in words(answer)
    assert db.session.scalar(select(func.count(Person.id)).where(Person.name == "严阿芳")) == 0


def test_the_photo_is_seen_by_those_who_may_open_her_file_and_she_sees_who_looked(
    app: Flask, client: Client, cast: Cast
) -> None:
    client.sign_in(cast.lead)
    enter(client, f"t{cast.team.id}")
    person = newcomer("严阿香")
    ready = client.get(f"/volunteers/{person.id}/ready")
    found = re.search(r'href="(/volunteers/papers/[^"]+)"', ready.text)
    assert found is not None
    for viewer, status in ((cast.lead, 200), (cast.leader, 200), (cast.supervisor, 200), (person, 200)):
        client.sign_in(viewer)
        answer = client.get(found[1])
        assert answer.status_code == status and "attachment" in answer.headers["Content-Disposition"]
    for viewer in (cast.member, cast.stranger):
        client.sign_in(viewer)
        assert client.get(found[1]).status_code == 404
    db.session.rollback()
    looks = db.session.scalar(select(func.count()).select_from(AuditLook).where(AuditLook.person_id == person.id))
    assert looks == 3


def test_the_page_of_somebody_entered_is_no_strangers_business(client: Client, cast: Cast) -> None:
    application = applied(wish=Wish(cast.organisation))
    client.sign_in(cast.stranger)
    assert client.get(f"/volunteers/{application.person_id}/ready").status_code == 404
    assert client.get(f"/volunteers/{application.person_id}/slips").status_code == 404
    assert client.get("/volunteers/999999/ready").status_code == 404
