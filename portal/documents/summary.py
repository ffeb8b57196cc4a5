"""What stands on a 汇总确认单: the confirmations that it lists, and that it takes the place of none of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.documents.wire import JSON

TEMPLATE = "summary"


@dataclass(frozen=True, kw_only=True)
class SummaryLine:
    """One confirmation. `amount` in 分; `donor` is None for an anonymous one; `void` when it no longer counts."""

    number: str
    donor: str | None
    received_on: date
    amount: int
    void: bool = False

    def to_context(self) -> dict[str, JSON]:
        return {
            "number": self.number,
            "donor": self.donor,
            "received_on": self.received_on.isoformat(),
            "amount": self.amount,
            "void": self.void,
        }


@dataclass(frozen=True, kw_only=True)
class SummarySheet:
    """One summary as it was frozen at issue. `kind` in words (一整年, 一家人); `amount` is the total in 分."""

    number: str
    kind: str
    title: str
    fund: str
    organisation: str
    starts_on: date
    ends_on: date
    issued_on: date
    amount: int
    lines: Sequence[SummaryLine]
    check_url: str
    demo: bool = False

    def to_context(self) -> dict[str, JSON]:
        """Plain data for the template: dates as ISO text, money in 分."""
        return {
            "number": self.number,
            "kind": self.kind,
            "title": self.title,
            "fund": self.fund,
            "organisation": self.organisation,
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat(),
            "issued_on": self.issued_on.isoformat(),
            "amount": self.amount,
            "lines": [line.to_context() for line in self.lines],
            "void_numbers": [line.number for line in self.lines if line.void],
            "check_url": self.check_url,
            "demo": self.demo,
        }
