"""The lines of a donation list that are no gifts: totals, and notes below the table."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from portal.files.cells import UNITS, folded, is_blank, read_fen, text_of
from portal.files.sheets import Cell, Row
from portal.money import MoneyError

_TOTAL = re.compile(
    r"#?(?:本[页日月期]|当[日页]|以上|人民币|捐[赠款]|收入|支出)*(小计|合计|总计|共计|累计|总金额|总额)"
    r"[金额人数笔次民币大小写捐赠款收入合总累共计约为是户条家个元圆角分整正零壹贰叁肆伍陆柒捌玖拾佰仟千万亿:,;/()¥\d.+-]*"
)
_FIGURE = re.compile(r"(\d[\d,]{0,20}(?:\.\d+)?)(人次|人|笔|条|户|家|个)?(亿元|万元|千元|元|万|亿)?")
_NOTE = re.compile(r"[(\[【]?(注|备注|说明|附|制表|审核|复核|经办|填报|以上|特此)|#|-{3,}")
_MERCHANT_TITLES = ("总交易单数", "总交易额", "应结订单总金额", "订单总金额")


@dataclass(frozen=True)
class Declared:
    """What a list says of itself at its foot: 分 and a number of gifts, each where it is said."""

    fen: int | None = None
    rows: int | None = None


def total_word(cells: Sequence[Cell]) -> str | None:
    """合计, 总计, 小计 …, where one of the cells is a total's label; a donor called 合计某某公司 is none."""
    for cell in cells:
        # Most cells are left by the two letters that every such label has one of: lists are long.
        if not isinstance(cell, str) or not ("计" in cell or "额" in cell) or len(cell) > 80:
            continue
        if found := _TOTAL.fullmatch(folded(text_of(cell))):
            return "支出" if "支出" in found[0] else found[1]
    return None


def declared(cells: Sequence[Cell], *, amount: int, unit: int) -> Declared:
    """What a total's line declares. `amount` is the index of the amount column, `unit` what it counts in."""
    texts = [folded(text_of(cell)) for cell in cells if isinstance(cell, str)]
    fen, rows = _figures(" ".join(texts))
    if amount < len(cells) and (exact := _fen(cells[amount], unit)) is not None:
        return Declared(exact, rows)
    numbers = [cell for cell in cells if isinstance(cell, int | float)]
    if fen is None and len(numbers) == 1:
        fen = _fen(numbers[0], unit)
    return Declared(fen, rows)


def is_merchant_total(cells: Sequence[Cell]) -> bool:
    """The title line of the totals that end a WeChat merchant bill; the figures stand below it."""
    return bool(cells) and text_of(cells[0]) == _MERCHANT_TITLES[0]


def merchant_total(titles: Sequence[Cell], cells: Sequence[Cell]) -> Declared:
    """The totals of a WeChat merchant bill, whose figures carry a back-tick."""
    found = {text_of(title): cell for title, cell in zip(titles, cells, strict=False)}
    sums = [found[title] for title in _MERCHANT_TITLES[1:] if title in found]
    count = text_of(found.get(_MERCHANT_TITLES[0]))
    return Declared(_fen(sums[0], 1) if sums else None, int(count) if re.fullmatch(r"\d{1,9}", count) else None)


def is_note(row: Row) -> bool:
    """Whether a row can be a remark below the table: one lone cell that reads like one."""
    filled = [cell for cell in row.cells if cell is not None]
    return len(filled) == 1 and bool(_NOTE.match(folded(text_of(filled[0]))))


def notes_below(rows: Sequence[Row], *, columns: Collection[int]) -> Iterator[int]:
    """Numbers of the rows after the last gift that are notes: from the first gap or remark on, one filled cell each.

    A row that follows the list without a gap may be a gift whose amount was forgotten, so it is no note.
    """
    apart = False
    for before, row in pairwise(rows):
        apart = apart or row.no > before.no + 1 or is_note(row)
        filled = [i for i in columns if i < len(row.cells) and not is_blank(row.cells[i])]
        if apart and len(filled) <= 1:
            yield row.no


def _figures(text: str) -> tuple[int | None, int | None]:
    """The last sum and the last count that a text like 共1,995笔,合计3.5万元 names."""
    fen = rows = None
    for digits, counted, unit in _FIGURE.findall(text):
        if counted:
            rows = int(float(digits.replace(",", "")))
        else:
            fen = _fen(digits, UNITS.get(unit, 1)) or fen
    return fen, rows


def _fen(cell: Cell, unit: int) -> int | None:
    try:
        return None if is_blank(cell) else read_fen(cell, unit=unit)
    except MoneyError:
        return None
