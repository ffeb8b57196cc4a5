"""What the database itself refuses about rosters, on both engines.

- A roster goes its way reading → preview → booking → booked (or withdrawn) and never back; rows that booking is done
  with only grow, and only while it books.
- From the confirmation on no row is added, taken away or decided anew, and what became of a row stays. Once the roster
  is booked or withdrawn its rows may be forgotten.
"""

from portal.guards import ONE, declare, not_deleted, not_replaced, refusing

_ROSTER, _ROW = "rosters_roster", "rosters_row"

_WAY = (
    ("reading", "preview"),
    ("reading", "withdrawn"),
    ("preview", "reading"),
    ("preview", "booking"),
    ("preview", "withdrawn"),
    ("booking", "booked"),
)
_ALLOWED = " OR ".join(f"(OLD.status = '{before}' AND NEW.status = '{after}')" for before, after in _WAY)
_PLAN = ("roster_id", "row_no", "name", "kind", "doubt", "twin_of", "decision", "is_elsewhere", "is_waiting")
_REPLANNED = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _PLAN)


def _is(row: str, *states: str) -> str:
    among = ", ".join(f"'{state}'" for state in states)
    return f"EXISTS (SELECT 1 FROM {_ROSTER} r WHERE r.id = {row}.roster_id AND r.status IN ({among}) {ONE})"


for guard in (
    refusing(
        "rosters_roster_begins",
        _ROSTER,
        verb="INSERT",
        when="NEW.status NOT IN ('reading', 'preview') OR NEW.booked <> 0 OR NEW.confirmed_by_id IS NOT NULL",
        sentence="a roster begins unread or as a preview",
    ),
    refusing(
        "rosters_roster_way",
        _ROSTER,
        verb="UPDATE",
        when=f"OLD.status <> NEW.status AND NOT ({_ALLOWED})",
        sentence="a roster goes its way and not back",
    ),
    refusing(
        "rosters_roster_grows",
        _ROSTER,
        verb="UPDATE",
        when="NEW.booked < OLD.booked OR (NEW.booked > OLD.booked AND OLD.status <> 'booking')",
        sentence="rows are booked while the roster is being booked",
    ),
    refusing(
        "rosters_row_comes",
        _ROW,
        verb="INSERT",
        when=f"NOT {_is('NEW', 'reading', 'preview')}",
        sentence="no row is added to a roster that is confirmed",
    ),
    refusing(
        "rosters_row_settled",
        _ROW,
        verb="UPDATE",
        when=f"({_REPLANNED}) AND {_is('OLD', 'booking')}",
        sentence="rows do not change once their roster is confirmed",
    ),
    refusing(
        "rosters_row_outcome",
        _ROW,
        verb="UPDATE",
        when=f"NEW.outcome IS NOT OLD.outcome AND (OLD.outcome IS NOT NULL OR NOT {_is('OLD', 'booking')})",
        sentence="what became of a row is said once, while its roster is booked",
    ),
    refusing(
        "rosters_row_goes",
        _ROW,
        verb="DELETE",
        when=f"{_is('OLD', 'booking')}",
        sentence="no row is taken from a roster that is being booked",
    ),
):
    declare(guard)
not_deleted(_ROSTER)
not_replaced(_ROSTER)
not_replaced(_ROW, keys=("id", ("roster_id", "row_no")))
