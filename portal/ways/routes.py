"""A donor's own page of where a gift went, and everybody's page of what paid for an expense."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.audit import record_apart
from portal.funds.queries import FundLine, public_fund
from portal.receipts import opened
from portal.receipts.models import Receipt
from portal.receipts.policy import can_read_receipt
from portal.receipts.queries import is_kept, receipt_by_number
from portal.ways.gift_ways import GiftWay, way_of
from portal.ways.payment_ways import Payment, every_giver, paid_by, payment_called
from portal.ways.strips import Part, strip
from portal.ways.words import called, giver_cells, step_title
from portal.web.access import found, kept, public, without_account
from portal.web.exports import csv_file
from portal.web.libs import _, current_user
from portal.web.pages import go_to, page
from portal.web.rates import EXPORTS, SEARCHES, rated

bp = Blueprint("ways", __name__)

GIVER_HEAD = ("序号", "到账日期", "来源", "捐赠人(公示名)", "捐赠意向(定向/非定向)", "这笔共(元)", "付这笔支出(元)")


# ── forward: for whoever may see the confirmation ───────────────────────────────────────────────────
@bp.get("/receipts/<number>/way")
@without_account
@rated(SEARCHES)
def gift(number: str) -> Response:
    receipt = found(receipt_by_number(number))
    if not _may_see(receipt):
        return go_to(url_for("receipts.receipt", number=receipt.number))
    after = _after()
    way = way_of(receipt.gift, after=after)
    context: dict[str, Any] = {"receipt": receipt, "way": way, "after": after, "titled": step_title}
    return page("ways/gift.html", **context, pieces=_gift_strip(way), holds=_holds(receipt), demo=receipt.fund.is_demo)


def _gift_strip(way: GiftWay) -> Any:
    parts = [Part(_("前面的"), way.before_fen, "more")]
    parts += [Part(step_title(step), step.fen, "used") for step in way.steps if not step.is_move]
    later = way.gone_fen - sum(part.fen for part in parts)
    parts += [Part(_("后面的"), later, "more"), Part(_("还没有用"), way.left_fen, "left")]
    return strip(parts, rest=_("其余"))


def _holds(receipt: Receipt) -> bool:
    """The donor: who has shown the code here, or keeps the confirmation among her own."""
    return opened.is_opened(receipt) or (current_user.is_authenticated and is_kept(me(), receipt))


def _may_see(receipt: Receipt) -> bool:
    """The same as for the confirmation itself: who reads it for the fund leaves a trace."""
    if _holds(receipt):
        return True
    if not (current_user.is_authenticated and can_read_receipt(me(), receipt)):
        return False
    record_apart("receipts.receipt.looked_at", receipt, by=me(), at=clock.now())
    return True


# ── backward: for everyone ──────────────────────────────────────────────────────────────────────────
@bp.get("/funds/<slug>/spending/<path:voucher>")
@kept("after")
@rated(SEARCHES)
def payment(slug: str, voucher: str) -> Response:
    fund = found(public_fund(slug))
    payment, after = found(_payment(fund, voucher)), _after()
    paid = paid_by(payment, after=after)
    parts = [Part(called(giver), giver.fen, "used") for giver in paid.givers] if not after else []
    others = paid.fen - sum(part.fen for part in parts)
    parts += [Part(_("其余"), others, "more"), Part(_("先行垫付"), paid.ahead_fen, "left")]
    context: dict[str, Any] = {"fund": fund, "payment": payment, "paid": paid, "after": after, "called": called}
    pieces = strip(parts, rest=_("其余"))
    return page("ways/payment.html", **context, pieces=pieces, demo=fund.is_demo)


@bp.get("/funds/<slug>/spending/<path:voucher>/gifts.csv")
@public
@rated(EXPORTS)
def payment_file(slug: str, voucher: str) -> Response:
    payment = found(_payment(found(public_fund(slug)), voucher))
    return csv_file(f"{slug}-{_plain(payment)}-gifts", GIVER_HEAD, giver_cells(every_giver(payment)))


def _payment(fund: FundLine, voucher: str) -> Payment | None:
    """PostgreSQL refuses to compare with a null byte."""
    return payment_called(fund, voucher) if "\0" not in voucher else None


def _plain(payment: Payment) -> str:
    return "".join(letter for letter in payment.voucher_no if letter.isalnum() or letter == "-")


def _after() -> int:
    """Where the page begins: behind this row."""
    text = request.args.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
