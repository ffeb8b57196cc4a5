"""The public version: whatever changes something public raises it, in the same transaction, and nothing else does."""

import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from portal import public
from portal.activities.actions import close_activity
from portal.bulk import insert_many
from portal.db import db, reading
from portal.funds.actions import GiftDraft
from portal.hours.actions import approve_claim, undo_decision
from portal.ledger.models import Account, Line
from portal.orgs.models import Organisation
from portal.people.actions import add_person
from portal.public import PublicVersion, Versions, writes_shown
from portal.receipts.donors import agree_to_public_name, withdraw_from_public
from portal.series.models import Series
from tests import factories
from tests.applications import application
from tests.engines import Engine
from tests.giving import DAY, Giving, opened
from tests.pages import statements
from tests.volunteers import MONDAY, Cast, at_once, claimed, published

only_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)

Tables = scoped_session[Session]


def version() -> int:
    """As everybody else sees it."""
    with reading() as session:
        return session.scalars(select(PublicVersion.version)).one()


def raises(change: Callable[[], object]) -> bool:
    db.session.commit()
    before = version()
    change()
    db.session.commit()
    return version() > before


def organisations(*names: str) -> list[dict[str, object]]:
    return [{"slug": name, "name": name, "created_at": MONDAY} for name in names]


@contextmanager
def clock_stopped(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(public, "microseconds", lambda: 0)
        yield


# ── what raises it ──────────────────────────────────────────────────────────────────────────────────
def test_money_that_comes_in_or_goes_out_raises_it(giving: Giving) -> None:
    assert raises(lambda: giving.gift(fen=50_000))
    assert raises(lambda: giving.spend(10_000))
    assert raises(lambda: giving.gifts([GiftDraft(received_on=DAY, donor_name="林", fen=1) for _ in range(20)]))
    assert raises(lambda: opened("gongyi", "公益公积金"))


def test_a_donors_will_and_a_void_confirmation_raise_it(giving: Giving) -> None:
    receipt = giving.gift()
    assert raises(lambda: agree_to_public_name(receipt, "海宁王女士", by=None, at=MONDAY))
    assert raises(lambda: withdraw_from_public(receipt, by=None, at=MONDAY))
    assert raises(lambda: giving.void(receipt, "抬头写错", at=MONDAY))


def test_activities_and_approved_hours_raise_it_waiting_hours_do_not(people: Cast) -> None:
    assert raises(lambda: published(people))
    activity = published(people, "爱心教室")
    claim = claimed(people.member, activity)
    assert not raises(lambda: claimed(people.other, activity))
    assert raises(lambda: approve_claim(claim, seen=claim.seq, by=people.lead, at=MONDAY))
    assert raises(lambda: undo_decision(claim, seen=claim.seq, by=people.lead, at=MONDAY))
    assert raises(lambda: close_activity(activity, seen=activity.seq, by=people.leader, at=MONDAY))


def test_who_we_are_raises_it(people: Cast) -> None:
    assert raises(lambda: factories.organisation("蓝天社会组织"))
    assert raises(lambda: factories.team("蓝天一队", of=people.organisation))
    assert raises(lambda: add_person("新志愿者", by=None, at=MONDAY, is_volunteer=True))


def test_however_it_is_written_it_is_seen(session: Tables) -> None:
    connection = session.connection
    assert raises(lambda: insert_many(Organisation, organisations("a", "b")))
    assert raises(lambda: connection().execute(insert(Organisation), organisations("c", "d")))
    assert raises(lambda: session.execute(update(Organisation).values(created_at=MONDAY)))
    assert raises(lambda: session.execute(text("  update orgs_organisation set name = 'e' where slug = 'a'")))
    assert raises(lambda: connection().exec_driver_sql("DELETE FROM orgs_organisation"))
    assert raises(lambda: session.add(Organisation(slug="f", name="f", created_at=MONDAY)))
    assert raises(lambda: public.changed(connection()))


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("INSERT INTO funds_gift (fen) SELECT 1", True),
        ('insert or ignore into "funds_gift" values (1)', True),
        ("UPDATE ONLY public.funds_gift SET fen = 1", True),
        ("DELETE FROM funds_gift", True),
        ("WITH a AS (SELECT 1) INSERT INTO funds_gift SELECT * FROM a", True),
        ("WITH a AS (DELETE FROM funds_gift RETURNING id) SELECT * FROM a", True),
        ("SELECT * FROM funds_gift FOR UPDATE", False),
        ("WITH a AS (SELECT 1) SELECT * FROM funds_gift, a", False),
        ("INSERT INTO _alembic_tmp_funds_gift SELECT * FROM funds_gift", False),
        ("INSERT INTO hours_claim (id) VALUES (1)", False),
        ("", False),
    ],
)
def test_the_sql_is_understood(sql: str, answer: bool) -> None:
    assert writes_shown(sql) is answer


# ── what does not ───────────────────────────────────────────────────────────────────────────────────
def test_reading_and_private_writing_do_not_raise_it(session: Tables, people: Cast) -> None:
    assert not raises(lambda: session.scalars(select(Organisation)).all())
    assert not raises(lambda: session.add(Series(name="x", last=1)))
    assert not raises(lambda: None)


def test_what_is_rolled_back_does_not_raise_it(session: Tables) -> None:
    before = version()
    factories.organisation("不要了")
    db.session.rollback()
    assert not raises(lambda: session.add(Series(name="x", last=1)))
    assert version() == before


def test_a_commit_that_fails_does_not_raise_it_and_lets_the_next_one_in(session: Tables, giving: Giving) -> None:
    before, account = version(), session.scalars(select(Account.id).limit(1)).one()
    factories.organisation("不成")
    session.execute(insert(Line).values(entry_id=7, position=1, account_id=account, debit_fen=1, credit_fen=0))
    with pytest.raises(DBAPIError):
        session.commit()
    session.rollback()
    assert version() == before
    assert raises(lambda: factories.organisation("成了"))


def test_a_savepoint_rolled_back_leaves_the_rest_to_raise_it(session: Tables) -> None:
    def change() -> None:
        factories.organisation("留下")
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(insert(Organisation), organisations("x", "x"))

    assert raises(change)


# ── when and how often ──────────────────────────────────────────────────────────────────────────────
def test_it_is_raised_once_a_transaction_and_last(app: Flask, giving: Giving, monkeypatch: pytest.MonkeyPatch) -> None:
    before = version()
    with clock_stopped(monkeypatch), statements(app) as sent:
        giving.gifts([GiftDraft(received_on=DAY, donor_name="林", fen=1) for _ in range(3)])
    raising = [number for number, sql in enumerate(sent) if sql.startswith("UPDATE public_version")]
    writing = [number for number, sql in enumerate(sent) if writes_shown(sql)]
    assert len(raising) == 1
    assert raising[0] > max(writing)
    assert version() == before + 1


def test_nobody_sees_it_before_the_change(app: Flask, session: Tables) -> None:
    before = version()
    with closing(session.connection().engine.raw_connection()) as other:
        factories.organisation("还没提交")
        assert other.cursor().execute("SELECT version FROM public_version").fetchone()[0] == before
    session.commit()
    assert version() > before


def test_two_writers_at_once_each_raise_it(app: Flask, session: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    before = version()

    def write(name: str) -> None:
        with app.app_context():
            factories.organisation(name)
            db.session.commit()

    with clock_stopped(monkeypatch):
        at_once(app, [lambda name=str(number): write(name) for number in range(6)])  # type: ignore[misc]
    assert version() == before + 6


def test_tables_made_anew_never_come_to_a_number_they_had(session: Tables) -> None:
    """The number is the time, so another history of the same database has other numbers."""
    started = public.microseconds()
    factories.organisation("现在")
    session.commit()
    assert started <= version() <= public.microseconds()


# ── reading it ──────────────────────────────────────────────────────────────────────────────────────
def test_every_thread_reads_what_was_committed_last(app: Flask, session: Tables) -> None:
    versions, seen = Versions(db.engine), list[int | None]()
    first = versions.now()
    factories.organisation("又一家")
    session.commit()
    threads = [threading.Thread(target=lambda: seen.append(versions.now())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert first is not None
    assert seen == [version()] * 3
    assert versions.now() == version() > first


@only_postgresql
def test_a_database_started_again_is_read_again(app: Flask, session: Tables) -> None:
    versions = Versions(db.engine)
    assert versions.now() == version()
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query = :it"
    with db.engine.connect() as connection:
        assert True in connection.scalars(text(ended), {"it": public._READ}).all()
    assert versions.now() == version()


@only_postgresql
def test_a_server_that_fell_silent_is_not_waited_for_long(app: Flask, session: Tables) -> None:
    versions = Versions(db.engine)
    versions.now()
    limits = versions._own.line.connection.info.get_parameters()
    assert int(limits["tcp_user_timeout"]) <= 5_000
    assert int(limits["connect_timeout"]) <= 5


@pytest.mark.parametrize("url", ["postgresql+psycopg://portal@/portal?host=/nowhere", "sqlite:////proc/version"])
def test_a_database_that_is_away_has_no_version(url: str) -> None:
    assert Versions(create_engine(url)).now() is None


def test_tables_without_a_version_have_none(empty_engine: Engine, tmp_path: Path) -> None:
    app = application(empty_engine, tmp_path / "instance")
    with app.app_context():
        assert Versions(db.engine).now() is None


def test_a_version_is_not_held_open_for_writers(app: Flask, session: Tables) -> None:
    versions = Versions(db.engine)
    for name in ("一", "二", "三"):
        assert versions.now() == version()
        factories.organisation(name)
        session.commit()


def test_emptying_the_pool_closes_the_readers_of_all_threads(app: Flask, session: Tables) -> None:
    """SQLite's files may be put back then: a connection left open would write its old state into them."""
    versions, go, seen = Versions(db.engine), threading.Event(), list[int | None]()

    def read() -> None:
        seen.append(versions.now())
        go.wait(10)
        seen.append(versions.now())

    thread = threading.Thread(target=read)
    thread.start()
    versions.now()
    while not seen:
        time.sleep(0.01)
    lines = [line.connection for line in versions._lines]
    assert len(lines) == 2
    session.commit()
    db.engine.dispose()
    for connection in lines:
        with pytest.raises(versions._error):
            connection.execute("SELECT 1")
    go.set()
    thread.join(10)
    assert seen == [version()] * 2
    assert versions.now() == version()


def test_a_thread_that_ends_leaves_no_connection_behind(app: Flask, session: Tables) -> None:
    versions = Versions(db.engine)
    for _ in range(3):
        thread = threading.Thread(target=versions.now)
        thread.start()
        thread.join()
    gc.collect()
    assert list(versions._lines) == []
