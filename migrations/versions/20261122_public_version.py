"""The number that every change of something public raises.

Revision: 20261122_public_version
After: 20261121_first_tables
"""

import time

import sqlalchemy as sa
from alembic import op

revision = "20261122_public_version"
down_revision = "20261121_first_tables"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    table = op.create_table(
        "public_version",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("version", Id, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_public_version_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_version")),
    )
    # The time in microseconds: tables that are made anew do not begin with a number that they had before.
    op.bulk_insert(table, [{"id": 1, "version": time.time_ns() // 1000}])


def downgrade() -> None:
    op.drop_table("public_version")
