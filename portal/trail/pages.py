"""The words of the trail's pages."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from flask import url_for

from portal.accounts.session import me
from portal.clock import in_china
from portal.db import Model
from portal.trail.deeds import DEEDS
from portal.trail.details import Pair, fields_of, pairs
from portal.trail.looks import LookLine, looks_at
from portal.trail.policy import can_read_trail, can_see_sign_ins
from portal.trail.queries import TrailLine, lines_found, record_asked
from portal.trail.words import deed_words, record_words, via_words, who_words
from portal.web.libs import _, current_user
from portal.web.tables import Listing

PAGES = {
    "activities_activity": ("activities.review", "activity_id"),
    "hours_claim": ("hours.show", "claim_id"),
    "lists_import": ("imports.show", "id"),
}
"""Records with a page that every reader of the trail may open: its endpoint, and what it calls the number."""


class Told(NamedTuple):
    """A line as people read it."""

    moment: str
    who: str
    deed: str
    record: str
    history: str
    pairs: list[Pair]
    request_id: str | None
    via: str
    sign_in: str


class Look(NamedTuple):
    """Somebody's look at a person's own data, as she reads it."""

    at: Any
    who: str
    deed: str
    record: str
    reason: str
    fields: str


def list_page(listing: Listing) -> dict[str, Any]:
    """What the trail's page shows."""
    found, about = lines_found(listing), record_asked(listing)
    sees_sign_ins = can_see_sign_ins(me())
    last = found.lines[-1].id if found.is_more else None
    return {
        "listing": listing,
        "lines": [_told(line, sees_sign_ins) for line in found.lines],
        "older": listing.address(before=last) if last else "",
        "newest": listing.address(before="") if "before" in listing.extra else "",
        "file": replace(listing, path=url_for("trail.export")).address(before=""),
        "deeds": DEEDS,
        "record": name_of(*about) if about else "",
        "record_page": _page_of(*about) if about else "",
    }


def looks_page(listing: Listing) -> dict[str, Any]:
    """Who looked at the reader's own data."""
    listing, found = looks_at(me(), listing)
    return {"listing": listing, "looks": [_look(line) for line in found]}


def name_of(kind: str, number: int | None) -> str:
    """活动第 5 号; nothing where a deed is about no record."""
    if not kind:
        return ""
    return _("%(record)s第 %(id)s 号", record=record_words(kind), id=number) if number else record_words(kind)


def history_of(record: Model) -> str:
    """The address of a record's own history; nothing for whoever may not read it. For templates."""
    may = current_user.is_authenticated and can_read_trail(me())
    return _history(record.__tablename__, getattr(record, "id", None)) if may else ""


def filters_of(listing: Listing) -> dict[str, str]:
    """The filters by which lines were asked for, as they were typed."""
    names: Iterable[str] = ("q", "action", "from", "to", "kind", "id", "request")
    return {name: listing.typed[name] for name in names if name in listing.typed}


def _told(line: TrailLine, sees_sign_ins: bool) -> Told:
    has_sign_in = sees_sign_ins and line.sign_in_id is not None
    return Told(
        moment=f"{in_china(line.at):%Y-%m-%d %H:%M:%S}",
        who=who_words(line.actor_name, line.actor_id, line.request_id),
        deed=deed_words(line.action),
        record=name_of(line.subject_kind, line.subject_id),
        history=_history(line.subject_kind, line.subject_id),
        pairs=list(pairs(line.detail)),
        request_id=line.request_id,
        via=via_words(line.via),
        sign_in=url_for("trail.sign_in", sign_in_id=line.sign_in_id) if has_sign_in else "",
    )


def _look(line: LookLine) -> Look:
    return Look(
        at=line.at,
        who=who_words(line.actor_name, line.actor_id, None),
        deed=deed_words(line.action),
        record=name_of(line.subject_kind, line.subject_id),
        reason=str(line.detail.get("reason") or ""),
        fields=fields_of(line.detail),
    )


def _history(kind: str, number: int | None) -> str:
    return url_for("trail.index", kind=kind, id=number) if kind and number else ""


def _page_of(kind: str, number: int) -> str:
    if kind not in PAGES or not number:
        return ""
    endpoint, called = PAGES[kind]
    numbers: dict[str, Any] = {called: number}
    return url_for(endpoint, **numbers)
