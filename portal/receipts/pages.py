"""What a confirmation says, on paper and on the screen, and what proves it."""

import json
import logging
from typing import NamedTuple, cast

from portal import clock
from portal.clock import in_china
from portal.documents import keyfile
from portal.documents.client import DocumentUnavailable, picture, render
from portal.documents.confirmation import PICTURE, TEMPLATE, ConfirmationSheet, StateReceipt, Voided
from portal.documents.wire import JSON, Enclosed
from portal.funds.models import METHOD_NAMES, Method
from portal.log.proofs import BadProof, Proof, proof_of
from portal.receipts.leaves import ISSUED
from portal.receipts.models import Receipt
from portal.settings import current_settings
from portal.words import _l

log = logging.getLogger(__name__)


class Unproven(DocumentUnavailable):
    """The rows no longer say what stands in the public log: whatever were drawn of them could not be proved."""

    def __init__(self) -> None:
        super().__init__(_l("这张确认单的内容和公开日志对不上，不能出具。请告诉管理员运行 portal check。"))


class Document(NamedTuple):
    """A confirmation that can be drawn: it asks no database any more."""

    context: dict[str, JSON]
    enclosed: Enclosed | None

    def pdf(self) -> bytes:
        """Raises DocumentUnavailable, DocumentsBusy. Never call it inside a write transaction."""
        return render(TEMPLATE, self.context, enclosed=self.enclosed)

    def picture(self) -> bytes:
        """The sheet as a tall PNG, which proves nothing. Raises as `pdf`."""
        return picture(PICTURE, self.context)


def document_of(receipt: Receipt, *, base_url: str) -> Document:
    """The confirmation with its proof as of now, to be drawn after the transaction. Raises Unproven."""
    return with_proof(sheet_of(receipt, base_url=base_url), receipt.id, base_url=base_url)


def with_proof(sheet: ConfirmationSheet, receipt_id: int, *, base_url: str) -> Document:
    """The same of a sheet that was made before: proof and signature are those of now. Raises Unproven."""
    context, (key, whose) = sheet.to_context(), _signature()
    try:
        proof = proof_of(ISSUED, receipt_id)
    except BadProof as problem:
        log.error("%s is not drawn: %s", sheet.number, problem)
        raise Unproven from None
    if proof is None:
        return Document(context, None)
    enclosed = Enclosed(_attachments(proof), clock.now().isoformat(), key)
    words: JSON = {
        "index": proof.index,
        "size": proof.size,
        "offline": f"{base_url}/verify/offline",
        "signed": whose,
    }
    return Document(context | {"proof": words}, enclosed)


def _attachments(proof: Proof) -> dict[str, str]:
    """The three files, in the order of their names, as a PDF lists them."""
    openings = json.dumps(proof.openings, ensure_ascii=False, sort_keys=True, indent=1)
    return {"leaf.txt": proof.leaf.decode(), "openings.txt": openings, "tlog-proof.txt": proof.tlog_proof()}


def _signature() -> tuple[str, JSON]:
    """The key file to sign with, "" for none, and what the sheet says of it. Raises DocumentUnavailable."""
    try:
        key = str(keyfile.standing(current_settings()) or "")
        return key, None if not key else "demo" if keyfile.is_demo_file(key) else "own"
    except keyfile.BadKeyFile:
        log.exception("the key file cannot be used")
        raise DocumentUnavailable from None


def sheet_of(receipt: Receipt, *, base_url: str) -> ConfirmationSheet:
    """The confirmation as it was frozen at issue. Documents are Chinese whatever the reader's language."""
    return ConfirmationSheet(
        number=receipt.number,
        donor=None if receipt.state_receipt == "anonymous" else receipt.donor_name,
        method=METHOD_NAMES[Method(receipt.method)].text,
        amount=receipt.fen,
        project=receipt.intention or None,
        fund=receipt.fund_full_name,
        organisation=receipt.authorised_by,
        received_on=receipt.received_on,
        issued_on=receipt.issued_on,
        handler=receipt.handler_name,
        checker=receipt.checker_name,
        state_receipt=cast("StateReceipt", receipt.state_now),
        memo=receipt.memo,
        check_url=f"{base_url}/verify/{receipt.number}",
        demo=receipt.fund.is_demo,
        voided=_voided(receipt),
    )


def _voided(receipt: Receipt) -> Voided | None:
    if receipt.voided_at is None:
        return None
    successor = receipt.successor.number if receipt.successor else None
    return Voided(on=in_china(receipt.voided_at).date(), reason=receipt.void_reason or "", successor=successor)
