from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from flask import g, has_request_context
from sqlalchemy import insert

from portal.actor import Actor
from portal.audit.models import AuditLine
from portal.db import Model, db
from portal.web.unit_of_work import apart

SECRETS = frozenset({"password", "code", "token", "pin"})


def record(action: str, subject: Model | None, *, by: Actor | None, at: datetime, **detail: Any) -> None:
    """Add an audit line to this transaction. `subject` must have its id already (flush first)."""
    db.session.add(AuditLine(**_line(action, subject, by=by, at=at, detail=detail)))


def record_each(action: str, subjects: Iterable[tuple[Model, Mapping[str, Any]]], *, by: Actor, at: datetime) -> None:
    """The same deed on many subjects, each with its detail: a line a subject, all in one statement."""
    lines = [_line(action, subject, by=by, at=at, detail=detail) for subject, detail in subjects]
    if lines:
        db.session.execute(insert(AuditLine), lines)


def record_apart(action: str, subject: Model | None, *, by: Actor | None, at: datetime, **detail: Any) -> None:
    """Add an audit line that stays even when this request is rolled back."""
    # Read now: after the rollback neither the subject nor the person can be asked any more.
    line = _line(action, subject, by=by, at=at, detail=detail)
    apart(lambda: db.session.add(AuditLine(**line)))


def _line(
    action: str, subject: Model | None, *, by: Actor | None, at: datetime, detail: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "at": at,
        "actor_id": by.id if by else None,
        "actor_name": by.name if by else "",
        "action": action,
        "subject_kind": subject.__tablename__ if subject is not None else "",
        "subject_id": getattr(subject, "id", None),
        "detail": _plain(detail),
        "request_id": g.get("request_id") if has_request_context() else None,
    }


def _plain(detail: Mapping[str, Any]) -> dict[str, Any]:
    return {key: "***" if key in SECRETS else _value(value) for key, value in detail.items()}


def _value(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | int | bool | list | dict | None) else str(value)
