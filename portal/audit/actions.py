from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from flask import g, has_request_context

from portal.actor import Actor
from portal.audit.models import AuditLine
from portal.bulk import insert_rows
from portal.db import Model
from portal.web.unit_of_work import apart

SECRETS = frozenset({"password", "code", "token", "pin"})

_HEAD = ("at", "actor_id", "actor_name", "action", "request_id")
_COLUMNS = (*_HEAD, "subject_kind", "subject_id", "detail")

Line = tuple[Any, ...]


def record(action: str, subject: Model | None, *, by: Actor | None, at: datetime, **detail: Any) -> None:
    """Write an audit line in this transaction. `subject` must have its id already (flush first)."""
    _write([(*_head(action, by=by, at=at), *_about(subject, detail))])


def record_each(action: str, subjects: Iterable[tuple[Model, Mapping[str, Any]]], *, by: Actor, at: datetime) -> None:
    """The same deed on many subjects, each with its detail: a line a subject, all in one statement."""
    head = _head(action, by=by, at=at)
    _write([(*head, *_about(subject, detail)) for subject, detail in subjects])


def record_apart(action: str, subject: Model | None, *, by: Actor | None, at: datetime, **detail: Any) -> None:
    """Add an audit line that stays even when this request is rolled back."""
    # Read now: after the rollback neither the subject nor the person can be asked any more.
    line = (*_head(action, by=by, at=at), *_about(subject, detail))
    apart(lambda: _write([line]))


def _write(lines: list[Line]) -> None:
    """Past the ORM: there is a line to nearly every deed, and nobody ever holds one as an object."""
    insert_rows(AuditLine, _COLUMNS, lines)


def _head(action: str, *, by: Actor | None, at: datetime) -> Line:
    request_id = g.get("request_id") if has_request_context() else None
    return at, by.id if by else None, by.name if by else "", action, request_id


def _about(subject: Model | None, detail: Mapping[str, Any]) -> Line:
    kind = subject.__tablename__ if subject is not None else ""
    return kind, getattr(subject, "id", None), _plain(detail)


def _plain(detail: Mapping[str, Any]) -> dict[str, Any]:
    return {key: "***" if key in SECRETS else _value(value) for key, value in detail.items()}


def _value(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | int | bool | list | dict | None) else str(value)
