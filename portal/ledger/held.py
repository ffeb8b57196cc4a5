"""What the ledger holds of a person."""

from portal.holdings import VOUCHERS, Group, holds
from portal.words import _l

holds(
    "ledger_entry",
    _l("制单或复核的凭证"),
    Group.WORK,
    deeds=("made_by_id", "checked_by_id"),
    rule=VOUCHERS,
    why=_l("会计档案管理办法：凭证保存三十年"),
    is_named=True,
)
