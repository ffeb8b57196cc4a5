"""What a confirmation that is issued anew may say otherwise than the first one. Amount and day stay the gift's."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.problems import DomainError
from portal.receipts.models import Receipt
from portal.words import Words, _l

if TYPE_CHECKING:
    from portal.receipts.change_models import ReceiptChange

LONGEST = 200
"""Characters of a name or an intention, as in a list."""

STATE_RECEIPTS: dict[str, Words] = {
    "listed": _l("要开票据，列入开票清单"),
    "waived": _l("捐赠人不要求票据"),
    "anonymous": _l("匿名，不开票据"),
}


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """`state_receipt` is one of STATE_RECEIPTS."""

    donor_name: str
    intention: str
    memo: str
    state_receipt: str

    @classmethod
    def of(cls, change: "ReceiptChange") -> "Particulars":
        """What a reissue says."""
        texts = (change.donor_name or "", change.intention or "", change.memo or "")
        return cls(donor_name=texts[0], intention=texts[1], memo=texts[2], state_receipt=change.state_receipt or "")

    def values(self) -> dict[str, str]:
        return {
            "donor_name": self.donor_name,
            "intention": self.intention,
            "memo": self.memo,
            "state_receipt": self.state_receipt,
        }

    def check(self) -> None:
        """Raises DomainError beside the field."""
        if self.state_receipt not in STATE_RECEIPTS:
            raise DomainError(_l("请选一项。"), field="state_receipt")
        if not self.donor_name and self.state_receipt != "anonymous":
            raise DomainError(_l("请填写捐赠人；匿名捐赠请在票据一项选匿名。"), field="donor_name")
        for name in ("donor_name", "intention", "memo"):
            if len(getattr(self, name)) > LONGEST:
                raise DomainError(_l("最多 %(max)d 个字。", max=LONGEST), field=name)


def said(receipt: Receipt) -> Particulars:
    """What the confirmation says now."""
    return Particulars(
        donor_name=receipt.donor_name,
        intention=receipt.intention,
        memo=receipt.memo,
        state_receipt=receipt.state_receipt,
    )
