"""The 开票清单 of a fund's year: out to the host charity, and its numbers back in."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.audit import record_apart
from portal.exports.actions import begin
from portal.exports.files import signed_csv
from portal.files.inspection import shown_name
from portal.funds.models import Fund
from portal.problems import DomainError
from portal.receipts import policy
from portal.receipts.change_queries import funds_seen
from portal.receipts.models import Receipt
from portal.receipts.queries import receipt_by_number
from portal.receipts.state import numbers_of, record_numbers, say_wish
from portal.receipts.state_forms import ExportForm, ListForm, NumbersForm, WishForm
from portal.receipts.state_queries import (
    HEAD,
    SHOWS,
    cells,
    due_lines,
    history_of_numbers,
    state_found,
    years_of,
)
from portal.receipts.state_reading import take_back
from portal.web.access import found, require
from portal.web.forms import PortalForm, number_in
from portal.web.libs import _, ngettext
from portal.web.pages import done, page, refused
from portal.web.rates import EXPORTS, UPLOADS, rated
from portal.web.tables import Listing, read_listing

bp = Blueprint("state_receipts", __name__, url_prefix="/state-receipts")


@bp.get("")
def index() -> Response:
    fund, year, asked = _asked(request.args)
    record_apart("receipts.state.looked_at", fund, by=me(), at=clock.now(), year=year)
    return page(
        "receipts/state/index.html", piece="receipts/state/_list.html", form=ExportForm(formdata=None),
        **_list(fund, year, asked),
    )  # fmt: skip


@bp.post("/export")
@rated(EXPORTS)
def export() -> Response:
    """All that wait, as a table that the host charity fills in."""
    fund, year, asked = _asked(request.form)
    require(policy.can_keep_state_list(me(), fund))
    form = ExportForm()
    if not form.validate():
        return refused("receipts/state/index.html", form, **_list(fund, year, asked, exporting=form))
    lines = due_lines(fund, year)
    try:
        what, purpose = f"开票清单 {fund.name} {year} 年", form.purpose.data or ""
        taken = begin(me(), what=what, purpose=purpose, count=len(lines), at=clock.now())
    except DomainError as problem:
        return refused("receipts/state/index.html", form, problem, **_list(fund, year, asked, exporting=form))
    return signed_csv(f"开票清单-{fund.slug}-{year}", HEAD, list(cells(lines)), taken)


@bp.post("/import")
@rated(UPLOADS)
def read_back() -> Response:
    fund, year, asked = _asked(request.form)
    require(policy.can_keep_state_list(me(), fund))
    form = ListForm()
    if not form.validate():
        return refused("receipts/state/index.html", form, **_list(fund, year, asked, reading=form))
    name = shown_name(form.file.data.filename or "")
    try:
        taken = take_back(fund, form.file.data.read(), name, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("receipts/state/index.html", form, problem, **_list(fund, year, asked, reading=form))
    say = ngettext("记下了 %(num)d 张票据的号码。", "记下了 %(num)d 张票据的号码。", taken.new)
    if taken.same:
        say += ngettext("另有 %(num)d 张早已记过。", "另有 %(num)d 张早已记过。", taken.same)
    return done(go=url_for(".index", fund=fund.id, year=year), say=say)


# ── one of them ─────────────────────────────────────────────────────────────────────────────────────
@bp.get("/<number>")
def show(number: str) -> Response:
    receipt = _known(number)
    record_apart("receipts.receipt.looked_at", receipt, by=me(), at=clock.now())
    known = numbers_of(receipt)
    form = NumbersForm(formdata=None, obj=known)
    form.reason.data = None
    return page("receipts/state/show.html", form=form, **_one(receipt))


@bp.post("/<number>")
def keep(number: str) -> Response:
    receipt, form = _known(number), NumbersForm()
    if not form.validate():
        return refused("receipts/state/show.html", form, **_one(receipt))
    try:
        record_numbers(receipt, form.typed, by=me(), at=clock.now(), reason=form.reason.data or "")
    except DomainError as problem:
        return refused("receipts/state/show.html", form, problem, **_one(receipt))
    return done(go=url_for(".show", number=receipt.number), say=_("票据号码记下了，捐赠人在确认单上看得到。"))


@bp.post("/<number>/wish")
def wish(number: str) -> Response:
    """The cashier writes down what the donor told her."""
    receipt, form = _known(number), WishForm()
    if not form.validate():
        return refused("receipts/state/show.html", form, **_one(receipt, wishing=form))
    try:
        say_wish(receipt, form.wish.data, by=me(), at=clock.now(), reason=form.reason.data or "")
    except DomainError as problem:
        return refused("receipts/state/show.html", form, problem, **_one(receipt, wishing=form))
    return done(go=url_for(".show", number=receipt.number), say=_("记下了捐赠人的意思。"))


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _asked(args: Any) -> tuple[Fund, int, Listing]:
    """Which fund, year and part of the list."""
    require(policy.can_see_state_lists(me()))
    funds = _funds()
    listing = read_listing(
        args, path=url_for(".index"), sorts=("number",), extra=("fund", "year", "show"), piece="state"
    )
    wanted = number_in(listing.extra.get("fund"))
    fund = found(next((one for one in funds if one.id == wanted), funds[0] if funds and wanted is None else None))
    year = number_in(listing.extra.get("year")) or clock.today().year
    return fund, min(year, 9999), listing


def _funds() -> Sequence[Fund]:
    return funds_seen(me(), *policy.SEES_CHANGES)


def _known(number: str) -> Receipt:
    receipt = found(receipt_by_number(number))
    require(policy.can_keep_state_list(me(), receipt.fund))
    return receipt


def _list(
    fund: Fund, year: int, asked: Listing, *, reading: PortalForm | None = None, exporting: PortalForm | None = None
) -> dict[str, Any]:
    return {
        "found": state_found(fund, year, asked),
        "fund": fund,
        "year": year,
        "funds": _funds(),
        "years": sorted({*years_of(fund), year}, reverse=True),
        "shows": SHOWS,
        "exporting": exporting or ExportForm(formdata=None),
        "reading": reading or ListForm(formdata=None),
        "may_keep": policy.can_keep_state_list(me(), fund),
        "demo": fund.is_demo,
    }


def _one(receipt: Receipt, *, wishing: PortalForm | None = None) -> dict[str, Any]:
    is_wishing = wishing is not None
    return {
        "receipt": receipt,
        "rows": history_of_numbers(receipt),
        "wishing": wishing or WishForm(formdata=None),
        "numbers": NumbersForm(formdata=None) if is_wishing else None,
        "demo": receipt.fund.is_demo,
    }
