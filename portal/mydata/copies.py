"""Copies: asked for, made at once or by a job, taken, and gone after some days. The file lies sealed beside uploads."""

import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from portal import clock, rules
from portal.audit import record, record_apart
from portal.clock import in_china
from portal.db import DETACHED, db, let_go
from portal.files.actions import write_whole
from portal.jobs.actions import enqueue
from portal.jobs.handlers import handler
from portal.mydata.copying import zipped
from portal.mydata.keeping import personal
from portal.mydata.models import Copy
from portal.mydata.rows import count_of
from portal.notices import Way, kind, tell
from portal.people.models import Person
from portal.problems import ChangedMeanwhile, DomainError
from portal.rules.catalogue import COPY_DAYS
from portal.sealing import opened_bytes, sealed_bytes
from portal.settings import current_settings
from portal.web.unit_of_work import apart
from portal.words import _l

MAKE = "mydata.make_copy"
AT_ONCE = 3_000
"""Rows that are written while she waits; more are a job's work."""
MOST_WAITING = 3
"""Copies of one person at a time: each is all that is known of her, once more."""

READY = kind(
    "mydata.copy.ready",
    words=_l("资料副本备好"),
    detail=_l("您要的资料副本备好了，请在 %(day)s 前下载。"),
    mail=Way.NOW,
    is_needed=True,
)


def ask_for_copy(person: Person, *, at: datetime) -> Copy:
    """Begin a copy of hers; `make` makes it. Raises DomainError when several are there already."""
    there = db.session.scalars(select(Copy).where(Copy.person_id == person.id, Copy.gone_at.is_(None))).all()
    if len(there) >= MOST_WAITING:
        raise DomainError(_l("您已经有 %(count)d 份副本了，请先下载，或者等旧的过期。", count=len(there)))
    days = rules.value(COPY_DAYS, on=in_china(at).date())
    copy = Copy(person_id=person.id, asked_at=at, expires_at=at + timedelta(days=days))
    db.session.add(copy)
    db.session.flush()
    record("mydata.copy.asked", copy, by=person, at=at, person=person.id)
    return copy


def is_small(person: Person) -> bool:
    """Whether she need not wait for a job."""
    return sum(count_of(holding, person.selves) for holding in personal()) <= AT_ONCE


def make_later(copy: Copy, *, at: datetime) -> None:
    enqueue(MAKE, {"copy": copy.id}, at=at, key=f"copy:{copy.id}")


def make_now(copy: Copy, *, at: datetime) -> None:
    """Read all that is hers and write the file, in the transaction that asks. Twice is as good as once."""
    if copy.ready_at is not None or copy.gone_at is not None:
        return
    content = zipped(db.session.get_one(Person, copy.person_id), at=at)
    _keep(copy, content, at=at)


def _keep(copy: Copy, content: bytes, *, at: datetime) -> None:
    place = secrets.token_hex(16)
    write_whole(place_of(place), sealed_bytes(content, place=_bound(place, copy.person_id)))
    copy.ready_at, copy.place, copy.size = at, place, len(content)
    db.session.flush()
    record("mydata.copy.made", copy, by=None, at=at, person=copy.person_id)


def content_of(copy: Copy, *, by: Person, at: datetime) -> bytes:
    """The ZIP, for her alone. Raises ChangedMeanwhile when it is not there (any more)."""
    if copy.place is None or copy.expires_at <= at or not (file := place_of(copy.place)).exists():
        raise ChangedMeanwhile(_l("这份副本已经删掉了，请再做一份。"))
    content = opened_bytes(file.read_bytes(), place=_bound(copy.place, copy.person_id))
    number = copy.id
    # A page that only reads writes nothing itself.
    apart(lambda: _taken(number, at))
    record_apart("mydata.copy.taken", copy, by=by, at=at, person=copy.person_id)
    return content


def _taken(number: int, at: datetime) -> None:
    db.session.execute(update(Copy).where(Copy.id == number).values(taken_at=at), execution_options=DETACHED)


def forget(copy: Copy, *, at: datetime) -> None:
    """Delete the file; the row says when. The file goes first: what is gone twice is gone."""
    if copy.place is not None:
        place_of(copy.place).unlink(missing_ok=True)
    copy.place, copy.gone_at = None, at
    db.session.flush()
    record("mydata.copy.gone", copy, by=None, at=at, person=copy.person_id)


def forget_expired(*, at: datetime, most: int) -> int:
    """Delete what has lain here long enough; how many."""
    old = select(Copy).where(Copy.gone_at.is_(None), Copy.expires_at <= at).order_by(Copy.id).limit(most)
    found = db.session.scalars(old).all()
    for copy in found:
        forget(copy, at=at)
    return len(found)


def forget_strays() -> None:
    """Delete files that no row knows of: a process died between writing one and saying so."""
    folder = current_settings().files / "copies"
    known = set(db.session.scalars(select(Copy.place).where(Copy.place.is_not(None))))
    an_hour_ago = clock.now().timestamp() - 3600
    for file in folder.glob("*") if folder.exists() else ():
        if file.name not in known and file.stat().st_mtime < an_hour_ago:
            file.unlink(missing_ok=True)


def place_of(name: str) -> Path:
    """Where the sealed file lies: apart from the uploads, so that no backup takes it along."""
    return current_settings().files / "copies" / name


@handler(MAKE, words=_l("备好资料副本"))
def _make(payload: dict[str, Any]) -> None:
    """All is read without the write lock; then it is written down."""
    at = clock.now()
    copy = db.session.get_one(Copy, payload["copy"])
    if copy.ready_at is None and copy.gone_at is None:
        content = _read_only(copy.person_id, at=at)
        copy = db.session.get_one(Copy, payload["copy"], with_for_update=True)
        if copy.gone_at is None:
            _keep(copy, content, at=at)
    day = f"{in_china(copy.expires_at):%m-%d}"
    tell([copy.person_id], READY, at=at, url="/me/data", key=f"copy:{copy.id}", day=day)
    db.session.commit()


def _read_only(person_id: int, *, at: datetime) -> bytes:
    """On SQLite nobody else could write meanwhile, if this were read in a transaction that may."""
    let_go()
    db.session.info["read_only"] = True
    try:
        return zipped(db.session.get_one(Person, person_id), at=at)
    finally:
        let_go()
        db.session.info["read_only"] = False


def _bound(place: str, person_id: int) -> str:
    """One person's file under another's row does not open."""
    return f"mydata_copy.{place}.{person_id}"
