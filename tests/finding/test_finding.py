"""Who finds whom: everybody of one's own teams, by any part of a name and however it is typed; nobody else."""

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import scoped_session

from portal.db import PortalSession, db
from portal.finding.models import Named, Reading
from portal.finding.work import READ, is_wanted, read_names, read_some
from portal.invariants import run_all
from portal.jobs.models import Job
from portal.orgs.models import Organisation, Team
from portal.people.bulk_actions import add_people
from portal.people.models import Person
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import BEGINNING
from tests.finding.conftest import Crowd
from tests.pages import is_valid, words
from tests.volunteers import Cast

NAME = "张小满"


def names(client: Client, q: str, **more: str) -> list[str]:
    """The people, organisations and teams of the page."""
    answer = client.get("/find", query_string={"q": q, **more})
    assert answer.status_code == 200
    return [part.split("</strong>")[0] for part in answer.text.split("<strong>")[1:] if "没有找到" not in part[:8]]


@pytest.mark.parametrize(
    "q",
    ["张小满", "小满", "张", "满", "zhangxiaoman", "zhang xiao man", "Zhāng Xiǎo Mǎn", "zxm", "zhangxm", "zxiaom",
     "zhangx", "xiaoman", "xm", "zh", "张xm", "张 小满", "z x m", "zhang xm"],
)  # fmt: skip
def test_a_lead_and_a_worker_find_a_member_however_she_is_typed(app: Flask, people: Cast, crowd: Crowd, q: str) -> None:
    assert names(new_client(app).sign_in(people.lead), q).count(NAME) == 1
    assert names(new_client(app).sign_in(crowd.worker), q).count(NAME) == 2


@pytest.mark.parametrize("q", ["shanxiongxin", "danxiongxin", "sxx", "dxx", "单"])
def test_a_surname_is_found_by_both_its_readings(app: Flask, people: Cast, crowd: Crowd, q: str) -> None:
    for reader in (people.lead, crowd.worker):
        assert names(new_client(app).sign_in(reader), q) == ["单雄信"]


@pytest.mark.parametrize("q", ["㛃", "𠮷", "王㛃·𠮷", "㛃·𠮷", "王㛃", "wjj", "wangjieji"])
def test_rare_characters_and_the_dot_are_found(app: Flask, people: Cast, crowd: Crowd, q: str) -> None:
    for reader in (people.lead, crowd.worker):
        assert names(new_client(app).sign_in(reader), q) == ["王㛃·𠮷"]


def test_a_volunteer_number_is_found_whole_or_by_its_last_digits(app: Flask, people: Cast, crowd: Crowd) -> None:
    number = crowd.zhang.volunteer_no or ""
    lead = new_client(app).sign_in(people.lead)
    for typed in (number, number.lower(), number[1:], number[5:], str(int(number[5:]))):
        assert names(lead, typed) == [NAME]


def test_organisations_and_teams_are_found_by_everybody(app: Flask, people: Cast, crowd: Crowd) -> None:
    member = new_client(app).sign_in(people.member)
    assert names(member, "潮声") == ["潮声社会组织", "潮声合唱队"]
    assert names(member, "chaosheng") == names(member, "cs") == ["潮声社会组织", "潮声合唱队"]
    assert names(member, "合唱") == names(member, "hechang") == ["潮声合唱队"]


# ── nobody finds whom she may not know ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("q", ["张小满", "小满", "zxm", "zhangxiaoman", "%", "_", "张%", "", "a", "z", "V", "1"])
def test_a_member_finds_no_person_but_herself(app: Flask, people: Cast, crowd: Crowd, q: str) -> None:
    member = new_client(app).sign_in(people.member)
    assert not {NAME, "单雄信", "周小满", "何远帆"} & set(names(member, q))
    assert names(member, "林一禾") == names(member, people.member.volunteer_no or "") == ["林一禾"]


def test_a_lead_finds_nobody_of_another_organisation(app: Flask, people: Cast, crowd: Crowd) -> None:
    lead = new_client(app).sign_in(people.lead)
    assert names(lead, crowd.namesake.volunteer_no or "") == []
    only = words(lead.get("/find?q=张小满"))
    assert people.team.name in only and "潮声" not in only


def test_who_left_is_found_no_more(app: Flask, people: Cast, crowd: Crowd) -> None:
    lead = new_client(app).sign_in(people.lead)
    db.session.execute(
        update(db.metadata.tables["orgs_membership"])
        .where(db.metadata.tables["orgs_membership"].c.person_id == crowd.zhang.id)
        .values(left_on=BEGINNING.date())
    )
    assert names(lead, NAME) == [] and names(lead, "zxm") == ["周小满"]


def test_nobody_without_an_account_finds_anything(client: Client) -> None:
    assert client.get("/find?q=张").status_code == 302
    assert client.post("/find", data={"q": "张"}).status_code == 302
    assert client.get("/find?q=张", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.parametrize(
    "q", ["%", "_", "\\", "'", '"', "' OR 1=1 --", '" OR "', "*", "\0", "小\0张", "<script>alert(1)</script>",
          "{{7*7}}", "zxm" * 3_000, "张" * 10_000, "ǖ" * 500, "\u202e满小张", "%00", "NEAR(", "a:b & !c", "😀",
          "v" * 60, "an" * 30]
)  # fmt: skip
def test_nothing_that_is_typed_breaks_the_page_or_finds_everybody(
    app: Flask, people: Cast, crowd: Crowd, q: str
) -> None:
    for reader in (people.lead, crowd.worker, people.member):
        client = new_client(app).sign_in(reader)
        answer = client.post("/find", data={"q": q}, follow_redirects=True)
        assert answer.status_code == 200 and is_valid(answer)
        assert NAME not in words(answer)
        assert client.get("/find", query_string={"q": q}, headers={"HX-Request": "true"}).status_code == 200


@pytest.mark.parametrize(
    "more", ["kind=person&page=2", "kind=nonsense", "page=-1", "page=99999999999", "kind=team&page=x", "page=٣"]
)
def test_addresses_typed_by_hand_are_harmless(app: Flask, people: Cast, crowd: Crowd, more: str) -> None:
    assert new_client(app).sign_in(people.lead).get(f"/find?q=zxm&{more}").status_code == 200


# ── many ────────────────────────────────────────────────────────────────────────────────────────────
def test_ten_lines_a_page_and_more_after_them(app: Flask, crowd: Crowd) -> None:
    add_people([f"冯{'甲乙丙丁戊己庚辛壬癸子丑'[n]}" for n in range(12)], by=None, at=BEGINNING)
    db.session.commit()
    read_some()
    worker = new_client(app).sign_in(crowd.worker)
    for q in ("冯", "feng", "f"):
        pages = [names(worker, q, kind="person", page=f"{number}") for number in (1, 2, 3)]
        assert [len(page) for page in pages] == [10, 2, 0] if q == "冯" else len({*pages[0], *pages[1]}) >= 12
    assert "看更多" in worker.get("/find?q=冯").text


# ── at once, and within seconds ─────────────────────────────────────────────────────────────────────
def test_a_new_name_is_found_at_once_and_its_pinyin_when_the_job_has_read_it(app: Flask, crowd: Crowd) -> None:
    worker = new_client(app).sign_in(crowd.worker)
    add_people(["覃晓晓"], by=None, at=BEGINNING)
    assert names(worker, "晓晓") == ["覃晓晓"] and names(worker, "qinxx") == []
    assert is_wanted()
    _work()
    assert names(worker, "qinxx") == names(worker, "tanxiao") == ["覃晓晓"]
    assert not is_wanted()


def test_another_name_takes_the_place_of_the_old_one(app: Flask, crowd: Crowd) -> None:
    worker = new_client(app).sign_in(crowd.worker)
    db.session.execute(update(Person).where(Person.id == crowd.shan.id).values(name="邓布"))
    assert names(worker, "邓布") == ["邓布"] and names(worker, "单雄信") == names(worker, "sxx") == []
    _work()
    assert names(worker, "dengbu") == ["邓布"]
    assert _problems() == []


def test_the_job_reads_all_there_is_in_chunks(app: Flask, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    add_people([f"某{n}" for n in range(1_100)], by=None, at=BEGINNING)
    _work()
    assert db.session.scalar(select(func.count()).where(Named.syllables.is_(None))) == 0
    assert _problems() == []


def test_the_job_is_asked_for_once(session: scoped_session[PortalSession], crowd: Crowd) -> None:
    add_people(["某某"], by=None, at=BEGINNING)
    db.session.commit()
    assert is_wanted()
    db.session.add(Job(name=READ, payload={}, run_after=BEGINNING, created_at=BEGINNING))
    db.session.commit()
    assert not is_wanted()


def test_a_row_that_goes_takes_its_name_with_it(session: scoped_session[PortalSession], crowd: Crowd) -> None:
    organisation = Organisation(slug="short", name="一时组织", created_at=BEGINNING)
    team = Team(organisation=organisation, slug="short", name="一时队", created_at=BEGINNING)
    db.session.add(team)
    db.session.commit()
    read_some()
    db.session.commit()
    db.session.execute(delete(Team).where(Team.slug == "short"))
    db.session.execute(delete(Organisation).where(Organisation.slug == "short"))
    assert db.session.scalar(select(func.count()).where(Named.name.like("一时%"))) == 0
    assert _problems() == []


def test_check_finds_names_that_differ_are_missing_or_badly_read(
    session: scoped_session[PortalSession], crowd: Crowd
) -> None:
    one = db.session.scalars(select(Named).where(Named.kind == "person", Named.ref_id == crowd.zhang.id)).one()
    for harm in (
        update(Named).where(Named.id == one.id).values(name="别人"),
        update(Named).where(Named.id == one.id).values(syllables=" bie ren", initials=";br"),
        update(Named).where(Named.id == one.id).values(ref_id=999_999),
        delete(Reading).where(Reading.name_id == one.id),
    ):
        db.session.execute(harm)
        assert _problems()
        db.session.rollback()
    assert _problems() == []


def _work() -> None:
    """What the worker does."""
    db.session.commit()
    job = Job(name=READ, payload={}, status="leased", run_after=BEGINNING, created_at=BEGINNING)
    db.session.add(job)
    db.session.commit()
    read_names({"job_id": job.id})
    db.session.execute(update(Job).values(status="done"))
    db.session.commit()


def _problems() -> list[str]:
    return [problem for result in run_all(db.session(), prefix="finding") for problem in result.problems]
