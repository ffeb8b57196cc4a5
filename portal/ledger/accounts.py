"""The chart of accounts, by the codes of the 民间非营利组织会计制度 (财会〔2024〕25号)."""

from typing import NamedTuple

from portal.ledger.models import AccountKind, Side

CASH = "1001"
BANK = "1002"
WECHAT = "1009 01"
ALIPAY = "1009 02"
OTHER_RECEIVABLE = "1122"
PREPAID = "1141"
CUSTODY_ASSET = "1701"
OTHER_PAYABLE = "2209"
CUSTODY_LIABILITY = "2601"
UNRESTRICTED_NET_ASSETS = "3101"
RESTRICTED_NET_ASSETS = "3102"
UNRESTRICTED_GIFTS = "4101 01"
RESTRICTED_GIFTS = "4101 02"
OTHER_INCOME = "4901"
PROGRAMME_COST = "5101"
ADMINISTRATION = "5201"
FUNDRAISING = "5301"


class ChartLine(NamedTuple):
    code: str
    name: str
    kind: AccountKind
    normal_side: Side


def _asset(code: str, name: str) -> ChartLine:
    return ChartLine(code, name, AccountKind.ASSET, Side.DEBIT)


def _liability(code: str, name: str) -> ChartLine:
    return ChartLine(code, name, AccountKind.LIABILITY, Side.CREDIT)


def _net_assets(code: str, name: str) -> ChartLine:
    return ChartLine(code, name, AccountKind.NET_ASSETS, Side.CREDIT)


def _income(code: str, name: str) -> ChartLine:
    return ChartLine(code, name, AccountKind.INCOME, Side.CREDIT)


def _expense(code: str, name: str) -> ChartLine:
    return ChartLine(code, name, AccountKind.EXPENSE, Side.DEBIT)


CHART = (
    _asset(CASH, "库存现金"),
    _asset(BANK, "银行存款"),
    _asset("1009", "其他货币资金"),
    _asset(WECHAT, "其他货币资金—微信"),
    _asset(ALIPAY, "其他货币资金—支付宝"),
    _asset("1121", "应收账款"),
    _asset(OTHER_RECEIVABLE, "其他应收款"),
    _asset(PREPAID, "预付账款"),
    _asset("1201", "存货"),
    _asset(CUSTODY_ASSET, "受托代理资产"),
    _liability("2202", "应付账款"),
    _liability(OTHER_PAYABLE, "其他应付款"),
    _liability(CUSTODY_LIABILITY, "受托代理负债"),
    _net_assets(UNRESTRICTED_NET_ASSETS, "非限定性净资产"),
    _net_assets(RESTRICTED_NET_ASSETS, "限定性净资产"),
    _income("4101", "捐赠收入"),
    _income(UNRESTRICTED_GIFTS, "捐赠收入—非限定性"),
    _income(RESTRICTED_GIFTS, "捐赠收入—限定性"),
    _income(OTHER_INCOME, "其他收入"),
    _expense(PROGRAMME_COST, "业务活动成本"),
    _expense(ADMINISTRATION, "管理费用"),
    _expense(FUNDRAISING, "筹资费用"),
    _expense("5401", "其他费用"),
)


def parent_code(code: str) -> str | None:
    """`1002` for `1002 01`; None for an account of the first level."""
    return code.rsplit(" ", 1)[0] if " " in code else None
