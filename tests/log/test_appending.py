"""Facts become leaves in the transaction that makes them: all of them, once, whoever else appends meanwhile."""

import re
import signal
import tempfile
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy.session import Session
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from portal import log
from portal.db import db
from portal.log import heads, outside, tree, verifying
from portal.log.existing import enter_existing
from portal.log.keys import read
from portal.log.models import Leaf
from portal.log.queries import signed_head
from portal.settings import current_settings
from tests.applications import clean_environment, environment
from tests.commands import Command
from tests.engines import Engine
from tests.giving import Giving
from tests.importing import check
from tests.log.conftest import KIND, Facts


def leaves() -> list[tuple[str, int]]:
    return [(kind, ref) for kind, ref in db.session.execute(select(Leaf.kind, Leaf.ref).order_by(Leaf.idx))]


def size() -> int:
    head = signed_head()
    return head.size if head else 0


def sound() -> bool:
    return list(verifying.everything(lambda _: None)) == []


# ── one transaction ─────────────────────────────────────────────────────────────────────────────────
def test_a_gift_its_receipt_and_what_becomes_of_them_are_leaves(giving: Giving) -> None:
    giving.gift()
    assert [kind for kind, _ in leaves()] == ["entry", "receipt"]
    giving.spend(100)
    assert [kind for kind, _ in leaves()] == ["entry", "receipt", "entry"]
    check()
    assert sound()


def test_what_is_rolled_back_leaves_no_leaf_and_no_gap(facts: Facts) -> None:
    facts.note(1)
    log.note(KIND, [2, 3])
    db.session.execute(text("SELECT 1"))
    db.session.rollback()
    facts.note(4)
    assert leaves() == [(KIND, 1), (KIND, 4)]
    assert sound()


def test_a_savepoint_that_is_rolled_back_leaves_no_leaf_and_takes_no_other_fact_with_it(facts: Facts) -> None:
    """What was noted before it and after it stays; a fact of its own has no row any more."""
    db.session.execute(text("SELECT 1"))
    log.note(KIND, [1])
    savepoint = db.session.begin_nested()
    log.note(KIND, [2])
    savepoint.rollback()
    facts.gone.add(2)
    facts.note(3)
    assert leaves() == [(KIND, 1), (KIND, 3)]


def test_a_savepoint_that_is_kept_waits_for_the_commit_around_it(facts: Facts) -> None:
    db.session.execute(text("SELECT 1"))
    log.note(KIND, [1])
    with db.session.begin_nested():
        log.note(KIND, [2])
    assert leaves() == []
    assert outside.kept() is None
    facts.note(3)
    assert leaves() == [(KIND, 1), (KIND, 2), (KIND, 3)]


@pytest.mark.parametrize("end", ["rollback", "commit"])
def test_an_end_amid_a_savepoint_ends_all_of_it(facts: Facts, end: str) -> None:
    db.session.execute(text("SELECT 1"))
    log.note(KIND, [1])
    db.session.begin_nested()
    log.note(KIND, [2])
    db.session.rollback() if end == "rollback" else db.session.commit()
    facts.note(3)
    assert leaves() == [(KIND, ref) for ref in ([3] if end == "rollback" else [1, 2, 3])]


def test_a_fact_noted_twice_is_one_leaf_and_one_noted_again_later_is_refused(facts: Facts) -> None:
    facts.note(1, 1)
    assert leaves() == [(KIND, 1)]
    log.note(KIND, [1])
    with pytest.raises(DBAPIError):
        db.session.commit()
    db.session.rollback()
    assert size() == 1


def test_whoever_only_reads_moves_no_head(facts: Facts) -> None:
    facts.note(1)
    before = signed_head()
    db.session.execute(text("SELECT 1"))
    db.session.commit()
    assert signed_head() == before


@pytest.mark.parametrize("count", [1, 255, 256, 257, 600])
def test_a_list_at_once_and_one_by_one_make_the_same_tree(facts: Facts, count: int) -> None:
    facts.note(*range(count))
    head = heads.standing()
    assert head is not None
    hashes = [bytes(hash) for hash in db.session.scalars(select(Leaf.hash).order_by(Leaf.idx))]
    assert head.checkpoint.root == tree.root(hashes)
    for ref in range(count, count + 3):
        facts.note(ref)
    assert sound()


def test_facts_from_before_there_was_a_log_come_in_once(giving: Giving, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the first start after a migration does it, broken off and begun again."""
    with monkeypatch.context() as without_log:
        without_log.setattr(log.actions, "append", lambda facts: 0)
        for _ in range(3):
            giving.gift()
    assert size() == 0
    assert len(list(verifying.facts_without_leaf())) == 6
    monkeypatch.setattr("portal.log.existing.AT_ONCE", 2)
    assert enter_existing() == 6
    assert enter_existing() == 0
    assert [kind for kind, _ in leaves()] == ["entry"] * 3 + ["receipt"] * 3
    check()


# ── the file outside ────────────────────────────────────────────────────────────────────────────────
def test_the_checkpoint_goes_outside_after_the_commit_and_never_back(facts: Facts) -> None:
    facts.note(1)
    first = outside.kept()
    note = (signed_head() or pytest.fail()).note
    assert first == read(note)
    facts.note(2)
    second = outside.kept()
    assert second is not None
    assert second.size == 2
    outside.keep(note)
    assert outside.kept() == second


def test_a_full_disk_beside_a_committed_gift_is_no_error(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    facts.note(1)
    before = outside.kept()
    with monkeypatch.context() as full:
        full.setattr(Path, "write_text", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left")))
        facts.note(2)
    assert outside.kept() == before
    facts.note(3)
    assert (outside.kept() or pytest.fail()).size == 3


# ── processes of their own ──────────────────────────────────────────────────────────────────────────
PROGRAM = """
import sys, time
from portal import create_app, log
from portal.db import InTurn, db
from portal.log import heads, outside
from portal.log.leaves import KINDS, Body

KINDS["invented"] = lambda session, ids: (Body(ref, {"n": ref}, {}) for ref in ids)
first, last, way = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if way == "unlocked":
    locked = heads.standing
    def slow(*, lock=False):
        head = locked()
        time.sleep(0.01)
        return head
    heads.standing = slow
    InTurn.begin_in_turn = lambda self: self.execute("BEGIN")
if way == "killed":
    import os
    outside.keep = lambda *_, **__: os.kill(os.getpid(), 9)
with create_app().app_context():
    for ref in range(first, last):
        log.note("invented", [ref])
        db.session.commit()
"""


def processes(engine: Engine, folder: Path, *runs: tuple[int, int, str]) -> list[tuple[int, str]]:
    """How each process ended, and what it complained of; they work at the same time."""
    env = clean_environment() | environment(engine, current_settings().instance)
    with tempfile.TemporaryDirectory(dir=folder) as said:
        files = [(Path(said) / str(number)).open("w+") for number in range(len(runs))]
        begun = [
            Command(str(first), str(last), way, env=env, program=PROGRAM, stdout=file, stderr=file)
            for file, (first, last, way) in zip(files, runs, strict=True)
        ]
        codes = [one.wait(60) for one in begun]
        told = [(code, Path(file.name).read_text()) for code, file in zip(codes, files, strict=True)]
        for file in files:
            file.close()
    return told


def test_two_processes_that_append_at_once_lose_nothing(engine: Engine, facts: Facts, tmp_path: Path) -> None:
    facts.note(0)
    ended = processes(engine, tmp_path, (1, 41, "locked"), (101, 141, "locked"))
    assert ended == [(0, ""), (0, "")]
    assert {ref for _, ref in leaves()} == {0, *range(1, 41), *range(101, 141)}
    assert (outside.kept() or pytest.fail()).size == 81
    assert list(verifying.tree_wrong()) == []


def test_control_without_the_lock_appends_at_once_fail(engine: Engine, facts: Facts, tmp_path: Path) -> None:
    facts.note(0)
    ended = processes(engine, tmp_path, (1, 41, "unlocked"), (101, 141, "unlocked"))
    assert {code for code, _ in ended} != {0}
    # Or the file outside knows already what the stale head does not.
    harm = re.compile("duplicate key value|database is locked|log_leaf is append-only: no replace|LogStands")
    assert all(harm.search(complained) for code, complained in ended if code), ended
    assert size() < 81


def test_killed_between_the_commit_and_the_file_outside_the_next_goes_on(
    engine: Engine, facts: Facts, tmp_path: Path
) -> None:
    facts.note(0)
    assert [code for code, _ in processes(engine, tmp_path, (1, 9, "killed"))] == [-signal.SIGKILL]
    db.session.rollback()
    assert (size(), (outside.kept() or pytest.fail()).size) == (2, 1)
    assert list(verifying.outside_wrong()) == []
    facts.note(9)
    assert (size(), (outside.kept() or pytest.fail()).size) == (3, 3)
    assert list(verifying.tree_wrong()) == []


def test_the_database_takes_no_second_leaf_in_a_place_and_no_smaller_head(
    app: Flask, session: scoped_session[Session], facts: Facts
) -> None:
    facts.note(1, 2)
    for statement in (
        "UPDATE log_leaf SET hash = hash WHERE idx = 0",
        "DELETE FROM log_leaf WHERE idx = 1",
        "INSERT INTO log_leaf (idx, kind, ref, hash) SELECT 0, 'entry', 99, hash FROM log_leaf WHERE idx = 1",
        "UPDATE log_head SET size = 1",
        "DELETE FROM log_head",
        "UPDATE log_key SET reason = 'x'",
        "DELETE FROM log_key",
    ):
        with pytest.raises(DBAPIError):
            session.execute(text(statement))
        session.rollback()
    assert session.scalar(select(func.count()).select_from(Leaf)) == 2
