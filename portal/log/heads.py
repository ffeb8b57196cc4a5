"""The log's one head: locked, compared with what was published, moved on and signed."""

import secrets
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select, text, update

from portal import clock
from portal.bulk import insert_rows
from portal.db import db, made_once, rows
from portal.log import keys, outside
from portal.log.keys import Checkpoint
from portal.log.models import Head, Key
from portal.log.tree import EMPTY, root_of
from portal.problems import DomainError
from portal.settings import current_settings
from portal.words import _l

HASH = 32
FIRST = "first"


class LogStands(DomainError):
    """The log cannot go on, so nothing is booked either."""


class Standing(NamedTuple):
    """The head as it is read. `stack` holds the whole subtrees' roots, largest first."""

    origin: str
    vkey: str
    size: int
    stack: list[bytes]

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.origin, self.size, root_of(self.stack))


@made_once
def _head(*, lock: bool) -> Select[*tuple[Any, ...]]:
    wanted = select(Head.origin, Head.vkey, Head.size, Head.stack)
    return wanted.with_for_update() if lock else wanted


def standing(*, lock: bool = False) -> Standing | None:
    """The head; with `lock` nobody else appends until this transaction ends. None before the first leaf."""
    row = rows(_head(lock=lock)).one_or_none()
    if row is None:
        return None
    origin, vkey, size, stack = row
    return Standing(origin, vkey, size, [bytes(stack[at : at + HASH]) for at in range(0, len(stack), HASH)])


def to_append_to() -> Standing:
    """The head, locked, when it may go on. Raises LogStands."""
    head = standing(lock=True) or _born()
    _require_newest(head)
    if head.vkey != keys.vkey_of(current_settings().log_key, head.origin):
        raise LogStands(_l("公开日志的签名密钥换了，但还没有公布。请管理员运行 portal log declare。"))
    return head


def move(head: Standing, stack: list[bytes], size: int) -> str:
    """Let the head stand over `size` leaves; gives its signed note."""
    note = keys.sign(Checkpoint(head.origin, size, root_of(stack)), current_settings().log_key)
    rows(update(Head).where(Head.id == 1).values(size=size, stack=b"".join(stack), note=note))
    return note


def declare(reason: str, *, at: datetime, new_origin: bool = False) -> str:
    """Let the log go on under the key of the settings, or under another name; gives the new verifier key. Commits not.

    What was signed before stays valid under the keys of then. Raises DomainError (no reason, nothing to declare).
    """
    head = standing(lock=True) or _born()
    origin = _another(head.origin) if new_origin else head.origin
    vkey = keys.vkey_of(current_settings().log_key, origin)
    if not reason.strip():
        raise DomainError(_l("请写明原因，原因会公开。"), field="reason")
    if vkey == head.vkey:
        raise DomainError(_l("名称和密钥都没有变，不用公布。"))
    insert_rows(Key, ("vkey", "origin", "from_size", "reason", "declared_at"), [(vkey, origin, head.size, reason, at)])
    note = keys.sign(Checkpoint(origin, head.size, root_of(head.stack)), current_settings().log_key)
    rows(update(Head).where(Head.id == 1).values(origin=origin, vkey=vkey, note=note))
    return vkey


def _born() -> Standing:
    """An empty log, under a name that no earlier one had here. Two processes may try at once."""
    settings = current_settings()
    origin = settings.log_origin or f"portal-{secrets.token_hex(4)}.invalid/log"
    if (earlier := outside.kept()) and earlier.origin == origin:
        origin = _another(origin)
    vkey = keys.vkey_of(settings.log_key, origin)
    note = keys.sign(Checkpoint(origin, 0, EMPTY), settings.log_key)
    rows(_BORN, {"origin": origin, "vkey": vkey, "stack": b"", "note": note})
    head = standing(lock=True)
    assert head is not None
    if head.vkey == vkey and head.size == 0:
        about = [(vkey, origin, 0, FIRST, clock.now())]
        insert_rows(Key, ("vkey", "origin", "from_size", "reason", "declared_at"), about)
        db.session.info[NEW_LOG] = True
    return head


_BORN = text(
    "INSERT INTO log_head (id, origin, vkey, size, stack, note) VALUES (1, :origin, :vkey, 0, :stack, :note) "
    "ON CONFLICT (id) DO NOTHING"
)
NEW_LOG = "the log was born or renamed in this transaction"


def _another(origin: str) -> str:
    """`name/2` after `name`, `name/3` after `name/2`."""
    name, _, number = origin.rpartition("/")
    return f"{name}/{int(number) + 1}" if name and number.isdigit() else f"{origin}/2"


def _require_newest(head: Standing) -> None:
    """A head that is older than the one kept outside, or another, must not be signed: there would be two logs."""
    if db.session.info.get(NEW_LOG):
        return
    published = outside.kept()
    if published is None or (published.origin == head.origin and published.size < head.size):
        return
    if published != head.checkpoint:
        raise LogStands(
            _l("数据库里的公开日志比已经公布的旧，不能再记账。请管理员恢复最新的数据库，或者运行 portal log declare。")
        )
