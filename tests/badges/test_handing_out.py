"""Leaders print cards for their own members, and never learn a PIN."""

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from portal.audit.models import AuditLine
from portal.badges.actions import issue_badges, revoke_badge
from portal.badges.cards import spaced, text_of, token_of
from portal.badges.models import Badge
from portal.db import db
from portal.people.models import Person
from portal.people.passwords import is_right
from portal.problems import ChangedMeanwhile
from tests.applications import Client
from tests.badges.showing import PIN, badge_of, show
from tests.conftest import new_client
from tests.contacts.reaching import MOBILE, contact, letters
from tests.pages import is_valid, words
from tests.volunteers import MONDAY, Cast, at_once, lines

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""What is wrong with odd input is said before any database is asked."""


@pytest.fixture
def leader(client: Client, cast: Cast) -> Client:
    return client.sign_in(cast.leader)


def page_of(cast: Cast) -> str:
    return f"/badges/teams/{cast.team.slug}"


def test_a_leader_hands_out_prints_and_has_a_pin_set(leader: Client, cast: Cast) -> None:
    contact(cast.member, MOBILE, at=MONDAY)
    answer = leader.post(f"{page_of(cast)}/issue", data={"person": [str(cast.member.id), str(cast.other.id)]})
    assert answer.status_code == 303
    badge = db.session.scalars(select(Badge).where(Badge.person_id == cast.member.id)).one()
    shown = leader.get(page_of(cast))
    assert is_valid(shown)
    assert "还没设密码" in words(shown)
    sheet = leader.get(f"{page_of(cast)}/print")
    assert is_valid(sheet)
    assert (spaced(badge.number) in words(sheet), sheet.text.count('class="badge"')) == (True, 2)
    assert leader.get(f"{page_of(cast)}/print?badge={badge.id}").text.count('class="badge"') == 1
    assert leader.post(f"/badges/{badge.id}/pin", data={"pin": PIN, "pin_again": PIN}).status_code == 303
    db.session.rollback()
    assert is_right(badge.pin_hash, PIN)
    assert "志愿者证在何远帆的设备上设了密码" in letters(MOBILE)[-1].text
    assert (lines("badges.badge.issued"), lines("badges.pin.set"), lines("badges.cards.printed")) == (2, 1, 2)


def test_nothing_that_opens_a_badge_lies_in_the_tables(leader: Client, cast: Cast) -> None:
    badge = badge_of(cast.member, cast)
    leader.post(f"/badges/{badge.id}/pin", data={"pin": "70946", "pin_again": "70946"})
    lying = str([db.session.execute(text(f"SELECT * FROM {name}")).all() for name in ("badges_badge", "audit_line")])
    assert token_of(badge) not in lying
    assert "70946" not in lying
    assert "$argon2id$" in lying


@ONE_ENGINE
@pytest.mark.parametrize(
    ("pin", "again"), [("", ""), ("8305", "8306"), ("1234", "1234"), ("\x00", "\x00"), ("8" * 50, "8" * 50)]
)
def test_a_poor_pin_gets_a_sentence_and_is_never_shown(leader: Client, cast: Cast, pin: str, again: str) -> None:
    badge = badge_of(cast.member, cast, pin=False)
    answer = leader.post(f"/badges/{badge.id}/pin", data={"pin": pin, "pin_again": again})
    assert answer.status_code == 422
    assert is_valid(answer)
    assert not pin or f'value="{pin}"' not in answer.text


def test_a_member_gets_no_second_card_while_the_first_is_good(leader: Client, cast: Cast) -> None:
    badge = badge_of(cast.member, cast)
    assert issue_badges([cast.member], cast.team, by=cast.leader, at=MONDAY) == []
    revoke_badge(badge, by=cast.leader, at=MONDAY)
    assert len(issue_badges([cast.member], cast.team, by=cast.leader, at=MONDAY)) == 1


def issued(browser: Client, address: str, member: str) -> int:
    return browser.post(address, data={"person": [member]}).status_code


def test_two_leaders_at_once_hand_out_one_card(app: Flask, cast: Cast) -> None:
    browsers = [new_client(app).sign_in(person) for person in (cast.leader, cast.lead)]
    calls = [partial(issued, browser, f"{page_of(cast)}/issue", str(cast.member.id)) for browser in browsers]
    answers = at_once(app, calls)
    assert set(answers) <= {303, 422}
    assert db.session.scalar(select(func.count()).select_from(Badge)) == 1


def test_the_database_lets_nobody_have_two_good_cards(cast: Cast) -> None:
    badge = badge_of(cast.member, cast)
    again = Badge(person_id=badge.person_id, team_id=badge.team_id, number="00000001", nonce="x")
    again.issued_at, again.issued_by_id = MONDAY, cast.leader.id
    db.session.add(again)
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_without_that_index_a_lost_card_could_stay_good_beside_the_new_one(cast: Cast) -> None:
    badge = badge_of(cast.member, cast)
    db.session.execute(text("DROP INDEX uq_badges_badge_live"))
    again = Badge(person_id=badge.person_id, team_id=badge.team_id, number="00000001", nonce="x")
    again.issued_at, again.issued_by_id = MONDAY, cast.leader.id
    db.session.add(again)
    db.session.flush()
    good = db.session.scalar(select(func.count()).where(Badge.revoked_at.is_(None)))
    db.session.rollback()
    assert good == 2, "the harm that the index keeps away"


def test_a_lost_card_is_dead_at_once_and_the_new_one_good(leader: Client, cast: Cast) -> None:
    lost = badge_of(cast.member, cast)
    number, scanned = lost.number, text_of(lost)
    assert leader.post(f"/badges/{lost.id}/revoke").status_code == 303
    new = badge_of(cast.member, cast)
    assert (show(leader, new, card=number), show(leader, new, card=scanned), show(leader, new)) == (422, 422, 303)


def test_revoking_ends_a_visit_that_goes_on(app: Flask, leader: Client, cast: Cast) -> None:
    badge = badge_of(cast.member, cast)
    show(leader, badge)
    assert leader.get("/hours").status_code == 200
    new_client(app).sign_in(cast.lead).post(f"/badges/{badge.id}/revoke")
    assert leader.get("/hours").status_code in (302, 303)
    with pytest.raises(ChangedMeanwhile):
        revoke_badge(badge, by=cast.lead, at=MONDAY)


@pytest.mark.parametrize("who", ["member", "reviewer", "supervisor", "stranger"])
def test_whoever_does_not_run_the_team_hands_out_nothing(client: Client, cast: Cast, who: str) -> None:
    badge = badge_of(cast.other, cast)
    person: Person = getattr(cast, who)
    client.sign_in(person)
    is_stranger = who == "stranger"
    for path in ("", "/print"):
        assert client.get(page_of(cast) + path).status_code == (404 if is_stranger else 403)
    for path in ("/issue", "/kiosk"):
        assert client.post(page_of(cast) + path).status_code == (404 if is_stranger else 403)
    assert client.get(f"/badges/{badge.id}/pin").status_code == 404
    assert client.post(f"/badges/{badge.id}/pin", data={"pin": PIN, "pin_again": PIN}).status_code == 404
    assert client.post(f"/badges/{badge.id}/revoke").status_code == 404


def test_somebody_who_is_no_member_gets_no_card_by_a_made_up_form(leader: Client, cast: Cast) -> None:
    odd = [str(cast.stranger.id), "0", "-1", "x", "9" * 30, "\x00"]
    leader.post(f"{page_of(cast)}/issue", data={"person": odd})
    assert db.session.scalar(select(func.count()).select_from(Badge)) == 0


def test_the_audit_tells_whose_device_and_never_a_pin(leader: Client, cast: Cast) -> None:
    badge = badge_of(cast.member, cast, pin=False)
    leader.post(f"/badges/{badge.id}/pin", data={"pin": PIN, "pin_again": PIN})
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "badges.pin.set")).one()
    assert (line.actor_id, line.detail) == (cast.leader.id, {"person": cast.member.id})
