"""How names are read is written down by a job: of those that came or changed, as soon as a worker is idle."""

from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, select, update

from portal import clock
from portal.bulk import insert_rows
from portal.db import db, reading, rows
from portal.finding.models import Kind, Named, Reading
from portal.finding.readings import Read, from_each_syllable, readings
from portal.jobs.actions import breathe, keep_lease
from portal.jobs.handlers import handler, whenever
from portal.jobs.models import Job
from portal.words import _l

READ = "finding.read"
CHUNK = 500
"""Names a transaction."""

MOST_STARTS = 8
"""A person's name is found from each of its first syllables on."""


class Unread(NamedTuple):
    """A name that nobody has read yet."""

    id: int
    kind: str
    name: str


_UNREAD = select(Named.id, Named.kind, Named.name).where(Named.syllables.is_(None)).order_by(Named.id).limit(CHUNK)
_ASKED = exists().where(Job.name == READ, Job.status.in_(("waiting", "leased", "failed")), Job.dropped_at.is_(None))
_IS_WANTED = select(Named.id).where(Named.syllables.is_(None), ~_ASKED).limit(1)
_WRITTEN = update(Named).where(Named.id == bindparam("named"))
_HELD = select(Named.id, Named.name).where(Named.id.in_(bindparam("ids", expanding=True))).with_for_update()


@whenever(READ)
def is_wanted() -> bool:
    """Whether names wait to be read and nobody was asked to: without the write lock, for idle workers ask often."""
    with reading() as session:
        return session.connection().scalar(_IS_WANTED) is not None


@handler(READ, words=_l("给名字注拼音"))
def read_names(payload: dict[str, Any]) -> None:
    """Read what is unread, chunk by chunk. What was done stays done when it is killed."""
    while read_some():
        keep_lease(payload["job_id"], at=clock.now(), got_on=True)
        db.session.commit()
        breathe()


def read_some() -> int:
    """Read the next names in this transaction; how many there were."""
    with reading() as session:
        unread = [Unread(*row) for row in session.connection().execute(_UNREAD)]
    write_readings(unread)
    return len(unread)


def write_readings(unread: list[Unread]) -> None:
    """Write down how these names are read, in this transaction; one that changed meanwhile stays unread."""
    if not unread:
        return
    still = {row.id: row.name for row in rows(_HELD, {"ids": [one.id for one in unread]})}
    done = [one for one in unread if still.get(one.id) == one.name]
    if done:
        values = [dict(zip(("named", "syllables", "initials"), (one.id, *kept(one.name)), strict=True)) for one in done]
        db.session.connection().execute(_WRITTEN, values)
    people = (one for one in done if one.kind == Kind.PERSON.value)
    found = sorted((one.id, *way) for one in people for way in starts(one.name))
    insert_rows(Reading, ("name_id", "syllables", "initials"), found)


def kept(name: str) -> tuple[str, str]:
    """All readings of a name as `Named` keeps them: its syllables and its initials."""
    ways = readings(name)
    return ";".join(f" {way.syllables}" for way in ways), "".join(f";{way.initials}" for way in ways)


def starts(name: str) -> set[Read]:
    """All readings of a person's name from each of its first syllables on."""
    return {way for whole in readings(name) for way in from_each_syllable(whole)[:MOST_STARTS]}
