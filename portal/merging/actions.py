from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from portal.audit import record
from portal.db import db
from portal.merging.models import Apart, Merge
from portal.merging.moving import MOVES, Two
from portal.merging.queries import merge_of, merged_into
from portal.merging.telling import tell_merged, tell_parted
from portal.mydata.queries import deletion_of
from portal.people.actions import hold, require_reason
from portal.people.models import Person, Role
from portal.people.policy import grants_today
from portal.problems import ChangedMeanwhile, DomainError
from portal.profiles.models import Profile
from portal.profiles.queries import profile_of
from portal.words import Words, _l


class NotOnePerson(DomainError):
    """What is known of the two says that they are two people, or that they cannot be merged now."""


def merge(twin: Person, into: Person, *, by: Person, at: datetime, reason: str) -> Merge:
    """Make an entry a part of another one of the same person. Raises NotOnePerson, DomainError."""
    require_reason(reason)
    _hold(twin, into)
    for problem in problems(twin, into, by=by):
        raise NotOnePerson(problem)
    two = Two(twin, into, by, at, reason)
    merged = Merge(twin_id=twin.id, into_id=into.id, by_id=by.id, at=at, reason=reason, moved={})
    db.session.add(merged)
    db.session.flush()
    merged.moved = {one.name: one.over(two) for one in MOVES}
    _say_selves(into)
    record("merging.merge.done", merged, by=by, at=at, person=into.id, twin=twin.id, reason=reason)
    tell_merged(twin, into, at=at)
    return merged


def part(merged: Merge, *, by: Person, at: datetime, reason: str) -> None:
    """They are two people after all: what went over goes back. What was written since then stays where it is.

    Raises ChangedMeanwhile, DomainError.
    """
    require_reason(reason)
    _hold(merged.twin, merged.into)
    db.session.refresh(merged)
    if merged.undone_at is not None:
        raise ChangedMeanwhile(_l("这次合并已经撤销了。"))
    if by.id in (merged.twin_id, merged.into_id):
        raise DomainError(_l("自己的登记，请别人来办。"))
    for problem in _deletions(merged.twin, merged.into):
        raise DomainError(problem)
    two = Two(merged.twin, merged.into, by, at, reason)
    merged.undone_at, merged.undone_by_id, merged.undo_reason = at, by.id, reason
    db.session.flush()
    # An entry that is still a part of the other is not opened again.
    _say_selves(merged.into)
    for one in reversed(MOVES):
        one.back(two, merged.moved.get(one.name))
    record("merging.merge.undone", merged, by=by, at=at, person=merged.into_id, twin=merged.twin_id, reason=reason)
    tell_parted(merged.twin, merged.into, reason=reason, at=at)


def tell_apart(one: Person, other: Person, *, by: Person, at: datetime) -> None:
    """They look alike and are two people: suggested no more. Twice is once."""
    first, second = sorted((one.id, other.id))
    if first == second or db.session.get(Apart, (first, second)) is not None:
        return
    try:
        with db.session.begin_nested():
            db.session.add(Apart(one_id=first, other_id=second, by_id=by.id, at=at))
    except IntegrityError:
        return
    record("merging.apart.said", None, by=by, at=at, people=[first, second])


def problems(twin: Person, into: Person, *, by: Person) -> Iterator[Words]:
    """Why these two cannot be merged, the plainest first."""
    if twin.id == into.id:
        yield _l("这是同一份登记。")
        return
    if by.id in (twin.id, into.id):
        yield _l("自己的登记，请别人来办。")
    if merge_of(twin.id) or merge_of(into.id):
        yield _l("其中一份已经并进别的登记了。")
    if merged_into(twin.id):
        yield _l("要并掉的这一份里已经并进过别的登记，请反过来合并。")
    if not into.is_open:
        yield _l("要留下的这一份已经停用了，请先恢复，或者反过来合并。")
    if any(one.role != Role.VOLUNTEER for one in grants_today(twin)):
        yield _l("要并掉的这一份还有别的身份，请先结束那些身份，或者反过来合并。")
    yield from _deletions(twin, into)
    yield from _contradictions(profile_of(twin.id), profile_of(into.id))


def _deletions(twin: Person, into: Person) -> Iterator[Words]:
    """What was deleted comes back by no way, and what shall be is not taken elsewhere before its day."""
    if deletion_of(twin.id) or deletion_of(into.id):
        yield _l("其中一份的本人要求删除资料，不能合并，也不能撤销合并。")


def _contradictions(one: Profile | None, other: Profile | None) -> Iterator[Words]:
    """What no one person can be at once."""
    if one is None or other is None:
        return
    for name, sentence in (
        ("id_digest", _l("两份登记的证件号码不同，不是同一个人。")),
        ("birth_year", _l("两份登记的出生年份不同。真是同一个人的话，请先更正档案。")),
        ("gender", _l("两份登记的性别不同。真是同一个人的话，请先更正档案。")),
    ):
        values = {getattr(one, name), getattr(other, name)} - {None}
        if len(values) > 1 and (name != "id_digest" or one.id_kind == other.id_kind):
            yield sentence


def _hold(twin: Person, into: Person) -> None:
    """Nobody else merges or changes the rights of either; always in the same order."""
    for person in sorted((twin, into), key=lambda person: person.id):
        hold(person.id)
        db.session.refresh(person)


def _say_selves(into: Person) -> None:
    into.other_ids = " ".join(map(str, merged_into(into.id))) or None
    db.session.flush()
