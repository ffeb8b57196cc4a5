"""What the database itself refuses about hours, on both engines.

- A claim begins waiting, with number 0. Afterwards only `status` and `seq` move, one step at a time, and only when the
  event of that number is there and leads to that status. It is never deleted, replaced or truncated.
- An event takes the claim's next number, from a status it may come from. A decision is never by the person whose hours
  they are (a CHECK beside the composite key) nor by whoever entered them. Events are never changed or taken back.
"""

from portal.guards import Guard, append_only, declare, frozen, not_deleted, not_replaced, postgresql_trigger
from portal.hours.models import COMES_FROM, LEADS_TO, Claim

MOVES = frozenset({"status", "seq"})


def _guard(name: str, table: str, when: str, wrong: str, sentence: str) -> None:
    """A trigger that refuses a row for which `wrong` holds."""
    body = f"BEGIN IF {wrong} THEN RAISE EXCEPTION '{name}: {sentence}'; END IF; RETURN NEW; END"
    declare(
        Guard(
            name,
            table,
            sqlite=f"CREATE TRIGGER {name} BEFORE {when} ON {table} WHEN {wrong} "
            f"BEGIN SELECT RAISE(ABORT, '{name}: {sentence}'); END",
            postgresql=postgresql_trigger(name, table, f"BEFORE {when} ON {table} FOR EACH ROW", body),
        )
    )


def _pairs(pairs: list[tuple[str, str]]) -> str:
    return ", ".join(f"'{first}>{second}'" for first, second in pairs)


_LEADS = _pairs([(kind.value, status.value) for kind, status in LEADS_TO.items()])
_COMES = _pairs([(status.value, kind.value) for kind, sources in COMES_FROM.items() for status in sources])

frozen("hours_claim", *(column.key for column in Claim.__table__.columns if column.key not in MOVES))
not_deleted("hours_claim")
not_replaced("hours_claim", keys=("id", "replaces_id"))
append_only("hours_event", keys=("id", ("claim_id", "seq")))

# SQLite's INSERT OR REPLACE would push the other claim out; PostgreSQL's unique index refuses by itself.
declare(
    Guard(
        "hours_claim_once",
        "hours_claim",
        sqlite="CREATE TRIGGER hours_claim_once BEFORE INSERT ON hours_claim WHEN EXISTS (SELECT 1 FROM hours_claim "
        "WHERE person_id = NEW.person_id AND activity_id = NEW.activity_id AND status IN ('waiting', 'approved')) "
        "BEGIN SELECT RAISE(ABORT, 'hours_claim_once: these hours are claimed already'); END",
        postgresql="",
    )
)
_guard(
    "hours_claim_begins",
    "hours_claim",
    "INSERT",
    "NEW.status <> 'waiting' OR NEW.seq <> 0",
    "a claim begins waiting, with number 0",
)
_guard(
    "hours_claim_moves",
    "hours_claim",
    "UPDATE",
    "NEW.seq <> OLD.seq + 1 OR NOT EXISTS (SELECT 1 FROM hours_event e WHERE e.claim_id = NEW.id "
    f"AND e.seq = NEW.seq AND e.kind || '>' || NEW.status IN ({_LEADS}))",
    "status and number move by an event",
)
_guard(
    "hours_event_follows",
    "hours_event",
    "INSERT",
    "NOT EXISTS (SELECT 1 FROM hours_claim c WHERE c.id = NEW.claim_id AND NEW.seq = c.seq + 1 "
    f"AND c.status || '>' || NEW.kind IN ({_COMES}))",
    "not the next event of its claim",
)
_guard(
    "hours_event_by_others",
    "hours_event",
    "INSERT",
    "NEW.kind <> 'resubmitted' AND EXISTS (SELECT 1 FROM hours_claim c "
    "WHERE c.id = NEW.claim_id AND c.entered_by_id = NEW.by_id)",
    "nobody decides on what they entered",
)
