"""What a donor does with a confirmation she holds: share it, prove that it is hers, do without a state receipt."""

import json

from flask import Blueprint, Response, make_response, url_for

from portal import clock
from portal.accounts.session import me
from portal.documents import qr
from portal.log.proofs import BadProof, Proof, proof_of
from portal.privacy import mask_name
from portal.problems import DomainError
from portal.receipts.codes import is_share_key_of, share_key_of
from portal.receipts.holding import held, signed_in
from portal.receipts.leaves import ISSUED
from portal.receipts.models import Receipt
from portal.receipts.queries import checked, is_kept, receipt_by_number
from portal.receipts.sending import send_code_again
from portal.receipts.state import say_wish
from portal.settings import current_settings
from portal.web.access import found, public, require, without_account
from portal.web.exports import attachment
from portal.web.libs import _
from portal.web.pages import done, page
from portal.web.rates import DOCUMENTS, GUESSES, rated

bp = Blueprint("own_receipts", __name__)


# ── sharing ─────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/receipts/<number>/share")
@without_account
def share(number: str) -> Response:
    receipt, settings = held(number), current_settings()
    address = settings.base_url + url_for(".shared", number=receipt.number, key=share_key_of(receipt))
    return page("receipts/share.html", receipt=receipt, address=address, picture=qr.svg(address), who=_masked(receipt))


@bp.get("/shared/<number>/<key>")
@public
@rated(GUESSES)
def shared(number: str, key: str) -> Response:
    """What the public list shows, for whom the donor gave the link."""
    receipt = found(receipt_by_number(number))
    found(receipt if is_share_key_of(receipt, key) else None)
    answer = page("receipts/shared.html", receipt=receipt, who=_masked(receipt), checked=checked(receipt.number))
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Cache-Control"] = "no-store"
    return answer


# ── proving ─────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/receipts/<number>/proof")
@without_account
@rated(DOCUMENTS)
def proof(number: str) -> Response:
    """Where the gift stands in the public log, and with what its donor shows that it is hers."""
    receipt = held(number)
    return page("receipts/proof.html", receipt=receipt, proof=_proof(receipt), names=_names())


@bp.get("/receipts/<number>/proof.txt")
@without_account
@rated(DOCUMENTS)
def proof_text(number: str) -> Response:
    receipt = held(number)
    proof = found(_proof(receipt))
    response = make_response(_told(receipt, proof))
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["Content-Disposition"] = attachment(f"捐赠证明 {receipt.number}.txt")
    return response


# ── the code, and the state's receipt ───────────────────────────────────────────────────────────────
@bp.post("/receipts/<number>/code")
@rated(GUESSES)
def send_code(number: str) -> Response:
    """To her own contact, where she keeps it: who only opened it here has the code."""
    receipt = found(receipt_by_number(number))
    require(is_kept(me(), receipt))
    try:
        contact = send_code_again(receipt, to=me(), at=clock.now())
    except DomainError as problem:
        return _back(receipt, str(problem.sentence))
    return _back(receipt, _("查询码发到了 %(place)s。", place=contact.masked))


@bp.post("/receipts/<number>/waive")
@without_account
def waive(number: str) -> Response:
    return _say(number, "waived", _("记下了：您不要求公益事业捐赠票据。"))


@bp.post("/receipts/<number>/want")
@without_account
def want(number: str) -> Response:
    return _say(number, "listed", _("记下了：您要公益事业捐赠票据，已经列入开票清单。"))


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _say(number: str, wish: str, say: str) -> Response:
    receipt = held(number)
    try:
        say_wish(receipt, wish, by=signed_in(), at=clock.now())
    except DomainError as problem:
        return _back(receipt, str(problem.sentence))
    return _back(receipt, say)


def _back(receipt: Receipt, say: str) -> Response:
    return done(go=url_for("receipts.receipt", number=receipt.number), say=say)


def _masked(receipt: Receipt) -> str:
    """By the name that she agreed to, else by its first character."""
    if receipt.gift.public_name:
        return receipt.gift.public_name
    return "爱心人士" if receipt.state_receipt == "anonymous" else mask_name(receipt.donor_name) or "爱心人士"


def _proof(receipt: Receipt) -> Proof | None:
    """None as well where the rows say something else than the log: `portal check` says so to whom it concerns."""
    try:
        return proof_of(ISSUED, receipt.id)
    except BadProof:
        return None


def _names() -> dict[str, str]:
    return {"donor": _("捐赠人"), "words": _("意向和备注"), "people": _("经办人和复核人")}


def _told(receipt: Receipt, proof: Proof) -> str:
    """Chinese, as all files for the record."""
    openings = {"openings": proof.openings, "leaf": json.loads(proof.leaf)}
    return _TEXT.format(
        number=receipt.number,
        index=proof.index,
        size=proof.size,
        openings=json.dumps(openings, ensure_ascii=False, indent=1, sort_keys=True),
        proof=proof.tlog_proof(),
    )


_TEXT = """捐赠证明 {number}

这份文件证明：公开日志第 {index} 条（从 0 数起，日志共 {size} 条）记的是这笔捐赠，而且捐赠人是您。
日志里没有您的姓名，只有一串承诺值。把下面的 salt（随机数）和 value（内容）交给别人，对方就能算出同一串承诺值：
HMAC-SHA256(salt, ["字段",内容])，JSON 按 RFC 8785 写。没有 salt，谁也猜不出是谁。
请只交给您要证明的人。以后依法删除您的资料时，门户里的 salt 会删掉，这份文件里的还在您手里。

== 内容和 salt（openings，leaf）==
{openings}

== 在日志里的证明（C2SP tlog-proof）==
{proof}"""
