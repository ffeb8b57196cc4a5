"""Scenes that many tests begin with: made once by the portal's own actions, then put back as they were for each test.

Making one takes twenty statements and their rules, putting it back a copy: a tenth of all tests' time.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import inspect, select

from portal.audit.models import AuditLine
from portal.db import Model, db
from tests.engines import Engine

T = TypeVar("T")


class Scenes:
    """What one database keeps. Ask for a scene inside an application context."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: dict[str, tuple[type[Any], dict[str, Any]]] = {}

    def __call__(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, a dataclass: from the copy where there is one and nothing has been written yet."""
        if not _is_untouched():
            return make()
        db.session.rollback()
        if name in self._kept:
            self._engine.restore(name)
        else:
            self._keep(name, make())
        loaded: T = self._loaded(name)
        return loaded

    def _keep(self, name: str, made: Any) -> None:
        db.session.commit()
        contents = {field.name: _as_kept(getattr(made, field.name)) for field in fields(made)}
        db.session.rollback()
        self._engine.keep(name)
        self._kept[name] = type(made), contents

    def _loaded(self, name: str) -> Any:
        """The dataclass anew, with its rows as the database has them now."""
        kind, contents = self._kept[name]
        found = object.__new__(kind)
        for field, value in contents.items():
            setattr(found, field, db.session.get_one(*value) if isinstance(value, tuple) else value)
        return found


def _is_untouched() -> bool:
    """Every action writes an audit line."""
    return db.session.scalar(select(AuditLine.id).limit(1)) is None


def _as_kept(value: Any) -> Any:
    """A row as its class and key, everything else as it is."""
    return (type(value), inspect(value).identity) if isinstance(value, Model) else value
