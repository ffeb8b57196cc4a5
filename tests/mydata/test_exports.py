"""Personal data that leaves: with a purpose and a day, which the file says and somebody watches."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal import clock
from portal.db import db
from portal.exports import begin, footer, signed_csv
from portal.exports.files import is_footer
from portal.exports.models import Export
from portal.exports.work import REMIND
from portal.jobs.actions import enqueue
from portal.jobs.worker import work
from portal.notices.models import Notice
from portal.problems import DomainError
from tests.applications import Client
from tests.conftest import new_client
from tests.volunteers import MONDAY, Cast, lines

PURPOSE = "办理保险：十一月的活动"


def exported(cast: Cast) -> Export:
    export = begin(cast.leader, what="队员名单", purpose=PURPOSE, count=3, at=MONDAY)
    db.session.commit()
    return export


def test_the_file_says_at_its_end_who_took_it_what_for_and_until_when(cast: Cast, app: Flask) -> None:
    export = exported(cast)
    with app.test_request_context():
        answer = signed_csv("team", ("姓名",), [("林一禾",), ("=1+1",)], export)
        rows = list(csv.reader(StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows[0] == ["姓名"]
    assert rows[2] == ["'=1+1"]
    for said in (PURPOSE, "何远帆", "2026-12-16", "请按期删除", "3 人"):
        assert said in rows[-1][0]
    assert [is_footer(row[0]) for row in rows] == [False, False, False, True]


def test_a_name_is_never_taken_for_the_line_at_the_end() -> None:
    assert not any(map(is_footer, ("林一禾", "", None, 3, "用途：")))


@pytest.mark.parametrize("purpose", ["", " ", "a", "x" * 201])
def test_without_a_purpose_nothing_leaves(cast: Cast, purpose: str) -> None:
    with pytest.raises(DomainError) as refused:
        begin(cast.leader, what="队员名单", purpose=purpose, count=3, at=MONDAY)
    assert refused.value.field == "purpose"


def test_the_exporter_and_those_who_answer_for_it_see_it_and_nobody_else(cast: Cast, client: Client) -> None:
    exported(cast)
    for viewer, sees in ((cast.leader, True), (cast.supervisor, True), (cast.lead, False), (cast.member, False)):
        assert (PURPOSE in client.sign_in(viewer).get("/exports").text) is sees


def test_only_the_exporter_says_that_it_is_deleted(cast: Cast, client: Client) -> None:
    address = f"/exports/{exported(cast).id}/deleted"
    for other, status in ((cast.member, 404), (cast.supervisor, 403)):
        assert new_client(client.application).sign_in(other).post(address).status_code == status
    client.sign_in(cast.leader)
    assert [client.post(address).status_code for _ in range(2)] == [303, 303]
    assert lines("exports.export.deleted") == 1
    assert db.session.scalars(select(Export)).one().deleted_at is not None
    assert client.post(f"/exports/{10**30}/deleted").status_code == 404


def test_when_its_day_has_come_the_exporter_is_reminded_once(cast: Cast) -> None:
    exported(cast)
    for days in (29, 30, 31):
        with clock.frozen(MONDAY + timedelta(days=days)):
            enqueue(REMIND, {}, at=clock.now())
            db.session.commit()
            work(once=True)
    told = db.session.scalars(select(Notice).where(Notice.kind == "exports.expired")).all()
    assert [(one.person_id, one.values) for one in told] == [(cast.leader.id, {"what": "队员名单"})]


def test_whoever_deleted_it_is_reminded_of_nothing(cast: Cast, client: Client) -> None:
    client.sign_in(cast.leader).post(f"/exports/{exported(cast).id}/deleted")
    with clock.frozen(MONDAY + timedelta(days=40)):
        enqueue(REMIND, {}, at=clock.now())
        db.session.commit()
        work(once=True)
    assert not db.session.scalars(select(Notice).where(Notice.kind == "exports.expired")).all()


def test_nobody_makes_it_last_longer_or_go_away_in_the_database(cast: Cast) -> None:
    exported(cast)
    for harm in ("UPDATE exports_export SET expires_on = '2099-01-01'", "DELETE FROM exports_export"):
        with pytest.raises(Exception, match="exports_export"):
            db.session.execute(text(harm))
        db.session.rollback()


def test_the_line_is_in_chinese_for_every_reader(cast: Cast) -> None:
    assert footer(exported(cast)).startswith("※用途：")
