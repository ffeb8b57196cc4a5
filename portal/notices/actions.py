from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from portal.actor import Actor
from portal.audit import record
from portal.bulk import insert_rows
from portal.db import DETACHED, Model, db, dialect, rows
from portal.notices.kinds import KINDS, WAYS, Channel, Kind, Way
from portal.notices.letters import send_now
from portal.notices.models import Notice, Preference
from portal.notices.queries import Ways, chosen_by, ways_of
from portal.people.models import Person
from portal.problems import DomainError
from portal.words import _l

COLUMNS = ("kind", "at", "person_id", "url", "values", "read_at", "for_digest", "key")


class Told(NamedTuple):
    """What one person is told: where it leads, and what stands in the sentence."""

    person_id: int
    url: str
    values: Mapping[str, Any] = {}
    key: str | None = None


def tell(
    people: Iterable[int],
    kind: Kind,
    *,
    at: datetime,
    url: str,
    key: str | None = None,
    but: Actor | None = None,
    **values: Any,
) -> None:
    """Tell people (their ids) the same, in this transaction: a few statements, however many they are.

    `url` is a path of this portal; `minutes` and `fen` among the values are plain numbers. `key`: who was told under
    this key before is not told again. `but`: whoever did it knows, and is told nothing.
    """
    others = [person_id for person_id in dict.fromkeys(people) if but is None or person_id != but.id]
    tell_each(kind, [Told(person_id, url, values, key) for person_id in others], at=at)


def tell_each(kind: Kind, told: Sequence[Told], *, at: datetime) -> None:
    """Tell each of them something of her own, all of one kind."""
    if not told:
        return
    ways = ways_of({one.person_id for one in told}, kind)
    written = [_row(kind, one, ways, at=at) for one in told]
    if all(one.key is None for one in told):
        insert_rows(Notice, COLUMNS, written)
    else:
        told = _written_once(told, written)
    send_now(kind, told, ways, at=at)


def _row(kind: Kind, one: Told, ways: Ways, *, at: datetime) -> tuple[Any, ...]:
    """A notice as COLUMNS."""
    is_quiet = ways.of(one.person_id, Channel.BELL) is Way.OFF
    waits = ways.of(one.person_id, Channel.MAIL) is Way.DAILY
    return kind.name, at, one.person_id, one.url, dict(one.values), at if is_quiet else None, waits, one.key


def _written_once(told: Sequence[Told], rows: Sequence[tuple[Any, ...]]) -> Sequence[Told]:
    """Gives those who were not told under the same key before. Of two who tell at once, the second finds it told."""
    written = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    once = _insert(Notice).on_conflict_do_nothing(index_elements=["person_id", "key"])
    fresh = {(one, key) for one, key in db.session.execute(once.returning(Notice.person_id, Notice.key), written)}
    return [one for one in told if one.key is None or (one.person_id, one.key) in fresh]


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────
_READ = update(Notice).where(Notice.person_id == bindparam("person"), Notice.read_at.is_(None))


def mark_read(notice: Notice, *, at: datetime) -> None:
    """She opened it; twice is as good as once."""
    opened = {"person": notice.person_id, "notice": notice.id, "read_at": at}
    rows(_READ.where(Notice.id == bindparam("notice")), opened)


def mark_all_read(person: Person, *, up_to: int, at: datetime) -> int:
    """All that she has seen on the list, up to its newest; how many."""
    seen = _READ.where(Notice.id <= bindparam("newest"))
    return rows(seen, {"person": person.id, "newest": up_to, "read_at": at}).rowcount


# ── choosing ────────────────────────────────────────────────────────────────────────────────────────
def choose(person: Person, choices: Mapping[tuple[str, Channel], Way], *, at: datetime) -> int:
    """Set the ways of kinds and channels; how many changed. Raises DomainError for one that cannot be chosen."""
    for (name, channel), way in choices.items():
        known = KINDS.get(name)
        if known is None or known.is_needed or way not in WAYS[channel]:
            raise DomainError(_l("这一项不能这样选，请刷新页面再试。"))
    now = chosen_by(person)
    changed = {
        (name, channel): way
        for (name, channel), way in choices.items()
        if way is not now.get((name, channel), KINDS[name].usual(channel))
    }
    _set(person.id, changed)
    if changed:
        detail = {f"{name}.{channel}": way.value for (name, channel), way in changed.items()}
        record("notices.chosen", person, by=person, at=at, chosen=detail)
    return len(changed)


def stop_letters(person: Person, name: str | None, channel: Channel, *, at: datetime) -> None:
    """No more letters of a kind, or (None) of any that can be switched off; twice is as good as once."""
    names = [one.name for one in KINDS.values() if not one.is_needed and name in (None, one.name)]
    chosen = chosen_by(person)
    if all(chosen.get((one, channel)) is Way.OFF for one in names):
        # Programs send it as often as they like, and each time would be a line that nobody can delete.
        return
    _set(person.id, {(one, channel): Way.OFF for one in names})
    # Nobody is signed in: whoever has the letter may do it.
    record("notices.letters_stopped", person, by=None, at=at, kinds=names, channel=channel.value)


def _set(person_id: int, ways: Mapping[tuple[str, Channel], Way]) -> None:
    """The later of two who save at once counts."""
    if not ways:
        return
    given = [
        {"person_id": person_id, "kind": name, "channel": channel.value, "way": way.value}
        for (name, channel), way in sorted(ways.items())
    ]
    put = _insert(Preference).values(given)
    again = put.on_conflict_do_update(index_elements=["person_id", "kind", "channel"], set_={"way": put.excluded.way})
    db.session.execute(again, execution_options=DETACHED)


def _insert(model: type[Model]) -> Any:
    """INSERT with ON CONFLICT, which SQLAlchemy has for each engine apart."""
    return sqlite_insert(model) if dialect() == "sqlite" else postgresql_insert(model)


# ── forgetting ──────────────────────────────────────────────────────────────────────────────────────
def forget(*, read_before: datetime, any_before: datetime, most: int) -> int:
    """Delete notices that were read long ago, and very old ones; at most so many in one go."""
    old = select(Notice.id).where(Notice.at < read_before)
    gone = old.where(Notice.read_at.is_not(None) | (Notice.at < any_before)).order_by(Notice.at).limit(most)
    ids = list(db.session.scalars(gone))
    db.session.execute(delete(Notice).where(Notice.id.in_(ids)), execution_options=DETACHED)
    return len(ids)
