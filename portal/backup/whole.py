"""A file that is there whole or not at all, readable by its owner only."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from portal.backup.problems import BackupProblem, said_plainly
from portal.backup.sealed import is_sealed


@contextmanager
def written_whole(target: Path) -> Iterator[BinaryIO]:
    """Write beside the target; at the end of the block it takes the target's place. What was there stays until then.

    Raises BackupProblem when the disk is full, or when something lies there that is no backup.
    """
    _refuse_strangers(target)
    partial = target.with_name(f"{target.name}.partial")
    with said_plainly(target.parent), _locked(partial) as out:
        try:
            yield out
            out.flush()
            os.fsync(out.fileno())
            partial.replace(target)
        except BaseException:
            with suppress(OSError):
                partial.unlink()
            raise
        synced(target.parent)


def synced(folder: Path) -> None:
    """Make the names in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(partial: Path) -> Iterator[BinaryIO]:
    """One name for all tries, so that killed ones leave one file at most; a lock, so that two tries do not mix."""
    while True:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(partial, flags, 0o600), "r+b") as out:
            try:
                fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupProblem(f"另一个备份正在写入 {partial}。") from None
            if not _is_still(partial, out):
                continue
            os.fchmod(out.fileno(), 0o600)
            out.truncate()
            yield out
            return


def _is_still(partial: Path, out: BinaryIO) -> bool:
    """Whether the name still leads to what was locked: the holder before may have given it the target's name."""
    try:
        return os.path.samestat(partial.stat(), os.fstat(out.fileno()))
    except FileNotFoundError:
        return False


def _refuse_strangers(target: Path) -> None:
    """A slip of the keyboard must not put a backup in the place of the database."""
    with said_plainly(target):
        if not target.exists():
            return
        if not target.is_file():
            raise BackupProblem(f"{target} 不是普通文件，备份写不到那里。")
        with target.open("rb") as there:
            if target.stat().st_size and not is_sealed(there):
                raise BackupProblem(f"{target} 已经存在，而且不是备份文件，不会覆盖它。")
