"""What the database itself refuses about grants, on both engines.

- Nobody is cashier and accountant of one fund on the same day, and nobody who supervises changes anything. On
  PostgreSQL the person's row is locked first, so that two who give at the same moment see each other's grant.
- A deputy's grant is that of somebody else, for days within it, and no deputy has one of her own.
- Of a grant nothing changes but its end, and that only comes nearer, with who ended it and why. It is never deleted.
"""

from portal.guards import declare, frozen, not_deleted, not_replaced, refusing
from portal.people.duties import BESIDE_SUPERVISION

_GRANT = "people_grant"
_BESIDE = ", ".join(f"'{role.value}'" for role in BESIDE_SUPERVISION)

_SAME_DAYS = """(g.ends_on IS NULL OR (g.ends_on >= NEW.starts_on AND g.ends_on >= g.starts_on))
    AND (NEW.ends_on IS NULL OR g.starts_on <= NEW.ends_on)"""
_SAME_MONEY = """((g.role = 'cashier' AND NEW.role = 'accountant') OR (g.role = 'accountant' AND NEW.role = 'cashier'))
    AND (g.scope_kind = 'alliance' OR NEW.scope_kind = 'alliance'
      OR (g.scope_kind = NEW.scope_kind AND g.scope_id = NEW.scope_id))"""
_SUPERVISED = f"""(g.role = 'supervisor' AND NEW.role NOT IN ({_BESIDE}))
    OR (NEW.role = 'supervisor' AND g.role NOT IN ({_BESIDE}))"""

# Two who insert hold a lock for their foreign keys already, which this one does not wait for: no deadlock.
_LOCK = """PERFORM 1 FROM people_person p WHERE p.id IN (SELECT person_id FROM added WHERE role <> 'volunteer')
  ORDER BY p.id FOR NO KEY UPDATE;"""

for guard in (
    refusing(
        "people_grant_duties",
        _GRANT,
        verb="INSERT",
        when=f"""EXISTS (SELECT 1 FROM {_GRANT} g WHERE g.person_id = NEW.person_id
    AND {_SAME_DAYS}
    AND (({_SAME_MONEY})
    OR {_SUPERVISED}))""",
        sentence="duties that must be apart lie in one hand",
        first=_LOCK,
    ),
    refusing(
        "people_grant_begins",
        _GRANT,
        verb="INSERT",
        when="NEW.ended_at IS NOT NULL",
        sentence="a grant does not begin with its end",
    ),
    refusing(
        "people_grant_deputy",
        _GRANT,
        verb="INSERT",
        when=f"""NEW.deputy_of_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {_GRANT} o
    WHERE o.id = NEW.deputy_of_id AND o.person_id <> NEW.person_id AND o.deputy_of_id IS NULL AND o.role = NEW.role
    AND o.scope_kind = NEW.scope_kind AND o.scope_id = NEW.scope_id AND NEW.starts_on >= o.starts_on
    AND NEW.ends_on IS NOT NULL AND (o.ends_on IS NULL OR NEW.ends_on <= o.ends_on))""",
        sentence="a deputy does what another may, for some of her days",
    ),
    refusing(
        "people_grant_ends",
        _GRANT,
        verb="UPDATE",
        when="NEW.ends_on IS NULL OR NEW.ended_at IS NULL OR NEW.ends_on >= OLD.ends_on",
        sentence="the end of a grant only comes nearer",
    ),
):
    declare(guard)
frozen(
    _GRANT,
    *("id", "person_id", "role", "scope_kind", "scope_id", "starts_on", "given_by_id", "reason", "deputy_of_id"),
)
not_deleted(_GRANT)
not_replaced(_GRANT)
