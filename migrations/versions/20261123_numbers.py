"""Figures of members.

Revision: 20261123_numbers
After: 20261123_merging
"""

revision = "20261123_numbers"
down_revision = "20261123_merging"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
