"""What the job workers are doing, for whoever looks after them.

Revision: 20261122_jobs
After: 20261122_list_reading
"""

revision = "20261122_jobs"
down_revision = "20261122_list_reading"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
