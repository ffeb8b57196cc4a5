"""Lines of the trail, the newest first. There may be millions: each filter goes by an index, and nothing is counted."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, tuple_

from portal.audit.models import AuditLine
from portal.clock import CHINA
from portal.db import rows, streamed
from portal.search import holds
from portal.trail.words import SYSTEM, VISITOR
from portal.web.tables import Listing

FILTERS = ("action", "kind", "id", "request", "before")
"""What the trail's address may hold besides what all listings read. `before` is the last line of the page before."""

MOST_NAMES = 200
"""Where more names than these hold the text, lines are so frequent that the newest are found by walking."""

LARGEST_ID = 2**63 - 1


class TrailLine(NamedTuple):
    """Who did what to which record."""

    id: int
    at: datetime
    actor_id: int | None
    actor_name: str
    action: str
    subject_kind: str
    subject_id: int | None
    detail: dict[str, Any]
    request_id: str | None
    via: str | None
    sign_in_id: int | None


class LinesFound(NamedTuple):
    """A page of lines, and whether older ones follow."""

    lines: list[TrailLine]
    is_more: bool


def lines_found(listing: Listing) -> LinesFound:
    """The page that the listing asks for: as many lines as it takes, from `before` on."""
    wanted = _newest(*_wanted(listing), *_before(listing)).limit(listing.per_page + 1)
    found = [TrailLine(*row) for row in rows(wanted)]
    return LinesFound(found[: listing.per_page], len(found) > listing.per_page)


def every_line(listing: Listing) -> Iterator[TrailLine]:
    """All lines that fit, read while the answer streams."""
    return (TrailLine(*row) for row in streamed(_newest(*_wanted(listing))))


def record_asked(listing: Listing) -> tuple[str, int] | None:
    """The record whose history is asked for: `kind` and `id` count together only. A number that is none is 0."""
    kind, number = listing.extra.get("kind"), listing.extra.get("id")
    return (kind, _number(number)) if kind and number else None


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _newest(*wanted: ColumnElement[bool]) -> Select[Any]:
    columns = (getattr(AuditLine, name) for name in TrailLine._fields)
    return select(*columns).where(*wanted).order_by(AuditLine.at.desc(), AuditLine.id.desc())


def _wanted(listing: Listing) -> Iterator[ColumnElement[bool]]:
    if listing.start:
        yield AuditLine.at >= _beginning(listing.start)
    if listing.end:
        yield AuditLine.at < _beginning(listing.end + timedelta(days=1))
    if action := listing.extra.get("action"):
        yield AuditLine.action == action
    if number := listing.extra.get("request"):
        yield AuditLine.request_id == number
    if about := record_asked(listing):
        yield and_(AuditLine.subject_kind == about[0], AuditLine.subject_id == about[1])
    if listing.q:
        yield _of(listing.q)


def _of(text: str) -> ColumnElement[bool]:
    """Lines of actors whose name holds the text, or who have none and are called so."""
    names = _names_with(text)
    if len(names) > MOST_NAMES:
        return holds(text, AuditLine.actor_name)
    nameless = list(_nameless(text))
    by_name = [AuditLine.actor_name.in_(names)] if names else []
    return or_(false(), *by_name, *nameless)


def _names_with(text: str) -> list[str]:
    """Names that hold the text, the database going from each name to the next by the index, past all its lines."""
    step = select(func.min(AuditLine.actor_name).label("name")).where(AuditLine.actor_name > "").cte(recursive=True)
    following = select(func.min(AuditLine.actor_name)).where(AuditLine.actor_name > step.c.name)
    each = step.union_all(select(following.scalar_subquery()).where(step.c.name.is_not(None)))
    found = select(each.c.name).where(holds(text, each.c.name)).limit(MOST_NAMES + 1)
    return [str(name) for name in rows(found).scalars()]


def _nameless(text: str) -> Iterator[ColumnElement[bool]]:
    for words, by in ((SYSTEM, AuditLine.request_id.is_(None)), (VISITOR, AuditLine.request_id.is_not(None))):
        if text.lower() in str(words).lower():
            yield and_(AuditLine.actor_name == "", by)


def _before(listing: Listing) -> Iterator[ColumnElement[bool]]:
    """Older than a line, by its moment and then by its number. After a line that is not there comes everything."""
    number = _number(listing.extra.get("before", ""))
    at = rows(select(AuditLine.at).where(AuditLine.id == number)).scalar() if number else None
    if at is not None:
        yield tuple_(AuditLine.at, AuditLine.id) < tuple_(literal(at, AuditLine.at.type), literal(number))


def _number(text: str) -> int:
    """0 for what is no number of a row."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return number if number <= LARGEST_ID else 0


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
