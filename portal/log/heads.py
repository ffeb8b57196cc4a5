"""The log's one head: locked, compared with what was published, moved on and signed."""

import re
import secrets
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select, text, update

from portal import clock
from portal.bulk import insert_rows
from portal.db import db, made_once, rows
from portal.log import keys, outside
from portal.log.keys import BadNote, Checkpoint
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


def move(head: Standing, stack: list[bytes], size: int) -> None:
    """Let the head stand over `size` leaves, signed. The note goes outside when all is committed."""
    note = keys.sign(Checkpoint(head.origin, size, root_of(stack)), current_settings().log_key)
    rows(update(Head).where(Head.id == 1).values(size=size, stack=b"".join(stack), note=note))
    db.session.info[SIGNED] = note


def declare(reason: str, *, at: datetime, new_origin: bool = False) -> str:
    """Let the log go on under the key of the settings, or under another name; gives the new verifier key. Commits not.

    What was signed before stays valid under the keys of then. Raises DomainError (no log yet, no reason, nothing new).
    """
    head = standing(lock=True)
    if head is None:
        raise DomainError(_l("公开日志还是空的，不用公布。"))
    if not reason.strip():
        raise DomainError(_l("请写明原因，原因会公开。"), field="reason")
    origin = _another(head.origin) if new_origin else head.origin
    vkey = keys.vkey_of(current_settings().log_key, origin)
    _require_new(vkey, head)
    insert_rows(Key, ("vkey", "origin", "from_size", "reason", "declared_at"), [(vkey, origin, head.size, reason, at)])
    note = keys.sign(Checkpoint(origin, head.size, root_of(head.stack)), current_settings().log_key)
    rows(update(Head).where(Head.id == 1).values(origin=origin, vkey=vkey, note=note))
    db.session.info.update({SIGNED: note, NEW_LOG: True})
    return vkey


def _require_new(vkey: str, head: Standing) -> None:
    if vkey == head.vkey:
        raise DomainError(_l("名称和密钥都没有变，不用公布。"))
    if rows(select(Key.vkey).where(Key.vkey == vkey)).first():
        raise DomainError(_l("这把密钥以前公布过，已经换下，不能再用。请用 portal log keygen 另做一把。"))


def _born() -> Standing:
    """An empty log, under a name that no earlier one had here. Two processes may try at once."""
    settings = current_settings()
    origin = settings.log_origin or f"portal-{secrets.token_hex(4)}.invalid/log"
    if (earlier := _outside()) and earlier.origin == origin:
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
SIGNED = "the note to be kept outside"
_NUMBERED = re.compile(r"(.+)/([0-9]+)-[0-9a-f]{6}")


def _another(origin: str) -> str:
    """`name/2-…` after `name`, `name/3-…` after `name/2-…`: whoever restores the same copy elsewhere takes another."""
    match = _NUMBERED.fullmatch(origin)
    name, number = (match[1], int(match[2])) if match else (origin, 1)
    return f"{name}/{number + 1}-{secrets.token_hex(3)}"


def _require_newest(head: Standing) -> None:
    """A head that is older than the one kept outside, or another, must not be signed: there would be two logs."""
    if db.session.info.get(NEW_LOG):
        return
    published = _outside()
    if published is None or published == head.checkpoint or _goes_on_from(published, head):
        return
    raise LogStands(
        _l("数据库里的公开日志比已经公布的旧，不能再记账。请管理员恢复最新的数据库，或者运行 portal log declare。")
    )


def _goes_on_from(published: Checkpoint, head: Standing) -> bool:
    """Whether the head may come after what was published: it is larger, or was renamed since, on another machine."""
    if published.origin == head.origin:
        return published.size < head.size
    began: dict[str, int] = {}
    for origin, size in rows(select(Key.origin, Key.from_size).order_by(Key.from_size)):
        began.setdefault(origin, size)
    return published.origin in began and published.size <= began.get(head.origin, -1)


def _outside() -> Checkpoint | None:
    """The checkpoint kept outside. Raises LogStands where it cannot be read: nobody knows then whether we are old."""
    try:
        return outside.kept()
    except (BadNote, OSError) as error:
        raise LogStands(
            _l("记着公开日志最新凭据的文件 %(file)s 读不出来，不能记账。请管理员查看。", file=outside.FILE)
        ) from error
