"""Rows in bulk are sent as the ORM would send them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from portal.bulk import moment_as_text
from portal.clock import CHINA
from portal.db import Moment

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
