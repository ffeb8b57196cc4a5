"""What both engines offer: a snapshot to back up, and a place to put one back."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Advance = Callable[[int], None]
"""Told of every so many bytes done."""


@dataclass(frozen=True)
class Upload:
    """An upload that the snapshot names: SHA-256 in hex, and bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Snapshot:
    """The database at one moment. `size` is about how many bytes will be told to `advance`; `blocks` is read once."""

    server: str
    revision: str
    tables: dict[str, int]
    uploads: list[Upload]
    size: int
    blocks: Iterator[bytes]


class Place(Protocol):
    """The database of this portal, as backups see it. All may raise BackupProblem."""

    engine: str

    def snapshot(self, advance: Advance) -> AbstractContextManager[Snapshot]:
        """The database as it is now; it is held until the end of the block, and nobody waits for it."""

    def require_empty(self) -> None:
        """Refuse when there is any table."""

    def stage(self) -> Path:
        """Where the database of a backup may wait until it is proven."""

    def prove(self, staged: Path, tables: dict[str, int]) -> None:
        """Look at the waiting database, as far as that is possible before it is in place."""

    def put_in_place(self, staged: Path, tables: dict[str, int]) -> None:
        """Make it the portal's database, all or nothing."""
