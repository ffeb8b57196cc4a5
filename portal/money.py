"""Money is a whole number of 分. No float ever stands for money here."""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from portal.problems import DomainError
from portal.words import Words, _l

LARGEST_FEN = 10**13
"""A hundred billion yuan: beyond it the number is a slip of the hand."""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
_NOISE = str.maketrans("", "", "¥￥,，` \t\u00a0\u3000\ufeff\u200b")


class MoneyError(DomainError, ValueError):
    """The text is no amount of money; the sentence says why."""

    def __init__(self, sentence: Words, *, field: str | None = "amount") -> None:
        super().__init__(sentence, field=field)


def round_to_fen(yuan: Decimal) -> int:
    """The one rounding of the portal: half a 分 goes up, away from zero."""
    return int((yuan * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def parse_yuan(text: str) -> int:
    """分 from what a person typed as yuan: `¥1,409.50`, `1409.5 元`, `１４０９`. Raises MoneyError.

    Signed, because statements are; whoever needs a positive amount asks `parse_positive_yuan`.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_NOISE).removesuffix("元")
    if not plain:
        raise MoneyError(_l("请填写金额。"))
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", plain):
        raise MoneyError(_l("金额「%(text)s」不是数字。", text=text[:40]))
    whole, _, decimals = plain.partition(".")
    if len(decimals.rstrip("0")) > 2:
        raise MoneyError(_l("金额最多两位小数（到分）。"))
    if len(whole.lstrip("+-0")) > 15 or abs(Decimal(plain)) * 100 > LARGEST_FEN:
        raise MoneyError(_l("金额太大，请核对。"))
    return round_to_fen(Decimal(plain))


def parse_positive_yuan(text: str) -> int:
    """分, more than zero. Raises MoneyError."""
    fen = parse_yuan(text)
    if fen <= 0:
        raise MoneyError(_l("金额必须大于零。"))
    return fen


def yuan(fen: int) -> str:
    """`1,409.50` from 140950 分; a minus sign stands in front."""
    sign = "−" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}"


def capitals(fen: int) -> str:
    """人民币大写 by the rules for bills: 140950 → 人民币壹仟肆佰零玖元伍角整. `fen` must not be negative."""
    if fen < 0:
        raise ValueError("a negative amount has no capitals")
    whole, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    words = _whole_in_capitals(whole) + "元" if whole else ""
    if not rest:
        return f"人民币{words or '零元'}整"
    # A zero is spoken where a place is passed over: before the 角 when the yuan end in 0, before a lone 分.
    if words and (not jiao or whole % 10 == 0):
        words += "零"
    words += f"{_DIGITS[jiao]}角" if jiao else ""
    words += f"{_DIGITS[cents]}分" if cents else "整"
    return f"人民币{words}"


def _whole_in_capitals(whole: int) -> str:
    words, gap = "", False
    groups = [(whole // 10 ** (4 * n)) % 10_000 for n in range(len(_GROUPS))]
    for n in reversed(range(len(groups))):
        group = groups[n]
        if group == 0:
            gap = bool(words)
            continue
        if words and (gap or group < 1000):
            words += "零"
        words += _group_in_capitals(group) + _GROUPS[n]
        gap = False
    return words


def _group_in_capitals(group: int) -> str:
    words, gap = "", False
    for place in reversed(range(4)):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(words)
            continue
        words += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return words
