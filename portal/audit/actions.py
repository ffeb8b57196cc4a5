from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from portal.actor import Actor
from portal.audit.masks import plain
from portal.audit.models import AuditLine, AuditLook
from portal.audit.origin import origin
from portal.bulk import insert_rows
from portal.db import Model, db
from portal.web.unit_of_work import apart

_HEAD = ("at", "actor_id", "actor_name", "action", "request_id", "via", "sign_in_id")
_COLUMNS = (*_HEAD, "subject_kind", "subject_id", "detail")

Line = tuple[Any, ...]


def record(action: str, subject: Model | None, *, by: Actor | None, at: datetime, **detail: Any) -> None:
    """Write an audit line in this transaction. `subject` must have its id already (flush first).

    Secrets are masked at any depth; an edit says what it changed by `changes(before, after)`.
    """
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


def record_look(
    action: str, subject: Model, of: Iterable[int], *, by: Actor, at: datetime, reason: str = "", **detail: Any
) -> None:
    """Say that somebody saw unmasked data, and whose: ids of people `of` whom it was, who see it at /me/looks.

    For every page or file that shows what is masked elsewhere (contacts, real names of donors, look-up codes, all that
    is known of a person), to anyone but the people themselves. A page that only reads keeps the line all the same;
    nothing is written about people who look at their own.
    """
    line, people = _look(action, subject, of, by=by, at=at, reason=reason, **detail)
    apart(lambda: _write_look(line, people))


def record_taking(
    action: str, subject: Model, of: Iterable[int], *, by: Actor, at: datetime, reason: str = "", **detail: Any
) -> None:
    """The same of data that leaves as a file, in the transaction that says so: by a form, or by a command."""
    _write_look(*_look(action, subject, of, by=by, at=at, reason=reason, **detail))


def _look(
    action: str, subject: Model, of: Iterable[int], *, by: Actor, at: datetime, reason: str, **detail: Any
) -> tuple[Line, list[int]]:
    """The line, and the people whose it is."""
    told = {"reason": reason, **detail} if reason else detail
    return (*_head(action, by=by, at=at), *_about(subject, told)), sorted(set(of) - {by.id})


def _write(lines: list[Line]) -> None:
    """Past the ORM: there is a line to nearly every deed, and nobody ever holds one as an object."""
    insert_rows(AuditLine, _COLUMNS, lines)


def _write_look(line: Line, people: list[int]) -> None:
    written = insert(AuditLine).values(dict(zip(_COLUMNS, line, strict=True))).returning(AuditLine.id)
    number = db.session.execute(written).scalar_one()
    insert_rows(AuditLook, ("line_id", "person_id"), [(number, person) for person in people])


def _head(action: str, *, by: Actor | None, at: datetime) -> Line:
    return at, by.id if by else None, by.name if by else "", action, *origin()


def _about(subject: Model | None, detail: Mapping[str, Any]) -> Line:
    kind = subject.__tablename__ if subject is not None else ""
    return kind, getattr(subject, "id", None), plain(detail)
