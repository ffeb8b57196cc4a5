"""Which column of a donation list means what, told by its title: never by its place.

Titles are compared folded (full-width as half-width, no blanks). For each field the first pattern that any column
fits wins, so a list with both 捐赠人 and 付款人 takes the donor from the first.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from portal.files.cells import UNITS, folded, text_of
from portal.files.sheets import Row

Field = Literal[
    "received_on", "donor_name", "amount", "memo", "order_no", "intention", "public_name", "method",
    "direction", "outgoing", "status", "currency", "kind", "balance", "serial",
]  # fmt: skip
FIELDS: tuple[Field, ...] = get_args(Field)
IGNORE = "ignore"
"""What a user maps a column to that is to be left alone."""

_TITLES: dict[Field, tuple[str, ...]] = {
    "received_on": (
        "到账(日期|时间)", "(收款|入账)(日期|时间)", "捐[赠款](日期|时间)", "交易日期?", "交易时间",
        "记账日期?", "发生(日期|时间)", "(支付|付款)(日期|时间)", "日期", "时间",
    ),
    "donor_name": (
        r"捐[赠款](人|者|方)(姓名|名称)?(\(公示名\))?",
        r"捐[赠款](单位|人|者|个人|\(单位/?姓名\)|\(单位/?个人\)).*",
        r"(单位|个人)[/及和或、]?(个人|单位|姓名|名称)?(\(.*\))?",
        r"(姓名|名字|名称|爱心人士|爱心单位)(\(.*\))?(/单位.*)?",
        "(付款|汇款|转账|打款)(人|方|单位)(姓名|名称|户名)?",
        "交易对方|对方(户名|账户名|账户名称|名称|姓名|单位)|对手(信息|户名|名称)|户名",
        "对方账号",
    ),
    "amount": (
        "捐[赠款]((总)?金额|数?额|款)|捐款", "金额/公允价值", "应结订单金额", "(到账|入账|实收|收款)金额",
        r"收入金额|记账金额\(收入\)|收入|贷方(金额|发生额)", r"交易金额(\(收入\))?", "订单金额", "金额|数额",
    ),
    "outgoing": (r"支出金额|记账金额\(支出\)|支出|借方(金额|发生额)", r"交易金额\(支出\)"),
    "memo": (
        "备注|说明|摘要|附言|留言|寄语|商品(名称|说明)?|(付款|交易|转账|客户|捐[赠款])(附言|摘要|备注|留言|说明|寄语)",
    ),
    "order_no": (
        "(微信|支付宝)?(支付)?(订单号|交易单号)|交易订单号|交易(流水)?号",
        "(业务|账务|银行)?流水号?|日志号|凭证号",
        "商[户家]订单号|商户单号",
    ),
    "intention": (r"捐[赠款]意向(\(.*\))?|意向|(指定|定向|捐[赠款])(用途|项目|意愿)|用途",),
    "public_name": ("公示(名|名称|姓名)|公开(名|名称)|署名|捐[赠款]人公示(名|名称)",),
    "method": ("(捐[赠款]|到账|收款|入账)(方式|渠道)",),
    "direction": ("收/支|收支(类型|方向)?|借贷(标志|方向)?|借/贷|资金流向",),
    "status": ("(交易|当前|订单|支付)状态|状态",),
    "currency": ("币种|货币(种类)?|币别|记账币种", "交易币种"),
    "kind": ("捐[赠款](类型|类别)",),
    "balance": (r".*余额.*",),
    "serial": ("序号|编号|no[.]?|#",),
}  # fmt: skip
_NOT_A_DONOR = re.compile(
    "电话|手机|联系|证件|身份|编号|地址|类型|类别|性质|号码|卡号|邮箱|日期|时间|金额|意向|备注|公示名称?$|数$"
)
_UNIT = re.compile(
    r"\((?:单位:?)?(?:人民币|rmb|cny|¥)?[+-]?([千万亿]?元)\)$|(?<![美欧日港])([千万亿]?元)$|\((?:人民币|rmb|cny|¥)\)$"
)


@dataclass(frozen=True)
class Column:
    """One column of the header row. `unit` is how many yuan its figures count in, None where the title is silent."""

    index: int
    title: str
    field: Field | None
    unit: int | None = None


@dataclass(frozen=True)
class Fit:
    """How well a title fits a field: `rank` 0 is best."""

    field: Field
    rank: int
    unit: int | None


@cache
def _patterns() -> tuple[tuple[Field, int, re.Pattern[str]], ...]:
    return tuple((field, rank, re.compile(p)) for field, titles in _TITLES.items() for rank, p in enumerate(titles))


def fit(title: str) -> Fit | None:
    """What a column of this title means, if the portal knows it."""
    plain = folded(title)
    if not plain or len(plain) > 30:
        return None
    bare, unit = _without_unit(plain)
    for field, rank, pattern in _patterns():
        if pattern.fullmatch(bare) and not (field == "donor_name" and _NOT_A_DONOR.search(bare)):
            return Fit(field, rank, unit)
    return None


def columns_of(row: Row, column_map: Mapping[str, str]) -> tuple[Column, ...]:
    """The columns of a header row; `column_map` (title → field) goes before what the titles say."""
    given = {folded(title): field for title, field in column_map.items()}
    titles = [(index, text_of(cell)) for index, cell in enumerate(row.cells) if text_of(cell)]
    fits = {index: fit(title) for index, title in titles if folded(title) not in given}
    chosen = _best(fits, taken=set(given.values()))
    return tuple(_column(index, title, given, fits.get(index), chosen) for index, title in titles)


def named_alike(columns: Iterable[Column], field: Field) -> tuple[str, ...]:
    """Titles of the columns that carry the same title as the one chosen for a field: nobody can say which is meant."""
    columns = tuple(columns)
    chosen = {folded(column.title) for column in columns if column.field == field}
    alike = [column.title for column in columns if folded(column.title) in chosen]
    return tuple(alike) if len(alike) > len(chosen) else ()


def _without_unit(plain: str) -> tuple[str, int | None]:
    found = _UNIT.search(plain)
    if not found:
        return plain, None
    return plain[: found.start()], UNITS[found[1] or found[2] or "元"]


def _best(fits: Mapping[int, Fit | None], *, taken: set[str]) -> set[int]:
    """The columns that win their field; every memo wins, since nothing a payer wrote may be lost."""
    winners: dict[Field, tuple[int, int, int]] = {}
    memos = set()
    for index, found in fits.items():
        if found is None or found.field in taken:
            continue
        if found.field == "memo":
            memos.add(index)
            continue
        bid = (found.rank, found.unit or 1, index)
        winners[found.field] = min(bid, winners.get(found.field, bid))
    return memos | {index for _, _, index in winners.values()}


def _column(index: int, title: str, given: Mapping[str, str], found: Fit | None, chosen: set[int]) -> Column:
    unit = found.unit if found else _without_unit(folded(title))[1]
    if (wanted := given.get(folded(title))) is not None:
        return Column(index, title, None if wanted == IGNORE else cast(Field, wanted), unit)
    return Column(index, title, found.field if found and index in chosen else None, unit)
