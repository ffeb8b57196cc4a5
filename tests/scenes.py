"""Scenes that many tests begin with: made once by the portal's own actions, then put back as they were for each test.

Making one takes twenty statements and their rules, often hundreds; putting it back is a copy. A scene may stand on
another one: `scenes("sixty", …)` in a test that has `people` is kept as `people_sixty`.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar

from sqlalchemy import func, inspect, select

from portal.audit.models import AuditLine
from portal.db import Model, db
from tests.engines import Engine

T = TypeVar("T")


@dataclass(frozen=True)
class _Row:
    """A row, by its class and key."""

    kind: type[Model]
    key: Any


@dataclass(frozen=True)
class _Parts:
    """A dataclass, by its parts."""

    kind: type[Any]
    parts: dict[str, Any]


class Scenes:
    """What one database keeps. Ask for a scene inside an application context."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: dict[str, tuple[Any, int]] = {}
        self._base, self._lines = "", 0

    def begin(self) -> "Scenes":
        """A test begins, with a database that holds nothing."""
        self._base, self._lines = "", 0
        return self

    def __call__(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives: from the copy where there is one and nothing was written but the scene that it stands on.

        Rows in it, in lists or in dataclasses are loaded anew.
        """
        if _lines() != self._lines:
            return make()
        db.session.rollback()
        name = f"{self._base}_{name}".removeprefix("_")
        if name in self._kept:
            self._engine.restore(name)
        else:
            self._keep(name, make())
        contents, self._lines = self._kept[name]
        self._base = name
        loaded: T = _loaded(contents)
        return loaded

    def _keep(self, name: str, made: Any) -> None:
        db.session.commit()
        kept = _as_kept(made), _lines()
        db.session.rollback()
        self._engine.keep(name)
        self._kept[name] = kept


def _lines() -> int:
    """Every action writes an audit line."""
    return db.session.scalar(select(func.count()).select_from(AuditLine)) or 0


def _as_kept(value: Any) -> Any:
    """Rows by their class and key, everything else as it is."""
    if isinstance(value, Model):
        return _Row(type(value), inspect(value).identity)
    if is_dataclass(value) and not isinstance(value, type):
        return _Parts(type(value), {field.name: _as_kept(getattr(value, field.name)) for field in fields(value)})
    return [_as_kept(one) for one in value] if isinstance(value, list) else value


def _loaded(kept: Any) -> Any:
    """The same anew, with the rows as the database has them now."""
    if isinstance(kept, _Row):
        return db.session.get_one(kept.kind, kept.key)
    if isinstance(kept, _Parts):
        found = object.__new__(kept.kind)
        for name, part in kept.parts.items():
            object.__setattr__(found, name, _loaded(part))
        return found
    return [_loaded(one) for one in kept] if isinstance(kept, list) else kept
