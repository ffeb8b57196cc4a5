"""Pausing, coming back and leaving: by herself without a word, by others with a reason that she reads."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.consents.models import Purpose
from portal.consents.queries import consents_of, purposes_agreed
from portal.db import db
from portal.joining.actions import approve
from portal.joining.models import State
from portal.joining.wishes import Wish, wish_for_team
from portal.notices.models import Notice
from portal.orgs.actions import join
from portal.orgs.queries import teams_of
from portal.people.models import ALLIANCE, Person, Role
from portal.people.policy import holds_anywhere
from portal.profiles.models import Status
from portal.profiles.queries import moves_of, profile_of, status_of
from tests import factories
from tests.applications import Client
from tests.joining.steps import applied
from tests.pages import is_valid, words
from tests.volunteers import MONDAY, Cast


@pytest.fixture(autouse=True)
def still(app: Flask) -> Iterator[None]:
    with clock.frozen(MONDAY):
        yield


@pytest.fixture
def volunteer(cast: Cast) -> Person:
    """One who was approved into the leader's team."""
    application = applied(wish=wish_for_team(cast.team.id))
    approve(application, by=cast.lead, at=MONDAY)
    return application.person


def test_she_pauses_and_comes_back_by_herself(client: Client, volunteer: Person) -> None:
    client.sign_in(volunteer)
    client.post("/me/profile/pause")
    page = client.get("/me/profile")
    assert is_valid(page) and "您暂停了" in words(page)
    client.post("/me/profile/return")
    db.session.rollback()
    assert [one.state for one in moves_of(volunteer.id)][:2] == [Status.ACTIVE, Status.PAUSED]
    assert "不能改成" in words(client.post("/me/profile/return", follow_redirects=True))


def test_leaving_ends_teams_role_and_consent_and_keeps_her_number(client: Client, volunteer: Person) -> None:
    client.sign_in(volunteer)
    page = client.get("/me/profile/leave")
    assert is_valid(page) and "不再是「晨星志愿服务队」的队员" in words(page)
    assert client.post("/me/profile/leave").status_code == 422
    answer = client.post("/me/profile/leave", data={"sure": "y"}, follow_redirects=True)
    assert "您退出了" in words(answer), "she is still signed in"
    db.session.rollback()
    assert status_of(volunteer) is Status.LEFT
    assert teams_of(volunteer) == [] and not holds_anywhere(volunteer, Role.VOLUNTEER)
    assert purposes_agreed(volunteer.id) == frozenset()
    assert volunteer.volunteer_no is not None
    assert client.get("/me/profile/leave").status_code == 404


def test_withdrawing_the_consent_to_join_is_leaving(client: Client, volunteer: Person) -> None:
    client.sign_in(volunteer)
    page = client.get("/me/profile/consents/join/withdraw")
    assert is_valid(page) and "就是退出志愿者" in words(page)
    answer = client.post("/me/profile/consents/join/withdraw", data={"sure": "y"}, follow_redirects=True)
    assert "撤回了" in words(answer)
    db.session.rollback()
    assert status_of(volunteer) is Status.LEFT and teams_of(volunteer) == []


def test_who_left_comes_back_by_applying_and_keeps_her_number(client: Client, cast: Cast, volunteer: Person) -> None:
    number = volunteer.volunteer_no
    client.sign_in(volunteer)
    client.post("/me/profile/leave", data={"sure": "y"})
    client.post("/join")
    born = {"gender": "female", "born_on": "1988-03-02", "area": "西山社区", "wish": f"o{cast.organisation.id}"}
    client.post("/join/details", data=born)
    client.post("/join/choices", data={})
    client.post("/join/more", data={})
    client.post("/join/finish", data={"agree_join": "y", "version_join": "1"})
    db.session.rollback()
    from portal.joining.queries import open_application_of

    application = open_application_of(volunteer.id)
    assert application is not None
    approve(application, by=cast.lead, at=MONDAY)
    assert (volunteer.volunteer_no, status_of(volunteer)) == (number, Status.APPROVED)
    assert holds_anywhere(volunteer, Role.VOLUNTEER)
    assert len([one for one in consents_of(volunteer.id) if one.what is Purpose.JOIN]) == 2


def test_an_applicant_thinks_better_of_it(client: Client, cast: Cast) -> None:
    application = applied(wish=Wish(cast.organisation))
    client.sign_in(application.person)
    client.post("/me/profile/leave", data={"sure": "y"})
    db.session.rollback()
    assert (application.state, status_of(application.person)) == (State.WITHDRAWN, Status.LEFT)


def test_a_volunteer_of_earlier_days_leaves_too(client: Client, cast: Cast) -> None:
    client.sign_in(cast.member)
    client.post("/me/profile/leave", data={"sure": "y"})
    db.session.rollback()
    assert status_of(cast.member) is Status.LEFT and teams_of(cast.member) == []


# ── by others ───────────────────────────────────────────────────────────────────────────────────────
def test_her_organisations_admin_gives_a_reason_and_she_is_told(client: Client, cast: Cast, volunteer: Person) -> None:
    client.sign_in(cast.lead)
    address = f"/volunteers/{volunteer.id}/standing"
    assert is_valid(client.get(address))
    assert client.post(address, data={"to": "pause", "reason": ""}).status_code == 422
    assert client.post(address, data={"to": "pause", "reason": "住院休养"}).status_code == 303
    assert client.post(address, data={"to": "pause", "reason": "住院休养"}).status_code == 422
    assert client.post(address, data={"to": "applied", "reason": "住院休养"}).status_code == 404
    assert client.post(address, data={"to": "leave", "reason": "搬走了"}).status_code == 303
    db.session.rollback()
    assert status_of(volunteer) is Status.LEFT
    assert purposes_agreed(volunteer.id) == {Purpose.JOIN}, "her consent is her own to withdraw"
    told = [one.kind for one in db.session.query(Notice).filter_by(person_id=volunteer.id).order_by(Notice.id)]
    assert told[-2:] == ["joining.paused", "joining.left"]


def test_leaders_strangers_and_she_herself_cannot(client: Client, cast: Cast, volunteer: Person) -> None:
    address = f"/volunteers/{volunteer.id}/standing"
    for person, status in ((cast.leader, 403), (cast.stranger, 404), (volunteer, 403), (cast.supervisor, 403)):
        client.sign_in(person)
        assert client.get(address).status_code == status, person.name
        assert client.post(address, data={"to": "leave", "reason": "不要了"}).status_code == status


def test_the_admin_of_one_of_two_organisations_cannot(client: Client, cast: Cast, volunteer: Person) -> None:
    join(volunteer, factories.team("别家队", of=factories.organisation("别家组织")), by=None, at=MONDAY)
    client.sign_in(cast.lead)
    assert client.get(f"/volunteers/{volunteer.id}/standing").status_code == 403
    client.sign_in(factories.person("易安之", grants=[(Role.WORKER, ALLIANCE)]))
    assert client.get(f"/volunteers/{volunteer.id}/standing").status_code == 200


def test_the_database_lets_nobody_take_a_step_that_leads_nowhere(volunteer: Person) -> None:
    db.session.commit()
    for status in ("applied", "approved", "refused"):
        with pytest.raises(DBAPIError):
            db.session.execute(text("UPDATE profiles_profile SET status = :to"), {"to": status})
        db.session.rollback()
    with pytest.raises(DBAPIError):
        db.session.execute(text("UPDATE profiles_move SET reason = 'x'"))


def test_what_is_approved_becomes_active_with_the_first_team(cast: Cast) -> None:
    application = applied(wish=Wish(cast.organisation))
    approve(application, by=cast.lead, at=MONDAY)
    assert status_of(application.person) is Status.APPROVED
    join(application.person, cast.team, by=cast.leader, at=MONDAY)
    profile = profile_of(application.person_id)
    assert profile is not None and profile.state is Status.ACTIVE
