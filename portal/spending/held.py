"""What expenses hold of a person."""

from portal.holdings import VOUCHERS, Group, holds
from portal.words import _l

_WHY = _l("会计档案管理办法：凭证保存三十年")
_HANDLED = ("entered_by_id", "paid_by_id", "checked_by_id", "ended_by_id")

holds("spending_expense", _l("经手的用款"), Group.WORK, deeds=_HANDLED, rule=VOUCHERS, why=_WHY)
holds("spending_approval", _l("审批过的用款"), Group.WORK, deeds=("person_id",), rule=VOUCHERS, why=_WHY)
holds("spending_undoing", _l("经手的冲销"), Group.WORK, deeds=("asked_by_id", "decided_by_id"), rule=VOUCHERS, why=_WHY)
