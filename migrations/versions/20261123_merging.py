"""Two entries of one person become one, and two again.

Revision: 20261123_merging
After: 20261123_finding
"""

revision = "20261123_merging"
down_revision = "20261123_finding"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
