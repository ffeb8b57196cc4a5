"""One row of a donation list: who gave how much on which day, and everything that is wrong with the row."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from portal.files.cells import folded, is_blank, read_day, read_fen, text_of
from portal.files.sheets import Cell, Row
from portal.files.told import Problem
from portal.lists.columns import Field
from portal.lists.recognising import Recognised
from portal.money import MoneyError
from portal.problems import DomainError
from portal.words import Words, _l

ANONYMOUS = "爱心人士"
"""How a donor without a name is recorded and shown."""

LONGEST = {"donor_name": 200, "public_name": 200, "order_no": 100, "intention": 200, "memo": 1000}
"""Characters. A longer name is two cells run together, or somebody's letter."""

LeftOutReason = Literal["outgoing", "neutral", "unfinished"]
Key = tuple[str, str, str, str, str]

_NAMELESS = frozenset({"匿名", "无名氏", "匿名人士", "爱心人士", "不详", "未知", "无"})
_IN = re.compile("收入?|收款|转入|入账?|贷方?|in|c|cr|\\+")
_OUT = re.compile("支出?|付款|转出|出账?|借方?|out|d|dr")
_NEUTRAL = frozenset({"不计收支", "中性交易", "/", "-"})
_UNFINISHED = re.compile(
    "关闭|撤销|失败|未支付|未付款|待付款|全额退款|退款成功|已退款$|已退还|refund|revoked|closed|notpay|payerror"
)
_PART_REFUNDED = re.compile(r"已?(部分)?退款\(|部分退款")
_YUAN = frozenset({"", "人民币", "人民币元", "cny", "rmb", "156", "¥", "元"})
_IN_KIND = re.compile("实物|物资|服务|非货币|股权")
_METHODS = {
    "wechat": re.compile("微信|wechat"),
    "alipay": re.compile("支付宝|alipay"),
    "cash": re.compile("现金|捐款箱|募捐箱"),
    "bank": re.compile("银行|转账|汇款|网银|对公|刷卡|pos"),
}
_LOST_DIGITS = re.compile(r"\d(\.\d+)?e\+\d+", re.IGNORECASE)
_EXACT_FLOAT = 10**15

_CHECKS: tuple[tuple[Field, Callable[[str], bool], Words], ...] = (
    ("currency", lambda text: text not in _YUAN, _l("不是人民币，不能按元入账。")),
    ("kind", lambda text: bool(_IN_KIND.search(text)), _l("实物和服务捐赠不能按金额导入，请另行登记。")),
    ("status", lambda text: bool(_PART_REFUNDED.search(text)), _l("这一笔退过款，请核对实收金额后另行登记。")),
)


@dataclass(frozen=True)
class ListRow:
    """One gift as the list has it. `fen` and `received_on` are None where they cannot be read.

    `key` is the row as the file says it, normalised: day, donor, 分, memo, order number; a default that the caller
    gave is not in it.
    """

    row_no: int
    received_on: date | None
    donor_name: str
    is_anonymous: bool
    fen: int | None
    memo: str
    order_no: str
    intention: str
    public_name: str | None
    method: str
    problems: tuple[Problem, ...]
    key: Key

    @property
    def is_nameless(self) -> bool:
        """Whether the file says nothing where the donor should stand; 匿名 in so many words is a name here."""
        return not self.key[1]


class Reader:
    """Reads rows of one recognised list. `default_date` stands in where the list has no date column at all."""

    def __init__(self, recognised: Recognised, *, today: date, default_date: date | None, default_method: str) -> None:
        self.recognised = recognised
        self.today = today
        self.default_date = default_date
        self.default_method = default_method
        self._checks = tuple(check for check in _CHECKS if check[0] in recognised.first)

    def reason_to_leave_out(self, row: Row) -> LeftOutReason | None:
        """Why a row is no gift: money going out or moved between own accounts, or a payment that never came about."""
        return self._by_direction(row) or self._by_status(row) or self._by_sign(row)

    def read(self, row: Row) -> ListRow:
        """The row, with its problems."""
        problems: list[Problem] = []
        fen = self._fen(row, problems)
        day = self._day(row, problems)
        name = self._name(row, problems)
        memo, order_no = self._memo(row, problems), self._order_no(row, problems)
        self._check_direction(row, problems)
        self._check_kind(row, problems)
        public_name = self._short(row, "public_name", problems)
        return ListRow(
            row_no=row.no,
            received_on=day,
            donor_name=name or ANONYMOUS,
            is_anonymous=not name or name in _NAMELESS,
            fen=fen,
            memo=memo,
            order_no=order_no,
            intention=self._short(row, "intention", problems),
            public_name=public_name or None,
            method=self._method(row),
            problems=tuple(problems),
            key=self._key(row, day, name, fen, memo, order_no),
        )

    def order_no(self, row: Row) -> str:
        """The order number alone."""
        return self._order_no(row, [])

    def moved_fen(self, row: Row) -> int:
        """分 of a row that is left out, without its sign; 0 where it cannot be read."""
        for field in ("outgoing", "amount"):
            try:
                if fen := read_fen(self._cell(row, field), unit=self.recognised.unit):
                    return abs(fen)
            except MoneyError:
                continue
        return 0

    def _cell(self, row: Row, field: Field) -> Cell:
        return self.recognised.cell(row, field)

    def _text(self, row: Row, field: Field) -> str:
        cell = self._cell(row, field)
        return "" if cell is None or is_blank(cell) else text_of(cell)

    def _problem(self, field: Field, sentence: Words | str) -> Problem:
        return Problem(self.recognised.title_of(field), sentence, field)

    def _by_direction(self, row: Row) -> LeftOutReason | None:
        if "direction" not in self.recognised.first:
            return None
        word = folded(text_of(self._cell(row, "direction")))
        if _OUT.fullmatch(word):
            return "outgoing"
        return "neutral" if word in _NEUTRAL else None

    def _check_direction(self, row: Row, problems: list[Problem]) -> None:
        """Whether money came in at all: nothing is left out, and nothing taken, on a word that nobody knows."""
        if "direction" not in self.recognised.first or _IN.fullmatch(folded(text := self._text(row, "direction"))):
            return
        unknown = _l("不认识「%(text)s」，请写收入或支出。", text=text[:40])
        sentence = unknown if text else _l("没有写明是收入还是支出。")
        problems.append(self._problem("direction", sentence))

    def _by_status(self, row: Row) -> LeftOutReason | None:
        if "status" not in self.recognised.first:
            return None
        return "unfinished" if _UNFINISHED.search(folded(self._text(row, "status"))) else None

    def _by_sign(self, row: Row) -> LeftOutReason | None:
        if "outgoing" in self.recognised.first:
            return "outgoing" if not self._figure(row, "amount") and self._figure(row, "outgoing") else None
        if not self.recognised.is_signed:
            return None
        fen = self._figure(row, "amount")
        if fen is None or fen > 0:
            return None
        return "outgoing" if fen else "neutral"

    def _figure(self, row: Row, field: Field) -> int | None:
        try:
            return read_fen(self._cell(row, field), unit=self.recognised.unit)
        except MoneyError:
            return None

    def _fen(self, row: Row, problems: list[Problem]) -> int | None:
        try:
            fen = read_fen(self._cell(row, "amount"), unit=self.recognised.unit)
        except MoneyError as error:
            problems.append(self._problem("amount", error.sentence))
            return None
        if fen == 0:
            problems.append(self._problem("amount", _l("金额为零。")))
        if fen < 0:
            problems.append(self._problem("amount", _l("金额为负数。")))
        return fen

    def _day(self, row: Row, problems: list[Problem]) -> date | None:
        if "received_on" not in self.recognised.first:
            return self.default_date
        try:
            return read_day(self._cell(row, "received_on"), today=self.today, year=self.recognised.year)
        except DomainError as error:
            problems.append(self._problem("received_on", error.sentence))
            return None

    def _name(self, row: Row, problems: list[Problem]) -> str:
        name = self._short(row, "donor_name", problems)
        if folded(self.recognised.title_of("donor_name")).startswith(("对手", "对方")):
            # Banks print the payer's account number behind the name: sensitive, and no part of a name.
            return re.sub(r"\s*\d{10,}$", "", name)
        return name

    def _short(self, row: Row, field: Field, problems: list[Problem]) -> str:
        return self._checked(self._text(row, field), field, problems)

    def _checked(self, text: str, field: Field, problems: list[Problem]) -> str:
        if len(text) > LONGEST[field]:
            problems.append(self._problem(field, _l("文字太长（超过 %(most)s 个字）。", most=LONGEST[field])))
        if "\ufffd" in text:
            problems.append(self._problem(field, _l("有无法识别的字「%(text)s」，请核对原件。", text=text[:40])))
        return text

    def _memo(self, row: Row, problems: list[Problem]) -> str:
        """Everything the payer or the bank wrote, in the order of the columns, each thing once."""
        if not self.recognised.memos:
            return ""
        cells = (row.cells[i] for i in self.recognised.memos if i < len(row.cells))
        texts = dict.fromkeys(text_of(cell) for cell in cells if not is_blank(cell))
        return self._checked("；".join(texts), "memo", problems)

    def _order_no(self, row: Row, problems: list[Problem]) -> str:
        if (cell := self._cell(row, "order_no")) is None:
            return ""
        text = self._text(row, "order_no").removeprefix("=").strip("\"'` ")
        too_long = isinstance(cell, float) and abs(cell) >= _EXACT_FLOAT
        if too_long or _LOST_DIGITS.fullmatch(text):
            sentence = _l("订单号「%(text)s」被表格软件当成了数字，后几位已丢失，请按文本重新导出。", text=text[:40])
            problems.append(self._problem("order_no", sentence))
        return self._checked(text, "order_no", problems)

    def _check_kind(self, row: Row, problems: list[Problem]) -> None:
        for field, is_wrong, sentence in self._checks:
            if is_wrong(folded(self._text(row, field))):
                problems.append(self._problem(field, sentence))

    def _method(self, row: Row) -> str:
        if not (text := folded(self._text(row, "method"))):
            return self.default_method
        return next((code for code, words in _METHODS.items() if words.search(text)), self.default_method)

    def _key(self, row: Row, day: date | None, name: str, fen: int | None, memo: str, order_no: str) -> Key:
        listed = day if "received_on" in self.recognised.first else None
        shown = listed.isoformat() if listed else folded(text_of(self._cell(row, "received_on")))
        amount = str(fen) if fen is not None else "?" + folded(text_of(self._cell(row, "amount")))
        return shown, folded(name), amount, folded(memo), folded(order_no)
