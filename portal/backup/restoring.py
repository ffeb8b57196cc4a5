"""Putting a backup back: proven in a waiting place first, then the uploads, and the database last of all."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal import migrating
from portal.backup.actions import Progress, place_of_database
from portal.backup.keys import fingerprint
from portal.backup.manifest import DATABASE, FILES, MANIFEST, SUMS, Closing, Manifest
from portal.backup.members import MemberReader
from portal.backup.parts import Place
from portal.backup.problems import BackupProblem, NotWhole, said_plainly
from portal.backup.sealed import HEAD, TAG, Kind, opened
from portal.backup.whole import synced
from portal.db import db
from portal.files import StoredFile, path_of
from portal.sealing import key_ids
from portal.settings import current_settings

WAITING = ".restoring"
"""The folder, among the uploads, where uploads wait. Its being there says that a restore was cut off."""

_FILE = re.compile(rf"{FILES}([0-9a-f]{{64}})")


@dataclass(frozen=True)
class Restored:
    """What was put back. `is_current`: the tables are this version's; `lost`: uploads that the backup lacks."""

    manifest: Manifest
    lost: tuple[str, ...]
    is_current: bool
    has_same_data_key: bool
    has_seal_keys: bool


def restore_backup(source: Path, passphrase: str, *, progress: Progress) -> Restored:
    """Put a backup into an empty database and an empty folder. Raises BackupProblem, NotWhole; then both are as before.

    A restore that was killed can simply be called again.
    """
    settings = current_settings()
    place = place_of_database()
    with said_plainly(settings.instance), _alone(settings.instance), source.open("rb") as sealed:
        _require_empty(place, settings.files)
        members = MemberReader(_watched(opened(sealed, passphrase, kind=Kind.BACKUP), source, progress))
        with _waiting_places(place, settings.files) as staged:
            manifest, closing = _stage(members, place, staged, settings.files)
            place.prove(staged, manifest.tables)
            _place_uploads(settings.files)
            place.put_in_place(staged, manifest.tables)
    db.engine.dispose()
    return Restored(
        manifest=manifest,
        lost=closing.lost,
        is_current=manifest.revision == migrating.newest(),
        has_same_data_key=manifest.data_key == fingerprint(settings.data_key),
        has_seal_keys=set(manifest.seal_keys) <= set(key_ids(settings)),
    )


@contextmanager
def _alone(instance: Path) -> Iterator[None]:
    with (instance / "restore.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupProblem("另一个恢复正在进行。") from None
        yield


@contextmanager
def _waiting_places(place: Place, files: Path) -> Iterator[Path]:
    """Where the database waits; the folder where uploads wait stays when some have left it already."""
    staged, waiting = place.stage(), files / WAITING
    is_repeated = waiting.exists()
    shutil.rmtree(waiting, ignore_errors=True)
    waiting.mkdir(parents=True)
    try:
        yield staged
    except BaseException:
        if not is_repeated and not _uploads(files):
            shutil.rmtree(waiting, ignore_errors=True)
        raise
    else:
        shutil.rmtree(waiting)
    finally:
        staged.unlink(missing_ok=True)


def _require_empty(place: Place, files: Path) -> None:
    place.require_empty()
    if _uploads(files) and not (files / WAITING).exists():
        raise BackupProblem(f"文件夹 {files} 里已经有上传的文件。恢复只写入空的位置。")


def _uploads(files: Path) -> bool:
    return any(files.glob("[0-9a-f][0-9a-f]/*"))


def _watched(chunks: Iterator[bytes], source: Path, progress: Progress) -> Iterator[bytes]:
    total, done = source.stat().st_size, HEAD
    for chunk in chunks:
        done = min(done + len(chunk) + TAG, total)
        progress(done, total)
        yield chunk


def _stage(members: MemberReader, place: Place, staged: Path, files: Path) -> tuple[Manifest, Closing]:
    """Read everything to its end into the waiting places. What this gives is proven whole."""
    each = iter(members)
    manifest = Manifest.read(_small(each, MANIFEST))
    _require_fitting(manifest, place)
    name, blocks = next(each, ("", iter(())))
    if name != DATABASE:
        raise NotWhole("备份里没有数据库，不能使用。")
    _write(staged, blocks)
    closing = None
    for name, blocks in each:
        if name == SUMS:
            closing = Closing.read(b"".join(blocks))
        else:
            _stage_upload(name, blocks, members, files / WAITING)
    if closing is None:
        raise NotWhole("备份没有结尾，不能使用。")
    uploads = sum(name.startswith(FILES) for name in closing.sums)
    if closing.sums | {SUMS: members.sums[SUMS]} != members.sums or uploads + len(closing.lost) != manifest.files:
        raise NotWhole("备份的内容与它的清单不符，不能使用。")
    return manifest, closing


def _stage_upload(name: str, blocks: Iterator[bytes], members: MemberReader, waiting: Path) -> None:
    match = _FILE.fullmatch(name)
    if not match:
        raise NotWhole("备份里有不认识的内容，不能使用。")
    _write(waiting / match[1], blocks)
    if members.sums[name].sha256 != match[1]:
        raise NotWhole("备份里有一个文件的内容不对，不能使用。")


def _small(each: Iterator[tuple[str, Iterator[bytes]]], wanted: str) -> bytes:
    name, blocks = next(each, ("", iter(())))
    if name != wanted:
        raise NotWhole("备份没有清单，不能使用。")
    return b"".join(blocks)


def _require_fitting(manifest: Manifest, place: Place) -> None:
    """Refuse before anything is written: another engine, or tables of a version that is not known here."""
    if manifest.engine != place.engine:
        raise BackupProblem(f"这个备份来自 {manifest.engine}，不能恢复到 {place.engine}：两种数据库的备份互不通用。")
    if manifest.revision not in migrating.known():
        raise BackupProblem(
            f"这个备份由更新的版本（{manifest.portal}，{manifest.revision}）写成，请先更新程序，再恢复。"
        )


def _write(target: Path, blocks: Iterator[bytes]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as new:
        for block in blocks:
            new.write(block)
        new.flush()
        os.fsync(new.fileno())


def _place_uploads(files: Path) -> None:
    folders = {files}
    for waiting in (files / WAITING).iterdir():
        target = path_of(StoredFile(sha256=waiting.name))
        target.parent.mkdir(exist_ok=True)
        waiting.replace(target)
        folders.add(target.parent)
    for folder in folders:
        synced(folder)
