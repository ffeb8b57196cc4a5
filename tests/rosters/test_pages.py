"""The pages of a roster, in the order in which somebody meets them."""

import io
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.db import db
from portal.jobs.worker import work_one
from portal.people.models import Person
from portal.rosters.models import Roster
from tests.applications import Client
from tests.pages import is_valid, words
from tests.rosters.bringing import FRESH, kinds, rows_of
from tests.rosters.generated import HEADER, csv_of, line, lines, other
from tests.volunteers import Cast

TEAM = "晨星志愿服务队"


@pytest.fixture
def worker_client(client: Client, people: Cast, bringer: Person) -> Client:
    return client.sign_in(bringer)


def upload(client: Client, content: bytes, name: str = "名册.csv", **more: Any) -> TestResponse:
    """Send a file by the form of /rosters/new."""
    form = {"organisation": "0", "team": "0", "takes_identity": "y", "agreed": "y", "place": "社区 2 号柜"}
    return client.post("/rosters", data={**form, "file": (io.BytesIO(content), name), **more})


def newest() -> Roster:
    return db.session.scalars(select(Roster).order_by(Roster.id.desc()).limit(1), execution_options=FRESH).one()


def read() -> Roster:
    assert work_one()
    return newest()


def test_a_worker_brings_a_roster_mends_it_and_has_it_entered(worker_client: Client) -> None:
    assert is_valid(worker_client.get("/rosters/new"))
    bad = other(line(3, team=TEAM), id_number="980101194001221114", contact="1380013")
    answer = upload(worker_client, csv_of([*lines(3, teams=(TEAM,)), bad]))
    assert answer.status_code == 303, answer.text
    address = f"/rosters/{newest().id}"
    assert "正在读取名册" in words(worker_client.get(address))
    roster = read()
    page = worker_client.get(address)
    assert is_valid(page)
    assert kinds(roster) == {"new": 3, "wrong": 1}
    assert "校验位对不上" in words(page)
    assert "认不出这个号码" in words(page)
    form = worker_client.get(f"{address}/rows/5")
    assert is_valid(form)
    cells = {f"c{n}": text for n, text in enumerate(line(3, team=TEAM))}
    assert worker_client.post(f"{address}/rows/5", data=cells).status_code == 303
    assert kinds(newest()) == {"new": 4}
    assert worker_client.post(f"{address}/confirm").status_code == 303
    assert "4 行正在登记" in words(worker_client.get(address))
    read()
    page = worker_client.get(address)
    assert is_valid(page)
    assert "4 行都办完了" in words(page)
    assert is_valid(worker_client.get("/rosters"))


def test_the_wrong_rows_come_as_a_file_that_can_be_brought_again(worker_client: Client) -> None:
    bad = [other(line(n), id_number="98010119400122111X") for n in range(3)]
    upload(worker_client, csv_of(bad))
    roster = read()
    file = worker_client.get(f"/rosters/{roster.id}/wrong.csv")
    assert file.status_code == 200
    text = file.data.decode("utf-8-sig")
    assert text.splitlines()[0] == ",".join([*HEADER, "原来的行号", "问题"])
    assert "证件号码：身份证号的校验位对不上，请对照证件再看一遍。" in text
    upload(worker_client, file.data)
    assert kinds(read()) == {"wrong": 3}
    assert [row.row_no for row in rows_of(newest())] == [2, 3, 4]


def test_volunteers_leave_as_csv_and_as_excel(worker_client: Client) -> None:
    upload(worker_client, csv_of(list(lines(5, teams=(TEAM,)))))
    roster = read()
    worker_client.post(f"/rosters/{roster.id}/confirm")
    read()
    page = worker_client.get("/rosters/export")
    if page.status_code != 200:
        assert page.location == ""
    assert is_valid(page)
