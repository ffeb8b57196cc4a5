"""What the page of one list shows, whoever answers with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from flask import url_for

from portal.jobs.faring import Work
from portal.lists import policy
from portal.lists.forms import ColumnsForm, ReturnForm, field_name
from portal.lists.models import DonationImport, ImportStatus
from portal.lists.problems import already_imported
from portal.lists.queries import RowsFound, rows_found, same_list
from portal.lists.standing import Standing, standing
from portal.lists.work import work_on
from portal.money import yuan
from portal.people.models import Person
from portal.web.access import local_path
from portal.web.addresses import split_address
from portal.web.filters import as_datetime
from portal.web.libs import _, ngettext
from portal.web.preferences import language
from portal.web.tables import Listing, read_listing

SHOWS = ("problems", "repeats", "left-out")
DONE, HERE, AHEAD = "", "heart here", "ahead"


class Stop(NamedTuple):
    """A station on a list's way."""

    title: str
    note: str
    kind: str


@dataclass(frozen=True)
class May:
    """What the reader may do with the list as it stands."""

    prepare: bool
    hand_over: bool
    withdraw: bool
    confirm: bool
    send_back: bool
    resume: bool
    read: bool
    bring_again: bool


def listing_of(imported: DonationImport, args: Mapping[str, str]) -> Listing:
    """The rows that an address asks for; without a word those in the way come first."""
    path = url_for("imports.show", id=imported.id)
    listing = read_listing(args, path=path, sorts=("row", "date", "amount"), extra=("show",), piece="rows")
    if listing.extra.get("show", "") in ("", *SHOWS):
        return listing
    return read_listing({}, path=path, sorts=("row", "date", "amount"), piece="rows")


def listing_back(imported: DonationImport, back: str) -> Listing:
    """The same from the address that a form was on."""
    return listing_of(imported, dict(parse_qsl(split_address(local_path(back, "")).query)))


def rows_piece(imported: DonationImport, listing: Listing, person: Person) -> dict[str, Any]:
    """What the table of rows needs."""
    found: RowsFound = rows_found(imported, listing)
    return {
        "imported": imported,
        "listing": found.listing,
        "found": found,
        # Of all that one may do the rows only ask about ticking, which hangs on no earlier list.
        "may": may(person, imported, standing(imported, is_again=False), work_on(imported)),
        "lang": language(),
    }


def head_piece(imported: DonationImport, person: Person) -> dict[str, Any]:
    """What stands above the rows: where the list is, its sums, what is in the way."""
    earlier = same_list(imported) if imported.status == ImportStatus.PREVIEW else None
    stands, work = standing(imported, is_again=earlier is not None), work_on(imported)
    return {
        "imported": imported,
        "title": title_of(imported, person, stands, work),
        "stops": stops_of(imported),
        "standing": stands.value,
        "already": already_imported(earlier, imported) if earlier else "",
        "earlier": earlier,
        "footer": footer_of(imported),
        "may": may(person, imported, stands, work),
        "work": work,
        "polling": is_in_hand(imported) and not work.is_set_aside,
        "lang": language(),
    }


def whole_page(
    imported: DonationImport,
    listing: Listing,
    person: Person,
    *,
    columns: ColumnsForm | None = None,
    send_back: ReturnForm | None = None,
) -> dict[str, Any]:
    """Everything; `columns` and `send_back` are forms that were refused."""
    return {
        **rows_piece(imported, listing, person),
        **head_piece(imported, person),
        "columns": columns or ColumnsForm.of(imported),
        "columns_open": columns is not None or imported.refusal is not None,
        "send_back": send_back or ReturnForm(formdata=None),
        "field_name": field_name,
        "is_own": person.id in (imported.uploaded_by_id, imported.handed_by_id),
        "is_accountant": policy.is_accountant(person, imported),
    }


def may(person: Person, imported: DonationImport, stands: Standing, work: Work) -> May:
    """What the policy allows and the list's state admits."""
    status = ImportStatus(imported.status)
    prepares = policy.can_prepare(person, imported)
    before_confirmation = (ImportStatus.READING, ImportStatus.PREVIEW, ImportStatus.WAITING)
    return May(
        prepare=prepares and status == ImportStatus.PREVIEW,
        hand_over=prepares and status == ImportStatus.PREVIEW and stands == Standing.READY,
        withdraw=prepares and status in before_confirmation,
        confirm=policy.can_confirm(person, imported) and status == ImportStatus.WAITING,
        send_back=policy.can_send_back(person, imported) and status == ImportStatus.WAITING,
        resume=policy.is_accountant(person, imported) and status == ImportStatus.BOOKING and work.is_set_aside,
        read=prepares and status == ImportStatus.READING and work.is_set_aside,
        bring_again=prepares and status in (ImportStatus.RETURNED, ImportStatus.WITHDRAWN),
    )


def is_in_hand(imported: DonationImport) -> bool:
    """Whether a job reads or books the list: its page then asks how far it is."""
    return imported.status in (ImportStatus.READING, ImportStatus.BOOKING)


# ── sentences ───────────────────────────────────────────────────────────────────────────────────────
def title_of(imported: DonationImport, person: Person, stands: Standing, work: Work) -> str:
    """The page's title: what is so, in a sentence."""
    gifts = f"{imported.accepted:,}"
    match ImportStatus(imported.status):
        case ImportStatus.READING:
            return _("名单没有读完") if work.is_set_aside else _("正在读取名单")
        case ImportStatus.PREVIEW:
            return _preview_title(imported, stands)
        case ImportStatus.WAITING if policy.can_confirm(person, imported):
            return ngettext("%(gifts)s 笔捐赠等您确认", "%(gifts)s 笔捐赠等您确认", imported.accepted, gifts=gifts)
        case ImportStatus.WAITING:
            return ngettext("%(gifts)s 笔捐赠等会计确认", "%(gifts)s 笔捐赠等会计确认", imported.accepted, gifts=gifts)
        case ImportStatus.BOOKING:
            return ngettext("%(gifts)s 笔捐赠正在入账", "%(gifts)s 笔捐赠正在入账", imported.accepted, gifts=gifts)
        case ImportStatus.BOOKED:
            return ngettext("%(gifts)s 笔捐赠都入账了", "%(gifts)s 笔捐赠都入账了", imported.accepted, gifts=gifts)
        case ImportStatus.RETURNED:
            return _("会计退回了这份名单")
        case ImportStatus.WITHDRAWN:
            return _("这份名单已经撤回")


def _preview_title(imported: DonationImport, stands: Standing) -> str:
    gifts = f"{imported.accepted:,}"
    match stands:
        case Standing.UNREADABLE:
            return _("这个文件读不出名单")
        case Standing.COLUMNS:
            return _("还差一步：请指明各列")
        case Standing.AGAIN:
            return _("这份名单已经导入过")
        case Standing.PROBLEMS:
            return ngettext("有 %(num)d 行要先处理", "有 %(num)d 行要先处理", imported.in_the_way)
        case Standing.EMPTY:
            return _("没有可以入账的行")
        case Standing.READY:
            return ngettext(
                "%(gifts)s 笔捐赠，核对后移交", "%(gifts)s 笔捐赠，核对后移交", imported.accepted, gifts=gifts
            )


def footer_of(imported: DonationImport) -> tuple[str, bool] | None:
    """What the list says of itself at its foot, and whether its rows come to that; None where it says nothing."""
    said_fen, said_rows = imported.declared_fen, imported.declared_rows
    if said_fen is None and said_rows is None:
        return None
    agrees = said_fen in (None, imported.listed_fen) and said_rows in (None, imported.rows)
    said = _figures(said_rows, said_fen)
    if agrees:
        return _("表尾写明 %(said)s，与逐行读到的一致。", said=said), True
    read = _figures(imported.rows, imported.listed_fen)
    return _("表尾写明 %(said)s，逐行读到的是 %(read)s，请核对。", said=said, read=read), False


def _figures(rows: int | None, fen: int | None) -> str:
    count = ngettext("%(count)s 笔", "%(count)s 笔", rows, count=f"{rows:,}") if rows is not None else ""
    return _("、").join(part for part in (count, f"¥{yuan(fen)}" if fen is not None else "") if part)


# ── the way ─────────────────────────────────────────────────────────────────────────────────────────
def stops_of(imported: DonationImport) -> list[Stop]:
    """上传 → 核对 → 移交 → 会计确认 → 入账, as far as the list has come."""
    status = ImportStatus(imported.status)
    place = _PLACES[status]
    booked_at = imported.finished_at if status == ImportStatus.BOOKED else None
    words = (
        (_("上传"), _who(imported.uploaded_by, imported.uploaded_at)),
        (_("核对"), ""),
        (_("移交"), _who(imported.handed_by, imported.handed_at)),
        (_("会计确认"), _who(imported.confirmed_by, imported.confirmed_at)),
        (_("入账"), as_datetime(booked_at) if booked_at else ""),
    )
    stops = [Stop(title, note, _kind(n, place)) for n, (title, note) in enumerate(words)]
    if status in (ImportStatus.RETURNED, ImportStatus.WITHDRAWN):
        return _turned_back(stops, imported, status)
    return stops


_PLACES = {
    ImportStatus.READING: 1,
    ImportStatus.PREVIEW: 1,
    ImportStatus.WAITING: 3,
    ImportStatus.BOOKING: 4,
    ImportStatus.BOOKED: 5,
    ImportStatus.RETURNED: 3,
    ImportStatus.WITHDRAWN: 2,
}


def _kind(place: int, here: int) -> str:
    if place == here:
        return HERE
    return DONE if place < here else AHEAD


def _turned_back(stops: list[Stop], imported: DonationImport, status: ImportStatus) -> list[Stop]:
    """A list that came to its end before it was booked: the line stops there."""
    passed = [stop for stop in stops if stop.kind == DONE and (stop.note or stop.title == stops[1].title)]
    word = _("已退回") if status == ImportStatus.RETURNED else _("已撤回")
    return [*passed, Stop(word, as_datetime(imported.finished_at) if imported.finished_at else "", HERE)]


def _who(person: Person | None, at: datetime | None) -> str:
    return f"{person.name} · {as_datetime(at)}" if person and at else ""
