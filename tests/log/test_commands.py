"""`portal log …` and `portal restore` as an operator meets them: exit codes, sentences, and no traceback."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.db import db
from portal.log import outside
from portal.log.keys import open_note, read
from tests.applications import migrate
from tests.backup.portals import Portal
from tests.engines import Engine, empty
from tests.giving import Giving, opened
from tests.importing import run
from tests.log.witness_server import WitnessServer, serving

only_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""Each command is a process: what they do is tried on both engines elsewhere."""


@pytest.fixture
def portal(engine: Engine, app: Flask) -> Portal:
    """The portal of the tests, for commands of its own."""
    return Portal(engine, app.extensions["portal_settings"].instance, app)


@pytest.fixture
def books(portal: Portal, giving: Giving) -> Portal:
    """The same with three gifts."""
    for number in range(3):
        giving.gift(fen=100 + number)
    db.session.rollback()
    return portal


def refused(done: "subprocess.CompletedProcess[str]", words: str) -> bool:
    assert "Traceback" not in done.stderr
    return done.returncode == 1 and words in done.stderr


@only_sqlite
def test_the_whole_log_is_verified_and_its_checkpoint_kept(books: Portal, tmp_path: Path) -> None:
    kept, wrong = tmp_path / "checkpoint", tmp_path / "wrong"
    noted = books.run("log", "checkpoint")
    kept.write_text(noted.stdout)
    head = read(noted.stdout)
    assert (noted.returncode, head.size) == (0, 6)
    done = books.run("log", "verify", "--checkpoint", str(kept))
    assert (done.returncode, f"6 条，根值 {head.root.hex()}" in done.stdout) == (0, True), done.stderr
    wrong.write_text(noted.stdout.replace("\n6\n", "\n5\n"))
    assert refused(books.run("log", "verify", "--checkpoint", str(wrong)), "没有通过核对")
    # Somebody rewrites an old gift, past the guards.
    run("DROP TRIGGER ledger_entry_no_update")
    run("UPDATE ledger_entry SET memo = '别的' WHERE number = '记-1'")
    db.session.commit()
    assert refused(books.run("log", "verify"), "was changed")


@only_sqlite
def test_keys_are_made_rotated_and_declared(books: Portal) -> None:
    before = read(books.run("log", "checkpoint").stdout)
    made = books.run("log", "keygen")
    secret = made.stdout.strip()
    assert (made.returncode, len(secret) >= 32, "portal log declare" in made.stderr) == (0, True, True)
    assert refused(books.run("log", "declare", "--reason", "轮换"), "没有变")
    declared = books.run("log", "declare", "--reason", "轮换", PORTAL_LOG_KEY=secret)
    assert declared.returncode == 0, declared.stderr
    after = books.run("log", "checkpoint", PORTAL_LOG_KEY=secret).stdout
    assert open_note(after, declared.stdout.strip()) == before


@pytest.fixture
def lone(empty_engine: Engine, tmp_path: Path) -> Iterator[Portal]:
    """A portal whose database holds nothing beside its own tables, as a backup wants it, with one gift."""
    portal = Portal.at(empty_engine, tmp_path / "lone")
    migrate(portal.app)
    with portal.app.app_context():
        opened().gift()
        db.session.remove()
        db.engine.dispose()
    yield portal
    with portal.app.app_context():
        db.engine.dispose()


def test_a_restored_log_is_renamed_unless_it_is_the_newest(lone: Portal, tmp_path: Path) -> None:
    lone.backup(tmp_path / "b")
    note = tmp_path / "checkpoint"
    note.write_text(lone.run("log", "checkpoint").stdout)
    before = read(note.read_text())
    for number, (words, is_same) in enumerate([((), False), (("--same-log", note), True)]):
        folder = tmp_path / f"restored{number}"
        there = Portal.at(empty(lone.engine.name, tmp_path, f"log_restored{number}"), folder)
        done = there.run("restore", str(tmp_path / "b"), *map(str, words))
        assert done.returncode == 0, done.stderr
        now = read(there.run("log", "checkpoint").stdout)
        assert (now.origin == before.origin, now.size, now.root) == (is_same, before.size, before.root)
        assert read((folder / outside.FILE).read_text()) == now
        assert ("换了名称" in done.stderr) is not is_same
        verified = there.run("log", "verify", "--checkpoint", str(note))
        assert verified.returncode == 0, verified.stderr


@only_sqlite
def test_witnesses_are_asked_and_each_answer_is_told(books: Portal) -> None:
    assert refused(books.run("log", "witness"), "没有设见证人")
    vkeys = (re.findall(r"\S+\+[0-9a-f]{8}\+\S+", vkey_of())[0],)
    with serving(WitnessServer(vkeys=vkeys)) as one, serving(WitnessServer("two.test", "another witness")) as two:
        both = f"{one.setting} {two.setting}"
        done = books.run("log", "witness", PORTAL_WITNESSES=both)
        assert (done.returncode, done.stdout) == (1, f"{one.name}：签了\n"), done.stderr
        assert "two.test：见证人「two.test」不肯签名（403）。" in done.stderr
        assert "已经签过" in books.run("log", "witness", PORTAL_WITNESSES=one.setting).stdout
    assert one.name in books.run("log", "checkpoint").stdout
    away = books.run("log", "witness", PORTAL_WITNESSES=two.setting)
    assert refused(away, "two.test：没有回答")


def vkey_of() -> str:
    vkey = str(db.session.scalar(db.text("SELECT vkey FROM log_key")))
    db.session.rollback()
    return vkey


@only_sqlite
def test_an_empty_log_is_said_to_be_empty(portal: Portal) -> None:
    assert "还是空的" in portal.run("log", "verify").stdout
    assert refused(portal.run("log", "checkpoint"), "还是空的")
    assert refused(portal.run("log", "declare", "--reason", "无"), "还是空的")
