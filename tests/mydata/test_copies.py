"""A person's copy of all that is kept of her: whole, hers alone, and gone after a week."""

import json
import re
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import html5lib
import pytest
from sqlalchemy import func, select, text

from portal import clock
from portal.db import Base, db
from portal.holdings import HOLDINGS
from portal.jobs.actions import enqueue
from portal.jobs.worker import work
from portal.mydata import copies
from portal.mydata.models import Copy
from portal.mydata.retention import RETAIN
from portal.people.models import Person
from portal.sealing import Unreadable, opened_bytes
from tests.applications import Client
from tests.conftest import new_client
from tests.mydata.scenes import full_life
from tests.mydata.test_file import MOBILE, NUMBER
from tests.volunteers import MONDAY, Cast


def downloaded(client: Client, person: Person) -> ZipFile:
    client.sign_in(person)
    assert client.post("/me/data/copy").status_code == 303
    copy_id = db.session.scalar(select(func.max(Copy.id)))
    answer = client.get(f"/me/data/copies/{copy_id}")
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    return ZipFile(BytesIO(answer.data))


def test_it_holds_all_that_is_hers_as_a_page_and_as_data(cast: Cast, client: Client) -> None:
    archive = downloaded(client, full_life(cast))
    told = json.loads(archive.read("data.json"))
    page = archive.read("我的资料.html").decode()
    tables = {part["table"] for part in told["data"]}
    for wanted in ("people_person", "profiles_profile", "contacts_contact", "consents_consent", "hours_claim"):
        assert wanted in tables
    for said in (NUMBER, MOBILE, "高血压", "碧云路18弄2号301室", "林一禾", "火车站南广场"):
        assert said in page
        assert said in json.dumps(told, ensure_ascii=False)


def test_every_table_that_holds_a_row_of_hers_is_in_it(cast: Cast, client: Client) -> None:
    member = full_life(cast)
    told = json.loads(downloaded(client, member).read("data.json"))
    tables = {part["table"] for part in told["data"]}
    for holding in HOLDINGS.values():
        table = Base.metadata.tables[holding.table]
        for name in holding.own:
            if db.session.scalar(select(func.count()).where(table.c[name] == member.id)):
                assert holding.table in tables


def test_the_page_is_whole_by_itself_and_runs_nothing(cast: Cast, client: Client) -> None:
    member = full_life(cast)
    member.name = "<script>alert(1)</script>"
    page = downloaded(client, member).read("我的资料.html").decode()
    assert "<script" not in page
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)
    html5lib.HTMLParser(strict=True).parse(page)


def test_her_own_photo_is_in_it_and_that_of_others_is_not(cast: Cast, client: Client) -> None:
    archive = downloaded(client, full_life(cast))
    photos = [archive.read(name) for name in archive.namelist() if name.startswith("photos/")]
    assert len(photos) == 1
    assert b"her own sheet" in photos[0]


def test_of_others_it_says_no_name(cast: Cast, client: Client) -> None:
    archive = downloaded(client, full_life(cast))
    text = archive.read("data.json").decode()
    for other in (cast.leader, cast.lead, cast.other, cast.supervisor):
        assert other.name not in text


def test_of_work_for_others_it_says_only_that_she_did_it(cast: Cast, client: Client) -> None:
    full_life(cast)
    told = json.loads(downloaded(client, cast.leader).read("data.json"))
    assert {"table": "badges_badge", "column": "issued_by_id"}.items() <= next(
        deed for deed in told["deeds"] if deed["table"] == "badges_badge"
    ).items()
    text = json.dumps(told, ensure_ascii=False)
    assert NUMBER not in text
    assert MOBILE not in text
    assert cast.member.name not in text


def test_nobody_else_gets_it_by_its_number(cast: Cast, client: Client, app: object) -> None:
    downloaded(client, full_life(cast))
    number = db.session.scalar(select(func.max(Copy.id)))
    for other in (cast.other, cast.leader, cast.supervisor, cast.stranger):
        stranger = new_client(client.application).sign_in(other)
        assert stranger.get(f"/me/data/copies/{number}").status_code == 404
        assert stranger.post(f"/me/data/copies/{number}/delete").status_code == 404
    assert client.get(f"/me/data/copies/{10**30}").status_code == 404


def test_after_signing_out_and_without_a_fresh_proof_the_address_gives_nothing(cast: Cast, client: Client) -> None:
    downloaded(client, full_life(cast))
    number = db.session.scalar(select(func.max(Copy.id)))
    stale = new_client(client.application).sign_in(cast.member, fresh=False)
    assert "/confirm" in stale.get(f"/me/data/copies/{number}").location
    client.post("/logout")
    answer = client.get(f"/me/data/copies/{number}")
    assert "/login" in answer.location


def test_what_lies_on_the_disk_is_sealed_and_for_one_row_alone(cast: Cast, client: Client) -> None:
    downloaded(client, full_life(cast))
    copy = db.session.scalars(select(Copy)).one()
    assert copy.place is not None
    content = copies.place_of(copy.place).read_bytes()
    assert b"PK" not in content[:40]
    assert NUMBER.encode() not in content
    with pytest.raises(Unreadable):
        opened_bytes(content, place=f"mydata_copy.{copy.place}.{cast.other.id}")


def test_after_a_week_it_is_gone_by_itself(cast: Cast, client: Client) -> None:
    downloaded(client, full_life(cast))
    copy = db.session.scalars(select(Copy)).one()
    file = copies.place_of(copy.place or "")
    number = copy.id
    with clock.frozen(MONDAY + timedelta(days=7, minutes=1)):
        assert "已经删掉" in client.get(f"/me/data/copies/{number}").text
        enqueue(RETAIN, {}, at=clock.now())
        db.session.commit()
        work(once=True)
        assert not file.exists()
        db.session.expire_all()
        assert db.session.get_one(Copy, number).gone_at is not None


def test_she_deletes_it_herself_and_twice_is_as_good_as_once(cast: Cast, client: Client) -> None:
    downloaded(client, full_life(cast))
    copy = db.session.scalars(select(Copy)).one()
    file, number = copies.place_of(copy.place or ""), copy.id
    for _ in range(2):
        assert client.post(f"/me/data/copies/{number}/delete").status_code == 303
    assert not file.exists()
    assert client.get(f"/me/data/copies/{number}").status_code == 422


def test_a_big_one_is_made_by_a_job_that_tells_her(cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    member = full_life(cast)
    monkeypatch.setattr(copies, "AT_ONCE", 0)
    client.sign_in(member).post("/me/data/copy")
    assert db.session.scalars(select(Copy)).one().ready_at is None
    db.session.rollback()
    work(once=True)
    assert "资料副本备好" in client.get("/notices").text
    assert "下载" in client.get("/me/data").text


def test_more_than_three_at_a_time_are_refused_with_a_sentence(cast: Cast, client: Client) -> None:
    client.sign_in(full_life(cast))
    answers = [client.post("/me/data/copy") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 422]
    assert "已经有 3 份副本" in answers[-1].text


def test_a_file_that_no_row_knows_is_swept_away(cast: Cast) -> None:
    stray = copies.place_of("0" * 32)
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"half a copy")
    with clock.frozen(clock.now() + timedelta(days=4000)):
        copies.forget_strays()
    assert not stray.exists()


def test_a_text_that_cannot_be_opened_does_not_keep_her_from_the_rest(cast: Cast, client: Client) -> None:

    full_life(cast)
    db.session.execute(text("UPDATE profiles_profile SET health = 'v1.AAAA'"))
    page = downloaded(client, cast.member).read("我的资料.html").decode()
    assert "读不出来" in page
    assert NUMBER in page
