"""The books that the ledger's tests write in: two people, two hosts, three pools. Amounts are told in yuan."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import portal.ledger.checks
import portal.ledger.trace_checks  # noqa: F401 # makes its invariants known
from portal.clock import CHINA
from portal.db import db
from portal.invariants import run_all
from portal.ledger.actions import open_books, open_entity, open_pool, post
from portal.ledger.drafts import EntryDraft
from portal.ledger.models import Entry, EntryKind, LegalEntity, Pool
from portal.ledger.patterns import Lines, gift_lines, spending_lines
from portal.money import parse_yuan
from portal.people.models import Person
from tests.factories import person

AT = datetime(2026, 3, 2, 9, tzinfo=CHINA)
DAY = AT.date()


@dataclass
class Books:
    """`love` and `chairs` are restricted and start empty; `free` is not restricted; `foreign` is another host's."""

    cashier: Person
    accountant: Person
    host: LegalEntity
    other_host: LegalEntity
    love: Pool
    chairs: Pool
    free: Pool
    foreign: Pool

    def gift(self, yuan: str, pool: Pool | None = None, *, on: date = DAY, key: str | None = None) -> Entry:
        return self.post(EntryKind.GIFT, gift_lines(pool or self.love, parse_yuan(yuan)), on=on, key=key)

    def spend(self, yuan: str, pool: Pool | None = None, *, on: date = DAY, key: str | None = None) -> Entry:
        return self.post(EntryKind.SPENDING, spending_lines(pool or self.love, parse_yuan(yuan)), on=on, key=key)

    def post(self, kind: EntryKind, lines: Lines, *, on: date = DAY, key: str | None = None) -> Entry:
        return post(draft(kind, lines, on=on, key=key), by=self.cashier, checked_by=self.accountant, at=AT)


def draft(kind: EntryKind, lines: Lines, *, on: date = DAY, key: str | None = None) -> EntryDraft:
    return EntryDraft(on=on, kind=kind, memo="测试", lines=lines, idempotency_key=key)


def opened() -> Books:
    """Fresh books, committed."""
    open_books()
    host = open_entity("海宁市甲慈善会", "甲慈善会", by=None, at=AT)
    other_host = open_entity("海宁市乙慈善会", "乙慈善会", by=None, at=AT)
    books = Books(
        cashier=person("出纳甲"),
        accountant=person("会计乙"),
        host=host,
        other_host=other_host,
        love=open_pool(host, "919", "919爱心基金", is_restricted=True, by=None, at=AT),
        chairs=open_pool(host, "919/chairs", "爱心椅", is_restricted=True, by=None, at=AT),
        free=open_pool(host, "gongyi", "公益公积金", is_restricted=False, may_go_below_zero=True, by=None, at=AT),
        foreign=open_pool(other_host, "elsewhere", "别家基金", is_restricted=True, by=None, at=AT),
    )
    db.session.commit()
    return books


UNTRACED = ("ledger.trace", "ledger.source", "ledger.pools")
"""What only entries keep that were posted by the portal."""


def check(*, but: tuple[str, ...] = ()) -> None:
    """What `portal check` says of the ledger, and of the triggers; `but` are beginnings of names to leave out."""
    for prefix in ("ledger.", "database."):
        for result in run_all(db.session(), prefix=prefix):
            assert result.holds or result.name.startswith(but), result


@contextmanager
def refused(words: str | None = None) -> Iterator[None]:
    """The database itself refuses what is done here, at once or when it is committed; then all is as before."""
    with pytest.raises(DBAPIError, match=words):
        yield
        db.session.commit()
    db.session.rollback()
    check()


def run(statement: str, **values: object) -> None:
    """Raw SQL, past every action."""
    db.session.execute(text(statement), values)


def raw_line(entry: int, position: int, *, debit: object = 0, credit: object = 0, pool: int | None = None) -> None:
    run(
        "INSERT INTO ledger_line (entry_id, position, account_id, pool_id, debit_fen, credit_fen) SELECT "
        ":entry, :position, id, :pool, :debit, :credit FROM ledger_account WHERE code = '1002'",
        **{"entry": entry, "position": position, "pool": pool, "debit": debit, "credit": credit},
    )


def raw_entry(id: int, total: float, *, verb: str = "INSERT", end: str = "", **columns: object) -> None:
    """An entry by hand, of the first host and the first person unless `columns` say otherwise."""
    values: dict[str, object] = {
        "id": id,
        "entity_id": db.session.scalar(text("SELECT min(id) FROM ledger_entity")),
        "number": f"记-{id}",
        "number_year": DAY.year,
        "on": str(DAY),
        "kind": "spending",
        "memo": "手写",
        "made_by_id": db.session.scalar(text("SELECT min(id) FROM people_person")),
        "made_by_name": "某人",
        "total_fen": total,
        "created_at": "2026-03-02 01:00:00",
    } | columns
    names = ", ".join(f'"{name}"' for name in values)
    run(f"{verb} INTO ledger_entry ({names}) VALUES ({', '.join(f':{name}' for name in values)}) {end}", **values)


def raw_payment(entry: int, fen: int, pool_id: int, **columns: Any) -> None:
    """Money out of a pool by hand: one line in it, one outside of all pools."""
    raw_line(entry, 1, debit=fen)
    raw_line(entry, 2, credit=fen, pool=pool_id)
    raw_entry(entry, fen, **columns)
