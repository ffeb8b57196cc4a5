"""Links into a team: who may make, use and guess them."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.db import db
from portal.orgs.models import Membership
from portal.orgs.queries import is_member
from portal.people.models import Person
from portal.problems import DomainError
from portal.teams import invitations
from portal.teams.actions import close_team, remove_member
from portal.teams.models import Invitation, JoinRequest
from portal.teams.queries import membership_of
from tests.applications import Client
from tests.conftest import new_client
from tests.harm import done
from tests.pages import is_valid, words
from tests.teams.conftest import status
from tests.volunteers import MONDAY, Cast, at_once

Card = Callable[..., None]


def made(people: Cast, *, days: int = 14, most_uses: int | None = None) -> tuple[Invitation, str]:
    invitation = invitations.make(people.team, days=days, most_uses=most_uses, by=people.leader, at=MONDAY)
    token = invitations.token_of(invitation)
    assert token is not None
    return invitation, token


def test_a_leader_makes_a_link_and_a_volunteer_joins_by_it(app: Flask, client: Client, people: Cast) -> None:
    address = f"/teams/{people.team.slug}/invitations"
    leader = client.sign_in(people.leader)
    assert is_valid(leader.get(address))
    shown = leader.post(address, data={"days": "7", "most_uses": ""}, follow_redirects=True)
    assert is_valid(shown) and "<svg" in shown.text
    link = re.search(r"http://portal\.test(/invite/[A-Z2-7]{32})", shown.text)
    assert link is not None
    stranger = new_client(app).sign_in(people.stranger)
    assert is_valid(stranger.get(link[1]))
    assert people.team.name in words(stranger.get(link[1]))
    welcomed = stranger.post(link[1], follow_redirects=True)
    assert "您加入了" in words(welcomed)
    assert is_member(people.stranger, people.team)
    assert "1" in words(leader.get(address))


def test_the_table_holds_no_link(people: Cast) -> None:
    invitation, token = made(people)
    row = db.session.execute(text("SELECT * FROM teams_invitation")).one()
    assert not any(token in str(value) for value in row)
    assert len(token) * 5 >= 128
    assert invitations.lookup(invitation.nonce) is None
    assert invitations.lookup(invitation.token_digest) is None


def test_a_forged_link_says_so_and_nothing_else(client: Client, people: Cast) -> None:
    made(people)
    for token in ("A" * 32, "AAAA", "%00", "\u202e" * 20, "a'--", "邀请" * 20):
        answer = client.get(f"/invite/{token}")
        assert (answer.status_code, people.team.name in answer.text) == (404, False), token


@pytest.mark.parametrize(
    ("how", "sentence"),
    [("expired", "过期"), ("revoked", "收回"), ("used up", "用完"), ("closed", "停办"), ("new key", "请您加入")],
)
def test_a_link_that_is_over_says_why(
    app: Flask, client: Client, people: Cast, monkeypatch: pytest.MonkeyPatch, how: str, sentence: str
) -> None:
    invitation, token = made(people, most_uses=1)
    if how == "revoked":
        invitations.revoke(invitation, by=people.leader, at=MONDAY)
    if how == "used up":
        invitations.use(invitation, people.stranger, by=people.stranger, at=MONDAY)
    if how == "closed":
        close_team(people.team, "并入别的队", by=people.lead, at=MONDAY)
    if how == "new key":
        monkeypatch.setattr(invitations, "digest_of", lambda *_, **__: "0" * 64)
        assert invitations.token_of(invitation) is None
    db.session.commit()
    with clock.frozen(MONDAY + timedelta(days=14 if how == "expired" else 13)):
        answer = client.sign_in(people.reviewer).get(f"/invite/{token}")
        assert sentence in words(answer)
        assert is_valid(answer)
        if how != "new key":
            assert (answer.status_code, invitations.read(token)) == (410, None)
            assert client.post(f"/invite/{token}").status_code == 410
            assert not is_member(people.reviewer, people.team)


def test_nobody_joins_without_signing_in(client: Client, people: Cast) -> None:
    _, token = made(people)
    answer = client.get(f"/invite/{token}")
    assert answer.status_code == 200
    assert f"/login?next=%2Finvite%2F{token}" in answer.text or f"/login?next=/invite/{token}" in answer.text
    assert f"/join?invite={token}" in answer.text
    assert "/login" in client.post(f"/invite/{token}").headers["Location"]


def test_whoever_is_no_volunteer_is_led_to_registering(client: Client, people: Cast) -> None:
    _, token = made(people)
    people.stranger.volunteer_no = None
    db.session.flush()
    client.sign_in(people.stranger)
    assert f"/join?invite={token}" in client.get(f"/invite/{token}").text
    client.post(f"/invite/{token}")
    assert not is_member(people.stranger, people.team)


def test_a_team_that_looks_first_gets_a_request(people: Cast, card: Card) -> None:
    card(asks_approval=True)
    invitation, _ = made(people)
    entered = invitations.use(invitation, people.stranger, by=people.stranger, at=MONDAY)
    assert entered.membership is None and entered.request is not None
    assert not is_member(people.stranger, people.team)


def test_whoever_was_removed_waits_for_the_leader_with_any_link(people: Cast) -> None:
    membership = membership_of(people.member.id, people.team.id)
    assert membership is not None
    remove_member(membership, "不守约定", by=people.leader, at=MONDAY)
    invitation, _ = made(people)
    entered = invitations.use(invitation, people.member, by=people.member, at=MONDAY)
    assert entered.membership is None
    assert not is_member(people.member, people.team)
    assert db.session.scalar(select(func.count()).select_from(JoinRequest)) == 1


def test_the_last_place_is_taken_once(app: Flask, people: Cast) -> None:
    """Four volunteers open the link of one place at the same moment."""
    invitation, _ = made(people, most_uses=1)
    four = [people.stranger.id, people.reviewer.id, people.supervisor.id]
    number = invitation.id

    def joining(person_id: int) -> Callable[[], bool]:
        def run() -> bool:
            with app.app_context():
                one = db.session.get_one(Person, person_id)
                try:
                    invitations.use(db.session.get_one(Invitation, number), one, by=one, at=MONDAY)
                    db.session.commit()
                except DomainError:
                    db.session.rollback()
                    return False
                return True

        return run

    assert sorted(at_once(app, [joining(one) for one in four])) == [False, False, True]
    assert db.session.get_one(Invitation, number).uses == 1
    joined = select(func.count()).select_from(Membership).where(Membership.person_id.in_(four))
    assert db.session.scalar(joined) == 1


def test_two_clicks_make_one_member(app: Flask, people: Cast) -> None:
    invitation, token = made(people)
    clients = [new_client(app).sign_in(people.stranger) for _ in range(2)]
    answers = at_once(app, [partial(status, one, f"/invite/{token}") for one in clients])
    assert 303 in answers and set(answers) <= {303, 422}
    hers = select(func.count()).select_from(Membership).where(Membership.person_id == people.stranger.id)
    assert db.session.scalar(hers) == 1
    db.session.refresh(invitation)
    assert invitation.uses == 1


def test_only_those_who_run_the_team_make_links(app: Flask, people: Cast) -> None:
    address = f"/teams/{people.team.slug}/invitations"
    for who in (people.member, people.stranger, people.reviewer, people.supervisor):
        signed_in = new_client(app).sign_in(who)
        assert signed_in.get(address).status_code in (403, 404)
        assert signed_in.post(address, data={"days": "7"}).status_code in (403, 404)
    assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0


def test_days_that_make_no_sense_are_said_so(client: Client, people: Cast) -> None:
    leader = client.sign_in(people.leader)
    for days in ("0", "91", "-1", "abc", "", "９９９"):
        answer = leader.post(f"/teams/{people.team.slug}/invitations", data={"days": days})
        assert answer.status_code == 422 and is_valid(answer)


def test_another_teams_link_is_not_found_in_mine(client: Client, people: Cast, neighbours: object) -> None:
    theirs = neighbours.team  # type: ignore[attr-defined]
    head = neighbours.head  # type: ignore[attr-defined]
    other = invitations.make(theirs, days=3, most_uses=None, by=head, at=MONDAY)
    signed_in = client.sign_in(people.leader)
    address = f"/teams/{people.team.slug}/invitations/{other.id}"
    assert signed_in.get(address).status_code == 404
    assert signed_in.post(f"{address}/revoke").status_code == 404
    assert signed_in.post(f"/teams/{theirs.slug}/invitations/{other.id}/revoke").status_code == 404


def test_a_closed_team_takes_nobody_even_past_the_actions(people: Cast) -> None:
    close_team(people.team, "并入别的队", by=people.lead, at=MONDAY)
    joins = (
        f"INSERT INTO orgs_membership (person_id, team_id, joined_on) "
        f"VALUES ({people.stranger.id}, {people.team.id}, '{MONDAY.date()}')"
    )
    with pytest.raises(DBAPIError, match="closed team"), db.session.begin_nested():
        db.session.execute(text(joins))
    with done("orgs_membership", joins):
        assert is_member(people.stranger, people.team)
