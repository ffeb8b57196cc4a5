"""What must always be true of sources and traces, recomputed from the lines by `portal check`."""

from collections.abc import Iterator
from itertools import islice, zip_longest

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.invariants import ENOUGH, Found, invariant
from portal.ledger.models import Source, Trace
from portal.ledger.trace_memory import InMemory
from portal.ledger.trace_replay import owing_pools, ways_after
from portal.ledger.trace_writing import Tracer


@invariant("ledger.trace adds up")
def trace_adds_up(session: Session) -> Found:
    """What an entry moved in a pool is the sources it made less what it took of sources: Σ traced = Σ spent."""
    wrong = """
        SELECT entry_id, pool_id, sum(moved), sum(made), sum(took) FROM (
          SELECT l.entry_id, l.pool_id, l.debit_fen - l.credit_fen AS moved, 0 AS made, 0 AS took
          FROM ledger_line l JOIN ledger_account a ON a.id = l.account_id
          WHERE l.pool_id IS NOT NULL AND a.kind IN ('asset', 'liability')
          UNION ALL SELECT entry_id, pool_id, 0, fen, 0 FROM ledger_source
          UNION ALL SELECT t.entry_id, s.pool_id, 0, 0, t.fen
          FROM ledger_trace t JOIN ledger_source s ON s.id = t.source_id
        ) AS all_three
        GROUP BY entry_id, pool_id HAVING sum(moved) <> sum(made) - sum(took) ORDER BY entry_id, pool_id
    """
    sentence = "entry {}, pool {}: moved {} 分, but made sources of {} 分 and took {} 分"
    return _count(session, "ledger_trace"), _each(session, wrong, sentence)


@invariant("ledger.source rests")
def source_rests(session: Session) -> Found:
    """What is left of a source is what it brought less all that was taken of it."""
    wrong = """
        SELECT s.id, s.entry_id, s.rest_fen, s.fen - coalesce(t.fen, 0) FROM ledger_source s LEFT JOIN (
          SELECT source_id, sum(fen) AS fen FROM ledger_trace GROUP BY source_id
        ) t ON t.source_id = s.id WHERE s.rest_fen <> s.fen - coalesce(t.fen, 0) ORDER BY s.id
    """
    return _count(session, "ledger_source"), _each(
        session, wrong, "source {} of entry {}: {} 分 kept, {} 分 by its trace"
    )


@invariant("ledger.pools are their sources")
def pools_are_sources(session: Session) -> Found:
    """What a pool has is what is left of its sources, less what it owes."""
    wrong = """
        SELECT p.code, p.balance_fen, coalesce(s.fen, 0) FROM ledger_pool p LEFT JOIN (
          SELECT pool_id, sum(rest_fen) AS fen FROM ledger_source GROUP BY pool_id
        ) s ON s.pool_id = p.id WHERE p.balance_fen <> coalesce(s.fen, 0)
    """
    return _count(session, "ledger_pool"), _each(session, wrong, "pool {}: balance {} 分, sources {} 分")


@invariant("ledger.trace computed anew")
def trace_computed_anew(session: Session) -> Found:
    """All entries followed once more from the first one on give the same sources and the same trace."""
    memory = _computed(session)
    return len(memory.sources), islice(_differences(session, memory), ENOUGH)


def _computed(session: Session) -> InMemory:
    memory, owing, after = InMemory(), owing_pools(session), 0
    while batch := ways_after(session, after):
        Tracer(memory, owing, strict=False).follow(batch)
        after = batch[-1].entry_id
    return memory


def _differences(session: Session, memory: InMemory) -> Iterator[str]:
    kept = session.execute(
        select(Source.id, Source.pool_id, Source.entry_id, Source.origin_id, Source.fen).order_by(Source.id),
        execution_options={"yield_per": 5_000},
    )
    for there, must in zip_longest(map(tuple, kept), memory.rows()):
        if there != must:
            yield f"source {there} must be {must} (id, pool, entry, origin, 分)"
            break
    for entry_id, source_id, fen in session.execute(
        select(Trace.entry_id, Trace.source_id, Trace.fen), execution_options={"yield_per": 5_000}
    ):
        must_fen = memory.traces.pop((entry_id, source_id), 0)
        if fen != must_fen:
            yield f"entry {entry_id} took {fen} 分 of source {source_id}, and must have taken {must_fen} 分"
    for (entry_id, source_id), fen in memory.traces.items():
        yield f"entry {entry_id} took nothing of source {source_id}, and must have taken {fen} 分"


def _count(session: Session, table: str) -> int:
    return int(session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608 # names of our own tables


def _each(session: Session, query: str, sentence: str) -> Iterator[str]:
    for row in session.execute(text(query)):
        yield sentence.format(*row)
