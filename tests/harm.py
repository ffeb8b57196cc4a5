"""Harm done past all guards, to see whether `portal check` finds it. What is done is rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from portal.db import db
from portal.guards import GUARDS
from portal.invariants import run_all

CHECKS = "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = CAST(:name AS regclass)"


@contextmanager
def done(table: str, *statements: str) -> Iterator[None]:
    """The statements are carried out on a table without its guards and checks, until the block ends."""
    db.session.commit()
    is_sqlite = db.engine.dialect.name == "sqlite"
    if is_sqlite:
        db.session.execute(text("PRAGMA ignore_check_constraints=ON"))
    else:
        for name in db.session.scalars(text(CHECKS), {"name": table}).all():
            db.session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    for guard in [guard for guard in GUARDS.values() if guard.table == table]:
        if guard.statement(db.engine.dialect.name):
            db.session.execute(text(f"DROP TRIGGER {guard.name}{'' if is_sqlite else f' ON {table}'}"))
    try:
        for statement in statements:
            db.session.execute(text(statement))
        yield
    finally:
        if is_sqlite:
            db.session.execute(text("PRAGMA ignore_check_constraints=OFF"))
        db.session.rollback()


def found(invariant: str) -> list[str]:
    """What the check says about this truth."""
    (result,) = run_all(db.session(), prefix=invariant)
    return list(result.problems)
