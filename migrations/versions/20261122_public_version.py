"""The number that every change of something public raises.

Revision: 20261122_public_version
After: 20261121_first_tables
"""

revision = "20261122_public_version"
down_revision = "20261121_first_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
