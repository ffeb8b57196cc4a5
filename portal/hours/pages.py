"""What the pages of the queue and of one claim show, gathered in one place for the page and for its pieces."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from flask import url_for

from portal import clock
from portal.accounts.session import me
from portal.hours import policy, queries, waiting
from portal.hours.models import Claim, Evidence, Status
from portal.hours.papers import paper_of
from portal.web.access import found, local_path
from portal.web.addresses import split_address
from portal.web.tables import Listing, read_listing

ROWS_A_PAGE = 50


def queue_page(back: str | None, *, ticked: Collection[int] | None = ()) -> dict[str, Any]:
    """The queue, filtered as the address `back` says. `ticked`: ids of claims; None ticks all that can be."""
    listing = _listing(back)
    head = waiting.head(me(), listing)
    listing = listing.counted(head.found)
    return {
        "listing": listing,
        "head": head,
        "rows": waiting.queue(me(), listing, ticked=ticked),
        "options": waiting.options(me(), listing),
        "undoable": waiting.undoable(me(), at=clock.now()),
        "time_to_undo": waiting.minutes_to_undo(at=clock.now()),
        "can_decide": policy.can_decide_anywhere(me()),
        "all_ticked": ticked is None,
        "today": clock.today(),
        "back": listing.address(page=listing.page),
    }


def claim_page(claim: Claim, back: str | None = None) -> dict[str, Any]:
    """One claim, its events, and its line in the queue."""
    return {
        "claim": claim,
        "row": found(waiting.row_of(claim.id, me(), at=clock.now())),
        "successor": queries.successor_of(claim),
        "can_correct": claim.status == Status.RETURNED and policy.can_correct(me(), claim),
        "back": queue_address(back),
        "paper": paper_of(claim) if claim.proof is Evidence.PAPER else None,
    }


def decided_row(claim: Claim, back: str | None) -> dict[str, Any]:
    """A line of the queue after its decision, and the counts above it."""
    row, listing = found(waiting.row_of(claim.id, me(), at=clock.now())), _listing(back)
    head = waiting.head(me(), listing)
    return {
        "row": replace(row, is_fresh=True),
        "head": head,
        "listing": listing.counted(head.found),
        "today": clock.today(),
        "can_decide": True,
        "back": queue_address(back),
    }


def queue_address(back: str | None) -> str:
    """Back to the queue as it was filtered, and nowhere else."""
    address = local_path(back, url_for("hours.queue"))
    return address if split_address(address).path == url_for("hours.queue") else url_for("hours.queue")


def _listing(back: str | None) -> Listing:
    asked: Mapping[str, str] = dict(parse_qsl(split_address(queue_address(back)).query))
    return read_listing(
        asked,
        path=url_for("hours.queue"),
        sorts=("doubts",),
        extra=("team", "activity", "show"),
        per_page=ROWS_A_PAGE,
        piece="waiting",
    )
