"""The ledger as a table for spreadsheets, a row for each line of an entry. It asserts nothing."""

from collections.abc import Iterator

from portal.books.queries import OUTSIDE, BookEntry, BookLine, Ledger
from portal.books.texts import one_line, yuan
from portal.web.exports import Cell, csv_parts

HEAD = (
    "记账日期", "单位", "年度", "凭证字号", "类型", "摘要", "科目编码", "科目",
    "专项资金编码", "专项资金", "借方(元)", "贷方(元)", "冲销的凭证", "冲销原因",
)  # fmt: skip


def table(ledger: Ledger) -> Iterator[str]:
    """Parts of the file."""
    return csv_parts(HEAD, _rows(ledger))


def _rows(ledger: Ledger) -> Iterator[tuple[Cell, ...]]:
    entities = {one.id: one.name for one in ledger.entities}
    accounts = {OUTSIDE: ("", "其他专项资金"), **{one.id: (one.code, one.name) for one in ledger.accounts}}
    pools = {one.id: (one.code, one.name) for one in ledger.pools}
    for entry in ledger.entries():
        for line in entry.lines:
            account, pool = accounts[line.place.account_id], pools.get(line.place.pool_id, ("", ""))
            yield _row(entry, line, entities[entry.entity_id], (*account, *pool))


def _row(entry: BookEntry, line: BookLine, entity: str, where: tuple[str, str, str, str]) -> tuple[Cell, ...]:
    debit, credit = (yuan(line.fen), "") if line.fen > 0 else ("", yuan(-line.fen))
    reverses = f"{entry.reverses[0]}年{entry.reverses[1]}" if entry.reverses else ""
    memo = one_line(entry.memo if line.memo is None else f"{entry.memo}（{line.memo}）")
    head = (entry.on.isoformat(), entity, entry.year, entry.number, entry.kind, memo)
    return (*head, *where, debit, credit, reverses, one_line(entry.reason or ""))
