"""A person has her data deleted: a day to think again, then what may go is gone and what must stay has its date."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal import clock
from portal.audit.models import AuditLine
from portal.consents.queries import purposes_agreed
from portal.db import Base, db
from portal.holdings import HOLDINGS, Then
from portal.hours.models import Claim
from portal.invariants import run_all
from portal.jobs.actions import enqueue
from portal.jobs.worker import work
from portal.mydata.deleting import NAMELESS, ask_to_delete, carry_out, take_back
from portal.mydata.models import Deletion, Kept
from portal.mydata.retention import RETAIN
from portal.orgs.queries import teams_of
from portal.people.actions import NobodyLeft
from portal.people.models import ALLIANCE, Person, Role
from portal.problems import ChangedMeanwhile
from portal.profiles.held import SENSITIVE
from portal.profiles.models import Profile, Status
from portal.profiles.queries import profile_of
from tests import factories
from tests.applications import Client
from tests.conftest import new_client
from tests.files.test_pictures import photo
from tests.giving import Giving
from tests.mydata.scenes import full_life
from tests.mydata.test_file import SECRETS
from tests.volunteers import MONDAY, Cast, at_once

LATER = MONDAY + timedelta(days=2)


def deleted(person: Person) -> Deletion:
    """She wished it on Monday; it is Wednesday."""
    wish = ask_to_delete(person, by=person, at=MONDAY)
    db.session.commit()
    assert carry_out(wish, at=LATER)
    db.session.commit()
    return wish


def everything() -> str:
    """All texts of all tables as they lie there."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in ("audit_line",)]
    return "\n".join(str(row) for table in tables for row in db.session.execute(select(table)).all())


def test_what_is_sensitive_is_gone_and_the_account_is_closed(cast: Cast) -> None:
    member = full_life(cast)
    assert [secret for secret in SECRETS if secret in everything()]
    deleted(member)
    profile = profile_of(member.id)
    assert profile is not None
    assert profile.state is Status.LEFT
    assert not [name for name in SENSITIVE if getattr(profile, name) is not None]
    assert not [secret for secret in SECRETS if secret in everything()]
    assert (member.is_open, member.login, member.password_hash, member.name) == (False, None, None, NAMELESS)
    assert not teams_of(member)
    assert not purposes_agreed(member.id)


def test_rows_that_are_to_go_are_gone_and_hours_are_there(cast: Cast) -> None:
    member = full_life(cast)
    claims = db.session.scalar(select(func.count()).where(Claim.person_id == member.id))
    deleted(member)
    for holding in HOLDINGS.values():
        if holding.then is Then.DELETED and holding.own:
            table = Base.metadata.tables[holding.table]
            assert not db.session.scalar(select(func.count()).where(table.c[holding.own[0]] == member.id))
    assert db.session.scalar(select(func.count()).where(Claim.person_id == member.id)) == claims


def test_what_stays_has_its_day(cast: Cast) -> None:
    deleted(member := full_life(cast))
    kept = {one.holding: one.until for one in db.session.scalars(select(Kept).where(Kept.person_id == member.id))}
    assert kept["hours_claim"] == date(2056, 11, 18)
    assert kept["consents_consent"] == date(2029, 11, 18)
    assert kept["audit_look"] is None if "audit_look" in kept else True


def test_others_see_no_name_any_more(cast: Cast, client: Client) -> None:
    deleted(full_life(cast))
    for viewer, address in ((cast.leader, f"/teams/{cast.team.slug}"), (cast.lead, "/hours/queue")):
        assert "林一禾" not in client.sign_in(viewer).get(address).text


def test_whoever_answers_for_money_stays_named_on_vouchers(giving: Giving) -> None:
    giving.gift("某人")
    cashier = db.session.get_one(Person, giving.cashier.id)
    name = cashier.name
    deleted(cashier)
    assert cashier.name == name
    assert not cashier.is_open


def test_until_the_next_day_is_over_nothing_happens_and_it_can_be_taken_back(cast: Cast) -> None:
    member = full_life(cast)
    wish = ask_to_delete(member, by=member, at=MONDAY)
    assert wish.final_at.isoformat() == "2026-11-18T00:00:00+08:00"
    assert not carry_out(wish, at=wish.final_at - timedelta(seconds=1))
    take_back(wish, by=member, at=wish.final_at - timedelta(seconds=1))
    assert not carry_out(wish, at=LATER)
    assert member.name == "林一禾"
    with pytest.raises(ChangedMeanwhile):
        take_back(wish, by=member, at=LATER)


def test_she_may_wish_it_again_after_taking_it_back_but_never_twice_at_once(cast: Cast) -> None:
    member = cast.member
    first = ask_to_delete(member, by=member, at=MONDAY)
    with pytest.raises(ChangedMeanwhile):
        ask_to_delete(member, by=member, at=MONDAY)
    take_back(first, by=member, at=MONDAY)
    ask_to_delete(member, by=member, at=MONDAY)


def test_two_clicks_at_the_same_moment_make_one_wish(cast: Cast, app: Flask) -> None:
    number = cast.member.id

    def click() -> str:
        with app.app_context():
            person = db.session.get_one(Person, number)
            try:
                ask_to_delete(person, by=person, at=MONDAY)
                db.session.commit()
            except ChangedMeanwhile:
                db.session.rollback()
                return "refused"
            return "taken"

    assert sorted(at_once(app, [click, click])) == ["refused", "taken"]


def test_done_is_done_once_whoever_comes_again(cast: Cast) -> None:
    wish = deleted(full_life(cast))
    assert not carry_out(wish, at=LATER)
    with pytest.raises(ChangedMeanwhile):
        take_back(wish, by=cast.member, at=LATER)


def test_the_last_administrator_must_have_a_successor_first(cast: Cast) -> None:
    admin = factories.person("管理员", grants=[(Role.ADMIN, ALLIANCE)])
    with pytest.raises(NobodyLeft):
        ask_to_delete(admin, by=admin, at=MONDAY)


def test_on_the_pages_she_asks_sees_the_day_and_takes_it_back(cast: Cast, client: Client) -> None:
    client.sign_in(full_life(cast))
    page = client.get("/me/data/delete").text
    assert "2026-11-17" in page or "11月17日" in page
    assert "志愿服务条例" in page
    assert client.post("/me/data/delete", data={}).status_code == 422
    assert client.post("/me/data/delete", data={"sure": "y"}).status_code == 303
    assert "撤回，不删了" in client.get("/me/data").text
    assert client.post("/me/data/delete", data={"sure": "y"}).status_code == 422
    assert client.post("/me/data/delete/undo").status_code == 303
    assert "撤回，不删了" not in client.get("/me/data").text
    assert client.post("/me/data/delete/undo").status_code == 404


def test_it_asks_who_is_there(cast: Cast, client: Client) -> None:
    client.sign_in(cast.member, fresh=False)
    assert "/confirm" in client.get("/me/data/delete").location
    assert "/confirm" in client.post("/me/data/delete", data={"sure": "y"}).location


def test_a_job_carries_it_out_when_the_day_is_over(cast: Cast, client: Client) -> None:
    client.sign_in(full_life(cast)).post("/me/data/delete", data={"sure": "y"})
    work(once=True)
    assert db.session.scalars(select(Deletion)).one().done_at is None
    db.session.rollback()
    with clock.frozen(LATER):
        work(once=True)
        db.session.expire_all()
        assert db.session.scalars(select(Deletion)).one().done_at == LATER
        assert "/login" in client.get("/me/data").location


def test_a_worker_does_it_for_somebody_without_a_telephone_on_paper(cast: Cast, client: Client) -> None:
    worker = factories.person("社工", grants=[(Role.WORKER, ALLIANCE)])
    number = cast.member.id
    client.sign_in(worker)
    address = f"/people/{number}/delete"
    assert client.post(address, data={"sure": "y"}).status_code == 422
    signed = {"sure": "y", "photo": (BytesIO(photo()), "wish.jpg")}
    assert client.post(address, data=signed).status_code == 303
    wish = db.session.scalars(select(Deletion)).one()
    assert (wish.asked_by_id, wish.paper_id is not None) == (worker.id, True)
    for other in (cast.leader, cast.lead, cast.supervisor, cast.member):
        browser = new_client(client.application).sign_in(other)
        assert browser.post(address, data={"sure": "y"}).status_code in (403, 404)
        assert browser.post(f"{address}/undo").status_code in (403, 404)
    assert client.post(f"{address}/undo").status_code == 303


def test_when_the_last_day_has_come_the_name_goes_too(cast: Cast) -> None:
    wish = deleted(member := full_life(cast))
    assert wish.name == "林一禾"
    with clock.frozen(LATER + timedelta(days=365 * 31)):
        enqueue(RETAIN, {}, at=clock.now())
        db.session.commit()
        work(once=True)
        db.session.expire_all()
    assert db.session.get_one(Deletion, wish.id).name is None
    left = select(Kept.holding).where(Kept.person_id == member.id, Kept.until.is_not(None), Kept.erased_at.is_(None))
    assert not list(db.session.scalars(left))


def test_sign_ins_go_when_the_law_lets_them(cast: Cast, client: Client) -> None:
    client.sign_in(cast.member)
    deleted(cast.member)
    enqueue(RETAIN, {}, at=LATER + timedelta(days=181))
    db.session.commit()
    with clock.frozen(LATER + timedelta(days=181)):
        work(once=True)
    own = text("SELECT count(*) FROM accounts_sign_in WHERE person_id = :person")
    assert db.session.scalar(own, {"person": cast.member.id}) == 0


def test_the_check_finds_what_was_left_over(cast: Cast) -> None:
    wish = deleted(full_life(cast))
    (result,) = run_all(db.session(), prefix="mydata.deleted")
    assert (result.count, result.problems) == (1, ())
    profile = db.session.get_one(Profile, wish.person_id)
    profile.area = "碧云社区"
    db.session.flush()
    (result,) = run_all(db.session(), prefix="mydata.deleted")
    assert result.problems


def test_a_wish_is_neither_changed_nor_deleted_in_the_database(cast: Cast) -> None:
    wish = ask_to_delete(cast.member, by=cast.member, at=MONDAY)
    db.session.commit()
    for statement in ("DELETE FROM mydata_deletion", f"UPDATE mydata_deletion SET person_id = {cast.other.id}"):
        with pytest.raises(Exception, match="mydata_deletion"):
            db.session.execute(text(statement))
        db.session.rollback()
    assert wish.id


def test_the_trail_says_that_it_happened_and_nothing_of_what_was_there(cast: Cast) -> None:
    deleted(full_life(cast))
    lines = list(db.session.scalars(select(AuditLine).where(AuditLine.action.like("mydata.%"))))
    assert {"mydata.deletion.asked", "mydata.deletion.done"} <= {line.action for line in lines}
    assert not [line for line in lines for secret in SECRETS if secret in str(line.detail)]
