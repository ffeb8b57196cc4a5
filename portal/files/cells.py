"""What stands in one cell of an uploaded table: text, an amount of money, a day. Whatever cannot be read says why."""

import math
import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal

from portal.files.sheets import Cell
from portal.money import LARGEST_FEN, MoneyError, parse_yuan, round_to_fen
from portal.problems import DomainError
from portal.words import Words, _l

EARLIEST = date(1990, 1, 1)
"""No list is older: an earlier day is a slip of the hand."""

UNITS = {"元": 1, "千元": 1_000, "万元": 10_000, "亿元": 100_000_000, "万": 10_000, "亿": 100_000_000, "圆": 1}

_NOTHING = "-—–－/\\ "
_EXCEL_DAY_ZERO = date(1899, 12, 30)
_EXCEL_DAYS = range((EARLIEST - _EXCEL_DAY_ZERO).days, (date(2100, 1, 1) - _EXCEL_DAY_ZERO).days)
_TYPED_DECIMALS = 6
"""More decimals than that nobody types, not even in 万元: a program wrote a double out."""
_AMOUNT = re.compile(r"(?:人民币|rmb|cny|¥)*([+-]?)[¥]?([\d.,]+)(亿元|万元|千元|亿|万|元|圆)?(?:整|正|rmb|cny|人民币)?")
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
_WEEKDAY = r"(?:\s*\(?(?:周|星期)[一二三四五六日天]\)?)?"
_TIME = r"(?:[\sT]*(?:[上下]午)?\d{1,2}[:时点][\d:.时分秒]*(?:Z|\+\d\d:?\d\d)?)?"
_DAY = re.compile(rf"(\d{{4}})\s?[-/.年]\s?(\d{{1,2}})\s?[-/.月]\s?(\d{{1,2}})\s?日?{_WEEKDAY}{_TIME}")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:\s?\d\d:?\d\d(?::?\d\d)?)?")
_NO_YEAR = re.compile(rf"(\d{{1,2}})\s?月\s?(\d{{1,2}})\s?日?{_WEEKDAY}{_TIME}")


class UnreadableDay(DomainError):
    """The cell names no day that a gift could have come on."""

    def __init__(self, sentence: Words) -> None:
        super().__init__(sentence, field="received_on")


def text_of(cell: Cell) -> str:
    """The cell as one line of text: no control characters or direction marks, single blanks, no back-tick in front.

    Banks set a back-tick before numbers so that spreadsheets leave them alone.
    """
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    text = cell if cell.isprintable() else "".join(_visible(c) for c in cell)
    return " ".join(text.split()).lstrip("`")


def folded(text: str) -> str:
    """For comparing: full-width and half-width alike, no blanks, lower case."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return "".join(text.split()).lower()


def is_blank(cell: Cell) -> bool:
    """Whether nothing is there: no text, or only the dashes or slashes that stand for nothing."""
    return cell is None or (isinstance(cell, str) and not text_of(cell).strip(_NOTHING))


def read_fen(cell: Cell, *, unit: int = 1) -> int:
    """分, signed. `unit` is how many yuan the column counts in (万元: 10,000); a unit in the cell itself wins.

    A spreadsheet's 38422322.23999998 is the shadow of 38422322.24 and read so; a true third decimal is refused.
    Raises MoneyError.
    """
    if isinstance(cell, float):
        return _fen_of_float(cell, unit)
    if isinstance(cell, int | Decimal):
        return parse_yuan(f"{Decimal(cell) * unit:f}")
    if isinstance(cell, date):
        raise _no_number(str(cell))
    return _fen_of_text(text_of(cell), unit)


def read_day(cell: Cell, *, today: date, year: int | None = None, earliest: date = EARLIEST) -> date:
    """The day. `year` completes "1月27日" where a title names it. Raises UnreadableDay, also for the future."""
    day = _day(cell, year)
    if day > today:
        raise UnreadableDay(_l("日期「%(text)s」在今天之后。", text=_quoted(cell)))
    if day < earliest:
        raise UnreadableDay(_l("日期「%(text)s」早于 %(year)d 年。", text=_quoted(cell), year=earliest.year))
    return day


def _visible(c: str) -> str:
    if c.isspace():
        return " "
    return "" if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c


def _quoted(cell: Cell) -> str:
    return text_of(cell)[:40]


def _no_number(text: str) -> MoneyError:
    return MoneyError(_l("金额「%(text)s」不是数字。", text=text[:40]))


def _fen_of_float(number: float, unit: int) -> int:
    if not math.isfinite(number):
        raise _no_number(str(number))
    yuan = Decimal(number) * unit
    if abs(yuan) * 100 > LARGEST_FEN:
        return parse_yuan(f"{yuan:.2f}")
    fen = round_to_fen(yuan)
    # A few units in the last place of a double, and never less than what summing doubles leaves behind.
    allowed = max(1e-4, 4 * math.ulp(number * unit * 100))
    if abs(yuan * 100 - fen) > allowed:
        raise MoneyError(_l("金额最多两位小数（到分）。"))
    return fen


def _fen_of_text(text: str, unit: int) -> int:
    if not text.strip(_NOTHING):
        raise MoneyError(_l("金额为空。"))
    found = _AMOUNT.fullmatch(folded(text))
    if not found:
        raise _no_number(text)
    sign, digits, own = found.groups()
    if "," in digits and not _GROUPED.fullmatch(digits):
        raise MoneyError(_l("金额「%(text)s」的逗号位置不对，无法判断是多少。", text=text[:40]))
    plain = digits.replace(",", "")
    if not re.fullmatch(r"\d+\.?\d*|\.\d+", plain):
        raise _no_number(text)
    unit = UNITS.get(own, unit)
    if len(plain.partition(".")[2]) > _TYPED_DECIMALS:
        return _fen_of_float(float(sign + plain), unit)
    return parse_yuan(f"{sign}{Decimal(plain) * unit:f}")


def _day(cell: Cell, year: int | None) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float | Decimal):
        cell = _number_as_text(cell)
    text = unicodedata.normalize("NFKC", text_of(cell))
    if not text.strip(_NOTHING):
        raise UnreadableDay(_l("日期为空。"))
    return _day_of_text(text, year)


def _number_as_text(number: int | float | Decimal) -> str:
    """A serial day may carry the time of day as a fraction; anything else keeps its decimals."""
    if math.isfinite(number) and int(number) in _EXCEL_DAYS:
        return str(int(number))
    return text_of(number)


def _day_of_text(text: str, year: int | None) -> date:
    if re.fullmatch(r"\d{5}", text) and int(text) in _EXCEL_DAYS:
        return _EXCEL_DAY_ZERO + timedelta(days=int(text))
    if found := _DAY.fullmatch(text) or _COMPACT.fullmatch(text):
        return _existing(text, int(found[1]), int(found[2]), int(found[3]))
    if not (found := _NO_YEAR.fullmatch(text)):
        raise UnreadableDay(_l("日期「%(text)s」看不懂，请写成 2020-01-27 的样子。", text=text[:40]))
    if year is None:
        raise UnreadableDay(_l("日期「%(text)s」没有年份。", text=text[:40]))
    return _existing(text, year, int(found[1]), int(found[2]))


def _existing(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise UnreadableDay(_l("日期「%(text)s」不存在。", text=text[:40])) from error
