"""Figures are what the tables hold, of those whom the reader looks after; lists with names leave only for a purpose."""

import csv
import io

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import clock
from portal.db import db
from portal.hours.models import Claim
from portal.jobs.models import Job
from portal.notices.models import Notice
from portal.numbers.work import REMIND, remind
from portal.orgs.models import Membership
from portal.people.actions import end_grant
from portal.profiles.models import Document
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import BEGINNING
from tests.numbers.conftest import Figures, paper
from tests.pages import is_valid, words
from tests.volunteers import MONDAY, Cast


@pytest.fixture(autouse=True)
def monday() -> object:
    with clock.frozen(MONDAY):
        yield


def table(client: Client, address: str = "/numbers.csv") -> dict[tuple[str, str], str]:
    """The figures as (table, group) → figure."""
    lines = csv.reader(io.StringIO(client.get(address).text.removeprefix("\ufeff")))
    return {(line[0], line[1]): line[2] for line in lines}


def test_an_administrator_sees_the_figures_of_her_organisation(app: Flask, people: Cast, figures: Figures) -> None:
    lead = new_client(app).sign_in(people.lead)
    shown = table(lead)
    # Twelve less the one who left, and leader, lead, member and other, who have no file.
    assert shown["成员", "合计"] == "15"
    assert shown["最近一次服务", "30 天内"] == "1"
    assert shown["最近一次服务", "新来的，还没有服务过"] == "14"
    assert shown["年龄", "70–79 岁"] == "6" and shown["年龄", "35–59 岁"] == "5"
    assert shown["地区", "长安里"] == "11"
    assert shown["队伍", people.team.name] == "16"
    assert shown["入队", "2026-01"] == "16"
    assert shown["证书和保险到期", "30 天内到期"] == "1"
    assert shown["证书和保险到期", "31 到 60 天"] == "1"
    assert shown["证书和保险到期", "已过期（一年内）"] == "1"


def test_groups_of_few_are_not_told_and_cannot_be_reckoned(app: Flask, people: Cast, figures: Figures) -> None:
    shown = table(new_client(app).sign_in(people.lead))
    assert shown["性别", "男"] == "<5" and shown["性别", "女"] == "–"
    assert shown["性别", "没有填"] == "4"
    assert "不到 5" in words(new_client(app).sign_in(people.lead).get("/numbers"))


def test_a_team_of_four_is_not_taken_apart(app: Flask, figures: Figures) -> None:
    worker = new_client(app).sign_in(figures.worker)
    slug = next(part for part in worker.get("/numbers").text.split('value="')[1:] if "潮声社会组织" in part[:60]).split(
        '"'
    )[0]
    shown = table(worker, f"/numbers.csv?organisation={slug}")
    assert shown["成员", "合计"] == "1"
    assert not {key for key in shown if key[0] in ("年龄", "性别", "地区")}


def test_the_alliance_counts_every_volunteer_once(app: Flask, people: Cast, figures: Figures) -> None:
    shown = table(new_client(app).sign_in(figures.council))
    # The cast's seven and the twelve less one, the outsider, worker and council.
    assert shown["成员", "合计"] == "21"


@pytest.mark.parametrize(
    "address", ["/numbers", "/numbers?months=12", "/numbers/away", "/numbers/papers", "/numbers/away/file"]
)
def test_the_pages_are_valid_for_those_who_may(app: Flask, people: Cast, figures: Figures, address: str) -> None:
    for reader in (people.lead, figures.worker, people.supervisor):
        answer = new_client(app).sign_in(reader).get(address)
        assert answer.status_code == 200 and is_valid(answer)


def test_who_may_not_sees_nothing(app: Flask, people: Cast, figures: Figures) -> None:
    for reader in (people.member, people.leader, people.reviewer, people.stranger):
        client = new_client(app).sign_in(reader)
        for address in ("/numbers", "/numbers.csv", "/numbers/away", "/numbers/papers", "/numbers/away/file"):
            assert client.get(address).status_code == 403
        assert client.post("/numbers/away/file", data={"purpose": "看看"}).status_code == 403
    council = new_client(app).sign_in(figures.council)
    assert council.get("/numbers").status_code == 200
    assert "/numbers/away" not in council.get("/numbers").text
    assert council.get("/numbers/away").status_code == council.get("/numbers/papers/file").status_code == 403


def test_an_administrator_cannot_choose_another_organisation(app: Flask, people: Cast, figures: Figures) -> None:
    lead, worker = new_client(app).sign_in(people.lead), new_client(app).sign_in(figures.worker)
    every = {part.split('"')[0] for part in worker.get("/numbers").text.split('<option value="')[1:]}
    for slug in (*every, "nonsense", "%", "\0", "' OR 1=1"):
        for name in ("organisation", "team"):
            assert table(lead, f"/numbers.csv?{name}={slug}")["成员", "合计"] == "15"
            assert "外队人" not in lead.get(f"/numbers/papers?{name}={slug}").text


# ── lists with names ────────────────────────────────────────────────────────────────────────────────
def test_whoever_has_not_served_for_a_year_is_on_the_list(app: Flask, people: Cast, figures: Figures) -> None:
    lead = new_client(app).sign_in(people.lead)
    assert "没有谁一年没来过" in words(lead.get("/numbers/away"))
    with clock.frozen(MONDAY.replace(year=2028)):
        listed = words(lead.get("/numbers/away"))
        assert "15 位成员一年没有服务了" in listed
        assert "2026-11-15" in listed and "从没有服务过" in listed
        assert "成员11" not in listed and "外队人" not in listed


def test_hours_that_were_taken_back_are_no_service(app: Flask, people: Cast, figures: Figures) -> None:
    assert db.session.scalar(select(Claim.status)) == "approved"
    lead = new_client(app).sign_in(people.lead)
    with clock.frozen(MONDAY.replace(year=2027, month=10)):
        assert "14 位成员" in words(lead.get("/numbers/away"))


def test_a_list_leaves_for_a_purpose_and_says_so(app: Flask, people: Cast, figures: Figures) -> None:
    lead = new_client(app).sign_in(people.lead)
    refused = lead.post("/numbers/papers/file", data={"purpose_kind": "contact", "purpose": ""})
    assert refused.status_code == 422 and "请写明" in words(refused)
    taken = lead.post("/numbers/papers/file", data={"purpose_kind": "contact", "purpose": "提醒续办"})
    assert (
        taken.status_code == 200 and "提醒续办" in taken.text and "成员2" in taken.text and "外队人" not in taken.text
    )


# ── reminders ───────────────────────────────────────────────────────────────────────────────────────
def _remind() -> list[tuple[int, str]]:
    """Who was told of what, after the daily work was done once more."""
    db.session.commit()
    job = Job(name=REMIND, payload={}, status="leased", run_after=BEGINNING, created_at=BEGINNING)
    db.session.add(job)
    db.session.commit()
    remind({"job_id": job.id})
    told = select(Notice.person_id, Notice.url).where(Notice.kind == "numbers.runs_out").order_by(Notice.id)
    return [(person, url) for person, url in db.session.execute(told)]


def test_the_leader_is_told_once_of_each_paper_that_runs_out(people: Cast, figures: Figures) -> None:
    once = [(people.leader.id, f"/people/{figures.members[0].id}")]
    assert _remind() == once
    assert _remind() == once
    paper(figures.members[5], 20)
    assert len(_remind()) == 2


def test_where_no_leader_is_the_organisations_administrator_is_told(people: Cast, figures: Figures) -> None:
    for held in people.leader.grants:
        end_grant(held, by=people.supervisor, at=MONDAY, reason="不再担任")
    assert [person for person, _ in _remind()] == [people.lead.id]


def test_nobody_is_told_of_papers_that_ended_or_of_members_who_left(people: Cast, figures: Figures) -> None:
    db.session.execute(update(Document).values(ended_at=BEGINNING))
    assert _remind() == []
    db.session.execute(update(Document).values(ended_at=None))
    db.session.execute(update(Membership).values(left_on=MONDAY.date()))
    assert _remind() == []
