"""What is new in the books, as an Atom feed: payments, corrections, transfers; gifts have their own lists.

Chinese whatever the reader's language. Ids do not depend on the address that the portal is asked at.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from sqlalchemy import case, select
from sqlalchemy.orm import aliased

from portal.books.texts import one_line, yuan
from portal.clock import in_china
from portal.db import rows
from portal.funds.spending import FOR_FEW, UNTOLD
from portal.ledger.models import Entry, EntryKind, LegalEntity
from portal.log.models import Key

ATOM = "http://www.w3.org/2005/Atom"
MOST = 50
TITLE = "爱心联盟 · 账簿新记录"
NAMES = {
    EntryKind.OPENING: "期初",
    EntryKind.SPENDING: "支出",
    EntryKind.FEE: "手续费",
    EntryKind.INTEREST: "利息",
    EntryKind.TRANSFER: "划转",
    EntryKind.ADVANCE: "借支",
    EntryKind.SETTLEMENT: "结算",
    EntryKind.REFUND: "退款",
    EntryKind.RELEASE: "解除限定",
    EntryKind.CUSTODY: "代收代付",
    EntryKind.REVERSAL: "冲销更正",
    EntryKind.CLOSING: "年末结转",
}

_Reversed = aliased(Entry)
# A join would let SQLite begin with the few entities, and then sort all entries.
_ENTITY = select(LegalEntity.name).where(LegalEntity.id == Entry.entity_id).scalar_subquery()
_NEWEST = (
    select(
        *(Entry.entity_id, Entry.number_year, Entry.number, Entry.on, Entry.kind, Entry.reason, Entry.total_fen),
        *(Entry.created_at, _ENTITY.label("entity")),
        case((FOR_FEW, UNTOLD), else_=Entry.memo).label("memo"),
        *(_Reversed.number_year.label("reversed_year"), _Reversed.number.label("reversed_number")),
    )
    .outerjoin(_Reversed, _Reversed.id == Entry.reverses_id)
    .where(Entry.kind != EntryKind.GIFT)
    .order_by(Entry.id.desc())
    .limit(MOST)
)
_BIRTH = select(Key.origin).order_by(Key.from_size, Key.declared_at).limit(1)


class Addresses(NamedTuple):
    """Where the feed and the page about the books are."""

    feed: str
    page: str


def newest() -> Sequence[Any]:
    """The entries that the feed tells, newest first."""
    return rows(_NEWEST).all()


def feed(entries: Sequence[Any], addresses: Addresses, *, now: datetime) -> bytes:
    """The feed. `now` stands for its last change while there is nothing in it."""
    born = rows(_BIRTH).scalar() or "portal.invalid/log"
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": "zh-CN"})
    _add(root, "id", _id(born, "feed"))
    _add(root, "title", TITLE)
    _add(root, "updated", _moment(max((one.created_at for one in entries), default=now)))
    _add(_add(root, "author"), "name", "爱心联盟")
    _add(root, "link", rel="self", type="application/atom+xml", href=addresses.feed)
    _add(root, "link", rel="alternate", type="text/html", href=addresses.page)
    for one in entries:
        _entry(root, one, born, addresses.page)
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _entry(root: ET.Element, one: Any, born: str, page: str) -> None:
    entry = _add(root, "entry")
    kind = NAMES.get(EntryKind(one.kind), one.kind) if one.kind in list(EntryKind) else one.kind
    _add(entry, "id", _id(born, f"{one.entity_id}/{one.number_year}/{one.number}"))
    _add(entry, "title", f"{kind} {yuan(one.total_fen)} 元：{one.memo}")
    _add(entry, "updated", _moment(one.created_at))
    _add(entry, "published", _moment(one.created_at))
    _add(entry, "link", rel="alternate", type="text/html", href=page)
    _add(entry, "category", term=one.kind, label=kind)
    _add(entry, "summary", _summary(one))


def _summary(one: Any) -> str:
    said = f"{one.entity}，{one.number_year} 年{one.number}号，记账日期 {one.on}。"
    if one.reversed_number is None:
        return said
    return f"{said}冲销 {one.reversed_year} 年{one.reversed_number}号，原因：{one.reason}"


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, name, attributes)
    if text is not None:
        child.text = "".join(one for one in one_line(text) if ord(one) & 0xFFFE != 0xFFFE)
    return child


def _id(born: str, what: str) -> str:
    """By the name that the log was born with, which no change of address touches."""
    return uuid5(NAMESPACE_URL, f"https://{born}/books/{what}").urn


def _moment(at: datetime) -> str:
    return in_china(at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
