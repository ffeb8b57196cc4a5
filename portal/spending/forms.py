from collections.abc import Iterable

from wtforms.validators import Optional

from portal.funds.models import Fund
from portal.money import MoneyError, parse_yuan
from portal.spending.actions import LONGEST, LONGEST_REASON, LONGEST_VOUCHER, Wanted
from portal.web.forms import Choice, Day, Line, OnceKey, PortalForm, at_most, refuse, required
from portal.web.libs import _, _l


class ExpenseForm(PortalForm):
    """What shall be paid, for what, on which paper."""

    fund = Choice(_l("从哪个基金付"), coerce=int)
    amount = Line(_l("金额（元）"), [required(_l("请填写金额。"))])
    purpose = Line(_l("用途"), [required(_l("请写明用途。")), at_most(LONGEST)])
    beneficiaries = Line(_l("受益人数"), [Optional()])
    voucher_no = Line(_l("凭证号"), [required(_l("请填写凭证号。")), at_most(LONGEST_VOUCHER)])
    key = OnceKey()

    def offer(self, funds: Iterable[Fund]) -> "ExpenseForm":
        """Fill in the choices."""
        self.fund.choices = [(fund.id, fund.name) for fund in funds]
        return self

    def validate_amount(self, field: Line) -> None:
        try:
            parse_yuan(field.data or "")
        except MoneyError as problem:
            refuse(problem.sentence)

    def validate_beneficiaries(self, field: Line) -> None:
        text = field.data or ""
        if not (text.isascii() and text.isdigit() and len(text) < 8):
            refuse(_("受益人数是一个整数；没有具体的人就空着。"))

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            fen=parse_yuan(self.amount.data or ""),
            purpose=self.purpose.data or "",
            voucher_no=self.voucher_no.data or "",
            beneficiaries=int(self.beneficiaries.data) if self.beneficiaries.data else None,
        )


class StepForm(PortalForm):
    """The buttons of an expense's page: the day of the payment, a reason where one is needed (named as its stage)."""

    paid_on = Day(_l("付款日期"), [Optional()])
    refused = Line(_l("不同意的原因"), [Optional(), at_most(LONGEST_REASON)])
    returned = Line(_l("退回的原因"), [Optional(), at_most(LONGEST_REASON)])
    withdrawn = Line(_l("撤回的原因"), [Optional(), at_most(LONGEST_REASON)])
    note = Line(_l("哪里不对"), [Optional(), at_most(LONGEST_REASON)])
    undo_reason = Line(_l("冲销的原因（会公开）"), [Optional(), at_most(LONGEST_REASON)])
