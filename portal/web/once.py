"""A form sent twice happens once: its hidden key is written in the same transaction as what it did.

The same key with the same content gives the first answer's address; with other content it is refused.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.actor import Actor
from portal.bulk import insert_rows
from portal.db import Model, db, rows
from portal.problems import AlreadyDone
from portal.words import _l


class Once(Model):
    """The key of a form that was answered, what it held and where its answer lies."""

    __tablename__ = "web_once"

    key: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int]
    content: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]


_FIRST = select(Once.person_id, Once.content, Once.address).where(Once.key == bindparam("form"))


def new_key() -> str:
    """A key for a fresh form."""
    return secrets.token_urlsafe(18)


def answered(key: str | None, content: Mapping[str, Any], *, by: Actor) -> str | None:
    """Where the first answer to this form lies, if it came before. Raises AlreadyDone when the content differs."""
    _wait_for_twin(key)
    first = rows(_FIRST, {"form": key}).first() if key else None
    if first is None:
        return None
    if (first.person_id, first.content) != (by.id, _fingerprint(content)):
        raise AlreadyDone(_l("这份表单已经提交过，内容不同。请打开新的一页再填。"))
    return str(first.address)


def keep_answer(key: str | None, content: Mapping[str, Any], address: str, *, by: Actor, at: datetime) -> None:
    """Write the answer down beside what the form did."""
    if key:
        names = ("key", "person_id", "content", "address", "at")
        insert_rows(Once, names, [(key[:60], by.id, _fingerprint(content), address, at)])


def _wait_for_twin(key: str | None) -> None:
    """Of two requests with one key, the second waits for the first's end. SQLite's writers take turns anyway."""
    if key and db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _fingerprint(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(content), sort_keys=True, default=str).encode()).hexdigest()
