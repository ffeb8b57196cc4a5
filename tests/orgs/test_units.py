"""The roll of member units, and lists of organisations brought in at once."""

from datetime import date
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.db import db
from portal.orgs.alliance import (
    AlreadyUnit,
    Belonging,
    change_unit,
    join_alliance,
    leave_alliance,
    unit_of,
    units_by_kind,
)
from portal.orgs.lists import NoHead, lines_of_file, lines_of_text, text_of_file
from portal.orgs.models import Kind, Organisation
from portal.orgs.registering import IsClosed, close, register
from portal.orgs.units import MemberUnit
from portal.people.models import Person
from portal.problems import DomainError
from tests.applications import Client
from tests.conftest import new_client
from tests.orgs.codes import code
from tests.orgs.test_registry import details
from tests.pages import cells, is_valid, words
from tests.volunteers import MONDAY, Cast, at_once

EARLY = date(2025, 1, 1)
PASTED = f"""庚辛机械示例公司\t企业\t{code("91")}
星火社会组织
丙丁商会，商会
坏代码公司\t企业\t{code("51")}
庚辛机械示例公司"""


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(MemberUnit)) or 0


def test_a_unit_joins_leaves_and_joins_again(cast: Cast, worker_person: Person) -> None:
    first = join_alliance(cast.organisation, Belonging(EARLY), by=worker_person, at=MONDAY)
    with pytest.raises(AlreadyUnit):
        join_alliance(cast.organisation, Belonging(EARLY), by=worker_person, at=MONDAY)
    with pytest.raises(DomainError):
        leave_alliance(first, on=date(2024, 12, 31), by=worker_person, at=MONDAY)
    leave_alliance(first, on=date(2026, 1, 1), by=worker_person, at=MONDAY)
    with pytest.raises(DomainError) as refused:
        join_alliance(cast.organisation, Belonging(date(2025, 6, 1)), by=worker_person, at=MONDAY)
    assert refused.value.field == "joined_on"
    join_alliance(cast.organisation, Belonging(date(2026, 6, 1)), by=worker_person, at=MONDAY)
    assert units_by_kind()[Kind.OTHER] == 1
    with pytest.raises(DomainError):
        change_unit(first, Belonging(EARLY), by=worker_person, at=MONDAY)


def test_a_closed_one_joins_no_more(cast: Cast, worker_person: Person) -> None:
    close(cast.organisation, on=MONDAY.date(), reason="不办了", by=worker_person, at=MONDAY)
    with pytest.raises(IsClosed):
        join_alliance(cast.organisation, Belonging(EARLY), by=worker_person, at=MONDAY)


def test_two_who_add_it_at_once_add_it_once(app: Flask, cast: Cast, worker_person: Person) -> None:
    number, by = cast.organisation.id, worker_person.id

    def once() -> bool:
        with app.app_context():
            organisation, person = db.session.get_one(Organisation, number), db.session.get_one(Person, by)
            try:
                join_alliance(organisation, Belonging(EARLY), by=person, at=MONDAY)
                db.session.commit()
            except AlreadyUnit:
                db.session.rollback()
                return False
            return True

    assert sorted(at_once(app, [once, once])) == [False, True]


def test_the_representative_is_for_staff_and_its_own_lead(
    cast: Cast, app: Flask, staff: Client, lead: Client, client: Client
) -> None:
    base = f"/organisations/manage/{cast.organisation.id}"
    assert is_valid(staff.get(f"{base}/unit"))
    sent = {"joined_on": "2025-01-01", "representative": "季代表", "commitment": "出车二十次"}
    assert staff.post(f"{base}/unit", data=sent).status_code == 303
    assert "季代表" in staff.get(base).text
    assert "季代表" in lead.get(base).text
    assert "季代表" not in new_client(app).sign_in(cast.supervisor).get(base).text
    assert "联盟成员单位，2025 年加入" in words(client.get(f"/organisations/{cast.organisation.slug}"))
    roll = staff.get("/organisations/units")
    assert is_valid(roll)
    assert "出车二十次" in words(roll)
    assert "季代表" not in staff.get("/organisations/units.csv").text
    assert lead.get("/organisations/units").status_code == 403
    assert lead.post(f"{base}/unit/leave", data={"left_on": "2026-01-01"}).status_code == 403
    assert staff.post(f"{base}/unit/leave", data={"left_on": "2030-01-01"}).status_code == 422
    assert staff.post(f"{base}/unit/leave", data={"left_on": "2026-01-01"}).status_code == 303
    db.session.expire_all()
    assert unit_of(cast.organisation) is None


# ── many at once ────────────────────────────────────────────────────────────────────────────────────
def test_pasted_lines_are_looked_at_before_they_are_added(cast: Cast, staff: Client) -> None:
    sent = {"rows": PASTED, "joined_on": "2026-01-01"}
    look = staff.post("/organisations/units/add", data=sent)
    assert is_valid(look)
    assert "新登记 2 个组织，3 家成为成员单位" in words(look)
    assert count() == 0
    results = [row[3] for row in cells(look)]
    assert [result.split()[0] for result in results] == ["新登记", "加入", "新登记", "跳过", "跳过"]
    assert "和第 1 行是同一个组织" in results[4]
    assert staff.post("/organisations/units/add", data={**sent, "sure": "1"}).status_code == 303
    assert count() == 3
    again = staff.post("/organisations/units/add", data={**sent, "sure": "1"})
    assert again.status_code == 303
    assert count() == 3


def test_a_table_becomes_the_lines_that_are_shown(cast: Cast, staff: Client) -> None:
    table = f"单位名称,类别,信用代码,入会日期,代表\n甲乙示例公司,企业,{code('91', 7)},2020年5月1日,季代表\n".encode(
        "gb18030"
    )
    data = {"table": (BytesIO(table), "名册.csv"), "joined_on": "2026-01-01"}
    look = staff.post("/organisations/units/add", data=data)
    assert "新登记 1 个组织" in words(look)
    (line,) = lines_of_text(text_of_file(table, filename="名册.csv"), joined_on=EARLY)
    assert line.belonging == Belonging(date(2020, 5, 1), representative="季代表")


@pytest.mark.parametrize("text", ["", "\0\0", "\u202e\u202e\n", ",,,,\n,,,"])
def test_a_list_of_nothing_adds_nothing(staff: Client, text: str) -> None:
    answer = staff.post("/organisations/units/add", data={"rows": text, "joined_on": "2026-01-01", "sure": "1"})
    assert answer.status_code in (200, 303, 422)
    assert count() == 0


def test_a_table_without_a_head_is_refused() -> None:
    with pytest.raises(NoHead):
        lines_of_file("甲,乙\n丙,丁\n".encode(), filename="x.csv")


def test_the_same_organisation_under_another_code_is_a_problem(cast: Cast, worker_person: Person) -> None:
    register(details(), by=worker_person, at=MONDAY)
    (line,) = lines_of_text(f"海宁市暖巷服务社,社会服务机构,{code('52', 9)}", joined_on=EARLY)
    assert line.problem is not None
    (same,) = lines_of_text(f"暖巷,社会服务机构,{code('52')}", joined_on=EARLY)
    assert same.known is not None
    assert same.known.name == "海宁市暖巷服务社"
