"""`portal check`: names here are those of the rows they belong to, and are read as they would be today."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import CompoundSelect, Integer, String, except_, func, literal, select, union_all
from sqlalchemy.orm import Session

from portal.finding.models import Kind, Named, Reading
from portal.finding.work import kept, starts
from portal.invariants import Found, invariant
from portal.orgs.models import Organisation, Team
from portal.people.models import Person

SAMPLE = 2_000
"""So many of the readings are made again, spread over all: to read a million names takes half a minute."""

MOST_TOLD = 100


@invariant("finding.names")
def names_are_those_of_their_rows(session: Session) -> Found:
    """None is missing, too many or another."""
    sources = ((Kind.PERSON, Person), (Kind.ORGANISATION, Organisation), (Kind.TEAM, Team))
    each = (select(literal(kind.value, String).label("kind"), model.id, model.name) for kind, model in sources)
    real = select(union_all(*each).subquery())
    there = select(Named.kind, Named.ref_id, Named.name)
    count = session.scalar(select(func.count()).select_from(Named)) or 0
    differing = (("is missing", except_(real, there)), ("is too many or another", except_(there, real)))
    return count, list(_told(session, differing))


def _told(session: Session, differing: Iterable[tuple[str, CompoundSelect[*tuple[Any, ...]]]]) -> Iterator[str]:
    for what, names in differing:
        for kind, id, _ in session.execute(names.limit(MOST_TOLD)):
            yield f"the name of {kind} {id} {what}"


@invariant("finding.readings")
def readings_are_those_of_the_names(session: Session) -> Found:
    """What was read is read so still; a sample, spread over all names."""
    newest = session.scalar(select(func.max(Named.id))) or 0
    step = max(1, newest // SAMPLE)
    spread = select(Named).where(Named.syllables.is_not(None), func.mod(Named.id, literal(step, Integer)) == 0)
    sample = session.scalars(spread.order_by(Named.id).limit(SAMPLE)).all()
    return len(sample), list(_misread(session, list(sample)))


def _misread(session: Session, sample: list[Named]) -> Iterator[str]:
    ids = [one.id for one in sample]
    found: dict[int, set[tuple[str, str]]] = {}
    for id, syllables, initials in session.execute(
        select(Reading.name_id, Reading.syllables, Reading.initials).where(Reading.name_id.in_(ids))
    ):
        found.setdefault(id, set()).add((syllables, initials))
    for one in sample:
        wanted = {(way.syllables, way.initials) for way in starts(one.name)} if one.kind == Kind.PERSON.value else set()
        if (one.syllables, one.initials) != kept(one.name) or found.get(one.id, set()) != wanted:
            yield f"the name of {one.kind} {one.ref_id} is read otherwise"
