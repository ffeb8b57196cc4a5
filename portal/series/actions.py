from sqlalchemy import text

from portal.db import rows

# One statement on both engines. It is sent three times for each gift: built of parts it takes longer to say than to do.
_TAKE = text(
    "INSERT INTO series_series (name, last) VALUES (:name, :count) "
    "ON CONFLICT (name) DO UPDATE SET last = series_series.last + excluded.last RETURNING last"
)


def take(name: str, count: int = 1) -> int:
    """The first of `count` consecutive numbers, beginning with 1.

    The row stays locked until this transaction ends: one that rolls back gives its numbers back, so no gap remains.
    """
    last: int = rows(_TAKE, {"name": name, "count": count}).scalar_one()
    return last - count + 1
