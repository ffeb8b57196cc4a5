"""Which rows below the header are gifts, which are totals, and which are words."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.files.cells import is_blank, text_of
from portal.files.sheets import Cell, Row
from portal.lists.columns import Field
from portal.lists.footers import Declared, declared, is_merchant_total, merchant_total, notes_below, total_word
from portal.lists.recognising import Recognised, is_same_header

_TELLING: tuple[Field, ...] = ("received_on", "donor_name", "amount", "outgoing", "order_no")
_WHO_AND_WHEN: tuple[Field, ...] = ("received_on", "donor_name", "order_no")
_REMARKS: tuple[Field, ...] = ("memo", "intention")


@dataclass(frozen=True)
class Note:
    """A row of words, outside the list or between its pages."""

    row_no: int
    text: str


@dataclass(frozen=True)
class Body:
    """`rows` should be gifts or payments; `totals` are what the list declares, in its order; `notes` are quoted."""

    rows: tuple[Row, ...]
    totals: tuple[Declared, ...]
    notes: tuple[Note, ...]


def body_of(recognised: Recognised) -> Body:
    """Sort the rows below the header. Repeated headers and blank rows that only carry a number are nothing at all."""
    table: list[Row] = []
    totals: list[Declared] = []
    notes: list[Note] = []
    rows = recognised.rows()
    for place, row in enumerate(rows):
        if is_merchant_total(row.cells):
            totals += [merchant_total(row.cells, after.cells) for after in rows[place + 1 : place + 2]]
            break
        if word := _total_of(recognised, row):
            if word not in ("小计", "支出"):
                totals.append(_declared(recognised, row))
        elif is_same_header(row, recognised):
            _page_titles(recognised, table, notes)
        elif _tells_something(recognised, row):
            table.append(row)
        else:
            _put_aside(recognised, row, totals, notes)
    _take_notes_below(recognised, table, notes)
    return Body(tuple(table), tuple(totals), tuple(sorted(notes, key=lambda note: note.row_no)))


def _total_of(recognised: Recognised, row: Row) -> str | None:
    """The label of a total. Beside a donor or a day, 共计3人 in some other column is part of a gift."""
    if not (word := total_word(_without(recognised, row, _REMARKS))):
        return None
    labels = [cell for cell in row.cells if not is_blank(cell)][:1]
    labels += [recognised.cell(row, field) for field in (*_WHO_AND_WHEN, "serial")]
    is_gift = any(not is_blank(recognised.cell(row, field)) for field in _WHO_AND_WHEN)
    return word if total_word(labels) or not is_gift else None


def _declared(recognised: Recognised, row: Row) -> Declared:
    return declared(row.cells, amount=recognised.first["amount"], unit=recognised.unit)


def _without(recognised: Recognised, row: Row, fields: Sequence[Field]) -> list[Cell]:
    left = recognised.indexes(fields)
    return [cell for i, cell in enumerate(row.cells) if i not in left]


def _tells_something(recognised: Recognised, row: Row) -> bool:
    return any(not is_blank(recognised.cell(row, field)) for field in _TELLING)


def _put_aside(recognised: Recognised, row: Row, totals: list[Declared], notes: list[Note]) -> None:
    """A row with nothing in the columns that matter: a sum beside the table, a remark, or only a number in front."""
    others = [cell for cell in _without(recognised, row, ("serial",)) if not is_blank(cell)]
    if len(others) == 1 and isinstance(others[0], int | float):
        totals.append(_declared(recognised, row))
    elif others:
        notes.append(_note(row))


def _note(row: Row) -> Note:
    return Note(row.no, " ".join(text_of(cell) for cell in row.cells if cell is not None)[:200])


def _page_titles(recognised: Recognised, table: list[Row], notes: list[Note]) -> None:
    """Lone words right before a repeated header are the title of the next page."""
    while table and sum(cell is not None for cell in table[-1].cells) == 1 and not _has_amount(recognised, table[-1]):
        notes.append(_note(table.pop()))


def _has_amount(recognised: Recognised, row: Row) -> bool:
    return not (is_blank(recognised.cell(row, "amount")) and is_blank(recognised.cell(row, "outgoing")))


def _take_notes_below(recognised: Recognised, table: list[Row], notes: list[Note]) -> None:
    last = max((i for i, row in enumerate(table) if _has_amount(recognised, row)), default=None)
    if last is None:
        return
    below = set(notes_below(table[last:], columns=recognised.indexes(_TELLING)))
    notes += [_note(row) for row in table if row.no in below]
    table[:] = [row for row in table if row.no not in below]
