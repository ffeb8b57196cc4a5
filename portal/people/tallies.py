"""How many volunteers there are, kept by the database: the first page counts nobody."""

from sqlalchemy import CheckConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.db import Model
from portal.guards import Guard, declare, postgresql_trigger
from portal.invariants import Found, invariant
from portal.people.models import Person


class PeopleTally(Model):
    """The single row. `volunteers` have a number."""

    __tablename__ = "people_tally"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    volunteers: Mapped[int]


def _guard(verb: str, of: str, is_counted: str, change: str, when: str, postgresql: str) -> None:
    name = f"people_person_tally_{verb.lower()}"
    body = f"UPDATE people_tally SET volunteers = volunteers {change} WHERE id = 1;"
    declare(
        Guard(
            name,
            "people_person",
            sqlite=f"CREATE TRIGGER {name} AFTER {verb}{of} ON people_person WHEN {is_counted} BEGIN {body} END",
            postgresql=postgresql_trigger(
                name,
                "people_person",
                f"AFTER {verb}{of} ON people_person {when}",
                f"BEGIN {postgresql or body} RETURN NULL; END",
            ),
        )
    )


# The row is hot: a list of thousands of people locks it once, and whoever brings no volunteer does not lock it.
_ADDED = (
    "UPDATE people_tally SET volunteers = volunteers + (SELECT count(volunteer_no) FROM added) "
    "WHERE id = 1 AND EXISTS (SELECT FROM added WHERE volunteer_no IS NOT NULL);"
)
_CHANGED = "(NEW.volunteer_no IS NULL) <> (OLD.volunteer_no IS NULL)"
_STEP = "+ CASE WHEN NEW.volunteer_no IS NULL THEN -1 ELSE 1 END"
_ROWS = "REFERENCING NEW TABLE AS added FOR EACH STATEMENT"
_guard("INSERT", "", "NEW.volunteer_no IS NOT NULL", "+ 1", _ROWS, _ADDED)
_guard("UPDATE", " OF volunteer_no", _CHANGED, _STEP, f"FOR EACH ROW WHEN ({_CHANGED})", "")
_guard("DELETE", "", "OLD.volunteer_no IS NOT NULL", "- 1", "FOR EACH ROW WHEN (OLD.volunteer_no IS NOT NULL)", "")


@invariant("people.tally")
def tally_is_the_count(session: Session) -> Found:
    """What the tally says is how many people have a number."""
    real = session.scalar(select(func.count(Person.volunteer_no))) or 0
    kept = session.scalar(select(PeopleTally.volunteers))
    return real, [] if kept == real else [f"{kept} volunteers are not {real}"]
