"""A 接龙 becomes members: whom it means, what is asked, and that only what was seen is booked."""

import re

import pytest
from sqlalchemy import func, select

from portal.contacts.actions import add_contact
from portal.contacts.reading import read_address
from portal.db import db
from portal.notices.models import Notice
from portal.orgs.models import Membership, Team
from portal.orgs.queries import is_member
from portal.people.models import Person
from portal.problems import DomainError
from portal.teams.actions import add_member, close_team
from portal.teams.importing import book
from portal.teams.recognising import Doubt, preview
from tests.applications import Client
from tests.factories import person, team
from tests.pages import is_valid, statements, words
from tests.teams.conftest import Neighbours
from tests.volunteers import MONDAY, Cast


@pytest.fixture
def sister(people: Cast) -> Team:
    """Another team of the same organisation, whose people the leader may find by name."""
    return team("晨星二队", of=people.organisation)


def doubts(text: str, crew: Team) -> list[Doubt | None]:
    return [one.doubt for one in preview(text, crew).places]


def test_a_name_is_found_within_the_organisation_only(people: Cast, sister: Team, neighbours: Neighbours) -> None:
    person("方小雨", teams=[sister])
    text = f"1. 方小雨\n2. {neighbours.helper.name}\n3. {people.member.name}\n4. 方小雨"
    assert doubts(text, people.team) == [None, Doubt.UNKNOWN, Doubt.MEMBER, Doubt.REPEAT]


def test_number_or_mobile_together_with_the_name_finds_anybody(people: Cast, neighbours: Neighbours) -> None:
    helper = neighbours.helper
    add_contact(helper, read_address("13800138000"), at=MONDAY)
    assert doubts(f"1. {helper.name} 138 0013 8000", people.team) == [None]
    assert doubts(f"1. {helper.name} {helper.volunteer_no}", people.team) == [None]


def test_a_number_or_mobile_alone_tells_nobodys_name(client: Client, people: Cast, neighbours: Neighbours) -> None:
    helper = neighbours.helper
    add_contact(helper, read_address("13800138000"), at=MONDAY)
    text = f"1. 甲乙 {helper.volunteer_no}\n2. 丙丁 13800138000\n3. {helper.volunteer_no}"
    shown = client.sign_in(people.leader).post(f"/teams/{people.team.slug}/chain", data={"text": text})
    assert shown.status_code == 200 and is_valid(shown)
    assert helper.name not in shown.text
    assert f'value="{helper.id}"' not in shown.text


def test_namesakes_are_asked_and_a_wrong_mobile_is_doubted(people: Cast, sister: Team) -> None:
    twins = [person("方小雨", teams=[sister]), person("方小雨", teams=[sister])]
    alone = person("孟晚舟行", teams=[sister])
    add_contact(alone, read_address("13800138000"), at=MONDAY)
    places = preview("1. 方小雨\n2. 孟晚舟行 13900139000", people.team).places
    assert [one.doubt for one in places] == [Doubt.SEVERAL, Doubt.MISMATCH]
    assert {one.person_id for one in places[0].candidates} == {one.id for one in twins}
    assert [one.person_id for one in places[1].candidates] == [alone.id]


def test_somebody_called_dai_and_somebody_reported(people: Cast, sister: Team) -> None:
    person("代小明", teams=[sister])
    person("方小雨", teams=[sister])
    assert doubts("1. 代小明\n2. 代方小雨\n3. 方小雨 请假", people.team) == [None, None, Doubt.REPEAT]


def test_twelve_lines_with_two_doubts_become_ten_members(client: Client, people: Cast, sister: Team) -> None:
    names = [f"方小{one}" for one in "甲乙丙丁戊己庚辛壬"]
    for name in [*names, "同名人", "同名人"]:
        person(name, teams=[sister])
    lines = [*names, "同名人", "没这人", people.member.name]
    leader, address = client.sign_in(people.leader), f"/teams/{people.team.slug}/chain"
    text = "#接龙\n" + "\n".join(f"{number}. {name}" for number, name in enumerate(lines, 1))
    before = _members(people.team)
    shown = leader.post(address, data={"text": text})
    assert "认出 9 人，2 处请您定" in words(shown) and is_valid(shown)
    assert _members(people.team) == before, "a preview books nobody"
    sure = dict(re.findall(r'name="(pick-\d+)" value="(\d+)" form="chain"', shown.text))
    options = re.findall(r'<option value="(\d+)">同名人', shown.text)
    picked = sure | {"pick-9": options[1]}
    booked = leader.post(f"{address}/book", data={"text": text, **picked}, follow_redirects=True)
    assert "10 人入队了" in words(booked)
    assert _members(people.team) == before + 10
    assert is_member(db.session.get_one(Person, int(options[1])), people.team)
    assert not is_member(db.session.get_one(Person, int(options[0])), people.team)
    told = select(func.count()).select_from(Notice).where(Notice.kind == "teams.joined")
    assert db.session.scalar(told) == 10
    again = leader.post(f"{address}/book", data={"text": text, **picked})
    assert again.status_code == 422 and is_valid(again) and _members(people.team) == before + 10


def test_what_changed_since_the_preview_is_said_and_the_rest_booked(people: Cast, sister: Team) -> None:
    one, other, third = (person(name, teams=[sister]) for name in ("方小甲", "方小乙", "方小丙"))
    text = "1. 方小甲\n2. 方小乙\n3. 方小丙"
    picks = {place.index: place.candidates[0].person_id for place in preview(text, people.team).places}
    add_member(one, people.team, by=people.lead, at=MONDAY)
    other.is_open = False
    db.session.flush()
    booked = book(text, picks, people.team, by=people.leader, at=MONDAY)
    assert [person.id for person in booked.people] == [third.id]
    assert len(booked.changed) == 2 and "方小甲" in booked.changed[0] and "方小乙" in booked.changed[1]


def test_ids_of_others_are_not_booked(client: Client, people: Cast, sister: Team, neighbours: Neighbours) -> None:
    person("方小甲", teams=[sister])
    sent = {"text": "1. 方小甲", "pick-0": neighbours.helper.id, "pick-7": people.stranger.id, "pick-x": "1"}
    answer = client.sign_in(people.leader).post(f"/teams/{people.team.slug}/chain/book", data=sent)
    assert answer.status_code == 422
    assert not is_member(neighbours.helper, people.team) and not is_member(people.stranger, people.team)


def test_nothing_comes_into_a_closed_team(people: Cast, sister: Team) -> None:
    one = person("方小甲", teams=[sister])
    close_team(people.team, "并入别的队", by=people.lead, at=MONDAY)
    with pytest.raises(DomainError, match="停办"):
        book("1. 方小甲", {0: one.id}, people.team, by=people.leader, at=MONDAY)


def test_a_list_of_five_hundred_takes_a_few_statements(people: Cast, sister: Team) -> None:
    text = "\n".join(f"{number}. 志愿者{number} {13800000000 + number}" for number in range(500))
    person("志愿者7", teams=[sister])
    db.session.commit()
    from flask import current_app

    with statements(current_app) as seen:
        assert len(preview(text, people.team).places) == 500
    assert len(seen) <= 12


def _members(crew: Team) -> int:
    here = (Membership.team_id == crew.id, Membership.left_on.is_(None))
    return db.session.scalar(select(func.count()).select_from(Membership).where(*here)) or 0
