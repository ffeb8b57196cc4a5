"""The team's page and those who run it: members, deputies, requests, closing."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.activities.actions import draft_activity
from portal.activities.queries import upcoming_for
from portal.badges.queries import holders_of, teams_of
from portal.db import db
from portal.hours.actions import approve_claim
from portal.hours.queries import members_to_enter
from portal.identity import Gender
from portal.notices.models import Notice
from portal.orgs.models import Membership, Team
from portal.orgs.queries import is_member, knows
from portal.people.models import Grant, Person, Role
from portal.people.policy import holds
from portal.problems import DomainError
from portal.profiles.actions import open_file
from portal.profiles.details import Details, Protector
from portal.profiles.models import Status
from portal.teams import actions, asking, queries
from portal.teams.admitting import TeamClosed, TooYoung, admit
from portal.teams.models import JoinRequest, Leaving, TeamCard, TeamKind, Wish
from portal.teams.queries import membership_of
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.harm import done
from tests.pages import cells, is_valid, words
from tests.teams.conftest import Neighbours
from tests.volunteers import MONDAY, Cast, at_once, claimed, closed, plan, published

Card = Callable[..., None]


def page_of(team: Team) -> str:
    return f"/teams/{team.slug}"


# ── the page ────────────────────────────────────────────────────────────────────────────────────────
def test_the_page_says_what_comes_next_and_what_was_served(client: Client, people: Cast) -> None:
    claim = claimed(people.member, published(people), minutes=90)
    approve_claim(claim, seen=0, by=people.lead, at=MONDAY)
    published(people, "下一场慰问", starts_at=MONDAY + timedelta(days=3))
    shown = client.sign_in(people.member).get(page_of(people.team))
    assert is_valid(shown)
    assert "下一场慰问" in words(shown) and "文明海宁一道走" not in words(shown)
    assert "1 小时 30 分" in words(shown)


def test_plain_members_see_masks_and_find_nobody_by_a_whole_name(app: Flask, client: Client, people: Cast) -> None:
    member = client.sign_in(people.member)
    assert people.other.name not in member.get(page_of(people.team)).text
    assert people.leader.name in member.get(page_of(people.team)).text
    assert len(cells(member.get(f"{page_of(people.team)}?q={people.other.name}"))) == 0
    assert len(cells(member.get(f"{page_of(people.team)}?q={people.other.name[0]}"))) == 1
    leader = new_client(app).sign_in(people.leader)
    assert len(cells(leader.get(f"{page_of(people.team)}?q={people.other.name}"))) == 1
    by_name = [row[0] for row in cells(member.get(f"{page_of(people.team)}?sort=name"))]
    assert by_name == [row[0] for row in cells(member.get(f"{page_of(people.team)}?sort=number"))]


def test_a_large_team_has_pages(client: Client, people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PER_PAGE", 5)
    for number in range(4):
        person(f"志愿者{number}", teams=[people.team])
    leader = client.sign_in(people.leader)
    first, second = leader.get(page_of(people.team)), leader.get(f"{page_of(people.team)}?page=2")
    assert (len(cells(first)), len(cells(second))) == (5, 3)
    assert is_valid(second) and leader.get(f"{page_of(people.team)}?page=999").status_code == 200


@pytest.mark.parametrize("who", ["stranger"])
def test_strangers_learn_nothing(client: Client, people: Cast, who: str) -> None:
    signed_in = client.sign_in(getattr(people, who))
    for place in (
        "",
        "/manage",
        "/members/add",
        "/requests",
        "/messages",
        "/roster",
        "/roster.csv",
        "/chain",
        "/leave",
    ):
        assert signed_in.get(page_of(people.team) + place).status_code == 404, place


# ── members come and go ─────────────────────────────────────────────────────────────────────────────
def test_a_leader_enters_a_volunteer_by_number_and_name(client: Client, people: Cast) -> None:
    leader, address = client.sign_in(people.leader), f"{page_of(people.team)}/members/add"
    number = people.stranger.volunteer_no
    wrong = leader.post(address, data={"number": number, "name": "别的名字"})
    unknown = leader.post(address, data={"number": "V2026999999", "name": people.stranger.name})
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert people.stranger.name not in words(wrong)
    assert "没有找到" in words(wrong) and "没有找到" in words(unknown)
    assert leader.post(address, data={"number": number, "name": people.stranger.name}).status_code == 303
    assert is_member(people.stranger, people.team)
    again = leader.post(address, data={"number": number, "name": people.stranger.name})
    assert again.status_code == 422 and "已经是" in words(again)
    told = select(func.count()).select_from(Notice).where(Notice.person_id == people.stranger.id)
    assert db.session.scalar(told) == 1


def test_who_is_removed_keeps_her_history_and_learns_why(client: Client, people: Cast) -> None:
    claimed(people.member, closed(people))
    membership = membership_of(people.member.id, people.team.id)
    assert membership is not None
    leader, address = client.sign_in(people.leader), f"{page_of(people.team)}/members/{membership.id}/remove"
    assert is_valid(leader.get(address))
    assert leader.post(address, data={"reason": ""}).status_code == 422
    assert leader.post(address, data={"reason": "搬到外地了"}).status_code == 303
    db.session.expire_all()
    assert not is_member(people.member, people.team)
    assert db.session.get_one(Membership, membership.id).left_on == MONDAY.date()
    assert db.session.get_one(Leaving, membership.id).reason == "搬到外地了"
    notice = db.session.scalars(select(Notice).where(Notice.person_id == people.member.id)).one()
    assert notice.values["reason"] == "搬到外地了"
    assert leader.post(address, data={"reason": "又一次"}).status_code == 404


def test_a_member_leaves_by_herself_and_may_come_again(client: Client, people: Cast) -> None:
    member = client.sign_in(people.member)
    assert is_valid(member.get(f"{page_of(people.team)}/leave"))
    assert member.post(f"{page_of(people.team)}/leave").status_code == 303
    assert not is_member(people.member, people.team)
    assert member.post(f"{page_of(people.team)}/leave").status_code == 404
    admit(people.member, people.team, by=people.leader, at=MONDAY)
    assert is_member(people.member, people.team)


def test_a_leader_neither_leaves_nor_is_removed(client: Client, people: Cast) -> None:
    answer = client.sign_in(people.leader).post(f"{page_of(people.team)}/leave", follow_redirects=True)
    assert "先请组织管理员" in words(answer)
    membership = membership_of(people.leader.id, people.team.id)
    assert membership is not None
    with pytest.raises(DomainError, match="先结束"):
        actions.remove_member(membership, "不守约定", by=people.lead, at=MONDAY)


def test_nobody_removes_members_of_other_teams(client: Client, people: Cast, neighbours: Neighbours) -> None:
    theirs = membership_of(neighbours.helper.id, neighbours.team.id)
    assert theirs is not None
    leader = client.sign_in(people.leader)
    for slug in (people.team.slug, neighbours.team.slug):
        assert leader.post(f"/teams/{slug}/members/{theirs.id}/remove", data={"reason": "试试"}).status_code == 404
    assert is_member(neighbours.helper, neighbours.team)


def test_nobody_young_joins_a_rescue_team(people: Cast, card: Card) -> None:
    card(kind=TeamKind.RESCUE)
    guardian = Protector("林父", "13800000001", "父亲")
    child = Details(gender=Gender.FEMALE, born_on=date(2010, 5, 1), guardian=guardian)
    open_file(people.stranger, child, status=Status.ACTIVE, by=people.lead, at=MONDAY)
    with pytest.raises(TooYoung):
        admit(people.stranger, people.team, by=people.leader, at=MONDAY)
    card(kind=TeamKind.SERVICE)
    admit(people.stranger, people.team, by=people.leader, at=MONDAY)


# ── deputies ────────────────────────────────────────────────────────────────────────────────────────
def test_a_deputy_runs_the_team_but_names_no_other(app: Flask, client: Client, people: Cast) -> None:
    leader, address = client.sign_in(people.leader), f"{page_of(people.team)}/deputies/new"
    assert is_valid(leader.get(address))
    for number, status in (
        ("V2026999999", 422),
        (people.stranger.volunteer_no, 422),
        (people.member.volunteer_no, 303),
    ):
        assert leader.post(address, data={"number": number, "reason": "周末带队"}).status_code == status
    db.session.expire_all()
    assert holds(people.member, Role.TEAM_LEADER, on=people.team.scopes)
    deputy = new_client(app).sign_in(people.member)
    assert "副队长" in words(deputy.get(page_of(people.team)))
    assert deputy.get(f"{page_of(people.team)}/manage").status_code == 200
    assert deputy.get(address).status_code == 403
    assert deputy.post(address, data={"number": people.other.volunteer_no, "reason": "一起"}).status_code == 403
    given = db.session.scalars(select(Grant).where(Grant.person_id == people.member.id)).one()
    assert leader.post(f"{page_of(people.team)}/deputies/{given.id}/end").status_code == 303
    db.session.expire_all()
    assert not holds(people.member, Role.TEAM_LEADER, on=people.team.scopes)
    assert is_member(people.member, people.team)


def test_a_deputy_cannot_end_her_leader(client: Client, people: Cast) -> None:
    own = db.session.scalars(select(Grant).where(Grant.person_id == people.leader.id)).one()
    lead = client.sign_in(people.lead)
    assert lead.post(f"{page_of(people.team)}/deputies/{own.id}/end").status_code == 404


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────
def test_asking_is_answered_in_a_queue(app: Flask, client: Client, people: Cast, card: Card) -> None:
    card(is_open_to_join=True)
    asking_one = client.sign_in(people.stranger)
    assert is_valid(asking_one.get("/teams")) and people.team.name in words(asking_one.get("/teams"))
    assert is_valid(asking_one.get(f"{page_of(people.team)}/join"))
    for _ in range(2):
        assert asking_one.post(f"{page_of(people.team)}/join", data={"words": "周末有空"}).status_code == 303
    wish = db.session.scalars(select(JoinRequest)).one()
    leader = new_client(app).sign_in(people.leader)
    queue = leader.get(f"{page_of(people.team)}/requests")
    assert is_valid(queue) and "周末有空" in words(queue)
    unsaid = leader.post(f"{page_of(people.team)}/requests/refuse", data={"request": wish.id, "reason": ""})
    assert unsaid.status_code == 422 and is_valid(unsaid)
    assert leader.post(f"{page_of(people.team)}/requests/approve", data={"request": wish.id}).status_code == 303
    assert is_member(people.stranger, people.team)
    db.session.refresh(wish)
    assert wish.state is Wish.APPROVED
    assert "已同意" in words(asking_one.get("/teams"))


def test_who_was_refused_waits_a_week(people: Cast, card: Card) -> None:
    card(is_open_to_join=True)
    wish = asking.ask(people.stranger, people.team, words="", by=people.stranger, at=MONDAY)
    asking.refuse([wish], "人满了", by=people.leader, at=MONDAY)
    with pytest.raises(DomainError, match="前几天"):
        asking.ask(people.stranger, people.team, words="", by=people.stranger, at=MONDAY + timedelta(days=6))
    asking.ask(people.stranger, people.team, words="", by=people.stranger, at=MONDAY + timedelta(days=8))


def test_asking_and_taking_back_does_not_flood_the_leader(people: Cast, card: Card) -> None:
    card(is_open_to_join=True)
    for minute in range(3):
        at = MONDAY + timedelta(minutes=minute)
        asking.withdraw(
            asking.ask(people.stranger, people.team, words="", by=people.stranger, at=at), by=people.stranger, at=at
        )
    with pytest.raises(DomainError, match="今天申请的次数"):
        asking.ask(people.stranger, people.team, words="", by=people.stranger, at=MONDAY + timedelta(hours=1))


def test_a_team_that_is_not_open_is_not_offered_and_takes_no_requests(client: Client, people: Cast) -> None:
    stranger = client.sign_in(people.stranger)
    assert people.team.name not in words(stranger.get("/teams"))
    assert stranger.get(f"{page_of(people.team)}/join").status_code == 404
    assert stranger.post(f"{page_of(people.team)}/join").status_code == 404


def test_nobody_answers_for_other_teams(client: Client, people: Cast, neighbours: Neighbours, card: Card) -> None:
    card(is_open_to_join=True)
    wish = asking.ask(people.stranger, people.team, words="", by=people.stranger, at=MONDAY)
    head = client.sign_in(neighbours.head)
    assert head.post(f"{page_of(people.team)}/requests/approve", data={"request": wish.id}).status_code == 404
    head.post(f"{page_of(neighbours.team)}/requests/approve", data={"request": wish.id})
    assert head.post(f"/teams/requests/{wish.id}/withdraw").status_code == 404
    db.session.refresh(wish)
    assert wish.state is Wish.WAITING


def test_two_leaders_who_answer_at_once_agree_on_one_answer(app: Flask, people: Cast, card: Card) -> None:
    card(is_open_to_join=True)
    wish = asking.ask(people.stranger, people.team, words="", by=people.stranger, at=MONDAY)
    number, base = wish.id, page_of(people.team)
    one, other = new_client(app).sign_in(people.leader), new_client(app).sign_in(people.lead)
    at_once(
        app,
        [
            lambda: one.post(f"{base}/requests/approve", data={"request": number}).status_code,
            lambda: other.post(f"{base}/requests/refuse", data={"request": number, "reason": "人满了"}).status_code,
        ],
    )
    db.session.expire_all()
    wish = db.session.get_one(JoinRequest, number)
    assert is_member(people.stranger, people.team) == (wish.state is Wish.APPROVED)
    assert wish.state in (Wish.APPROVED, Wish.REFUSED)


# ── founding and closing ────────────────────────────────────────────────────────────────────────────
def test_an_admin_founds_a_team(client: Client, people: Cast) -> None:
    lead = client.sign_in(people.lead)
    assert is_valid(lead.get("/teams/new"))
    sent = {"organisation": people.organisation.id, "name": "潮乡救援队", "kind": "rescue", "about": "水上救援"}
    assert lead.post("/teams/new", data=sent).status_code == 303
    team = db.session.scalars(select(Team).where(Team.name == "潮乡救援队")).one()
    assert db.session.get_one(TeamCard, team.id).what is TeamKind.RESCUE
    twice = lead.post("/teams/new", data=sent)
    assert twice.status_code == 422 and "已经有叫" in words(twice)
    assert is_valid(lead.get(f"{page_of(team)}/manage"))


def test_nobody_founds_a_team_elsewhere(client: Client, people: Cast, neighbours: Neighbours) -> None:
    lead = client.sign_in(people.lead)
    sent = {"organisation": neighbours.house.id, "name": "别家的队", "kind": "club"}
    assert lead.post("/teams/new", data=sent).status_code == 422
    assert db.session.scalar(select(Team).where(Team.name == "别家的队")) is None


def test_a_closed_team_has_history_but_no_future(app: Flask, client: Client, people: Cast) -> None:
    lead = client.sign_in(people.lead)
    assert is_valid(lead.get(f"{page_of(people.team)}/close"))
    assert lead.post(f"{page_of(people.team)}/close", data={"reason": "并入别的队"}).status_code == 303
    assert is_valid(lead.get(page_of(people.team))) and "停办" in words(lead.get(page_of(people.team)))
    leader = new_client(app).sign_in(people.leader)
    assert leader.post(f"{page_of(people.team)}/reopen").status_code == 403
    number, name = people.stranger.volunteer_no, people.stranger.name
    refused = leader.post(f"{page_of(people.team)}/members/add", data={"number": number, "name": name})
    assert refused.status_code == 422 and "停办" in words(refused)
    assert leader.post(f"{page_of(people.team)}/invitations", data={"days": "3"}).status_code == 422
    with pytest.raises(TeamClosed):
        draft_activity(people.team, plan(starts_at=MONDAY + timedelta(days=1)), by=people.leader, at=MONDAY)
    assert lead.post(f"{page_of(people.team)}/reopen").status_code == 303
    admit(people.stranger, people.team, by=people.leader, at=MONDAY)


def test_the_database_keeps_new_activities_out_of_a_closed_team(people: Cast) -> None:
    actions.close_team(people.team, "并入别的队", by=people.lead, at=MONDAY)
    begins = (
        "INSERT INTO activities_activity (team_id, name, place, content, starts_at, ends_at, status, seq, "
        f"drafted_by_id, drafted_at) VALUES ({people.team.id}, '一场', '某处', '', "
        "'2026-11-20 08:00:00', '2026-11-20 09:00:00', 'draft', "
        f"0, {people.leader.id}, '2026-11-16 08:00:00')"
    )
    with pytest.raises(DBAPIError, match="closed team"), db.session.begin_nested():
        db.session.execute(text(begins))
    with done("activities_activity", begins):
        assert db.session.scalar(text("SELECT count(*) FROM activities_activity")) == 1


def test_members_do_not_know_each_others_files(people: Cast) -> None:
    assert knows(people.leader, people.member.id)
    assert not knows(people.member, people.other.id)


def test_a_reader_sees_and_changes_nothing(client: Client, people: Cast) -> None:
    supervisor = client.sign_in(people.supervisor)
    assert supervisor.get(page_of(people.team)).status_code == 200
    for place in ("/manage", "/close", "/reopen", "/messages", "/invitations", "/members/add", "/chain", "/roster"):
        assert supervisor.post(page_of(people.team) + place, data={"reason": "试试"}).status_code in (403, 405), place


def test_people_of_strange_standing_do_not_join(people: Cast) -> None:
    gone = person("走了的人")
    gone.is_open = False
    donor: Person = person("只捐款的人")
    donor.volunteer_no = None
    db.session.flush()
    for one in (gone, donor):
        with pytest.raises(DomainError, match="还不是在册"):
            admit(one, people.team, by=people.leader, at=MONDAY)
    assert clock.today() == MONDAY.date()


def test_a_loan_that_is_over_counts_nowhere_before_anybody_has_ended_it(people: Cast) -> None:
    membership = membership_of(people.member.id, people.team.id)
    assert membership is not None
    activity = published(people)
    places: list[Callable[[], bool]] = [
        lambda: people.team in teams_of(people.member.id),
        lambda: people.member in [holder.person for holder in holders_of(people.team)],
        lambda: people.member in members_to_enter(activity, by=people.leader),
        lambda: bool(upcoming_for(people.member, MONDAY - timedelta(days=30), 5)),
    ]
    assert [counts() for counts in places] == [True] * 4
    with clock.frozen(MONDAY):
        membership.joined_on = membership.until = MONDAY.date() - timedelta(days=31)
        db.session.flush()
        assert [counts() for counts in places] == [False] * 4
