"""Confirmations to draw: one with all that is usual, changed where a test needs it. All names are invented."""

from dataclasses import replace
from datetime import date
from typing import Any

from portal.documents.confirmation import ConfirmationSheet, Voided

COMPANY = "海宁市西山街道××新材料科技股份有限公司（原海宁市××针织印染集团有限责任公司）工会委员会"
MEMO = "本捐赠系会员代表大会决议款项，指定用于独居老人冬季取暖与居家适老化改造；如有结余，同意用于同类用途。" * 4
USUAL = ConfirmationSheet(
    number="919-2026-000123",
    donor="周予安",
    method="银行转账",
    amount=140950,
    fund="海宁市××慈善会（演示）·919爱心基金",
    organisation="海宁市××慈善会（演示）",
    received_on=date(2026, 3, 1),
    issued_on=date(2026, 3, 2),
    handler="林晓棠",
    checker="赵思齐",
    state_receipt="listed",
    check_url="https://portal.example/verify/919-2026-000123",
    project="121爱回家",
    memo="去向可随时在门户查询。",
    demo=True,
)
VOIDED = Voided(on=date(2026, 3, 5), reason="金额录入有误", successor="919-2026-000131")


def sheet(**changes: Any) -> ConfirmationSheet:
    """The usual confirmation with changes."""
    return replace(USUAL, **changes)
