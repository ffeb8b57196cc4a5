"""Whoever had her data deleted waits for nothing any more; nobody sees more of a file than she must."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal.consents.models import Purpose
from portal.db import db
from portal.files.actions import keep_picture
from portal.files.pictures import Picture
from portal.joining.actions import apply
from portal.joining.models import Application, State
from portal.joining.wishes import Wish
from portal.people.actions import add_person, end_grant
from portal.people.models import Grant, Person
from portal.teams import asking, invitations
from portal.teams.models import JoinRequest
from portal.teams.models import Wish as Answer
from tests import factories
from tests.conftest import new_client
from tests.joining.steps import applied, details, minor
from tests.mydata.test_deleting import deleted
from tests.volunteers import MONDAY, Cast


def test_a_request_to_a_team_is_taken_back_and_its_words_go(cast: Cast) -> None:
    team = factories.team("夜归人服务队", of=cast.organisation)
    link = invitations.make(team, days=3, most_uses=None, by=cast.lead, at=MONDAY)
    asking.ask(cast.member, team, words="我住双桥 8 号", by=cast.member, at=MONDAY, invitation=link)
    deleted(cast.member)
    request = db.session.scalars(select(JoinRequest)).one()
    assert (request.status, request.words) == (Answer.WITHDRAWN.value, "")


def test_an_application_is_taken_back(cast: Cast) -> None:
    application = applied(wish=Wish(cast.organisation))
    deleted(application.person)
    assert db.session.scalars(select(Application.status)).one() == State.WITHDRAWN.value


@pytest.mark.parametrize(("who", "is_whole"), [("lead", True), ("supervisor", False)])
def test_only_who_decides_reads_the_guardians_name(app: Flask, cast: Cast, who: str, is_whole: bool) -> None:
    application = minor(agreed=True, wish=Wish(cast.organisation))
    db.session.commit()
    page = new_client(app).sign_in(getattr(cast, who)).get(f"/applications/{application.id}").text
    assert ("江有枝" in page) is is_whole


def test_who_entered_somebody_and_leads_no_more_sees_her_application_no_more(app: Flask, cast: Cast) -> None:
    paper = keep_picture(Picture(b"\xff\xd8\xff\xe0 signed", "paper.jpg"), by=cast.leader, at=MONDAY)
    person, wish = add_person("江念念", by=None, at=MONDAY), Wish(cast.organisation)
    agreed = [Purpose.JOIN]
    application = apply(person, details(), agreed=agreed, by=cast.leader, at=MONDAY, wish=wish, paper=paper)
    db.session.commit()
    address = f"/applications/{application.id}"
    assert new_client(app).sign_in(cast.leader).get(address).status_code == 200
    for grant in db.session.scalars(select(Grant).where(Grant.person_id == cast.leader.id)):
        end_grant(grant, by=cast.lead, at=MONDAY, reason="换届")
    db.session.commit()
    assert new_client(app).sign_in(db.session.get_one(Person, cast.leader.id)).get(address).status_code == 404
