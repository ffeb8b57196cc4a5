"""A database of yesterday, a renamed log, another key, a clock set back: the log goes on rightly, or says why not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.db import committed, db
from portal.funds.actions import GiftDraft, book_gifts
from portal.funds.models import Fund
from portal.invariants import run_all
from portal.jobs.actions import try_all_again
from portal.jobs.models import Job
from portal.jobs.worker import work
from portal.log import heads, outside, verifying
from portal.log.heads import LogStands
from portal.log.keys import open_note, read
from portal.log.queries import declared_keys, signed_head
from portal.log.restored import GoesOn, go_on, shut
from portal.people.models import Person
from portal.problems import DomainError
from portal.settings import Settings, current_settings
from tests.applications import Client
from tests.engines import Engine
from tests.giving import DAY, Giving
from tests.importing import AT, THREE, check, confirmed, gifts_and_receipts
from tests.log.conftest import Facts


def note() -> str:
    head = signed_head()
    assert head is not None
    return head.note


def size() -> int:
    return read(note()).size


@pytest.fixture
def yesterday(engine: Engine, facts: Facts) -> str:
    """Two leaves yesterday, three published since; the database is put back to yesterday's. Gives the newest note."""
    facts.note(1, 2)
    engine.keep("yesterday")
    facts.note(3, 4, 5)
    newest = note()
    db.session.remove()
    engine.restore("yesterday")
    outside.keep(newest)
    return newest


# ── a database of yesterday ─────────────────────────────────────────────────────────────────────────
def test_a_database_of_yesterday_books_nothing_and_says_why(yesterday: str, facts: Facts) -> None:
    with pytest.raises(LogStands, match="比已经公布的旧"):
        facts.note(3)
    db.session.rollback()
    assert size() == 2
    assert "the database is older" in "".join(verifying.outside_wrong())


def test_it_goes_on_under_another_name_once_that_is_declared(yesterday: str, facts: Facts) -> None:
    before = (signed_head() or pytest.fail()).origin
    with committed():
        vkey = heads.declare("机器坏了，从昨天的备份恢复", at=AT, new_origin=True)
    head = signed_head()
    assert head is not None
    assert head.origin.startswith(f"{before}/2-")
    assert head.vkey == vkey
    assert read(head.note).size == 2
    assert outside.kept() == read(head.note)
    facts.note(3)
    assert size() == 3
    assert list(verifying.everything(lambda _: None)) == []
    assert [key.origin for key in declared_keys()] == [head.origin, before]
    # Who has the checkpoint of the lost log learns that it is not this one's.
    assert "the database is older" in "".join(verifying.checkpoint_wrong(yesterday))


def test_two_copies_that_were_restored_never_bear_one_name(engine: Engine, facts: Facts) -> None:
    facts.note(1)
    engine.keep("copy")
    names = set()
    for _ in range(2):
        with committed():
            heads.declare("从备份恢复", at=AT, new_origin=True)
        names.add((signed_head() or pytest.fail()).origin)
        db.session.remove()
        engine.restore("copy")
    assert len(names) == 2


def test_control_without_the_file_outside_there_are_two_logs_and_any_kept_checkpoint_shows_it(
    yesterday: str, facts: Facts
) -> None:
    """The harm: two heads of one size under one name, both signed. What witnesses and kept checkpoints are for."""
    outside.written(None)
    facts.note(7, 8, 9)
    assert read(note()).size == read(yesterday).size == 5
    assert read(note()).origin == read(yesterday).origin
    assert read(note()).root != read(yesterday).root
    assert "two logs" in "".join(verifying.checkpoint_wrong(yesterday))


def test_a_head_of_the_same_size_that_is_another_is_refused(yesterday: str, facts: Facts) -> None:
    outside.written(None)
    facts.note(7, 8, 9)
    outside.keep(yesterday, instead=True)
    with pytest.raises(LogStands):
        facts.note(10)
    db.session.rollback()


def test_another_machine_that_still_has_the_old_name_outside_goes_on(engine: Engine, facts: Facts) -> None:
    """Two machines on one database: the name was declared on the other one."""
    facts.note(1, 2)
    here = note()
    with committed():
        heads.declare("从备份恢复", at=AT, new_origin=True)
    outside.keep(here, instead=True)
    facts.note(3)
    assert (outside.kept() or pytest.fail()).origin == (signed_head() or pytest.fail()).origin


@pytest.mark.parametrize("text", ["", "half a note\n3", "\x00\xff", "a\n1\nAAAA\n\n"])
def test_a_file_outside_that_says_nothing_stops_the_log_with_a_sentence(facts: Facts, text: str) -> None:
    facts.note(1)
    outside.written(text)
    with pytest.raises(LogStands, match=outside.FILE):
        facts.note(2)
    db.session.rollback()
    assert list(verifying.outside_wrong()) != []


def test_bytes_that_are_no_text_outside_stop_the_log_with_a_sentence(engine: Engine, facts: Facts) -> None:
    facts.note(1)
    (current_settings().instance / outside.FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LogStands, match=outside.FILE):
        facts.note(2)
    db.session.rollback()


def test_a_log_begun_anew_beside_an_old_checkpoint_takes_another_name(
    engine: Engine, facts: Facts, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    """As after `portal demo --reset` with PORTAL_LOG_ORIGIN set."""
    settings = replace(app.extensions["portal_settings"], log_origin="portal.example/log")
    monkeypatch.setitem(app.extensions, "portal_settings", settings)
    facts.note(1, 2)
    assert read(note()).origin == "portal.example/log"
    old = note()
    db.session.remove()
    engine.restore()
    outside.written(old)
    facts.note(1)
    assert read(note()).origin.startswith("portal.example/log/2-")
    assert outside.kept() == read(note())


# ── the person who books ────────────────────────────────────────────────────────────────────────────
def test_whoever_books_then_gets_a_page_that_says_so_and_nothing_is_half_booked(
    client: Client, giving: Giving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal comes amid the COMMIT of the request, after the view has answered."""
    giving.gift()
    before = size()
    older = note().replace(f"\n{before}\n", f"\n{before + 5}\n")
    outside.written(older)
    ids = giving.fund.id, giving.cashier.id, giving.accountant.id

    def books() -> str:
        fund = db.session.get_one(Fund, ids[0])
        cashier, accountant = (db.session.get_one(Person, id) for id in ids[1:])
        draft = GiftDraft(received_on=DAY, donor_name="李秀英", fen=100)
        book_gifts(fund, [draft], by=cashier, checked_by=accountant, at=AT)
        return "booked"

    # A view that stands, so that the way through the whole portal is the real one.
    monkeypatch.setitem(client.application.view_functions, "accounts.sign_out", books)
    answer = client.sign_in(giving.cashier).post("/logout")
    assert answer.status_code == 422
    assert "公开日志" in answer.text
    assert "Traceback" not in answer.text
    assert {"Content-Security-Policy", "X-Content-Type-Options"} <= set(answer.headers.keys())
    assert size() == before
    check_but_outside()


def test_a_list_that_is_booked_by_a_job_waits_for_a_person_and_loses_nothing(giving: Giving) -> None:
    giving.gift()
    imported = confirmed(giving, *THREE)
    older = note().replace(f"\n{size()}\n", f"\n{size() + 5}\n")
    outside.written(older)
    work(once=True)
    assert gifts_and_receipts() == (1, 1)
    failed = db.session.scalars(select(Job).where(Job.status == "failed")).all()
    assert [job.last_error.partition(":")[0] for job in failed if job.last_error] == ["LogStands"]
    with committed():
        heads.declare("从备份恢复", at=AT, new_origin=True)
        try_all_again(at=clock.now())
    work(once=True)
    assert gifts_and_receipts() == (4, 4)
    assert imported.id
    check()


def check_but_outside() -> None:
    wrong = {result.name for result in run_all(db.session()) if not result.holds}
    assert wrong == {"log.checkpoint kept outside"}


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def other_key(app: Flask, facts: Facts, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Two leaves, and then another key in the settings: the old one is rotated, or lost."""
    facts.note(1, 2)
    settings: Settings = replace(app.extensions["portal_settings"], log_key="another-log-key-of-the-tests-01234567")
    monkeypatch.setitem(app.extensions, "portal_settings", settings)
    return settings


def test_with_another_key_nothing_is_booked_until_it_is_declared(other_key: Settings, facts: Facts) -> None:
    with pytest.raises(LogStands, match="declare"):
        facts.note(3)
    db.session.rollback()
    before = note()
    with committed():
        vkey = heads.declare("密钥丢了", at=AT)
    facts.note(3)
    old, new = declared_keys()[1], declared_keys()[0]
    assert (new.vkey, new.from_size, new.reason) == (vkey, 2, "密钥丢了")
    assert new.origin == old.origin
    # What was signed before stays proven, under the key of then.
    assert open_note(before, old.vkey).size == 2
    assert open_note(note(), new.vkey).size == 3
    assert list(verifying.everything(lambda _: None, before)) == []
    check_kinds()


def check_kinds() -> None:
    assert list(verifying.tree_wrong()) == []
    assert list(verifying.outside_wrong()) == []


def test_a_key_that_was_put_away_is_not_taken_again(other_key: Settings, app: Flask, facts: Facts) -> None:
    with committed():
        heads.declare("轮换", at=AT)
    old = replace(other_key, log_key="log-key-of-the-tests-0123456789abc")
    app.extensions["portal_settings"] = old
    with pytest.raises(DomainError, match="以前公布过"):
        heads.declare("换回去", at=AT)
    db.session.rollback()


def test_nothing_is_declared_without_a_reason_or_a_change(facts: Facts) -> None:
    with pytest.raises(DomainError, match="还是空的"):
        heads.declare("无", at=AT)
    facts.note(1)
    with pytest.raises(DomainError, match="没有变"):
        heads.declare("无", at=AT)
    with pytest.raises(DomainError, match="原因"):
        heads.declare("  ", at=AT, new_origin=True)


# ── a clock set back ────────────────────────────────────────────────────────────────────────────────
def test_a_clock_set_back_changes_neither_order_nor_proof(giving: Giving) -> None:
    giving.gift()
    first = note()
    with clock.frozen(AT - timedelta(days=400)):
        giving.gift(fen=300, on=DAY - timedelta(days=400))
        with committed():
            heads.declare("换名", at=clock.now(), new_origin=True)
    giving.gift(fen=400)
    assert list(verifying.everything(lambda _: None, first)) == []
    assert [key.from_size for key in declared_keys()] == [4, 0]
    check()


# ── restoring ───────────────────────────────────────────────────────────────────────────────────────
def test_a_restored_log_takes_another_name_unless_the_newest_checkpoint_is_shown(engine: Engine, facts: Facts) -> None:
    facts.note(1, 2)
    newest = note()
    engine.keep("copied")
    for shown, how in ((newest, GoesOn.SAME), (None, GoesOn.RENAMED), ("no note", GoesOn.RENAMED)):
        with shut():
            db.session.remove()
            engine.restore("copied")
        with committed():
            assert go_on(shown, at=AT) is how
        facts.note(3)
        assert outside.kept() == read(note())
        assert (read(note()).origin == read(newest).origin) is (how is GoesOn.SAME)


def test_a_restore_that_was_killed_books_nothing(facts: Facts) -> None:
    facts.note(1)
    with shut():
        pass
    with pytest.raises(LogStands):
        facts.note(2)
    db.session.rollback()
    with committed():
        heads.declare("恢复没有做完", at=AT, new_origin=True)
    facts.note(2)
    assert size() == 2


def test_a_restore_that_failed_leaves_the_file_as_it_was(facts: Facts, tmp_path: Path) -> None:
    facts.note(1)
    before = outside.kept()
    with pytest.raises(KeyError), shut():
        raise KeyError
    assert outside.kept() == before
