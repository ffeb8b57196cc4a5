"""Names come, change and go with their own rows, whoever writes those: one by one, by the thousand or from a file.

A name that changes is unread again; the job of this room reads it anew.
"""

from portal.finding.models import Kind
from portal.guards import Guard, declare, postgresql_trigger

_TABLES = {
    "people_person": Kind.PERSON,
    "orgs_organisation": Kind.ORGANISATION,
    "orgs_team": Kind.TEAM,
}


def _added(table: str, kind: Kind) -> Guard:
    name, into = f"{table}_finding_insert", "INSERT INTO finding_name (kind, ref_id, name)"
    return Guard(
        name,
        table,
        sqlite=f"CREATE TRIGGER {name} AFTER INSERT ON {table} "
        f"BEGIN {into} VALUES ('{kind.value}', NEW.id, NEW.name); END",
        postgresql=postgresql_trigger(
            name,
            table,
            f"AFTER INSERT ON {table} REFERENCING NEW TABLE AS added FOR EACH STATEMENT",
            f"BEGIN {into} SELECT '{kind.value}', id, name FROM added ORDER BY id; RETURN NULL; END",
        ),
    )


def _renamed(table: str, kind: Kind) -> Guard:
    hers = f"kind = '{kind.value}' AND ref_id = NEW.id"
    body = (
        f"UPDATE finding_name SET name = NEW.name, syllables = NULL, initials = NULL WHERE {hers}; "
        f"DELETE FROM finding_reading WHERE name_id = (SELECT id FROM finding_name WHERE {hers});"
    )
    return _row(f"{table}_finding_update", table, "UPDATE OF name", "NEW.name <> OLD.name", body)


def _gone(table: str, kind: Kind) -> Guard:
    hers = f"kind = '{kind.value}' AND ref_id = OLD.id"
    # The row first: whoever is just writing down how it is read ends before its readings are looked for.
    body = (
        f"UPDATE finding_name SET syllables = NULL, initials = NULL WHERE {hers}; "
        f"DELETE FROM finding_reading WHERE name_id = (SELECT id FROM finding_name WHERE {hers}); "
        f"DELETE FROM finding_name WHERE {hers};"
    )
    return _row(f"{table}_finding_delete", table, "DELETE", "", body)


def _row(name: str, table: str, verb: str, when: str, body: str) -> Guard:
    """A guard that looks at each row."""
    only, only_too = (f" WHEN {when}", f" WHEN ({when})") if when else ("", "")
    return Guard(
        name,
        table,
        sqlite=f"CREATE TRIGGER {name} AFTER {verb} ON {table}{only} BEGIN {body} END",
        postgresql=postgresql_trigger(
            name, table, f"AFTER {verb} ON {table} FOR EACH ROW{only_too}", f"BEGIN {body} RETURN NULL; END"
        ),
    )


for _table, _kind in _TABLES.items():
    for _made in (_added, _renamed, _gone):
        declare(_made(_table, _kind))
