"""What receipts hold of a person."""

from portal.holdings import VOUCHERS, Group, Then, holds
from portal.receipts.summary_models import SCOPE_NAMES, Scope
from portal.words import _l

holds(
    "receipts_kept",
    _l("收在您名下的捐赠确认单"),
    Group.GIFTS,
    own=("person_id",),
    then=Then.DELETED,
    why=_l("您自己收进来的；确认单本身按会计档案管理办法保存三十年"),
)

_VOUCHERS = _l("会计档案管理办法：凭证保存三十年")
holds(
    "receipts_summary",
    _l("您做的确认单汇总"),
    Group.GIFTS,
    own=("issued_by_id",),
    rule=VOUCHERS,
    why=_VOUCHERS,
    hidden=("fingerprint",),
    labels={
        "fund_id": _l("基金的编号"),
        "year": _l("年份"),
        "serial": _l("第几张"),
        "number": _l("编号"),
        "title": _l("捐赠人"),
        "starts_on": _l("从哪天"),
        "ends_on": _l("到哪天"),
        "count": _l("张数"),
        "fen": _l("金额（分）"),
        "fund_full_name": _l("受赠基金"),
        "authorised_by": _l("授权开具"),
        "issued_on": _l("开具日期"),
        "issued_at": _l("什么时候"),
        "issued_by_id": _l("谁"),
    },
    values={"kind": {one.value: SCOPE_NAMES[one] for one in Scope}},
)
holds("receipts_wish", _l("记下的要不要票据"), Group.GIFTS, deeds=("by_id",), rule=VOUCHERS, why=_VOUCHERS)
holds(
    "receipts_change",
    _l("提出或确认的确认单更正"),
    Group.WORK,
    deeds=("asked_by_id", "decided_by_id"),
    rule=VOUCHERS,
    why=_VOUCHERS,
    is_named=True,
)
holds(
    "receipts_state",
    _l("记下的票据号码"),
    Group.WORK,
    deeds=("recorded_by_id",),
    rule=VOUCHERS,
    why=_VOUCHERS,
    is_named=True,
)
