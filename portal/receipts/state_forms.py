from flask_wtf.file import FileField

from portal.receipts.state import LONGEST_REASON, StateNumbers
from portal.web.forms import Choice, Line, PortalForm, as_typed, at_most, required
from portal.web.libs import _l

ACCEPTED_KINDS = ".xlsx,.xls,.csv,.txt"
WISHES = {"waived": _l("不要求票据"), "listed": _l("要开票据")}


class NumbersForm(PortalForm):
    """The numbers of one state receipt; `reason` where they are corrected."""

    code = Line(_l("票据代码"), [required(_l("请填写票据代码。")), at_most(40)], render_kw=as_typed())
    number = Line(_l("票据号码"), [required(_l("请填写票据号码。")), at_most(40)], render_kw=as_typed())
    check_code = Line(_l("校验码"), [at_most(40)], render_kw=as_typed())
    reason = Line(_l("为什么改正"), [at_most(LONGEST_REASON)])

    @property
    def typed(self) -> StateNumbers:
        """Raises DomainError."""
        return StateNumbers.typed(self.code.data or "", self.number.data or "", self.check_code.data or "")


class WishForm(PortalForm):
    """What the donor told the cashier."""

    wish = Choice(_l("捐赠人的意思"), choices=list(WISHES.items()))
    reason = Line(_l("怎么知道的"), [required(_l("请写明捐赠人怎么说的，例如：来电说明。")), at_most(LONGEST_REASON)])


class ListForm(PortalForm):
    """The list as it came back."""

    file = FileField(
        _l("填好的清单"), [required(_l("请选择文件。"))], render_kw={"accept": ACCEPTED_KINDS, "autocomplete": "off"}
    )


class ExportForm(PortalForm):
    """What the list is taken out for."""

    purpose = Line(
        _l("具体做什么用"),
        [required(_l("请写明这份名单拿去做什么。")), at_most(LONGEST_REASON)],
        default=_l("交慈善组织开具公益事业捐赠票据"),
    )
