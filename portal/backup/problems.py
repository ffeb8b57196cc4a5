"""What can go wrong with a backup, as sentences for whoever runs the portal."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.problems import DomainError

# A quota or a limit on a file's size is for an operator the same as a full disk.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class BackupProblem(DomainError):
    """A backup could not be made, read or put back."""


class NotWhole(BackupProblem):
    """The file is cut off, changed, or was never a backup."""


@contextmanager
def said_plainly(place: Path) -> Iterator[None]:
    """What the operating system refuses at this place becomes a sentence."""
    try:
        yield
    except OSError as error:
        where = error.filename or place
        if error.errno in _NO_ROOM:
            raise BackupProblem(f"磁盘空间不足：{place}。没有留下半个文件。") from error
        raise BackupProblem(f"无法读写 {where}：{error.strerror or error}。") from error
