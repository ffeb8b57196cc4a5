"""Reading a list of gifts: `recognise` finds its columns, `parse` its rows, what is wrong with them, and its totals.

Nothing is guessed away. Rows alike in every column are named and kept, since two people of one name do give the same
amount on the same day. "甲转来乙捐款" stays as it is written: who paid is not who gave. What is no gift (money going
out, payments that never came about, totals, remarks) is left out by a rule, and counted or quoted.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from portal.files.cells import read_day
from portal.files.sheets import Row
from portal.files.told import Problem
from portal.lists.body import Note, body_of
from portal.lists.footers import Declared
from portal.lists.recognising import ListRefused, Recognised, recognise
from portal.lists.rows import LeftOutReason, ListRow, Reader
from portal.money import yuan
from portal.words import Words, _l

__all__ = [
    "DateNeeded", "LeftOut", "ListRefused", "ListRow", "NoGifts", "Note", "ParsedList", "Problem", "Recognised",
    "Repeat", "parse", "recognise",
]  # fmt: skip


class DateNeeded(ListRefused):
    """The list has no date column, and the caller gave no date for it."""


class NoGifts(ListRefused):
    """Not one row that should be a gift."""


@dataclass(frozen=True)
class Repeat:
    """Rows alike in day, donor, amount and order number: perhaps entered twice, perhaps genuine twins."""

    row_nos: tuple[int, ...]
    received_on: date | None
    donor_name: str
    fen: int


@dataclass(frozen=True)
class LeftOut:
    """How many rows a rule left out, and the 分 in them."""

    reason: LeftOutReason
    rows: int
    fen: int


@dataclass(frozen=True)
class ParsedList:
    """A list of gifts, read. `rows` are all rows that should be gifts, in the file's order, those with problems too."""

    rows: tuple[ListRow, ...]
    repeats: tuple[Repeat, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[Note, ...]
    declared: Declared
    content_hash: str

    @cached_property
    def accepted(self) -> tuple[ListRow, ...]:
        """The rows without a problem: what can be booked."""
        return tuple(row for row in self.rows if not row.problems)

    @cached_property
    def refused(self) -> tuple[ListRow, ...]:
        """The rows with a problem."""
        return tuple(row for row in self.rows if row.problems)

    @cached_property
    def total_fen(self) -> int:
        """分 of the accepted rows."""
        return sum(row.fen or 0 for row in self.accepted)

    @cached_property
    def listed_fen(self) -> int:
        """分 of all rows whose amount can be read: what the list's own total should be."""
        return sum(row.fen or 0 for row in self.rows)

    @cached_property
    def repeated(self) -> frozenset[int]:
        """Row numbers of the second and further rows of each group of repeats."""
        return frozenset(number for repeat in self.repeats for number in repeat.row_nos[1:])

    @property
    def declared_total_fen(self) -> int | None:
        """分, by the list's own total."""
        return self.declared.fen

    @property
    def declared_rows(self) -> int | None:
        """Number of gifts, by the list's own count."""
        return self.declared.rows

    @property
    def agrees(self) -> bool | None:
        """Whether the list's own figures are what its rows come to; None where it declares nothing."""
        if self.declared == Declared():
            return None
        return self.declared.fen in (None, self.listed_fen) and self.declared.rows in (None, len(self.rows))

    @property
    def declared_sentence(self) -> Words | None:
        """The comparison in words."""
        return _comparison(self)


def parse(recognised: Recognised, *, today: date, default_method: str, default_date: date | None = None) -> ParsedList:
    """Read all rows. `default_date` is for a list without a date column, which is refused without it (DateNeeded);
    an empty day in a list that has the column stays a problem. `default_method` is a method's code, for rows that
    name none.

    `content_hash` is SHA-256 over day, donor, 分, memo and order number of each row as the file says them, folded
    (full-width as half-width, no blanks) and sorted: the same list in another order, format or layout has the same
    hash, twins count as often as they occur, and the defaults given here are not in it.
    """
    _check_date(recognised, today, default_date)
    body = body_of(recognised)
    table, totals = body.rows, body.totals
    reader = Reader(recognised, today=today, default_date=default_date, default_method=default_method)
    reasons = [reader.reason_to_leave_out(row) for row in table]
    left_out = _left_out(reader, table, reasons)
    gifts = [reader.read(row) for row, reason in zip(table, reasons, strict=True) if reason is None]
    if (last := _unlabelled_total(recognised, table, gifts)) is not None:
        gifts, totals = gifts[:-1], (*totals, Declared(last))
    if not gifts:
        raise NoGifts(_l("「%(file)s」里没有一笔捐赠。", file=recognised.sheet.file), header_no=recognised.header_no)
    undone = {reader.order_no(row) for row, reason in zip(table, reasons, strict=True) if reason == "unfinished"} - {""}
    rows = tuple(_with_order_problems(gifts, undone, recognised.title_of("order_no")))
    return ParsedList(rows, _repeats(rows), left_out, body.notes, _last(totals), content_hash(rows))


def content_hash(rows: Iterable[ListRow]) -> str:
    """SHA-256, in hex, of what the rows say, whatever their order. See `parse`."""
    body = json.dumps(sorted(row.key for row in rows), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(b"donations/1\n" + body.encode("utf-8", "surrogatepass")).hexdigest()


def _check_date(recognised: Recognised, today: date, default_date: date | None) -> None:
    if "received_on" in recognised.first:
        return
    if default_date is None:
        raise DateNeeded(
            _l("「%(file)s」没有日期列，请填写这份名单的到账日期。", file=recognised.sheet.file),
            field="default_date",
            header_no=recognised.header_no,
            seen=[column.title for column in recognised.columns],
        )
    read_day(default_date, today=today)


def _left_out(reader: Reader, table: Sequence[Row], reasons: Sequence[LeftOutReason | None]) -> tuple[LeftOut, ...]:
    counts: Counter[LeftOutReason] = Counter()
    sums: Counter[LeftOutReason] = Counter()
    for row, reason in zip(table, reasons, strict=True):
        if reason is not None:
            counts[reason] += 1
            sums[reason] += reader.moved_fen(row)
    return tuple(LeftOut(reason, count, sums[reason]) for reason, count in counts.items())


def _unlabelled_total(recognised: Recognised, table: Sequence[Row], gifts: Sequence[ListRow]) -> int | None:
    """The last row's 分, if it holds an amount and nothing else, and that is what all rows above come to."""
    if len(gifts) < 3 or gifts[-1].row_no != table[-1].no or sum(cell is not None for cell in table[-1].cells) != 1:
        return None
    last = gifts[-1].fen
    return last if last and last == sum(gift.fen or 0 for gift in gifts[:-1]) else None


def _last(totals: Sequence[Declared]) -> Declared:
    fen = [total.fen for total in totals if total.fen is not None]
    rows = [total.rows for total in totals if total.rows is not None]
    return Declared(fen[-1] if fen else None, rows[-1] if rows else None)


def _with_order_problems(gifts: Iterable[ListRow], undone: set[str], title: str) -> Iterable[ListRow]:
    """One payment has one order number. Where it comes again, the later row is a problem; where a row that is left out
    has it too (a platform's refund names the payment that it gives back), the gift is."""
    first: dict[str, int] = {}
    for gift in gifts:
        before = first.setdefault(gift.order_no, gift.row_no) if gift.order_no else gift.row_no
        sentences = []
        if before != gift.row_no:
            sentences.append(_l("订单号重复：与第 %(row)s 行相同。", row=before))
        if gift.order_no in undone:
            sentences.append(_l("同一订单号另有退款或关闭的记录，请核对后另行登记。"))
        more = tuple(Problem(title, sentence, "order_no") for sentence in sentences)
        yield replace(gift, problems=gift.problems + more) if more else gift


def _repeats(rows: Iterable[ListRow]) -> tuple[Repeat, ...]:
    alike: defaultdict[tuple[str, ...], list[ListRow]] = defaultdict(list)
    for row in rows:
        if row.fen is not None:
            alike[(row.key[0], row.key[1], row.key[2], row.key[4])].append(row)
    return tuple(
        Repeat(tuple(row.row_no for row in group), group[0].received_on, group[0].donor_name, group[0].fen or 0)
        for group in alike.values()
        if len(group) > 1
    )


def _comparison(parsed: ParsedList) -> Words | None:
    if parsed.agrees is None:
        return None
    values = {
        "said": _figures(parsed.declared.rows, parsed.declared.fen),
        "read": _figures(len(parsed.rows), parsed.listed_fen),
    }
    if parsed.agrees:
        return _l("表尾写明 %(said)s，与逐行读到的一致。", **values)
    return _l("表尾写明 %(said)s，逐行读到的是 %(read)s，请核对。", **values)


def _figures(rows: int | None, fen: int | None) -> Words:
    if rows is None:
        return _l("¥%(sum)s", sum=yuan(fen or 0))
    if fen is None:
        return _l("%(rows)s 笔", rows=f"{rows:,}")
    return _l("%(rows)s 笔、¥%(sum)s", rows=f"{rows:,}", sum=yuan(fen))
