"""Who holds what, what she may and why: made from the policies themselves, seen by whom it concerns."""

import inspect
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask

import portal
from portal.activities import policy as activities_policy
from portal.db import db
from portal.hours import policy as hours_policy
from portal.people.actions import grant
from portal.people.models import Person, Role, Scope
from portal.roles import capabilities
from portal.roles.capabilities import allowed, beyond_everybody, table
from tests.conftest import new_client
from tests.factories import BEGINNING, person
from tests.pages import cells, is_valid, links, statements, words
from tests.roles.conftest import House

ASKED_ELSEWHERE = {
    # The same question, asked of any scope at all: whether a page is worth a door.
    *("can_draft_anywhere", "can_decide_anywhere", "can_upload_anywhere", "can_open_queue", "can_see_imports"),
    *("can_give_anywhere", "can_open_deputies", "can_hand_out_anywhere"),
    *("can_run_anywhere", "can_import_anywhere", "can_export_anywhere", "can_see_registry"),
    *("can_enter_anywhere", "can_see_expenses", "can_see_changes", "can_see_state_lists"),
    # The same question, asked of a part of it or of what hangs on it.
    *("can_see_application", "can_add_paper", "can_enter_into", "can_change_standing"),
    *("can_import_for_all", "can_see_roster", "can_export_organisation", "can_export_in_full"),
    "can_see_change",
    # About one person, by the teams she is in: a made-up one is in none.
    "can_open_file",
    # Of one's own.
    *("can_see_export", "can_mark_deleted"),
    # About one thing of her own, by whoever she is and not by a role.
    *("can_correct", "can_see_person", "can_confirm", "can_refuse", "can_withdraw", "can_end"),
    # What follows from being allowed to give.
    *("can_hand_over", "can_plan_hand_over"),
}


def held(role: Role) -> list[str]:
    return [line.capability.words.text for _area, lines in table() for line in lines if role in line.roles]


# ── the table ───────────────────────────────────────────────────────────────────────────────────────
def test_the_table_says_what_the_rules_say(app: Flask, house: House) -> None:
    assert "确认别人的名单入账" in held(Role.ACCOUNTANT) and "导入捐赠名单" not in held(Role.ACCOUNTANT)
    assert "导入捐赠名单" in held(Role.CASHIER) and "确认别人的名单入账" not in held(Role.CASHIER)
    assert held(Role.VOLUNTEER) == []
    page = new_client(app).sign_in(house.member).get("/roles/table")
    assert is_valid(page)
    assert "把查询码交给捐赠人 出纳 会计" in words(page)


def test_a_supervisor_changes_nothing(session: object) -> None:
    assert all(word.startswith("看") for word in held(Role.SUPERVISOR)), held(Role.SUPERVISOR)


def test_a_changed_policy_changes_the_page(app: Flask, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client = new_client(app).sign_in(house.member)
    before = words(client.get("/roles/table"))
    assert "通过或退回别人的时长 组织管理员 审核人" in before and "办结活动 队长 组织管理员 审核人" in before
    monkeypatch.setattr(hours_policy, "DECIDES", (Role.WORKER,))
    monkeypatch.setattr(activities_policy, "can_close", lambda person, activity: True)
    after = words(client.get("/roles/table"))
    # Of the team's scope, not of the alliance's, the made-up worker is: so she decides everywhere.
    assert "通过或退回别人的时长 社工" in after
    assert "办结活动 志愿者 队长 组织管理员 审核人 出纳" in after


def test_every_policy_stands_in_the_catalogue(app: Flask) -> None:
    """A room's new right is shown on the pages about roles, or it is said here why not."""
    catalogue = inspect.getsource(capabilities)
    forgotten = set()
    for room in (file.parent.name for file in Path(portal.__file__).parent.glob("*/policy.py")):
        policy = import_module(f"portal.{room}.policy")
        asked = {
            name
            for name, what in vars(policy).items()
            if name.startswith("can_") and what.__module__ == policy.__name__
        }
        forgotten |= {f"{room}.{name}" for name in asked - ASKED_ELSEWHERE if f"{room}.{name}(" not in catalogue}
    assert forgotten == set()


def test_a_grant_allows_in_its_own_place_only(session: object) -> None:
    here = allowed(Role.TEAM_LEADER, Scope("team", 7), organisation_id=3)
    assert {one.words.text for one in here} >= {"起草活动", "替队员记时长"}
    elsewhere = {one.words.text for one in allowed(Role.CASHIER, Scope("team", 7))}
    assert elsewhere == {"请人代班"}


def test_a_deputy_gives_nothing_and_names_nobody(session: object) -> None:
    place = Scope("organisation", 3)
    own = {one.words.text for one in beyond_everybody(Role.ORGANISATION_ADMIN, place)}
    deputy = {one.words.text for one in beyond_everybody(Role.ORGANISATION_ADMIN, place, is_deputy=True)}
    assert own - deputy == {"授予队长和审核人", "请人代班"}


# ── one person ──────────────────────────────────────────────────────────────────────────────────────
def test_one_s_own_page_says_what_and_why(app: Flask, house: House) -> None:
    client = new_client(app).sign_in(house.reviewer)
    assert f"/roles/people/{house.reviewer.id}" in links(client.get("/me"))
    page = client.get(f"/roles/people/{house.reviewer.id}")
    assert is_valid(page)
    for says in ("审核人 · 星火社会组织", "门户设立时授予", "原因：测试", "通过或退回别人的时长"):
        assert says in words(page)
    assert "导入捐赠名单" not in words(page)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("admin", {"member", "leader", "cashier", "stranger"}),
        ("supervisor", {"member", "leader", "cashier", "stranger"}),
        ("lead", {"member", "leader"}),
        ("leader", {"leader"}),
        ("cashier", {"cashier"}),
        ("member", {"member"}),
    ],
)
def test_others_pages_are_for_whom_they_concern(app: Flask, house: House, who: str, sees: set[str]) -> None:
    client = new_client(app).sign_in(getattr(house, who))
    asked = {name: getattr(house, name) for name in ("member", "leader", "cashier", "stranger")}
    answers = {name: client.get(f"/roles/people/{one.id}").status_code for name, one in asked.items()}
    assert answers == {name: 200 if name in sees else 404 for name in asked}
    assert client.get(f"/roles/people/{10**30}").status_code == 404


# ── the list ────────────────────────────────────────────────────────────────────────────────────────
def names(app: Flask, who: Person, **query: str) -> list[str]:
    page = new_client(app).sign_in(who).get("/roles", query_string=query)
    assert page.status_code == 200 and is_valid(page)
    return [row[0].split()[0] for row in cells(page)]


def test_people_are_found_by_name_role_and_scope(app: Flask, house: House) -> None:
    assert {"何远帆", "顾清明", "秦长风"} < set(names(app, house.admin))
    assert "周小满" not in names(app, house.admin)
    assert names(app, house.admin, q="秦长") == ["秦长风"]
    assert names(app, house.admin, q="cashier") == [house.cashier.name]
    assert names(app, house.admin, role="supervisor") == ["顾清明"]
    assert set(names(app, house.admin, scope=f"fund:{house.fund_id}")) == {house.cashier.name, house.accountant.name}
    assert "何远帆" in names(app, house.admin, scope=f"organisation:{house.organisation_id}")
    for odd in ("%", "_", "'", "\u202e", "🙂" * 40, "\x00"):
        names(app, house.admin, q=odd)
    assert names(app, house.admin, scope="planet:1") == names(app, house.admin, role="emperor") == []


def test_an_organisation_admin_sees_her_own_people_only(app: Flask, house: House) -> None:
    assert set(names(app, house.lead)) == {"何远帆", "沈知秋", "罗予安"}
    assert names(app, house.lead, role="cashier") == names(app, house.lead, q="秦长") == []
    assert names(app, house.lead, scope="alliance") == []


def test_many_people_take_few_statements_and_several_pages(app: Flask, house: House) -> None:
    for number in range(40):
        one = person(f"多人{number:02}")
        grant(one, Role.COUNCIL, on=Scope("fund", house.fund_id), by=None, at=BEGINNING, reason="选举")
    db.session.commit()
    client = new_client(app).sign_in(house.admin)
    client.get("/roles?role=council")
    with statements(app) as seen:
        page = client.get("/roles?role=council")
    assert len(cells(page)) == 25 and "共 40 人" in words(page)
    assert len(seen) <= 12, "\n".join(seen)
