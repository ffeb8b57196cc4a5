"""Sums of hours, activities, volunteers and gifts, kept as they change.

Revision: 20261122_tallies
After: 20261122_search
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_tallies"
down_revision = "20261122_search"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Frozen here: what portal/*/tallies.py say today may change, what this migration made may not.
SQLITE = {
    ("funds_gift_tally_month", "funds_gift"): r"""
CREATE TRIGGER funds_gift_tally_month AFTER INSERT ON funds_gift
BEGIN
  INSERT INTO funds_tally_month (fund_id, month, method, gifts, fen)
    VALUES (NEW.fund_id, substr(NEW.received_on, 1, 7), NEW.method, 1, NEW.fen)
    ON CONFLICT (fund_id, month, method) DO UPDATE SET gifts = gifts + 1, fen = fen + excluded.fen;
END
""",
    ("funds_gift_tally_band", "funds_gift"): r"""
CREATE TRIGGER funds_gift_tally_band AFTER INSERT ON funds_gift
BEGIN
  INSERT INTO funds_tally_band (fund_id, band, gifts, fen)
    VALUES (NEW.fund_id, CASE WHEN NEW.fen < 100 THEN NEW.fen ELSE CAST(substr(CAST(NEW.fen AS TEXT), 1, 2) || substr('000000000000000000', 1, length(CAST(NEW.fen AS TEXT)) - 2) AS BIGINT) END, 1, NEW.fen)
    ON CONFLICT (fund_id, band) DO UPDATE SET gifts = gifts + 1, fen = fen + excluded.fen;
END
""",
    ("hours_claim_tally_insert", "hours_claim"): r"""
CREATE TRIGGER hours_claim_tally_insert AFTER INSERT ON hours_claim
BEGIN
  INSERT INTO hours_person_tally (person_id, status, claims, minutes)
    VALUES (NEW.person_id, NEW.status, 1, NEW.minutes)
    ON CONFLICT (person_id, status) DO UPDATE SET claims = claims + excluded.claims, minutes = minutes + excluded.minutes;
  INSERT INTO hours_tally (month, organisation_id, claims, minutes)
    SELECT substr(NEW.served_on, 1, 7), NEW.organisation_id, 1, NEW.minutes
    WHERE NEW.status = 'approved'
    ON CONFLICT (month, organisation_id) DO UPDATE SET claims = claims + excluded.claims, minutes = minutes + excluded.minutes;
END
""",
    ("hours_claim_tally_update", "hours_claim"): r"""
CREATE TRIGGER hours_claim_tally_update AFTER UPDATE ON hours_claim WHEN NEW.status IS NOT OLD.status
BEGIN
  INSERT INTO hours_person_tally (person_id, status, claims, minutes)
    VALUES (OLD.person_id, OLD.status, -1, -OLD.minutes)
    ON CONFLICT (person_id, status) DO UPDATE SET claims = claims + excluded.claims, minutes = minutes + excluded.minutes;
  INSERT INTO hours_tally (month, organisation_id, claims, minutes)
    SELECT substr(OLD.served_on, 1, 7), OLD.organisation_id, -1, -OLD.minutes
    WHERE OLD.status = 'approved'
    ON CONFLICT (month, organisation_id) DO UPDATE SET claims = claims + excluded.claims, minutes = minutes + excluded.minutes;
  INSERT INTO hours_person_tally (person_id, status, claims, minutes)
    VALUES (NEW.person_id, NEW.status, 1, NEW.minutes)
    ON CONFLICT (person_id, status) DO UPDATE SET claims = claims + excluded.claims, minutes = minutes + excluded.minutes;
  INSERT INTO hours_tally (month, organisation_id, claims, minutes)
    SELECT substr(NEW.served_on, 1, 7), NEW.organisation_id, 1, NEW.minutes
    WHERE NEW.status = 'approved'
    ON CONFLICT (month, organisation_id) DO UPDATE SET claims = claims + excluded.claims, minutes = minutes + excluded.minutes;
END
""",
    ("activities_activity_tally_insert", "activities_activity"): r"""
CREATE TRIGGER activities_activity_tally_insert AFTER INSERT ON activities_activity
BEGIN
  INSERT INTO activities_tally (team_id, status, activities) VALUES (NEW.team_id, NEW.status, 1)
    ON CONFLICT (team_id, status) DO UPDATE SET activities = activities + excluded.activities;
END
""",
    ("activities_activity_tally_update", "activities_activity"): r"""
CREATE TRIGGER activities_activity_tally_update AFTER UPDATE ON activities_activity WHEN NEW.status IS NOT OLD.status OR NEW.team_id IS NOT OLD.team_id
BEGIN
  INSERT INTO activities_tally (team_id, status, activities) VALUES (OLD.team_id, OLD.status, -1)
    ON CONFLICT (team_id, status) DO UPDATE SET activities = activities + excluded.activities;
  INSERT INTO activities_tally (team_id, status, activities) VALUES (NEW.team_id, NEW.status, 1)
    ON CONFLICT (team_id, status) DO UPDATE SET activities = activities + excluded.activities;
END
""",
    ("activities_activity_tally_delete", "activities_activity"): r"""
CREATE TRIGGER activities_activity_tally_delete AFTER DELETE ON activities_activity
BEGIN
  INSERT INTO activities_tally (team_id, status, activities) VALUES (OLD.team_id, OLD.status, -1)
    ON CONFLICT (team_id, status) DO UPDATE SET activities = activities + excluded.activities;
END
""",
    ("people_person_tally_insert", "people_person"): r"""
CREATE TRIGGER people_person_tally_insert AFTER INSERT ON people_person WHEN NEW.volunteer_no IS NOT NULL BEGIN UPDATE people_tally SET volunteers = volunteers + 1 WHERE id = 1; END
""",
    ("people_person_tally_update", "people_person"): r"""
CREATE TRIGGER people_person_tally_update AFTER UPDATE OF volunteer_no ON people_person WHEN (NEW.volunteer_no IS NULL) <> (OLD.volunteer_no IS NULL) BEGIN UPDATE people_tally SET volunteers = volunteers + CASE WHEN NEW.volunteer_no IS NULL THEN -1 ELSE 1 END WHERE id = 1; END
""",
    ("people_person_tally_delete", "people_person"): r"""
CREATE TRIGGER people_person_tally_delete AFTER DELETE ON people_person WHEN OLD.volunteer_no IS NOT NULL BEGIN UPDATE people_tally SET volunteers = volunteers - 1 WHERE id = 1; END
""",
}

POSTGRESQL = {
    ("funds_gift_tally_month", "funds_gift"): r"""
CREATE FUNCTION funds_gift_tally_month() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN
  INSERT INTO funds_tally_month AS t (fund_id, month, method, gifts, fen)
    SELECT fund_id, to_char(received_on, 'YYYY-MM'), method, count(*), sum(fen) FROM added GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (fund_id, month, method) DO UPDATE SET gifts = t.gifts + excluded.gifts, fen = t.fen + excluded.fen;
  RETURN NULL;
END $guard$;
CREATE TRIGGER funds_gift_tally_month AFTER INSERT ON funds_gift REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_gift_tally_month()
""",
    ("funds_gift_tally_band", "funds_gift"): r"""
CREATE FUNCTION funds_gift_tally_band() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN
  INSERT INTO funds_tally_band AS t (fund_id, band, gifts, fen)
    SELECT fund_id, CASE WHEN fen < 100 THEN fen ELSE CAST(substr(CAST(fen AS TEXT), 1, 2) || substr('000000000000000000', 1, length(CAST(fen AS TEXT)) - 2) AS BIGINT) END, count(*), sum(fen) FROM added GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (fund_id, band) DO UPDATE SET gifts = t.gifts + excluded.gifts, fen = t.fen + excluded.fen;
  RETURN NULL;
END $guard$;
CREATE TRIGGER funds_gift_tally_band AFTER INSERT ON funds_gift REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_gift_tally_band()
""",
    ("hours_claim_tally_insert", "hours_claim"): r"""
CREATE FUNCTION hours_claim_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $guard$ 
BEGIN
  INSERT INTO hours_person_tally AS t (person_id, status, claims, minutes)
    SELECT person_id, status, sum(n), sum(n * minutes) FROM (SELECT 1 AS n, * FROM added) AS change
    GROUP BY 1, 2 HAVING sum(n) <> 0 OR sum(n * minutes) <> 0 ORDER BY 1, 2
    ON CONFLICT (person_id, status) DO UPDATE SET claims = t.claims + excluded.claims, minutes = t.minutes + excluded.minutes;
  INSERT INTO hours_tally AS t (month, organisation_id, claims, minutes)
    SELECT to_char(served_on, 'YYYY-MM'), organisation_id, sum(n), sum(n * minutes) FROM (SELECT 1 AS n, * FROM added) AS change
    WHERE status = 'approved' GROUP BY 1, 2 HAVING sum(n) <> 0 OR sum(n * minutes) <> 0 ORDER BY 1, 2
    ON CONFLICT (month, organisation_id) DO UPDATE SET claims = t.claims + excluded.claims, minutes = t.minutes + excluded.minutes;
  RETURN NULL;
END $guard$;
CREATE TRIGGER hours_claim_tally_insert AFTER INSERT ON hours_claim REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION hours_claim_tally_insert()
""",
    ("hours_claim_tally_update", "hours_claim"): r"""
CREATE FUNCTION hours_claim_tally_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ 
BEGIN
  INSERT INTO hours_person_tally AS t (person_id, status, claims, minutes)
    SELECT person_id, status, sum(n), sum(n * minutes) FROM (SELECT 1 AS n, * FROM after UNION ALL SELECT -1, * FROM before) AS change
    GROUP BY 1, 2 HAVING sum(n) <> 0 OR sum(n * minutes) <> 0 ORDER BY 1, 2
    ON CONFLICT (person_id, status) DO UPDATE SET claims = t.claims + excluded.claims, minutes = t.minutes + excluded.minutes;
  INSERT INTO hours_tally AS t (month, organisation_id, claims, minutes)
    SELECT to_char(served_on, 'YYYY-MM'), organisation_id, sum(n), sum(n * minutes) FROM (SELECT 1 AS n, * FROM after UNION ALL SELECT -1, * FROM before) AS change
    WHERE status = 'approved' GROUP BY 1, 2 HAVING sum(n) <> 0 OR sum(n * minutes) <> 0 ORDER BY 1, 2
    ON CONFLICT (month, organisation_id) DO UPDATE SET claims = t.claims + excluded.claims, minutes = t.minutes + excluded.minutes;
  RETURN NULL;
END $guard$;
CREATE TRIGGER hours_claim_tally_update AFTER UPDATE ON hours_claim REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION hours_claim_tally_update()
""",
    ("activities_activity_tally_insert", "activities_activity"): r"""
CREATE FUNCTION activities_activity_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $guard$ 
BEGIN
  INSERT INTO activities_tally AS t (team_id, status, activities)
    SELECT team_id, status, sum(n) FROM (SELECT 1 AS n, team_id, status FROM added) AS change GROUP BY 1, 2 HAVING sum(n) <> 0 ORDER BY 1, 2
    ON CONFLICT (team_id, status) DO UPDATE SET activities = t.activities + excluded.activities;
  RETURN NULL;
END $guard$;
CREATE TRIGGER activities_activity_tally_insert AFTER INSERT ON activities_activity REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION activities_activity_tally_insert()
""",
    ("activities_activity_tally_update", "activities_activity"): r"""
CREATE FUNCTION activities_activity_tally_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ 
BEGIN
  INSERT INTO activities_tally AS t (team_id, status, activities)
    SELECT team_id, status, sum(n) FROM (SELECT 1 AS n, team_id, status FROM after UNION ALL SELECT -1, team_id, status FROM before) AS change GROUP BY 1, 2 HAVING sum(n) <> 0 ORDER BY 1, 2
    ON CONFLICT (team_id, status) DO UPDATE SET activities = t.activities + excluded.activities;
  RETURN NULL;
END $guard$;
CREATE TRIGGER activities_activity_tally_update AFTER UPDATE ON activities_activity REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION activities_activity_tally_update()
""",
    ("activities_activity_tally_delete", "activities_activity"): r"""
CREATE FUNCTION activities_activity_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ 
BEGIN
  INSERT INTO activities_tally AS t (team_id, status, activities)
    SELECT team_id, status, sum(n) FROM (SELECT -1 AS n, team_id, status FROM gone) AS change GROUP BY 1, 2 HAVING sum(n) <> 0 ORDER BY 1, 2
    ON CONFLICT (team_id, status) DO UPDATE SET activities = t.activities + excluded.activities;
  RETURN NULL;
END $guard$;
CREATE TRIGGER activities_activity_tally_delete AFTER DELETE ON activities_activity REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION activities_activity_tally_delete()
""",
    ("people_person_tally_insert", "people_person"): r"""
CREATE FUNCTION people_person_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN UPDATE people_tally SET volunteers = volunteers + (SELECT count(volunteer_no) FROM added) WHERE id = 1 AND EXISTS (SELECT FROM added WHERE volunteer_no IS NOT NULL); RETURN NULL; END $guard$;
CREATE TRIGGER people_person_tally_insert AFTER INSERT ON people_person REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION people_person_tally_insert()
""",
    ("people_person_tally_update", "people_person"): r"""
CREATE FUNCTION people_person_tally_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN UPDATE people_tally SET volunteers = volunteers + CASE WHEN NEW.volunteer_no IS NULL THEN -1 ELSE 1 END WHERE id = 1; RETURN NULL; END $guard$;
CREATE TRIGGER people_person_tally_update AFTER UPDATE OF volunteer_no ON people_person FOR EACH ROW WHEN ((NEW.volunteer_no IS NULL) <> (OLD.volunteer_no IS NULL)) EXECUTE FUNCTION people_person_tally_update()
""",
    ("people_person_tally_delete", "people_person"): r"""
CREATE FUNCTION people_person_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN UPDATE people_tally SET volunteers = volunteers - 1 WHERE id = 1; RETURN NULL; END $guard$;
CREATE TRIGGER people_person_tally_delete AFTER DELETE ON people_person FOR EACH ROW WHEN (OLD.volunteer_no IS NOT NULL) EXECUTE FUNCTION people_person_tally_delete()
""",
}

TABLES = (
    "funds_tally_month",
    "funds_tally_band",
    "hours_tally",
    "hours_person_tally",
    "activities_tally",
    "people_tally",
)

# What is there already; {month} is the engine's way to cut a month out of a date.
FILLED = (
    """INSERT INTO funds_tally_month (fund_id, month, method, gifts, fen)
SELECT fund_id, {month}, method, sum(gifts), sum(fen) FROM (SELECT *, day AS on_day FROM funds_tally) AS days GROUP BY 1, 2, 3""",
    """INSERT INTO funds_tally_band (fund_id, band, gifts, fen)
SELECT fund_id, CASE WHEN fen < 100 THEN fen ELSE CAST(substr(CAST(fen AS TEXT), 1, 2) || substr('000000000000000000', 1, length(CAST(fen AS TEXT)) - 2) AS BIGINT) END, count(*), sum(fen) FROM funds_gift GROUP BY 1, 2""",
    """INSERT INTO hours_tally (month, organisation_id, claims, minutes)
SELECT {month}, organisation_id, count(*), sum(minutes) FROM (SELECT *, served_on AS on_day FROM hours_claim) AS claims
WHERE status = 'approved' GROUP BY 1, 2""",
    """INSERT INTO hours_person_tally (person_id, status, claims, minutes)
SELECT person_id, status, count(*), sum(minutes) FROM hours_claim GROUP BY 1, 2""",
    """INSERT INTO activities_tally (team_id, status, activities)
SELECT team_id, status, count(*) FROM activities_activity GROUP BY 1, 2""",
    "INSERT INTO people_tally (id, volunteers) SELECT 1, count(volunteer_no) FROM people_person",
)


def upgrade() -> None:
    make_tables()
    change_indexes()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    month = "substr(on_day, 1, 7)" if is_sqlite else "to_char(on_day, 'YYYY-MM')"
    for statement in FILLED:
        op.get_bind().exec_driver_sql(statement.replace("{month}", month))
    for statement in (SQLITE if is_sqlite else POSTGRESQL).values():
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, _ in SQLITE:
            op.execute(f"DROP TRIGGER {name}")
    else:
        for name, table in POSTGRESQL:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
    restore_indexes()
    for table in reversed(TABLES):
        op.drop_table(table)


def make_tables() -> None:
    for name, keys in (
        ("funds_tally_month", (_of("funds_tally_month", "fund_id", "funds_fund"), _text("month"), _text("method"))),
        ("funds_tally_band", (_of("funds_tally_band", "fund_id", "funds_fund"), sa.Column("band", Id, nullable=False))),
    ):
        _make(name, keys, "gifts", "fen")
    _make(
        "hours_tally", (_text("month"), _of("hours_tally", "organisation_id", "orgs_organisation")), "claims", "minutes"
    )
    person = _of("hours_person_tally", "person_id", "people_person")
    _make("hours_person_tally", (person, _text("status")), "claims", "minutes")
    _make("activities_tally", (_of("activities_tally", "team_id", "orgs_team"), _text("status")), "activities")
    op.create_table(
        "people_tally",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("volunteers", Id, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_people_tally_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_tally")),
    )


def _make(name: str, keys: tuple[sa.Column, ...], *sums: str) -> None:
    op.create_table(
        name,
        *keys,
        *(sa.Column(one, Id, nullable=False) for one in sums),
        sa.PrimaryKeyConstraint(*(key.name for key in keys), name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=False)


def _of(table: str, name: str, whose: str) -> sa.Column:
    foreign = sa.ForeignKey(f"{whose}.id", name=op.f(f"fk_{table}_{name}"))
    return sa.Column(name, Id, foreign, autoincrement=False, nullable=False)


PUBLIC = sa.text("status IN ('published', 'closed')")
WAITING = sa.text("status = 'waiting'")
ON_THE_WAY = sa.text("status IN ('draft', 'waiting', 'returned')")


def change_indexes() -> None:
    op.drop_index("ix_hours_claim_by_day", table_name="hours_claim")
    op.create_index(
        "ix_hours_claim_waiting",
        "hours_claim",
        ["organisation_id", "team_id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_hours_claim_own", "hours_claim", ["person_id", "served_on", "id", "status", "seq"])
    op.drop_index("ix_activities_activity_of_team", table_name="activities_activity")
    op.create_index("ix_activities_activity_of_team", "activities_activity", ["team_id", "status", "starts_at"])
    op.drop_index("ix_activities_activity_by_time", table_name="activities_activity")
    op.create_index("ix_activities_activity_coming", "activities_activity", ["status", "ends_at", "starts_at", "id"])
    op.create_index(
        "ix_activities_activity_on_the_way",
        "activities_activity",
        ["status", "drafted_by_id"],
        sqlite_where=ON_THE_WAY,
        postgresql_where=ON_THE_WAY,
    )
    op.create_index(
        "ix_activities_activity_public",
        "activities_activity",
        ["starts_at", "id", "ends_at", "status"],
        sqlite_where=PUBLIC,
        postgresql_where=PUBLIC,
    )


def restore_indexes() -> None:
    op.drop_index("ix_activities_activity_public", table_name="activities_activity")
    op.drop_index("ix_activities_activity_on_the_way", table_name="activities_activity")
    op.drop_index("ix_activities_activity_coming", table_name="activities_activity")
    op.create_index("ix_activities_activity_by_time", "activities_activity", ["status", "starts_at"])
    op.drop_index("ix_activities_activity_of_team", table_name="activities_activity")
    op.create_index("ix_activities_activity_of_team", "activities_activity", ["team_id", "starts_at"])
    op.drop_index("ix_hours_claim_own", table_name="hours_claim")
    op.drop_index("ix_hours_claim_waiting", table_name="hours_claim")
    op.create_index("ix_hours_claim_by_day", "hours_claim", ["status", "served_on", "minutes"])
