"""What a summary says on paper."""

from portal.documents.client import render
from portal.documents.summary import TEMPLATE, SummaryLine, SummarySheet
from portal.documents.wire import JSON
from portal.receipts.summary_models import SCOPE_NAMES, Scope, Summary


def context_of(summary: Summary, *, base_url: str) -> dict[str, JSON]:
    """The summary as it was frozen at issue, with what became void since. Chinese whatever the reader's language."""
    sheet = SummarySheet(
        number=summary.number,
        kind=SCOPE_NAMES[Scope(summary.kind)].text,
        title=summary.title,
        fund=summary.fund_full_name,
        organisation=summary.authorised_by,
        starts_on=summary.starts_on,
        ends_on=summary.ends_on,
        issued_on=summary.issued_on,
        amount=summary.fen,
        lines=[
            SummaryLine(
                number=one.number,
                donor=None if one.receipt.state_receipt == "anonymous" else one.donor_name or None,
                received_on=one.received_on,
                amount=one.fen,
                void=one.receipt.voided_at is not None,
            )
            for one in summary.members
        ],
        check_url=f"{base_url}/verify/{summary.number}",
        demo=summary.fund.is_demo,
    )
    return sheet.to_context()


def drawn(context: dict[str, JSON]) -> bytes:
    """The PDF. Raises DocumentUnavailable, DocumentsBusy. Never call it inside a write transaction."""
    return render(TEMPLATE, context)
