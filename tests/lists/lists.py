"""Small lists made for tests, as `read_sheet` would give them."""

from datetime import date

from portal.files.sheets import Cell, Row, Sheet
from portal.lists.parsing import ListRow, ParsedList, parse, recognise

TODAY = date(2026, 3, 1)
HEADER = ("日期", "捐赠人", "金额（元）", "备注")
Line = tuple[Cell, ...]


def sheet(*lines: Line) -> Sheet:
    """A sheet as it is read: empty lines are not in it, but count."""
    rows = tuple(Row(no, line) for no, line in enumerate(lines, start=1) if any(cell is not None for cell in line))
    return Sheet("名单.xlsx", "xlsx", "表", rows)


def parsed(*lines: Line, default_date: date | None = None, mapping: dict[str, str] | None = None) -> ParsedList:
    """The list of these lines, its header among them."""
    recognised = recognise(sheet(*lines), column_map=mapping)
    return parse(recognised, today=TODAY, default_method="bank", default_date=default_date)


def gift(*, day: Cell = "2026-01-02", name: Cell = "测试甲", amount: Cell = 100.0, memo: Cell = None) -> ListRow:
    """The one row of a list of one gift."""
    (row,) = parsed(HEADER, (day, name, amount, memo)).rows
    return row


def complaints(row: ListRow) -> list[str]:
    """What is said of a row."""
    return [str(problem.sentence) for problem in row.problems]
