"""What must be true of merged entries, recomputed by `portal check`."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.invariants import Found, invariant
from portal.merging.models import Merge
from portal.people.models import Person


@invariant("merging.selves")
def selves_are_the_merges(session: Session) -> Found:
    """A person's other entries are those that merges say, and nobody signs in as one that became a part of another."""
    told = session.scalars(select(Person).where(Person.other_ids.is_not(None)))
    kept = {person.id: set(person.selves) - {person.id} for person in told}
    real: dict[int, set[int]] = {}
    problems = []
    now = select(Merge.into_id, Merge.twin_id, Person.is_open).join(Person, Person.id == Merge.twin_id)
    for into_id, twin_id, is_open in session.execute(now.where(Merge.undone_at.is_(None))):
        real.setdefault(into_id, set()).add(twin_id)
        if is_open:
            problems.append(f"person {twin_id} is a part of {into_id} and still open")
    wrong = [one for one in {*kept, *real} if kept.get(one) != real.get(one)]
    problems += [f"person {one}: other entries {kept.get(one)} are not {real.get(one)}" for one in sorted(wrong)]
    return len(real), problems
