"""What the pages of one roster show, whoever answers with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from flask import url_for

from portal.jobs.faring import Work
from portal.rosters.booking import outcomes_of
from portal.rosters.forms import ColumnsForm, field_name
from portal.rosters.matching import Doubt
from portal.rosters.models import OUTCOME_NAMES, Outcome, Roster, RosterRow, RosterStatus, RowKind
from portal.rosters.queries import SHOWS, candidates_of, count_rows, rows_found
from portal.rosters.work import work_on
from portal.web.access import local_path
from portal.web.addresses import split_address
from portal.web.libs import _, ngettext
from portal.web.preferences import language
from portal.web.tables import Listing, read_listing
from portal.words import Words

DONE, HERE, AHEAD = "", "heart here", "ahead"
IN_HAND = (RosterStatus.READING, RosterStatus.BOOKING)


@dataclass(frozen=True)
class May:
    """What the reader may do with the roster as it stands."""

    prepare: bool
    confirm: bool
    withdraw: bool
    resume: bool
    read: bool


@dataclass(frozen=True)
class Show:
    """A sort of rows that the page may be narrowed to, and how many there are."""

    value: str
    words: str
    count: int


def listing_of(roster: Roster, args: Mapping[str, str]) -> Listing:
    """The rows that an address asks for."""
    path = url_for("rosters.show", roster_id=roster.id)
    listing = read_listing(args, path=path, sorts=("row",), extra=("show",), piece="rows")
    return listing if listing.extra.get("show", "") in ("", *SHOWS) else read_listing({}, path=path, sorts=("row",))


def listing_back(roster: Roster, back: str) -> Listing:
    """The same from the address that a form was on."""
    return listing_of(roster, dict(parse_qsl(split_address(local_path(back, "")).query)))


def rows_piece(roster: Roster, listing: Listing) -> dict[str, Any]:
    """What the table of rows needs."""
    found = rows_found(roster, listing)
    return {
        "roster": roster,
        "listing": found.listing,
        "found": found,
        "shows": shows_of(roster),
        "candidates": candidates_of(found.rows) if roster.status == RosterStatus.PREVIEW else {},
        "doubt_words": doubt_words,
        "may_be_new": lambda row: Doubt(row.doubt).may_be_new,
        "kinds": RowKind,
        "field_name": field_name,
        "may": may(roster, work_on(roster)),
        "lang": language(),
    }


def head_piece(roster: Roster) -> dict[str, Any]:
    """What stands above the rows: where the roster is, its counts, what is in the way."""
    work = work_on(roster)
    return {
        "roster": roster,
        "title": title_of(roster, work),
        "stops": stops_of(roster),
        "may": may(roster, work),
        "work": work,
        "polling": roster.state in IN_HAND and not work.is_set_aside,
        "outcomes": outcomes_shown(roster) if roster.status == RosterStatus.BOOKED else [],
        "lang": language(),
    }


def whole_page(roster: Roster, listing: Listing, *, columns: ColumnsForm | None = None) -> dict[str, Any]:
    """Everything; `columns` is a form that was refused."""
    head = head_piece(roster)
    return {
        **rows_piece(roster, listing),
        **head,
        "columns": columns or ColumnsForm.of(roster),
        "columns_open": columns is not None or roster.refusal is not None,
    }


def may(roster: Roster, work: Work) -> May:
    """What the roster's state admits; whoever sees it brought it."""
    state = roster.state
    is_preview = state is RosterStatus.PREVIEW
    return May(
        prepare=is_preview,
        confirm=is_preview and not roster.refusal and not roster.undecided and to_book(roster) > 0,
        withdraw=state in (RosterStatus.READING, RosterStatus.PREVIEW),
        resume=state is RosterStatus.BOOKING and work.is_set_aside,
        read=state is RosterStatus.READING and work.is_set_aside,
    )


def to_book(roster: Roster) -> int:
    """How many rows write something."""
    return roster.new + roster.updates + roster.doubts - roster.undecided - roster.left_out


def shows_of(roster: Roster) -> list[Show]:
    """The sorts of rows that there are."""
    counts = {
        "new": roster.new, "update": roster.updates, "same": roster.same, "doubt": roster.doubts, "wrong": roster.wrong,
    }  # fmt: skip
    shows = [Show("", _("全部"), roster.rows)]
    shows += [Show(kind.value, str(kind.label), counts[kind.value]) for kind in RowKind if counts[kind.value]]
    if roster.undecided:
        shows.append(Show("undecided", _("还没决定的"), roster.undecided))
    if roster.status == RosterStatus.BOOKED and (changed := count_rows(roster, "changed")):
        shows.append(Show("changed", str(OUTCOME_NAMES[Outcome.CHANGED]), changed))
    return shows


def outcomes_shown(roster: Roster) -> list[tuple[Words, int]]:
    """What became of the rows, and how many."""
    counts = outcomes_of(roster)
    return [(words, counts[one.value]) for one, words in OUTCOME_NAMES.items() if counts.get(one.value)]


def doubt_words(row: RosterRow) -> str:
    """Why somebody must decide."""
    words = Doubt(row.doubt or "").words
    return str(Words(words.text, {"row": row.twin_of}) if row.twin_of else words)


# ── sentences ───────────────────────────────────────────────────────────────────────────────────────
def title_of(roster: Roster, work: Work) -> str:
    """The page's title: what is so, in a sentence."""
    match roster.state:
        case RosterStatus.READING:
            return _("名册没有读完") if work.is_set_aside else _("正在读取名册")
        case RosterStatus.PREVIEW:
            return _preview_title(roster)
        case RosterStatus.BOOKING:
            return ngettext("%(rows)s 行正在登记", "%(rows)s 行正在登记", roster.rows, rows=f"{roster.rows:,}")
        case RosterStatus.BOOKED:
            return ngettext("%(rows)s 行都办完了", "%(rows)s 行都办完了", roster.rows, rows=f"{roster.rows:,}")
        case RosterStatus.WITHDRAWN:
            return _("这份名册已经撤回")


def _preview_title(roster: Roster) -> str:
    if roster.refusal:
        return _("还差一步：请指明各列") if roster.columns["titles"] else _("这个文件读不出名册")
    if roster.undecided:
        return ngettext("有 %(num)d 行要您决定", "有 %(num)d 行要您决定", roster.undecided)
    if not (count := to_book(roster)):
        return _("没有要登记的行")
    return ngettext("%(rows)s 行，核对后登记", "%(rows)s 行，核对后登记", count, rows=f"{count:,}")


_PLACES = {
    RosterStatus.READING: 1,
    RosterStatus.PREVIEW: 1,
    RosterStatus.BOOKING: 2,
    RosterStatus.BOOKED: 3,
    RosterStatus.WITHDRAWN: 2,
}


def stops_of(roster: Roster) -> list[dict[str, str]]:
    """上传 → 核对 → 登记, as far as the roster has come."""
    place = _PLACES[roster.state]
    words = [_("上传"), _("核对"), _("撤回") if roster.status == RosterStatus.WITHDRAWN else _("登记")]
    kinds = (HERE if n == place else DONE if n < place else AHEAD for n in range(len(words)))
    return [{"title": title, "kind": kind} for title, kind in zip(words, kinds, strict=True)]
