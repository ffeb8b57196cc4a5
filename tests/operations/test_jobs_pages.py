"""The administrator's page of background work."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal import clock
from portal.audit.models import AuditLine
from portal.db import db
from portal.jobs import enqueue, handler
from portal.jobs.actions import fail, finish, lease, refuse
from portal.jobs.handlers import HANDLERS, NAMES
from portal.jobs.heartbeat import sign_of_life
from portal.jobs.models import Job
from portal.people.models import ALLIANCE, Person, Role, Scope
from portal.words import _l
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.pages import cells, is_valid, links, statements, words
from tests.volunteers import MONDAY


@pytest.fixture
def admin(session: object) -> Person:
    return person("高明", grants=[(Role.ADMIN, ALLIANCE)])


@pytest.fixture
def office(app: Flask, admin: Person) -> Client:
    return new_client(app).sign_in(admin)


@pytest.fixture(autouse=True)
def named() -> Iterator[None]:
    handler("test.bake", words=_l("烤面包"))(lambda payload: None)
    yield
    del HANDLERS["test.bake"], NAMES["test.bake"]


def asked(count: int = 1, name: str = "test.bake") -> list[int]:
    ids = [enqueue(name, {"guest": "王建国"}, at=MONDAY).id for _ in range(count)]
    db.session.commit()
    return ids


def set_aside(error: str = "RuntimeError receipts/booking.py:91") -> int:
    [job_id] = asked()
    held = lease(at=MONDAY, worker="host-1")
    assert held is not None
    assert held.job_id == job_id
    refuse(held, error, at=MONDAY)
    db.session.commit()
    return job_id


def opened(office: Client, address: str) -> TestResponse:
    with clock.frozen(MONDAY):
        page = office.get(address)
    assert page.status_code == 200
    assert is_valid(page)
    assert page.headers["Cache-Control"] == "no-store"
    return page


def job(job_id: int) -> Job:
    return db.session.get_one(Job, job_id, populate_existing=True)


def audited(action: str) -> list[AuditLine]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditLine).where(AuditLine.action == action).order_by(AuditLine.id)))


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────
def test_nothing_to_do_and_nobody_to_do_it_is_said(office: Client) -> None:
    page = opened(office, "/jobs")
    assert "没有后台进程在运行" in words(page)
    assert "没有等着办的工作" in words(page)
    sign_of_life("host-1", since=clock.now())
    db.session.commit()
    page = office.get("/jobs")
    assert "没有后台进程在运行" not in words(page)
    assert "后台工作都办完了" in words(page)
    assert "host-1 在运行" in words(page)


def test_a_worker_unheard_of_for_a_minute_is_lost(office: Client) -> None:
    with clock.frozen(MONDAY):
        sign_of_life("host-1", since=MONDAY)
        db.session.commit()
    with clock.frozen(MONDAY + timedelta(seconds=59)):
        assert "没有后台进程" not in words(office.get("/jobs"))
    with clock.frozen(MONDAY + timedelta(seconds=61)):
        page = office.get("/jobs")
    assert "没有后台进程在运行" in words(page)
    assert "host-1 失联" in words(page)


def test_what_was_set_aside_comes_first_with_its_reason(office: Client) -> None:
    job_id = set_aside("full")
    asked(2)
    page = opened(office, "/jobs")
    assert "1 项后台工作搁置了" in words(page)
    assert cells(page)[0][0] == f"烤面包 第 {job_id} 号"
    assert "磁盘满了，存不进去。" in cells(page)[0][2]
    assert len(cells(page)) == 3


def test_who_does_what_since_when_is_shown(office: Client) -> None:
    asked()
    with clock.frozen(MONDAY):
        assert lease(at=MONDAY, worker="host-7")
        db.session.commit()
    text = words(opened(office, "/jobs?state=running"))
    assert "由 host-7 做，09:02 前没有动静就换一个进程" in text
    assert "09:00 开始" in text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("?state=aside", 1),
        ("?state=waiting", 2),
        ("?state=done", 1),
        ("?state=all", 4),
        ("?state=nonsense", 3),
        ("?name=test.bake", 3),
        ("?name=other", 0),
        ("?q=烤", 3),
        ("?q=RUNTIME", 1),
        ("?q=%25", 0),
        ("?q=王建国", 0),
        ("?q=" + "9" * 99, 0),
        ("?q=𠮷%00", 0),
    ],
)
def test_the_list_is_searched_and_filtered(office: Client, query: str, count: int) -> None:
    asked()
    held = lease(at=MONDAY)
    assert held
    finish(held, at=MONDAY)
    set_aside()
    asked(2)
    assert sum(len(row) == 4 and "号" in row[0] for row in cells(opened(office, f"/jobs{query}"))) == count


def test_a_job_is_found_by_its_number_and_its_requests(office: Client) -> None:
    first, second = asked(2)
    job(second).request_id = "abcdef-123456"
    assert [row[0] for row in cells(opened(office, f"/jobs?q={first}"))] == [f"烤面包 第 {first} 号"]
    assert [row[0] for row in cells(opened(office, "/jobs?q=abcdef-12"))] == [f"烤面包 第 {second} 号"]


def test_a_long_list_has_pages_and_takes_few_statements(app: Flask, office: Client) -> None:
    asked(60)
    page = opened(office, "/jobs?page=2")
    assert "第 26–50 条" in words(page)
    with statements(app) as seen:
        opened(office, "/jobs")
    assert len(seen) <= 12, seen


def test_pages_show_no_payload(office: Client) -> None:
    job_id = set_aside()
    for address in ("/jobs", f"/jobs/{job_id}"):
        assert "王建国" not in opened(office, address).text


def test_a_job_tells_its_history(office: Client) -> None:
    [job_id] = asked()
    for minute in (0, 10):
        held = lease(at=MONDAY + timedelta(minutes=minute), worker="host-1")
        assert held
        fail(held, "RuntimeError receipts/booking.py:91", at=MONDAY + timedelta(minutes=minute))
    page = opened(office, f"/jobs/{job_id}")
    assert [row[:2] for row in cells(page)] == [["第 2 次", "出错"], ["第 1 次", "出错"]]
    assert "等一会儿再试" in words(page)
    assert "2 次，最多 5 次" in words(page)
    assert "RuntimeError receipts/booking.py:91" in words(page)
    assert "/again" not in page.text


def test_a_job_that_is_not_there_is_not_found(office: Client) -> None:
    assert office.get("/jobs/99999999").status_code == 404


# ── deciding ────────────────────────────────────────────────────────────────────────────────────────
def test_trying_again_happens_once_however_often_the_button_is_pressed(office: Client, admin: Person) -> None:
    job_id = set_aside()
    answers = [office.post(f"/jobs/{job_id}/again") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 422]
    assert "不在搁置里了" in words(answers[1])
    assert is_valid(answers[1])
    assert (job(job_id).status, job(job_id).attempts) == ("waiting", 0)
    [line] = audited("jobs.job.tried_again")
    assert (line.actor_id, line.subject_kind, line.subject_id) == (admin.id, "jobs_job", job_id)


def test_all_that_is_set_aside_is_tried_again_at_once(office: Client) -> None:
    first, second = set_aside(), set_aside()
    office.post("/jobs/again")
    assert {job(first).status, job(second).status} == {"waiting"}
    assert len(audited("jobs.job.tried_again")) == 2
    office.post("/jobs/again")
    assert "没有搁置的工作" in words(office.get("/jobs"))
    assert len(audited("jobs.job.tried_again")) == 2


def test_giving_up_needs_a_reason_and_is_kept(office: Client) -> None:
    job_id = set_aside()
    refused = office.post(f"/jobs/{job_id}/drop", data={"reason": "  "})
    assert refused.status_code == 422
    assert is_valid(refused)
    assert "请写明原因" in words(refused)
    assert office.post(f"/jobs/{job_id}/drop", data={"reason": "名单有误，已另报。"}).status_code == 303
    page = opened(office, f"/jobs/{job_id}")
    assert "高明 决定不再做：名单有误，已另报。" in words(page)
    assert audited("jobs.job.dropped")[0].detail["reason"] == "名单有误，已另报。"
    assert "后台工作搁置了" not in words(opened(office, "/jobs"))
    assert office.post(f"/jobs/{job_id}/drop", data={"reason": "再来"}).status_code == 422
    assert office.post(f"/jobs/{job_id}/again").status_code == 303
    assert job(job_id).status == "waiting"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_an_administrator_sees_or_decides(app: Flask, session: object, role: Role) -> None:
    job_id = set_aside()
    other = new_client(app).sign_in(person("某某", grants=[(role, ALLIANCE)]))
    for address in ("/jobs", f"/jobs/{job_id}"):
        assert other.get(address).status_code == 403
    for address in ("/jobs/again", f"/jobs/{job_id}/again", f"/jobs/{job_id}/drop"):
        assert other.post(address, data={"reason": "因为"}).status_code == 403
    assert job(job_id).status == "failed"


def test_an_administrator_of_one_team_is_none_of_the_system(app: Flask, session: object) -> None:
    local = new_client(app).sign_in(person("某某", grants=[(Role.ADMIN, Scope("team", 1))]))
    assert local.get("/jobs").status_code == 403


# ── the desk ────────────────────────────────────────────────────────────────────────────────────────
def test_the_administrators_own_page_reminds_of_both(office: Client) -> None:
    set_aside()
    page = opened(office, "/me")
    assert "没有后台进程在运行，入账等工作都停着" in words(page)
    assert "1 项后台工作搁置了" in words(page)
    assert "/jobs" in links(page)
    with clock.frozen(MONDAY):
        sign_of_life("host-1", since=MONDAY)
        db.session.commit()
        office.post("/jobs/again")
    text = words(opened(office, "/me"))
    assert "没有后台进程" not in text
    assert "搁置" not in text


def test_others_are_not_reminded(app: Flask, session: object) -> None:
    set_aside()
    page = opened(new_client(app).sign_in(person("某某", grants=[(Role.SUPERVISOR, ALLIANCE)])), "/me")
    assert "后台" not in words(page)
