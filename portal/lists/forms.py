from collections.abc import Iterable, Mapping
from typing import Any

from flask_wtf.file import FileField
from wtforms.validators import Optional

from portal.funds.models import Fund, Method
from portal.lists.columns import IGNORE, Field
from portal.lists.models import DonationImport
from portal.web.forms import Choice, Day, Lines, OnceKey, PortalForm, at_most, required
from portal.web.libs import _, _l
from portal.words import Words

ACCEPTED_KINDS = ".xlsx,.xls,.csv,.txt"

FIELD_NAMES: dict[Field, Words] = {
    "received_on": _l("到账日期"),
    "donor_name": _l("捐赠人"),
    "amount": _l("金额"),
    "memo": _l("备注"),
    "order_no": _l("订单号"),
    "intention": _l("捐赠意向"),
    "public_name": _l("公示名称"),
    "method": _l("捐赠方式"),
    "direction": _l("收支方向"),
    "outgoing": _l("支出金额"),
    "status": _l("交易状态"),
    "currency": _l("币种"),
    "kind": _l("捐赠类型"),
    "balance": _l("余额"),
    "serial": _l("序号"),
}
ASKED: tuple[Field, ...] = (
    "amount", "received_on", "donor_name", "memo", "order_no", "intention", "public_name", "method",
)  # fmt: skip
"""The fields whose column a cashier may choose; the others only tell gifts from what is none."""


class UploadForm(PortalForm):
    """A list and what it does not say itself."""

    fund = Choice(_l("收进哪个基金"), coerce=int)
    file = FileField(
        _l("名单文件"), [required(_l("请选择文件。"))], render_kw={"accept": ACCEPTED_KINDS, "autocomplete": "off"}
    )
    method = Choice(_l("捐赠方式"), default=Method.BANK.value)
    default_date = Day(_l("到账日期"), [Optional()])
    key = OnceKey()

    def offer(self, funds: Iterable[Fund]) -> "UploadForm":
        """Fill in the choices."""
        self.fund.choices = [(fund.id, fund.name) for fund in funds]
        self.method.choices = [(method.value, str(method.label)) for method in Method]
        return self


class ColumnsForm(PortalForm):
    """Which column holds what: a choice a field, and what the list does not say itself."""

    amount = Choice(FIELD_NAMES["amount"])
    received_on = Choice(FIELD_NAMES["received_on"])
    donor_name = Choice(FIELD_NAMES["donor_name"])
    memo = Choice(FIELD_NAMES["memo"])
    order_no = Choice(FIELD_NAMES["order_no"])
    intention = Choice(FIELD_NAMES["intention"])
    public_name = Choice(FIELD_NAMES["public_name"])
    method = Choice(FIELD_NAMES["method"])
    default_method = Choice(_l("名单没有写明时，捐赠方式算"))
    default_date = Day(_l("名单没有日期列时，到账日期算"), [Optional()])

    def offer(self, imported: DonationImport) -> "ColumnsForm":
        """Fill in the choices: the list's own titles, each with what stands below it."""
        titles = [(one["title"], _shown(one)) for one in imported.columns["titles"]]
        unique = list(dict(titles).items())
        for name in ASKED:
            self[name].choices = [("", _("（没有这一列）")), *unique]
        self.default_method.choices = [(method.value, str(method.label)) for method in Method]
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        """One column holds one thing, and an amount there must be."""
        is_valid = bool(super().validate(extra_validators))
        taken: dict[str, str] = {}
        for name in ASKED:
            title = self[name].data
            if not title:
                continue
            if title in taken:
                self[name].errors = [_("这一列已经用作「%(field)s」。", field=taken[title])]
                is_valid = False
            taken.setdefault(title, str(FIELD_NAMES[name]))
        if not self.amount.data:
            self.amount.errors = [_("请指明金额在哪一列。")]
            is_valid = False
        return is_valid

    def column_map(self, imported: DonationImport) -> dict[str, str]:
        """Title → field: what was said before, changed where the form now says otherwise."""
        now, said = recognised(imported), dict(imported.column_map)
        for name in ASKED:
            title, wanted = now.get(name, ""), str(self[name].data or "")
            if wanted == title:
                continue
            if title and said.get(title) in (None, name):
                said[title] = IGNORE
            if wanted:
                said[wanted] = name
        # A column given up by one field may have been chosen for another.
        return said | {str(self[name].data): name for name in ASKED if said.get(str(self[name].data)) == IGNORE}

    @classmethod
    def of(cls, imported: DonationImport) -> "ColumnsForm":
        """The form as the list was read."""
        now = recognised(imported)
        values: dict[str, Any] = {name: now.get(name, "") for name in ASKED}
        values |= {"default_method": imported.method, "default_date": imported.default_date}
        return cls(formdata=None, data=values).offer(imported)


class ReturnForm(PortalForm):
    """Why a list goes back to its cashier."""

    reason = Lines(_l("退回的原因"), [required(_l("请写明退回的原因，出纳会看到。")), at_most(500)])


class RowsForm(PortalForm):
    """Ticked rows, by their numbers in the list."""

    @property
    def row_nos(self) -> list[int]:
        return sorted({int(text) for text in self.ticked if text.isascii() and text.isdigit() and len(text) < 8})

    def __init__(self, ticked: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ticked = list(ticked)


def recognised(imported: DonationImport) -> Mapping[str, str]:
    """Field → title, as the list was read; of several columns of one field the first."""
    return {one["field"]: one["title"] for one in reversed(imported.columns["titles"]) if one["field"]}


def field_name(field: Field | None) -> str:
    """What a column is called when its meaning is shown."""
    return str(FIELD_NAMES[field]) if field else ""


def _shown(column: Mapping[str, str]) -> str:
    sample = column["sample"]
    return _("%(title)s（如：%(sample)s）", title=column["title"], sample=sample) if sample else column["title"]
