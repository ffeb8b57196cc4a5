"""What funds hold of a person."""

from portal.holdings import VOUCHERS, Group, holds
from portal.words import _l

holds(
    "funds_spending",
    _l("经手或审批的支出"),
    Group.WORK,
    deeds=("handler_id", "approver_id"),
    rule=VOUCHERS,
    why=_l("会计档案管理办法：凭证保存三十年"),
    is_named=True,
)
