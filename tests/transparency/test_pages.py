"""Organisations as everybody sees them."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.db import db
from portal.hours.actions import Ticket, approve_claims
from portal.orgs.chapters import CHAPTERS, add_entry
from portal.orgs.merging import merge
from portal.orgs.registering import register
from portal.people.models import ALLIANCE, Person, Role
from tests import factories
from tests.applications import Client
from tests.orgs.codes import code
from tests.orgs.test_registry import details
from tests.pages import cells, is_valid, words
from tests.volunteers import MONDAY, SUNDAY, Cast, at_most, claimed, published

LIST, PAGE = 3, 7
"""Statements of a first view."""


@pytest.fixture
def worker_person(cast: Cast) -> Person:
    return factories.person("夏立春", grants=[(Role.WORKER, ALLIANCE)])


def test_the_list_shows_open_ones_with_their_teams(cast: Cast, worker_person: Person, client: Client) -> None:
    register(details(), by=worker_person, at=MONDAY)
    page = client.get("/organisations")
    assert is_valid(page)
    assert cells(page) == [["星火社会组织", "其他", "1"], ["海宁市暖巷服务社", "社会服务机构", "0"]]
    assert cells(client.get("/organisations?kind=service")) == [["海宁市暖巷服务社", "社会服务机构", "0"]]
    assert cells(client.get("/organisations?q=暖巷"))[0][0] == "海宁市暖巷服务社"
    assert "没有找到这样的组织" in words(client.get("/organisations?q=没有这样的"))
    assert client.get("/organisations?kind=nothing&page=9999").status_code == 200


def test_the_page_tells_facts_and_names_nobody(cast: Cast, worker_person: Person, client: Client) -> None:
    claim = claimed(cast.member, published(cast), minutes=120)
    approve_claims([Ticket(claim.id, claim.seq)], by=cast.reviewer, at=MONDAY)
    published(cast, "下周一道走", starts_at=MONDAY + timedelta(days=3))
    page = client.get(f"/organisations/{cast.organisation.slug}")
    assert is_valid(page)
    text = words(page)
    for said in ("服务时长合计 2 小时", "今年服务时长 2 小时", "晨星志愿服务队 4 名队员", "下周一道走"):
        assert said in text, said
    people = db.session.scalars(select(Person.name))
    assert not [name for name in people if name in page.text]


def test_hours_of_what_was_merged_elsewhere_count_elsewhere(cast: Cast, worker_person: Person, client: Client) -> None:
    kept, third = factories.organisation("留下的组织"), factories.organisation("不相干的组织")
    claim = claimed(cast.member, published(cast), minutes=120)
    approve_claims([Ticket(claim.id, claim.seq)], by=cast.reviewer, at=MONDAY)
    merge(kept, cast.organisation, reason="登记了两次", by=worker_person, at=MONDAY)
    assert "服务时长合计 2 小时" in words(client.get(f"/organisations/{kept.slug}"))
    assert "服务时长合计 0 小时" in words(client.get(f"/organisations/{third.slug}"))


def test_last_years_hours_count_in_the_sum_alone(cast: Cast, client: Client) -> None:
    long_ago = SUNDAY - timedelta(days=365)
    claim = claimed(cast.member, published(cast, starts_at=long_ago), minutes=120, by=cast.leader)
    approve_claims([Ticket(claim.id, claim.seq)], by=cast.reviewer, at=MONDAY)
    text = words(client.get(f"/organisations/{cast.organisation.slug}"))
    assert "服务时长合计 2 小时" in text
    assert "今年服务时长 0 小时" in text


def test_what_happens_again_and_again_is_a_project(cast: Cast, client: Client) -> None:
    for week in range(3):
        published(cast, "周末一道走", starts_at=SUNDAY - timedelta(weeks=week))
    published(cast, "只办一次", starts_at=SUNDAY - timedelta(days=1))
    text = words(client.get(f"/organisations/{cast.organisation.slug}"))
    assert "周末一道走 3 次 2026-11-15" in text
    assert "只办一次" not in text


def test_a_change_is_seen_at_the_next_view(cast: Cast, worker_person: Person, client: Client) -> None:
    address = f"/organisations/{cast.organisation.slug}"
    assert "入驻" not in words(client.get(address))
    values = {"stage": "moved_in", "happened_on": date(2024, 1, 1), "place": "三楼", "note": "别告诉大家"}
    add_entry(cast.organisation, CHAPTERS["stages"], values, by=worker_person, at=MONDAY)
    page = client.get(address)
    assert "入驻" in words(page)
    assert "别告诉大家" not in page.text
    assert client.get(address, headers={"If-None-Match": page.headers["ETag"]}).status_code == 304


def test_the_same_as_data(cast: Cast, worker_person: Person, client: Client) -> None:
    register(details(slug="nuanxiang"), by=worker_person, at=MONDAY)
    told = json.loads(client.get("/organisations/nuanxiang.json").text)
    assert told["credit_code"] == code("52")
    assert (told["kind"], told["minutes"], told["teams"]) == ("service", 0, [])
    listed = json.loads(client.get("/organisations.json?q=暖巷").text)["organisations"]
    assert listed == [
        {"slug": "nuanxiang", "name": "海宁市暖巷服务社", "kind": "service", "teams": 0, "is_member_unit": False}
    ]
    assert "海宁市暖巷服务社,社会服务机构,0,否,/organisations/nuanxiang" in client.get("/organisations.csv").text


@pytest.mark.parametrize("slug", ["nobody", "%00", "a" * 300, "..%2f", "nobody.json"])
def test_what_is_not_there_is_not_found(cast: Cast, client: Client, slug: str) -> None:
    assert client.get(f"/organisations/{slug}").status_code == 404


def test_first_views_send_few_statements(cast: Cast, client: Client) -> None:
    address = f"/organisations/{cast.organisation.slug}"
    with at_most(LIST):
        assert client.get("/organisations").status_code == 200
    with at_most(PAGE):
        assert client.get(address).status_code == 200
