"""What must always be true of the books, recomputed from the lines by `portal check`."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.invariants import Found, invariant

_MONTH = "CASE e.kind WHEN 'closing' THEN e.number_year || '-13' ELSE substr(CAST(e.\"on\" AS TEXT), 1, 7) END"


@invariant("ledger.entries balance")
def entries_balance(session: Session) -> Found:
    """Each entry has at least two lines, debit equals credit equals its total."""
    wrong = """
        SELECT e.id, e.total_fen, coalesce(s.lines, 0), coalesce(s.debit, 0), coalesce(s.credit, 0)
        FROM ledger_entry e LEFT JOIN (
          SELECT entry_id, count(*) AS lines, sum(debit_fen) AS debit, sum(credit_fen) AS credit
          FROM ledger_line GROUP BY entry_id
        ) s ON s.entry_id = e.id
        WHERE coalesce(s.lines, 0) < 2 OR s.debit <> s.credit OR s.debit <> e.total_fen ORDER BY e.id
    """
    sentence = "entry {}: total {} 分, but {} lines with debit {} and credit {} 分"
    return _count(session, "ledger_entry"), _each(session, wrong, sentence)


@invariant("ledger.lines belong to entries")
def lines_belong(session: Session) -> Found:
    """No line without the entry of its own transaction."""
    orphans = """
        SELECT l.entry_id, l.position FROM ledger_line l
        LEFT JOIN ledger_entry e ON e.id = l.entry_id AND e.tx = l.tx WHERE e.id IS NULL
    """
    return _count(session, "ledger_line"), _each(session, orphans, "line {}/{} has no entry")


@invariant("ledger.lines in one legal entity")
def lines_in_one_entity(session: Session) -> Found:
    """A line's pool belongs to its entry's legal entity."""
    strays = """
        SELECT l.entry_id, l.position, p.code FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
        JOIN ledger_pool p ON p.id = l.pool_id WHERE p.entity_id <> e.entity_id
    """
    return _count(session, "ledger_line"), _each(session, strays, "line {}/{} lies in pool {} of another legal entity")


@invariant("ledger.pool balances")
def pool_balances(session: Session) -> Found:
    """A pool's balance is its assets less its liabilities."""
    wrong = """
        SELECT p.code, p.balance_fen, coalesce(s.fen, 0) FROM ledger_pool p LEFT JOIN (
          SELECT l.pool_id, sum(l.debit_fen - l.credit_fen) AS fen
          FROM ledger_line l JOIN ledger_account a ON a.id = l.account_id
          WHERE a.kind IN ('asset', 'liability') GROUP BY l.pool_id
        ) s ON s.pool_id = p.id WHERE p.balance_fen <> coalesce(s.fen, 0)
    """
    return _count(session, "ledger_pool"), _each(session, wrong, "pool {}: {} 分 kept, {} 分 by its lines")


@invariant("ledger.pools above zero")
def pools_above_zero(session: Session) -> Found:
    """No pool is below zero that may not be."""
    below = (
        "SELECT code, balance_fen FROM ledger_pool WHERE balance_fen < 0 AND (is_restricted OR NOT may_go_below_zero)"
    )
    return _count(session, "ledger_pool"), _each(session, below, "pool {} is at {} 分")


@invariant("ledger.month balances")
def month_balances(session: Session) -> Found:
    """The sums by pool, account and month are those of the lines."""
    wrong = f"""
        SELECT pool_id, account_id, month, entity_id, sum(debit), sum(credit) FROM (
          SELECT pool_id, account_id, month, entity_id, debit_fen AS debit, credit_fen AS credit FROM ledger_balance
          UNION ALL
          SELECT coalesce(l.pool_id, 0), l.account_id, {_MONTH}, e.entity_id, -l.debit_fen, -l.credit_fen
          FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
        ) AS both_sides
        GROUP BY pool_id, account_id, month, entity_id HAVING sum(debit) <> 0 OR sum(credit) <> 0
    """  # noqa: S608 # our own text
    sentence = "pool {}, account {}, month {}, entity {}: debit off by {} 分, credit by {} 分"
    return _count(session, "ledger_balance"), _each(session, wrong, sentence)


@invariant("ledger.debit equals credit")
def debit_equals_credit(session: Session) -> Found:
    """In each legal entity's books, all debits together equal all credits together."""
    wrong = """
        SELECT entity_id, sum(debit_fen), sum(credit_fen) FROM ledger_balance
        GROUP BY entity_id HAVING sum(debit_fen) <> sum(credit_fen)
    """
    return _count(session, "ledger_entity"), _each(session, wrong, "entity {}: debit {} 分, credit {} 分")


@invariant("ledger.voucher numbers")
def voucher_numbers(session: Session) -> Found:
    """In each legal entity and year they run 记-1, 记-2 … without a gap."""
    gaps = """
        SELECT entity_id, number_year, count(*), max(CAST(substr(number, 3) AS INTEGER)) FROM ledger_entry
        GROUP BY entity_id, number_year
        HAVING count(*) <> max(CAST(substr(number, 3) AS INTEGER)) OR min(CAST(substr(number, 3) AS INTEGER)) <> 1
    """
    return _count(session, "ledger_entry"), _each(session, gaps, "entity {}, year {}: {} vouchers up to number {}")


@invariant("ledger.two people")
def two_people(session: Session) -> Found:
    """Nobody checked an entry of their own."""
    own = "SELECT id, made_by_id FROM ledger_entry WHERE checked_by_id = made_by_id"
    return _count(session, "ledger_entry"), _each(session, own, "entry {} was made and checked by person {}")


@invariant("ledger.reversals mirror")
def reversals_mirror(session: Session) -> Found:
    """A reversal takes back each line of its entry, in the same legal entity."""
    wrong = """
        SELECT r.id, e.id, o.position FROM ledger_entry r JOIN ledger_entry e ON e.id = r.reverses_id
        JOIN ledger_line o ON o.entry_id = e.id
        LEFT JOIN ledger_line m ON m.entry_id = r.id AND m.position = o.position
          AND m.account_id = o.account_id AND coalesce(m.pool_id, 0) = coalesce(o.pool_id, 0)
          AND m.debit_fen = o.credit_fen AND m.credit_fen = o.debit_fen
        WHERE m.entry_id IS NULL OR r.entity_id <> e.entity_id
    """
    count = session.scalar(text("SELECT count(*) FROM ledger_entry WHERE reverses_id IS NOT NULL")) or 0
    return count, _each(session, wrong, "entry {} does not take back entry {}, line {}")


def _count(session: Session, table: str) -> int:
    return int(session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608 # names of our own tables


def _each(session: Session, query: str, sentence: str) -> Iterator[str]:
    for row in session.execute(text(query)):
        yield sentence.format(*row)
