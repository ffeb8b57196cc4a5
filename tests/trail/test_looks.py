"""From where lines come, and who looked at whose data."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from portal import logbook
from portal.accounts import sign_ins
from portal.accounts.models import SignIn
from portal.activities.actions import edit_activity
from portal.audit import changes, record, record_look
from portal.audit.models import AuditLine, AuditLook
from portal.db import db
from portal.people.models import ALLIANCE, Person, Role
from portal.receipts.donors import keep_receipt
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.giving import Giving
from tests.pages import cells, is_valid, links, words
from tests.volunteers import MONDAY, Cast, drafted, plan


@pytest.fixture
def administrator(session: object) -> Person:
    return person("秦长风", grants=[(Role.ADMIN, ALLIANCE)])


def line(action: str) -> AuditLine:
    newest = select(AuditLine).where(AuditLine.action == action).order_by(AuditLine.id.desc()).limit(1)
    return db.session.scalars(newest).one()


# ── from where ──────────────────────────────────────────────────────────────────────────────────────
def test_a_line_of_a_request_names_its_way_and_its_sign_in(app: Flask, cast: Cast) -> None:
    client = new_client(app).sign_in(cast.leader)
    activity = drafted(cast)
    assert client.post(f"/activities/{activity.id}/submit", data={"seq": activity.seq}).status_code == 303
    written = line("activities.activity.submitted")
    own = db.session.scalars(select(SignIn.id).where(SignIn.person_id == cast.leader.id)).one()
    assert (written.via, written.sign_in_id) == ("web", own)
    assert written.request_id


def test_commands_and_jobs_are_told_apart(cast: Cast) -> None:
    record("test.command", None, by=None, at=MONDAY)
    with logbook.during(request_id=None, job_id=7):
        record("test.job", None, by=None, at=MONDAY)
    assert (line("test.command").via, line("test.job").via) == ("command", "job")
    assert line("test.job").sign_in_id is None


def test_the_first_line_of_a_sign_in_names_it(app: Flask, session: object) -> None:
    somebody = person("沈知秋")
    with app.test_request_context():
        sign_ins.begin(somebody, address="192.0.2.5", browser="", at=MONDAY)
        number = db.session.scalars(select(SignIn.id)).one()
        assert line("accounts.signed_in").sign_in_id == number


def test_no_line_ever_holds_an_address(app: Flask, cast: Cast) -> None:
    client = new_client(app).sign_in(cast.leader)
    client.post("/logout", environ_base={"REMOTE_ADDR": "192.0.2.91"})
    table = AuditLine.__table__
    assert "192.0.2.91" not in str(db.session.execute(select(table)).all())


def test_only_administrators_look_behind_a_sign_in_and_she_learns_of_it(
    app: Flask, cast: Cast, administrator: Person
) -> None:
    sign_ins.begin(cast.member, address="192.0.2.5", browser="Mozilla/5.0 (iPhone) Safari", at=MONDAY)
    number = db.session.scalars(select(SignIn.id)).one()
    record("test.deed", None, by=cast.member, at=MONDAY)
    address = f"/audit/sign-ins/{number}"
    assert new_client(app).sign_in(cast.supervisor).get(address).status_code == 403
    page = new_client(app).sign_in(administrator).get(address)
    assert is_valid(page)
    assert "192.0.2.5" in page.text and "苹果手机" in page.text
    told = cells(new_client(app).sign_in(cast.member).get("/me/looks"))
    assert [row[1:3] for row in told] == [["秦长风", "查看登录的设备和网络地址"]]


def test_a_forgotten_sign_in_is_not_found(app: Flask, cast: Cast, administrator: Person) -> None:
    sign_ins.begin(cast.member, address="192.0.2.5", browser="", at=MONDAY - timedelta(days=300))
    number = db.session.scalars(select(SignIn.id)).one()
    reader = new_client(app).sign_in(administrator)
    sign_ins.forget({})
    assert reader.get(f"/audit/sign-ins/{number}").status_code == 404


def test_the_trail_links_to_devices_for_administrators_alone(app: Flask, cast: Cast, administrator: Person) -> None:
    client = new_client(app).sign_in(cast.leader)
    client.post("/logout")
    for reader, sees in ((administrator, True), (cast.supervisor, False)):
        page = new_client(app).sign_in(reader).get("/audit?action=accounts.signed_out")
        assert is_valid(page)
        assert "网页" in words(page)
        assert any("/audit/sign-ins/" in link for link in links(page)) is sees


# ── before and after ────────────────────────────────────────────────────────────────────────────────
def test_an_edit_says_what_was_and_what_is(app: Flask, cast: Cast) -> None:
    activity = drafted(cast, "爱心教室")
    edit_activity(activity, plan("爱心教室二期"), seen=activity.seq, by=cast.leader, at=activity.drafted_at)
    detail = line("activities.activity.edited").detail
    assert detail == {"name": {"was": "爱心教室", "now": "爱心教室二期"}}
    page = new_client(app).sign_in(cast.supervisor).get("/audit?action=activities.activity.edited")
    assert "爱心教室 → 爱心教室二期" in words(page)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": {"was": 2, "now": 3}}),
        ({}, {"a": 1}, {"a": {"was": None, "now": 1}}),
        ({"a": 1}, {}, {"a": {"was": 1, "now": None}}),
        ({"a": 1}, {"a": 1}, {}),
    ],
)
def test_only_what_changed_is_told(before: dict[str, int], after: dict[str, int], told: dict[str, object]) -> None:
    assert changes(before, after) == told


def test_secrets_are_masked_before_they_are_written_at_any_depth(session: object) -> None:
    hidden = {"password": "open sesame", "list": [{"token": "t0ken"}], "pair": {"was": {"pin": "1234"}}}
    record("test.deed", None, by=None, at=MONDAY, form=hidden, code={"a": "c0de"}, secret="s3cret")
    stored = str(line("test.deed").detail)
    assert not any(secret in stored for secret in ("open sesame", "t0ken", "1234", "c0de", "s3cret"))
    assert stored.count("***") == 5


# ── looks ───────────────────────────────────────────────────────────────────────────────────────────
def looks_of(app: Flask, somebody: Person) -> list[list[str]]:
    page = new_client(app).sign_in(somebody).get("/me/looks")
    assert is_valid(page)
    return [row[1:] for row in cells(page)]


def test_a_look_is_written_down_even_by_a_page_that_only_reads(app: Flask, cast: Cast) -> None:
    with app.test_request_context():
        record_look("test.look", cast.team, [cast.member.id, cast.lead.id], by=cast.lead, at=MONDAY, reason="核对")
        app.process_response(app.make_response("")) if app.preprocess_request() is None else None
    assert [row[0::3] for row in looks_of(app, cast.member)] == [["沈知秋", "核对"]]
    assert looks_of(app, cast.lead) == []
    assert looks_of(app, cast.other) == []


def test_a_donor_sees_who_looked_at_her_confirmations_and_lists(app: Flask, giving: Giving) -> None:
    donor, receipt = person("王建国"), giving.gift()
    accountant = new_client(app).sign_in(giving.accountant)
    accountant.get(f"/receipts/{receipt.number}")
    accountant.get(f"/receipts/{receipt.number}/slip")
    assert looks_of(app, donor) == []
    keep_receipt(receipt, by=donor, at=MONDAY)
    assert [row[:2] for row in looks_of(app, donor)] == [["罗予安", "查看查询码"], ["罗予安", "查看确认单"]]
    assert looks_of(app, person("别人")) == []


def test_nobodys_page_is_empty_and_says_so(app: Flask, cast: Cast) -> None:
    assert "还没有人看过" in words(new_client(app).sign_in(cast.other).get("/me/looks"))


@pytest.mark.parametrize("attack", ["UPDATE audit_look SET person_id = 1", "DELETE FROM audit_look"])
def test_the_database_lets_no_look_go(app: Flask, cast: Cast, attack: str) -> None:
    record("test.deed", None, by=None, at=MONDAY)
    db.session.add(AuditLook(line_id=line("test.deed").id, person_id=cast.member.id))
    db.session.commit()
    with pytest.raises(DatabaseError):
        db.session.execute(text(attack))
    db.session.rollback()


def test_a_client_signed_in_as_her_sees_the_door(app: Flask, cast: Cast) -> None:
    client: Client = new_client(app).sign_in(cast.member)
    assert "/me/looks" in links(client.get("/me/account"))


def test_a_sign_ins_number_is_never_given_again(cast: Cast) -> None:
    for days in (400, 300):
        sign_ins.begin(cast.member, address="192.0.2.5", browser="", at=MONDAY - timedelta(days=days))
    numbers = list(db.session.scalars(select(SignIn.id).order_by(SignIn.id)))
    db.session.commit()
    sign_ins.forget({})
    sign_ins.begin(cast.other, address="192.0.2.6", browser="", at=MONDAY)
    assert db.session.scalar(select(func.min(SignIn.id))) == numbers[1]
    assert db.session.scalars(select(SignIn.id).where(SignIn.person_id == cast.other.id)).one() > numbers[1]
