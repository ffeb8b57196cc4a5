"""What a backup says of itself: the first member tells what it is, the last one the sum of every other."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version

from portal.backup.members import Sum
from portal.backup.problems import NotWhole

FORMAT = 1
MANIFEST, DATABASE, FILES, SUMS = "manifest.json", "database", "files/", "sums.json"


@dataclass(frozen=True)
class Manifest:
    """`taken_at` is the moment of the snapshot; `tables` counts rows; `data_key` is the key's fingerprint.

    `seal_keys` are the ids of the keys that may have sealed what is inside; of older backups nobody knows.
    """

    portal: str
    engine: str
    server: str
    revision: str
    taken_at: str
    tables: dict[str, int]
    files: int
    data_key: str
    seal_keys: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def rows(self) -> int:
        return sum(self.tables.values())

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.taken_at)

    def content(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def read(cls, content: bytes) -> "Manifest":
        """Raises NotWhole when another format is told."""
        told = json.loads(content)
        if told.get("format") != FORMAT:
            raise NotWhole("这个备份由更新的版本写成，这个版本读不懂。")
        return cls(**told | {"seal_keys": tuple(told.get("seal_keys", ()))})


@dataclass(frozen=True)
class Closing:
    """The sums of all members before, and the uploads that were lost or damaged already when the backup was made."""

    sums: dict[str, Sum]
    lost: tuple[str, ...] = ()

    def content(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True).encode()

    @classmethod
    def read(cls, content: bytes) -> "Closing":
        told = json.loads(content)
        return cls({name: Sum(**given) for name, given in told["sums"].items()}, tuple(told["lost"]))


def portal_version() -> str:
    """The version that is installed, as pyproject.toml says it."""
    return version("portal")
