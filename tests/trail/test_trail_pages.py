"""The audit trail as a page and as a file."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal import clock
from portal.audit import record
from portal.audit.models import AuditLine
from portal.bulk import insert_rows
from portal.db import db
from portal.people.models import ALLIANCE, Person, Role, Scope
from portal.trail import queries
from portal.web.exports import BOM
from portal.web.forms import tidy
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.giving import Giving
from tests.importing import booked, newest
from tests.pages import cells, is_valid, links, statements, words
from tests.volunteers import MONDAY, Cast, drafted

ADDRESSES = ("/audit", "/audit.csv", "/audit?kind=people_person&id=1")


@pytest.fixture
def reader(session: object) -> Person:
    return person("顾清明", grants=[(Role.SUPERVISOR, ALLIANCE)])


@pytest.fixture
def desk(app: Flask, reader: Person) -> Client:
    return new_client(app).sign_in(reader)


def opened(client: Client, address: str, **query: str) -> TestResponse:
    page = client.get(address, query_string=query or None)
    assert page.status_code == 200
    assert is_valid(page)
    assert page.headers["Cache-Control"] == "no-store"
    return page


def noted(who: str, action: str = "test.deed", *, at: datetime = MONDAY, **more: object) -> None:
    """A line as it lies in the table, whoever may have written it."""
    line: dict[str, object] = {"at": at, "actor_id": 7 if who else None, "actor_name": who, "action": action}
    line |= {"subject_kind": "", "subject_id": None, "detail": {}, "request_id": None, **more}
    insert_rows(AuditLine, tuple(line), [tuple(line.values())])
    db.session.commit()


def names(page: TestResponse) -> list[str]:
    return [row[1] for row in cells(page)]


def told(page: TestResponse) -> list[str]:
    """What stands beside each deed."""
    return [row[4].replace("： ", "：") for row in cells(page)]


def walked(client: Client, **query: str) -> list[str]:
    """What all pages hold, from the newest to the oldest."""
    page, found = opened(client, "/audit", **query), []
    while True:
        found += told(page)
        older = [address for address in links(page) if "before=" in address]
        if not older:
            return found
        page = opened(client, older[0])


def table(client: Client, **query: str) -> list[list[str]]:
    answer = client.get("/audit.csv", query_string=query)
    assert answer.status_code == 200
    assert answer.text.startswith(BOM)
    return list(csv.reader(io.StringIO(answer.text.removeprefix(BOM))))[1:]


# ── who ─────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("role", Role)
def test_administrators_and_supervisors_read_and_nobody_else(app: Flask, session: object, role: Role) -> None:
    client = new_client(app).sign_in(person("某某", grants=[(role, ALLIANCE)]))
    expected = 200 if role in (Role.ADMIN, Role.SUPERVISOR) else 403
    assert [client.get(address).status_code for address in ADDRESSES] == [expected] * 3
    assert ("/audit" in links(client.get("/me"))) is (expected == 200)


def test_a_supervisor_of_one_team_does_not_watch_over_all(app: Flask, session: object) -> None:
    local = new_client(app).sign_in(person("某某", grants=[(Role.SUPERVISOR, Scope("team", 1))]))
    assert [local.get(address).status_code for address in ADDRESSES] == [403] * 3
    assert "/audit" not in links(local.get("/me"))


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    assert [client.get(address).status_code for address in ADDRESSES] == [302] * 3


# ── what a line says ────────────────────────────────────────────────────────────────────────────────
def test_a_line_says_who_did_what_to_which_record_and_when(desk: Client, reader: Person) -> None:
    record("people.grant.given", reader, by=reader, at=MONDAY, role="cashier", reason="接任")
    page = opened(desk, "/audit", q="顾清明")
    named = f"人员第 {reader.id} 号"
    assert [row[:4] for row in cells(page)] == [["2026-11-16 09:00:00", "顾清明", "授予身份", named]]
    assert told(page) == ["身份：出纳 原因：接任"]
    assert f"/audit?kind=people_person&id={reader.id}" in links(page)


def test_whoever_has_no_name_is_named_by_what_they_are(desk: Client) -> None:
    noted("", "accounts.login_refused", request_id="abc-1")
    noted("", "funds.fund.added", at=MONDAY + timedelta(1))
    assert names(opened(desk, "/audit"))[:2] == ["系统或命令行", "没有登录的人"]
    assert [row[2] for row in cells(opened(desk, "/audit", q="没有登录"))] == ["登录没有成功"]
    assert "登录没有成功" not in [row[2] for row in cells(opened(desk, "/audit", q="命令行"))]


def test_an_old_deed_without_words_is_shown_by_its_name(desk: Client) -> None:
    noted("沈知秋", "rooms.old.deed", subject_kind="rooms_old", subject_id=3)
    assert cells(opened(desk, "/audit"))[0][2:4] == ["rooms.old.deed", "rooms_old第 3 号"]


def test_secrets_are_shown_nowhere(desk: Client, reader: Person) -> None:
    record("accounts.password.changed", reader, by=reader, at=MONDAY, password="open sesame", token="t0ken")
    noted("沈知秋", detail={"code": "c0de", "form": {"password": "open sesame"}})
    page, file = opened(desk, "/audit"), desk.get("/audit.csv")
    for text in (page.text, file.text):
        assert "***" in text
        assert not any(secret in text for secret in ("open sesame", "t0ken", "c0de"))


@pytest.mark.parametrize(
    "name",
    ["阿依努尔·示例", "𠮷安", "王㛃", "علي أحمد", "\u202eevil", "<b>粗</b>", 'O\'Neil & "Söhne"', "👩🏽", "%_\\"],
)
def test_names_of_all_alphabets_are_shown_and_found(desk: Client, name: str) -> None:
    noted(name, detail={"reason": name, name: name})
    # What a reader types is freed of marks that are not seen.
    typed = tidy(name) or ""
    page = opened(desk, "/audit", q=typed)
    assert len(cells(page)) == 1
    assert "<b>粗" not in page.text
    assert table(desk, q=typed)[0][2].lstrip("'") == name


def test_a_long_value_waits_behind_a_summary(desk: Client) -> None:
    noted("沈知秋", detail={"reason": "长" * 300, "people": list(range(5_000))})
    page = opened(desk, "/audit")
    assert page.text.count("<details><summary>其余的") == 2
    assert "（太长，全文在导出的表格里）" in words(page)
    assert "、4999" in table(desk)[1][8]


# ── filters ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def some(desk: Client) -> Client:
    noted("沈知秋", "test.one", at=MONDAY - timedelta(2), request_id="r-1", subject_kind="funds_gift", subject_id=5)
    noted("林一禾", "test.two", at=MONDAY - timedelta(1), request_id="r-2", subject_kind="funds_gift", subject_id=6)
    noted("沈一知", "test.one", at=MONDAY, request_id="r-2", subject_kind="lists_import", subject_id=5)
    return desk


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=沈", ["沈一知", "沈知秋"]),
        ("q=知秋", ["沈知秋"]),
        ("q=没有此人", []),
        ("q=%25", []),
        ("q=_", []),
        ("q=沈%00", ["沈一知", "沈知秋"]),
        ("action=test.one", ["沈一知", "沈知秋"]),
        ("action=test.one&q=林", []),
        ("action=test", []),
        ("request=r-2", ["沈一知", "林一禾"]),
        ("request=r", []),
        ("kind=funds_gift&id=5", ["沈知秋"]),
        ("kind=funds_gift&id=7", []),
        ("kind=funds_gift&id=abc", []),
        ("kind=funds_gift&id=" + "9" * 40, []),
        ("kind=nonsense&id=5", []),
        ("from=2026-11-15&to=2026-11-16", ["沈一知", "林一禾"]),
        ("from=2026-11-14&to=2026-11-14", ["沈知秋"]),
        ("from=2026-11-16&to=2026-11-14", []),
        ("to=2100-12-31&from=2026-11-16", ["沈一知"]),
        ("from=2026-02-30&action=test.two", ["林一禾"]),
    ],
)
def test_lines_are_filtered_on_the_page_and_in_the_file(some: Client, query: str, found: list[str]) -> None:
    assert names(opened(some, f"/audit?{query}")) == found
    exported = [row[2] for row in table(some, **dict(pair.split("=") for pair in query.replace("%00", "").split("&")))]
    assert [name for name in exported if name != "顾清明"] == ([] if "%25" in query else found)


def test_a_day_that_is_none_is_said_so(some: Client) -> None:
    page = opened(some, "/audit?from=2026-02-30")
    assert "从哪天：" in words(page)
    assert 'aria-invalid="true"' in page.text


def test_the_first_and_the_last_moment_of_a_day_belong_to_it(desk: Client) -> None:
    day = MONDAY.replace(hour=0)
    for name, at in (("甲", day), ("乙", day + timedelta(days=1, microseconds=-1)), ("丙", day + timedelta(days=1))):
        noted(name, "test.edge", at=at)
    assert names(opened(desk, "/audit?action=test.edge&from=2026-11-16&to=2026-11-16")) == ["乙", "甲"]


def test_too_many_names_are_walked_through_and_find_the_same(some: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_NAMES", 1)
    assert names(opened(some, "/audit?q=沈")) == ["沈一知", "沈知秋"]


def test_the_form_keeps_the_record_whose_history_it_filters(some: Client) -> None:
    page = opened(some, "/audit?kind=funds_gift&id=5")
    assert "捐款第 5 号的修改记录" in words(page)
    assert '<input type="hidden" name="kind" value="funds_gift">' in page.text
    assert "共 1 条" in words(page)


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────
def many(count: int) -> list[str]:
    """So many lines, three to each moment, written in no order of time; the newest first."""
    for number in range(count):
        at = MONDAY + timedelta(microseconds=(number * 7 % count) // 3)
        noted("沈知秋", "test.many", at=at, detail={"number": f"n{number}"})
    newest_first = sorted(range(count), key=lambda number: ((number * 7 % count) // 3, number), reverse=True)
    return [f"编号：n{number}" for number in newest_first]


def test_every_line_is_on_exactly_one_page_also_of_the_same_moment(desk: Client) -> None:
    expected = many(80)
    assert walked(desk, action="test.many") == expected
    assert [row[8] for row in table(desk, action="test.many")] == expected


def test_lines_written_meanwhile_move_no_page(desk: Client) -> None:
    expected = many(30)
    [older] = [address for address in links(opened(desk, "/audit?action=test.many")) if "before=" in address]
    noted("沈知秋", "test.many", at=MONDAY + timedelta(1))
    page = opened(desk, older)
    assert told(page) == expected[25:]
    assert "/audit?action=test.many" in links(page)


@pytest.mark.parametrize("count", [25, 26])
def test_a_last_page_that_is_just_full_says_nothing_of_older_ones(desk: Client, count: int) -> None:
    many(count)
    page = opened(desk, "/audit?action=test.many")
    assert len(cells(page)) == 25
    assert ("更早的" in words(page)) is (count == 26)
    assert ("共 25 条" in words(page)) is (count == 25)


@pytest.mark.parametrize("before", ["0", "-1", "abc", "99999999", "9" * 30, "²", ""])
def test_a_page_after_a_line_that_is_not_there_is_the_first(desk: Client, before: str) -> None:
    many(3)
    assert len(cells(opened(desk, "/audit", action="test.many", before=before))) == 3


def test_htmx_gets_the_list_alone(desk: Client) -> None:
    piece = desk.get("/audit", headers={"HX-Request": "true"})
    assert piece.text.lstrip().startswith('<div id="trail">')
    assert is_valid(piece)


@pytest.mark.parametrize(
    ("query", "most"),
    [("", 3), ("?action=test.many", 3), ("?q=沈", 4), ("?kind=people_person&id=1", 3), ("?q=沈&before={}", 5)],
)
def test_a_page_takes_few_statements_and_counts_nothing(app: Flask, desk: Client, query: str, most: int) -> None:
    many(30)
    last = db.session.scalar(select(AuditLine.id).order_by(AuditLine.id.desc()).limit(1))
    address = f"/audit{query.format(last)}"
    desk.get(address)
    with statements(app) as seen:
        opened(desk, address)
    assert len(seen) <= most, seen
    assert not any("count(" in statement.lower() for statement in seen)


# ── the file ────────────────────────────────────────────────────────────────────────────────────────
def test_the_file_holds_all_columns(desk: Client) -> None:
    noted("沈知秋", "lists.list.booked", request_id="r-9", subject_kind="lists_import", subject_id=4, detail={"fen": 5})
    row = table(desk, action="lists.list.booked")[0]
    booked_at = MONDAY.isoformat(timespec="seconds")
    columns = [booked_at, "沈知秋", "7", "名单入账完毕", "lists.list.booked", "捐赠名单", "4", "金额：¥0.05", "r-9"]
    assert row[1:] == [*columns, "", ""]


def test_an_export_leaves_a_line_with_its_filters(desk: Client, reader: Person) -> None:
    rows = table(desk, q="沈", action="test.one", kind="funds_gift", id="5", before="3", page="2")
    assert rows == []
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "audit.exported")).one()
    assert (line.actor_id, line.subject_kind) == (reader.id, "")
    assert line.detail == {"filters": {"q": "沈", "action": "test.one", "kind": "funds_gift", "id": "5"}}
    assert line.request_id
    assert told(opened(desk, "/audit"))[0] == "条件：查找：沈，做了什么：test.one，哪种记录：捐款，编号：5"


def test_an_export_that_is_refused_leaves_none(app: Flask, session: object) -> None:
    other = new_client(app).sign_in(person("某某", grants=[(Role.COUNCIL, ALLIANCE)]))
    assert other.get("/audit.csv").status_code == 403
    assert db.session.scalars(select(AuditLine).where(AuditLine.action == "audit.exported")).all() == []


@pytest.mark.parametrize("formula", ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1", " =1"])
def test_nothing_in_the_file_is_a_formula(desk: Client, formula: str) -> None:
    noted(formula, formula, request_id=formula, subject_kind=formula, detail={formula: "x"})
    [row] = [row for row in table(desk) if row[5] == f"'{formula}"]
    assert [row[place] for place in (2, 4, 5, 6, 9)] == [f"'{formula}"] * 5
    assert row[8] == f"'{formula}：x"


def test_the_file_is_chinese_for_english_readers_too(desk: Client) -> None:
    desk.set_cookie("lang", "en", domain="portal.test")
    noted("沈知秋", "lists.list.booked", detail={"fen": 5})
    row = table(desk, action="lists.list.booked")[0]
    assert (row[4], row[8]) == ("名单入账完毕", "金额：¥0.05")
    page = opened(desk, "/audit", action="lists.list.booked")
    assert cells(page)[0][2] == "Finished booking a list"


# ── the history of a record ─────────────────────────────────────────────────────────────────────────
def test_an_activity_leads_to_its_history_only_those_who_may_read_it(app: Flask, cast: Cast) -> None:
    activity = drafted(cast)
    address, history = f"/activities/{activity.id}/review", f"/audit?kind=activities_activity&id={activity.id}"
    watcher = new_client(app).sign_in(cast.supervisor)
    assert history in links(opened(watcher, address))
    assert "修改记录" not in words(new_client(app).sign_in(cast.leader).get(address))
    page = opened(watcher, history)
    assert [row[1:3] for row in cells(page)] == [["何远帆", "起草活动"]]
    assert address in links(page)


def test_a_list_leads_to_its_history_only_those_who_may_read_it(app: Flask, giving: Giving, desk: Client) -> None:
    with clock.frozen(MONDAY):
        booked(giving, "2026-11-02,王伟,5,,")
    number = newest().id
    history = f"/audit?kind=lists_import&id={number}"
    assert history in links(opened(desk, f"/imports/{number}"))
    assert "修改记录" not in words(new_client(app).sign_in(giving.cashier).get(f"/imports/{number}"))
    page = opened(desk, history)
    assert "名单入账完毕" in [row[2] for row in cells(page)]
    assert f"/imports/{number}" in links(page)


def test_a_record_that_is_not_there_has_an_empty_history(desk: Client) -> None:
    page = opened(desk, "/audit?kind=activities_activity&id=99999")
    assert "没有符合条件的记录" in words(page)
