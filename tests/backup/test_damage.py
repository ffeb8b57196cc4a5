"""Killed, full, cut, changed: what was there before stays, and nothing is half there."""

import os
import random
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.backup.problems import BackupProblem
from portal.backup.sealed import CHUNK, HEAD, TAG
from portal.backup.whole import _locked, written_whole
from tests import commands
from tests.backup.portals import Portal, left_in

SEALED = CHUNK + TAG

# The process ends itself when so much of its work is done.
KILLED = """
import os, signal, sys
from portal.cli.application import application
from portal.backup import make_backup, restore_backup
from portal.cli.backup import tidy_up_when_stopped
from pathlib import Path
work, file, share, number = sys.argv[1:]
tidy_up_when_stopped()
def progress(done, total):
    if done >= total * float(share):
        os.kill(os.getpid(), int(number))
with application().app_context():
    {"backup": make_backup, "restore": restore_backup}[work](
        Path(file), os.environ["PORTAL_BACKUP_PASSPHRASE"], progress=progress)
"""


def killed(portal: Portal, work: str, file: Path, share: float, *, by: signal.Signals = signal.SIGKILL) -> int:
    """The exit code."""
    words = work, str(file), str(share), str(int(by))
    ended = commands.run(*words, env=portal.environment(), program=KILLED)
    assert by is not signal.SIGKILL or ended.returncode == -signal.SIGKILL, ended.stderr
    return ended.returncode


def test_a_restore_asked_to_stop_leaves_nothing_readable(busy: Portal, backed_up: Path, elsewhere: Portal) -> None:
    assert killed(elsewhere, "restore", backed_up, 0.5, by=signal.SIGTERM) == 128 + signal.SIGTERM
    assert left_in(elsewhere.folder, elsewhere.folder / "files") == set()
    elsewhere.restore(backed_up)
    assert elsewhere.contents() == busy.contents()


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_a_backup_killed_half_way_leaves_the_old_one(busy: Portal, backed_up: Path, share: float) -> None:
    before = backed_up.read_bytes()
    killed(busy, "backup", backed_up, share)
    assert backed_up.read_bytes() == before
    # What is left is encrypted and taken up by the next try; clear text is nowhere.
    assert left_in(busy.folder, backed_up.parent) <= {f"{backed_up.name}.partial"}
    busy.backup(backed_up)
    assert backed_up.read_bytes() != before
    assert left_in(busy.folder, backed_up.parent) == set()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_restore_killed_half_way_can_be_called_again(
    busy: Portal, backed_up: Path, elsewhere: Portal, share: float
) -> None:
    killed(elsewhere, "restore", backed_up, share)
    elsewhere.restore(backed_up)
    assert elsewhere.contents() == busy.contents()
    assert elsewhere.uploads() == busy.uploads()
    assert left_in(elsewhere.folder, elsewhere.folder / "files") == set()


def test_a_restore_killed_after_its_uploads_can_be_called_again(
    busy: Portal, backed_up: Path, elsewhere: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = f"portal.backup.{busy.engine.name}.{busy.engine.name.capitalize()}Place.put_in_place"
    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(place, interrupted)
        elsewhere.restore(backed_up)
    assert len(elsewhere.uploads()) == len(busy.uploads())
    elsewhere.restore(backed_up)
    assert elsewhere.contents() == busy.contents()
    assert elsewhere.uploads() == busy.uploads()


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


# ── cut and changed ─────────────────────────────────────────────────────────────────────────────────
def test_a_backup_cut_at_any_chunk_is_refused_and_leaves_the_place_empty(
    backed_up: Path, elsewhere: Portal, tmp_path: Path
) -> None:
    content, wrong = backed_up.read_bytes(), tmp_path / "wrong"
    ends = range(HEAD, len(content), SEALED)
    assert len(ends) > 3
    chance = random.Random(3)
    for end in [0, 10, *ends, *(chance.randrange(len(content)) for _ in range(5)), len(content) - 1]:
        wrong.write_bytes(content[:end])
        refused_and_empty(elsewhere, wrong)
    elsewhere.restore(backed_up)


def test_a_backup_with_one_flipped_bit_is_refused_and_leaves_the_place_empty(
    backed_up: Path, elsewhere: Portal, tmp_path: Path
) -> None:
    content, wrong = backed_up.read_bytes(), tmp_path / "wrong"
    chance = random.Random(4)
    for _ in range(10):
        changed = bytearray(content)
        changed[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        wrong.write_bytes(changed)
        refused_and_empty(elsewhere, wrong)


def refused_and_empty(place: Portal, wrong: Path) -> None:
    with pytest.raises(BackupProblem):
        place.restore(wrong)
    assert place.contents() == {}
    assert place.uploads() == {}
    assert left_in(place.folder, place.folder / "files" if (place.folder / "files").exists() else place.folder) == set()


# ── no room, no right ───────────────────────────────────────────────────────────────────────────────
def run_in_little_room(portal: Portal, *words: str) -> "subprocess.CompletedProcess[str]":
    return commands.run(*words, env=portal.environment(), largest_file=150_000)


def test_without_room_a_backup_says_so_and_leaves_the_old_one(busy: Portal, backed_up: Path) -> None:
    before = backed_up.read_bytes()
    done = run_in_little_room(busy, "backup", str(backed_up))
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    assert "磁盘" in done.stderr
    assert backed_up.read_bytes() == before
    assert left_in(busy.folder, backed_up.parent) == set()


def test_without_room_a_restore_says_so_and_leaves_the_place_empty(backed_up: Path, elsewhere: Portal) -> None:
    done = run_in_little_room(elsewhere, "restore", str(backed_up))
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    assert "磁盘" in done.stderr
    assert elsewhere.contents() == {}
    assert elsewhere.uploads() == {}


def test_only_a_backup_is_written_over(busy: Portal, tmp_path: Path) -> None:
    mine = tmp_path / "portal.db"
    mine.write_bytes(b"SQLite format 3\0")
    with pytest.raises(BackupProblem, match="不是备份"):
        busy.backup(mine)
    assert mine.read_bytes() == b"SQLite format 3\0"
    for nowhere in (tmp_path, tmp_path / "no" / "folder"):
        with pytest.raises(BackupProblem):
            busy.backup(nowhere)


def test_two_backups_into_one_file_do_not_mix(tmp_path: Path) -> None:
    with written_whole(tmp_path / "b") as out:
        out.write(b"AIXINBAK")
        with pytest.raises(BackupProblem, match="另一个备份"), written_whole(tmp_path / "b"):
            pass
    assert (tmp_path / "b").read_bytes() == b"AIXINBAK"


def test_whoever_waited_for_the_lock_does_not_empty_the_finished_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partial, finished = tmp_path / "b.partial", tmp_path / "b"
    partial.write_bytes(b"finished")
    opened = os.open

    def overtaken(path: str, flags: int, mode: int = 0o777) -> int:
        descriptor = opened(path, flags, mode)
        if not finished.exists():
            partial.replace(finished)
        return descriptor

    monkeypatch.setattr(os, "open", overtaken)
    with _locked(partial):
        assert finished.read_bytes() == b"finished"


def test_a_link_laid_beside_the_target_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "b.partial").symlink_to(tmp_path / "mine")
    with pytest.raises(BackupProblem), written_whole(tmp_path / "b"):
        pass
    assert (tmp_path / "mine").read_text() == "mine"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_journal_of_another_database_is_not_taken_for_ours(backed_up: Path, another: Callable[[str], Portal]) -> None:
    place = another("journal")
    left = tmp = Path(f"{place.engine.url.removeprefix('sqlite:///')}-wal")
    left.write_bytes(b"what somebody has not saved yet")
    with pytest.raises(BackupProblem, match="另一个数据库留下的"):
        place.restore(backed_up)
    assert tmp.read_bytes() == b"what somebody has not saved yet"
