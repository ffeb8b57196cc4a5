"""What donation lists hold of a person."""

from portal.holdings import VOUCHERS, Group, holds
from portal.words import _l

holds(
    "lists_import",
    _l("经手的捐赠名单"),
    Group.WORK,
    deeds=("uploaded_by_id", "handed_by_id", "confirmed_by_id"),
    rule=VOUCHERS,
    why=_l("会计档案管理办法：凭证保存三十年"),
    is_named=True,
)
