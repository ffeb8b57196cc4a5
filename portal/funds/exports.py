"""The public lists as data, with the headers that imports read too; Chinese whatever the reader's language."""

from collections.abc import Iterator
from typing import Any

from flask import Response

from portal.funds.models import METHOD_NAMES, Method
from portal.funds.public_gifts import KIND_PERSON, GiftLine, every_gift
from portal.funds.queries import FundLine, SpendingLine, every_payment
from portal.funds.spending import UNTOLD
from portal.privacy import mask_name
from portal.web.exports import Cell, csv_file, json_file
from portal.web.tables import Listing

GIFT_HEAD = (
    "序号", "到账日期", "捐赠人(公示名)", "捐赠类型", "捐赠财产及数量", "金额/公允价值(元)",
    "捐赠意向(定向/非定向)", "所属基金/项目", "票据号码", "备注",
)  # fmt: skip
SPENDING_HEAD = (
    "序号", "拨付日期", "基金/项目", "用途", "受益人(脱敏)/受益人次", "金额(元)",
    "凭证号", "经办人", "审批人", "结余(元)",
)  # fmt: skip


def gifts_file(fund: FundLine, listing: Listing, kind: str) -> Response:
    """All gifts that fit, as `csv` or `json`."""
    rows = every_gift(fund, listing)
    name = f"{fund.slug}-donations"
    if kind == "json":
        return json_file(name, _about(fund), "donations", (_gift_object(gift) for gift in rows))
    return csv_file(name, GIFT_HEAD, gift_cells(fund.name, rows))


def spending_file(fund: FundLine, listing: Listing, kind: str) -> Response:
    """All payments that fit, as `csv` or `json`."""
    rows = every_payment(fund, listing)
    name = f"{fund.slug}-spending"
    if kind == "json":
        return json_file(name, _about(fund), "spending", (_payment_object(payment) for payment in rows))
    return csv_file(name, SPENDING_HEAD, payment_cells(fund.name, rows))


def _about(fund: FundLine) -> dict[str, Any]:
    return {"fund": fund.slug, "name": fund.full_name, "is_demo": fund.is_demo, "currency": "CNY"}


# These run while the answer streams, when the request's own session is over: they know the fund by name only.
def gift_cells(name: str, rows: Iterator[GiftLine]) -> Iterator[tuple[Cell, ...]]:
    for number, gift in enumerate(rows, 1):
        kind = f"人民币（{METHOD_NAMES[Method(gift.method)].text}）"
        donor, intention = gift.public_name or KIND_PERSON, gift.intention or "非定向"
        yield number, gift.received_on.isoformat(), donor, "货币", kind, plain_yuan(gift.fen), intention, name, "", ""


def _gift_object(gift: GiftLine) -> dict[str, Any]:
    return {
        "received_on": gift.received_on.isoformat(),
        "donor": gift.public_name or KIND_PERSON,
        "is_named": gift.public_name is not None,
        "kind": "money",
        "method": gift.method,
        "intention": gift.intention or None,
        "amount_fen": gift.fen,
    }


def payment_cells(name: str, rows: Iterator[SpendingLine]) -> Iterator[tuple[Cell, ...]]:
    for number, paid in enumerate(rows, 1):
        people = f"{paid.beneficiaries} 人次" if paid.beneficiaries else ""
        who = mask_name(paid.handler_name), mask_name(paid.approver_name)
        money = plain_yuan(paid.fen), plain_yuan(paid.balance_fen)
        day, purpose = paid.paid_on.isoformat(), (paid.purpose or UNTOLD) + ("（已冲销）" if paid.is_undone else "")
        yield number, day, name, purpose, people, money[0], paid.voucher_no, *who, money[1]


def _payment_object(paid: SpendingLine) -> dict[str, Any]:
    return {
        "paid_on": paid.paid_on.isoformat(),
        "purpose": paid.purpose,
        "beneficiaries": paid.beneficiaries,
        "voucher_no": paid.voucher_no,
        "handler": mask_name(paid.handler_name),
        "approver": mask_name(paid.approver_name),
        "amount_fen": paid.fen,
        "balance_fen": paid.balance_fen,
        "is_undone": paid.is_undone,
    }


def plain_yuan(fen: int) -> str:
    """Yuan without separators, as spreadsheets and imports read it."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
