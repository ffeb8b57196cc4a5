"""Checking a number, which anyone may; opening a confirmation, for which one needs its look-up code."""

from typing import Any

from flask import Blueprint, Response, make_response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.audit import record_apart
from portal.db import let_go
from portal.documents.client import DocumentUnavailable
from portal.lists.queries import import_by_id
from portal.problems import DomainError
from portal.receipts import opened
from portal.receipts.change_queries import waiting_change
from portal.receipts.codes import code_of
from portal.receipts.donors import agree_to_public_name, keep_receipt, let_receipt_go, withdraw_from_public
from portal.receipts.forms import CodeForm, NumberForm, OpenForm, PublicNameForm
from portal.receipts.holding import held, holds, signed_in
from portal.receipts.models import Receipt
from portal.receipts.pages import document_of
from portal.receipts.policy import can_ask, can_hand_out_codes, can_list_receipts, can_read_receipt
from portal.receipts.queries import checked, entry_of, is_kept, receipt_by_number, receipts_of
from portal.receipts.state import numbers_of
from portal.receipts.unavailable import unavailable
from portal.settings import current_settings
from portal.web.access import found, kept, public, require, without_account
from portal.web.exports import attachment
from portal.web.forms import tidy
from portal.web.libs import _, current_user
from portal.web.pages import done, go_to, page, refused
from portal.web.rates import DOCUMENTS, GUESSES, rated
from portal.web.security import without_token
from portal.web.tables import read_listing

bp = Blueprint("receipts", __name__)


# ── genuine or not ──────────────────────────────────────────────────────────────────────────────────
@bp.get("/verify")
@kept()
def verify() -> Response:
    return page("receipts/verify.html", form=NumberForm())


@bp.post("/verify")
@without_token
@public
@rated(GUESSES)
def verify_typed() -> Response:
    form = NumberForm()
    if not form.validate():
        return refused("receipts/verify.html", form)
    return go_to(url_for("receipts.verify_number", number=form.canonical))


@bp.get("/verify/<number>")
@kept()
@rated(GUESSES)
def verify_number(number: str) -> Response:
    return page("receipts/verified.html", form=NumberForm(), checked=checked(number))


# ── opening one ─────────────────────────────────────────────────────────────────────────────────────
@bp.get("/receipts")
@without_account
def find() -> Response:
    form = OpenForm(number=tidy(request.args.get("number")), keep=request.args.get("keep") == "1")
    return page("receipts/find.html", form=form)


@bp.post("/receipts")
@without_account
@rated(GUESSES)
def open_any() -> Response:
    form = OpenForm()
    if not form.validate():
        return refused("receipts/find.html", form)
    number = form.canonical
    try:
        receipt = opened.open_with_code(receipt_by_number(number), number, str(form.code.data), at=clock.now())
    except DomainError as problem:
        return refused("receipts/find.html", form, problem)
    if form.keep.data and current_user.is_authenticated:
        keep_receipt(receipt, by=me(), at=clock.now())
    return go_to(_address(receipt))


@bp.get("/receipts/<number>")
@without_account
def receipt(number: str) -> Response:
    receipt = receipt_by_number(number)
    if receipt is None or not _may_see(receipt):
        return _closed(number, CodeForm(), status=200 if receipt else 404)
    return _whole(receipt, PublicNameForm(public_name=receipt.gift.public_name))


@bp.post("/receipts/<number>")
@without_account
@rated(GUESSES)
def open_receipt(number: str) -> Response:
    receipt, form = found(receipt_by_number(number)), CodeForm()
    if not form.validate():
        return _closed(number, form, status=422)
    try:
        opened.open_with_code(receipt, receipt.number, str(form.code.data), at=clock.now())
    except DomainError as problem:
        form.blame(problem)
        return _closed(number, form, status=422)
    return go_to(_address(receipt))


@bp.post("/receipts/<number>/close")
@without_account
def close(number: str) -> Response:
    receipt = found(receipt_by_number(number))
    opened.close(receipt)
    return done(go=_address(receipt), say=_("已经关上。再看要重新输入查询码。"))


@bp.get("/receipts/<number>/pdf")
@without_account
@rated(DOCUMENTS)
def pdf(number: str) -> Response:
    receipt = found(receipt_by_number(number))
    if not _may_see(receipt):
        return go_to(_address(receipt))
    return _drawn(receipt, as_picture=False)


@bp.get("/receipts/<number>/picture")
@without_account
@rated(DOCUMENTS)
def picture(number: str) -> Response:
    receipt = found(receipt_by_number(number))
    if not _may_see(receipt):
        return go_to(_address(receipt))
    return _drawn(receipt, as_picture=True)


# ── what its holder may do ──────────────────────────────────────────────────────────────────────────
@bp.post("/receipts/<number>/public-name")
@without_account
def agree(number: str) -> Response:
    receipt, form = held(number), PublicNameForm()
    if not form.validate():
        return _refused(receipt, form)
    try:
        agree_to_public_name(receipt, str(form.public_name.data), by=signed_in(), at=clock.now())
    except DomainError as problem:
        return _refused(receipt, form, problem)
    return _changed(receipt, form, _("公示名称已经更新，公开名单从现在起这样写。"))


@bp.post("/receipts/<number>/public-name/withdraw")
@without_account
def withdraw(number: str) -> Response:
    receipt = held(number)
    try:
        withdraw_from_public(receipt, by=signed_in(), at=clock.now())
    except DomainError as problem:
        return _refused(receipt, PublicNameForm(formdata=None), problem)
    return _changed(receipt, PublicNameForm(formdata=None), _("已经撤回同意，公开名单从现在起写作「爱心人士」。"))


@bp.post("/receipts/<number>/keep")
def keep(number: str) -> Response:
    receipt = held(number)
    keep_receipt(receipt, by=me(), at=clock.now())
    return done(go=_address(receipt), say=_("已经收进「我的确认单」，以后登录就能看。"))


@bp.post("/receipts/<number>/let-go")
def let_receipt(number: str) -> Response:
    receipt = held(number)
    let_receipt_go(receipt, by=me(), at=clock.now())
    return done(go=url_for("me.index"), say=_("已经从「我的确认单」拿出。凭编号和查询码还能再看。"))


# ── those who hand them out ─────────────────────────────────────────────────────────────────────────
@bp.get("/receipts/<number>/slip")
def slip(number: str) -> Response:
    receipt = found(receipt_by_number(number))
    require(can_hand_out_codes(me(), receipt.fund))
    record_apart("receipts.slip.shown", receipt, by=me(), at=clock.now())
    address = f"{_base_url()}{_address(receipt)}"
    return page("receipts/slip.html", receipt=receipt, code=code_of(receipt), address=address)


@bp.get("/imports/<int:id>/receipts")
def of_import(id: int) -> Response:
    donations = found(import_by_id(id))
    found(donations if can_list_receipts(me(), donations.fund) else None)
    if me().id != donations.uploaded_by_id:
        record_apart("receipts.list.looked_at", donations, by=me(), at=clock.now())
    path = url_for("receipts.of_import", id=id)
    asked = read_listing(request.args, path=path, sorts=("number",), piece="receipts")
    listing, receipts = receipts_of(donations, asked)
    return page(
        "receipts/of_import.html",
        piece="receipts/_of_import.html",
        donations=donations,
        listing=listing,
        receipts=receipts,
        can_hand_out=can_hand_out_codes(me(), donations.fund),
        demo=donations.fund.is_demo,
    )


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _drawn(receipt: Receipt, *, as_picture: bool) -> Response:
    """The confirmation as a file, drawn after the transaction; or the page that says why there is none now."""
    name, address = f"捐赠接收确认单 {receipt.number}", _address(receipt)
    try:
        document = document_of(receipt, base_url=_base_url())
        let_go()
        body = document.picture() if as_picture else document.pdf()
    except DocumentUnavailable as problem:
        return unavailable(problem, back=address)
    response = make_response(body)
    response.headers["Content-Type"] = "image/png" if as_picture else "application/pdf"
    response.headers["Content-Disposition"] = attachment(f"{name}.{'png' if as_picture else 'pdf'}")
    return response


def _base_url() -> str:
    settings = current_settings()
    return settings.base_url


def _address(receipt: Receipt) -> str:
    return url_for("receipts.receipt", number=receipt.number)


def _may_see(receipt: Receipt) -> bool:
    if holds(receipt):
        return True
    if not (current_user.is_authenticated and can_read_receipt(me(), receipt)):
        return False
    record_apart("receipts.receipt.looked_at", receipt, by=me(), at=clock.now())
    return True


def _closed(number: str, form: CodeForm, *, status: int) -> Response:
    """What anyone may know, and the field for the code."""
    return page("receipts/closed.html", status=status, form=form, checked=checked(number))


def _whole(receipt: Receipt, form: PublicNameForm, *, status: int = 200) -> Response:
    return page("receipts/receipt.html", status=status, form=form, **_parts(receipt))


def _refused(receipt: Receipt, form: PublicNameForm, problem: DomainError | None = None) -> Response:
    return refused("receipts/receipt.html", form, problem, piece="receipts/_public_name.html", **_parts(receipt))


def _changed(receipt: Receipt, form: PublicNameForm, say: str) -> Response:
    return done("receipts/_public_name.html", go=_address(receipt), say=say, form=form, **_parts(receipt))


def _for_office(receipt: Receipt) -> dict[str, Any]:
    """Who may change it, and whether that was asked for already."""
    may_change = current_user.is_authenticated and can_ask(me(), receipt.fund)
    return {"may_change": may_change, "waiting": waiting_change(receipt) if may_change else None}


def _parts(receipt: Receipt) -> dict[str, Any]:
    return {
        "receipt": receipt,
        "entry": entry_of(receipt),
        "holds": holds(receipt),
        "kept": current_user.is_authenticated and is_kept(me(), receipt),
        "signed_in": current_user.is_authenticated,
        "numbers": numbers_of(receipt) if receipt.state_receipt == "listed" or receipt.wishes else None,
        **_for_office(receipt),
        "demo": receipt.fund.is_demo,
    }
