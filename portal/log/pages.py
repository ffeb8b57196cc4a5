"""What the page about the log shows."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from portal.db import rows
from portal.log.keys import read
from portal.log.models import Cosignature
from portal.log.queries import DeclaredKey, Signed, declared_keys, signed_head
from portal.log.witnesses import witnesses


@dataclass(frozen=True)
class Witnessed:
    """A witness, by name, and the newest head of ours that it signed: its size and when."""

    name: str
    size: int | None
    at: datetime | None


@dataclass(frozen=True)
class About:
    """The log as it stands."""

    head: Signed | None = None
    keys: list[DeclaredKey] = field(default_factory=list)
    witnessed: list[Witnessed] = field(default_factory=list)

    @property
    def root(self) -> str:
        return read(self.head.note).root.hex() if self.head else ""

    @property
    def since(self) -> datetime | None:
        """When the log began: the day of its first key, whatever the clock said later."""
        return self.keys[-1].declared_at if self.keys else None


def about_log() -> About:
    """The log as it stands; empty before the first leaf."""
    head = signed_head()
    return About(head, declared_keys(), _witnessed()) if head else About()


def _witnessed() -> list[Witnessed]:
    """The witnesses of the settings, and what they signed last."""
    asked = witnesses()
    if not asked:
        return []
    newest = select(Cosignature.witness, func.max(Cosignature.size), func.max(Cosignature.at))
    found = {vkey: (size, at) for vkey, size, at in rows(newest.group_by(Cosignature.witness))}
    return [Witnessed(one.name, *found.get(one.vkey, (None, None))) for one in asked]
