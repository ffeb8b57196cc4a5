from wtforms import BooleanField

from portal.receipts.change_models import Change
from portal.receipts.changing import LONGEST_REASON, Wish
from portal.receipts.models import Receipt
from portal.receipts.particulars import LONGEST, STATE_RECEIPTS, Particulars
from portal.web.forms import Choice, Line, PortalForm, at_most, required
from portal.web.libs import _l

KINDS = {
    Change.REISSUE: _l("作废重开：抬头、意向或备注写错了"),
    Change.VOID: _l("只作废：这张单不该开"),
    Change.REFUND: _l("退款：把钱退给捐赠人，单也作废"),
}


class ChangeForm(PortalForm):
    """What shall become of a confirmation. The fields below `reason` count for a reissue only."""

    kind = Choice(_l("怎么办"), choices=[(one.value, KINDS[one]) for one in KINDS], default=Change.REISSUE.value)
    reason = Line(_l("原因"), [required(_l("请写明原因，原因会公开。")), at_most(LONGEST_REASON)])
    donor_name = Line(_l("捐赠人"), [at_most(LONGEST)])
    intention = Line(_l("捐赠意向"), [at_most(LONGEST)])
    memo = Line(_l("备注"), [at_most(LONGEST)])
    state_receipt = Choice(_l("捐赠票据"), choices=list(STATE_RECEIPTS.items()))
    same_donor = BooleanField(_l("还是原来那位捐赠人"), default=True)

    @classmethod
    def of(cls, receipt: Receipt) -> "ChangeForm":
        """As the confirmation says now."""
        return cls(formdata=None, obj=receipt)

    @property
    def wish(self) -> Wish:
        kind = Change(self.kind.data)
        reason = self.reason.data or ""
        if kind != Change.REISSUE:
            return Wish(kind=kind, reason=reason)
        says = Particulars(
            donor_name=self.donor_name.data or "",
            intention=self.intention.data or "",
            memo=self.memo.data or "",
            state_receipt=self.state_receipt.data,
        )
        return Wish(kind=kind, reason=reason, says=says, same_donor=bool(self.same_donor.data))


class AnswerForm(PortalForm):
    """Why it is sent back."""

    answer = Line(_l("退回的原因"), [required(_l("请写明退回的原因，提出的人会看到。")), at_most(LONGEST_REASON)])
