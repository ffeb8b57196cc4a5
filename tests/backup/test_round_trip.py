"""What a backup holds comes back as it was, in another place, and nothing is left lying about."""

import hashlib
import json
import stat
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from portal import migrating, resources
from portal.backup import actions, restoring
from portal.backup.manifest import Manifest
from portal.backup.problems import BackupProblem
from portal.db import db
from tests.applications import migrate
from tests.backup.portals import PASSPHRASE, Portal, left_in
from tests.engines import empty
from tests.giving import opened


def test_everything_comes_back_as_it_was(busy: Portal, elsewhere: Portal, tmp_path: Path) -> None:
    target = tmp_path / "备份 𠮷.backup"
    manifest, closing = busy.backup(target)
    restored = elsewhere.restore(target)
    assert elsewhere.contents() == busy.contents()
    assert elsewhere.uploads() == busy.uploads()
    assert len(elsewhere.uploads()) == 5
    elsewhere.check()
    assert (restored.is_current, restored.has_same_data_key, restored.lost) == (True, True, ())
    assert restored.manifest == manifest
    assert manifest.tables["funds_gift"] == 5
    assert manifest.engine == busy.engine.name
    assert closing.lost == ()
    assert left_in(busy.folder, elsewhere.folder, elsewhere.folder / "files", tmp_path) == set()


def test_the_restored_database_goes_on_working(backed_up: Path, elsewhere: Portal) -> None:
    elsewhere.restore(backed_up)
    with elsewhere.app.app_context():
        receipt = opened("gongyi", "公益公积金").gift("新来的", 100)
        assert str(receipt.number).endswith("000001")
        with pytest.raises(Exception, match="append-only"):
            db.session.execute(text("DELETE FROM ledger_line"))
        db.session.rollback()
    elsewhere.check()


def test_a_backup_of_an_empty_portal_comes_back_empty(
    another: Callable[[str], Portal], elsewhere: Portal, tmp_path: Path
) -> None:
    fresh = another("fresh")
    migrate(fresh.app)
    manifest, _ = fresh.backup(tmp_path / "b")
    elsewhere.restore(tmp_path / "b")
    assert elsewhere.contents() == fresh.contents()
    assert (manifest.files, elsewhere.uploads()) == (0, {})
    elsewhere.check()


def test_without_tables_there_is_nothing_to_back_up(elsewhere: Portal, tmp_path: Path) -> None:
    with pytest.raises(BackupProblem, match="portal migrate"):
        elsewhere.backup(tmp_path / "b")
    assert not (tmp_path / "b").exists()
    assert left_in(tmp_path) == set()


def test_a_backup_shows_nothing_and_only_its_owner_may_read_it(busy: Portal, backed_up: Path) -> None:
    assert stat.S_IMODE(backed_up.stat().st_mode) == 0o600
    content = backed_up.read_bytes()
    for word in ("捐赠人".encode(), b"alembic", b"manifest", b"SQLite format"):
        assert word not in content
    assert len(zlib.compress(content)) > len(content), "what is well encrypted has no pattern to shorten"


def test_two_backups_of_the_same_data_have_nothing_in_common(busy: Portal, tmp_path: Path) -> None:
    for name in ("one", "two"):
        busy.backup(tmp_path / name)
    one, two = (hashlib.sha256((tmp_path / name).read_bytes()[80:]).digest() for name in ("one", "two"))
    assert one != two


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────
def test_a_database_with_tables_is_never_written_over(busy: Portal, backed_up: Path) -> None:
    before = busy.contents()
    with pytest.raises(BackupProblem, match="已经有表"):
        busy.restore(backed_up)
    assert busy.contents() == before


def test_a_folder_with_uploads_is_never_written_over(backed_up: Path, elsewhere: Portal) -> None:
    there = elsewhere.folder / "files" / "ab" / ("ab" * 32)
    there.parent.mkdir(parents=True)
    there.write_bytes(b"somebody's")
    with pytest.raises(BackupProblem, match="已经有上传的文件"):
        elsewhere.restore(backed_up)
    assert elsewhere.uploads() == {f"ab/{'ab' * 32}": b"somebody's"}


def test_a_wrong_passphrase_leaves_the_place_empty(backed_up: Path, elsewhere: Portal) -> None:
    with pytest.raises(BackupProblem, match="口令不对"):
        elsewhere.restore(backed_up, passphrase=PASSPHRASE + "!")
    assert elsewhere.uploads() == {}
    assert elsewhere.contents() == {}
    elsewhere.restore(backed_up)


def test_a_backup_of_the_other_engine_is_refused_plainly(backed_up: Path, busy: Portal, tmp_path: Path) -> None:
    other = "postgresql" if busy.engine.name == "sqlite" else "sqlite"
    place = Portal.at(empty(other, tmp_path, "other_engine"), tmp_path / "other")
    with pytest.raises(BackupProblem, match=f"来自 {busy.engine.name}，不能恢复到 {other}"):
        place.restore(backed_up)
    assert place.contents() == {}


def test_tables_of_a_newer_version_are_refused(
    busy: Portal, elsewhere: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = Manifest.content

    def newer(manifest: Manifest) -> bytes:
        return json.dumps(json.loads(content(manifest)) | {"revision": "20990101_newer"}).encode()

    monkeypatch.setattr(Manifest, "content", newer)
    busy.backup(tmp_path / "b")
    with pytest.raises(BackupProblem, match=r"20990101_newer.*先更新程序"):
        elsewhere.restore(tmp_path / "b")
    assert elsewhere.contents() == {}


def test_tables_of_an_older_version_come_back_and_want_a_migration(
    own: Portal, elsewhere: Portal, tmp_path: Path
) -> None:
    oldest = min(path.stem for path in (resources().migrations / "versions").glob("*.py"))
    with own.app.app_context():
        migrating.downgrade(oldest)
    own.backup(tmp_path / "b")
    done = elsewhere.run("restore", str(tmp_path / "b"))
    assert (done.returncode, "portal migrate" in done.stdout, "FAIL" in done.stdout) == (0, True, False), done.stderr
    done = elsewhere.run("migrate")
    assert done.returncode == 0, done.stderr
    elsewhere.check()


def test_two_restores_at_once_do_not_mix(backed_up: Path, elsewhere: Portal) -> None:
    with restoring._alone(elsewhere.folder), pytest.raises(BackupProblem, match="正在进行"):
        elsewhere.restore(backed_up)


# ── uploads ─────────────────────────────────────────────────────────────────────────────────────────
def test_an_upload_that_is_lost_is_named_and_the_rest_is_saved(own: Portal, elsewhere: Portal, tmp_path: Path) -> None:
    lost, damaged = sorted(path for path in (own.folder / "files").rglob("*") if path.is_file())[:2]
    lost.unlink()
    damaged.write_bytes(b"something else")
    done = own.run("backup", str(tmp_path / "b"))
    assert (done.returncode, "2 个上传的文件" in done.stderr, "Traceback" in done.stderr) == (1, True, False)
    restored = elsewhere.restore(tmp_path / "b")
    assert set(restored.lost) == {lost.name, damaged.name}
    assert len(elsewhere.uploads()) == 3
    elsewhere.check()


def test_an_upload_that_changes_meanwhile_stops_the_backup(
    own: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "_is_whole", lambda _: True)
    victim = next(path for path in (own.folder / "files").rglob("*") if path.is_file())
    victim.write_bytes(b"something else")
    with pytest.raises(BackupProblem, match="变了"):
        own.backup(tmp_path / "b")
    assert not (tmp_path / "b").exists()
