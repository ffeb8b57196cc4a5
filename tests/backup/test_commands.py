"""The commands as an operator meets them: exit codes, sentences, and the keys in a file of their own."""

import json
import os
import pty
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from portal.backup.keys import export_keys, fingerprint, read_keys, write_environment
from portal.backup.problems import BackupProblem
from portal.db import db
from portal.settings import Settings
from tests import commands
from tests.applications import clean_environment
from tests.backup.portals import PASSPHRASE, Portal
from tests.importing import run

WORD = {"PORTAL_BACKUP_PASSPHRASE": "the passphrase of keys"}
OTHER = "another-data-key-of-the-tests-0123456789"


def alone(folder: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """A command without any database."""
    return commands.run(*words, env=clean_environment() | {"PORTAL_INSTANCE": str(folder)} | more)


def test_backup_and_restore_from_the_command_line(busy: Portal, elsewhere: Portal, tmp_path: Path) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text(f"{PASSPHRASE}\n")
    made = busy.run("backup", str(tmp_path / "b"), "--passphrase-file", str(secret), PORTAL_BACKUP_PASSPHRASE="")
    assert (made.returncode, "已加密" in made.stdout, "密钥不在里面" in made.stderr) == (0, True, True), made.stderr
    restored = elsewhere.run("restore", str(tmp_path / "b"), PORTAL_DATA_KEY=OTHER)
    assert restored.returncode == 0, restored.stderr
    assert "ok   ledger.pool balances" in restored.stdout
    assert restored.stdout.rstrip().endswith("请重新启动服务。")
    assert "查询码都打不开" in restored.stderr
    again = elsewhere.run("restore", str(tmp_path / "b"))
    assert (again.returncode, "已经有表" in again.stderr, "Traceback" in again.stderr) == (1, True, False)


def test_a_restore_that_fails_its_check_ends_with_one(own: Portal, elsewhere: Portal, tmp_path: Path) -> None:
    with own.app.app_context():
        drop = "DROP TRIGGER ledger_line_no_update"
        run(drop if own.engine.name == "sqlite" else f"{drop} ON ledger_line")
        db.session.commit()
    own.backup(tmp_path / "b")
    done = elsewhere.run("restore", str(tmp_path / "b"))
    assert (done.returncode, "FAIL database.triggers" in done.stdout, "没有通过核对" in done.stderr) == (1, True, True)


# ── the passphrase ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_without_a_good_passphrase_nothing_is_written(busy: Portal, tmp_path: Path) -> None:
    environment = busy.environment()
    del environment["PORTAL_BACKUP_PASSPHRASE"]
    for given, sentence in (({}, "没有口令"), ({"PORTAL_BACKUP_PASSPHRASE": "short"}, "口令太短")):
        done = commands.run("backup", str(tmp_path / "b"), env=environment | given)
        assert (done.returncode, sentence in done.stderr, "Traceback" in done.stderr) == (1, True, False)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_on_a_terminal_the_passphrase_is_asked_for_twice(busy: Portal, tmp_path: Path) -> None:
    environment = busy.environment()
    del environment["PORTAL_BACKUP_PASSPHRASE"]
    said = answered(busy.command("backup", str(tmp_path / "b")), environment, ["a long passphrase"] * 2)
    assert said.count("口令") == 1
    assert (tmp_path / "b").exists()
    assert "a long passphrase" not in said


def answered(command: list[str], environment: dict[str, str], answers: list[str]) -> str:
    """What a command says on a terminal where each question gets an answer."""
    said, (ours, theirs) = "", pty.openpty()
    with subprocess.Popen(
        command, env=environment, start_new_session=True, stdin=theirs, stdout=theirs, stderr=theirs
    ) as asked:
        os.close(theirs)
        with suppress(OSError):  # the terminal is gone when the command ends
            while more := os.read(ours, 1000).decode():
                said += more
                # What is typed before the question is thrown away.
                if said.endswith(": ") and answers:
                    os.write(ours, f"{answers.pop(0)}\n".encode())
    os.close(ours)
    assert asked.returncode == 0, said
    return said


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────
def test_keys_are_not_in_a_backup_and_come_back_from_their_own_file(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    exported = alone(first, "keys", "export", str(tmp_path / "keys"), **WORD)
    assert exported.returncode == 0, exported.stderr
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600
    wrong = alone(second, "keys", "import", str(tmp_path / "keys"), PORTAL_BACKUP_PASSPHRASE="another passphrase")
    assert (wrong.returncode, "口令不对" in wrong.stderr) == (1, True)
    imported = alone(second, "keys", "import", str(tmp_path / "keys"), **WORD)
    assert imported.returncode == 0, imported.stderr
    of_first, of_second = (Settings.from_environment({"PORTAL_INSTANCE": str(folder)}) for folder in (first, second))
    assert (of_first.secret_key, of_first.data_key) == (of_second.secret_key, of_second.data_key)
    assert of_first.log_key == of_second.log_key
    for name in ("portal_secret_key.txt", "portal_data_key.txt", "portal_log_key.txt"):
        assert stat.S_IMODE((second / name).stat().st_mode) == 0o600
    again = alone(second, "keys", "import", str(tmp_path / "keys"), **WORD)
    assert (again.returncode, "已经存在" in again.stderr) == (1, True)


def test_keys_come_back_where_production_wants_them_before_it_can_start(tmp_path: Path) -> None:
    keys = {"PORTAL_SECRET_KEY": "s" * 40, "PORTAL_DATA_KEY": 'd "$x" # \\' * 4, "PORTAL_LOG_KEY": "l" * 40}
    production = keys | {"PORTAL_ENV": "production", "PORTAL_BASE_URL": "https://portal.example"}
    assert alone(tmp_path, "keys", "export", str(tmp_path / "keys"), **production, **WORD).returncode == 0
    target = tmp_path / "keys.env"
    done = alone(
        tmp_path, "keys", "import", str(tmp_path / "keys"), "--to", str(target), PORTAL_ENV="production", **WORD
    )
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    lines = dict(line.split("=", 1) for line in target.read_text().splitlines())
    assert lines["PORTAL_SECRET_KEY"] == "s" * 40
    assert lines["PORTAL_LOG_KEY"] == "l" * 40
    assert json.loads(lines["PORTAL_DATA_KEY"]) == keys["PORTAL_DATA_KEY"]
    assert keys["PORTAL_DATA_KEY"] not in done.stdout + done.stderr


def test_a_fingerprint_tells_keys_apart_and_gives_nothing_away() -> None:
    one, two = fingerprint("a" * 40), fingerprint("a" * 39 + "b")
    assert one != two
    assert one == fingerprint("a" * 40)
    assert len(one) == 32


def test_keys_that_are_there_are_never_written_over(tmp_path: Path) -> None:
    target = tmp_path / "keys.env"
    target.write_text("mine")
    with pytest.raises(BackupProblem, match="移开"):
        write_environment({"PORTAL_DATA_KEY": "x"}, target)
    assert target.read_text() == "mine"


def test_a_backup_is_no_file_of_keys(tmp_path: Path) -> None:
    settings = Settings.from_environment({"PORTAL_INSTANCE": str(tmp_path / "instance")})
    export_keys(settings, tmp_path / "keys", PASSPHRASE)
    assert read_keys(tmp_path / "keys", PASSPHRASE)["PORTAL_DATA_KEY"] == settings.data_key
