from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

from portal import clock
from portal.backup.keys import fingerprint
from portal.backup.manifest import DATABASE, FILES, MANIFEST, SUMS, Closing, Manifest, portal_version
from portal.backup.members import BLOCK, MemberWriter
from portal.backup.parts import Advance, Place, Snapshot, Upload
from portal.backup.postgresql import PostgresqlPlace
from portal.backup.problems import BackupProblem
from portal.backup.sealed import Kind, Sealer
from portal.backup.sqlite import SqlitePlace
from portal.backup.whole import written_whole
from portal.db import db
from portal.files import StoredFile, path_of
from portal.sealing import key_ids
from portal.settings import current_settings

Progress = Callable[[int, int], None]
"""Told how many bytes of about how many are done."""


def make_backup(target: Path, passphrase: str, *, progress: Progress) -> tuple[Manifest, Closing]:
    """Write database and uploads to one sealed file while others work. Raises BackupProblem; then no file is left.

    What was committed before the call is inside. `Closing.lost` names uploads that could not be saved, since they
    are gone or damaged already.
    """
    with ExitStack() as stack:
        out = stack.enter_context(written_whole(target))
        sealer = Sealer(out, passphrase, kind=Kind.BACKUP)
        advanced = _Advanced(progress)
        place = place_of_database()
        # The moment before the snapshot: all that was done by then is in it.
        at = clock.now()
        snapshot = stack.enter_context(place.snapshot(advanced))
        advanced.total = snapshot.size + sum(upload.size for upload in snapshot.uploads)
        manifest = _manifest(place, snapshot, taken_at=at.isoformat())
        closing = _write(MemberWriter(sealer.write), manifest, snapshot, advanced)
        sealer.finish()
        progress(advanced.total, advanced.total)
    return manifest, closing


def place_of_database() -> Place:
    """The portal's own database."""
    settings = current_settings()
    if settings.is_sqlite:
        return SqlitePlace(Path(db.engine.url.database or "").resolve())
    return PostgresqlPlace(db.engine, settings.instance)


class _Advanced:
    """Adds up what is done. The total of a dump is only known about, and is never overtaken."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._done, self.total = progress, 0, 1

    def __call__(self, count: int) -> None:
        self._done = min(self._done + count, self.total)
        self._progress(self._done, self.total)


def _manifest(place: Place, snapshot: Snapshot, *, taken_at: str) -> Manifest:
    return Manifest(
        portal=portal_version(),
        engine=place.engine,
        server=snapshot.server,
        revision=snapshot.revision,
        taken_at=taken_at,
        tables=snapshot.tables,
        files=len(snapshot.uploads),
        data_key=fingerprint(current_settings().data_key),
        seal_keys=key_ids(current_settings()),
    )


def _write(members: MemberWriter, manifest: Manifest, snapshot: Snapshot, advance: Advance) -> Closing:
    members.add(MANIFEST, [manifest.content()])
    members.add(DATABASE, snapshot.blocks)
    lost = []
    for upload in snapshot.uploads:
        # An upload never changes and is there before its row, so it may be read after the snapshot.
        if not _is_whole(upload):
            lost.append(upload.sha256)
            continue
        if members.add(f"{FILES}{upload.sha256}", _content(upload, advance)).sha256 != upload.sha256:
            raise BackupProblem(f"上传的文件 {upload.sha256} 在备份过程中变了。")
    closing = Closing(dict(members.sums), tuple(lost))
    members.add(SUMS, [closing.content()])
    members.finish()
    return closing


def _is_whole(upload: Upload) -> bool:
    path = path_of(StoredFile(sha256=upload.sha256))
    if not path.is_file():
        return False
    digest = sha256()
    for block in _content(upload, lambda _: None):
        digest.update(block)
    return digest.hexdigest() == upload.sha256


def _content(upload: Upload, advance: Advance) -> Iterator[bytes]:
    with path_of(StoredFile(sha256=upload.sha256)).open("rb") as file:
        while block := file.read(BLOCK):
            advance(len(block))
            yield block
