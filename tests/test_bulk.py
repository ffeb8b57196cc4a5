"""Rows in bulk are sent as the ORM would send them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError

from portal.bulk import ROWS_A_BLOCK, insert_many, insert_rows, moment_as_text
from portal.clock import CHINA
from portal.db import Moment, db
from portal.people.models import Person

MOMENTS = (
    datetime(2026, 11, 22, 9, 0, tzinfo=CHINA),
    datetime(2026, 1, 1, 7, 59, 59, 999_999, tzinfo=CHINA),
    datetime(1986, 7, 1, 0, 0, tzinfo=CHINA),
    datetime(2026, 2, 28, 23, 30, 0, 1, tzinfo=UTC),
    datetime(2026, 2, 28, 23, 30, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
    datetime(2026, 3, 5, 12, 0),
    datetime(1, 1, 2, tzinfo=UTC),
    None,
)


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_moment_is_kept_as_the_orm_keeps_it(moment: datetime | None) -> None:
    process = Moment().dialect_impl(sqlite.dialect()).bind_processor(sqlite.dialect())
    assert process is not None
    assert moment_as_text(moment) == process(moment)


COUNTS = (0, 1, ROWS_A_BLOCK - 1, ROWS_A_BLOCK, ROWS_A_BLOCK + 1, 3 * ROWS_A_BLOCK + 7)
AT = MOMENTS[0]


def people(numbers: list[int]) -> list[dict[str, object]]:
    return [{"name": f"{number}号", "volunteer_no": f"V{number:06d}", "created_at": AT} for number in numbers]


@pytest.mark.parametrize("count", COUNTS)
def test_rows_are_written_in_their_order_however_many_make_a_block(app: Flask, count: int) -> None:
    rows = people(list(range(count)))
    with app.app_context():
        written = insert_many(Person, rows, common={"is_open": True}, returning=(Person.id, Person.volunteer_no))
        in_order = select(Person.volunteer_no, Person.created_at).order_by(Person.id)
        assert list(db.session.execute(in_order)) == [(row["volunteer_no"], AT) for row in rows]
        assert sorted(row.volunteer_no for row in written) == [row["volunteer_no"] for row in rows]
        db.session.rollback()


@pytest.mark.parametrize("twin", [ROWS_A_BLOCK // 2, ROWS_A_BLOCK + 5], ids=["in the block", "behind it"])
def test_a_wrong_row_is_refused_wherever_it_stands_and_nothing_stays(app: Flask, twin: int) -> None:
    numbers = list(range(ROWS_A_BLOCK + 10))
    numbers[twin] = 3
    with app.app_context():
        with pytest.raises(DBAPIError):
            insert_many(Person, people(numbers), common={"is_open": True})
        db.session.rollback()
        assert db.session.scalar(select(Person.id).limit(1)) is None
        db.session.rollback()


def test_moments_that_are_shared_by_rows_and_moments_that_only_equal_are_kept_alike(app: Flask) -> None:
    again = datetime(2026, 11, 22, 9, 0, tzinfo=CHINA)
    assert again == AT
    assert again is not AT
    moments = [AT, AT, again, again.astimezone(UTC), AT + timedelta(microseconds=1)]
    names = ("name", "volunteer_no", "is_open", "created_at")
    with app.app_context():
        insert_rows(Person, names, [("甲", f"V{n}", True, moment) for n, moment in enumerate(moments)])
        assert list(db.session.scalars(select(Person.created_at).order_by(Person.id))) == moments
        db.session.rollback()
