"""The bulk forms write what the single forms write: tables compared column by column."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from portal.db import Model, db


def rows(*models: type[Model], without: tuple[str, ...] = ("id",)) -> list[list[dict[str, Any]]]:
    """All rows of the tables in the order they were written, without ids."""
    return [[_told(row, without) for row in db.session.execute(_all(model)).mappings()] for model in models]


def same_rows(single: Callable[[], None], bulk: Callable[[], None], *models: type[Model], **more: Any) -> None:
    """Do it one by one, take it back, do it at once: the tables hold the same, and something at all."""
    db.session.commit()
    before = rows(*models, **more)
    written = []
    for deed in (single, bulk):
        deed()
        db.session.flush()
        written.append(rows(*models, **more))
        db.session.rollback()
    assert written[0] == written[1]
    assert all(after != there for after, there in zip(written[0], before, strict=True))


def _all(model: type[Model]) -> Any:
    return select(*model.__table__.columns).order_by(*model.__table__.primary_key)


def _told(row: Any, without: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in without}
