"""Two people change a confirmation: the pages of asking and deciding."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.audit import record_apart
from portal.problems import DomainError
from portal.receipts import changing, policy
from portal.receipts.change_forms import AnswerForm, ChangeForm
from portal.receipts.change_models import ChangeStatus, ReceiptChange
from portal.receipts.change_queries import change_by_id, changes_found, count_waiting, waiting_change
from portal.receipts.models import Receipt
from portal.receipts.particulars import Particulars, said
from portal.receipts.queries import receipt_by_number
from portal.web.access import found, require
from portal.web.libs import _
from portal.web.pages import done, page, refused
from portal.web.tables import read_listing

bp = Blueprint("receipt_changes", __name__, url_prefix="/receipt-changes")


@bp.get("")
def index() -> Response:
    require(policy.can_see_changes(me()))
    listing = read_listing(request.args, path=url_for(".index"), sorts=("new",), extra=("status",), piece="changes")
    return page(
        "receipts/changes/index.html",
        piece="receipts/changes/_list.html",
        found=changes_found(me(), listing),
        statuses=ChangeStatus,
        waiting_for_me=count_waiting(me()),
    )


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/new/<number>")
def new(number: str) -> Response:
    receipt = _to_change(number)
    record_apart("receipts.receipt.looked_at", receipt, by=me(), at=clock.now())
    return page("receipts/changes/new.html", form=ChangeForm.of(receipt), **_about(receipt))


@bp.post("/new/<number>")
def ask(number: str) -> Response:
    receipt, form = _to_change(number), ChangeForm()
    if not form.validate():
        return refused("receipts/changes/new.html", form, **_about(receipt))
    try:
        change = changing.ask(receipt, form.wish, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("receipts/changes/new.html", form, problem, **_about(receipt))
    return done(go=url_for(".show", change_id=change.id), say=_("提出来了，等另一位会计确认。"))


# ── deciding ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/<int:change_id>")
def show(change_id: int) -> Response:
    change = _known(change_id)
    record_apart("receipts.receipt.looked_at", change.receipt, by=me(), at=clock.now())
    return page("receipts/changes/show.html", form=AnswerForm(formdata=None), **_parts(change))


@bp.post("/<int:change_id>/confirm")
def confirm(change_id: int) -> Response:
    return _act(change_id, policy.can_decide, changing.confirm, _("办好了，旧单已经作废。"))


@bp.post("/<int:change_id>/withdraw")
def withdraw(change_id: int) -> Response:
    return _act(change_id, _asked_it, changing.withdraw, _("撤回了，确认单没有变。"))


@bp.post("/<int:change_id>/return")
def send_back(change_id: int) -> Response:
    change, form = _known(change_id), AnswerForm()
    require(policy.can_decide(me(), change))
    if not form.validate():
        return refused("receipts/changes/show.html", form, **_parts(change))
    try:
        changing.send_back(change, form.answer.data or "", by=me(), at=clock.now())
    except DomainError as problem:
        return refused("receipts/changes/show.html", form, problem, **_parts(change))
    return done(go=url_for(".show", change_id=change_id), say=_("退回了，确认单没有变。"))


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _to_change(number: str) -> Receipt:
    """Whoever has nothing to do with the fund learns no more than at /verify."""
    receipt = found(receipt_by_number(number))
    require(policy.can_ask(me(), receipt.fund))
    return receipt


def _known(change_id: int) -> ReceiptChange:
    change = found(change_by_id(change_id))
    return found(change if policy.can_see_change(me(), change) else None)


def _asked_it(person: Any, change: ReceiptChange) -> bool:
    return bool(person.id == change.asked_by_id)


def _act(
    change_id: int, allowed: Callable[[Any, ReceiptChange], bool], action: Callable[..., object], say: str
) -> Response:
    """A button of the page: do it, or say on the same page why not."""
    change = _known(change_id)
    require(allowed(me(), change))
    try:
        action(change, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("receipts/changes/show.html", AnswerForm(formdata=None), problem, **_parts(change))
    return done(go=url_for(".show", change_id=change_id), say=say)


def _about(receipt: Receipt) -> dict[str, Any]:
    return {"receipt": receipt, "waiting": waiting_change(receipt), "demo": receipt.fund.is_demo}


def _parts(change: ReceiptChange) -> dict[str, Any]:
    return {
        "change": change,
        "receipt": change.receipt,
        "was": said(change.receipt),
        "says": Particulars.of(change) if change.donor_name is not None else None,
        "may_decide": policy.may_decide_now(me(), change),
        "is_own": change.asked_by_id in me().selves,
        "demo": change.receipt.fund.is_demo,
    }
