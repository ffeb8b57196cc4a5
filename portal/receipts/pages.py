"""What a confirmation says, on paper and on the screen."""

from typing import cast

from portal.clock import in_china
from portal.documents.confirmation import ConfirmationSheet, StateReceipt, Voided
from portal.funds.models import METHOD_NAMES, Method
from portal.receipts.models import Receipt


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
        state_receipt=cast("StateReceipt", receipt.state_receipt),
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
