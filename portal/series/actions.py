from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from portal.db import db
from portal.series.models import Series


def take(name: str, count: int = 1) -> int:
    """The first of `count` consecutive numbers, beginning with 1.

    The row stays locked until this transaction ends: one that rolls back gives its numbers back, so no gap remains.
    """
    insert = sqlite_insert if db.session.get_bind().dialect.name == "sqlite" else postgresql_insert
    db.session.execute(insert(Series).values(name=name, last=0).on_conflict_do_nothing())
    taken = update(Series).where(Series.name == name).values(last=Series.last + count).returning(Series.last)
    last = db.session.execute(taken, execution_options={"synchronize_session": False}).scalar_one()
    return last - count + 1
