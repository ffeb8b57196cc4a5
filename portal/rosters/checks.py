"""What must always be true of rosters."""

from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.invariants import Found, invariant
from portal.people.models import Person
from portal.rosters.models import Outcome, Roster, RosterPart, RosterRow, RosterStatus


@invariant("rosters.are counted right")
def rosters_are_counted(session: Session) -> Found:
    """What a roster says of its rows and of how many are done with is what they add up to, until they are forgotten."""
    counted = (
        select(
            RosterRow.roster_id.label("id"),
            func.count().label("rows"),
            func.count().filter(RosterRow.outcome.is_not(None)).label("booked"),
        )
        .group_by(RosterRow.roster_id)
        .subquery()
    )
    said = select(Roster.id, Roster.rows, Roster.booked, func.coalesce(counted.c.rows, 0), counted.c.booked)
    kept = said.outerjoin(counted, counted.c.id == Roster.id).where(
        Roster.forgotten_at.is_(None), Roster.status != RosterStatus.WITHDRAWN.value
    )
    found = session.execute(kept).all()
    wrong = (id for id, rows, booked, real, done in found if (rows, booked) != (real, done or 0))
    return len(found), (f"roster {id} is not what its rows add up to" for id in wrong)


@invariant("rosters.rows became somebody")
def rows_became_somebody(session: Session) -> Found:
    """Whoever was added or updated by a row is there."""
    done = RosterRow.outcome.in_([Outcome.ADDED.value, Outcome.AWAITS.value, Outcome.UPDATED.value])
    nobody: Any = select(RosterRow.id).where(done, ~exists().where(Person.id == RosterRow.person_id)).limit(200)
    count = session.scalar(select(func.count()).where(done)) or 0
    return count, (f"row {id} of a roster became nobody" for id in session.scalars(nobody))


@invariant("rosters.files are forgotten")
def files_are_forgotten(session: Session) -> Found:
    """Of a roster that was withdrawn or forgotten no file is left."""
    gone = select(RosterPart.roster_id).join(Roster, Roster.id == RosterPart.roster_id).distinct()
    over = (Roster.status == RosterStatus.WITHDRAWN.value) | Roster.forgotten_at.is_not(None)
    left = list(session.scalars(gone.where(over)))
    return len(left), (f"the file of roster {id} is still there" for id in left)
