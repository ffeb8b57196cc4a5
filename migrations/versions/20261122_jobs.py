"""What the job workers are doing, for whoever looks after them.

Revision: 20261122_jobs
After: 20261122_list_reading
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_jobs"
down_revision = "20261122_list_reading"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

# Columns are added in place, without Alembic's batch mode: the table keeps its rows, its key and its triggers.
COUNTS = ("faults", "takes")
MORE = (("worker", sa.String()), ("started_at", Moment), ("dropped_at", Moment), ("request_id", sa.String()))


def upgrade() -> None:
    for name in COUNTS:
        op.add_column("jobs_job", sa.Column(name, Id, nullable=False, server_default="0"))
    for name, kind in MORE:
        op.add_column("jobs_job", sa.Column(name, kind, nullable=True))
    # Who holds a lease from before this version holds the number of its attempt.
    op.execute("UPDATE jobs_job SET takes = attempts")
    # What was written there quoted messages.
    op.execute("UPDATE jobs_job SET last_error = 'lost' WHERE last_error IS NOT NULL")
    op.create_index("ix_jobs_job_finished", "jobs_job", ["status", "finished_at"])
    op.create_table(
        "jobs_attempt",
        sa.Column("id", Id, nullable=False),
        sa.Column("job_id", Id, nullable=False),
        sa.Column("number", Id, nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('running', 'done', 'failed', 'refused', 'put_back', 'lost')",
            name=op.f("ck_jobs_attempt_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs_job.id"], name=op.f("fk_jobs_attempt_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs_attempt")),
        sa.UniqueConstraint("job_id", "number", name=op.f("uq_jobs_attempt_job_id_number")),
    )
    op.create_table(
        "jobs_worker",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
        sa.Column("stopped_at", Moment, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_jobs_worker")),
    )
    op.create_index(op.f("ix_jobs_worker_seen_at"), "jobs_worker", ["seen_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_jobs_worker_seen_at"), table_name="jobs_worker")
    op.drop_table("jobs_worker")
    op.drop_table("jobs_attempt")
    op.drop_index("ix_jobs_job_finished", table_name="jobs_job")
    for name, _ in reversed(MORE):
        op.drop_column("jobs_job", name)
    for name in reversed(COUNTS):
        op.drop_column("jobs_job", name)
