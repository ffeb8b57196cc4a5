"""What stands on a 捐赠接收确认单 (慈善法 §38): donor, property, amount, organisation, handler, dates."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from portal.documents.wire import JSON

TEMPLATE = "confirmation"
PICTURE = "picture"
"""The same sheet, tall, for a telephone."""

StateReceipt = Literal["listed", "waived", "anonymous"]


@dataclass(frozen=True, kw_only=True)
class Voided:
    """Why the confirmation no longer counts, and the number that took its place, if any."""

    on: date
    reason: str
    successor: str | None = None


@dataclass(frozen=True, kw_only=True)
class ConfirmationSheet:
    """One confirmation as it was frozen at issue; `amount` in 分.

    `donor` is the recorded name, None for an anonymous donor. `fund` is the full name, which carries the host charity;
    `organisation` is the charity that authorised the sheet. `project` is None for an undirected gift (非定向).
    `state_receipt`: on the list for a state receipt, waived by the donor, or none because anonymous.
    """

    number: str
    donor: str | None
    method: str
    amount: int
    fund: str
    organisation: str
    received_on: date
    issued_on: date
    handler: str
    checker: str
    state_receipt: StateReceipt
    check_url: str
    kind: str = "人民币"
    project: str | None = None
    memo: str = ""
    demo: bool = False
    voided: Voided | None = None

    def to_context(self) -> dict[str, JSON]:
        """Plain data for the template: dates as ISO text, money in 分. What proves it is added when it is drawn."""
        return {
            "number": self.number,
            "donor": self.donor,
            "kind": self.kind,
            "method": self.method,
            "amount": self.amount,
            "project": self.project,
            "fund": self.fund,
            "organisation": self.organisation,
            "received_on": self.received_on.isoformat(),
            "issued_on": self.issued_on.isoformat(),
            "handler": self.handler,
            "checker": self.checker,
            "state_receipt": self.state_receipt,
            "memo": self.memo,
            "check_url": self.check_url,
            "demo": self.demo,
            "voided": self._voided_context(),
            "proof": None,
        }

    def _voided_context(self) -> JSON:
        if self.voided is None:
            return None
        return {"on": self.voided.on.isoformat(), "reason": self.voided.reason, "successor": self.voided.successor}
